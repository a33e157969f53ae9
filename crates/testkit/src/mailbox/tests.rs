use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;

fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(
                    path.strip_prefix(dir).unwrap().to_owned(),
                    std::fs::read(&path).unwrap(),
                );
            }
        }
    }
    found
}

#[test]
fn the_same_options_make_the_same_mailbox() {
    let make = |seed| {
        let dir = tempfile::tempdir().unwrap();
        let made = generate(
            dir.path(),
            &Options {
                messages: 300,
                seed,
                ..Options::default()
            },
        )
        .unwrap();
        (files(dir.path()), made)
    };
    assert_eq!(make(1), make(1));
    assert_ne!(make(1).0, make(2).0);
}

#[test]
fn the_tree_is_one_that_dovecot_reads() {
    let dir = tempfile::tempdir().unwrap();
    let made = generate(
        dir.path(),
        &Options {
            messages: 2000,
            ..Options::default()
        },
    )
    .unwrap();
    assert_eq!(made.messages(), 2000);
    // 已发送 in modified UTF-7.
    for folder in ["cur", ".&XfJT0ZAB-/cur"] {
        assert!(
            std::fs::read_dir(dir.path().join(folder)).unwrap().count() > 50,
            "{folder}"
        );
    }
    let nested = format!(".{}.{}", crate::utf7::encode("项目"), crate::utf7::encode("上海二期"));
    assert!(dir.path().join(&nested).join("cur").is_dir());
    let subscriptions = std::fs::read_to_string(dir.path().join("subscriptions")).unwrap();
    assert!(subscriptions.lines().any(|line| format!(".{line}") == nested));
    let all = files(dir.path());
    let mails: Vec<_> = all
        .iter()
        .filter(|(path, _)| path.display().to_string().contains(":2,"))
        .collect();
    assert_eq!(mails.len(), 2000);
    for (path, content) in &mails {
        assert!(
            path.display().to_string().contains(&format!(",S={}:2,", content.len())),
            "{}",
            path.display()
        );
        assert!(!content.contains(&b'\r'));
    }
    let unseen = mails
        .iter()
        .filter(|(path, _)| !path.display().to_string().rsplit(":2,").next().unwrap().contains('S'))
        .count();
    assert_eq!(unseen, made.unseen);
    assert!((20..600).contains(&unseen), "{unseen}");
}

#[test]
fn all_charsets_and_shapes_occur() {
    let dir = tempfile::tempdir().unwrap();
    generate(
        dir.path(),
        &Options {
            messages: 1500,
            ..Options::default()
        },
    )
    .unwrap();
    let all: Vec<Vec<u8>> = files(dir.path()).into_values().collect();
    let count = |needle: &str| {
        all.iter()
            .filter(|mail| mail.windows(needle.len()).any(|window| window == needle.as_bytes()))
            .count()
    };
    for needle in [
        "=?utf-8?B?",
        "=?gb18030?B?",
        "=?gb2312?B?",
        "charset=\"gb2312\"\nContent-Transfer-Encoding: 8bit",
        "quoted-printable",
        "multipart/alternative",
        "multipart/related",
        "Content-ID:",
        "text/calendar",
        "filename*=",
        "List-Unsubscribe:",
        "In-Reply-To:",
        "Auto-Submitted: auto-generated",
        "message/delivery-status",
        "application/pdf",
        "spreadsheetml.sheet",
        "class=\"MsoNormal\"",
    ] {
        let mails = count(needle);
        // Bodies in base64 hide their words; what is looked for here stands in headers or in plain parts.
        assert!(mails >= 1, "no mail has {needle}");
    }
    assert!(count("In-Reply-To:") > 300);
}

#[test]
fn a_directory_in_use_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("mine"), "x").unwrap();
    assert!(generate(dir.path(), &Options::default()).is_err());
    assert!(!dir.path().join("cur").exists());
    let options = Options {
        folders: Vec::new(),
        ..Options::default()
    };
    assert!(generate(&dir.path().join("new"), &options).is_err());
}

#[test]
fn fresh_mails_are_whole_and_never_the_same() {
    let mut ids = std::collections::BTreeSet::new();
    for n in 0..60 {
        let mail = mail(n, 1_795_309_200 + i64::try_from(n).unwrap() * 7);
        let text = String::from_utf8_lossy(&mail).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        for field in ["From: ", "To: ", "Date: ", "Subject: ", "Message-ID: "] {
            assert!(
                head.lines().any(|line| line.starts_with(field)),
                "{field} is missing in {head}"
            );
        }
        assert!(!body.is_empty());
        assert!(!text.replace("\r\n", "").contains('\n'), "a bare line end");
        assert!(
            ids.insert(
                head.lines()
                    .find(|line| line.starts_with("Message-ID"))
                    .unwrap()
                    .to_owned()
            )
        );
    }
}

#[test]
fn dates_are_right() {
    let date = super::date::Civil::in_china(1_795_309_200);
    assert_eq!(date.rfc5322(), "Sun, 22 Nov 2026 09:00:00 +0800");
    assert_eq!(
        super::date::Civil::in_china(951_782_400).rfc5322(),
        "Tue, 29 Feb 2000 08:00:00 +0800"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn dovecot_serves_what_was_made() {
    let dir = tempfile::tempdir().unwrap();
    let made = generate(
        dir.path(),
        &Options {
            messages: 400,
            ..Options::default()
        },
    )
    .unwrap();
    let owner = Person::owner().address;
    let mut options = crate::dovecot::Options::for_user(&owner, "geheim");
    options.prepared = vec![(owner.clone(), dir.path().to_owned())];
    let server = crate::dovecot::Dovecot::start(options).await.unwrap();
    let mut session = server.session(&owner).await.unwrap();
    for (folder, count) in &made.folders {
        let answer = session.select(folder).await.unwrap().all();
        assert!(
            answer.contains(&format!("* {count} EXISTS")),
            "{folder} should hold {count}: {answer}"
        );
    }
}
