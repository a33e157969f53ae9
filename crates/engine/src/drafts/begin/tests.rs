use qiyou_api::MailRow;
use qiyou_store::mails::{Envelope, Parts};

use super::*;

fn person(address: &str) -> Address {
    Address {
        name: String::new(),
        address: address.into(),
    }
}

fn people(addresses: &[&str]) -> Vec<Address> {
    addresses.iter().map(|address| person(address)).collect()
}

fn mail(envelope: Envelope) -> StoredMail {
    StoredMail {
        row: MailRow {
            id: 1,
            account: 1,
            folder: 1,
            from: envelope.from[0].clone(),
            to: Vec::new(),
            subject: "回复：Re: 验收".into(),
            preview: String::new(),
            date: 0,
            size: 0,
            unread: false,
            starred: false,
            answered: false,
            forwarded: false,
            draft: false,
            attachments: false,
            important: false,
            undelivered: false,
        },
        uid: 1,
        flags: 0,
        message_id: "m@x".into(),
        envelope,
        parts: Parts::default(),
        has_body: true,
    }
}

fn to_and_cc(envelope: Envelope, all: bool) -> (Vec<String>, Vec<String>) {
    let own = ["me@example.com".to_owned(), "me2@example.com".to_owned()];
    let (to, cc) = recipients(&mail(envelope), &own, all);
    let addresses = |list: Vec<Address>| list.into_iter().map(|person| person.address).collect();
    (addresses(to), addresses(cc))
}

fn envelope(from: &str, to: &[&str], cc: &[&str], reply_to: &[&str]) -> Envelope {
    Envelope {
        from: people(&[from]),
        to: people(to),
        cc: people(cc),
        reply_to: people(reply_to),
        ..Envelope::default()
    }
}

#[test]
fn an_answer_goes_to_who_wants_it_and_never_to_oneself() {
    let case = |mail: Envelope, all, to: &[&str], cc: &[&str]| {
        let (found_to, found_cc) = to_and_cc(mail, all);
        assert_eq!(
            (found_to.as_slice(), found_cc.as_slice()),
            (
                &to.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()[..],
                &cc.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()[..]
            )
        );
    };
    let plain = || {
        envelope(
            "a@x",
            &["ME@example.com", "b@x"],
            &["c@x", "me2@example.com", "a@x"],
            &[],
        )
    };
    case(plain(), false, &["a@x"], &[]);
    case(plain(), true, &["a@x", "b@x"], &["c@x"]);
    // A list that asks for answers to itself.
    let list = || envelope("a@x", &["list@x"], &[], &["list@x"]);
    case(list(), false, &["list@x"], &[]);
    case(list(), true, &["list@x", "a@x"], &[]);
    // An answer to a mail of one's own goes to whom that went.
    let own = || envelope("me@example.com", &["b@x", "d@x"], &["c@x"], &[]);
    case(own(), false, &["b@x", "d@x"], &[]);
    case(own(), true, &["b@x", "d@x"], &["c@x"]);
    // One to oneself stays there.
    case(
        envelope("me@example.com", &["me@example.com"], &[], &[]),
        true,
        &["me@example.com"],
        &[],
    );
}

#[test]
fn threads_are_kept_and_prefixes_do_not_pile_up() {
    let account = StoredAccount {
        id: 1,
        address: "me@example.com".into(),
        name: String::new(),
        color: String::new(),
        position: 0,
        settings: serde_json::from_value(serde_json::json!({
            "provider": "custom", "credential": "password",
            "imap": {"host": "h", "port": 1, "security": "tls", "user": "u"},
            "smtp": {"host": "h", "port": 1, "security": "tls", "user": "u"},
        }))
        .unwrap(),
        telling: qiyou_api::Telling::Bubble,
    };
    let mut original = mail(envelope("a@x", &["me@example.com"], &[], &[]));
    original.envelope.references = (0..60).map(|n| format!("{n}@x")).collect();
    let params = DraftCreateParams {
        kind: DraftKind::Reply,
        mails: vec![1],
        prefix: "回复：".into(),
        ..DraftCreateParams::default()
    };
    let (content, origin) = begin(
        &params,
        std::slice::from_ref(&account),
        &[original],
        &Settings::default(),
    )
    .unwrap();
    assert_eq!(content.subject, "回复：验收");
    assert!(content.quote);
    assert_eq!(origin.in_reply_to, ["m@x"]);
    assert_eq!(origin.references.len(), MOST_REFERENCES);
    assert_eq!(origin.references.first().map(String::as_str), Some("0@x"));
    assert_eq!(origin.references.last().map(String::as_str), Some("m@x"));
    // A mail that is gone cannot be answered.
    assert_eq!(
        begin(&params, &[account], &[], &Settings::default()).unwrap_err().code,
        ErrorCode::NotFound
    );
}

#[test]
fn answers_to_all_go_where_their_author_wants_them() {
    let list = Envelope {
        followup_to: people(&["list@example.com", "me@example.com"]),
        ..envelope(
            "a@example.com",
            &["list@example.com", "b@example.com"],
            &["c@example.com"],
            &[],
        )
    };
    assert_eq!(to_and_cc(list.clone(), true), (vec!["list@example.com".into()], vec![]));
    assert_eq!(
        to_and_cc(list, false).0,
        ["a@example.com"],
        "an answer to one is another matter"
    );
    // Nobody is written to who names oneself alone.
    let own = Envelope {
        followup_to: people(&["me@example.com"]),
        ..envelope("a@example.com", &["b@example.com"], &[], &[])
    };
    assert_eq!(to_and_cc(own, true).0, ["a@example.com", "b@example.com"]);
}
