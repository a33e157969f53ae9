//! A computer with the app's engine, before a bridge.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use qiyou_engine::{Clock, CompanyConfig, Config, Engine, MemoryKeychain, Pace, SystemClock};
use qiyou_store::{Key, Store};

use super::House;

/// A clock that can be shifted.
#[derive(Default)]
pub struct Shifted(pub AtomicI64);

impl Clock for Shifted {
    fn now(&self) -> i64 {
        SystemClock.now().saturating_add(self.0.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> u64 {
        SystemClock.monotonic()
    }

    fn local(&self, at: i64) -> (u16, bool) {
        SystemClock.local(at)
    }

    fn offset(&self, at: i64) -> i32 {
        SystemClock.offset(at)
    }
}

/// A computer with the app, which can be started anew.
pub struct Computer {
    pub folder: tempfile::TempDir,
    pub keychain: Arc<MemoryKeychain>,
    pub clock: Arc<Shifted>,
    pub bridge: String,
    pub pace: Pace,
}

impl Computer {
    pub fn new(house: &House) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            keychain: Arc::default(),
            clock: Arc::default(),
            bridge: house.url.to_string(),
            pace: Pace::default(),
        }
    }

    pub fn store(&self) -> Store {
        Store::open(self.folder.path(), &Key::new([7; 32])).unwrap()
    }

    pub async fn app(&self) -> Engine {
        let config = Config {
            store: self.store(),
            keychain: Arc::clone(&self.keychain) as _,
            clock: Arc::clone(&self.clock) as _,
            home_id: "home".into(),
            extra_roots: Vec::new(),
            pace: self.pace,
            near_pictures: false,
            oauth_issuers: HashMap::new(),
            company: CompanyConfig {
                bridge: Some(self.bridge.clone()),
                device: "DESKTOP-4F2K".into(),
                system: "Windows 11".into(),
            },
        };
        Engine::start(config).await.unwrap().0
    }
}

/// Signs 张三 in.
pub async fn sign_in(house: &House, app: &Engine) {
    house.sim.quick("zhangsan");
    let started = app.company_sign_in("", "zh", |_| {}).await.unwrap();
    let done = house.browser().through(&started.url).await.confirm("yes").await;
    app.company_redeem(done.code().into()).await.unwrap();
}
