//! What we compose is read alike by programs that others wrote: Python's `email`, and `mail-parser`.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test did not expect ends it"
)]

use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_parser::{MessageParser, MimeHeaders as _};
use qiyou_mime::{Address, FilePart, Letter, Priority, Section, Transfer, compose};
use serde_json::{Value, json};

/// Reads mails, one base64 line each, and says what it understood.
const READER: &str = r#"
import sys, json, base64, hashlib
from email import message_from_bytes, policy
def people(m, name):
    return [[a.display_name, a.addr_spec] for h in m.get_all(name, []) for a in h.addresses]
for line in sys.stdin:
    m = message_from_bytes(base64.b64decode(line), policy=policy.default)
    defects = [type(d).__name__ for part in m.walk() for d in part.defects]
    files = [[p.get_filename(), base64.b64encode(hashlib.sha256(p.get_payload(decode=True) or b"").digest()).decode()]
             for p in m.walk() if p.get_filename() and p.get_content_type() != "message/rfc822"]
    text = m.get_body(("plain",)).get_content().replace("\r\n", "\n")
    html = m.get_body(("html",))
    print(json.dumps({
        "subject": m["subject"], "from": people(m, "from"), "to": people(m, "to"), "cc": people(m, "cc"),
        "id": m["message-id"], "date": int(m["date"].datetime.timestamp()), "files": files,
        "text": text, "html": html and html.get_content().replace("\r\n", "\n"), "defects": defects}))
"#;

fn person(name: &str, address: &str) -> Address {
    Address {
        name: (!name.is_empty()).then(|| name.to_owned()),
        address: address.to_owned(),
    }
}

fn letters() -> Vec<(Letter, Vec<Vec<u8>>)> {
    let mut all = Vec::new();
    let names = [
        ("李四", "周报"),
        ("Li, Si \"the one\"", "Re: budget \\ \"quoted\" (draft)"),
        (
            "王五（采购部）",
            "转发：二〇二六年第四季度采购合同（最终版）请各部门负责人于周五下班前确认并回复，逾期视为同意",
        ),
        (
            "😀 Ünïcode, Ltd.",
            "=?utf-8?q?not_encoded?= 以及 emoji 🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉",
        ),
        ("", ""),
        (&"长".repeat(60), &"word ".repeat(80)),
    ];
    for (n, (name, subject)) in names.into_iter().enumerate() {
        for html in [false, true] {
            let text = format!(
                "第一行 {n}\nFrom the beginning\n.dot\n\ttab = equals \n{}",
                "字".repeat(n * 300)
            );
            let mut letter = Letter {
                from: person("张三", "zhangsan@example.com"),
                to: (0..=n).map(|i| person(name, &format!("p{i}@example.com"))).collect(),
                cc: vec![person("Plain Name", "plain@example.com")],
                subject: subject.trim().to_owned(),
                message_id: format!("{n}.{html}@example.com"),
                date: (1_795_744_800, 8 * 3600),
                priority: Priority::High,
                text,
                unique: format!("u{n}"),
                ..Letter::default()
            };
            let mut bytes = Vec::new();
            if html {
                let table = "<table><tr><td style=\"color:#f00\">合计</td></tr></table>".repeat(n * 20 + 1);
                letter.html = Some(format!(
                    "<!DOCTYPE html><html><body>{table}<img src=\"cid:p1\"></body></html>"
                ));
                for (file, cid) in [
                    ("设备清单（最终版）—盖章扫描件 v2.0 请勿外传 请勿外传.xlsx", None),
                    ("a.png", Some("p1")),
                ] {
                    let data: Vec<u8> = (0..n * 5000 + 3).map(|i| u8::try_from(i % 251).unwrap()).collect();
                    letter.files.push(FilePart {
                        name: file.into(),
                        mime_type: if cid.is_some() {
                            "image/png"
                        } else {
                            "application/octet-stream"
                        }
                        .into(),
                        size: data.len() as u64,
                        content_id: cid.map(str::to_owned),
                        transfer: Transfer::Base64,
                    });
                    bytes.push(data);
                }
            }
            all.push((letter, bytes));
        }
    }
    all
}

fn whole(letter: &Letter, files: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for section in compose(letter).sections {
        match section {
            Section::Text(text) => out.extend(text),
            Section::File(number) => {
                for line in files[number].chunks(57) {
                    out.extend(STANDARD.encode(line).bytes());
                    out.extend(b"\r\n");
                }
            }
        }
    }
    out
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    STANDARD.encode(Sha256::digest(bytes))
}

/// What `mail-parser` understood, in the same words.
fn ours(raw: &[u8]) -> Value {
    let mail = MessageParser::default().parse(raw).unwrap();
    let people = |list: Option<&mail_parser::Address<'_>>| -> Vec<Value> {
        list.into_iter()
            .flat_map(mail_parser::Address::iter)
            .map(|who| json!([who.name().unwrap_or_default(), who.address().unwrap_or_default()]))
            .collect()
    };
    let files: Vec<Value> = mail
        .parts
        .iter()
        .filter_map(|part| Some(json!([part.attachment_name()?, sha256(part.contents())])))
        .collect();
    json!({
        "subject": mail.subject().unwrap_or_default(), "from": people(mail.from()), "to": people(mail.to()),
        "cc": people(mail.cc()), "id": format!("<{}>", mail.message_id().unwrap()),
        "date": mail.date().unwrap().to_timestamp(), "files": files,
        "text": mail.body_text(0).unwrap().replace("\r\n", "\n"),
        "html": mail.html_body_count().checked_sub(1).and_then(|_| {
            (mail.html_part(0)?.is_text_html()).then(|| mail.body_html(0).unwrap().replace("\r\n", "\n"))
        }),
        "defects": [],
    })
}

#[test]
fn two_foreign_programs_read_the_same() {
    let all: Vec<Vec<u8>> = letters().iter().map(|(letter, files)| whole(letter, files)).collect();
    let mut python = Command::new("python3")
        .args(["-c", READER])
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 (package python3; cargo xtask setup)");
    let mut input = python.stdin.take().unwrap();
    let lines: Vec<String> = all.iter().map(|raw| STANDARD.encode(raw)).collect();
    let writer = std::thread::spawn(move || {
        for line in lines {
            writeln!(input, "{line}").unwrap();
        }
    });
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap();
    let read: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(read.len(), all.len());
    for ((raw, python), (letter, _)) in all.iter().zip(&read).zip(letters()) {
        let ours = ours(raw);
        for key in [
            "subject", "from", "to", "cc", "id", "date", "files", "text", "html", "defects",
        ] {
            if matches!(key, "from" | "to" | "cc") {
                // Older ones of Python keep the blank between two encoded words of a name (RFC 2047 6.2 says not to).
                let close = |value: &Value| value.to_string().replace(' ', "");
                assert_eq!(close(&python[key]), close(&ours[key]), "{key} of {}", letter.subject);
            } else {
                assert_eq!(python[key], ours[key], "{key} of {}", letter.subject);
            }
        }
        assert_eq!(python["subject"], letter.subject);
        assert_eq!(ours["to"][0][0], letter.to[0].name.clone().unwrap_or_default());
    }
}
