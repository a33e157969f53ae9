use qiyou_bridge_api::{Device, Proof, SigninState};

use super::signins::{NewSignin, Step};
use super::*;
use crate::db::sessions::Ended;

pub(crate) async fn db(folder: &Path) -> Db {
    let text = crate::config::TEMPLATE;
    let config = Config::parse(text, folder.to_owned()).unwrap();
    Db::open(&config).await.unwrap()
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

#[tokio::test]
async fn a_database_is_made_once_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    begin(&db(folder.path()).await, "s1").await;
    let again = db(folder.path()).await;
    assert_eq!(again.signin("s1").await.unwrap().unwrap().device, device());
    sqlx::query("INSERT INTO schema_step (step) VALUES (99)")
        .execute(&again.pool)
        .await
        .unwrap();
    let config = Config::parse(crate::config::TEMPLATE, folder.path().to_owned()).unwrap();
    let error = format!("{:#}", Db::open(&config).await.err().unwrap());
    assert!(error.contains("newer qiyou-bridge"), "{error}");
}

#[tokio::test]
async fn each_step_of_a_sign_in_is_taken_once() {
    let folder = tempfile::tempdir().unwrap();
    let db = db(folder.path()).await;
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

#[tokio::test]
async fn no_secret_of_a_sign_in_stands_in_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let db = db(folder.path()).await;
    begin(&db, "s1").await;
    db.opened("s1", "the-cookie", "the-state", false).await.unwrap();
    scan(&db, "s1").await;
    db.confirmed("s1", "the-code", "135790", 1000).await.unwrap();
    drop(db);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for secret in ["s1-page", "s1-state", "the-cookie", "the-state", "the-code", "135790"] {
            assert!(memchr(&bytes, secret.as_bytes()).is_none(), "{secret}");
        }
    }
}

fn memchr(bytes: &[u8], text: &[u8]) -> Option<usize> {
    bytes.windows(text.len()).position(|window| window == text)
}

#[tokio::test]
async fn what_is_long_over_is_swept_away() {
    let folder = tempfile::tempdir().unwrap();
    let db = db(folder.path()).await;
    begin(&db, "s1").await;
    assert_eq!(db.sweep_signins(1000 + 3600).await.unwrap(), 0);
    assert_eq!(db.sweep_signins(1000 + 300 + 3600 + 1).await.unwrap(), 1);
    assert!(db.signin("s1").await.unwrap().is_none());
}

#[tokio::test]
async fn a_proven_address_stays_when_wecom_tells_none() {
    let folder = tempfile::tempdir().unwrap();
    let db = db(folder.path()).await;
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

#[tokio::test]
async fn a_session_is_ended_by_its_own_member_alone() {
    let folder = tempfile::tempdir().unwrap();
    let db = db(folder.path()).await;
    let mut transaction = db.begin().await.unwrap();
    for userid in ["zhangsan", "lisi"] {
        members::note(&mut transaction, userid, userid, 1, None, 1000)
            .await
            .unwrap();
        sessions::create(&mut transaction, &format!("{userid}-1"), userid, "key", &device(), 1000)
            .await
            .unwrap();
    }
    transaction.commit().await.unwrap();
    assert!(!db.end("lisi-1", Some("zhangsan"), Ended::Revoked, 2000).await.unwrap());
    assert!(db.end("lisi-1", Some("lisi"), Ended::Revoked, 2000).await.unwrap());
    assert!(!db.end("lisi-1", None, Ended::Revoked, 2000).await.unwrap());
    assert_eq!(db.sessions(None).await.unwrap().len(), 1);
    assert_eq!(db.sessions(Some("lisi")).await.unwrap().len(), 0);
    let session = db.session("zhangsan-1").await.unwrap().unwrap();
    assert!(db.rotate(&session, 1, 2, 1100).await.unwrap());
    assert!(!db.rotate(&session, 1, 2, 1100).await.unwrap());
}

#[tokio::test]
async fn of_several_replicas_one_holds_the_lease() {
    let folder = tempfile::tempdir().unwrap();
    let db = db(folder.path()).await;
    assert!(db.lease("sweep", "a", 1000, 60).await.unwrap());
    assert!(!db.lease("sweep", "b", 1059, 60).await.unwrap());
    assert!(db.lease("sweep", "a", 1059, 60).await.unwrap());
    assert!(!db.lease("sweep", "b", 1060, 60).await.unwrap());
    assert!(db.lease("sweep", "b", 1119, 60).await.unwrap());
}
