use qiyou_netease::{Error, Kind, Status};
use qiyou_testkit::netease::{Fault, Feed, Unit};

use super::*;

fn crowd(many: usize) -> Vec<Account> {
    (1..=many)
        .map(|n| Account::new(&format!("wangwu{n}"), "王五"))
        .collect()
}

#[tokio::test]
async fn accounts_of_all_pages_come_once() {
    let company = Company::start(crowd(120)).await;
    let accounts = company.netease.accounts().await.unwrap();
    assert_eq!(accounts.len(), 120);
    assert_eq!(accounts[119].address(), "wangwu120@example.cn");
    assert_eq!(company.sim.count("unit/getAccountList"), 3);
    let empty = Company::start(Vec::new()).await;
    assert!(empty.netease.accounts().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_server_that_does_not_turn_pages_gives_no_part_of_a_company() {
    let company = Company::start(crowd(120)).await;
    company.sim.set_pages_repeat(true);
    let error = company.netease.accounts().await.unwrap_err();
    assert!(matches!(error, Error::Answer { .. }), "{error:?}");
    assert_eq!(company.sim.count("unit/getAccountList"), 2);
}

#[tokio::test]
async fn an_account_is_described_with_its_departments_aliases_and_state() {
    let company = Company::start(people()).await;
    let unit = |id: &str, name: &str, parent: &str| Unit {
        id: id.to_owned(),
        name: name.to_owned(),
        parent: parent.to_owned(),
        rank: 1,
    };
    company
        .sim
        .set_units(vec![unit("236019", "研发部", ""), unit("236012", "后端组", "236019")]);
    let units = company.netease.units().await.unwrap();
    assert_eq!(
        (units[0].parent.as_deref(), units[1].parent.as_deref()),
        (None, Some("236019"))
    );
    assert_eq!((units[1].name.as_str(), units[1].rank), ("后端组", Some(1)));
    for name in ["zhangsan", "ZhangSan@Example.cn"] {
        let name = name.to_lowercase();
        let account = company.netease.account(&name).await.unwrap().unwrap();
        assert_eq!(
            (account.nickname.as_str(), account.job_number.as_deref()),
            ("张三", Some("1007"))
        );
        assert_eq!(
            (account.units, account.aliases),
            (vec!["236012".to_owned()], vec!["san@example.cn".to_owned()])
        );
        assert_eq!(account.status, Status::Normal);
    }
    assert_eq!(company.netease.aliases("zhangsan").await.unwrap(), ["san@example.cn"]);
    for (number, status) in [
        (1, Status::Disabled),
        (2, Status::Deleted),
        (4, Status::Left),
        (5, Status::HandingOver),
        (6, Status::HandedOver),
        (3, Status::Unknown),
    ] {
        company.sim.change("lisi", |account| account.status = number);
        assert_eq!(company.netease.account("lisi").await.unwrap().unwrap().status, status);
    }
}

#[tokio::test]
async fn who_has_no_account_has_none_and_other_refusals_stay_refusals() {
    let company = Company::start(people()).await;
    assert_eq!(company.netease.account("nobody").await.unwrap(), None);
    let asked = company.sim.count("account/getAccount");
    for elsewhere in ["zhangsan@example.org", "", "@example.cn", "zhang san"] {
        assert_eq!(company.netease.account(elsewhere).await.unwrap(), None, "{elsewhere}");
    }
    assert_eq!(
        company.sim.count("account/getAccount"),
        asked,
        "another company's address is not asked for"
    );
    company
        .sim
        .fail_next("account/getAccount", Fault::Code(-3, "UNIT.NOTEXIST no".into()));
    let error = company.netease.account("zhangsan").await.unwrap_err();
    assert_eq!((error.kind(), error.marker()), (Kind::Other, Some("UNIT.NOTEXIST")));
}

#[tokio::test]
async fn a_job_number_names_its_account_and_no_other() {
    let company = Company::start(people()).await;
    let found = company.netease.accounts_by_job_number("1007").await.unwrap();
    assert_eq!(
        found.iter().map(|account| account.name.as_str()).collect::<Vec<_>>(),
        ["zhangsan"]
    );
    assert!(company.netease.accounts_by_job_number("100").await.unwrap().is_empty());
    assert!(company.netease.accounts_by_job_number(" ").await.unwrap().is_empty());
    // A server that searches by parts of a number, and one that leaves the number out.
    let list = r#"{"code":0,"data":{"list":[{"accountName":"lisi","jobNumber":"10071"},{"accountName":"zhangsan"}]}}"#;
    let call = "account/getAccountListByNicknameAndJobNo";
    company.sim.fail_next(call, Fault::Body(list.to_owned()));
    let found = company.netease.accounts_by_job_number("1007").await.unwrap();
    assert_eq!(
        found.iter().map(|account| account.name.as_str()).collect::<Vec<_>>(),
        ["zhangsan"]
    );
}

#[tokio::test]
async fn changes_are_told_since_a_revision_whichever_way_the_feed_is_read() {
    for feed in [Feed::Since, Feed::At] {
        let company = Company::start(people()).await;
        company.sim.set_feed(feed);
        let start = company.netease.changes_since(0).await.unwrap();
        assert!(start.whole && start.changes.is_empty());
        let none = company.netease.changes_since(start.revision).await.unwrap();
        assert!(!none.whole && none.changes.is_empty());
        company.sim.add(Account::new("wangwu", "王五"));
        company.sim.set_units(Vec::new());
        company.sim.change("lisi", |account| account.status = 4);
        company.sim.remove("zhangsan");
        let changes = company.netease.changes_since(start.revision).await.unwrap();
        let told: Vec<_> = changes
            .changes
            .iter()
            .map(|change| (change.op.as_str(), change.name.as_deref().unwrap()))
            .collect();
        assert_eq!(
            told,
            [
                ("createAccount", "wangwu"),
                ("updateAccount", "lisi"),
                ("deleteAccount", "zhangsan")
            ],
            "{feed:?}"
        );
        assert_eq!(
            (changes.whole, changes.revision),
            (false, start.revision + 4),
            "{feed:?}"
        );
        assert_eq!(changes.changes[1].account.as_ref().unwrap().status, Status::Left);
        let after = company.netease.changes_since(changes.revision).await.unwrap();
        assert_eq!((after.whole, after.changes.len()), (false, 0));
        // A revision of the future: the count began anew.
        assert!(
            company
                .netease
                .changes_since(changes.revision + 100)
                .await
                .unwrap()
                .whole
        );
    }
}

#[tokio::test]
async fn changes_that_cannot_be_told_apart_are_everything() {
    let company = Company::start(people()).await;
    company.sim.change("lisi", |account| account.status = 4);
    let nameless = r#"{"code":0,"data":[{"op":"updateAccount","account":"lisi"}]}"#;
    company
        .sim
        .fail_next("address/getRevisionData", Fault::Body(nameless.to_owned()));
    assert!(company.netease.changes_since(1).await.unwrap().whole);
    company.sim.set_feed(Feed::At);
    for _ in 0..150 {
        company.sim.change("lisi", |account| account.unread = 1);
    }
    let asked = company.sim.count("address/getRevisionData");
    assert!(company.netease.changes_since(1).await.unwrap().whole);
    assert!(company.sim.count("address/getRevisionData") - asked <= 100);
}
