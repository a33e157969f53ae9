//! The company: sign-in by WeCom through its bridge, and the session that follows. Without a bridge mail goes on as it
//! did; nothing here is waited for by anything else.

pub(crate) mod clients;
mod directory;
mod events;
mod keep;
pub(crate) mod policy;
mod proving;
mod remind;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use qiyou_api::{
    AddressRequest, AddressWay, ApiError, Company, CompanyDevice, CompanyMember, CompanyPolicy, CompanyServers,
    CompanySignIn, CompanySignInStarted, CompanyState, CompanyView, ErrorCode, Event, Security, ServerSettings,
};
use qiyou_bridge_api::{Device, MailServers, Member, Proof, Refusal, Session, SigninState};
use qiyou_signin::bridge::{self, Bridge, DeviceKey, Verifier};
use qiyou_store::company::{self, StoredCompany};
use qiyou_store::{Durability, settings};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::task::JoinHandle;

pub(crate) use keep::resume;
pub(crate) use remind::arrived;

use crate::engine::{Engine, Inner, keychain_error, locked, store_error};

/// The note under which the bridge's address is kept, also after one signed out.
const BRIDGE: &str = "bridge";
/// Between two polls that failed.
const AGAIN: Duration = Duration::from_secs(3);

/// What the outside says of this device and its company.
#[derive(Clone, Debug, Default)]
pub struct CompanyConfig {
    /// The bridge's address, where IT set it.
    pub bridge: Option<String>,
    /// This computer's name on its network.
    pub device: String,
    /// Its system, with version.
    pub system: String,
}

/// A sign-in on its way, and the session's access.
pub(crate) struct Companies {
    config: CompanyConfig,
    running: Mutex<Option<Running>>,
    /// Keeps the session fresh.
    keeping: Mutex<Option<JoinHandle<()>>>,
    access: tokio::sync::Mutex<Option<keep::Access>>,
    /// The bridge may have something new of session or directory.
    wake: tokio::sync::Notify,
    /// What the member wants WeCom to tell of, as the bridge said last.
    reminders: Mutex<Option<qiyou_bridge_api::RemindersState>>,
    /// Rings with each of those words.
    counting: tokio::sync::Notify,
}

#[derive(Clone)]
struct Attempt {
    id: String,
    bridge: Bridge,
    verifier: Arc<Verifier>,
}

struct Running {
    attempt: Attempt,
    following: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.following.abort();
    }
}

impl Companies {
    pub(crate) fn new(config: CompanyConfig) -> Self {
        Self {
            config,
            running: Mutex::default(),
            keeping: Mutex::default(),
            access: tokio::sync::Mutex::default(),
            wake: tokio::sync::Notify::new(),
            counting: tokio::sync::Notify::new(),
            reminders: Mutex::default(),
        }
    }
}

/// The bridge's refusal as clients get it.
#[allow(clippy::needless_pass_by_value, reason = "what map_err takes")]
pub(crate) fn failed(error: bridge::Error) -> ApiError {
    let code = match &error {
        bridge::Error::Away(_) => ErrorCode::BridgeAway,
        bridge::Error::Address(_) => ErrorCode::BadBridge,
        bridge::Error::Strange { .. } | bridge::Error::Unsigned { .. } => ErrorCode::NotABridge,
        bridge::Error::Refused(refused) => match refused.error {
            Refusal::Code => ErrorCode::WrongCode,
            Refusal::SigninGone => ErrorCode::SignInOver,
            Refusal::SessionGone | Refusal::TokenExpired | Refusal::Proof | Refusal::Member => ErrorCode::NotSignedIn,
            Refusal::Wecom => ErrorCode::WecomAway,
            Refusal::MailPlatform => ErrorCode::MailPlatformAway,
            Refusal::NoWebmail | Refusal::NoAddress => ErrorCode::NoWebmail,
            Refusal::NotOffered => ErrorCode::NotFound,
            Refusal::Domain => ErrorCode::AddressNotOurs,
            Refusal::Taken => ErrorCode::AddressTaken,
            Refusal::NotConfirmed => ErrorCode::AddressNotConfirmed,
            Refusal::WayClosed => ErrorCode::WayClosed,
            Refusal::TooMany => ErrorCode::TooManyTries,
            Refusal::CodeGone => ErrorCode::MailedCodeOver,
            Refusal::Mailer => ErrorCode::MailerAway,
            Refusal::Busy | Refusal::Internal => ErrorCode::BridgeAway,
            Refusal::Malformed | Refusal::UseNonce => ErrorCode::NotABridge,
        },
    };
    ApiError::new(code).with("detail", error.to_string())
}

fn server(server: &qiyou_bridge_api::Server) -> ServerSettings {
    ServerSettings {
        host: server.host.clone(),
        port: server.port,
        security: if server.tls { Security::Tls } else { Security::Starttls },
        user: String::new(),
    }
}

/// What a member can do by themselves.
fn way(proof: Proof) -> Option<AddressWay> {
    match proof {
        Proof::Reverse => Some(AddressWay::Lookup),
        Proof::Code => Some(AddressWay::Code),
        Proof::Admin => Some(AddressWay::Admin),
        Proof::Wecom | Proof::Key => None,
    }
}

fn member_of(member: &Member) -> CompanyMember {
    let servers = |servers: &MailServers| CompanyServers {
        imap: server(&servers.imap),
        smtp: server(&servers.smtp),
    };
    CompanyMember {
        id: member.id.clone(),
        name: member.name.clone(),
        // Without a proof it is nobody's.
        address: member.mail.address.clone().filter(|_| member.mail.proof.is_some()),
        ways: member.mail.ways.iter().filter_map(|proof| way(*proof)).collect(),
        request: member.mail.request.clone().map(|request| AddressRequest {
            address: request.address,
            refused: request.refused,
        }),
        domains: member.mail.domains.clone(),
        servers: member.mail.servers.as_ref().map(servers),
        webmail: member.mail.webmail,
        clients: member.mail.clients,
    }
}

/// `people`: how many the directory has here; `policy`: what is fixed here.
fn stored(bridge: &Bridge, session: Session, people: u32, policy: Option<CompanyPolicy>) -> StoredCompany {
    StoredCompany {
        company: Company {
            name: session.member.company.clone(),
            bridge: bridge.base().to_string(),
            member: member_of(&session.member),
            state: CompanyState::SignedIn,
            people,
            policy,
        },
        signing_key: session.signing_key,
        refresh_token: Some(session.refresh_token),
    }
}

impl Inner {
    /// The key of this device, from the keychain; made when there is none.
    async fn device_key(&self) -> Result<Arc<DeviceKey>, ApiError> {
        let entry = format!("{}/device", self.home_id);
        let key = self.keychain(move |keychain| {
            if let Some(key) = keychain.get(&entry)?.and_then(|secret| DeviceKey::of(&secret)) {
                return Ok(Some(key));
            }
            let Some(key) = DeviceKey::random() else {
                return Ok(None);
            };
            keychain.set(&entry, key.secret())?;
            Ok(Some(key))
        });
        let key = key.await.map_err(|e| keychain_error(&e))?;
        key.map(Arc::new).ok_or_else(|| ApiError::new(ErrorCode::Internal))
    }

    /// The bridge at an address.
    async fn bridge(&self, address: &str) -> Result<Bridge, ApiError> {
        let base = bridge::address(address).map_err(failed)?;
        let http = self.dialer().http().map_err(|e| failed(e.into()))?;
        Ok(Bridge::new(http, base, self.device_key().await?))
    }

    fn progress(&self, progress: CompanySignIn) {
        self.events.emit(Event::CompanySignIn { progress });
    }
}

impl Engine {
    /// The company, and where its bridge is.
    pub async fn company(&self) -> Result<CompanyView, ApiError> {
        let read = |conn: &qiyou_store::Connection| Ok((company::get(conn)?, settings::note(conn, BRIDGE)?));
        let (stored, last) = self.inner.store.read(read).await.map_err(store_error)?;
        let bridge = self.inner.companies.config.bridge.clone().or(last).unwrap_or_default();
        let company = match stored {
            Some(stored) => Some(keep::shown(&self.inner, stored.company).await),
            None => None,
        };
        Ok(CompanyView { company, bridge })
    }

    /// Looks at once at what the bridge says of the member and what changed in the directory.
    pub async fn company_look(&self) -> Result<(), ApiError> {
        keep::look_now(&self.inner).await.map(drop)
    }

    /// Whether one is signed in to a company that opens the webmail.
    pub async fn has_webmail(&self) -> bool {
        let stored = self.inner.store.read(company::get).await;
        stored
            .is_ok_and(|stored| stored.is_some_and(|kept| kept.refresh_token.is_some() && kept.company.member.webmail))
    }

    /// Begins a sign-in; `open` opens its page in the system's browser. How it goes comes as events.
    pub async fn company_sign_in(
        &self,
        address: &str,
        lang: &str,
        open: impl FnOnce(&str) + Send,
    ) -> Result<CompanySignInStarted, ApiError> {
        let known;
        let address = if address.trim().is_empty() {
            known = self.company().await?.bridge;
            &known
        } else {
            address
        };
        let inner = &self.inner;
        let bridge = inner.bridge(address).await?;
        let device = Device {
            name: inner.companies.config.device.clone(),
            system: inner.companies.config.system.clone(),
            version: qiyou_api::VERSION.to_owned(),
        };
        let verifier = Arc::new(Verifier::random());
        let started = bridge.start(device, &verifier, lang).await.map_err(failed)?;
        let attempt = Attempt {
            id: started.id,
            bridge,
            verifier,
        };
        open(&started.url);
        let following = tokio::spawn(follow(Arc::clone(inner), attempt.clone()));
        *locked(&inner.companies.running) = Some(Running { attempt, following });
        Ok(CompanySignInStarted {
            url: started.url,
            expires_in: started.expires_in,
        })
    }

    /// Ends the sign-in that is on its way, by the link's code or the page's digits.
    pub async fn company_redeem(&self, code: SecretString) -> Result<Company, ApiError> {
        let inner = &self.inner;
        let attempt = locked(&inner.companies.running)
            .as_ref()
            .map(|running| running.attempt.clone());
        let Attempt { id, bridge, verifier } = attempt.ok_or_else(|| ApiError::new(ErrorCode::SignInOver))?;
        let session = match bridge.redeem(&id, code.clone(), &verifier).await {
            // The answer was lost on the line: the same again gives the same.
            Err(bridge::Error::Away(_)) => bridge.redeem(&id, code, &verifier).await,
            other => other,
        };
        let session = session.map_err(failed)?;
        self.forget_another_company(&session.member.company).await?;
        let people = inner
            .store
            .read(qiyou_store::directory::count)
            .await
            .map_err(store_error)?;
        let here = inner.store.read(company::get).await.map_err(store_error)?;
        let policy = here.and_then(|here| here.company.policy);
        let stored = stored(&bridge, session.clone(), people, policy);
        let (copy, address) = (stored.clone(), bridge.base().to_string());
        let written = inner.store.write(Durability::Full, move |tx| {
            company::set(tx, &copy)?;
            settings::set_note(tx, BRIDGE, &address)
        });
        written.await.map_err(store_error)?;
        keep::begin(inner, bridge, &session).await;
        *locked(&inner.companies.running) = None;
        inner.progress(CompanySignIn::Done);
        inner.events.emit(Event::CompanyChanged {
            company: Some(stored.company.clone()),
        });
        Ok(stored.company)
    }

    /// Gives up the sign-in that is on its way.
    pub async fn company_cancel(&self) {
        let running = locked(&self.inner.companies.running).take();
        if let Some(running) = running {
            let Attempt { id, bridge, .. } = running.attempt.clone();
            drop(running);
            if let Err(error) = bridge.cancel(&id).await {
                tracing::info!(%error, "the bridge was not told that a sign-in was given up");
            }
        }
    }

    /// Signs this device out. Accounts stay; the bridge is told if it can be.
    pub async fn company_sign_out(&self) -> Result<(), ApiError> {
        let inner = &self.inner;
        let access = keep::access(inner).await;
        keep::end(inner).await;
        inner
            .store
            .write(Durability::Full, |tx| company::clear(tx))
            .await
            .map_err(store_error)?;
        self.directory_clear().await?;
        policy::settle(inner).await?;
        inner.events.emit(Event::CompanyChanged { company: None });
        if let Ok((bridge, token)) = access
            && let Err(error) = bridge.sign_out(&token).await
        {
            tracing::info!(%error, "the bridge was not told of signing out");
        }
        Ok(())
    }

    /// Opens the member's webmail, signed in; `open` is given its address, which is good once.
    pub async fn company_webmail(&self, lang: &str, open: impl FnOnce(&str) + Send) -> Result<(), ApiError> {
        let ask = |bridge: Bridge, token: SecretString| async move { bridge.webmail(&token, lang).await };
        let url = keep::call(&self.inner, ask).await?;
        // Whatever the bridge was told: a browser opens it, and nothing else.
        let safe = url::Url::parse(url.expose_secret()).is_ok_and(|url| {
            let loopback = qiyou_net::Endpoint::new(url.host_str().unwrap_or_default(), 0).is_loopback();
            url.scheme() == "https" || (url.scheme() == "http" && loopback)
        });
        if !safe {
            return Err(ApiError::new(ErrorCode::NotABridge));
        }
        open(url.expose_secret());
        Ok(())
    }

    /// The member's devices.
    pub async fn company_devices(&self) -> Result<Vec<CompanyDevice>, ApiError> {
        let ask = |bridge: Bridge, token: SecretString| async move { bridge.sessions(&token).await };
        let lines = keep::call(&self.inner, ask).await?;
        let device = |line: qiyou_bridge_api::SessionLine| CompanyDevice {
            id: line.id,
            name: line.device.name,
            system: line.device.system,
            version: line.device.version,
            created: line.created,
            seen: line.seen,
            own: line.own,
        };
        Ok(lines.into_iter().map(device).collect())
    }

    /// Signs another device out.
    pub async fn company_revoke(&self, id: &str) -> Result<(), ApiError> {
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(ApiError::new(ErrorCode::BadRequest).with("detail", "id"));
        }
        let ask = |bridge: Bridge, token: SecretString| async move { bridge.revoke(&token, id).await };
        keep::call(&self.inner, ask).await
    }
}

/// Tells how far a sign-in is, until it ends.
async fn follow(inner: Arc<Inner>, attempt: Attempt) {
    let started = inner.clock.now();
    let mut seen = SigninState::Waiting;
    inner.progress(CompanySignIn::Waiting);
    loop {
        let state = match attempt.bridge.poll(&attempt.id, seen).await {
            Ok(state) => state,
            Err(bridge::Error::Away(error)) => {
                tracing::info!(%error, "the bridge does not answer, asking again");
                let life = i64::from(qiyou_bridge_api::SIGNIN_LIFE);
                if inner.clock.now().saturating_sub(started) > life {
                    inner.progress(CompanySignIn::Over);
                    return;
                }
                tokio::time::sleep(AGAIN).await;
                continue;
            }
            Err(error) if error.is(Refusal::SigninGone) => SigninState::Over,
            Err(error) => {
                inner.progress(CompanySignIn::Failed { error: failed(error) });
                return;
            }
        };
        if state == seen {
            continue;
        }
        seen = state;
        inner.progress(match state {
            SigninState::Waiting => CompanySignIn::Waiting,
            SigninState::Scanned => CompanySignIn::Scanned,
            SigninState::Confirmed => CompanySignIn::Confirmed,
            SigninState::Refused => CompanySignIn::Refused,
            SigninState::Over => CompanySignIn::Over,
        });
        if matches!(state, SigninState::Refused | SigninState::Over) {
            return;
        }
    }
}
