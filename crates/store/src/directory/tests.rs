#![allow(clippy::arithmetic_side_effects, reason = "numbers of a test are small")]

use super::*;
use crate::{Durability, Store};
use qiyou_bridge_api::DirectoryPart;

/// Letters of the name and the local part, as plain as can be: how names are spelt is the business of others.
const PLAIN: Spelling = Spelling {
    making: 1,
    person: |person| {
        let local = person.address.iter().filter_map(|address| address.split('@').next());
        let texts = std::iter::once(person.name.as_str()).chain(local);
        texts.map(|text| key(0, text)).collect()
    },
    department: |name| vec![key(3, name)],
    title: |name| vec![key(6, name)],
};

fn key(kind: Kind, text: &str) -> Key {
    Key {
        kind,
        text: text.to_owned(),
    }
}

fn person(n: i64) -> Person {
    Person {
        id: format!("u{n}"),
        name: format!("person {n:05}"),
        address: (n % 10 != 9).then(|| format!("local{n}@example.cn")),
        no_address: (n % 10 == 9).then_some(NoAddress::Empty),
        departments: vec![n % 7 + 1, 100],
        title: format!("title {}", n % 3),
        ..Person::default()
    }
}

fn department(id: i64, parent: i64) -> Department {
    Department {
        id,
        name: format!("department {id}"),
        parent,
        order: 0,
    }
}

fn part(revision: i64, whole: bool, people: Vec<Person>) -> DirectoryPart {
    DirectoryPart {
        revision,
        whole,
        people,
        ..DirectoryPart::default()
    }
}

fn more(mut part: DirectoryPart) -> DirectoryPart {
    part.more = Some("next".into());
    part
}

fn house() -> (Store, tempfile::TempDir) {
    let home = tempfile::tempdir().unwrap();
    (Store::open(home.path(), &crate::Key::new([7; 32])).unwrap(), home)
}

async fn take(store: &Store, part: DirectoryPart, first: bool) -> Applied {
    store
        .write(Durability::Normal, move |tx| apply(tx, &part, first, &PLAIN))
        .await
        .unwrap()
}

async fn found(store: &Store, kind: Kind, from: &'static str) -> Vec<(String, i64)> {
    store
        .read(move |conn| {
            let mut all = Vec::new();
            let to = format!("{from}\u{10ffff}");
            scan(conn, kind, (from, &to), 1000, |text, owner, _| {
                all.push((text.to_owned(), owner));
            })?;
            Ok(all)
        })
        .await
        .unwrap()
}

async fn count(store: &Store, table: &'static str) -> i64 {
    store
        .read(move |conn| Ok(conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_whole_directory_is_seen_when_its_last_part_has_come() {
    let (store, _home) = house();
    let mut first = part(5, true, (0..30).map(person).collect());
    first.departments = (1..=7)
        .map(|id| department(id, 100))
        .chain([department(100, 0)])
        .collect();
    assert_eq!(take(&store, more(first), true).await, Applied::Partly);
    assert!(store.read(is_empty).await.unwrap());
    assert_eq!(found(&store, 0, "").await, []);
    let last = part(6, true, (30..50).map(person).collect());
    assert_eq!(take(&store, last, false).await, Applied::Whole { revision: 6 });
    assert_eq!(store.read(|conn| revision(conn, 1)).await.unwrap(), 6);
    assert_eq!(store.read(|conn| revision(conn, 2)).await.unwrap(), 0, "other keys");
    assert_eq!(count(&store, "directory_piece").await, 0);
    // Sorted, and each with its owner.
    let all = found(&store, 0, "person").await;
    assert_eq!(all.len(), 50);
    assert!(all.is_sorted());
    let (text, owner) = all[41].clone();
    let one = store
        .read(move |conn| super::person(conn, owner))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((one.person, text), (person(41), "person 00041".into()));
    let at = |address: &'static str| store.read(move |conn| person_at(conn, address));
    assert_eq!(at("local8@example.cn").await.unwrap().unwrap().person, person(8));
    assert_eq!(at("local9@example.cn").await.unwrap(), None);
    let nine = store.read(|conn| person_called(conn, "u9")).await.unwrap().unwrap();
    assert_eq!(nine.person.no_address, Some(NoAddress::Empty));
    // The tree.
    let names = store.read(|conn| path(conn, 3)).await.unwrap();
    assert_eq!(names, ["department 100", "department 3"]);
    assert_eq!(
        store.read(|conn| below(conn, 100, 50)).await.unwrap(),
        [100, 1, 2, 3, 4, 5, 6, 7]
    );
    assert_eq!(
        store.read(|conn| members(conn, 100, true, 100)).await.unwrap().len(),
        45
    );
    assert_eq!(
        store.read(|conn| members(conn, 100, false, 10)).await.unwrap().len(),
        10
    );
    assert_eq!(found(&store, 6, "title").await.len(), 3);
    let title = found(&store, 6, "title 1").await[0].1;
    assert_eq!(store.read(move |conn| titled(conn, title, 5)).await.unwrap().len(), 5);
}

#[tokio::test]
async fn changes_are_seen_at_once_and_what_is_gone_leaves_nothing() {
    let (store, _home) = house();
    let mut whole = part(1, true, (0..20).map(person).collect());
    whole.departments = vec![department(100, 0), department(1, 100)];
    take(&store, whole, true).await;
    let mut change = part(2, false, vec![]);
    change.people = vec![
        Person {
            name: "renamed".into(),
            address: Some("new@example.cn".into()),
            departments: vec![1],
            title: "title of one".into(),
            ..person(4)
        },
        person(20),
    ];
    change.people_gone = vec!["u5".into(), "nobody".into()];
    change.departments = vec![Department {
        name: "renamed department".into(),
        ..department(1, 100)
    }];
    assert_eq!(take(&store, change, true).await, Applied::Whole { revision: 2 });
    assert_eq!(found(&store, 0, "renamed").await.len(), 1);
    for gone in ["person 00004", "local4", "person 00005", "local5"] {
        assert!(
            !found(&store, 0, "").await.iter().any(|(text, _)| text == gone),
            "{gone}"
        );
    }
    assert_eq!(found(&store, 0, "person 00020").await.len(), 1);
    assert_eq!(found(&store, 3, "department 1").await.len(), 1, "100 alone");
    assert_eq!(found(&store, 3, "renamed d").await.len(), 1);
    assert_eq!(found(&store, 6, "title of").await.len(), 1);
    assert_eq!(count(&store, "directory_person").await, 20);
    // And all the way back to nothing.
    let mut end = part(3, false, vec![]);
    end.people_gone = (0..=20).map(|n| format!("u{n}")).collect();
    end.departments_gone = vec![1, 100];
    take(&store, end, true).await;
    for table in [
        "directory_person",
        "directory_key",
        "directory_member",
        "directory_title",
        "directory_department",
    ] {
        assert_eq!(count(&store, table).await, 0, "{table}");
    }
    assert_eq!(store.read(|conn| revision(conn, 1)).await.unwrap(), 3);
}

#[tokio::test]
async fn a_download_that_breaks_leaves_the_old_directory() {
    let (store, home) = house();
    take(&store, part(1, true, (0..5).map(person).collect()), true).await;
    take(&store, more(part(9, true, (100..140).map(person).collect())), true).await;
    // The program dies; the next asks anew.
    drop(store);
    let store = Store::open(home.path(), &crate::Key::new([7; 32])).unwrap();
    assert_eq!(store.read(|conn| revision(conn, 1)).await.unwrap(), 1);
    assert_eq!(found(&store, 0, "person").await.len(), 5);
    take(&store, more(part(10, true, (200..203).map(person).collect())), true).await;
    take(&store, part(10, true, (203..206).map(person).collect()), false).await;
    let all = found(&store, 0, "person").await;
    assert_eq!(all.len(), 6, "nothing of what was broken off: {all:?}");
    assert!(all[0].0 == "person 00200");
    // A person who stands in two parts is one.
    take(&store, more(part(11, true, vec![person(1), person(2)])), true).await;
    take(&store, part(11, true, vec![person(2), person(3)]), false).await;
    assert_eq!(count(&store, "directory_person").await, 3);
    store.write(Durability::Normal, |tx| clear(tx)).await.unwrap();
    assert_eq!(count(&store, "directory_key").await, 0);
    assert_eq!(store.read(|conn| revision(conn, 1)).await.unwrap(), 0);
}

#[tokio::test]
async fn keys_that_come_and_go_one_by_one_stay_sorted_and_whole() {
    let (store, _home) = house();
    // Many who are called alike, and many who are not: more than a row holds of either.
    let called = |n: i64| Person {
        name: if n % 3 == 0 {
            "same".into()
        } else {
            format!("name {:04}", n * 7919 % 1000)
        },
        address: None,
        ..person(n)
    };
    for some in [0..200, 200..350, 350..600] {
        take(&store, part(some.end, false, some.map(called).collect()), true).await;
    }
    assert!(count(&store, "directory_key").await > 5, "several rows");
    let all = found(&store, 0, "").await;
    assert_eq!(all.len(), 600);
    assert!(all.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    assert_eq!(found(&store, 0, "same").await.len(), 200);
    let mut gone = part(700, false, vec![]);
    gone.people_gone = (0..600).filter(|n| n % 2 == 0).map(|n| format!("u{n}")).collect();
    take(&store, gone, true).await;
    assert_eq!(found(&store, 0, "same").await.len(), 100);
    assert_eq!(found(&store, 0, "name").await.len(), 200);
    let one = format!("name {:04}", 7919 * 5 % 1000);
    assert!(found(&store, 0, "name").await.iter().any(|(text, _)| *text == one));
}

#[tokio::test]
async fn who_signed_in_is_remembered_and_whom_one_wrote_to_is_named() {
    let (store, _home) = house();
    let written = |address: &str| qiyou_api::Address {
        name: String::new(),
        address: address.into(),
    };
    let people = [written("Local3@example.cn"), written("stranger@example.com")];
    store
        .write(Durability::Normal, move |tx| {
            set_own(tx, "u1")?;
            crate::people::wrote_to(tx, &people, 1)
        })
        .await
        .unwrap();
    take(&store, part(1, true, (0..5).map(person).collect()), true).await;
    assert_eq!(store.read(own).await.unwrap(), "u1");
    let names = store.read(names_of_written).await.unwrap();
    assert_eq!(names, [("local3@example.cn".to_owned(), "person 00003".to_owned())]);
}

#[tokio::test]
async fn a_person_takes_little_of_the_disk() {
    let (store, home) = house();
    let before = std::fs::metadata(home.path().join("store.db")).unwrap().len();
    let all = 3000;
    for (at, first) in [(0, true), (1000, false), (2000, false)] {
        let some = part(1, true, (at..at + 1000).map(person).collect());
        let some = if at + 1000 < all { more(some) } else { some };
        take(&store, some, first).await;
    }
    let (pages, free): (i64, i64) = store
        .read(|conn| {
            let number = |name| conn.pragma_query_value(None, name, |row| row.get(0));
            Ok((number("page_count")?, number("freelist_count")?))
        })
        .await
        .unwrap();
    let used = (pages - free) * 4096 - i64::try_from(before).unwrap();
    let each = used / all;
    assert!((50..400).contains(&each), "{each} bytes");
}
