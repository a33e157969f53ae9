//! The address book: kept, found, merged, read from files and written into them.
// The stage of these tests has Dovecot, which serves on Unix alone.
#![cfg(unix)]
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
use qiyou_engine::Engine;
use story::Story;

fn person(name: &str, email: &str) -> ContactSaveParams {
    ContactSaveParams {
        id: None,
        content: ContactContent {
            name: name.into(),
            emails: vec![email.into()],
            ..ContactContent::default()
        },
        groups: Vec::new(),
    }
}

async fn names(engine: &Engine, query: &str) -> Vec<String> {
    let params = ContactsListParams {
        query: query.into(),
        group: None,
    };
    let book = engine.contacts(params).await.unwrap();
    book.contacts.into_iter().map(|contact| contact.content.name).collect()
}

async fn completes(engine: &Engine, query: &str) -> Vec<Person> {
    let params = CompleteParams {
        query: query.into(),
        most: 10,
    };
    engine.complete(params).await.unwrap()
}

#[tokio::test]
async fn people_are_kept_found_put_into_groups_and_written_to() {
    let story = Story::begin().await;
    let engine = &story.engine;
    let group = engine
        .group_save(GroupSaveParams {
            id: None,
            name: " 验收组 ".into(),
        })
        .await
        .unwrap();
    assert_eq!(group.name, "验收组");
    let taken = engine
        .group_save(GroupSaveParams {
            id: None,
            name: "验收组".into(),
        })
        .await;
    assert_eq!(taken.unwrap_err().code, ErrorCode::GroupExists);
    let zhang = engine
        .contact_save(ContactSaveParams {
            groups: vec![group.id],
            ..person("张三\r\nBcc: x", "zhangsan@example.com")
        })
        .await
        .unwrap();
    assert_eq!(zhang.content.name, "张三 Bcc: x", "one line stays one");
    let zhang = engine
        .contact_save(ContactSaveParams {
            id: Some(zhang.id),
            groups: vec![group.id],
            ..person("张三", "zhangsan@example.com")
        })
        .await
        .unwrap();
    engine.contact_save(person("李四", "lisi@example.com")).await.unwrap();
    engine.contact_save(person("Anna", "anna@example.com")).await.unwrap();
    let nobody = engine.contact_save(person(" ", " ")).await;
    assert_eq!(nobody.unwrap_err().code, ErrorCode::EmptyContact);
    assert_eq!(names(engine, "").await, ["Anna", "李四", "张三"]);
    assert_eq!(names(engine, "lis").await, ["李四"]);
    assert_eq!(names(engine, "zhangsan@").await, ["张三"]);
    // Who stands in the book is completed, and a group is all its people.
    let found = completes(engine, "zs").await;
    assert_eq!((&*found[0].name, &*found[0].address), ("张三", "zhangsan@example.com"));
    let found = completes(engine, "yans").await;
    let member = Address {
        name: "张三".into(),
        address: "zhangsan@example.com".into(),
    };
    assert_eq!((&*found[0].name, &found[0].members), ("验收组", &vec![member]));
    // Removed, gone everywhere; had back, with its group.
    let change = engine.contacts_remove(vec![zhang.id]).await.unwrap();
    assert_eq!(names(engine, "").await, ["Anna", "李四"]);
    assert!(completes(engine, "zs").await.is_empty());
    engine.contacts_revert(change).await.unwrap();
    let found = engine
        .contact_of(ContactFindParams {
            address: "ZhangSan@example.com".into(),
        })
        .await
        .unwrap();
    assert_eq!(found, Some(zhang));
    engine.group_remove(group.id).await.unwrap();
    let book = engine.contacts(ContactsListParams::default()).await.unwrap();
    assert_eq!((book.total, book.groups.len()), (3, 0));
}

#[tokio::test]
async fn a_file_is_read_once_completed_and_taken_back() {
    let story = Story::begin().await;
    let engine = &story.engine;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("通讯录.csv");
    engine
        .contact_save(person("张三", "zhangsan@example.com"))
        .await
        .unwrap();
    std::fs::write(
        &path,
        "姓名,电子邮件地址,手机,公司,分组\n张三,ZHANGSAN@example.com,13800000000,示例,客户\n李四,lisi@example.com,,,客户\n,,,,\n无名,,,,\n",
    )
    .unwrap();
    let params = ContactsImportParams {
        path: path.to_str().unwrap().into(),
    };
    let got = engine.contacts_import(params.clone()).await.unwrap();
    assert_eq!((got.change.added.len(), got.change.before.len(), got.known), (2, 1, 0));
    let book = engine.contacts(ContactsListParams::default()).await.unwrap();
    let zhang = book
        .contacts
        .iter()
        .find(|contact| contact.content.name == "张三")
        .unwrap();
    assert_eq!(zhang.content.phones, ["13800000000"]);
    assert_eq!(zhang.content.emails, ["zhangsan@example.com"]);
    assert_eq!(zhang.groups, [book.groups[0].id]);
    // The same file again brings nobody twice.
    let again = engine.contacts_import(params.clone()).await.unwrap();
    assert_eq!(
        (again.change.added.len(), again.change.before.len(), again.known),
        (1, 0, 2),
        "one has no address"
    );
    // Written in every form and read by an empty book, it says the same.
    for format in [
        BookFormat::Vcard4,
        BookFormat::Vcard3,
        BookFormat::Vcard21,
        BookFormat::CsvOutlook,
        BookFormat::CsvFoxmail,
    ] {
        let out = dir.path().join("out");
        let export = ContactsExportParams {
            path: out.to_str().unwrap().into(),
            format,
            group: Some(book.groups[0].id),
        };
        assert_eq!(engine.contacts_export(export.clone()).await.unwrap(), 2);
        let other = Story::begin().await;
        other
            .engine
            .contacts_import(ContactsImportParams { path: export.path })
            .await
            .unwrap();
        assert_eq!(names(&other.engine, "").await, ["李四", "张三"], "{format:?}");
    }
    engine.contacts_revert(again.change).await.unwrap();
    engine.contacts_revert(got.change).await.unwrap();
    let book = engine.contacts(ContactsListParams::default()).await.unwrap();
    assert_eq!(book.contacts.len(), 1);
    assert!(book.contacts[0].content.phones.is_empty() && book.contacts[0].groups.is_empty());
    // Files that are none.
    std::fs::write(&path, "%PDF-1.7 nothing of the kind").unwrap();
    assert_eq!(
        engine.contacts_import(params).await.unwrap_err().code,
        ErrorCode::NotContacts
    );
    let gone = ContactsImportParams {
        path: "/nowhere/x.vcf".into(),
    };
    assert_eq!(
        engine.contacts_import(gone).await.unwrap_err().code,
        ErrorCode::FileNotReadable
    );
    let nowhere = ContactsExportParams {
        path: "/nowhere/x.vcf".into(),
        format: BookFormat::Vcard4,
        group: None,
    };
    assert_eq!(
        engine.contacts_export(nowhere).await.unwrap_err().code,
        ErrorCode::FileNotWritable
    );
}

#[tokio::test]
async fn those_who_stand_there_twice_become_one_and_two_again() {
    let story = Story::begin().await;
    let engine = &story.engine;
    let first = engine.contact_save(person("张三", "a@example.com")).await.unwrap();
    let second = engine.contact_save(person("张三", "b@example.com")).await.unwrap();
    engine.contact_save(person("李四", "c@example.com")).await.unwrap();
    let sets = engine.contacts_doubles().await.unwrap();
    assert_eq!(sets, [vec![first.clone(), second.clone()]]);
    let change = engine.contacts_merge(vec![first.id, second.id]).await.unwrap();
    let found = engine
        .contact_of(ContactFindParams {
            address: "b@example.com".into(),
        })
        .await
        .unwrap();
    assert_eq!(found.unwrap().content.emails, ["a@example.com", "b@example.com"]);
    assert!(engine.contacts_doubles().await.unwrap().is_empty());
    engine.contacts_revert(change).await.unwrap();
    assert_eq!(engine.contacts_doubles().await.unwrap(), [vec![first, second]]);
}
