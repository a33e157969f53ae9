//! From a stored account to a session: the secret, the servers, and what failed in terms that a person can act on.

use std::sync::Arc;

use qiyou_api::{AccountId, Cause, CauseCode, CheckStep, CredentialKind, ServerSettings};
use qiyou_imap::{ClientId, Credentials, Limits, Server, Session};
use qiyou_net::{DialError, Endpoint, Security};
use qiyou_store::{Durability, accounts};

use crate::engine::Inner;
use crate::keychain::KeychainError;

/// Why there is no session.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) cause: Cause,
    /// Whether trying again by itself can help.
    pub(crate) transient: bool,
}

pub(crate) fn security(security: qiyou_api::Security) -> Security {
    match security {
        qiyou_api::Security::Tls => Security::Tls,
        qiyou_api::Security::Starttls => Security::StartTls,
        qiyou_api::Security::None => Security::None,
    }
}

fn imap_server(settings: &ServerSettings) -> Server {
    Server {
        endpoint: Endpoint {
            host: settings.host.clone(),
            port: settings.port,
        },
        security: security(settings.security),
    }
}

pub(crate) fn client_id() -> ClientId {
    ClientId {
        name: "Qiyou".into(),
        version: qiyou_api::VERSION.into(),
        vendor: "Qiyou".into(),
    }
}

pub(crate) fn dial_cause(error: &DialError) -> CauseCode {
    match error {
        DialError::Dns { .. } => CauseCode::Dns,
        DialError::Tcp { .. } => CauseCode::Tcp,
        DialError::Proxy {
            auth_required: true, ..
        } => CauseCode::ProxyAuth,
        DialError::Proxy { .. } => CauseCode::Proxy,
        DialError::Tls { .. } => CauseCode::Tls,
        DialError::Certificate { problem, .. } => crate::check::certificate(*problem),
        DialError::Timeout { .. } => CauseCode::Timeout,
        DialError::PlaintextForbidden { .. } => CauseCode::PlaintextForbidden,
    }
}

/// An IMAP error as a cause that the catalogue has words for.
pub(crate) fn imap_failure(error: &qiyou_imap::Error, server: &ServerSettings, kind: CredentialKind) -> Failure {
    use qiyou_imap::Error as E;
    let (code, step, transient) = match error {
        E::Dial(dial) => (dial_cause(dial), CheckStep::ImapConnect, error.is_transient()),
        E::Auth { .. } if kind == CredentialKind::Oauth2 => (CauseCode::OauthExpired, CheckStep::ImapSignIn, false),
        E::ClientPasswordNeeded { .. } => (CauseCode::AuthorizationCode, CheckStep::ImapSignIn, false),
        E::Auth { .. } if kind != CredentialKind::Password => {
            (CauseCode::AuthorizationCode, CheckStep::ImapSignIn, false)
        }
        E::Auth { .. } | E::NoMechanism => (CauseCode::Password, CheckStep::ImapSignIn, false),
        E::Disabled { .. } => (CauseCode::ImapDisabled, CheckStep::ImapSignIn, false),
        E::UnsafeLogin { .. } => (CauseCode::UnsafeLogin, CheckStep::ImapInbox, true),
        E::TooManyConnections { .. } => (CauseCode::TooManyConnections, CheckStep::ImapSignIn, true),
        E::Timeout => (CauseCode::Timeout, CheckStep::ImapInbox, true),
        E::Closed | E::Io(_) | E::Bye { .. } => (CauseCode::Disconnected, CheckStep::ImapInbox, true),
        _ => (CauseCode::ServerSaid, CheckStep::ImapInbox, true),
    };
    let detail = error.server_text().map_or_else(|| error.to_string(), str::to_owned);
    Failure {
        cause: Cause {
            code,
            step,
            host: server.host.clone(),
            port: server.port,
            detail,
        },
        transient,
    }
}

fn own_failure(code: CauseCode, server: &ServerSettings, detail: String, transient: bool) -> Failure {
    let cause = Cause {
        code,
        step: CheckStep::ImapSignIn,
        host: server.host.clone(),
        port: server.port,
        detail,
    };
    Failure { cause, transient }
}

/// The secret of an account: from the keychain, or tokens from the store, refreshed when they are about to expire.
pub(crate) async fn credentials(inner: &Arc<Inner>, account: &accounts::StoredAccount) -> Result<Credentials, Failure> {
    let server = &account.settings.imap;
    let user = server.user.clone();
    let id: AccountId = account.id;
    if account.settings.credential == CredentialKind::Oauth2 {
        let token = crate::setup::access_token(inner, account).await?;
        return Ok(Credentials::Bearer { user, token });
    }
    let entry = inner.secret_entry(id);
    match inner.keychain(move |keychain| keychain.get(&entry)).await {
        Ok(Some(password)) => Ok(Credentials::Password { user, password }),
        Ok(None) => Err(own_failure(CauseCode::SecretMissing, server, String::new(), false)),
        Err(e @ (KeychainError::Locked | KeychainError::Absent(_))) => {
            Err(own_failure(CauseCode::Keychain, server, e.to_string(), false))
        }
        Err(e @ KeychainError::Failed(_)) => Err(own_failure(CauseCode::Keychain, server, e.to_string(), true)),
    }
}

/// Opens a session for an account.
pub(crate) async fn open_session(
    inner: &Arc<Inner>,
    id: AccountId,
) -> Result<(accounts::StoredAccount, Session), Failure> {
    let nowhere = ServerSettings {
        host: String::new(),
        port: 0,
        security: qiyou_api::Security::Tls,
        user: String::new(),
    };
    let account = inner
        .store
        .read(move |conn| accounts::get(conn, id))
        .await
        .map_err(|e| own_failure(CauseCode::ServerSaid, &nowhere, e.to_string(), true))?;
    let life = move |conn: &qiyou_store::Connection| Ok(accounts::tokens(conn, id)?.map(|tokens| tokens.expires_at));
    let before = inner.store.read(life).await.unwrap_or_default();
    let credentials = credentials(inner, &account).await?;
    let server = imap_server(&account.settings.imap);
    let opened = Session::open(&inner.dialer(), &server, &credentials, &client_id(), &Limits::default()).await;
    match opened {
        Ok(mut session) => {
            let counting = Arc::clone(inner);
            session.count_commands(move |count| counting.requests.add(id, counting.clock.now(), count));
            Ok((account, session))
        }
        Err(error) => {
            let mut failure = imap_failure(&error, &account.settings.imap, account.settings.credential);
            if failure.cause.code == CauseCode::OauthExpired {
                // A token that is not taken although its time is not over was revoked: the next try asks for a new one.
                // One that was got a moment ago is not thrown away for that, or we would ask the issuer on and on.
                failure.transient = inner
                    .store
                    .write(Durability::Normal, move |tx| {
                        let Some(mut tokens) = accounts::tokens(tx, id)? else {
                            return Ok(false);
                        };
                        let old = before == Some(tokens.expires_at) && tokens.expires_at != 0;
                        if old {
                            tokens.expires_at = 0;
                            accounts::set_tokens(tx, id, &tokens)?;
                        }
                        Ok(old)
                    })
                    .await
                    .unwrap_or(false);
            }
            Err(failure)
        }
    }
}
