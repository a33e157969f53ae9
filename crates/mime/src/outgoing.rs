//! A whole mail made ready to go: who it goes to, its lines as the wire wants them, and what every mail must have.

use mail_parser::DateTime;

use crate::address;
use crate::header::{self, next_folded};
use crate::summary::{Summary, summary};

/// More recipients than this are not read.
const MOST: usize = 1000;

/// What a mail gets that lacks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fresh {
    /// What stands before the `@` of a Message-ID that no other mail has.
    pub id: String,
    /// Now, in Unix seconds.
    pub date: i64,
}

/// A mail that is ready to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// As it is handed over and put into the sent-box: lines end in CRLF, Bcc is out, Message-ID and Date are in.
    pub text: Vec<u8>,
    /// Who sends it: Sender, or else the first of From (RFC 5322 3.6.2).
    pub from: String,
    /// Everybody of To, Cc and Bcc, each once.
    pub recipients: Vec<String>,
    /// Without its brackets.
    pub message_id: String,
    /// As it is shown.
    pub subject: String,
    /// As Date says, in Unix seconds.
    pub date: i64,
    /// Bytes above 127 stand in the text.
    pub eight_bit: bool,
    /// Letters beyond ASCII stand in the header (RFC 6532).
    pub utf8: bool,
}

/// Why a mail cannot go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotReady {
    /// It has no header, so it is no mail.
    NoHeader,
    /// It does not say whom it is from.
    NoFrom,
    /// It goes to nobody.
    NoRecipient,
    /// Somebody is named without an address.
    BadAddress(String),
    TooManyRecipients,
    /// A NUL byte, which no mail may have without BINARYMIME (RFC 5322 2.2).
    Nul,
}

/// Makes a mail ready to go. Its text stays as it is, byte for byte but for its line ends.
pub fn outgoing(raw: &[u8], fresh: &Fresh) -> Result<Outgoing, NotReady> {
    if memchr::memchr(0, raw).is_some() {
        return Err(NotReady::Nul);
    }
    let (block, body) = header::split(raw);
    if header::fields(block).next().is_none() {
        return Err(NotReady::NoHeader);
    }
    let told = summary(block);
    let from = told
        .sender
        .first()
        .or(told.from.first())
        .map(|each| each.address.clone())
        .filter(|address| !address.is_empty())
        .ok_or(NotReady::NoFrom)?;
    let recipients = recipients(block, &told)?;

    let mut text = Vec::with_capacity(raw.len().saturating_add(256));
    let mut rest = block;
    while let Some((line, after)) = next_folded(rest) {
        rest = after;
        let Some(field) = header::field(line) else { continue };
        let is = |name: &str| field.name.eq_ignore_ascii_case(name.as_bytes());
        // The one names who shall not be named; the other is the last server's to write.
        let foreign = is("bcc") || is("resent-bcc") || is("return-path");
        // An empty one is as good as none.
        let empty = (is("message-id") && told.message_id.is_none()) || (is("date") && told.date.is_none());
        if !foreign && !empty {
            push_lines(&mut text, line);
        }
    }
    let message_id = told.message_id.clone().unwrap_or_else(|| {
        let domain = from
            .rsplit_once('@')
            .map(|(_, domain)| domain)
            .filter(|domain| domain.is_ascii());
        let id = format!("{}@{}", fresh.id, domain.unwrap_or("localhost"));
        text.extend(format!("Message-ID: <{id}>\r\n").bytes());
        id
    });
    let date = told.date.unwrap_or_else(|| {
        text.extend(format!("Date: {}\r\n", DateTime::from_timestamp(fresh.date).to_rfc822()).bytes());
        fresh.date
    });
    let utf8 = !text.is_ascii();
    text.extend(b"\r\n");
    let head = text.len();
    push_lines(&mut text, body);
    let eight_bit = utf8 || !text.get(head..).unwrap_or_default().is_ascii();
    Ok(Outgoing {
        text,
        from,
        recipients,
        message_id,
        subject: told.subject,
        date,
        eight_bit,
        utf8,
    })
}

fn recipients(block: &[u8], told: &Summary) -> Result<Vec<String>, NotReady> {
    let bcc: Vec<_> = header::fields(block)
        .filter(|field| field.name.eq_ignore_ascii_case(b"bcc"))
        .flat_map(|field| address::parse_list(&String::from_utf8_lossy(&field.unfolded())))
        .collect();
    let mut all: Vec<String> = Vec::new();
    let mut known = std::collections::HashSet::new();
    for list in [&told.to, &told.cc, &bcc] {
        if list.len() >= MOST {
            return Err(NotReady::TooManyRecipients);
        }
        for each in list {
            if !each.address.contains('@') {
                let name = each.name.clone().unwrap_or_default();
                return Err(NotReady::BadAddress(if each.address.is_empty() {
                    name
                } else {
                    each.address.clone()
                }));
            }
            // Domains know no case, and hardly any server lets two people differ by that of their names.
            if known.insert(each.address.to_lowercase()) {
                all.push(each.address.clone());
            }
        }
    }
    if all.len() > MOST {
        return Err(NotReady::TooManyRecipients);
    }
    if all.is_empty() {
        Err(NotReady::NoRecipient)
    } else {
        Ok(all)
    }
}

/// Appends lines, each ended by CRLF however it ended before.
fn push_lines(out: &mut Vec<u8>, lines: &[u8]) {
    let mut rest = lines;
    while !rest.is_empty() {
        let Some(at) = memchr::memchr2(b'\r', b'\n', rest) else {
            out.extend(rest);
            out.extend(b"\r\n");
            return;
        };
        let (line, tail) = rest.split_at_checked(at).unwrap_or((rest, b""));
        out.extend(line);
        out.extend(b"\r\n");
        rest = tail.strip_prefix(b"\r\n").or_else(|| tail.get(1..)).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> Fresh {
        Fresh {
            id: "fresh".into(),
            date: 1_795_750_000,
        }
    }

    fn ready(raw: &str) -> Outgoing {
        outgoing(raw.as_bytes(), &fresh()).unwrap()
    }

    #[test]
    fn everybody_gets_it_once_and_nobody_sees_bcc() {
        let mail = ready(
            "Return-Path: <old@example.com>\nFrom: =?utf-8?B?5byg5LiJ?= <zhangsan@example.com>\n\
             To: \"Li, Si\" <lisi@example.com>, 部门: wangwu@example.com, LISI@example.com;\nCc: zhaoliu@example.com\n\
             Bcc: boss@example.com,\n  second@example.com\nSubject: =?utf-8?B?5ZGo5oql?=\nMessage-ID: <1@example.com>\n\
             Date: Fri, 27 Nov 2026 10:00:00 +0800\n\nhello\n",
        );
        assert_eq!(mail.from, "zhangsan@example.com");
        assert_eq!(
            mail.recipients,
            [
                "lisi@example.com",
                "wangwu@example.com",
                "zhaoliu@example.com",
                "boss@example.com",
                "second@example.com"
            ]
        );
        let text = String::from_utf8(mail.text).unwrap();
        assert!(!text.to_lowercase().contains("bcc") && !text.contains("boss") && !text.contains("second@"));
        assert!(!text.contains("Return-Path"));
        assert!(text.ends_with("\r\n\r\nhello\r\n"));
        assert_eq!(
            (mail.message_id.as_str(), mail.subject.as_str()),
            ("1@example.com", "周报")
        );
        assert_eq!(mail.date, 1_795_744_800);
    }

    #[test]
    fn what_it_lacks_it_gets() {
        let mail = ready("From: zhangsan@example.com\r\nTo: lisi@example.com\r\nDate:\r\nMessage-ID: \r\n\r\nhi");
        let text = String::from_utf8(mail.text.clone()).unwrap();
        assert_eq!(text.matches("Message-ID").count(), 1);
        assert!(text.contains("Message-ID: <fresh@example.com>\r\n"), "{text}");
        assert_eq!(text.matches("Date:").count(), 1);
        assert!(text.contains("2026 "), "{text}");
        // What was put in is read back.
        let again = outgoing(
            &mail.text,
            &Fresh {
                id: "other".into(),
                date: 0,
            },
        )
        .unwrap();
        assert_eq!(again, mail);
    }

    #[test]
    fn the_sender_stands_in_the_envelope() {
        let mail = ready("From: boss@example.com\nSender: zhangsan@example.com\nTo: lisi@example.com\n\n");
        assert_eq!(mail.from, "zhangsan@example.com");
    }

    #[test]
    fn every_kind_of_line_end_becomes_the_one_of_the_wire() {
        let mail = ready("From: a@example.com\nTo: b@example.com\r\n\r\none\rtwo\nthree\r\n\n\r\n.\nlast");
        let text = String::from_utf8(mail.text).unwrap();
        let body = text.split_once("\r\n\r\n").unwrap().1;
        assert_eq!(body, "one\r\ntwo\r\nthree\r\n\r\n\r\n.\r\nlast\r\n");
    }

    #[test]
    fn bytes_beyond_ascii_are_told_apart() {
        let head = "From: a@example.com\nTo: b@example.com\n";
        assert!(matches!(
            ready(&format!("{head}\nhi")),
            Outgoing {
                eight_bit: false,
                utf8: false,
                ..
            }
        ));
        assert!(matches!(
            ready(&format!("{head}\n你好")),
            Outgoing {
                eight_bit: true,
                utf8: false,
                ..
            }
        ));
        assert!(matches!(
            ready(&format!("Subject: 你好\n{head}\nhi")),
            Outgoing {
                eight_bit: true,
                utf8: true,
                ..
            }
        ));
    }

    #[test]
    fn what_cannot_go_says_why() {
        let not = |raw: &str| outgoing(raw.as_bytes(), &fresh()).unwrap_err();
        assert_eq!(not(""), NotReady::NoHeader);
        assert_eq!(not("just words"), NotReady::NoHeader);
        assert_eq!(not("To: b@example.com\n\n"), NotReady::NoFrom);
        assert_eq!(not("From: a@example.com\n\nTo: b@example.com"), NotReady::NoRecipient);
        assert_eq!(
            not("From: a@example.com\nTo: 李四\n\n"),
            NotReady::BadAddress("李四".into())
        );
        assert_eq!(not("From: a@example.com\nTo: b@example.com\n\n\0"), NotReady::Nul);
        let crowd: Vec<String> = (0..1001).map(|n| format!("c{n}@example.com")).collect();
        assert_eq!(
            not(&format!("From: a@example.com\nTo: {}\n\n", crowd.join(","))),
            NotReady::TooManyRecipients
        );
    }
}
