//! The agent's life: home, lock, log, endpoint, store, engine, desk.

mod further;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use qiyou_api::{ApiError, Endpoint, ErrorCode, Event, Listener};
use qiyou_engine::{
    Clock, CompanyConfig, Config, Engine, Keychain, OauthIssuer, Pace, SystemClock, Tell, keychain_error, store_error,
};
use qiyou_store::{Key, Store, StoreFiles};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio::sync::{Notify, mpsc};

use crate::keychain::SystemKeychain;
use crate::{desk, home, log, serve};
pub(crate) use further::session;

/// What the parts of the agent share.
pub(crate) struct Core {
    pub(crate) started: Instant,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) language: Option<qiyou_words::Language>,
    engine: Mutex<Option<Engine>>,
    trouble: Mutex<Option<ApiError>>,
    /// Changes with each of the two above.
    settled: tokio::sync::watch::Sender<()>,
    /// Rings when somebody wants the store to be tried again.
    pub(crate) again: Notify,
    pub(crate) quit: Notify,
    pub(crate) tray: std::sync::atomic::AtomicBool,
    pub(crate) windows: std::sync::atomic::AtomicUsize,
    /// Attachments that are looked at with other programs.
    pub(crate) opened: Arc<crate::opened::Opened>,
    /// Orders for the desk that come from clients.
    pub(crate) orders: mpsc::Sender<desk::Order>,
}

fn take<T: Clone>(mutex: &Mutex<Option<T>>) -> Option<T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn put<T>(mutex: &Mutex<Option<T>>, value: Option<T>) {
    *mutex.lock().unwrap_or_else(PoisonError::into_inner) = value;
}

impl Core {
    /// The engine, or why there is none.
    pub(crate) fn engine(&self) -> Result<Engine, ApiError> {
        take(&self.engine).ok_or_else(|| self.trouble().unwrap_or_else(|| ApiError::new(ErrorCode::Internal)))
    }

    /// The engine; while the agent is just starting, a few seconds are waited for it.
    pub(crate) async fn engine_soon(&self) -> Result<Engine, ApiError> {
        let mut settled = self.settled.subscribe();
        let waiting = async {
            while take(&self.engine).is_none() && self.trouble().is_none() && settled.changed().await.is_ok() {}
        };
        // A keychain may be asking the person just now.
        let _ = tokio::time::timeout(Duration::from_secs(20), waiting).await;
        self.engine()
    }

    fn settle(&self, engine: Option<Engine>, trouble: Option<ApiError>) {
        put(&self.engine, engine);
        put(&self.trouble, trouble);
        self.settled.send_replace(());
    }

    /// Changes when the engine is up, and with each reason why it is not.
    pub(crate) fn settled(&self) -> tokio::sync::watch::Receiver<()> {
        self.settled.subscribe()
    }

    pub(crate) fn trouble(&self) -> Option<ApiError> {
        take(&self.trouble).or_else(|| take(&self.engine).and_then(|engine| engine.trouble()))
    }

    /// The language of bubbles, tray and command line.
    pub(crate) fn words(&self) -> qiyou_words::Language {
        self.language.unwrap_or_else(|| match take(&self.engine) {
            Some(engine) => crate::words::language(engine.settings().language),
            None => crate::words::system(),
        })
    }
}

/// What a company, or the sandbox, says before any setting.
#[derive(Clone)]
struct Policy {
    roots: Vec<CertificateDer<'static>>,
    issuers: HashMap<String, OauthIssuer>,
    company: CompanyConfig,
}

/// A company's own OAuth2 issuers by provider, as JSON in `QIYOU_OAUTH_ISSUERS`.
fn oauth_issuers() -> anyhow::Result<HashMap<String, OauthIssuer>> {
    match std::env::var("QIYOU_OAUTH_ISSUERS") {
        Ok(json) if !json.is_empty() => serde_json::from_str(&json).context("read QIYOU_OAUTH_ISSUERS"),
        _ => Ok(HashMap::new()),
    }
}

/// Certificate authorities of a company or of the sandbox, from the file that `QIYOU_EXTRA_CA` names (PEM).
fn extra_roots() -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let Some(path) = std::env::var_os("QIYOU_EXTRA_CA").filter(|path| !path.is_empty()) else {
        return Ok(Vec::new());
    };
    let path = PathBuf::from(path);
    let roots = CertificateDer::pem_file_iter(&path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("read the certificate authorities in {}", path.display()))?;
    Ok(roots)
}

/// The key of the store from the keychain. A new one is made only where no store is: a lost key is said, not replaced.
fn store_key(keychain: &dyn Keychain, home: &Path, home_id: &str) -> Result<Key, ApiError> {
    use secrecy::ExposeSecret;
    let entry = format!("{home_id}/store");
    match keychain.get(&entry).map_err(|e| keychain_error(&e))? {
        Some(hex) => Key::from_hex(hex.expose_secret())
            .ok_or_else(|| ApiError::new(ErrorCode::StoreForeign).with("detail", "the keychain's entry is no key")),
        None if StoreFiles::of_home(home).exist() => {
            Err(ApiError::new(ErrorCode::StoreForeign).with("detail", "the keychain holds no key for this store"))
        }
        None => {
            let key = Key::new(rand::random());
            keychain.set(&entry, &key.to_hex()).map_err(|e| keychain_error(&e))?;
            // Some keychains take an entry and forget it: what cannot be read back must not lock mail away.
            match keychain.get(&entry) {
                Ok(Some(back)) if back.expose_secret() == key.to_hex().expose_secret() => Ok(key),
                _ => Err(ApiError::new(ErrorCode::KeychainAbsent).with("detail", "it does not keep what it is given")),
            }
        }
    }
}

async fn open(
    home: PathBuf,
    clock: Arc<dyn Clock>,
    policy: Policy,
) -> Result<(Engine, mpsc::Receiver<Tell>), ApiError> {
    let keychain: Arc<dyn Keychain> = Arc::new(SystemKeychain);
    let chain = Arc::clone(&keychain);
    let (store, home_id) = tokio::task::spawn_blocking(move || {
        home::make(&home).map_err(|e| store_error(e.into()))?;
        let id = home::id(&home)?;
        let key = store_key(chain.as_ref(), &home, &id)?;
        Ok::<_, ApiError>((Store::open(&home, &key).map_err(store_error)?, id))
    })
    .await
    .map_err(|e| ApiError::new(ErrorCode::Internal).with("detail", e.to_string()))??;
    Engine::start(Config {
        store,
        keychain,
        clock,
        home_id,
        extra_roots: policy.roots,
        pace: Pace::default(),
        near_pictures: false,
        oauth_issuers: policy.issuers,
        company: policy.company,
    })
    .await
}

/// Opens the store as soon as that is possible: a locked keychain, a full disk or a home that cannot be written to is
/// waited for.
async fn bring_up(core: Arc<Core>, home: PathBuf, policy: Policy) -> desk::Up {
    let mut wait = Duration::from_secs(5);
    loop {
        match open(home.clone(), Arc::clone(&core.clock), policy.clone()).await {
            Ok((engine, tells)) => {
                core.settle(Some(engine.clone()), None);
                tokio::spawn(crate::rest::after_work(engine.clone()));
                return desk::Up {
                    events: desk::Events::Here(engine.subscribe()),
                    mind: desk::Mind::Here(engine),
                    tells: Some(tells),
                };
            }
            Err(error) => {
                tracing::error!(code = ?error.code, detail = ?error.args.get("detail"), "the store cannot be used yet");
                core.settle(None, Some(error));
            }
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = core.again.notified() => {}
        }
        wait = wait.saturating_mul(2).min(Duration::from_mins(5));
    }
}

async fn ended_from_outside() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut term) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = term.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// What is common to the agent that owns the store and to one in a further session.
fn core(home: &Path, language: Option<qiyou_words::Language>) -> (Arc<Core>, mpsc::Receiver<desk::Order>) {
    let (orders, desk_orders) = mpsc::channel(64);
    let core = Core {
        started: Instant::now(),
        clock: Arc::new(SystemClock),
        language,
        engine: Mutex::new(None),
        trouble: Mutex::new(None),
        settled: tokio::sync::watch::Sender::new(()),
        again: Notify::new(),
        quit: Notify::new(),
        tray: std::sync::atomic::AtomicBool::new(false),
        windows: std::sync::atomic::AtomicUsize::new(0),
        opened: crate::opened::Opened::of_home(home),
        orders,
    };
    (Arc::new(core), desk_orders)
}

/// An agent that ends frees its lock a moment after its connections, and one that begins answers a moment after it has
/// the lock: so often, and with such pauses, it is looked again.
const MOST_TRIES: u32 = 50;
const BETWEEN: Duration = Duration::from_millis(100);

/// Runs the agent until it is told to end: as the owner of the store or, while an agent of another session is that, as
/// its client in this one.
pub(crate) async fn run(language: Option<qiyou_words::Language>) -> anyhow::Result<ExitCode> {
    let home = home::path()?;
    // What cannot be made is said once there is somebody to say it: see `bring_up`.
    let _ = home::make(&home);
    let endpoint = Endpoint::of_home(&home);
    let mut guard = None;
    let mut tries = 0_u32;
    loop {
        let listener = match endpoint.listen() {
            Ok(listener) => Some(listener),
            Err(e) if e.kind() == std::io::ErrorKind::AddrInUse => None,
            Err(e) => return Err(e).with_context(|| format!("listen at {}", endpoint.path().display())),
        };
        let Some(listener) = listener else {
            match further::attend(&endpoint, &home, language, || guard = log::start(&home)).await {
                further::Ended::OwnerGone => continue,
                further::Ended::Between if tries < MOST_TRIES => {
                    tries = tries.saturating_add(1);
                    tokio::time::sleep(BETWEEN).await;
                    continue;
                }
                further::Ended::Quit => return Ok(ExitCode::SUCCESS),
                further::Ended::NotNeeded | further::Ended::Between => {
                    let words = language.unwrap_or_else(crate::words::system);
                    eprintln!("{}", qiyou_words::say(words, "agent.running_already", &[]));
                    return Ok(ExitCode::SUCCESS);
                }
            }
        };
        if guard.is_none() {
            guard = log::start(&home);
        }
        own(home, listener, language).await?;
        drop(guard);
        return Ok(ExitCode::SUCCESS);
    }
}

/// Owns the store, serves clients, and has the desk of this session.
async fn own(home: PathBuf, listener: Listener, language: Option<qiyou_words::Language>) -> anyhow::Result<()> {
    // reqwest takes whatever provider the process has.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let policy = Policy {
        roots: extra_roots()?,
        issuers: oauth_issuers()?,
        company: crate::policy::company()?,
    };
    let (core, desk_orders) = core(&home, language);
    tracing::info!(version = qiyou_api::VERSION, "started");
    let sweeping = tokio::spawn(Arc::clone(&core.opened).sweep());

    let serving = tokio::spawn(serve::serve(Arc::clone(&core), listener));
    // The tray appears before the keychain answers: a person who is asked for a password should see by whom.
    let desk = tokio::spawn(desk::run(
        Arc::clone(&core),
        desk_orders,
        bring_up(Arc::clone(&core), home, policy),
    ));
    tokio::select! {
        () = core.quit.notified() => {}
        () = ended_from_outside() => {}
    }
    tracing::info!("ending");
    desk.abort();
    sweeping.abort();
    core.opened.clear();
    if let Ok(engine) = core.engine() {
        engine.emit(Event::Goodbye);
        engine.stop().await;
    }
    // The last words still have to reach the clients.
    tokio::time::sleep(Duration::from_millis(20)).await;
    serving.abort();
    let _ = serving.await;
    Ok(())
}
