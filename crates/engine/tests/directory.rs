//! The enterprise directory: taken in part by part, and found beside one's own people.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    reason = "what a test did not expect ends it"
)]

mod story;

use qiyou_api::*;
use qiyou_bridge_api::{Department, DirectoryPart, NoAddress, Person as Colleague};
use qiyou_engine::{Applied, Engine};
use qiyou_store::Durability;
use qiyou_testkit::imap_sim::Quirks;
use story::{Story, ZHANGSAN, mail, sim};

const SURNAMES: [&str; 10] = ["张", "李", "王", "曾", "单", "欧阳", "陈", "吕", "赵", "孙"];
const GIVEN: [&str; 20] = [
    "三", "四", "五", "六", "七", "八", "九", "小明", "小三", "小四", "小五", "国强", "晓东", "志远", "建军", "海燕",
    "文静", "子涵", "一鸣", "大伟",
];

fn department(id: i64, name: &str, parent: i64) -> Department {
    Department {
        id,
        name: name.into(),
        parent,
        order: 0,
    }
}

/// 总部 with 华东 and 华北, each with 销售部 and 财务部 of five groups.
fn departments() -> Vec<Department> {
    let mut all = vec![
        department(1, "示例集团", 0),
        department(2, "华东", 1),
        department(3, "华北", 1),
    ];
    for (region, at) in [(2, 10), (3, 20)] {
        all.push(department(at, "销售部", region));
        all.push(department(at + 1, "财务部", region));
        for n in 0..5 {
            all.push(department(at * 10 + n, &format!("{}组", n + 1), at));
        }
    }
    all
}

/// A thousand, over the twelve groups and departments.
fn colleagues() -> Vec<Colleague> {
    let places = [10, 11, 20, 21, 100, 101, 102, 103, 200, 201, 202, 203];
    (0..1000_usize)
        .map(|n| Colleague {
            id: format!("user{n}"),
            name: format!("{}{}", SURNAMES[n % 10], GIVEN[n / 10 % 20]),
            address: (n % 50 != 49).then(|| format!("user{n}@example.cn")),
            no_address: (n % 50 == 49).then_some(NoAddress::Ambiguous),
            departments: vec![places[n % 12]],
            title: ["工程师", "经理", "主管"][n % 3].into(),
            phone: format!("1380000{n:04}"),
            ..Colleague::default()
        })
        .collect()
}

fn whole() -> DirectoryPart {
    DirectoryPart {
        revision: 7,
        whole: true,
        departments: departments(),
        people: colleagues(),
        ..DirectoryPart::default()
    }
}

async fn complete(engine: &Engine, query: &str, most: u32) -> Vec<Person> {
    let query = query.into();
    engine.complete(CompleteParams { query, most }).await.unwrap()
}

async fn addresses(engine: &Engine, query: &str) -> Vec<String> {
    let found = complete(engine, query, 8).await;
    found.into_iter().map(|person| person.address).collect()
}

fn unit(person: &Person) -> &str {
    person.colleague.as_ref().unwrap().path.last().unwrap()
}

async fn wrote_to(engine: &Engine, address: &str) {
    let people = [Address {
        name: String::new(),
        address: address.into(),
    }];
    let now = 1_795_750_000;
    let write = move |tx: &qiyou_store::Transaction<'_>| qiyou_store::people::wrote_to(tx, &people, now);
    engine.store().write(Durability::Normal, write).await.unwrap();
    engine.rest();
}

#[tokio::test]
async fn whom_one_writes_to_comes_first_then_who_is_near_then_how_it_is_typed() {
    let story = Story::begin().await;
    let engine = &story.engine;
    assert_eq!(engine.directory_revision().await.unwrap(), 0);
    let applied = engine.directory_apply(whole(), true).await.unwrap();
    assert_eq!(applied, Applied::Whole { revision: 7 });
    assert_eq!(engine.directory_revision().await.unwrap(), 7);

    // Nobody signed in: how it is typed decides. 张三 has the numbers 0, 200, 400 and so on.
    let found = complete(engine, "zhangsan", 8).await;
    assert_eq!(found.len(), 5, "{found:?}");
    assert!(found.iter().all(|person| person.name == "张三"));
    for typed in ["zs", "zhangs", "张三", "张s", "zhsan"] {
        assert!(
            complete(engine, typed, 8)
                .await
                .iter()
                .any(|person| person.name == "张三"),
            "{typed}"
        );
    }

    // 单四 (number 14) of 华北's 销售部 signed in.
    let me = colleagues().into_iter().find(|person| person.id == "user14").unwrap();
    assert_eq!((me.name.as_str(), me.departments[0]), ("单四", 20));
    engine.directory_own("user14").await.unwrap();
    // One letter that hundreds begin with: those of one's own department and of its groups first.
    let found = complete(engine, "z", 20).await;
    let units: Vec<&str> = found.iter().map(unit).collect();
    assert_eq!(found.len(), 20);
    assert!(
        units.iter().all(|unit| *unit == "销售部" || unit.ends_with('组')),
        "{units:?}"
    );
    assert!(
        found
            .iter()
            .all(|person| person.colleague.as_ref().unwrap().path[1] == "华北"),
        "{found:?}"
    );
    assert_eq!(units[0], "销售部");

    // Whoever is written to stands before all of them, by the name that the enterprise knows.
    let far = colleagues().into_iter().find(|person| person.id == "user600").unwrap();
    assert_eq!((far.name.as_str(), far.departments[0]), ("张三", 10));
    wrote_to(engine, "User600@example.cn").await;
    for typed in ["z", "zs", "zhangsan", "张", "user600"] {
        let found = complete(engine, typed, 8).await;
        assert_eq!(found[0].address.to_lowercase(), "user600@example.cn", "{typed}");
        assert_eq!(found[0].name, "张三", "{typed}");
        assert_eq!(found[0].colleague.as_ref().unwrap().userid, "user600");
        let rows = found
            .iter()
            .filter(|person| person.address.to_lowercase() == "user600@example.cn");
        assert_eq!(rows.count(), 1, "{typed}");
    }
    // A stranger who is written to comes first, too, and is no colleague.
    wrote_to(engine, "zhangsan@elsewhere.example").await;
    let found = complete(engine, "zhangsan", 8).await;
    let first: Vec<bool> = found.iter().take(2).map(|person| person.colleague.is_some()).collect();
    assert!(
        first.contains(&true) && first.contains(&false) && found.len() > 2,
        "{found:?}"
    );
    // A surname has its own reading first.
    let found = complete(engine, "zengs", 8).await;
    assert!(found.iter().all(|person| person.name.starts_with('曾')) && !found.is_empty());
    // An address goes on behind its @.
    assert_eq!(addresses(engine, "user33@exam").await, ["user33@example.cn"]);
    assert_eq!(addresses(engine, "user33@other").await, [] as [&str; 0]);
    assert_eq!(addresses(engine, "user33x").await, [] as [&str; 0]);
}

#[tokio::test]
async fn who_has_no_address_is_shown_with_the_reason_and_behind_the_others() {
    let story = Story::begin().await;
    let engine = &story.engine;
    engine.directory_apply(whole(), true).await.unwrap();
    // 孙 has every number that ends in 9, and no address every fiftieth.
    let found = complete(engine, "sun", 50).await;
    assert_eq!(found.len(), 50);
    let greyed: Vec<&Person> = found.iter().filter(|person| person.address.is_empty()).collect();
    assert!(greyed.is_empty(), "there are enough who can be chosen");
    let named = colleagues().into_iter().find(|person| person.id == "user49").unwrap();
    let found = complete(engine, &named.name, 2).await;
    assert_eq!(found.len(), 2);
    let last = &found[1];
    assert_eq!(last.name, named.name);
    assert_eq!(
        last.colleague.as_ref().unwrap().unreachable,
        Some(Unreachable::Ambiguous)
    );
    assert_eq!(last.address, "");
    let card = engine
        .directory_person(DirectoryPersonParams {
            userid: "user49".into(),
            ..DirectoryPersonParams::default()
        })
        .await
        .unwrap()
        .unwrap();
    assert_eq!((card.unreachable, card.mails), (Some(Unreachable::Ambiguous), 0));
}

#[tokio::test]
async fn departments_and_titles_are_found_and_a_department_is_its_people() {
    let story = Story::begin().await;
    let engine = &story.engine;
    engine.directory_apply(whole(), true).await.unwrap();
    engine.directory_own("user14").await.unwrap();
    for typed in ["财务部", "caiwu", "cwb", "财务"] {
        let found = complete(engine, typed, 8).await;
        let offers: Vec<&DepartmentOffer> = found.iter().filter_map(|person| person.department.as_ref()).collect();
        assert_eq!(offers.len(), 2, "{typed}: {found:?}");
        assert_eq!(offers[0].path, ["示例集团", "华北", "财务部"], "the near one first");
        assert_eq!(found[0].name, "财务部");
        assert!(!offers[0].more);
        let people = engine.directory_department(offers[0].id).await.unwrap();
        assert_eq!(people.people.len(), usize::try_from(offers[0].count).unwrap());
        assert!(people.people.len() > 50 && people.people.iter().all(|person| !person.address.is_empty()));
        // Its people stand behind it.
        assert!(found.len() > 3, "{typed}");
        assert!(
            found
                .iter()
                .filter(|person| person.department.is_none())
                .all(|person| unit(person) == "财务部")
        );
    }
    // More than are written to at once.
    let found = complete(engine, "华东", 8).await;
    let east = found.iter().find_map(|person| person.department.clone()).unwrap();
    assert!(east.more && east.count == 200, "{east:?}");
    let missing = engine.directory_department(77).await;
    assert_eq!(missing.unwrap_err().code, ErrorCode::NotFound);
    let found = complete(engine, "经理", 8).await;
    assert!(
        found.len() == 8
            && found
                .iter()
                .all(|person| person.colleague.as_ref().unwrap().title == "经理")
    );
}

#[tokio::test]
async fn what_sounds_alike_is_found_where_somebody_wants_that() {
    let story = Story::begin().await;
    let engine = &story.engine;
    engine.directory_apply(whole(), true).await.unwrap();
    assert!(
        complete(engine, "cengguoqian", 8)
            .await
            .iter()
            .all(|person| person.name != "陈国强")
    );
    assert_eq!(complete(engine, "zanxiaomin", 8).await, []);
    let mut settings = (*engine.settings()).clone();
    settings.writing.forgiving = true;
    engine.set_settings(settings).await.unwrap();
    assert!(
        complete(engine, "zanxiaomin", 8)
            .await
            .iter()
            .any(|person| person.name == "张小明")
    );
    assert!(
        complete(engine, "lvsan", 8).await[0].name == "吕三",
        "the exact one stays first"
    );
}

#[tokio::test]
async fn changes_are_found_at_once_and_a_broken_download_leaves_the_old() {
    let story = Story::begin().await;
    let engine = &story.engine;
    engine.directory_apply(whole(), true).await.unwrap();
    assert_eq!(complete(engine, "wangdawei", 8).await.len(), 5);
    let change = DirectoryPart {
        revision: 8,
        people: vec![Colleague {
            id: "new".into(),
            name: "万俟五".into(),
            address: Some("moqi@example.cn".into()),
            departments: vec![20],
            ..Colleague::default()
        }],
        people_gone: colleagues()
            .into_iter()
            .filter(|person| person.name == "王大伟")
            .map(|person| person.id)
            .collect(),
        ..DirectoryPart::default()
    };
    engine.directory_apply(change, true).await.unwrap();
    assert_eq!(addresses(engine, "moqi").await, ["moqi@example.cn"]);
    assert_eq!(complete(engine, "wangdawei", 8).await, []);
    let begun = DirectoryPart {
        more: Some("next".into()),
        ..whole()
    };
    assert_eq!(engine.directory_apply(begun, true).await.unwrap(), Applied::Partly);
    assert_eq!(engine.directory_revision().await.unwrap(), 8);
    assert_eq!(addresses(engine, "moqi").await, ["moqi@example.cn"]);
    let much = DirectoryPart {
        people_gone: vec![String::new(); qiyou_engine::PART_MOST + 1],
        ..DirectoryPart::default()
    };
    assert_eq!(
        engine.directory_apply(much, true).await.unwrap_err().code,
        ErrorCode::TooLarge
    );
    engine.directory_clear().await.unwrap();
    assert_eq!(engine.directory_revision().await.unwrap(), 0);
    assert_eq!(complete(engine, "zhang", 8).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_says_where_somebody_works_and_counts_the_mails_with_them() {
    let server = sim(Quirks::exchange());
    for n in 0..3 {
        server.deliver("INBOX", &mail(n, "hello", "hello"));
    }
    let mut story = Story::begin().await;
    story.imap_account(ZHANGSAN, server.port()).await;
    let inbox = story.folder(Role::Inbox).await.id;
    story.counts(inbox, 3).await;
    let engine = &story.engine;
    engine
        .directory_apply(
            DirectoryPart {
                people: vec![Colleague {
                    id: "lisi".into(),
                    name: "李四".into(),
                    alias: "小李".into(),
                    address: Some("LiSi@huadong-tech.example".into()),
                    departments: vec![100, 21, 999],
                    title: "会计".into(),
                    phone: "13800000000".into(),
                    ..Colleague::default()
                }],
                ..whole()
            },
            true,
        )
        .await
        .unwrap();
    let card = engine
        .directory_person(DirectoryPersonParams {
            address: "lisi@Huadong-tech.example".into(),
            ..DirectoryPersonParams::default()
        })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        card,
        ColleagueCard {
            userid: "lisi".into(),
            name: "李四".into(),
            alias: "小李".into(),
            address: "lisi@huadong-tech.example".into(),
            unreachable: None,
            departments: vec![
                vec!["示例集团".into(), "华东".into(), "销售部".into(), "1组".into()],
                vec!["示例集团".into(), "华北".into(), "财务部".into()],
            ],
            title: "会计".into(),
            phone: "13800000000".into(),
            mails: 3,
        }
    );
    let stranger = DirectoryPersonParams {
        address: ZHANGSAN.into(),
        ..DirectoryPersonParams::default()
    };
    assert_eq!(engine.directory_person(stranger).await.unwrap(), None);
}
