//! Accounts are recognised, tested, added, changed and removed.

use std::sync::Arc;
use std::time::Duration;

use qiyou_api::{
    Account, AccountId, AccountSettings, AddParams, ApiError, Cause, CauseCode, CheckReport, CheckStep, Credential,
    CredentialKind, ErrorCode, Event, OauthGrant, OauthParams, Recognised, RecognisedBy, Security, ServerSettings,
    UpdateParams,
};
use qiyou_imap::Credentials;
use qiyou_signin::oauth::{self, Client, Issuer, Page, Tokens};
use qiyou_signin::{How, Network, Provider};
use qiyou_store::accounts::{self, StoredAccount, StoredTokens};
use qiyou_store::{Durability, mails};
use secrecy::SecretString;

use crate::account::Failure;
use crate::engine::{Engine, Inner, keychain_error, locked, store_error};

/// How long the person may take on the provider's page.
const BROWSER: Duration = Duration::from_mins(10);
/// How long tokens wait for the account that they were got for.
const GRANT_LIFE: i64 = 3600;
/// Colours of accounts, in the order in which they are given.
const PALETTE: [&str; 8] = [
    "#0b746c", "#b0643c", "#3d68b2", "#7b5aa6", "#8a6a1e", "#a0475d", "#5a7d3a", "#3a7a8c",
];

/// Tokens got in the browser, waiting for their account.
pub(crate) struct Grant {
    tokens: Tokens,
    until: i64,
}

fn security(security: qiyou_net::Security) -> Security {
    match security {
        qiyou_net::Security::Tls => Security::Tls,
        qiyou_net::Security::StartTls => Security::Starttls,
        qiyou_net::Security::None => Security::None,
    }
}

fn to_server(server: &qiyou_signin::ServerSettings) -> ServerSettings {
    ServerSettings {
        host: server.host.clone(),
        port: server.port,
        security: security(server.security),
        user: server.user.clone(),
    }
}

fn from_server(server: &ServerSettings) -> qiyou_signin::ServerSettings {
    qiyou_signin::ServerSettings {
        host: server.host.trim().to_owned(),
        port: server.port,
        security: crate::account::net_security(server.security),
        user: server.user.trim().to_owned(),
    }
}

fn to_kind(kind: qiyou_signin::CredentialKind) -> CredentialKind {
    use qiyou_signin::CredentialKind as K;
    match kind {
        K::Password => CredentialKind::Password,
        K::AuthorizationCode => CredentialKind::AuthorizationCode,
        K::ClientPassword => CredentialKind::ClientPassword,
        K::Oauth2 => CredentialKind::Oauth2,
    }
}

fn from_kind(kind: CredentialKind) -> qiyou_signin::CredentialKind {
    use qiyou_signin::CredentialKind as K;
    match kind {
        CredentialKind::Password => K::Password,
        CredentialKind::AuthorizationCode => K::AuthorizationCode,
        CredentialKind::ClientPassword => K::ClientPassword,
        CredentialKind::Oauth2 => K::Oauth2,
    }
}

fn to_settings(settings: &qiyou_signin::Settings) -> AccountSettings {
    AccountSettings {
        provider: settings.provider.clone(),
        imap: to_server(&settings.imap),
        smtp: to_server(&settings.smtp),
        credential: to_kind(settings.credential),
    }
}

/// Settings as a person typed them, mended where the mistake is a known one (`imapzh` for `imaphz`).
fn from_settings(settings: &AccountSettings) -> qiyou_signin::Settings {
    let mut out = qiyou_signin::Settings {
        provider: settings.provider.clone(),
        imap: from_server(&settings.imap),
        smtp: from_server(&settings.smtp),
        credential: from_kind(settings.credential),
    };
    out.mend();
    out
}

/// How many sessions at once the provider of these settings bears.
pub(crate) fn connection_limit(settings: &AccountSettings) -> usize {
    from_settings(settings).connection_limit()
}

/// The issuer of a provider: a company's own, else the known one.
fn issuer(inner: &Inner, provider: &str) -> Option<Issuer> {
    if let Some(own) = inner.issuers.get(provider) {
        return Some(own.clone());
    }
    Issuer::preset(Provider::by_id(provider)?.issuer?)
}

fn client(inner: &Inner, provider: &str) -> Result<Client, ApiError> {
    let id = inner
        .settings()
        .oauth_clients
        .get(provider)
        .cloned()
        .filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| ApiError::new(ErrorCode::OauthClientMissing).with("provider", provider))?;
    Ok(Client { id, secret: None })
}

fn stored(tokens: &Tokens) -> StoredTokens {
    StoredTokens {
        access: tokens.access.clone(),
        refresh: tokens.refresh.clone().unwrap_or_default(),
        expires_at: tokens.expires_at,
    }
}

/// An access token that holds for some minutes still, refreshed if need be.
pub(crate) async fn access_token(inner: &Arc<Inner>, account: &StoredAccount) -> Result<SecretString, Failure> {
    let server = &account.settings.imap;
    let failure = |code, detail: String, transient| Failure {
        cause: Cause {
            code,
            step: CheckStep::ImapSignIn,
            host: server.host.clone(),
            port: server.port,
            detail,
        },
        transient,
    };
    let id = account.id;
    let kept = inner
        .store
        .read(move |conn| accounts::tokens(conn, id))
        .await
        .map_err(|e| failure(CauseCode::ServerSaid, e.to_string(), true))?
        .ok_or_else(|| failure(CauseCode::SecretMissing, String::new(), false))?;
    let now = inner.clock.now();
    let current = Tokens {
        access: kept.access.clone(),
        refresh: Some(kept.refresh.clone()),
        expires_at: kept.expires_at,
    };
    if !current.needs_refresh(now) {
        return Ok(kept.access);
    }
    let provider = &account.settings.provider;
    let issuer = issuer(inner, provider).ok_or_else(|| failure(CauseCode::OauthExpired, provider.clone(), false))?;
    let client =
        client(inner, provider).map_err(|_| failure(CauseCode::OauthExpired, "no client id".to_owned(), false))?;
    match oauth::refresh(&inner.dialer(), &issuer, &client, &kept.refresh, now).await {
        Ok(tokens) => {
            let access = tokens.access.clone();
            let new = stored(&tokens);
            inner
                .store
                .write(Durability::Full, move |tx| accounts::set_tokens(tx, id, &new))
                .await
                .map_err(|e| failure(CauseCode::ServerSaid, e.to_string(), true))?;
            Ok(access)
        }
        Err(error) if error.is_transient() => Err(failure(CauseCode::Disconnected, error.to_string(), true)),
        Err(error) => Err(failure(CauseCode::OauthExpired, error.to_string(), false)),
    }
}

/// The test failed; `shut`: and before it the company could not open the mailbox for mail programs.
fn refused(cause: qiyou_api::Cause, shut: Option<&ApiError>) -> ApiError {
    let error = ApiError::account_test(cause);
    match shut {
        Some(why) => error.with("shut", format!("{:?}", why.code)),
        None => error,
    }
}

impl Engine {
    /// Finds the provider and the servers of an address.
    pub async fn recognise(&self, address: &str) -> Result<Recognised, ApiError> {
        let dialer = self.inner.dialer();
        let dns = qiyou_net::Dns::system().ok();
        let found = qiyou_signin::recognise(address.trim(), &Network::new(dialer, dns))
            .await
            .map_err(|_| ApiError::new(ErrorCode::BadAddress))?;
        let by = match found.how {
            How::Table => RecognisedBy::Table,
            How::Cname => RecognisedBy::Cname,
            How::Mx => RecognisedBy::Mx,
            How::Srv => RecognisedBy::Srv,
            How::Autoconfig => RecognisedBy::Autoconfig,
            How::Guess => RecognisedBy::Guess,
            How::Nothing => RecognisedBy::Nothing,
        };
        Ok(Recognised {
            by,
            help_url: found.preset().and_then(|provider| provider.help_url).map(str::to_owned),
            provider: found.provider.clone(),
            candidates: found.candidates.iter().map(to_settings).collect(),
        })
    }

    /// The credentials that a client sent, for a user name.
    fn credentials(&self, credential: &Credential, user: &str) -> Result<Credentials, ApiError> {
        match credential {
            Credential::Password { secret } => Ok(Credentials::Password {
                user: user.to_owned(),
                password: secret.clone(),
            }),
            Credential::Oauth { grant } => {
                let grants = locked(&self.inner.grants);
                let grant = grants.get(grant).filter(|grant| grant.until > self.inner.clock.now());
                let grant = grant.ok_or_else(|| ApiError::new(ErrorCode::OauthTimeout))?;
                Ok(Credentials::Bearer {
                    user: user.to_owned(),
                    token: grant.tokens.access.clone(),
                })
            }
        }
    }

    /// Really signs in, selects the inbox, signs in to SMTP.
    pub async fn test(&self, settings: &AccountSettings, credential: &Credential) -> Result<CheckReport, ApiError> {
        let user = from_settings(settings).imap.user;
        let credentials = self.credentials(credential, &user)?;
        Ok(self.try_out(settings, &credentials).await)
    }

    async fn try_out(&self, settings: &AccountSettings, credentials: &Credentials) -> CheckReport {
        let settings = from_settings(settings);
        let events = self.inner.events.clone();
        let id = crate::account::client_id();
        let report = qiyou_signin::check(&self.inner.dialer(), &settings, credentials, &id, |step| {
            events.emit(Event::CheckProgress {
                step: crate::check::step(step),
            });
        })
        .await;
        crate::check::report(&report, to_settings(&report.settings))
    }

    /// Tests an account with the secret that is kept for it.
    pub async fn check(&self, id: AccountId) -> Result<CheckReport, ApiError> {
        let account = self
            .inner
            .store
            .read(move |conn| accounts::get(conn, id))
            .await
            .map_err(store_error)?;
        let settings = account.settings.clone();
        match crate::account::credentials(&self.inner, &account).await {
            Ok(credentials) => Ok(self.try_out(&settings, &credentials).await),
            Err(failure) => Ok(CheckReport {
                failure: Some(failure.cause),
                inbox_messages: None,
                settings,
            }),
        }
    }

    /// Tests and adds.
    pub async fn add(&self, params: AddParams) -> Result<Account, ApiError> {
        let address = params.address.trim().to_owned();
        qiyou_signin::Address::parse(&address).map_err(|_| ApiError::new(ErrorCode::BadAddress))?;
        let taken = self.inner.store.read(accounts::list).await.map_err(store_error)?;
        if taken.iter().any(|a| a.address.eq_ignore_ascii_case(&address)) {
            return Err(ApiError::new(ErrorCode::AccountExists).with("address", address));
        }
        let shut = crate::company::clients::open(&self.inner, &address).await;
        let report = self.test(&params.settings, &params.credential).await?;
        if let Some(cause) = report.failure {
            let unreachable = matches!(
                cause.code,
                CauseCode::Dns | CauseCode::Tcp | CauseCode::Timeout | CauseCode::Proxy | CauseCode::Disconnected
            );
            if !(params.even_offline && unreachable) {
                return Err(refused(cause, shut.as_ref()));
            }
        }
        let name = match params.name.trim() {
            "" => address.split('@').next().unwrap_or_default().to_owned(),
            name => name.to_owned(),
        };
        let color = params.color.unwrap_or_else(|| {
            let free = PALETTE.iter().find(|color| !taken.iter().any(|a| a.color == **color));
            (*free.unwrap_or(&"#0b746c")).to_owned()
        });
        let settings = report.settings;
        let account_address = address.clone();
        let id = self
            .inner
            .store
            .write(Durability::Full, move |tx| {
                accounts::insert(tx, &account_address, &name, &color, &settings)
            })
            .await
            .map_err(store_error)?
            .ok_or_else(|| ApiError::new(ErrorCode::AccountExists).with("address", address))?;
        if let Err(error) = self.keep(id, &params.credential).await {
            // An account without its secret is of no use: it goes again, and the cause is said.
            let removed = self
                .inner
                .store
                .write(Durability::Full, move |tx| accounts::remove(tx, id))
                .await;
            removed.map_err(store_error)?;
            return Err(error);
        }
        self.run(id);
        crate::company::policy::settle(&self.inner).await?;
        let stored = self
            .inner
            .store
            .read(move |conn| accounts::get(conn, id))
            .await
            .map_err(store_error)?;
        let account = self.inner.account(stored).await?;
        self.inner.events.emit(Event::AccountChanged {
            account: account.clone(),
        });
        Ok(account)
    }

    /// Puts a secret where it belongs: a password into the keychain, tokens into the store.
    async fn keep(&self, id: AccountId, credential: &Credential) -> Result<(), ApiError> {
        match credential {
            Credential::Password { secret } => {
                let entry = self.inner.secret_entry(id);
                let secret = secret.clone();
                let kept = self.inner.keychain(move |keychain| keychain.set(&entry, &secret)).await;
                kept.map_err(|e| keychain_error(&e))
            }
            Credential::Oauth { grant } => {
                let grant = locked(&self.inner.grants).remove(grant);
                let tokens = stored(&grant.ok_or_else(|| ApiError::new(ErrorCode::OauthTimeout))?.tokens);
                let write = move |tx: &qiyou_store::Transaction<'_>| accounts::set_tokens(tx, id, &tokens);
                self.inner
                    .store
                    .write(Durability::Full, write)
                    .await
                    .map_err(store_error)
            }
        }
    }

    /// Changes name, colour, servers or secret. A new secret or new servers are tested first.
    pub async fn update(&self, params: UpdateParams) -> Result<Account, ApiError> {
        let id = params.account;
        let mut stored = self
            .inner
            .store
            .read(move |conn| accounts::get(conn, id))
            .await
            .map_err(store_error)?;
        if let Some(name) = params
            .name
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
        {
            stored.name = name.chars().take(100).collect();
        }
        if let Some(color) = params.color {
            let hex = color
                .strip_prefix('#')
                .is_some_and(|h| h.len() == 6 && h.bytes().all(|b| b.is_ascii_hexdigit()));
            if !hex {
                return Err(ApiError::new(ErrorCode::BadRequest).with("detail", "color"));
            }
            stored.color = color;
        }
        if let Some(telling) = params.telling {
            stored.telling = telling;
        }
        let line_changed = params.settings.is_some() || params.credential.is_some();
        if let Some(settings) = params.settings {
            stored.settings = settings;
        }
        if let Some(credential) = &params.credential {
            let shut = crate::company::clients::open(&self.inner, &stored.address).await;
            let report = self.test(&stored.settings, credential).await?;
            if let Some(cause) = report.failure {
                return Err(refused(cause, shut.as_ref()));
            }
            stored.settings = report.settings;
            self.keep(id, credential).await?;
        }
        let copy = stored.clone();
        self.inner
            .store
            .write(Durability::Full, move |tx| accounts::update(tx, &copy))
            .await
            .map_err(store_error)?;
        if line_changed && let Some(signals) = self.signals(id) {
            signals.with(|pending| pending.reconnect = true);
        }
        let account = self.inner.account(stored).await?;
        self.inner.events.emit(Event::AccountChanged {
            account: account.clone(),
        });
        Ok(account)
    }

    /// Removes an account with its data and its secret. On the server everything stays.
    pub async fn remove(&self, id: AccountId) -> Result<(), ApiError> {
        self.halt(id).await;
        let gone = self
            .inner
            .store
            .write(Durability::Full, move |tx| {
                let gone = mails::of_account(tx, id)?;
                accounts::remove(tx, id)?;
                Ok(gone)
            })
            .await
            .map_err(store_error)?;
        self.inner.tell(qiyou_api::Tell::Withdraw { mails: gone.clone() });
        let forgotten = self
            .inner
            .store
            .bodies(move |tx| qiyou_store::bodies::forget(tx, &gone))
            .await;
        let entry = self.inner.secret_entry(id);
        let deleted = self.inner.keychain(move |keychain| keychain.delete(&entry)).await;
        self.inner.events.emit(Event::AccountRemoved { account: id });
        forgotten.map_err(store_error)?;
        deleted.map_err(|e| keychain_error(&e))
    }

    /// Puts the accounts into a new order.
    pub async fn order(&self, ids: Vec<AccountId>) -> Result<(), ApiError> {
        self.inner
            .store
            .write(Durability::Full, move |tx| accounts::order(tx, &ids))
            .await
            .map_err(store_error)?;
        for account in self.accounts().await? {
            self.inner.events.emit(Event::AccountChanged { account });
        }
        Ok(())
    }

    /// Signs in by the provider's page; `open` opens it in the system's browser.
    pub async fn oauth(
        &self,
        params: OauthParams,
        page: Page,
        open: impl FnOnce(&str) -> Result<(), ApiError> + Send,
    ) -> Result<OauthGrant, ApiError> {
        let issuer = issuer(&self.inner, &params.provider).ok_or_else(|| ApiError::new(ErrorCode::OauthFailed))?;
        let client = client(&self.inner, &params.provider)?;
        let failed = |error: oauth::Error| {
            let code = match &error {
                oauth::Error::Denied { .. } => ErrorCode::OauthDenied,
                oauth::Error::Timeout => ErrorCode::OauthTimeout,
                _ => ErrorCode::OauthFailed,
            };
            ApiError::new(code).with("detail", error.to_string())
        };
        let flow = oauth::begin(&issuer, &client, &params.address, &mut rand::rng()).map_err(failed)?;
        open(flow.url.as_str())?;
        let clock = Arc::clone(&self.inner.clock);
        let tokens = flow
            .finish(&self.inner.dialer(), &page, BROWSER, move || clock.now())
            .await
            .map_err(failed)?;
        let grant = format!("{:032x}", rand::random::<u128>());
        let now = self.inner.clock.now();
        let mut grants = locked(&self.inner.grants);
        grants.retain(|_, grant| grant.until > now);
        grants.insert(
            grant.clone(),
            Grant {
                tokens,
                until: now.saturating_add(GRANT_LIFE),
            },
        );
        Ok(OauthGrant { grant })
    }
}
