//! Servers that lie: bounded memory and time, no panic, one clear error, and where possible the session lives on.

use std::time::Duration;

use proptest::prelude::*;
use qiyou_imap::{Error, Limits, MailboxName, Search, SelectOptions, Session, UidSet, Unsolicited};
use qiyou_net::Stream;
use tokio::io::AsyncWriteExt;

use crate::common::{Script, TAG, client_id, zhangsan};

fn done() -> String {
    format!("{TAG} OK done\r\n")
}

#[tokio::test]
async fn a_literal_of_four_gigabytes_ends_the_session_at_once() {
    for announced in ["4294967296", "9999999999999999999", "18446744073709551615"] {
        let (session, _) = Script::signed_in("")
            .on("NOOP", &format!("* 1 FETCH (UID 1 BODY[] {{{announced}}}\r\nabc"))
            .open()
            .await;
        let failed = tokio::time::timeout(Duration::from_secs(5), session.unwrap().noop())
            .await
            .unwrap();
        assert!(matches!(failed, Err(Error::TooLarge)), "{announced}: {failed:?}");
    }
}

#[tokio::test]
async fn a_literal_above_the_limit_is_read_past_and_the_session_lives_on() {
    let big = "x".repeat(3 << 20);
    let (session, _) = Script::signed_in("")
        .on(
            "NOOP",
            &format!(
                "* 1 FETCH (UID 1 BODY[] {{{}}}\r\n{big} FLAGS (\\Seen))\r\n* 2 EXISTS\r\n{}",
                big.len(),
                done()
            ),
        )
        .on("NOOP", &format!("* 3 EXISTS\r\n{}", done()))
        .open()
        .await;
    let mut session = session.unwrap();
    assert_eq!(session.noop().await.unwrap(), [Unsolicited::Exists(2)]);
    assert_eq!(session.noop().await.unwrap(), [Unsolicited::Exists(3)]);
}

#[tokio::test]
async fn a_line_without_end_is_bounded() {
    let limits = Limits {
        max_skip: 1 << 20,
        ..Limits::default()
    };
    let (session, _) = Script::signed_in("")
        .on("NOOP", &format!("* OK {}", "endless ".repeat(1 << 18)))
        .open_with(limits)
        .await;
    let failed = tokio::time::timeout(Duration::from_secs(5), session.unwrap().noop())
        .await
        .unwrap();
    assert!(matches!(failed, Err(Error::TooLarge)), "{failed:?}");
}

#[tokio::test]
async fn a_long_line_is_read_past_but_a_long_search_is_taken() {
    let numbers: Vec<String> = (1_700_000_000_u32..1_700_060_000).map(|n| n.to_string()).collect();
    let (session, _) = Script::signed_in("")
        .on("NOOP", &format!("* OK {}\r\n{}", "long ".repeat(40_000), done()))
        .on(
            "UID SEARCH ALL",
            &format!("* SEARCH {}\r\n{}", numbers.join(" "), done()),
        )
        .open()
        .await;
    let mut session = session.unwrap();
    assert_eq!(session.noop().await.unwrap(), []);
    assert_eq!(session.uid_search(&Search::All).await.unwrap().len(), 60_000);
}

#[tokio::test]
async fn garbage_and_answers_to_nobody_are_dropped() {
    let (session, _) = Script::signed_in("")
        .on(
            "NOOP",
            &format!(
                "garbage after OK\r\n\r\nA9999 OK not yours\r\n* 1 EXISTS\r\n{}\u{0}\u{1}\u{2}\r\n",
                done()
            ),
        )
        .on(
            "NOOP",
            &format!(
                "* NONSENSE (((\r\n* 99999999999999999999 EXISTS\r\n* 5 EXPUNGE\r\n{}",
                done()
            ),
        )
        .open()
        .await;
    let mut session = session.unwrap();
    assert_eq!(session.noop().await.unwrap(), [Unsolicited::Exists(1)]);
    assert_eq!(session.noop().await.unwrap(), [Unsolicited::Expunge(5)]);
}

#[tokio::test]
async fn garbage_without_end_gives_the_server_up() {
    let (session, _) = Script::signed_in("")
        .on("NOOP", &"not imap\r\n".repeat(5000))
        .open()
        .await;
    let failed = session.unwrap().noop().await;
    assert!(
        matches!(failed, Err(Error::Io(std::io::ErrorKind::InvalidData))),
        "{failed:?}"
    );
}

#[tokio::test]
async fn a_bye_in_the_middle_is_told_in_its_words() {
    let (session, _) = Script::signed_in("")
        .on_cut(
            "UID FETCH",
            "* 1 FETCH (UID 1 FLAGS ())\r\n* BYE Autologout; idle for too long\r\n",
        )
        .open()
        .await;
    let mut session = session.unwrap();
    let failed = session.fetch_flags(&UidSet::range(1, 9), None).await;
    assert!(matches!(failed, Err(Error::Bye { text }) if text == "Autologout; idle for too long"));
    assert!(session.is_dead());
}

#[tokio::test]
async fn a_flood_of_unsolicited_answers_is_one_overflow() {
    let flood = (1..=30_000)
        .map(|n| format!("* {n} EXPUNGE\r\n"))
        .collect::<Vec<_>>()
        .concat();
    let (session, _) = Script::signed_in("")
        .on("NOOP", &format!("{flood}{}", done()))
        .open()
        .await;
    let news = session.unwrap().noop().await.unwrap();
    assert!(news.len() <= 10_000 && news.contains(&Unsolicited::Overflow));
}

#[tokio::test]
async fn a_flood_before_the_sign_in_is_bounded() {
    let flood = format!("* 1 FETCH (UID 1 BODY[] \"{}\")\r\n", "x".repeat(60_000)).repeat(600);
    let (session, _) = Script::new("* OK [CAPABILITY IMAP4rev1] ready\r\n")
        .on("LOGIN", &flood)
        .open()
        .await;
    assert!(matches!(session, Err(Error::TooLarge)));
}

#[tokio::test]
async fn nested_beyond_reason_is_a_row_without_structure() {
    let deep = format!("{}{}", "(".repeat(20_000), ")".repeat(20_000));
    let header = "Subject: deep\r\n\r\n";
    let (session, _) = Script::signed_in("")
        .on(
            "UID FETCH 1",
            &format!(
                "* 1 FETCH (UID 1 FLAGS () BODYSTRUCTURE {deep} BODY[HEADER.FIELDS (From To)] {{{}}}\r\n{header})\r\n{}",
                header.len(),
                done()
            ),
        )
        .on("NOOP", &done())
        .open()
        .await;
    let mut session = session.unwrap();
    let mut rows = Vec::new();
    session
        .fetch_rows(&UidSet::one(1), &mut |row| {
            rows.push(row);
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(
        (rows.len(), rows[0].structure.is_none(), rows[0].header.as_ref()),
        (1, true, header.as_bytes())
    );
    session.noop().await.unwrap();
}

#[tokio::test]
async fn uid_zero_and_foreign_uids_are_no_rows() {
    let (session, _) = Script::signed_in("")
        .on(
            "UID FETCH 5",
            &format!(
                "* 1 FETCH (UID 0 FLAGS () BODY[HEADER.FIELDS (From)] \"x\")\r\n\
                 * 2 FETCH (UID 77 FLAGS () BODY[HEADER.FIELDS (From)] \"x\")\r\n\
                 * 3 FETCH (UID 5 FLAGS () BODY[HEADER.FIELDS (From)] \"x\")\r\n\
                 * 3 FETCH (UID 5 FLAGS () BODY[HEADER.FIELDS (From)] \"again\")\r\n{}",
                done()
            ),
        )
        .open()
        .await;
    let mut uids = Vec::new();
    session
        .unwrap()
        .fetch_rows(&UidSet::one(5), &mut |row| {
            uids.push(row.uid);
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(uids, [5]);
}

#[tokio::test]
async fn a_server_that_fails_at_one_message_is_asked_around_it() {
    let row = |uid: u32| format!("* {uid} FETCH (UID {uid} FLAGS () BODY[HEADER.FIELDS (From)] \"h\")\r\n");
    let (session, lines) = Script::signed_in("")
        .on("UID FETCH 1:4 ", &format!("{}{TAG} NO internal error\r\n", row(1)))
        .on("UID FETCH 2:3 ", &format!("{}{TAG} NO internal error\r\n", row(2)))
        .on(
            "UID FETCH 3 (UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE",
            &format!("{TAG} BAD no\r\n"),
        )
        .on(
            "UID FETCH 3 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK",
            &format!("{}{}", row(3), done()),
        )
        .on("UID FETCH 4 ", &format!("{}{}", row(4), done()))
        .open()
        .await;
    let mut session = session.unwrap();
    let mut uids = Vec::new();
    session
        .fetch_rows(&UidSet::range(1, 4), &mut |row| {
            uids.push(row.uid);
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(uids, [1, 2, 3, 4]);
    drop(session);
    assert_eq!(lines.await.unwrap().len(), 6);
}

/// Commands and the answers to them.
type Steps = Vec<(String, Vec<u8>)>;

/// A body of 700 KB as servers of many manners send it: every way gives the same bytes.
#[tokio::test]
async fn a_body_arrives_whole_however_the_server_cuts_it() {
    let body: Vec<u8> = (0..700_000_u32)
        .map(|i| b"0123456789abcdef\r\n"[(i % 18) as usize])
        .collect();
    let piece = |from: usize, to: usize, origin: bool| {
        let data = &body[from.min(body.len())..to.min(body.len())];
        let origin = if origin { format!("<{from}>") } else { String::new() };
        let mut raw = format!("* 1 FETCH (UID 9 BODY[]{origin} {{{}}}\r\n", data.len()).into_bytes();
        raw.extend_from_slice(data);
        raw.extend_from_slice(format!(" FLAGS (\\Seen))\r\n{TAG} OK done\r\n").as_bytes());
        raw
    };
    let k = 262_144;
    let ask = |from: usize| {
        format!(
            "UID FETCH 9 (UID{} BODY.PEEK[]<{from}.{k}>)",
            if from == 0 { " RFC822.SIZE" } else { "" }
        )
    };
    let honest: Steps = vec![
        (ask(0), piece(0, k, true)),
        (ask(k), piece(k, 2 * k, true)),
        (ask(2 * k), piece(2 * k, 3 * k, true)),
        // No size was told, so a short piece is looked behind.
        (ask(700_000), piece(700_000, 800_000, true)),
    ];
    let ignores: Steps = vec![(ask(0), piece(0, 700_000, false))];
    let forgets: Steps = vec![(ask(0), piece(0, k, true)), (ask(k), piece(0, 700_000, false))];
    let short: Steps = vec![
        (ask(0), piece(0, 100_000, true)),
        (ask(100_000), piece(100_000, 100_000 + k, true)),
        (ask(100_000 + k), piece(100_000 + k, 100_000 + 2 * k, true)),
        (ask(100_000 + 2 * k), piece(100_000 + 2 * k, 800_000, true)),
        (
            ask(700_000),
            format!("* 1 FETCH (UID 9 BODY[]<700000> \"\")\r\n{}", done()).into_bytes(),
        ),
    ];
    for (name, steps) in [
        ("honest", honest),
        ("ignores", ignores),
        ("forgets", forgets),
        ("short", short),
    ] {
        let mut script = Script::signed_in("");
        for (command, answer) in steps {
            script = script.on_bytes(&command, answer);
        }
        let (session, _) = script.on("NOOP", &done()).open().await;
        let mut session = session.unwrap();
        let mut got = Vec::new();
        let mut largest = 0;
        let count = session
            .fetch_section(9, "", &mut |data| {
                largest = largest.max(data.len());
                got.extend_from_slice(&data);
                Ok(())
            })
            .await
            .unwrap_or_else(|e| panic!("{name}: {e:?}"));
        assert_eq!(count, 700_000, "{name}");
        assert!(got == body, "{name}: other bytes ({})", got.len());
        assert!(
            largest <= 128 << 10,
            "{name}: a piece of {largest} bytes was held at once"
        );
        session.noop().await.unwrap();
    }
}

#[tokio::test]
async fn a_message_that_is_gone_and_a_part_that_is_not_there_are_told_apart() {
    let (session, _) = Script::signed_in("")
        .on("UID FETCH 9 (UID BODY.PEEK[2]<0.", &done())
        .on(
            "UID FETCH 9 (UID BODY.PEEK[3]<0.",
            &format!("* 1 FETCH (UID 9 BODY[3]<0> NIL)\r\n{}", done()),
        )
        .on(
            "UID FETCH 9 (UID BODY.PEEK[4]<0.",
            &format!("* 1 FETCH (UID 9 BODY[4]<0> \"abc\")\r\n{}", done()),
        )
        .open()
        .await;
    let mut session = session.unwrap();
    assert!(matches!(
        session.fetch_section(9, "2", &mut |_| Ok(())).await,
        Err(Error::Gone)
    ));
    assert_eq!(session.fetch_section(9, "3", &mut |_| Ok(())).await.unwrap(), 0);
    let stopped = session
        .fetch_section_from(9, "4", 0, Some(3), &mut |_| Err(Error::Sink("full".into())))
        .await;
    assert!(matches!(stopped, Err(Error::Sink(_))));
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let limits = Limits {
        max_section: 1000,
        ..Limits::default()
    };
    let answer = format!(
        "* 1 FETCH (UID 9 BODY[4]<0> {{2000}}\r\n{})\r\n{}",
        "x".repeat(2000),
        done()
    );
    let (session, _) = Script::signed_in("")
        .on("UID FETCH", &answer)
        .on("NOOP", &done())
        .open_with(limits)
        .await;
    let mut session = session.unwrap();
    assert!(matches!(
        session.fetch_section(9, "4", &mut |_| Ok(())).await,
        Err(Error::BodyTooLarge)
    ));
    session.noop().await.unwrap();
}

async fn survive(answer: Vec<u8>) {
    let (client, mut server) = tokio::io::duplex(64 << 10);
    let limits = Limits {
        command_timeout: Duration::from_millis(500),
        answer_timeout: Duration::from_millis(500),
        max_skip: 100_000,
        ..Limits::default()
    };
    let feeding = tokio::spawn(async move {
        server
            .write_all(b"* OK [CAPABILITY IMAP4rev1] ready\r\nA0001 OK [CAPABILITY IMAP4rev1] in\r\n")
            .await
            .ok();
        server.write_all(&answer).await.ok();
        // Dropped here: the line is cut.
    });
    let opened = Session::over(Stream::from_io(client, true), &zhangsan(), &client_id(), &limits).await;
    if let Ok(mut session) = opened {
        let mut rows = 0_usize;
        let _ = session.select(&MailboxName::inbox(), SelectOptions::default()).await;
        let _ = session
            .fetch_rows(&UidSet::range(1, 100), &mut |_| {
                rows += 1;
                Ok(())
            })
            .await;
        let _ = session.fetch_section(1, "", &mut |_| Ok(())).await;
        let _ = session.list().await;
        let _ = session.noop().await;
        assert!(rows <= 100);
    }
    feeding.await.unwrap();
}

/// Bytes out of which IMAP answers are made, so that chance gets deep into the parsers.
fn answers() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(vec![
        "* ",
        "A0002 ",
        "A0003 ",
        "OK ",
        "NO ",
        "BAD ",
        "1 FETCH (",
        "UID 5",
        " FLAGS (",
        "\\Seen",
        ")",
        "(",
        " ",
        "\"",
        "{3}\r\nabc",
        "{70000}\r\n",
        "{5+}\r\n",
        "~{2}\r\nxy",
        "{99999999999}\r\n",
        "NIL",
        " BODY[",
        "] ",
        "<0>",
        "BODYSTRUCTURE ",
        "(\"TEXT\" \"PLAIN\" ",
        "STATUS \"INBOX\" (",
        "MESSAGES 3",
        "LIST (\\Noselect) \"/\" ",
        "ESEARCH ",
        "UID ALL 1:4294967295",
        "VANISHED (EARLIER) 1:*",
        "[UIDVALIDITY ",
        "[COPYUID 1 1:4294967295 1]",
        "\r\n",
        "\n",
        "\r",
        "+ ",
        "BYE ",
        "4294967296",
        "-1",
        "\\",
        "&",
        "\u{0}",
        "XLIST ",
        "NAMESPACE ((",
        "ID (",
    ])
    .prop_map(|w: &str| w.as_bytes().to_vec());
    let junk = prop::collection::vec(any::<u8>(), 0..20);
    prop::collection::vec(prop_oneof![8 => word, 1 => junk], 0..120).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn whatever_bytes_come_nothing_panics_and_everything_ends(answer in answers()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            tokio::time::timeout(Duration::from_secs(20), survive(answer)).await.expect("it ends");
        });
    }
}
