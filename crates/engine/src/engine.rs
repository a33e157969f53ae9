//! The engine: what all accounts share, and the door for the agent.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use qiyou_api::{Account, AccountId, AccountState, ApiError, ErrorCode, Event, Settings};
use qiyou_net::{DialConfig, Dialer, ProxyChoice};
use qiyou_store::{Durability, Store, accounts, folders, settings};
use rustls_pki_types::CertificateDer;
use tokio::sync::{broadcast, mpsc};

use crate::account::Handle;
use crate::clock::Clock;
use crate::events::{Events, Timed};
use crate::keychain::{Keychain, KeychainError};
use crate::managed::Managed;
use qiyou_api::Tell;

/// What an engine is made from.
pub struct Config {
    pub store: Store,
    pub keychain: Arc<dyn Keychain>,
    pub clock: Arc<dyn Clock>,
    /// Names this home's entries in the keychain.
    pub home_id: String,
    /// Certificate authorities besides the platform's (a company's policy, the sandbox).
    pub extra_roots: Vec<CertificateDer<'static>>,
    pub pace: Pace,
    /// Whether pictures of mails may come from this computer and its network neighbours; for tests.
    pub near_pictures: bool,
    /// OAuth2 issuers by provider, where a company has its own instead of the known ones.
    pub oauth_issuers: HashMap<String, qiyou_signin::oauth::Issuer>,
    pub company: crate::company::CompanyConfig,
}

/// How often servers are asked. Tests shorten it.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The inbox, where the server does not speak up by itself.
    pub inbox: std::time::Duration,
    /// The other folders.
    pub others: std::time::Duration,
    /// All flags of a folder, where the server has no CONDSTORE.
    pub sweep: std::time::Duration,
    /// An IDLE or a silent NOTIFY connection is renewed.
    pub renew: std::time::Duration,
    /// First wait after a lost line; doubled up to `retry_most`, with jitter.
    pub retry: std::time::Duration,
    pub retry_most: std::time::Duration,
    /// The server's copy of a draft that is being written is made anew so often.
    pub drafts: std::time::Duration,
    /// First wait for a server to put into the sent-box what it was given; longer with each look.
    pub filing: std::time::Duration,
}

impl Default for Pace {
    fn default() -> Self {
        use std::time::Duration;
        Self {
            inbox: Duration::from_secs(15),
            others: Duration::from_mins(1),
            sweep: Duration::from_mins(15),
            renew: Duration::from_mins(9),
            retry: Duration::from_secs(2),
            retry_most: Duration::from_mins(10),
            drafts: Duration::from_secs(30),
            filing: Duration::from_secs(1),
        }
    }
}

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) keychain: Arc<dyn Keychain>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) home_id: String,
    pub(crate) events: Events,
    pub(crate) pace: Pace,
    tells: mpsc::Sender<Tell>,
    extra_roots: Vec<CertificateDer<'static>>,
    dialer: Mutex<Dialer>,
    pub(crate) settings: Mutex<crate::managed::Kept>,
    accounts: Mutex<HashMap<AccountId, Handle>>,
    pub(crate) issuers: HashMap<String, qiyou_signin::oauth::Issuer>,
    pub(crate) grants: Mutex<HashMap<String, crate::setup::Grant>>,
    trouble: Mutex<Option<ApiError>>,
    pub(crate) sorted: crate::sorted::Sorted,
    pub(crate) requests: crate::requests::Requests,
    pub(crate) pictures: crate::pictures::Pictures,
    pub(crate) people: crate::people::People,
    pub(crate) companies: crate::company::Companies,
    pub(crate) around: crate::directory::Kept,
}

/// Accounts at work. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

/// A poisoned lock means that a thread panicked, which the lints forbid; the value is still whole.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn dialer(settings: &Settings, extra_roots: &[CertificateDer<'static>]) -> Result<Dialer, ApiError> {
    use qiyou_api::ProxySettings;
    use qiyou_net::{Endpoint, Proxy, ProxyKind};
    let manual = |kind, host: &str, port| {
        ProxyChoice::Manual(Proxy {
            kind,
            endpoint: Endpoint {
                host: host.to_owned(),
                port,
            },
            credentials: None,
        })
    };
    let proxy = match &settings.proxy {
        ProxySettings::System => ProxyChoice::System,
        ProxySettings::Direct => ProxyChoice::Direct,
        ProxySettings::Http { host, port } => manual(ProxyKind::Http, host, *port),
        ProxySettings::Socks5 { host, port } => manual(ProxyKind::Socks5, host, *port),
    };
    Dialer::new(DialConfig {
        proxy,
        extra_roots: extra_roots.to_vec(),
        ..DialConfig::default()
    })
    .map_err(|e| ApiError::new(ErrorCode::Internal).with("detail", e.to_string()))
}

impl Engine {
    /// Starts every account of the store. Tells come over the second value.
    pub async fn start(config: Config) -> Result<(Self, mpsc::Receiver<Tell>), ApiError> {
        let read = |conn: &qiyou_store::Connection| Ok((settings::settings(conn)?, Managed::read(conn)?));
        let (chosen, managed) = config.store.read(read).await.map_err(store_error)?;
        let (tells, receiver) = mpsc::channel(256);
        let inner = Arc::new(Inner {
            dialer: Mutex::new(dialer(&chosen, &config.extra_roots)?),
            settings: Mutex::new(crate::managed::Kept::new(chosen, managed)),
            events: Events::new(Arc::clone(&config.clock)),
            store: config.store,
            keychain: config.keychain,
            clock: config.clock,
            home_id: config.home_id,
            pace: config.pace,
            extra_roots: config.extra_roots,
            tells,
            issuers: config.oauth_issuers,
            accounts: Mutex::default(),
            grants: Mutex::default(),
            trouble: Mutex::default(),
            sorted: crate::sorted::Sorted::default(),
            requests: crate::requests::Requests::default(),
            pictures: crate::pictures::Pictures::new(config.near_pictures),
            people: crate::people::People::default(),
            companies: crate::company::Companies::new(config.company),
            around: crate::directory::Kept::default(),
        });
        let engine = Self { inner };
        let recovered = engine
            .inner
            .store
            .write(Durability::Full, |tx| qiyou_store::drafts::recover_files(tx));
        recovered.await.map_err(store_error)?;
        for account in engine.inner.store.read(accounts::list).await.map_err(store_error)? {
            engine.run(account.id);
        }
        let session = engine
            .inner
            .store
            .read(qiyou_store::company::get)
            .await
            .map_err(store_error)?;
        if session.is_some_and(|session| session.refresh_token.is_some()) {
            crate::company::resume(&engine.inner);
        }
        Ok((engine, receiver))
    }

    /// Events from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Timed> {
        self.inner.events.subscribe()
    }

    /// Emits an event of the agent's own.
    pub fn emit(&self, event: Event) {
        self.inner.events.emit(event);
    }

    /// The store, for what the agent itself keeps (shown bubbles, notes).
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn run(&self, account: AccountId) {
        let handle = Handle::start(Arc::clone(&self.inner), account);
        locked(&self.inner.accounts).insert(account, handle);
    }

    pub(crate) async fn halt(&self, account: AccountId) {
        let handle = locked(&self.inner.accounts).remove(&account);
        if let Some(handle) = handle {
            handle.stop().await;
        }
    }

    /// Ends all conversations with servers in good order.
    pub async fn stop(&self) {
        let handles: Vec<_> = locked(&self.inner.accounts).drain().map(|(_, handle)| handle).collect();
        futures::future::join_all(handles.into_iter().map(Handle::stop)).await;
    }

    /// Nothing is being done: what was kept for whoever looks at lists is given back.
    pub fn rest(&self) {
        self.inner.sorted.forget();
        self.inner.pictures.forget();
        self.inner.people.forget();
        self.inner.around.forget();
    }

    /// The network came, went or changed, or the computer woke: lines are tried at once.
    pub fn network_changed(&self) {
        for handle in locked(&self.inner.accounts).values() {
            handle.signals.probe();
            handle.outbox.bell.hurry();
        }
    }

    /// Looks at the servers of one account or of all; with `wait` until the look is finished. With all goes a look at
    /// the company, which nobody waits for.
    pub async fn sync(&self, account: Option<AccountId>, wait: bool) -> Result<(), ApiError> {
        if account.is_none() {
            let engine = self.clone();
            tokio::spawn(async move {
                if let Err(error) = engine.company_look().await {
                    tracing::debug!(code = ?error.code, "no look at the company");
                }
            });
        }
        let mut waits = Vec::new();
        {
            let accounts = locked(&self.inner.accounts);
            if account.is_some_and(|id| !accounts.contains_key(&id)) {
                return Err(ApiError::new(ErrorCode::NotFound));
            }
            for handle in accounts
                .iter()
                .filter(|(id, _)| account.is_none_or(|a| a == **id))
                .map(|(_, h)| h)
            {
                let (done, waiting) = tokio::sync::oneshot::channel();
                handle.signals.with(|pending| {
                    pending.look = true;
                    pending.looked.push(done);
                });
                waits.push(waiting);
            }
        }
        if wait {
            for waiting in waits {
                // An account that goes meanwhile has nothing more to look at.
                let _ = waiting.await;
            }
        }
        Ok(())
    }

    /// Why mails cannot be stored just now, such as a full disk.
    pub fn trouble(&self) -> Option<ApiError> {
        locked(&self.inner.trouble).clone()
    }

    /// All settings.
    pub fn settings(&self) -> Arc<Settings> {
        self.inner.settings()
    }

    /// Replaces all settings. What the company fixes stays, and an attempt to change it is [`ErrorCode::Managed`].
    pub async fn set_settings(&self, settings: Settings) -> Result<Settings, ApiError> {
        let proxied = self.settings().proxy != settings.proxy;
        let chosen = locked(&self.inner.settings).choose(&settings)?;
        let new_dialer = dialer(&settings, &self.inner.extra_roots)?;
        let stored = chosen.clone();
        self.inner
            .store
            .write(Durability::Full, move |tx| settings::set_settings(tx, &stored))
            .await
            .map_err(store_error)?;
        let settings = locked(&self.inner.settings).chose(chosen).as_ref().clone();
        if proxied {
            *locked(&self.inner.dialer) = new_dialer;
            for handle in locked(&self.inner.accounts).values() {
                handle.signals.with(|pending| pending.reconnect = true);
            }
        }
        self.inner.events.emit(Event::SettingsChanged {
            settings: settings.clone(),
        });
        Ok(settings)
    }

    /// All accounts in their order.
    pub async fn accounts(&self) -> Result<Vec<Account>, ApiError> {
        let stored = self.inner.store.read(accounts::list).await.map_err(store_error)?;
        let mut out = Vec::with_capacity(stored.len());
        for account in stored {
            out.push(self.inner.account(account).await?);
        }
        Ok(out)
    }

    pub(crate) fn signals(&self, account: AccountId) -> Option<Arc<crate::account::Signals>> {
        locked(&self.inner.accounts)
            .get(&account)
            .map(|handle| Arc::clone(&handle.signals))
    }

    /// Something is new in the outbox of an account.
    pub(crate) fn ring_outbox(&self, account: AccountId) {
        if let Some(handle) = locked(&self.inner.accounts).get(&account) {
            handle.outbox.bell.ring();
        }
    }

    pub(crate) fn texts(&self, account: AccountId) -> Option<crate::texts::Texts> {
        locked(&self.inner.accounts)
            .get(&account)
            .map(|handle| handle.texts.clone())
    }
}

impl Inner {
    /// A draft changed or went: whoever keeps copies on the servers looks.
    pub(crate) fn ring_mirrors(&self) {
        for handle in locked(&self.accounts).values() {
            handle.mirror.bell.notify_one();
        }
    }

    /// Notes what the store met, for whoever asks, and tells it when that is news.
    pub(crate) fn met(&self, trouble: Option<&qiyou_store::Error>) {
        use qiyou_store::Error as E;
        let lasting = match trouble {
            None => None,
            Some(E::Full) => Some(store_error(E::Full)),
            Some(E::ReadOnly) => Some(store_error(E::ReadOnly)),
            Some(E::Damaged(words)) => Some(store_error(E::Damaged(words.clone()))),
            // Of anything else nobody knows whether it lasts.
            Some(_) => return,
        };
        let changed = {
            let mut known = locked(&self.trouble);
            let changed = *known != lasting;
            known.clone_from(&lasting);
            changed
        };
        if changed {
            self.events.emit(Event::TroubleChanged { trouble: lasting });
        }
    }

    /// Has an account look at its server, and waits until it did, at most some seconds.
    pub(crate) async fn look(&self, account: AccountId) {
        let signals = locked(&self.accounts)
            .get(&account)
            .map(|handle| Arc::clone(&handle.signals));
        let Some(signals) = signals else { return };
        let (done, looked) = tokio::sync::oneshot::channel();
        signals.with(|pending| {
            pending.look = true;
            pending.looked.push(done);
        });
        let _ = tokio::time::timeout(std::time::Duration::from_secs(20), looked).await;
    }

    /// Somebody says that there is new mail at an address: whoever watches that mailbox asks now.
    pub(crate) async fn nudge(&self, address: &str) {
        let Ok(all) = self.store.read(accounts::list).await else {
            return;
        };
        let named = |account: &&accounts::StoredAccount| {
            account.address.eq_ignore_ascii_case(address) || account.settings.imap.user.eq_ignore_ascii_case(address)
        };
        let handles = locked(&self.accounts);
        for handle in all.iter().filter(named).filter_map(|account| handles.get(&account.id)) {
            handle.signals.with(|pending| pending.nudge = true);
        }
    }

    pub(crate) fn dialer(&self) -> Dialer {
        locked(&self.dialer).clone()
    }

    pub(crate) fn settings(&self) -> Arc<Settings> {
        locked(&self.settings).now()
    }

    pub(crate) fn state(&self, account: AccountId) -> AccountState {
        locked(&self.accounts)
            .get(&account)
            .map_or(AccountState::Connecting, Handle::state)
    }

    pub(crate) async fn account(&self, stored: accounts::StoredAccount) -> Result<Account, ApiError> {
        let id = stored.id;
        let unread = self
            .store
            .read(move |conn| folders::unread(conn, id))
            .await
            .map_err(store_error)?;
        Ok(Account {
            id,
            address: stored.address,
            name: stored.name,
            color: stored.color,
            position: stored.position,
            settings: stored.settings,
            telling: stored.telling,
            state: self.state(id),
            unread,
        })
    }

    /// Tells clients that an account shows differently now.
    pub(crate) async fn account_changed(&self, id: AccountId) {
        let Ok(stored) = self.store.read(move |conn| accounts::get(conn, id)).await else {
            return;
        };
        if let Ok(account) = self.account(stored).await {
            self.events.emit(Event::AccountChanged { account });
        }
    }

    /// Tells clients new numbers of folders, and of their accounts.
    pub(crate) async fn folders_changed(&self, ids: &[qiyou_api::FolderId]) {
        let wanted = ids.to_vec();
        let read = move |conn: &qiyou_store::Connection| {
            wanted
                .iter()
                .filter_map(|id| folders::get(conn, *id).ok().map(|f| Ok(f.folder)))
                .collect()
        };
        let Ok(list): Result<Vec<qiyou_api::Folder>, _> = self.store.read(read).await else {
            return;
        };
        let mut accounts: Vec<AccountId> = list.iter().map(|f| f.account).collect();
        accounts.sort_unstable();
        accounts.dedup();
        for account in accounts {
            let folders = list.iter().filter(|f| f.account == account).cloned().collect();
            self.events.emit(Event::FoldersChanged {
                account,
                folders,
                removed: Vec::new(),
            });
            self.account_changed(account).await;
        }
    }

    pub(crate) fn tell(&self, tell: Tell) {
        // A desktop that shows nothing must not stop the mail.
        if self.tells.try_send(tell).is_err() {
            tracing::warn!("a bubble was dropped: too many wait");
        }
    }

    /// Asks the keychain from a thread that may wait for the person to unlock it.
    pub(crate) async fn keychain<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn Keychain) -> Result<T, KeychainError> + Send + 'static,
    ) -> Result<T, KeychainError> {
        let keychain = Arc::clone(&self.keychain);
        tokio::task::spawn_blocking(move || ask(keychain.as_ref()))
            .await
            .unwrap_or_else(|e| Err(KeychainError::Failed(e.to_string())))
    }

    /// Name of an account's entry in the keychain.
    pub(crate) fn secret_entry(&self, account: AccountId) -> String {
        format!("{}/account/{account}", self.home_id)
    }
}

/// A store error as clients get it.
#[allow(clippy::needless_pass_by_value, reason = "what map_err takes")]
pub fn store_error(error: qiyou_store::Error) -> ApiError {
    use qiyou_store::Error as E;
    let code = match &error {
        E::Foreign | E::Newer { .. } => ErrorCode::StoreForeign,
        E::Damaged(_) => ErrorCode::StoreDamaged,
        E::ReadOnly => ErrorCode::StoreReadOnly,
        E::Full => ErrorCode::DiskFull,
        E::NotFound => ErrorCode::NotFound,
        E::Io(_) | E::Closed | E::Sql(_) | E::Json(_) => ErrorCode::Internal,
    };
    ApiError::new(code).with("detail", error.to_string())
}

/// A keychain error as clients get it.
pub fn keychain_error(error: &KeychainError) -> ApiError {
    let code = match error {
        KeychainError::Locked => ErrorCode::KeychainLocked,
        KeychainError::Absent(_) | KeychainError::Failed(_) => ErrorCode::KeychainAbsent,
    };
    ApiError::new(code).with("detail", error.to_string())
}
