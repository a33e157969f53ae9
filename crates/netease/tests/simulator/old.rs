use std::path::Path;
use std::process::Command;

use qiyou_netease::old::{Company as OldCompany, Key, Old, Site};
use qiyou_netease::{Error, Kind, Lang};
use qiyou_testkit::netease::{Unit, browse};

use super::*;

fn openssl(arguments: &[&str], folder: &Path) -> String {
    let out = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// A private key that is thrown away, and its public half.
fn pair() -> (Key, String) {
    let folder = tempfile::tempdir().unwrap();
    openssl(&["genrsa", "-out", "key.pem", "1024"], folder.path());
    let private = std::fs::read_to_string(folder.path().join("key.pem")).unwrap();
    let public = openssl(&["rsa", "-in", "key.pem", "-pubout"], folder.path());
    (Key::read(&SecretString::from(private)).unwrap(), public)
}

fn company(sim: &NeteaseSim, key: Key, clock: i64) -> Old {
    let company = OldCompany {
        site: Site::At(Url::parse(sim.url()).unwrap()),
        domain: DOMAIN.to_owned(),
        product: "example_cn".to_owned(),
        key,
    };
    Old::with_clock(http(), company, Arc::new(move || clock))
}

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

#[tokio::test]
async fn signed_calls_are_answered_in_either_spelling() {
    let sim = NeteaseSim::start(DOMAIN, people()).await.unwrap();
    let (key, public) = pair();
    sim.lodge_key(&public).unwrap();
    let unit = |id: &str, parent: &str| Unit {
        id: id.into(),
        name: "研发部".into(),
        parent: parent.into(),
        rank: 1,
    };
    sim.set_units(vec![unit("236019", ""), unit("236012", "236019")]);
    let old = company(&sim, key, now());
    for numeric in [false, true] {
        sim.set_numeric_suc(numeric);
        let units = old.units().await.unwrap();
        assert_eq!((units.len(), units[1].parent.as_deref()), (2, Some("236019")));
        let account = old.account("zhangsan").await.unwrap().unwrap();
        assert_eq!(
            (account.nickname.as_str(), account.job_number.as_deref()),
            ("张三", Some("1007"))
        );
        assert_eq!(old.account("nobody").await.unwrap(), None);
        sim.change("lisi", |account| account.unread = 7);
        assert_eq!(old.unread("lisi").await.unwrap(), 7);
    }
}

#[tokio::test]
async fn accounts_are_listed_page_by_page_and_not_again_while_nothing_changed() {
    let accounts = (1..=7).map(|n| Account::new(&format!("wangwu{n}"), "王五")).collect();
    let sim = NeteaseSim::start(DOMAIN, accounts).await.unwrap();
    let (key, public) = pair();
    sim.lodge_key(&public).unwrap();
    sim.set_old_page(3);
    let old = company(&sim, key, now());
    let listing = old.accounts(None).await.unwrap();
    assert_eq!(listing.accounts.unwrap().len(), 7);
    assert_eq!(sim.count("old/unit/getAccountList"), 3);
    let same = old.accounts(listing.version).await.unwrap();
    assert_eq!((same.accounts, same.version), (None, listing.version));
    assert_eq!(sim.count("old/unit/getAccountList"), 4);
    sim.add(Account::new("lisi", "李四"));
    let more = old.accounts(listing.version).await.unwrap();
    assert_eq!(more.accounts.unwrap().len(), 8);
    assert_ne!(more.version, listing.version);
}

#[tokio::test]
async fn another_key_signs_for_nobody() {
    let sim = NeteaseSim::start(DOMAIN, people()).await.unwrap();
    let ((key, _), (_, public)) = (pair(), pair());
    sim.lodge_key(&public).unwrap();
    let old = company(&sim, key, now());
    let error = old.unread("zhangsan").await.unwrap_err();
    assert!(
        matches!(&error, Error::RefusedOld { marker, .. } if marker == "SIGN.INVALID"),
        "{error:?}"
    );
    assert_eq!(error.kind(), Kind::Other);
    let visit = browse(old.webmail("zhangsan", Lang::Chinese).unwrap().expose())
        .await
        .unwrap();
    assert_eq!(visit.status, 403);
}

#[tokio::test]
async fn the_old_sign_on_opens_the_mailbox_while_its_time_is_near() {
    let sim = NeteaseSim::start(DOMAIN, people()).await.unwrap();
    let (key, public) = pair();
    sim.lodge_key(&public).unwrap();
    let sign_on = company(&sim, key.clone(), now())
        .webmail("zhangsan@example.cn", Lang::English)
        .unwrap();
    let visit = browse(sign_on.expose()).await.unwrap();
    assert_eq!(visit.status, 200);
    assert!(visit.body.contains("zhangsan@example.cn"), "{}", visit.body);
    // Somebody else's name under this signature.
    let forged = sign_on.expose().replace("account_name=zhangsan", "account_name=lisi");
    assert_eq!(browse(&forged).await.unwrap().status, 403);
    let late = company(&sim, key, now() - 600_000)
        .webmail("zhangsan", Lang::English)
        .unwrap();
    assert_eq!(browse(late.expose()).await.unwrap().status, 403);
}
