use qiyou_api::{Address, QuietHours};

use super::*;

fn row(id: i64, from: &str) -> MailRow {
    MailRow {
        id,
        account: 1,
        folder: 2,
        from: Address {
            name: "李四".into(),
            address: from.into(),
        },
        to: Vec::new(),
        subject: "验收".into(),
        preview: String::new(),
        date: id,
        size: 1,
        unread: true,
        starred: false,
        answered: false,
        forwarded: false,
        draft: false,
        attachments: false,
        important: false,
        undelivered: false,
    }
}

const AT: Circumstances = Circumstances {
    telling: Telling::Bubble,
    now: 1000,
    minutes: 600,
    weekend: false,
    caught_up: false,
};
const LISI: &str = "lisi@huadong-tech.example";

fn told(settings: &Settings, at: &Circumstances, rows: &[MailRow]) -> Vec<i64> {
    match decide(settings, at, rows, |_| None) {
        Some(Tell::Mails { mails, .. }) => mails.iter().map(|m| m.row.id).collect(),
        Some(Tell::Summary { count, .. }) => vec![i64::from(count).saturating_neg()],
        _ => Vec::new(),
    }
}

#[test]
fn each_new_mail_gets_a_bubble_and_a_flood_one_summary() {
    let settings = Settings::default();
    assert_eq!(told(&settings, &AT, &[row(1, LISI), row(2, LISI)]), [1, 2]);
    let many: Vec<_> = (1..=9).map(|n| row(n, LISI)).collect();
    assert_eq!(told(&settings, &AT, &many), [-9]);
    assert_eq!(
        told(&settings, &Circumstances { caught_up: true, ..AT }, &many[..2]),
        [-2]
    );
    assert_eq!(
        told(&settings, &Circumstances { caught_up: true, ..AT }, &many[..1]),
        [1]
    );
}

#[test]
fn read_mails_drafts_and_silent_folders_are_not_told_of() {
    let settings = Settings::default();
    let read = MailRow {
        unread: false,
        ..row(1, LISI)
    };
    let draft = MailRow {
        draft: true,
        ..row(2, LISI)
    };
    assert_eq!(told(&settings, &AT, &[read, draft]), [0_i64; 0]);
    for telling in [Telling::Count, Telling::Silent] {
        assert_eq!(
            told(&settings, &Circumstances { telling, ..AT }, &[row(1, LISI)]),
            [0_i64; 0]
        );
    }
}

#[test]
fn quiet_hours_go_over_midnight_and_vips_come_through() {
    let mut settings = Settings {
        quiet: Some(QuietHours {
            from: 22 * 60,
            to: 7 * 60,
            weekends: false,
        }),
        vips: vec!["BOSS@huadong-tech.example".into()],
        ..Settings::default()
    };
    for (minutes, heard) in [
        (21 * 60 + 59, true),
        (22 * 60, false),
        (0, false),
        (6 * 60 + 59, false),
        (7 * 60, true),
    ] {
        let at = Circumstances { minutes, ..AT };
        assert_eq!(!told(&settings, &at, &[row(1, LISI)]).is_empty(), heard, "{minutes}");
        assert_eq!(told(&settings, &at, &[row(1, "boss@huadong-tech.example")]), [1]);
    }
    settings.quiet = Some(QuietHours {
        from: 0,
        to: 0,
        weekends: true,
    });
    assert_eq!(
        told(&settings, &Circumstances { weekend: true, ..AT }, &[row(1, LISI)]),
        [0_i64; 0]
    );
    settings.quiet = None;
    settings.paused_until = Some(1001);
    assert_eq!(told(&settings, &AT, &[row(1, LISI)]), [0_i64; 0]);
    settings.paused_until = Some(1000);
    assert_eq!(told(&settings, &AT, &[row(1, LISI)]), [1]);
}

#[test]
fn codes_are_offered_unless_switched_off() {
    let code = |_: &MailRow| Some("482913".to_owned());
    let Some(Tell::Mails { mails, .. }) = decide(&Settings::default(), &AT, &[row(1, LISI)], code) else {
        panic!()
    };
    assert_eq!(mails[0].code.as_deref(), Some("482913"));
    let off = Settings {
        codes: false,
        ..Settings::default()
    };
    let Some(Tell::Mails { mails, .. }) = decide(&off, &AT, &[row(1, LISI)], code) else {
        panic!()
    };
    assert_eq!(mails[0].code, None);
}
