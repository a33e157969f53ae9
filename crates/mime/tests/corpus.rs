//! Mails from the tests of other parsers: everything is read, and what two readers agree on is right.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test"
)]

use std::path::{Path, PathBuf};

use mail_parser::MessageParser;

fn files() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "eml") {
                let name = path
                    .strip_prefix(env!("CARGO_MANIFEST_DIR"))
                    .unwrap()
                    .display()
                    .to_string();
                files.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn every_mail_is_read_and_shown() {
    let files = files();
    assert!(files.len() > 600, "{}", files.len());
    let cid = |id: &str| Some(format!("https://cid.invalid/{id}"));
    let options = qiyou_mime::Sanitise {
        picture: None,
        link: &|n| format!("https://link.invalid/{n}"),
        cid: &cid,
    };
    let mut empty = Vec::new();
    for (name, raw) in &files {
        let mail = qiyou_mime::parse(raw);
        for (at, part) in mail.parts.iter().enumerate() {
            let content = qiyou_mime::attachment(raw, at).unwrap();
            assert!(
                content.len().abs_diff(part.size) <= 2,
                "{name}: part {at} of {} bytes was announced with {}",
                content.len(),
                part.size
            );
        }
        assert!(
            qiyou_mime::preview(mail.text.as_deref(), mail.html.as_deref())
                .chars()
                .count()
                <= 160
        );
        let html = mail
            .html
            .clone()
            .unwrap_or_else(|| qiyou_mime::text_to_html(mail.text.as_deref().unwrap_or_default()));
        let safe = qiyou_mime::sanitise(&html, &options);
        assert!(!safe.cut, "{name}");
        if mail.text.as_deref().unwrap_or_default().trim().is_empty() && mail.html.is_none() && mail.parts.is_empty() {
            empty.push(name.clone());
        }
    }
    // Mails without a body exist; most mails are not such.
    assert!(
        empty.len() < files.len() / 15,
        "{} of {} are empty: {empty:#?}",
        empty.len(),
        files.len()
    );
}

/// mail-parser reads well-formed mail well: where its reading of a subject is free of damage, ours is the same.
#[test]
fn subjects_and_dates_are_as_mail_parser_reads_them() {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for (name, raw) in files() {
        let Some(theirs) = MessageParser::default().parse(&raw) else {
            continue;
        };
        let ours = qiyou_mime::summary(&raw);
        let fold = |text: &str| text.split_whitespace().collect::<String>();
        if let Some(subject) = theirs
            .subject()
            .filter(|s| !s.contains('\u{FFFD}') && !s.contains("=?") && !name.contains("synthetic-zh"))
        {
            compared += 1;
            if fold(subject) != fold(&ours.subject) && subject.chars().count() < 900 {
                wrong.push(format!("{name}\n  theirs {subject:?}\n  ours   {:?}", ours.subject));
            }
        }
        if let Some(date) = theirs.date().filter(|d| d.is_valid() && d.year > 1970) {
            compared += 1;
            if ours.date != Some(date.to_timestamp()) {
                wrong.push(format!("{name}\n  date: theirs {date} ours {:?}", ours.date));
            }
        }
    }
    assert!(compared > 800, "{compared}");
    assert!(
        wrong.len() <= compared / 100,
        "{} of {compared}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn reports_of_foreign_servers_are_read() {
    use qiyou_mime::{Outcome::*, Reason::*};
    let expected = [
        (
            "Webklex__php-imap/tests_messages_example_bounce.eml",
            "ding@ding.de",
            Failed,
            NoSuchUser,
        ),
        (
            "chatmail__core/test-data_message_dsn_relayed.eml",
            "anon_2@gmx.at",
            Delivered,
            Unknown,
        ),
        (
            "chatmail__core/test-data_message_gmail_ndn.eml",
            "assidhfaaspocwaeofi@gmail.com",
            Failed,
            NoSuchUser,
        ),
        (
            "chatmail__core/test-data_message_gmx_ndn.eml",
            "snaerituhaeirns@gmail.com",
            Failed,
            NoSuchUser,
        ),
        (
            "chatmail__core/test-data_message_ms_exchange_report_disposition_notification.eml",
            "bob@example.net",
            Read,
            Unknown,
        ),
        (
            "chatmail__core/test-data_message_ndn_with_attachment.eml",
            "bob@example.org",
            Failed,
            MailboxFull,
        ),
        (
            "chatmail__core/test-data_message_posteo_ndn.eml",
            "hanerthaertidiuea@gmx.de",
            Failed,
            NoSuchUser,
        ),
        (
            "chatmail__core/test-data_message_testrun_ndn.eml",
            "hcksocnsofoejx@five.chat",
            Failed,
            NoSuchUser,
        ),
        (
            "chatmail__core/test-data_message_testrun_ndn_2.eml",
            "bob@example.org",
            Failed,
            NoSuchDomain,
        ),
        (
            "chatmail__core/test-data_message_tiscali_ndn.eml",
            "shenauithz@testrun.org",
            Failed,
            NoSuchUser,
        ),
        (
            "chatmail__core/test-data_message_yahoo_ndn.eml",
            "haeclirth.sinoenrat@yahoo.com",
            Failed,
            NoSuchUser,
        ),
        (
            "jhillyerd__enmime/dsn_testdata_delayed_dsn.raw.eml",
            "thomas@de-montfort.ac.uk",
            Delayed,
            Unknown,
        ),
        (
            "jhillyerd__enmime/dsn_testdata_simple_dsn.raw.eml",
            "louisl@larry.slip.umd.edu",
            Failed,
            Unreachable,
        ),
    ];
    let mut found = 0;
    for (name, raw) in files() {
        // No mail of all these is too odd to be asked.
        let report = qiyou_mime::report(&raw);
        let Some((_, address, outcome, reason)) = expected.iter().find(|(file, ..)| name.ends_with(file)) else {
            continue;
        };
        found += 1;
        let fate = &report.unwrap_or_else(|| panic!("{name} is a report")).fates[0];
        assert_eq!(
            (fate.address.as_str(), fate.outcome, fate.reason),
            (*address, *outcome, *reason),
            "{name}"
        );
    }
    assert_eq!(found, expected.len());
}
