use std::collections::BTreeSet;
use std::fmt::Write as _;

use qiyou_bridge_api::{Card, Device, Proof, Reminders, SigninState};
use qiyou_testkit::postgres::{PASSWORD, Postgres};

use super::directory::{AccountRow, By, DepartmentRow, PersonRow};
use super::events::What;
use super::notices::Notice;
use super::signins::{NewSignin, Step};
use super::*;
use crate::db::sessions::Ended;
use crate::directory::{REVISION, WHOLE};
use crate::policy::publish;

/// Tells each story twice: on SQLite, and on PostgreSQL.
macro_rules! on_both_databases {
    ($($story:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $story() {
                super::$story(super::Place::sqlite()).await;
            })+
        }
        #[cfg(target_os = "linux")]
        mod on_postgres {
            $(#[tokio::test]
            async fn $story() {
                super::$story(super::Place::postgres().await).await;
            })+
        }
    };
}

on_both_databases![
    a_database_is_made_once_and_found_again,
    replicas_that_start_together_make_one_schema,
    each_step_of_a_sign_in_is_taken_once,
    of_many_who_redeem_at_once_one_makes_a_session_and_the_others_see_it,
    no_secret_of_a_sign_in_stands_in_the_database,
    what_is_long_over_is_swept_away,
    a_proven_address_stays_when_wecom_tells_none,
    a_session_is_ended_by_its_own_member_alone,
    of_many_who_refresh_at_once_one_moves_the_numbers,
    of_several_replicas_one_holds_the_lease,
    a_replica_goes_on_when_a_newer_one_adds_a_column,
    what_no_database_holds_is_not_there,
    the_directory_is_walked_by_revision_and_name,
    accounts_are_replaced_as_a_whole,
    what_is_to_be_read_again_stands_once,
    who_left_is_held_or_locked_once,
    every_table_is_known_to_hold_people_or_nobody,
    sessions_that_ended_are_forgotten_after_90_days_but_for_leavers,
    after_an_erasure_no_table_holds_them_and_all_others_are_still_there,
    a_policy_is_issued_later_than_all_before_also_when_it_held_once,
];

/// Where a database is.
struct Place {
    folder: tempfile::TempDir,
    postgres: Option<Postgres>,
}

impl Place {
    fn sqlite() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            postgres: None,
        }
    }

    async fn postgres() -> Self {
        Self {
            postgres: Some(Postgres::start().await.unwrap()),
            ..Self::sqlite()
        }
    }

    fn config(&self) -> Config {
        let mut config = Config::parse(crate::config::TEMPLATE, self.folder.path().to_owned()).unwrap();
        if let Some(postgres) = &self.postgres {
            config.database = password(self.folder.path(), PASSWORD);
            config.database.url = postgres.url();
        }
        config
    }

    /// One replica's way to it.
    async fn db(&self) -> Db {
        Db::open(&self.config()).await.unwrap()
    }

    /// Every byte that is kept, once nobody uses the database.
    async fn bytes(&self) -> Vec<u8> {
        let mut folders = vec![self.folder.path().to_owned()];
        if let Some(postgres) = &self.postgres {
            postgres.stop().await.unwrap();
            folders = ["base", "pg_wal"]
                .map(|part| postgres.root().join("data").join(part))
                .to_vec();
        }
        let mut bytes = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                } else {
                    bytes.extend(std::fs::read(entry.path()).unwrap());
                }
            }
        }
        bytes
    }
}

/// PostgreSQL's password in a file.
fn password(folder: &Path, text: &str) -> crate::config::Database {
    use std::os::unix::fs::PermissionsExt as _;
    let file = folder.join("database.password");
    std::fs::write(&file, text).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    crate::config::Database {
        password: Some(crate::config::secret::Secret::File(file)),
        ..Default::default()
    }
}

fn device() -> Device {
    Device {
        name: "DESKTOP-4F2K".into(),
        ..Device::default()
    }
}

async fn begin(db: &Db, id: &str) {
    let device = device();
    let new = NewSignin {
        id,
        page: &format!("{id}-page"),
        state: &format!("{id}-state"),
        jkt: "key",
        challenge: "challenge",
        device: &device,
        lang: "zh",
    };
    db.begin_signin(&new, 1000).await.unwrap();
}

async fn scan(db: &Db, id: &str) -> bool {
    let mut transaction = db.begin().await.unwrap();
    members::note(&mut transaction, "zhangsan", "张三", 1, None, 1000)
        .await
        .unwrap();
    let first = signins::scanned(&mut transaction, id, "zhangsan", "ticket", "cookie")
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    first
}

async fn sign_in(db: &Db, userid: &str, session: &str) {
    let mut transaction = db.begin().await.unwrap();
    members::note(&mut transaction, userid, userid, 1, None, 1000)
        .await
        .unwrap();
    sessions::create(&mut transaction, session, userid, "key", &device(), 1000)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}

async fn a_database_is_made_once_and_found_again(place: Place) {
    begin(&place.db().await, "s1").await;
    let again = place.db().await;
    assert_eq!(again.signin("s1").await.unwrap().unwrap().device, device());
    sqlx::query("INSERT INTO schema_step (step) VALUES (99)")
        .execute(&again.pool)
        .await
        .unwrap();
    let error = format!("{:#}", Db::open(&place.config()).await.err().unwrap());
    assert!(error.contains("newer qiyou-bridge"), "{error}");
}

async fn replicas_that_start_together_make_one_schema(place: Place) {
    let replicas = futures::future::join_all((0..4).map(|_| place.db())).await;
    begin(&replicas[0], "s1").await;
    assert!(replicas[3].signin("s1").await.unwrap().is_some());
}

async fn each_step_of_a_sign_in_is_taken_once(place: Place) {
    let db = place.db().await;
    begin(&db, "s1").await;
    assert!(db.opened("s1", "cookie", "state", false).await.unwrap());
    assert!(db.signin_of_state("s1-state").await.unwrap().is_none());
    assert!(!db.confirmed("s1", "code", "123456", 1000).await.unwrap());
    let many = futures::future::join_all((0..8).map(|_| scan(&db, "s1"))).await;
    assert_eq!(many.iter().filter(|first| **first).count(), 1);
    assert!(!db.opened("s1", "cookie2", "state2", false).await.unwrap());
    assert_eq!(
        db.signin_of_ticket("ticket").await.unwrap().unwrap().step,
        Step::Scanned
    );
    assert!(db.confirmed("s1", "code", "123456", 1010).await.unwrap());
    assert!(!db.confirmed("s1", "other", "000000", 1010).await.unwrap());
    assert!(!db.refused("s1").await.unwrap());
    let row = db.signin("s1").await.unwrap().unwrap();
    assert_eq!(row.state(1070), SigninState::Confirmed);
    assert_eq!(row.state(1071), SigninState::Over);
    let mut transaction = db.begin().await.unwrap();
    assert!(signins::redeemed(&mut transaction, "s1", "session").await.unwrap());
    assert!(!signins::redeemed(&mut transaction, "s1", "session2").await.unwrap());
    transaction.commit().await.unwrap();
}

async fn of_many_who_redeem_at_once_one_makes_a_session_and_the_others_see_it(place: Place) {
    let replicas = [place.db().await, place.db().await];
    begin(&replicas[0], "s1").await;
    assert!(scan(&replicas[0], "s1").await);
    assert!(replicas[0].confirmed("s1", "code", "123456", 1010).await.unwrap());
    let redeem = |at: usize| {
        let db = replicas[at % 2].clone();
        async move {
            let mut transaction = db.begin().await.unwrap();
            let row = signins::held(&mut transaction, "s1").await.unwrap().unwrap();
            if row.step == Step::Redeemed {
                return (row.session, false);
            }
            let session = format!("session-{at}");
            assert!(signins::redeemed(&mut transaction, "s1", &session).await.unwrap());
            sessions::create(&mut transaction, &session, &row.userid, "key", &device(), 1010)
                .await
                .unwrap();
            transaction.commit().await.unwrap();
            (session, true)
        }
    };
    let many = futures::future::join_all((0..8).map(redeem)).await;
    assert_eq!(many.iter().filter(|(_, made)| *made).count(), 1);
    assert!(many.iter().all(|(session, _)| *session == many[0].0), "{many:?}");
    assert_eq!(replicas[1].sessions(None).await.unwrap().len(), 1);
}

async fn no_secret_of_a_sign_in_stands_in_the_database(place: Place) {
    let db = place.db().await;
    begin(&db, "s1").await;
    db.opened("s1", "the-cookie", "the-state", false).await.unwrap();
    scan(&db, "s1").await;
    db.confirmed("s1", "the-code", "135790", 1000).await.unwrap();
    drop(db);
    let bytes = place.bytes().await;
    // It would be seen.
    assert!(memchr::memmem::find(&bytes, b"DESKTOP-4F2K").is_some());
    for secret in ["s1-page", "s1-state", "the-cookie", "the-state", "the-code", "135790"] {
        assert!(memchr::memmem::find(&bytes, secret.as_bytes()).is_none(), "{secret}");
    }
}

async fn what_is_long_over_is_swept_away(place: Place) {
    let db = place.db().await;
    begin(&db, "s1").await;
    assert_eq!(db.sweep_signins(1000 + 3600).await.unwrap(), 0);
    assert_eq!(db.sweep_signins(1000 + 300 + 3600 + 1).await.unwrap(), 1);
    assert!(db.signin("s1").await.unwrap().is_none());
}

async fn a_proven_address_stays_when_wecom_tells_none(place: Place) {
    let db = place.db().await;
    for (name, address) in [("张三", Some(("zhangsan@example.cn", Proof::Wecom))), ("", None)] {
        let mut transaction = db.begin().await.unwrap();
        members::note(&mut transaction, "zhangsan", name, 1, address, 1000)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }
    let row = db.member("zhangsan").await.unwrap().unwrap();
    assert_eq!(row.name, "张三");
    assert_eq!(row.address, Some(("zhangsan@example.cn".to_owned(), Proof::Wecom)));
    assert!(db.prove("zhangsan", "z3@example.cn", Proof::Admin).await.unwrap());
    assert!(!db.prove("nobody", "z3@example.cn", Proof::Admin).await.unwrap());
    assert_eq!(
        db.member("zhangsan").await.unwrap().unwrap().address.unwrap().1,
        Proof::Admin
    );
}

async fn a_session_is_ended_by_its_own_member_alone(place: Place) {
    let db = place.db().await;
    sign_in(&db, "zhangsan", "zhangsan-1").await;
    sign_in(&db, "lisi", "lisi-1").await;
    assert!(!db.end("lisi-1", Some("zhangsan"), Ended::Revoked, 2000).await.unwrap());
    assert!(db.end("lisi-1", Some("lisi"), Ended::Revoked, 2000).await.unwrap());
    assert!(!db.end("lisi-1", None, Ended::Revoked, 2000).await.unwrap());
    assert_eq!(db.sessions(None).await.unwrap().len(), 1);
    assert_eq!(db.sessions(Some("lisi")).await.unwrap().len(), 0);
    let session = db.session("zhangsan-1").await.unwrap().unwrap();
    assert!(db.rotate(&session, 1, 2, 1100).await.unwrap());
    assert!(!db.rotate(&session, 1, 2, 1100).await.unwrap());
}

async fn of_many_who_refresh_at_once_one_moves_the_numbers(place: Place) {
    let replicas = [place.db().await, place.db().await];
    sign_in(&replicas[0], "zhangsan", "z1").await;
    let session = replicas[1].session("z1").await.unwrap().unwrap();
    let rotate = |at: usize| {
        let (db, session) = (replicas[at % 2].clone(), session.clone());
        async move { db.rotate(&session, 1, 2, 1100).await.unwrap() }
    };
    let many = futures::future::join_all((0..8).map(rotate)).await;
    assert_eq!(many.iter().filter(|moved| **moved).count(), 1);
    // Nor does one bring an ended session back.
    let session = replicas[1].session("z1").await.unwrap().unwrap();
    let (moved, ended) = tokio::join!(
        replicas[0].rotate(&session, 2, 3, 1200),
        replicas[1].end("z1", None, Ended::Stolen, 1200)
    );
    moved.unwrap();
    assert!(ended.unwrap());
    assert_ne!(replicas[0].session("z1").await.unwrap().unwrap().ended, 0);
}

async fn of_several_replicas_one_holds_the_lease(place: Place) {
    let (a, b) = (place.db().await, place.db().await);
    assert!(a.lease("sweep", "a", 1000, 60).await.unwrap());
    assert!(!b.lease("sweep", "b", 1059, 60).await.unwrap());
    assert!(a.lease("sweep", "a", 1059, 60).await.unwrap());
    assert!(!b.lease("sweep", "b", 1060, 60).await.unwrap());
    assert!(b.lease("sweep", "b", 1119, 60).await.unwrap());
    for now in (2000..2600).step_by(60) {
        let all = (0..8).map(|at| {
            let (db, holder) = (if at % 2 == 0 { &a } else { &b }, format!("replica-{at}"));
            async move { db.lease("sweep", &holder, now, 60).await.unwrap() }
        });
        let taken = futures::future::join_all(all).await;
        assert_eq!(taken.iter().filter(|taken| **taken).count(), 1, "at {now}");
    }
}

async fn a_replica_goes_on_when_a_newer_one_adds_a_column(place: Place) {
    let (old, newer) = (place.db().await, place.db().await);
    begin(&old, "s1").await;
    sign_in(&old, "zhangsan", "z1").await;
    let works = || async {
        assert!(old.signin("s1").await.unwrap().is_some());
        assert!(old.signin_of_page("s1-page").await.unwrap().is_some());
        assert_eq!(old.sessions(None).await.unwrap().len(), 1);
        assert!(old.session("z1").await.unwrap().is_some());
        let mut transaction = old.begin().await.unwrap();
        assert!(signins::held(&mut transaction, "s1").await.unwrap().is_some());
    };
    works().await;
    for table in ["signin", "session", "member"] {
        let add = format!("ALTER TABLE {table} ADD COLUMN later TEXT NOT NULL DEFAULT ''");
        sqlx::query(sqlx::AssertSqlSafe(add))
            .execute(&newer.pool)
            .await
            .unwrap();
    }
    works().await;
}

async fn what_no_database_holds_is_not_there(place: Place) {
    let db = place.db().await;
    begin(&db, "s1").await;
    assert!(db.signin("s1\0").await.unwrap().is_none());
    assert!(!db.end("\0", None, Ended::Revoked, 2000).await.unwrap());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn rows_of_a_replica_that_is_gone_are_free_after_seconds() {
    let place = Place::postgres().await;
    let (gone, other) = (place.db().await, place.db().await);
    begin(&other, "s1").await;
    // Its machine lost its power in the middle of a transaction: nobody says that to the database.
    let mut lost = gone.begin().await.unwrap();
    signins::held(&mut lost, "s1").await.unwrap();
    let mut transaction = other.begin().await.unwrap();
    assert!(signins::held(&mut transaction, "s1").await.unwrap().is_some());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn postgres_lets_in_by_password_and_is_known_by_its_certificate() {
    let place = Place::postgres().await;
    let postgres = place.postgres.as_ref().unwrap();
    let verified = |authority: &Path| {
        let mut config = place.config();
        let (url, authority) = (postgres.url(), authority.display());
        config.database.url = format!("{url}?sslmode=verify-full&sslrootcert={authority}");
        config
    };
    let db = Db::open(&verified(&postgres.authority())).await.unwrap();
    assert!(db.is_there().await);
    let stranger = place.folder.path().join("stranger.pem");
    std::fs::write(&stranger, qiyou_testkit::tls::TestCa::new().unwrap().pem()).unwrap();
    let error = format!("{:#}", Db::open(&verified(&stranger)).await.err().unwrap());
    assert!(error.contains("certificate"), "{error}");

    let mut config = place.config();
    config.database = password(place.folder.path(), "wrong");
    config.database.url = postgres.url();
    let error = format!("{:#}", Db::open(&config).await.err().unwrap());
    assert!(error.contains("password authentication failed"), "{error}");
    postgres.stop().await.unwrap();
    let error = format!("{:#}", Db::open(&place.config()).await.err().unwrap());
    assert!(error.contains(&postgres.url()) && !error.contains("p@ss"), "{error}");
}

fn person(userid: &str, revision: i64, body: &str) -> PersonRow {
    PersonRow {
        userid: userid.into(),
        revision,
        body: body.into(),
        facts: "{}".into(),
        job: format!("job {userid}"),
        told: String::new(),
        address: Some((format!("{userid}@example.cn"), Proof::Key)),
    }
}

async fn the_directory_is_walked_by_revision_and_name(place: Place) {
    let db = place.db().await;
    let mut all: Vec<PersonRow> = (0..450).map(|at| person(&format!("p{at:03}"), 10, "{}")).collect();
    all.push(person("gone", 11, ""));
    db.write_people(&all).await.unwrap();
    assert_eq!(db.headcount().await.unwrap(), 450);
    assert_eq!(db.people().await.unwrap().len(), 451);
    assert_eq!(db.person("p007").await.unwrap(), Some(person("p007", 10, "{}")));
    assert_eq!(db.people_by(By::Job, "job p007").await.unwrap().len(), 1);
    assert_eq!(db.people_by(By::Address, "p007@example.cn").await.unwrap().len(), 1);
    let first = db.people_after(0, "", false, 400).await.unwrap();
    assert_eq!((first.len(), first[399].0.as_str()), (400, "p399"));
    let rest = db.people_after(10, "p399", false, 400).await.unwrap();
    assert_eq!(rest.len(), 50, "without who is gone");
    let changes = db.people_after(11, "", true, 400).await.unwrap();
    assert_eq!(changes, [("gone".to_owned(), 11, String::new())]);
    // Written again they are the same rows.
    db.write_people(&[person("p007", 12, "{}")]).await.unwrap();
    assert_eq!(db.people_after(12, "", true, 400).await.unwrap().len(), 1);
    db.forget_gone(100).await.unwrap();
    assert_eq!(db.people().await.unwrap().len(), 451, "who is named is only hidden");
    let department = DepartmentRow {
        id: 12,
        revision: 3,
        body: "{}".into(),
    };
    db.write_departments(std::slice::from_ref(&department)).await.unwrap();
    assert_eq!(db.departments().await.unwrap(), [department]);
    assert_eq!(db.departments_after(3, i64::MIN, true, 9).await.unwrap().len(), 1);
    assert_eq!(db.departments_after(3, 12, true, 9).await.unwrap().len(), 0);
}

async fn accounts_are_replaced_as_a_whole(place: Place) {
    let db = place.db().await;
    let account = |name: &str, job: &str| AccountRow {
        address: format!("{name}@example.cn"),
        job: job.into(),
        name: name.into(),
    };
    let sorted = |mut rows: Vec<AccountRow>| {
        rows.sort_by(|a, b| a.address.cmp(&b.address));
        rows
    };
    let first = [account("a", "1"), account("b", "2")];
    db.replace_accounts(&first).await.unwrap();
    assert_eq!(sorted(db.accounts().await.unwrap()), first);
    let second = [account("b", "3"), account("c", "3")];
    db.replace_accounts(&second).await.unwrap();
    assert_eq!(sorted(db.accounts().await.unwrap()), second);
    assert_eq!(db.accounts_of("3").await.unwrap().len(), 2);
    assert_eq!(db.accounts_of("1").await.unwrap(), []);
}

async fn what_is_to_be_read_again_stands_once(place: Place) {
    let db = place.db().await;
    let lisi = What::User("lisi".into());
    let tell = async |id: &str, deleted: bool, now: i64| {
        let mut transaction = db.begin().await.unwrap();
        let new = events::came(&mut transaction, id, now).await.unwrap();
        events::reread(&mut transaction, &lisi, deleted, now).await.unwrap();
        transaction.commit().await.unwrap();
        new
    };
    assert!(tell("one", true, 100).await);
    assert!(tell("one", false, 105).await, "perhaps another of the same second");
    assert!(!tell("one", false, 200).await);
    let due = db.due(200, 9).await.unwrap();
    assert_eq!(due.len(), 1);
    assert!(due[0].deleted, "what was said once stays said");
    assert_eq!(due[0].what, lisi);
    // Between the two looks nobody's callback brings the second one forward.
    db.later(&due[0], 220, 1).await.unwrap();
    tell("two", false, 210).await;
    assert_eq!(db.due(219, 9).await.unwrap(), []);
    let second = db.due(220, 9).await.unwrap();
    assert_eq!(second[0].looks, 1);
    // What came in while it was read is read again.
    db.was_read(&due[0]).await.unwrap();
    assert_eq!(db.due(220, 9).await.unwrap().len(), 1);
    db.was_read(&second[0]).await.unwrap();
    assert_eq!(db.due(9999, 9).await.unwrap(), []);
    db.sweep_events(100 + events::REMEMBERED + 1).await.unwrap();
    assert!(tell("one", false, 100 + events::REMEMBERED + 2).await);
}

async fn who_left_is_held_or_locked_once(place: Place) {
    let db = place.db().await;
    assert!(db.left("lisi", "left", false, 100).await.unwrap());
    assert!(!db.left("lisi", "left", false, 101).await.unwrap());
    assert!(db.left("lisi", "left", true, 102).await.unwrap());
    assert!(
        !db.left("lisi", "left", false, 103).await.unwrap(),
        "locked stays locked"
    );
    let all = db.leaving().await.unwrap();
    assert_eq!((all.len(), all[0].step.as_str(), all[0].at), (1, "locked", 100));
    assert_eq!(db.left_since(100).await.unwrap(), 1);
    assert!(db.came_back("lisi").await.unwrap());
    assert!(!db.came_back("lisi").await.unwrap());
}

async fn every_table_is_known_to_hold_people_or_nobody(place: Place) {
    let db = place.db().await;
    let query = if place.postgres.is_some() {
        "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = 'public'"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    };
    let found: Vec<(String,)> = sqlx::query_as(query).fetch_all(&db.pool).await.unwrap();
    let found: BTreeSet<&str> = found.iter().map(|(name,)| name.as_str()).collect();
    let known: BTreeSet<&str> = person::tables().chain(person::NOBODY.iter().copied()).collect();
    assert_eq!(found, known);
    assert!(person::tables().all(|table| !person::NOBODY.contains(&table)));
}

async fn a_policy_is_issued_later_than_all_before_also_when_it_held_once(place: Place) {
    let db = place.db().await;
    let mut config = place.config();
    let first = publish(&config, &db, 1000).await.unwrap();
    assert_eq!(first.issued, 1000);
    // A restart, or another replica, changes nothing.
    assert_eq!(publish(&config, &db, 2000).await.unwrap(), first);
    config.policy.follow.push("sent".into());
    // By a clock that is behind.
    let second = publish(&config, &db, 500).await.unwrap();
    assert!(second.issued == 1001 && second.revision != first.revision, "{second:?}");
    config.policy.follow.clear();
    let third = publish(&config, &db, 500).await.unwrap();
    assert_eq!((third.issued, &third.revision), (1002, &first.revision));
}

/// Somebody of whom every table holds something.
async fn settle_in(db: &Db, userid: &str, name: &str) {
    let address = format!("{userid}@example.cn");
    for step in [None, Some(Step::Redeemed)] {
        let sign_in = format!("{userid}-{}", step.is_some());
        db.begin_signin(
            &NewSignin {
                id: &sign_in,
                page: &sign_in,
                state: &sign_in,
                jkt: "jkt",
                challenge: "challenge",
                device: &Device::default(),
                lang: "zh",
            },
            1000,
        )
        .await
        .unwrap();
    }
    sqlx::query("UPDATE signin SET userid = $1, ticket = 'hash of a ticket' WHERE id = $2")
        .bind(userid)
        .bind(format!("{userid}-true"))
        .execute(&db.pool)
        .await
        .unwrap();
    let mut transaction = db.begin().await.unwrap();
    members::note(&mut transaction, userid, name, 1, Some((&address, Proof::Admin)), 1000)
        .await
        .unwrap();
    let device = Device {
        name: format!("PC of {name}"),
        ..Device::default()
    };
    sessions::create(
        &mut transaction,
        &format!("session-{userid}"),
        userid,
        "jkt",
        &device,
        1000,
    )
    .await
    .unwrap();
    transaction.commit().await.unwrap();
    db.write_people(&[PersonRow {
        userid: userid.into(),
        revision: 5,
        body: format!("{{\"id\":\"{userid}\",\"name\":\"{name}\"}}"),
        facts: format!("{{\"userid\":\"{userid}\",\"name\":\"{name}\"}}"),
        job: "E1".into(),
        told: format!("{userid}.told@example.cn"),
        address: Some((address.clone(), Proof::Wecom)),
    }])
    .await
    .unwrap();
    db.note_clients_allowed(&address, 1000).await.unwrap();
    db.ask_again(&What::User(userid.into()), 1000).await.unwrap();
    db.left(userid, "left", false, 1000).await.unwrap();
    let card = Card {
        mailbox: address.clone(),
        sent_at: 1000,
        hash: format!("hash of a mail to {userid}"),
    };
    db.add_card(userid, &card, true, 1000).await.unwrap();
    db.set_reminders(userid, &Reminders::default()).await.unwrap();
    db.set_pushed(&address, 1000).await.unwrap();
    let notice = Notice::Mail {
        userid: userid.into(),
        address: address.clone(),
    };
    db.tell(&notice, "", 1000).await.unwrap();
    db.begin_lookup(userid, 20, 1000).await.unwrap();
    db.begin_mailing(userid, &address, "hash of a code", 1000)
        .await
        .unwrap()
        .unwrap();
    db.ask_admin(userid, &address, 1000).await.unwrap();
}

/// All that stands in the database, as text.
async fn dumped(db: &Db) -> String {
    let mut all = String::new();
    for table in person::tables().chain(person::NOBODY.iter().copied()) {
        let query = sqlx::AssertSqlSafe(format!("SELECT * FROM {table}"));
        for row in sqlx::query(query).fetch_all(&db.pool).await.unwrap() {
            let _ = writeln!(all, "{table} {}", person::shown(&row).unwrap());
        }
    }
    all
}

async fn after_an_erasure_no_table_holds_them_and_all_others_are_still_there(place: Place) {
    let db = place.db().await;
    settle_in(&db, "zhangsan", "张三").await;
    settle_in(&db, "lisi", "李四").await;
    let account = |userid: &str| AccountRow {
        address: format!("{userid}@example.cn"),
        job: "E1".into(),
        // Who has the same name has another account.
        name: "同名".into(),
    };
    db.replace_accounts(&[account("zhangsan"), account("lisi")])
        .await
        .unwrap();
    db.set_note(REVISION, "5").await.unwrap();
    let held = db.held_of("zhangsan").await.unwrap();
    let tables: BTreeSet<&str> = held.keys().map(String::as_str).collect();
    assert_eq!(tables, person::tables().collect());
    let text = serde_json::Value::Object(held).to_string();
    assert!(
        text.contains("PC of 张三") && !text.contains("李四") && !text.contains("hash of"),
        "{text}"
    );
    let before = dumped(&db).await;
    assert!(before.contains("zhangsan") && before.contains("张三"), "{before}");

    db.erase("zhangsan", 1000).await.unwrap();
    let after = dumped(&db).await;
    for trace in ["zhangsan@", "zhangsan", "张三"] {
        // A sign-in that nobody took up has no member, and goes within the hour.
        let found = after.lines().filter(|line| !line.contains("zhangsan-false"));
        let found: Vec<&str> = found.filter(|line| line.contains(trace)).collect();
        assert!(found.is_empty(), "{trace}: {found:?}");
    }
    assert!(db.held_of("zhangsan").await.unwrap().is_empty());
    assert_eq!(db.held_of("lisi").await.unwrap().len(), person::tables().count());
    // Apps with that revision, or one before, get the whole directory.
    assert_eq!(
        (db.number(REVISION).await.unwrap(), db.number(WHOLE).await.unwrap()),
        (1000, 5)
    );
}

async fn sessions_that_ended_are_forgotten_after_90_days_but_for_leavers(place: Place) {
    let db = place.db().await;
    for userid in ["zhangsan", "lisi", "wangwu"] {
        settle_in(&db, userid, userid).await;
    }
    let is_there = async |userid: &str| db.session(&format!("session-{userid}")).await.unwrap().is_some();
    db.end("session-zhangsan", None, Ended::Revoked, 2000).await.unwrap();
    db.end("session-lisi", None, Ended::Left, 2000).await.unwrap();
    db.sweep_sessions(2000 + sessions::REMEMBERED).await.unwrap();
    assert!(is_there("zhangsan").await);
    db.sweep_sessions(2001 + sessions::REMEMBERED).await.unwrap();
    assert!(!is_there("zhangsan").await && is_there("lisi").await && is_there("wangwu").await);
}
