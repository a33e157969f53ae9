//! A house with a running engine and a Dovecot beside it, and what one watches there.

#![allow(dead_code, reason = "each test binary tells its own stories")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use qiyou_api::*;
use qiyou_engine::{Config, Engine, Keychain, KeychainError, MemoryKeychain, Pace, SystemClock, Tell, Timed};
use qiyou_store::{Key, Store};
#[cfg(unix)]
use qiyou_testkit::dovecot::{Dovecot, Options};
use qiyou_testkit::imap_sim::{ImapSim, Quirks};
use secrecy::SecretString;
use tokio::sync::{broadcast, mpsc};

pub const ZHANGSAN: &str = "zhangsan@huadong-tech.example";
pub const PASSWORD: &str = "correct-horse";

/// A keychain that outlives the process, as the real one does: it always knew the password.
pub struct Known;

impl Keychain for Known {
    fn get(&self, _entry: &str) -> std::result::Result<Option<SecretString>, KeychainError> {
        Ok(Some(PASSWORD.into()))
    }

    fn set(&self, _entry: &str, _secret: &SecretString) -> std::result::Result<(), KeychainError> {
        Ok(())
    }

    fn delete(&self, _entry: &str) -> std::result::Result<(), KeychainError> {
        Ok(())
    }
}

/// How a test wants the server.
pub const EVERY_MODE: [(WatchMode, &[&str]); 3] = [
    (WatchMode::Notify, &[]),
    (WatchMode::Idle, &["NOTIFY"]),
    (
        WatchMode::Poll,
        &[
            "NOTIFY",
            "IDLE",
            "CONDSTORE",
            "QRESYNC",
            "MOVE",
            "LIST-STATUS",
            "ESEARCH",
        ],
    ),
];

pub struct Story {
    pub engine: Engine,
    pub events: broadcast::Receiver<Timed>,
    pub tells: mpsc::Receiver<Tell>,
    pub home: tempfile::TempDir,
    pub keychain: Arc<MemoryKeychain>,
}

pub fn settings(port: u16, smtp: u16) -> AccountSettings {
    let server = |port| ServerSettings {
        host: "127.0.0.1".into(),
        port,
        security: Security::None,
        user: ZHANGSAN.into(),
    };
    AccountSettings {
        provider: "custom".into(),
        imap: server(port),
        smtp: server(smtp),
        credential: CredentialKind::Password,
    }
}

#[cfg(unix)]
pub async fn dovecot(without: &[&str]) -> Dovecot {
    Dovecot::start(Options::for_user(ZHANGSAN, PASSWORD).without(without))
        .await
        .unwrap()
}

pub fn mail(n: u32, subject: &str, text: &str) -> Vec<u8> {
    format!(
        "From: =?utf-8?B?5p2O5Zub?= <lisi@huadong-tech.example>\r\nTo: {ZHANGSAN}\r\nSubject: {subject}\r\n\
         Date: Mon, 16 Nov 2026 10:42:00 +0800\r\nMessage-ID: <m{n}@huadong-tech.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"
    )
    .into_bytes()
}

/// A scripted server that knows 张三.
pub fn sim(quirks: Quirks) -> ImapSim {
    ImapSim::builder(quirks).user(ZHANGSAN, PASSWORD).start().unwrap()
}

/// A pace at which nobody waits.
pub fn brisk() -> Pace {
    Pace {
        inbox: Duration::from_millis(300),
        others: Duration::from_millis(500),
        retry: Duration::from_millis(50),
        retry_most: Duration::from_millis(400),
        filing: Duration::ZERO,
        drafts: Duration::ZERO,
        ..Pace::default()
    }
}

pub async fn engine_in(
    home: &std::path::Path,
    keychain: Arc<dyn qiyou_engine::Keychain>,
    pace: Pace,
) -> (Engine, mpsc::Receiver<Tell>) {
    let store = Store::open(home, &Key::new([3; 32])).unwrap();
    Engine::start(Config {
        store,
        keychain,
        clock: Arc::new(SystemClock),
        home_id: "test".into(),
        extra_roots: Vec::new(),
        pace,
        near_pictures: true,
        oauth_issuers: std::collections::HashMap::new(),
        company: qiyou_engine::CompanyConfig::default(),
    })
    .await
    .unwrap()
}

/// The rows of a folder, newest first.
pub async fn rows_of(engine: &Engine, folder: FolderId) -> Vec<MailRow> {
    let params = ListParams {
        scope: Scope::Folder { folder },
        filter: Filter::All,
        sort: qiyou_api::Sort::default(),
        offset: 0,
        limit: 500,
    };
    engine.list(params).await.unwrap().rows
}

impl Story {
    /// An engine without accounts.
    pub async fn begin() -> Self {
        Self::begin_at(brisk()).await
    }

    /// The same at another pace.
    pub async fn begin_at(pace: Pace) -> Self {
        // RUST_LOG=trace shows what the engine and the wire did.
        let _ = tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
            .with_test_writer()
            .try_init();
        let home = tempfile::tempdir().unwrap();
        let keychain = Arc::new(MemoryKeychain::default());
        let (engine, tells) = engine_in(home.path(), Arc::<MemoryKeychain>::clone(&keychain), pace).await;
        Self {
            events: engine.subscribe(),
            engine,
            tells,
            home,
            keychain,
        }
    }

    /// The same home with a new engine, after the old one was dropped without a word, as by kill -9.
    pub async fn again(self) -> Self {
        self.again_at(brisk()).await
    }

    /// The same at another pace.
    pub async fn again_at(self, pace: Pace) -> Self {
        let Self {
            engine: old,
            home,
            keychain,
            ..
        } = self;
        old.stop().await;
        drop(old);
        let (engine, tells) = engine_in(home.path(), Arc::<MemoryKeychain>::clone(&keychain), pace).await;
        Self {
            events: engine.subscribe(),
            engine,
            tells,
            home,
            keychain,
        }
    }

    /// Adds 张三's account.
    pub async fn account(&self, port: u16, smtp: u16) -> Account {
        self.engine
            .add(AddParams {
                address: ZHANGSAN.into(),
                name: "张三".into(),
                color: None,
                settings: settings(port, smtp),
                credential: Credential::Password {
                    secret: PASSWORD.into(),
                },
                even_offline: false,
            })
            .await
            .unwrap()
    }

    /// Adds an account on a server that has IMAP alone.
    pub async fn imap_account(&self, address: &str, port: u16) -> Account {
        let mut settings = settings(port, 1);
        settings.imap.user = address.into();
        self.engine
            .add(AddParams {
                address: address.into(),
                name: String::new(),
                color: None,
                settings,
                credential: Credential::Password {
                    secret: PASSWORD.into(),
                },
                even_offline: true,
            })
            .await
            .unwrap()
    }

    /// Waits until an account stands so.
    pub async fn state(&mut self, account: AccountId, what: &str, test: impl Fn(&AccountState) -> bool) {
        let test = &test;
        self.eventually(what, |engine| async move {
            let all = engine.accounts().await.unwrap();
            all.into_iter()
                .find(|a| a.id == account)
                .filter(|a| test(&a.state))
                .map(drop)
        })
        .await;
    }

    /// The folder of this role of one account.
    pub async fn folder_of(&mut self, account: AccountId, role: Role) -> Folder {
        self.eventually("a folder with this role", |engine| async move {
            engine
                .folders(Some(account))
                .await
                .unwrap()
                .into_iter()
                .find(|f| f.role == role)
        })
        .await
    }

    /// Waits until the server was told of everything.
    pub async fn settled(&mut self) {
        self.eventually("no operation waits", |engine| async move {
            (engine.pending_operations().await.unwrap() == 0).then_some(())
        })
        .await;
    }

    /// Waits until a folder has that many rows.
    pub async fn counts(&mut self, folder: FolderId, count: usize) {
        let what = format!("folder {folder} with {count} mails");
        self.eventually(&what, |engine| async move {
            let params = ListParams {
                scope: Scope::Folder { folder },
                filter: Filter::All,
                sort: qiyou_api::Sort::default(),
                offset: 0,
                limit: 1,
            };
            (engine.list(params).await.unwrap().total as usize == count).then_some(())
        })
        .await;
    }

    /// Subjects and ids of a folder.
    pub async fn ids(&self, folder: FolderId) -> std::collections::BTreeMap<String, MailId> {
        self.rows(folder)
            .await
            .into_iter()
            .map(|row| (row.subject, row.id))
            .collect()
    }

    /// The words of a mail, waited for.
    pub async fn text(&mut self, mail: MailId) -> String {
        self.eventually("the text", |engine| async move {
            match engine.body(BodyParams::of(mail)).await.unwrap() {
                Body::Ready { html, .. } => Some(html),
                Body::Fetching => None,
                Body::Failed { error } => panic!("{error:?}"),
            }
        })
        .await
    }

    /// No bubble has come that was not looked at.
    pub fn silent(&mut self) -> bool {
        self.tells.try_recv().is_err()
    }

    /// Waits until a condition on the state holds, looking again at each event and every 50 ms.
    pub async fn eventually<T, F: Future<Output = Option<T>>>(
        &mut self,
        what: &str,
        mut look: impl FnMut(Engine) -> F,
    ) -> T {
        let limit = tokio::time::Instant::now() + Duration::from_secs(15);
        loop {
            if let Some(value) = look(self.engine.clone()).await {
                return value;
            }
            assert!(tokio::time::Instant::now() < limit, "never: {what}");
            let _ = tokio::time::timeout(Duration::from_millis(50), self.events.recv()).await;
        }
    }

    /// The next bubble or withdrawal.
    pub async fn tell(&mut self) -> Tell {
        tokio::time::timeout(Duration::from_secs(10), self.tells.recv())
            .await
            .expect("no bubble")
            .unwrap()
    }

    pub async fn folder(&mut self, role: Role) -> Folder {
        self.eventually("a folder with this role", |engine| async move {
            engine.folders(None).await.unwrap().into_iter().find(|f| f.role == role)
        })
        .await
    }

    pub async fn rows(&self, folder: FolderId) -> Vec<MailRow> {
        rows_of(&self.engine, folder).await
    }

    /// Waits until a folder shows exactly these subjects, newest first.
    pub async fn shows(&mut self, folder: FolderId, subjects: &[&str]) {
        let wanted: Vec<String> = subjects.iter().map(|s| (*s).to_owned()).collect();
        let what = format!("folder {folder} with {wanted:?}");
        self.eventually(&what, |engine| {
            let wanted = wanted.clone();
            async move {
                let rows = rows_of(&engine, folder).await;
                (rows.iter().map(|r| r.subject.clone()).collect::<Vec<_>>() == wanted).then_some(())
            }
        })
        .await;
    }

    /// Where each mail is, by its subject: here and on the server alike, and nowhere twice.
    #[cfg(unix)]
    pub async fn each_once(&mut self, server: &Dovecot, folders: &[(&str, Role)]) -> BTreeMap<String, String> {
        let mut here: BTreeMap<String, String> = BTreeMap::new();
        for (name, role) in folders {
            let id = self.folder(*role).await.id;
            for row in self.rows(id).await {
                let before = here.insert(row.subject.clone(), (*name).to_owned());
                assert_eq!(before, None, "{} is here twice", row.subject);
            }
        }
        let mut there: BTreeMap<String, String> = BTreeMap::new();
        let mut raw = server.session(ZHANGSAN).await.unwrap();
        for (name, _) in folders {
            raw.select(name).await.unwrap();
            let Ok(reply) = raw.ok("FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT)]").await else {
                continue;
            };
            for subject in reply.all().lines().filter_map(|line| line.strip_prefix("Subject: ")) {
                let before = there.insert(subject.trim().to_owned(), (*name).to_owned());
                assert_eq!(before, None, "{subject} is on the server twice");
            }
        }
        assert_eq!(here, there, "the engine shows what the server has");
        there
    }
}
