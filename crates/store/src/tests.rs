//! Stories about a store: what is written is there after a restart, counters never drift, a foreign file is refused.

#![allow(clippy::arithmetic_side_effects, reason = "numbers of a test are small")]

use qiyou_api::{AccountSettings, Address, CredentialKind, Filter, Role, Security, ServerSettings};

use super::*;
use crate::folders::ListedFolder;
use crate::mails::{By, NewMail, flag};

fn settings() -> AccountSettings {
    let server = |port| ServerSettings {
        host: "localhost".into(),
        port,
        security: Security::Tls,
        user: "zhangsan@huadong-tech.example".into(),
    };
    AccountSettings {
        provider: "custom".into(),
        imap: server(993),
        smtp: server(465),
        credential: CredentialKind::Password,
    }
}

fn listed(wire: &str, parts: &[&str], role: Role) -> ListedFolder {
    ListedFolder {
        wire: wire.into(),
        parts: parts.iter().map(|p| (*p).to_owned()).collect(),
        delimiter: "/".into(),
        role,
        owner: qiyou_api::Owner::Personal,
        selectable: true,
        subscribed: true,
    }
}

fn mail(uid: u32, date: i64, flags: u32) -> NewMail {
    NewMail {
        uid,
        date,
        size: 1000 + uid,
        flags,
        message_id: format!("{uid}@huadong-tech.example"),
        subject: format!("第 {uid} 封"),
        from: Address {
            name: "李四".into(),
            address: "lisi@huadong-tech.example".into(),
        },
        ..NewMail::default()
    }
}

struct House {
    store: Store,
    key: Key,
    home: tempfile::TempDir,
    account: i64,
    inbox: i64,
    archive: i64,
}

async fn house() -> House {
    let home = tempfile::tempdir().unwrap();
    let key = Key::new([7; 32]);
    let store = Store::open(home.path(), &key).unwrap();
    let (account, inbox, archive) = store
        .write(Durability::Full, |tx| {
            let account =
                accounts::insert(tx, "zhangsan@huadong-tech.example", "张三", "#0b746c", &settings())?.unwrap();
            folders::reconcile(
                tx,
                account,
                &[
                    listed("INBOX", &["INBOX"], Role::Inbox),
                    listed("&X1JoYw-", &["归档"], Role::Archive),
                ],
            )?;
            let id = |role| folders::by_role(tx, account, role).map(|f| f.unwrap().folder.id);
            Ok((account, id(Role::Inbox)?, id(Role::Archive)?))
        })
        .await
        .unwrap();
    House {
        store,
        key,
        home,
        account,
        inbox,
        archive,
    }
}

/// The counters that are kept, beside those that counting gives.
async fn counters(store: &Store, folder: i64) -> ((i64, i64), (i64, i64)) {
    store
        .read(move |conn| {
            let kept = conn.query_row("SELECT total, unread FROM folder WHERE id = ?1", [folder], |r| {
                Ok((r.get(0)?, r.get(1)?))
            })?;
            let counted = conn.query_row(
                "SELECT count(*), coalesce(sum(flags & 1 = 0), 0) FROM mail WHERE folder = ?1",
                [folder],
                |r| Ok((r.get(0)?, r.get(1)?)),
            )?;
            Ok((kept, counted))
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart_and_nothing_of_it_is_readable_on_disk() {
    let house = house().await;
    let (account, inbox) = (house.account, house.inbox);
    house
        .store
        .write(Durability::Normal, move |tx| {
            mails::insert(tx, account, inbox, &[mail(1, 100, 0), mail(2, 200, flag::SEEN)])
        })
        .await
        .unwrap();
    drop(house.store);
    for file in ["store.db", "store.db-wal"] {
        if let Ok(bytes) = std::fs::read(house.home.path().join(file)) {
            let needle = "lisi@huadong-tech.example".as_bytes();
            assert!(
                !bytes.windows(needle.len()).any(|window| window == needle),
                "{file} holds plain text"
            );
        }
    }
    let store = Store::open(house.home.path(), &house.key).unwrap();
    let rows = store
        .read(move |conn| mails::page(conn, &[inbox], Filter::All, By::Newest, 0, 10))
        .await
        .unwrap();
    assert_eq!(
        rows.iter().map(|r| r.subject.as_str()).collect::<Vec<_>>(),
        ["第 2 封", "第 1 封"]
    );
    assert_eq!(
        store
            .read(move |conn| mails::totals(conn, &[inbox], Filter::All))
            .await
            .unwrap(),
        (2, 1)
    );
}

#[tokio::test]
async fn a_wrong_key_a_foreign_file_and_a_newer_schema_are_told_apart() {
    let house = house().await;
    let path = house.home.path().to_owned();
    house
        .store
        .write(Durability::Full, |tx| Ok(tx.pragma_update(None, "user_version", 99)?))
        .await
        .unwrap();
    drop(house.store);
    assert!(matches!(Store::open(&path, &Key::new([8; 32])), Err(Error::Foreign)));
    assert!(matches!(
        Store::open(&path, &house.key),
        Err(Error::Newer { found: 99, .. })
    ));
    let other = tempfile::tempdir().unwrap();
    let plain = Connection::open(other.path().join("store.db")).unwrap();
    plain.execute_batch("CREATE TABLE t (a);").unwrap();
    assert!(matches!(Store::open(other.path(), &house.key), Err(Error::Foreign)));
}

#[tokio::test]
async fn a_damaged_file_of_bodies_is_set_aside_and_the_rest_goes_on() {
    let house = house().await;
    drop(house.store);
    // The threads close their files after the last handle is gone; the journal goes at the end of that.
    let closed = async {
        while house.home.path().join("bodies.db-wal").exists() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), closed)
        .await
        .unwrap();
    std::fs::write(house.home.path().join("bodies.db"), vec![0x5a; 8192]).unwrap();
    let store = Store::open(house.home.path(), &house.key).unwrap();
    assert!(house.home.path().join("bodies.damaged").exists());
    store
        .bodies(|tx| bodies::put(tx, 1, "text", "你好".as_bytes(), 5))
        .await
        .unwrap();
    store.check().await.unwrap();
}

#[tokio::test]
async fn counters_stay_right_through_insert_flags_move_renumber_and_removal() {
    let House {
        store,
        account,
        inbox,
        archive,
        ..
    } = house().await;
    store
        .write(Durability::Normal, move |tx| {
            let ids = mails::insert(
                tx,
                account,
                inbox,
                &(1..=20).map(|n| mail(n, i64::from(n), n % 2)).collect::<Vec<_>>(),
            )?;
            assert_eq!(mails::insert(tx, account, inbox, &[mail(5, 5, 0)])?, Vec::<i64>::new());
            mails::set_flags(tx, ids[0], 0, 1)?;
            mails::set_flags(tx, ids[1], flag::SEEN | flag::STARRED, 1)?;
            mails::relocate(tx, ids[2], archive, 0)?;
            mails::relocate(tx, ids[3], archive, 0)?;
            mails::remove(tx, &[ids[4], ids[5]])?;
            Ok(())
        })
        .await
        .unwrap();
    for folder in [inbox, archive] {
        let (kept, counted) = counters(&store, folder).await;
        assert_eq!(kept, counted);
    }
    let lost = store
        .write(Durability::Normal, move |tx| {
            // Half of the mails come back under the numbers of others.
            let known = mails::identities(tx, inbox)?;
            let pairs: Vec<_> = known
                .iter()
                .filter(|i| i.uid % 2 == 0)
                .map(|i| (i.mail, 30 - i.uid))
                .collect();
            mails::renumber(tx, inbox, &pairs)
        })
        .await
        .unwrap();
    assert!(!lost.is_empty());
    let (kept, counted) = counters(&store, inbox).await;
    assert_eq!(kept, counted);
}

#[tokio::test]
async fn a_moved_mail_gets_its_uid_when_the_server_lists_it_and_is_not_doubled() {
    let House {
        store,
        account,
        inbox,
        archive,
        ..
    } = house().await;
    store
        .write(Durability::Full, move |tx| {
            let id = mails::insert(tx, account, inbox, &[mail(7, 70, 0)])?[0];
            mails::relocate(tx, id, archive, 0)?;
            let seen_there = NewMail {
                uid: 93,
                date: 71,
                ..mail(7, 70, 0)
            };
            assert!(mails::is_expecting(tx, archive)? && !mails::is_expecting(tx, inbox)?);
            assert_eq!(mails::adopt(tx, archive, &seen_there)?, Some(id));
            assert!(!mails::is_expecting(tx, archive)?);
            assert_eq!(mails::insert(tx, account, archive, &[seen_there])?, Vec::<i64>::new());
            assert_eq!(mails::get(tx, id)?.uid, 93);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_chain_of_moves_waits_for_the_uid_and_an_unsent_move_can_be_cancelled() {
    use operations::{Kind, Target};
    let House {
        store,
        account,
        inbox,
        archive,
        ..
    } = house().await;
    store
        .write(Durability::Full, move |tx| {
            let id = mails::insert(tx, account, inbox, &[mail(7, 70, 0)])?[0];
            let target = |uid| Target {
                mail: id,
                uid,
                size: 1007,
                date: 70,
                message_id: "7@huadong-tech.example".into(),
            };
            operations::push(tx, account, inbox, Kind::Move { to: archive }, &[target(7)], 1)?;
            mails::relocate(tx, id, archive, 0)?;
            assert_eq!(operations::leaving(tx, inbox)?, [7]);
            operations::push(
                tx,
                account,
                archive,
                Kind::Flags {
                    add: flag::SEEN,
                    remove: 0,
                },
                &[target(0)],
                2,
            )?;

            let first = operations::next(tx, account)?.unwrap();
            operations::moved(tx, id, archive, 41)?;
            operations::finish(tx, first.id, &[id])?;
            let second = operations::next(tx, account)?.unwrap();
            assert_eq!(second.targets[0].uid, 41);
            assert_eq!(operations::pending_flags(tx, archive)?.get(&41), Some(&(flag::SEEN, 0)));
            operations::finish(tx, second.id, &[id])?;

            operations::push(tx, account, archive, Kind::Move { to: inbox }, &[target(41)], 3)?;
            assert_eq!(operations::cancel_move(tx, id, archive, inbox)?, Some(41));
            assert_eq!(operations::count(tx)?, 0);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_failed_write_changes_nothing() {
    let House {
        store, account, inbox, ..
    } = house().await;
    let failed: Result<()> = store
        .write(Durability::Normal, move |tx| {
            mails::insert(tx, account, inbox, &[mail(1, 1, 0)])?;
            Err(Error::NotFound)
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(counters(&store, inbox).await, ((0, 0), (0, 0)));
}

#[tokio::test]
async fn bodies_come_back_whole_and_the_oldest_give_way() {
    let House { store, .. } = house().await;
    let big: Vec<u8> = (0..700_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let copy = big.clone();
    store
        .bodies(move |tx| {
            bodies::put(tx, 1, "html", &copy, 100)?;
            bodies::put(tx, 2, "html", &copy, 200)?;
            bodies::begin(tx, 3, "html", 300)?;
            Ok(())
        })
        .await
        .unwrap();
    let back = store
        .bodies(|tx| bodies::get(tx, 1, "html", usize::MAX, 150))
        .await
        .unwrap();
    assert!(back.as_deref() == Some(big.as_slice()));
    assert_eq!(
        store.bodies(|tx| bodies::get(tx, 3, "html", 10, 300)).await.unwrap(),
        None
    );
    assert_eq!(store.bodies(|tx| bodies::evict(tx, 700_000)).await.unwrap(), [1]);
    assert_eq!(store.bodies(|tx| bodies::total(tx)).await.unwrap(), 700_000);
}

#[tokio::test]
async fn a_list_over_two_folders_is_merged_and_a_mail_is_found_in_it() {
    let House {
        store,
        account,
        inbox,
        archive,
        ..
    } = house().await;
    let ids = store
        .write(Durability::Normal, move |tx| {
            let a = mails::insert(tx, account, inbox, &[mail(1, 10, 0), mail(2, 30, 1)])?;
            let b = mails::insert(tx, account, archive, &[mail(1, 20, 0), mail(2, 40, 4)])?;
            Ok([a, b].concat())
        })
        .await
        .unwrap();
    let (dates, third) = store
        .read(move |conn| {
            let page = mails::page(conn, &[inbox, archive], Filter::All, By::Newest, 1, 2)?;
            Ok((
                page.iter().map(|r| r.date).collect::<Vec<_>>(),
                mails::locate(conn, &[inbox, archive], Filter::All, By::Newest, ids[2])?,
            ))
        })
        .await
        .unwrap();
    assert_eq!(dates, [30, 20]);
    assert_eq!(third, Some(2));
}

#[tokio::test]
async fn a_full_disk_is_named_loses_nothing_and_is_over_when_there_is_room() {
    let House {
        store, account, inbox, ..
    } = house().await;
    store
        .write(Durability::Normal, move |tx| {
            mails::insert(tx, account, inbox, &[mail(1, 1, 0)])
        })
        .await
        .unwrap();
    let room = |pages: &'static str| {
        store.write(Durability::Normal, move |tx| {
            tx.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
            Ok(())
        })
    };
    // A file that may not grow is what a full disk looks like to the database.
    room("1").await.unwrap();
    let many: Vec<_> = (2..=2000).map(|n| mail(n, i64::from(n), 0)).collect();
    let more = many.clone();
    let refused = store
        .write(Durability::Full, move |tx| mails::insert(tx, account, inbox, &more))
        .await;
    assert!(matches!(refused, Err(Error::Full)), "{refused:?}");
    assert_eq!(counters(&store, inbox).await, ((1, 1), (1, 1)));
    room("1000000").await.unwrap();
    store
        .write(Durability::Full, move |tx| mails::insert(tx, account, inbox, &many))
        .await
        .unwrap();
    assert_eq!(counters(&store, inbox).await, ((2000, 2000), (2000, 2000)));
}

#[tokio::test]
async fn a_home_on_a_network_disk_has_no_shared_memory_and_loses_nothing() {
    let home = tempfile::tempdir().unwrap();
    let key = Key::new([7; 32]);
    let open = || Store::open_files(StoreFiles::of_home(home.path()), &key, false).unwrap();
    let store = open();
    let (account, inbox) = store
        .write(Durability::Full, |tx| {
            let account =
                accounts::insert(tx, "zhangsan@huadong-tech.example", "张三", "#0b746c", &settings())?.unwrap();
            let (folders, _) = folders::reconcile(tx, account, &[listed("INBOX", &["INBOX"], Role::Inbox)])?;
            Ok((account, folders[0]))
        })
        .await
        .unwrap();
    for n in 1..=50 {
        let writing = store.write(Durability::Normal, move |tx| {
            mails::insert(tx, account, inbox, &[mail(n, i64::from(n), 0)])
        });
        // Without shared memory readers and the writer wait for each other; none may fail.
        let reading = store.read(move |conn| mails::page(conn, &[inbox], Filter::All, By::Newest, 0, 10));
        let (written, read) = tokio::join!(writing, reading);
        written.unwrap();
        read.unwrap();
    }
    assert!(!home.path().join("store.db-shm").exists());
    drop(store);
    assert_eq!(counters(&open(), inbox).await, ((50, 50), (50, 50)));
}

#[tokio::test]
async fn a_store_of_an_older_schema_is_brought_to_the_newest_with_all_its_rows() {
    let House {
        store,
        key,
        home,
        account,
        inbox,
        ..
    } = house().await;
    store
        .write(Durability::Full, move |tx| {
            mails::insert(tx, account, inbox, &[mail(1, 1, 0)])?;
            // As the first version left it.
            tx.execute_batch(
                "DROP TABLE directory_piece; DROP TABLE directory_key; DROP TABLE directory_member; DROP TABLE directory_person;
                 DROP TABLE directory_title; DROP TABLE directory_department; DROP TABLE report; DROP TABLE template; DROP TABLE contact_member; DROP TABLE contact_group; DROP TABLE contact;
                 ALTER TABLE folder DROP COLUMN favourite; ALTER TABLE folder DROP COLUMN own_followed; ALTER TABLE account DROP COLUMN telling;
                 DROP TABLE person; DROP TABLE draft_copy; DROP TABLE draft_piece; DROP TABLE draft_file; DROP TABLE draft; DROP TABLE outbox_piece; DROP TABLE outbox;
                 ALTER TABLE account DROP COLUMN self_storing; ALTER TABLE account DROP COLUMN size_limit;",
            )?;
            Ok(tx.pragma_update(None, "user_version", 1)?)
        })
        .await
        .unwrap();
    drop(store);
    let store = Store::open(home.path(), &key).unwrap();
    let (account, folder) = store
        .read(move |conn| Ok((accounts::get(conn, account)?, folders::get(conn, inbox)?.folder)))
        .await
        .unwrap();
    assert_eq!(account.telling, qiyou_api::Telling::Bubble);
    assert!(!folder.favourite && folder.telling == qiyou_api::Telling::Bubble);
    assert_eq!(counters(&store, inbox).await, ((1, 1), (1, 1)));
    assert_eq!(store.read(|conn| outbox::list(conn, 10)).await.unwrap(), []);
    assert!(store.read(directory::is_empty).await.unwrap());
    assert_eq!(store.read(|conn| directory::revision(conn, 1)).await.unwrap(), 0);
}

#[tokio::test]
async fn folders_that_the_company_has_followed_are_given_back_as_they_were() {
    use qiyou_api::{Company, CompanyMember, CompanyState};
    use qiyou_bridge_api::Policy;

    let house = house().await;
    let (account, archive) = (house.account, house.archive);
    let company = crate::company::StoredCompany {
        company: Company {
            name: "示例公司".into(),
            bridge: "https://mail.example.cn/".into(),
            member: CompanyMember {
                domains: vec!["huadong-tech.example".into()],
                ..CompanyMember::default()
            },
            state: CompanyState::SignedIn,
            people: 0,
            policy: None,
        },
        signing_key: String::new(),
        refresh_token: None,
    };
    let follows = |wanted: &[&str]| Policy {
        revision: "r".into(),
        issued: 7,
        follow: wanted.iter().map(|each| (*each).to_owned()).collect(),
        ..Policy::default()
    };
    let of = async |policy: Option<Policy>| {
        house
            .store
            .write(Durability::Full, move |tx| {
                match policy {
                    Some(policy) => policy::set(tx, &policy)?,
                    None => policy::clear(tx)?,
                }
                let changed = policy::follow(tx, None)?;
                let folder = folders::get(tx, archive)?.folder;
                Ok((changed, folder.followed, folder.managed))
            })
            .await
            .unwrap()
    };
    // Of a mailbox that is none of the company's it has no say.
    let none = of(Some(follows(&["archive"]))).await;
    assert_eq!(none, (vec![], false, false));
    house
        .store
        .write(Durability::Full, move |tx| crate::company::set(tx, &company))
        .await
        .unwrap();
    assert_eq!(
        of(Some(follows(&["ARCHIVE", "项目/报价"]))).await,
        (vec![(account, archive)], true, true)
    );
    let shown = house.store.read(crate::company::get).await.unwrap().unwrap();
    assert_eq!(shown.company.policy.unwrap().folders, ["ARCHIVE", "项目/报价"]);
    assert_eq!(of(Some(follows(&["archive"]))).await, (vec![], true, true));
    assert_eq!(
        of(Some(follows(&["sent"]))).await,
        (vec![(account, archive)], false, false)
    );
    of(Some(follows(&["archive"]))).await;
    assert_eq!(of(None).await, (vec![(account, archive)], false, false));
    assert_eq!(
        house
            .store
            .read(crate::company::get)
            .await
            .unwrap()
            .unwrap()
            .company
            .policy,
        None
    );
}
