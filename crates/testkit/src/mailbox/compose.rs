//! Puts a mail together: who writes, about what, in which shape and charset.

mod encode;
mod letter;

use std::fmt::Write as _;

use super::Role;
use super::date::Civil;
use super::dice::Dice;
use super::files::{self, File};
use super::people::{Person, kin};
use super::words::{CHINESE, CODES, ENGLISH, JUNK, NEWS};
pub(super) use encode::Encoding;
use encode::{address, attachment, base64_lines, body, field};
use letter::{Quote, Text};

/// The shape of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Plain text alone.
    Plain,
    /// Plain text and HTML, with a table.
    Html,
    /// HTML with a picture inside.
    Picture,
    /// Remote pictures, a tracking pixel, words hidden for the preview.
    Newsletter,
    /// A program sends a code.
    Code,
    /// One or two files.
    Attachment,
    /// A meeting (text/calendar).
    Invitation,
    /// A mail server says that it could not deliver.
    Bounce,
}

impl Kind {
    pub(super) fn roll(dice: &mut Dice, role: Role, attachments: u32) -> Self {
        if role == Role::Lists {
            return if dice.percent(60) {
                Self::Newsletter
            } else {
                Self::Plain
            };
        }
        if dice.below(1000) < attachments {
            return Self::Attachment;
        }
        match (role, dice.below(100)) {
            (Role::Sent | Role::Drafts, 0..=64) => Self::Plain,
            (Role::Sent | Role::Drafts, _) => Self::Html,
            (Role::Junk, 0..=69) | (_, 0..=52) => Self::Plain,
            (_, 53..=81) => Self::Html,
            (_, 82..=86) => Self::Picture,
            (_, 87..=92) => Self::Newsletter,
            (_, 93..=96) => Self::Code,
            (_, 97..=98) => Self::Invitation,
            _ => Self::Bounce,
        }
    }
}

/// What is asked for.
pub(super) struct Order {
    pub(super) kind: Kind,
    pub(super) role: Role,
    /// Of a Chinese mail; others are ASCII or UTF-8.
    pub(super) encoding: Encoding,
    pub(super) time: i64,
    /// Makes the ids different.
    pub(super) number: u64,
    /// Lines that must be in the text.
    pub(super) extra: Vec<String>,
}

struct Thread {
    subject: String,
    ids: Vec<String>,
    with: Person,
    chinese: bool,
}

pub(super) struct Composer {
    owner: Person,
    people: Vec<Person>,
    threads: Vec<Thread>,
    /// Made once, encoded once: what is attached repeats itself.
    pool: Vec<(File, Vec<u8>)>,
    pictures: Vec<Vec<u8>>,
}

/// Programs that people and companies use.
const MAILERS: [&str; 5] = [
    "Foxmail 7.2.25.375[cn]",
    "QQMail 2.x",
    "Microsoft Outlook 16.0",
    "Coremail Webmail Server Version XT6.0",
    "Apple Mail (2.3774)",
];

impl Composer {
    pub(super) fn new(owner: &Person, dice: &mut Dice) -> Self {
        let encoded = |file: File| {
            let lines = base64_lines(&file.content);
            (file, lines)
        };
        let mut pool = Vec::new();
        for size in [3, 6, 12, 20, 40, 90] {
            pool.push(encoded(files::pdf(dice, size * 1024)));
            pool.push(encoded(files::xlsx(dice, size * 3)));
        }
        pool.push(encoded(files::png(dice, 120, 60)));
        let pictures = (0..4)
            .map(|_| base64_lines(&files::png(dice, 64, 24).content))
            .collect();
        Self {
            owner: owner.clone(),
            people: kin(),
            threads: Vec::new(),
            pool,
            pictures,
        }
    }

    /// Somebody; a few write much more than the others.
    fn somebody(&self, dice: &mut Dice) -> Person {
        let limit = u32::try_from(self.people.len()).unwrap_or(1);
        let at = dice.below(limit).min(dice.below(limit)).min(dice.below(limit)) as usize;
        self.people.get(at).cloned().unwrap_or_else(Person::owner)
    }

    /// A mail with line ends of `\n`.
    pub(super) fn compose(&mut self, dice: &mut Dice, order: &Order) -> Vec<u8> {
        match (order.role, order.kind) {
            (Role::Junk, Kind::Plain) => self.junk(dice, order),
            (_, Kind::Newsletter) => self.newsletter(dice, order),
            (_, Kind::Code) => self.code(dice, order),
            (_, Kind::Bounce) => self.bounce(dice, order),
            _ => self.letter(dice, order),
        }
    }

    /// A mail of one person to others, often an answer.
    fn letter(&mut self, dice: &mut Dice, order: &Order) -> Vec<u8> {
        let by_owner = matches!(order.role, Role::Sent | Role::Drafts);
        let recent = self.threads.len().min(300);
        let answered = if recent > 0 && order.role != Role::Junk && dice.percent(50) {
            let back = dice
                .below(u32::try_from(recent).unwrap_or(1))
                .min(dice.below(u32::try_from(recent).unwrap_or(1))) as usize;
            self.threads.len().checked_sub(back + 1)
        } else {
            None
        };
        let at = answered.unwrap_or_else(|| {
            let chinese = dice.percent(60);
            let words = if chinese { &CHINESE } else { &ENGLISH };
            let template = dice.word(words.subjects);
            let subject = words.fill(dice, template);
            let with = self.somebody(dice);
            if self.threads.len() > 2000 {
                self.threads.drain(..1000);
            }
            self.threads.push(Thread {
                subject,
                ids: Vec::new(),
                with,
                chinese,
            });
            self.threads.len() - 1
        });
        let Some(thread) = self.threads.get_mut(at) else {
            return Vec::new();
        };
        let words = if thread.chinese { &CHINESE } else { &ENGLISH };
        let encoding = if thread.chinese {
            order.encoding
        } else {
            Encoding::English
        };
        let mut subject = thread.subject.clone();
        if !thread.ids.is_empty() {
            subject.insert_str(0, dice.word(words.replies));
        }
        let (from, to) = if by_owner {
            (&self.owner, &thread.with)
        } else {
            (&thread.with, &self.owner)
        };
        let id = message_id(dice, order.number, &from.address);
        let mut head = Vec::new();
        if !by_owner {
            received(dice, order.time, from, to, &mut head);
        }
        field("Date", Civil::in_china(order.time).rfc5322().as_bytes(), &mut head);
        field("From", &address(from, encoding), &mut head);
        field("To", &address(to, encoding), &mut head);
        if dice.percent(25) {
            let copies = dice.between(1, 4);
            let copies: Vec<Vec<u8>> = (0..copies)
                .map(|_| address(dice.pick(self.people.get(..40).unwrap_or(&self.people)), encoding))
                .collect();
            field("Cc", &copies.join(b",\n\t".as_slice()), &mut head);
        }
        field("Subject", &encode::words(&subject, encoding), &mut head);
        field("Message-ID", format!("<{id}>").as_bytes(), &mut head);
        if let Some(last) = thread.ids.last() {
            field("In-Reply-To", format!("<{last}>").as_bytes(), &mut head);
            let references: Vec<String> = thread
                .ids
                .iter()
                .rev()
                .take(12)
                .rev()
                .map(|id| format!("<{id}>"))
                .collect();
            field("References", references.join("\n\t").as_bytes(), &mut head);
        }
        field("MIME-Version", b"1.0", &mut head);
        field(
            "X-Priority",
            if dice.percent(3) { b"1 (Highest)" } else { b"3" },
            &mut head,
        );
        field("X-Mailer", dice.word(&MAILERS).as_bytes(), &mut head);
        let quote = (!thread.ids.is_empty() && dice.percent(70)).then(|| Quote {
            of: to.clone(),
            subject: thread.subject.clone(),
            time: order.time - 7200,
        });
        thread.ids.push(id);
        if thread.ids.len() > 30 {
            thread.ids.remove(0);
        }
        let text = Text::write(dice, words, from, order, quote.as_ref());
        self.finish(dice, head, &text, encoding, order)
    }

    /// The body in the shape that was asked for.
    fn finish(&self, dice: &mut Dice, mut head: Vec<u8>, text: &Text, encoding: Encoding, order: &Order) -> Vec<u8> {
        let boundary = format!(
            "----=_NextPart_{:08X}_{:04X}",
            dice.below(u32::MAX),
            order.number % 0xFFFF
        );
        match order.kind {
            Kind::Html => {
                let parts = [
                    body("text/plain", &text.plain(), encoding),
                    body("text/html", &text.html(dice, None), encoding),
                ];
                encode::multipart("alternative", &boundary, &parts, &mut head);
            }
            Kind::Picture => {
                let cid = format!("image001.{:08X}@qiyou.example", order.number);
                let inner = format!("{boundary}.alt");
                let mut alternative = Vec::new();
                let parts = [
                    body("text/plain", &text.plain(), encoding),
                    body("text/html", &text.html(dice, Some(&cid)), encoding),
                ];
                encode::multipart("alternative", &inner, &parts, &mut alternative);
                let mut picture = format!("Content-Type: image/png; name=\"image001.png\"\nContent-Transfer-Encoding: base64\nContent-ID: <{cid}>\nContent-Disposition: inline; filename=\"image001.png\"\n\n").into_bytes();
                picture.extend_from_slice(dice.pick::<Vec<u8>>(&self.pictures));
                encode::multipart("related", &boundary, &[alternative, picture], &mut head);
            }
            Kind::Attachment => {
                let mut parts = vec![body("text/plain", &text.plain(), encoding)];
                for _ in 0..if dice.percent(25) { 2 } else { 1 } {
                    let words = text.words;
                    let template = dice.word(words.files);
                    let name = words.fill(dice, template);
                    let (file, lines) = dice.pick(&self.pool);
                    parts.push(attachment(
                        dice,
                        &format!("{name}.{}", file.extension),
                        file.mime_type,
                        lines,
                        encoding,
                    ));
                }
                encode::multipart("mixed", &boundary, &parts, &mut head);
            }
            Kind::Invitation => {
                let start = Civil::in_china(order.time + 86_400 * i64::from(dice.between(1, 14)));
                let calendar = format!(
                    "BEGIN:VCALENDAR\nPRODID:-//Qiyou//Testkit//ZH\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:{:016x}@qiyou.example\nDTSTAMP:{}Z\nDTSTART;TZID=Asia/Shanghai:{}\nDURATION:PT1H\nSUMMARY:{}\nLOCATION:三楼第二会议室\nORGANIZER;CN={}:mailto:{}\nATTENDEE;RSVP=TRUE:mailto:{}\nEND:VEVENT\nEND:VCALENDAR\n",
                    order.number,
                    Civil::in_china(order.time - 8 * 3600).calendar(),
                    start.calendar(),
                    text.subject_line(),
                    text.from.name,
                    text.from.address,
                    self.owner.address
                );
                let mut invitation = b"Content-Type: text/calendar; charset=\"utf-8\"; method=REQUEST\nContent-Transfer-Encoding: base64\n\n".to_vec();
                invitation.extend(base64_lines(calendar.as_bytes()));
                encode::multipart(
                    "alternative",
                    &boundary,
                    &[body("text/plain", &text.plain(), encoding), invitation],
                    &mut head,
                );
            }
            _ => head.extend(body("text/plain", &text.plain(), encoding)),
        }
        head
    }

    fn newsletter(&self, dice: &mut Dice, order: &Order) -> Vec<u8> {
        let headline = dice.word(&NEWS);
        let chinese = !headline.is_ascii();
        let encoding = if chinese {
            order.encoding.of_program()
        } else {
            Encoding::English
        };
        let (name, local) = if chinese {
            ("行业资讯", "news")
        } else {
            ("Open Source Weekly", "digest")
        };
        let from = Person {
            name: name.to_owned(),
            address: format!("{local}@zixun.example"),
        };
        let mut head = Vec::new();
        received(dice, order.time, &from, &self.owner, &mut head);
        field("Date", Civil::in_china(order.time).rfc5322().as_bytes(), &mut head);
        field("From", &address(&from, encoding), &mut head);
        field("To", format!("<{}>", self.owner.address).as_bytes(), &mut head);
        field("Subject", &encode::words(headline, encoding), &mut head);
        field(
            "Message-ID",
            format!("<{}>", message_id(dice, order.number, &from.address)).as_bytes(),
            &mut head,
        );
        field("List-Id", format!("<{local}.zixun.example>").as_bytes(), &mut head);
        field(
            "List-Unsubscribe",
            format!("<https://zixun.example/unsubscribe?u={}>", order.number).as_bytes(),
            &mut head,
        );
        field("Precedence", b"bulk", &mut head);
        field("MIME-Version", b"1.0", &mut head);
        let words = if chinese { &CHINESE } else { &ENGLISH };
        let mut html = format!(
            "<!DOCTYPE html><html><head><title>{headline}</title><style type=\"text/css\">@media only screen and (max-width:600px){{.w{{width:100%!important}}}} .btn{{background:#0a6cff;color:#fff;padding:10px 24px}}</style></head><body style=\"margin:0;background:#f4f5f7\"><div style=\"display:none;max-height:0;overflow:hidden\">{headline}{}</div><table class=\"w\" width=\"600\" align=\"center\" cellpadding=\"0\" cellspacing=\"0\" bgcolor=\"#ffffff\"><tr><td><img src=\"https://img.zixun.example/banner/{}.jpg\" width=\"600\" alt=\"{name}\"></td></tr>",
            "&zwnj;&nbsp;".repeat(20),
            dice.between(1, 90)
        );
        for part in 0..dice.between(2, 5) {
            let template = dice.word(words.sentences);
            let sentence = words.fill(dice, template);
            let title = dice.word(&NEWS);
            let _ = write!(
                html,
                "<tr><td style=\"padding:16px;font:14px/1.6 'Microsoft YaHei',Arial\"><h3>{title}</h3><img src=\"https://img.zixun.example/{part}.png\" width=\"120\" height=\"80\" align=\"left\"><p>{sentence}</p><a class=\"btn\" href=\"https://click.zixun.example/t/{:x}?utm_source=mail\">{}</a></td></tr>",
                dice.next(),
                if chinese { "阅读全文" } else { "Read more" }
            );
        }
        let _ = writeln!(
            html,
            "<tr><td style=\"font-size:12px;color:#999\"><a href=\"https://zixun.example/unsubscribe?u={}\">{}</a></td></tr></table><img src=\"https://track.zixun.example/o.gif?u={}\" width=\"1\" height=\"1\">{}</body></html>",
            order.number,
            if chinese { "退订" } else { "Unsubscribe" },
            order.number,
            order
                .extra
                .iter()
                .map(|line| format!("<p>{line}</p>"))
                .collect::<Vec<_>>()
                .concat()
        );
        head.extend(body("text/html", &html, encoding));
        head
    }

    fn code(&self, dice: &mut Dice, order: &Order) -> Vec<u8> {
        let (subject, text) = *dice.pick(&CODES);
        let code = dice.between(100_000, 999_999).to_string();
        let mut text = text.replace("{}", &code);
        for line in &order.extra {
            text.push('\n');
            text.push_str(line);
        }
        text.push('\n');
        let encoding = if text.is_ascii() && subject.is_ascii() {
            Encoding::English
        } else {
            order.encoding.of_program()
        };
        let from = Person {
            name: "示例云".to_owned(),
            address: "no-reply@cloud.example".to_owned(),
        };
        let mut head = Vec::new();
        received(dice, order.time, &from, &self.owner, &mut head);
        field("Date", Civil::in_china(order.time).rfc5322().as_bytes(), &mut head);
        field(
            "From",
            &address(
                &from,
                if encoding == Encoding::English {
                    Encoding::Utf8
                } else {
                    encoding
                },
            ),
            &mut head,
        );
        field("To", format!("<{}>", self.owner.address).as_bytes(), &mut head);
        field(
            "Subject",
            &encode::words(&subject.replace("{}", &code), encoding),
            &mut head,
        );
        field(
            "Message-ID",
            format!("<{}>", message_id(dice, order.number, &from.address)).as_bytes(),
            &mut head,
        );
        field("Auto-Submitted", b"auto-generated", &mut head);
        field("MIME-Version", b"1.0", &mut head);
        head.extend(body("text/plain", &text, encoding));
        head
    }

    fn junk(&self, dice: &mut Dice, order: &Order) -> Vec<u8> {
        let subject = dice.word(&JUNK);
        let encoding = if subject.is_ascii() {
            Encoding::English
        } else {
            order.encoding
        };
        let from = Person {
            name: "客服中心".to_owned(),
            address: format!("promo{}@junk.example", dice.below(5000)),
        };
        let mut head = Vec::new();
        received(dice, order.time, &from, &self.owner, &mut head);
        field("Date", Civil::in_china(order.time).rfc5322().as_bytes(), &mut head);
        field(
            "From",
            &address(
                &from,
                if encoding == Encoding::English {
                    Encoding::Utf8
                } else {
                    encoding
                },
            ),
            &mut head,
        );
        field("To", format!("<{}>", self.owner.address).as_bytes(), &mut head);
        field("Subject", &encode::words(subject, encoding), &mut head);
        field(
            "Message-ID",
            format!("<{}>", message_id(dice, order.number, &from.address)).as_bytes(),
            &mut head,
        );
        field("X-Spam-Flag", b"YES", &mut head);
        field("MIME-Version", b"1.0", &mut head);
        let text = format!(
            "{subject}\n\nhttp://junk.example/{:x}\n{}\n",
            dice.next(),
            order.extra.join("\n")
        );
        head.extend(body("text/plain", &text, encoding));
        head
    }

    fn bounce(&self, dice: &mut Dice, order: &Order) -> Vec<u8> {
        let to = self.somebody(dice);
        let from = Person {
            name: "Mail Delivery System".to_owned(),
            address: "MAILER-DAEMON@qiyou.example".to_owned(),
        };
        let mut head = Vec::new();
        field("Date", Civil::in_china(order.time).rfc5322().as_bytes(), &mut head);
        field("From", &address(&from, Encoding::English), &mut head);
        field("To", format!("<{}>", self.owner.address).as_bytes(), &mut head);
        field("Subject", b"Undelivered Mail Returned to Sender", &mut head);
        field(
            "Message-ID",
            format!("<{}>", message_id(dice, order.number, &from.address)).as_bytes(),
            &mut head,
        );
        field("Auto-Submitted", b"auto-replied", &mut head);
        field("MIME-Version", b"1.0", &mut head);
        let text = format!(
            "I'm sorry to have to inform you that your message could not be delivered.\n\n<{}>: host mx.example said: 550 5.1.1 user unknown\n{}\n",
            to.address,
            order.extra.join("\n")
        );
        let status = format!(
            "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mail.qiyou.example\n\nFinal-Recipient: rfc822; {}\nAction: failed\nStatus: 5.1.1\n",
            to.address
        );
        let encoding = if text.is_ascii() {
            Encoding::English
        } else {
            Encoding::Utf8
        };
        encode::multipart(
            "report; report-type=delivery-status",
            &format!("{:016X}/mail.qiyou.example", order.number),
            &[body("text/plain", &text, encoding), status.into_bytes()],
            &mut head,
        );
        head
    }
}

fn message_id(dice: &mut Dice, number: u64, address: &str) -> String {
    let maker = dice.word(&["Coremail", "tencent", "JavaMail", "mail"]);
    let host = address.rsplit('@').next().unwrap_or("mail.example");
    format!("{:08x}.{number}.{maker}@{host}", dice.below(u32::MAX))
}

fn received(dice: &mut Dice, time: i64, from: &Person, to: &Person, head: &mut Vec<u8>) {
    let host = from.address.rsplit('@').next().unwrap_or("mail.example");
    field("Return-Path", format!("<{}>", from.address).as_bytes(), head);
    let text = format!(
        "from mx.{host} (unknown [192.0.2.{}])\n\tby mail.qiyou.example with ESMTPS id {:08X}\n\tfor <{}>; {}",
        dice.below(256),
        dice.below(u32::MAX),
        to.address,
        Civil::in_china(time).rfc5322()
    );
    field("Received", text.as_bytes(), head);
}
