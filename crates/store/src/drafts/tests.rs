use super::*;
use crate::outbox::tests::House;
use crate::outbox::{self, Change, NewEntry, Section, Stage};

fn content(account: i64, subject: &str) -> DraftContent {
    DraftContent {
        account,
        subject: subject.into(),
        html: "<p>你好</p>".into(),
        ..DraftContent::default()
    }
}

/// A draft with one file of these bytes, and the mail that was made of it.
async fn sent(house: &House, file: &'static [u8], transfer: &'static str) -> (DraftId, DraftFileId, OutboxId) {
    let account = house.account;
    house
        .write(move |conn| {
            let draft = create(
                conn,
                &content(account, "周报"),
                &Origin::default(),
                "1@example.com",
                100,
            )?;
            let new = NewFile {
                draft,
                name: "a.bin".into(),
                mime_type: "application/octet-stream".into(),
                content_id: None,
                size: 1,
            };
            let number = begin_file(conn, &new)?;
            push_pieces(conn, number, 0, file)?;
            end_file(conn, number, Some(transfer))?;
            let mail = NewEntry {
                account,
                due: 110,
                sender: "zhangsan@example.com".into(),
                recipients: vec!["lisi@example.com".into()],
                message_id: "1@example.com".into(),
                subject: "周报".into(),
                date: 100,
                eight_bit: false,
                utf8: false,
                receipt: false,
            };
            let sections = [
                Section::Text(b"head\r\n"),
                Section::File(number),
                Section::Text(b"end\r\n"),
            ];
            let entry = outbox::push(conn, &mail, &sections, 1, 100)?;
            assert!(on_its_way(conn, draft, entry)?);
            Ok((draft, number, entry))
        })
        .await
}

async fn text(house: &House, entry: OutboxId) -> Vec<u8> {
    house
        .write(move |conn| {
            let mut out = Vec::new();
            for n in 0.. {
                match outbox::piece(conn, entry, n)? {
                    Some(piece) => out.extend(piece),
                    None => break,
                }
            }
            Ok(out)
        })
        .await
}

#[tokio::test]
async fn a_file_stands_in_the_mail_encoded_however_many_pieces_it_has() {
    let house = House::new().await;
    let bytes: &'static [u8] = (0..PIECE * 2 + 100)
        .map(|n| u8::try_from(n % 251).unwrap())
        .collect::<Vec<_>>()
        .leak();
    let (_, _, entry) = sent(&house, bytes, "base64").await;
    let text = String::from_utf8(text(&house, entry).await).unwrap();
    let inner = text.strip_prefix("head\r\n").unwrap().strip_suffix("end\r\n").unwrap();
    let lines: Vec<&str> = inner.split_terminator("\r\n").collect();
    assert!(lines[..lines.len() - 1].iter().all(|line| line.len() == 76));
    assert_eq!(STANDARD.decode(lines.concat()).unwrap(), bytes);
}

#[tokio::test]
async fn a_mail_in_a_mail_stands_as_it_is() {
    let house = House::new().await;
    let (_, _, entry) = sent(&house, b"Subject: x\r\n\r\nhi\r\n", "7bit").await;
    assert_eq!(text(&house, entry).await, b"head\r\nSubject: x\r\n\r\nhi\r\nend\r\n");
}

#[tokio::test]
async fn a_draft_on_its_way_cannot_be_changed_comes_back_and_goes_when_it_was_sent() {
    let house = House::new().await;
    let account = house.account;
    let (draft, number, entry) = sent(&house, b"x", "base64").await;
    house
        .write(move |conn| {
            assert!(!save(conn, draft, &content(account, "other"), 200)?);
            assert!(!discard(conn, draft, 200)?);
            assert!(!detach(conn, draft, number)?);
            assert!(list(conn)?.is_empty());
            assert_eq!(outbox::get(conn, entry)?.draft, Some(draft));
            // Taken back.
            assert!(outbox::remove(conn, entry, Stage::Waiting)?);
            let back = get(conn, draft)?;
            assert_eq!((back.entry, back.content.subject.as_str()), (None, "周报"));
            assert_eq!(bytes(conn, number, 10)?, b"x");
            assert!(save(conn, draft, &content(account, "other"), 200)?);
            assert_eq!(get(conn, draft)?.version, 2);
            Ok(())
        })
        .await;
    let (draft, _, entry) = sent(&house, b"x", "base64").await;
    house
        .write(move |conn| {
            assert!(outbox::advance(
                conn,
                entry,
                Stage::Waiting,
                Stage::Sent,
                &Change::default()
            )?);
            assert!(matches!(get(conn, draft), Err(Error::NotFound)));
            let left: i64 = conn.query_row("SELECT count(*) FROM draft_piece", [], |row| row.get(0))?;
            assert_eq!(left, 1, "the other draft's");
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn what_was_thrown_away_can_be_had_back_for_a_week() {
    let house = House::new().await;
    let account = house.account;
    house
        .write(move |conn| {
            let id = create(conn, &content(account, "a"), &Origin::default(), "1@example.com", 100)?;
            assert!(discard(conn, id, 1000)?);
            assert!(list(conn)?.is_empty());
            assert!(
                !save(conn, id, &content(account, "b"), 1001)?,
                "a late save brings nothing back"
            );
            assert!(discard(conn, id, 0)?);
            assert_eq!(list(conn)?.len(), 1);
            discard(conn, id, 1000)?;
            create(
                conn,
                &content(account, "b"),
                &Origin::default(),
                "2@example.com",
                1000 + KEPT + 1,
            )?;
            assert!(matches!(get(conn, id), Err(Error::NotFound)));
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_file_that_was_coming_when_the_program_died_did_not_come() {
    let house = House::new().await;
    let account = house.account;
    house
        .write(move |conn| {
            let draft = create(conn, &content(account, "a"), &Origin::default(), "1@example.com", 100)?;
            let new = NewFile {
                draft,
                name: "a".into(),
                mime_type: "a/b".into(),
                content_id: None,
                size: 5,
            };
            let file = begin_file(conn, &new)?;
            push_pieces(conn, file, 0, b"ab")?;
            recover_files(conn)?;
            assert_eq!(files(conn, draft)?[0].state, FileState::Failed);
            assert!(bytes(conn, file, 10)?.is_empty());
            Ok(())
        })
        .await;
}
