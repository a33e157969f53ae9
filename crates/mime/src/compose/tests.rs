use super::*;
use crate::{Fresh, outgoing, parse, summary};

fn person(name: &str, address: &str) -> Address {
    Address {
        name: (!name.is_empty()).then(|| name.to_owned()),
        address: address.to_owned(),
    }
}

fn letter() -> Letter {
    Letter {
        from: person("张三", "zhangsan@example.com"),
        to: vec![person("李四", "lisi@example.com")],
        subject: "周报".into(),
        message_id: "1@example.com".into(),
        date: (1_795_744_800, 8 * 3600),
        text: "你好".into(),
        unique: "abc".into(),
        ..Letter::default()
    }
}

/// The whole mail, its files being these bytes.
fn whole(letter: &Letter, files: &[&[u8]]) -> Vec<u8> {
    let composed = compose(letter);
    let mut out = Vec::new();
    for section in &composed.sections {
        match section {
            Section::Text(text) => out.extend_from_slice(text),
            Section::File(number) => match letter.files[*number].transfer {
                Transfer::Base64 => {
                    use base64::Engine as _;
                    for line in files[*number].chunks(57) {
                        out.extend(base64::engine::general_purpose::STANDARD.encode(line).bytes());
                        out.extend_from_slice(b"\r\n");
                    }
                }
                Transfer::AsIs(_) => out.extend_from_slice(files[*number]),
            },
        }
    }
    assert_eq!(composed.size, out.len() as u64, "the size is told beforehand");
    let mut last = b'\n';
    for (at, byte) in out.iter().enumerate() {
        assert!(*byte != b'\n' || last == b'\r', "a bare LF at {at}");
        assert!(last != b'\r' || *byte == b'\n', "a bare CR at {at}");
        last = *byte;
    }
    assert!(out.split(|b| *b == b'\n').all(|line| line.len() <= 999));
    out
}

fn file(name: &str, size: usize) -> FilePart {
    FilePart {
        name: name.into(),
        mime_type: "application/pdf".into(),
        size: size as u64,
        content_id: None,
        transfer: Transfer::Base64,
    }
}

#[test]
fn what_is_written_is_read_back() {
    let long = "项目进展：第一期已经验收，第二期预计下周一开始，请各部门提前准备材料并确认参会人员名单。".repeat(4);
    let letter = Letter {
        to: vec![
            person("Li, Si \"the one\"", "lisi@example.com"),
            person("王五（采购部）", "wangwu@example.com"),
            person("", "zhaoliu@example.com"),
            person("😀 emoji", "emoji@example.com"),
        ],
        cc: vec![person("Plain Name", "plain@example.com")],
        subject: long.clone(),
        in_reply_to: vec!["0@example.com".into()],
        references: vec!["a@example.com".into(), "0@example.com".into()],
        priority: Priority::High,
        ..letter()
    };
    let raw = whole(&letter, &[]);
    let read = summary(&raw);
    assert_eq!(read.subject, long);
    assert_eq!(read.from, std::slice::from_ref(&letter.from));
    assert_eq!(read.to, letter.to);
    assert_eq!(read.cc, letter.cc);
    assert_eq!(read.date, Some(1_795_744_800));
    assert_eq!(read.message_id.as_deref(), Some("1@example.com"));
    assert_eq!(read.in_reply_to, letter.in_reply_to);
    assert_eq!(read.references, letter.references);
    assert!(read.high_priority);
    let text = String::from_utf8(raw.clone()).unwrap();
    assert!(text.contains("Date: Fri, 27 Nov 2026 10:00:00 +0800\r\n"), "{text}");
    let head = text.split("\r\n\r\n").next().unwrap();
    assert!(head.lines().all(|line| line.len() <= 78), "{head}");
    // Every encoded word holds whole letters.
    for word in head.split_whitespace().filter(|word| word.starts_with("=?")) {
        assert!(word.len() <= 75, "{word}");
    }
    assert!(
        outgoing(
            &raw,
            &Fresh {
                id: "x".into(),
                date: 0
            }
        )
        .is_ok()
    );
}

#[test]
fn files_are_named_in_both_forms() {
    let name = "二〇二六年第四季度采购合同（最终版）—盖章扫描件 v2.0 请勿外传.pdf";
    let data = vec![7_u8; 1000];
    let mut letter = Letter {
        html: Some("<p>你好</p><img src=\"cid:p1\">".into()),
        files: vec![file(name, data.len()), file("plain.pdf", 0), file("logo.png", 3)],
        ..letter()
    };
    letter.files[2].content_id = Some("p1".into());
    let raw = whole(&letter, &[&data, b"", b"png"]);
    let text = String::from_utf8(raw.clone()).unwrap();
    assert!(
        text.contains("filename*0*=utf-8''") && text.contains("name=\"=?utf-8?B?"),
        "{text}"
    );
    let mail = parse(&raw);
    let names: Vec<&str> = mail.parts.iter().map(|each| each.name.as_str()).collect();
    assert!(
        names.contains(&name) && names.contains(&"plain.pdf") && names.contains(&"logo.png"),
        "{names:?}"
    );
    let first = mail.parts.iter().find(|each| each.name == name).unwrap().index;
    assert_eq!(crate::attachment(&raw, first).unwrap(), data);
    // The name that stands in Content-Type alone is whole, too.
    let only: String = text
        .lines()
        .filter(|line| !line.contains("filename*"))
        .flat_map(|line| [line, "\r\n"])
        .collect();
    let only = only.replace(
        "Content-Disposition: attachment;\r\n",
        "Content-Disposition: attachment\r\n",
    );
    assert!(parse(only.as_bytes()).parts.iter().any(|each| each.name == name));
}

#[test]
fn nothing_that_is_written_begins_a_header() {
    let evil = "x\r\nBcc: evil@example.com\r\n\r\nbody\n.\u{85}\u{2028}";
    let letter = Letter {
        from: person(evil, "zhangsan@example.com"),
        to: vec![person(evil, "lisi@example.com\r\nX-Evil: 1")],
        subject: evil.into(),
        in_reply_to: vec!["a>\r\nX-Evil: 2".into()],
        references: vec![evil.into()],
        message_id: "1@example.com".into(),
        files: vec![FilePart {
            mime_type: "text/html\r\nX-Evil: 3".into(),
            content_id: Some("c\r\nX-Evil: 4".into()),
            ..file(evil, 3)
        }],
        ..letter()
    };
    let raw = whole(&letter, &[b"abc"]);
    let text = String::from_utf8(raw.clone()).unwrap();
    assert!(
        !text
            .lines()
            .any(|line| line.starts_with("Bcc") || line.starts_with("X-Evil")),
        "{text}"
    );
    assert!(summary(&raw).subject.starts_with('x'));
}

#[test]
fn a_mail_stands_in_another_as_it_is() {
    let inner = b"From: a@example.com\r\nSubject: inner\r\n\r\nhello";
    let letter = Letter {
        files: vec![FilePart {
            mime_type: "message/rfc822".into(),
            transfer: Transfer::AsIs(false),
            ..file("内.eml", inner.len())
        }],
        ..letter()
    };
    let raw = whole(&letter, &[inner]);
    let read = mail_parser::MessageParser::default().parse(&raw).unwrap();
    let nested = read.attachments().find_map(|part| part.message()).unwrap();
    assert_eq!(nested.subject(), Some("inner"));
}

#[test]
fn texts_take_the_shortest_encoding() {
    for (words, encoding) in [
        ("hello\nworld", "7bit"),
        ("From here", "quoted-printable"),
        (
            "A café in a long English text that has one letter only",
            "quoted-printable",
        ),
        ("几乎全部是中文的一段文字", "base64"),
        (&"x".repeat(3000), "quoted-printable"),
        ("lone\rreturn and nul\0", "7bit"),
        (
            "é .a trailing blank \n.dot\ntab\t\nx=equals and more ASCII to make it worth its while, and more of it",
            "quoted-printable",
        ),
        ("", "7bit"),
    ] {
        let letter = Letter {
            text: words.into(),
            ..letter()
        };
        let raw = whole(&letter, &[]);
        let text = String::from_utf8(raw.clone()).unwrap();
        assert!(
            text.contains(&format!("Content-Transfer-Encoding: {encoding}\r\n")),
            "{words}: {text}"
        );
        let read = parse(&raw).text.unwrap_or_default().replace("\r\n", "\n");
        assert_eq!(read.trim_end(), words.replace(['\r', '\0'], ""));
    }
}

#[test]
fn only_whole_lines_stand_as_they_are() {
    let told = |bytes: &[u8]| {
        let mut check = AsIs::default();
        bytes.chunks(3).for_each(|piece| check.push(piece));
        check.transfer()
    };
    assert_eq!(told(b"a: b\r\n\r\nhi"), Some(Transfer::AsIs(false)));
    assert_eq!(told("a: b\r\n\r\n你好\r\n".as_bytes()), Some(Transfer::AsIs(true)));
    for bad in [&b"a\nb"[..], b"a\rb", b"a\0", b"a\r", &[b'x'; 1000]] {
        assert_eq!(told(bad), None);
    }
    assert!(told(&[b'x'; 998]).is_some());
}

mod any {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn mail_is_read_back(subject in ".{0,200}", name in ".{0,60}", text in "(?s).{0,400}", file_name in ".{1,80}") {
            let letter = Letter {
                from: person(&name, "zhangsan@example.com"),
                subject: subject.clone(),
                html: Some(format!("<p>{}</p>", text.replace(['<', '&'], " "))),
                text,
                files: vec![file(&file_name, 5)],
                ..letter()
            };
            let raw = whole(&letter, &[b"bytes"]);
            let read = parse(&raw);
            prop_assert_eq!(read.parts.len(), 1);
            prop_assert_eq!(crate::attachment(&raw, read.parts[0].index).unwrap(), b"bytes");
            prop_assert_eq!(&read.summary.from[0].address, "zhangsan@example.com");
            // What is shown leaves out letters that nobody sees.
            let shown = |c: &char| c.is_alphanumeric() && !crate::display::is_deceptive(*c);
            let told: String = subject.chars().filter(shown).collect();
            let read: String = read.summary.subject.chars().filter(shown).collect();
            prop_assert_eq!(told, read);
        }
    }
}

#[test]
fn a_receipt_is_one_that_we_would_read() {
    let composed = receipt(&Receipt {
        from: person("张三", "zhangsan@example.com"),
        to: person("", "lisi@example.com"),
        subject: "已读：周报".into(),
        text: "已读".into(),
        message_id: "r1@example.com".into(),
        date: (1_795_744_800, 28_800),
        original: "1@example.com".into(),
        automatic: false,
        unique: "u1".into(),
    });
    let raw = composed.text();
    assert_eq!(raw.len() as u64, composed.size);
    let read = crate::report(&raw).unwrap();
    assert_eq!(read.message_id.as_deref(), Some("1@example.com"));
    assert_eq!(read.fates[0].outcome, crate::Outcome::Read);
    assert_eq!(read.fates[0].address, "zhangsan@example.com");
    assert!(crate::summary(&raw).auto_submitted);
    assert_eq!(crate::parse(&raw).text.as_deref().map(str::trim), Some("已读"));
}

#[test]
fn a_mail_that_goes_on_keeps_all_but_what_nobody_may_see() {
    let raw = "Return-Path: <x@y.example>\r\nReceived: by a;\r\n  then\r\nBcc: secret@example.com,\r\n\
               \tother@example.com\r\nSubject: =?utf-8?B?5ZGo5oql?=\r\n\r\nBcc: this stays\r\n";
    for step in [1, 7, 4096] {
        let mut filter = WithoutFields::new(&["bcc", "return-path"]);
        let mut out = Vec::new();
        for piece in raw.as_bytes().chunks(step) {
            out.extend(filter.push(piece.to_vec()));
        }
        out.extend(filter.finish());
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "Received: by a;\r\n  then\r\nSubject: =?utf-8?B?5ZGo5oql?=\r\n\r\nBcc: this stays\r\n"
        );
    }
    let head = resent(&Resent {
        from: person("张三", "zhangsan@example.com"),
        to: vec![person("", "lisi@example.com")],
        message_id: "r@example.com".into(),
        ..Resent::default()
    });
    let summary = crate::summary(&[&head, raw.as_bytes()].concat());
    assert_eq!(summary.resent_message_id.as_deref(), Some("r@example.com"));
    assert_eq!(summary.subject, "周报");
    assert!(summary.to.is_empty(), "who it went to first is another matter");
}
