//! The database: SQLite in a file, or PostgreSQL that several replicas share. One SQL for both: placeholders `$1`,
//! types BIGINT and TEXT, nothing else.

pub mod clients;
pub mod directory;
pub mod events;
pub mod leases;
pub mod members;
pub mod notices;
pub mod person;
pub mod proofs;
pub mod reminders;
pub mod sessions;
pub mod signins;

use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

use anyhow::Context as _;
use secrecy::ExposeSecret as _;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyPool, Transaction};
use url::Url;

use crate::config::Config;

/// Step n takes schema n to n + 1. A step that was ever released is never edited.
const STEPS: &[&[&str]] = &[SIGNIN, DIRECTORY, PUSH, REMIND, POLICY, PROOFS];

const SIGNIN: &[&str] = &[
    // Sign-ins on their way. What the browser and WeCom hold is kept as SHA-256 only.
    "CREATE TABLE signin (
        id        TEXT PRIMARY KEY NOT NULL,
        page      TEXT NOT NULL UNIQUE,     -- hash of the name in the address that the browser opens
        state     TEXT NOT NULL UNIQUE,     -- hash of WeCom's state
        step      TEXT NOT NULL,            -- waiting, scanned, confirmed, redeemed, refused
        jkt       TEXT NOT NULL,            -- thumbprint of the device's key
        challenge TEXT NOT NULL,
        device    TEXT NOT NULL,            -- JSON: name, system, version
        lang      TEXT NOT NULL,
        created   BIGINT NOT NULL,
        browser   TEXT NOT NULL DEFAULT '', -- hash of the browser's cookie
        inside    BIGINT NOT NULL DEFAULT 0, -- 1: inside WeCom, which may open another browser
        userid    TEXT NOT NULL DEFAULT '',
        ticket    TEXT NOT NULL DEFAULT '', -- hash: the confirmation's form
        code      TEXT NOT NULL DEFAULT '', -- hash: of the deep link
        digits    TEXT NOT NULL DEFAULT '', -- hash
        confirmed BIGINT NOT NULL DEFAULT 0,
        tries     BIGINT NOT NULL DEFAULT 0,
        session   TEXT NOT NULL DEFAULT ''  -- once redeemed
    )",
    "CREATE INDEX signin_created ON signin (created)",
    "CREATE TABLE member (
        userid  TEXT PRIMARY KEY NOT NULL,
        name    TEXT NOT NULL,
        status  BIGINT NOT NULL,            -- WeCom's: 1 active, 2 disabled, 4 not activated, 5 left
        address TEXT NOT NULL DEFAULT '',   -- proven, lower case
        proof   TEXT NOT NULL DEFAULT '',   -- how it came to be believed
        seen    BIGINT NOT NULL             -- unix seconds of the last sign-in
    )",
    "CREATE TABLE session (
        id       TEXT PRIMARY KEY NOT NULL,
        userid   TEXT NOT NULL REFERENCES member (userid),
        jkt      TEXT NOT NULL,
        issued   BIGINT NOT NULL,           -- number of the newest refresh token
        used     BIGINT NOT NULL,           -- number of the newest that was used
        device   TEXT NOT NULL,
        created  BIGINT NOT NULL,
        seen     BIGINT NOT NULL,
        ended    BIGINT NOT NULL DEFAULT 0, -- unix seconds; 0: lives
        why      TEXT NOT NULL DEFAULT ''   -- signed_out, revoked, stolen, left
    )",
    "CREATE INDEX session_userid ON session (userid)",
    // Who does what must be done by one replica alone.
    "CREATE TABLE lease (name TEXT PRIMARY KEY NOT NULL, holder TEXT NOT NULL, until BIGINT NOT NULL)",
];

const DIRECTORY: &[&str] = &[
    // Everybody whom WeCom named. Who is gone or hidden stays as a row without a body, so that apps hear of it.
    "CREATE TABLE directory_person (
        userid   TEXT PRIMARY KEY NOT NULL,
        revision BIGINT NOT NULL,
        body     TEXT NOT NULL,             -- JSON, as apps get it; empty: not to be seen
        facts    TEXT NOT NULL,             -- JSON: what WeCom says; empty: WeCom names them no longer
        job      TEXT NOT NULL,             -- the key that is shared with the mail platform
        told     TEXT NOT NULL,             -- the address that WeCom told, lower case
        address  TEXT NOT NULL,             -- proven, lower case
        proof    TEXT NOT NULL
    )",
    "CREATE INDEX directory_person_revision ON directory_person (revision, userid)",
    "CREATE INDEX directory_person_job ON directory_person (job)",
    "CREATE INDEX directory_person_told ON directory_person (told)",
    "CREATE INDEX directory_person_address ON directory_person (address)",
    "CREATE TABLE directory_department (
        id       BIGINT PRIMARY KEY NOT NULL,
        revision BIGINT NOT NULL,
        body     TEXT NOT NULL              -- JSON, as apps get it; empty: not to be seen
    )",
    "CREATE INDEX directory_department_revision ON directory_department (revision, id)",
    // The mail platform's accounts that are in use.
    "CREATE TABLE mail_account (address TEXT PRIMARY KEY NOT NULL, job TEXT NOT NULL, name TEXT NOT NULL)",
    "CREATE INDEX mail_account_job ON mail_account (job)",
    // Callbacks that came, and what is to be read again because of them.
    "CREATE TABLE event (id TEXT PRIMARY KEY NOT NULL, at BIGINT NOT NULL)",
    "CREATE TABLE reread (
        what    TEXT PRIMARY KEY NOT NULL,  -- a userid after 'user ', or 'departments'
        due     BIGINT NOT NULL,
        looks   BIGINT NOT NULL DEFAULT 0,  -- how often it was seen that they left
        deleted BIGINT NOT NULL DEFAULT 0   -- 1: WeCom said that they are deleted
    )",
    "CREATE TABLE leaving (
        userid TEXT PRIMARY KEY NOT NULL,
        at     BIGINT NOT NULL,
        why    TEXT NOT NULL,               -- disabled, left, deleted
        step   TEXT NOT NULL                -- held, locked
    )",
    "CREATE TABLE note (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)",
];

const PUSH: &[&str] = &[
    // What replicas tell each other for those who listen. Rows live for minutes.
    "CREATE TABLE notice (
        id     TEXT PRIMARY KEY NOT NULL,
        at     BIGINT NOT NULL,
        origin TEXT NOT NULL,               -- the replica that has told its own listeners already
        userid TEXT NOT NULL,               -- whom it concerns; empty: everybody
        what   TEXT NOT NULL                -- 'session', 'directory', or an address after 'mail '
    )",
    "CREATE INDEX notice_at ON notice (at)",
    // Mailboxes of which the mail platform tells when there is new mail.
    "CREATE TABLE push_mailbox (address TEXT PRIMARY KEY NOT NULL, at BIGINT NOT NULL)",
    "CREATE INDEX member_address ON member (address)",
];

const REMIND: &[&str] = &[
    "CREATE TABLE reminder (userid TEXT PRIMARY KEY NOT NULL, body TEXT NOT NULL)",
    // Mails that a member was told of in WeCom: nothing of what stands in them.
    "CREATE TABLE card (
        id      TEXT PRIMARY KEY NOT NULL,
        userid  TEXT NOT NULL,
        mailbox TEXT NOT NULL,
        sent_at BIGINT NOT NULL,            -- the mail's date
        hash    TEXT NOT NULL,              -- of mailbox, sender and subject
        created BIGINT NOT NULL,
        told    BIGINT NOT NULL,            -- when; 0: waits to be told of with others; negative: with them, when
        UNIQUE (mailbox, sent_at, hash)
    )",
    "CREATE INDEX card_told ON card (told, userid)",
    "CREATE INDEX card_userid ON card (userid, told)",
    "CREATE INDEX card_created ON card (created)",
];

const POLICY: &[&str] = &[
    // What the app on a device says of itself.
    "ALTER TABLE session ADD COLUMN policy TEXT NOT NULL DEFAULT ''", // the revision that it has
    "ALTER TABLE session ADD COLUMN doctor TEXT NOT NULL DEFAULT ''", // JSON: findings; empty: it never said
    // Accounts of the mail platform that were opened for mail programs.
    "CREATE TABLE clients_allowed (address TEXT PRIMARY KEY NOT NULL, at BIGINT NOT NULL)",
];

const PROOFS: &[&str] = &[
    // Questions to WeCom whose an address is, as far as they count against a limit.
    "CREATE TABLE lookup (
        id     TEXT PRIMARY KEY NOT NULL,
        userid TEXT NOT NULL,               -- who said that the address is theirs
        at     BIGINT NOT NULL,
        missed BIGINT NOT NULL              -- 0: WeCom named somebody, 1: nobody, 2: not answered yet
    )",
    "CREATE INDEX lookup_at ON lookup (at)",
    // Codes that were mailed, as far as they count against a limit.
    "CREATE TABLE mailing (
        id      TEXT PRIMARY KEY NOT NULL,
        userid  TEXT NOT NULL,
        address TEXT NOT NULL,
        at      BIGINT NOT NULL
    )",
    "CREATE INDEX mailing_at ON mailing (at)",
    // The newest of a member, until it is brought or over.
    "CREATE TABLE mailed_code (
        userid  TEXT PRIMARY KEY NOT NULL,
        address TEXT NOT NULL,              -- where it was mailed to, lower case
        seal    TEXT NOT NULL,              -- by a key of master.key: digits alone would be guessed from a hash
        mailed  BIGINT NOT NULL,
        tries   BIGINT NOT NULL DEFAULT 0
    )",
    // What members ask of the admin.
    "CREATE TABLE address_request (
        userid  TEXT PRIMARY KEY NOT NULL,
        address TEXT NOT NULL,              -- lower case
        at      BIGINT NOT NULL,
        refused BIGINT NOT NULL DEFAULT 0   -- 1: the admin said no
    )",
];

/// How long connections may take to end.
const CLOSING: Duration = Duration::from_secs(2);

/// What a call of the database gives.
pub type Result<T, E = sqlx::Error> = std::result::Result<T, E>;

/// Whether PostgreSQL can hold it: its TEXT knows no NUL. Asked of what strangers send.
pub(crate) fn is_text(text: &str) -> bool {
    !text.contains('\0')
}

/// What each connection is told first.
const SQLITE: &[&str] = &[
    "PRAGMA journal_mode = WAL",
    // A power cut may take the last moments: a token that is newer than the row is still known to be ours by its seal.
    "PRAGMA synchronous = NORMAL",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA foreign_keys = ON",
];
const POSTGRES: &[&str] = &[
    // A replica whose machine is gone must not hold its rows until the network gives it up, which takes hours.
    "SET idle_in_transaction_session_timeout = 3000",
    "SET statement_timeout = 5000",
];

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pub(crate) pool: AnyPool,
    begin: &'static str,
}

/// What SQLite's transactions begin with: what reads and then writes must have the right to write from the beginning.
const BEGIN_SQLITE: &str = "BEGIN IMMEDIATE";

fn options(config: &Config) -> anyhow::Result<AnyConnectOptions> {
    let text = &config.database.url;
    if let Some(path) = text.strip_prefix("sqlite:") {
        let path = config.folder.join(Path::new(path.trim_start_matches("//")));
        let url = format!("sqlite://{}?mode=rwc", path.display());
        return AnyConnectOptions::from_str(&url).context("database.url");
    }
    let mut url = Url::parse(text).context("database.url")?;
    if let Some(password) = &config.database.password {
        let password = password.read(&config.folder).context("database.password")?;
        // A URL takes `%41` as it stands and is read as `A`.
        url.set_password(Some(&password.expose_secret().replace('%', "%25")))
            .map_err(|()| anyhow::anyhow!("database.url takes no password"))?;
    }
    AnyConnectOptions::from_str(url.as_str()).context("database.url")
}

impl Db {
    /// Opens (and for SQLite creates) it, and brings its schema to the newest.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        sqlx::any::install_default_drivers();
        let sqlite = config.database.url.starts_with("sqlite:");
        let pool = AnyPoolOptions::new()
            .max_connections(if sqlite { 4 } else { 16 })
            .acquire_timeout(Duration::from_secs(5))
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    for statement in if sqlite { SQLITE } else { POSTGRES } {
                        sqlx::query(*statement).execute(&mut *connection).await?;
                    }
                    Ok(())
                })
            })
            .connect_with(options(config)?)
            .await
            .with_context(|| format!("open the database {}", config.database.url))?;
        let db = Self {
            pool,
            begin: if sqlite { BEGIN_SQLITE } else { "BEGIN" },
        };
        if let Err(error) = db.migrate().await {
            db.close().await;
            return Err(error.context("bring the database's schema to the newest"));
        }
        Ok(db)
    }

    /// Whether other replicas may share it.
    pub fn is_shared(&self) -> bool {
        self.begin != BEGIN_SQLITE
    }

    /// A transaction that may write.
    pub async fn begin(&self) -> Result<Transaction<'static, Any>> {
        self.pool.begin_with(self.begin).await
    }

    /// Ends all connections. A process must not end before: SQLite's threads would still use what the C library takes
    /// down, and of some hundred processes one died of that.
    pub async fn close(&self) {
        if tokio::time::timeout(CLOSING, self.pool.close()).await.is_err() {
            tracing::warn!(target: "bridge", "some connections to the database did not end in time");
        }
    }

    /// Whether it answers.
    pub async fn is_there(&self) -> bool {
        sqlx::query("SELECT 1").execute(&self.pool).await.is_ok()
    }

    async fn migrate(&self) -> anyhow::Result<()> {
        let mut transaction = self.begin().await?;
        // Replicas that start together: one of them goes first.
        if self.is_shared() {
            for statement in [
                "SET LOCAL statement_timeout = 0",
                "SELECT pg_advisory_xact_lock(7391048)",
            ] {
                sqlx::query(statement).execute(&mut *transaction).await?;
            }
        }
        sqlx::query("CREATE TABLE IF NOT EXISTS schema_step (step BIGINT PRIMARY KEY NOT NULL)")
            .execute(&mut *transaction)
            .await?;
        let (done,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM schema_step")
            .fetch_one(&mut *transaction)
            .await?;
        let done = usize::try_from(done).unwrap_or(usize::MAX);
        anyhow::ensure!(
            done <= STEPS.len(),
            "the database was written by a newer qiyou-bridge: install that one again"
        );
        for (at, step) in STEPS.iter().enumerate().skip(done) {
            for statement in *step {
                sqlx::query(*statement).execute(&mut *transaction).await?;
            }
            sqlx::query("INSERT INTO schema_step (step) VALUES ($1)")
                .bind(i64::try_from(at).unwrap_or(i64::MAX))
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
