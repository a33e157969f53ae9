//! A mail written by a person, as the bytes of RFC 5322 and MIME. Files are named and not held: they are read when the
//! mail goes, so that a large one never lies in memory.

mod fields;
mod receipt;
mod resent;
mod text;

use mail_parser::DateTime;

use crate::address::Address;
use fields::Fields;
pub use receipt::{Receipt, receipt};
pub use resent::{Resent, WithoutFields, resent};
pub use text::AsIs;

/// How urgent its author calls a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Priority {
    Low,
    #[default]
    Normal,
    High,
}

/// How a file's bytes stand in the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transfer {
    Base64,
    /// As they are; only mails, which may not be encoded (RFC 2046 5.2.1). `true`: with bytes above 127.
    AsIs(bool),
}

/// A file of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePart {
    pub name: String,
    /// `type/subtype`; anything else becomes `application/octet-stream`.
    pub mime_type: String,
    /// Bytes before they are encoded.
    pub size: u64,
    /// Without brackets; a picture that the text shows has one.
    pub content_id: Option<String>,
    pub transfer: Transfer,
}

/// A mail as its author sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Letter {
    pub from: Address,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    /// Written only into drafts.
    pub bcc: Vec<Address>,
    pub reply_to: Vec<Address>,
    pub subject: String,
    /// Without brackets.
    pub message_id: String,
    /// Unix seconds, and the seconds by which the author's clock is before UTC's.
    pub date: (i64, i32),
    pub in_reply_to: Vec<String>,
    pub references: Vec<String>,
    pub priority: Priority,
    /// Asks for a receipt when it is read (RFC 8098).
    pub receipt: bool,
    /// The text without its looks.
    pub text: String,
    /// A whole document.
    pub html: Option<String>,
    pub files: Vec<FilePart>,
    /// Text that no other mail has, of letters and digits: part of the boundaries.
    pub unique: String,
    /// Of a draft's copy alone (`X-Qiyou-Draft`): by it a program knows its own copies from those of others.
    pub draft_mark: Option<String>,
}

/// A piece of a composed mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Section {
    Text(Vec<u8>),
    /// The file of this number, by its [`Transfer`]. What is encoded comes in lines of 76 characters, each ended by CRLF.
    File(usize),
}

/// A composed mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    pub sections: Vec<Section>,
    /// Bytes of all, files encoded.
    pub size: u64,
    /// Bytes above 127 stand in it.
    pub eight_bit: bool,
    /// Letters beyond ASCII stand in its header (RFC 6532).
    pub utf8: bool,
}

/// Bytes of a file once it is in the mail.
fn carried(file: &FilePart) -> u64 {
    match file.transfer {
        Transfer::AsIs(_) => file.size,
        Transfer::Base64 => {
            let lines = file.size.div_ceil(57);
            let letters = file.size.div_ceil(3).saturating_mul(4);
            letters.saturating_add(lines.saturating_mul(2))
        }
    }
}

/// Writes a mail. Nothing that stands in the letter can begin a header or a part of its own.
pub fn compose(letter: &Letter) -> Composed {
    let mut out = Writer::default();
    let mut head = Fields::default();
    header(letter, &mut head);
    let utf8 = !head.text.is_ascii();
    out.text.extend(head.text.into_bytes());
    let files: Vec<(usize, &FilePart)> = letter.files.iter().enumerate().collect();
    let html = letter.html.as_deref();
    let (shown, attached): (Vec<_>, Vec<_>) = files
        .into_iter()
        .partition(|(_, file)| html.is_some() && file.content_id.is_some());
    let boundary = |level: &str| format!("=_{}_{level}", letter.unique);
    let mixed = (!attached.is_empty()).then(|| boundary("mixed"));
    if let Some(boundary) = &mixed {
        out.multipart("mixed", boundary, "");
        out.part(boundary);
    }
    words(letter, &shown, &mut out);
    if let Some(boundary) = &mixed {
        for (number, file) in attached {
            out.part(boundary);
            out.file(number, file, false);
        }
        out.end(boundary);
    }
    out.close(utf8)
}

/// The text with what it shows.
fn words(letter: &Letter, shown: &[(usize, &FilePart)], out: &mut Writer) {
    let Some(html) = &letter.html else {
        return out.words("plain", &letter.text);
    };
    let alternative = format!("=_{}_alternative", letter.unique);
    out.multipart("alternative", &alternative, "");
    out.part(&alternative);
    out.words("plain", &letter.text);
    out.part(&alternative);
    if shown.is_empty() {
        out.words("html", html);
    } else {
        let related = format!("=_{}_related", letter.unique);
        out.multipart("related", &related, "; type=\"text/html\"");
        out.part(&related);
        out.words("html", html);
        for (number, file) in shown {
            out.part(&related);
            out.file(*number, file, true);
        }
        out.end(&related);
    }
    out.end(&alternative);
}

/// A date as a header has it.
fn sent_at((unix, offset): (i64, i32)) -> String {
    let mut date = DateTime::from_timestamp(unix.saturating_add(i64::from(offset)));
    let minutes = offset.unsigned_abs() / 60;
    date.tz_before_gmt = offset < 0;
    date.tz_hour = u8::try_from(minutes / 60).unwrap_or(0);
    date.tz_minute = u8::try_from(minutes % 60).unwrap_or(0);
    date.to_rfc822()
}

fn header(letter: &Letter, head: &mut Fields) {
    head.addresses("From", std::slice::from_ref(&letter.from));
    head.addresses("Reply-To", &letter.reply_to);
    head.addresses("To", &letter.to);
    head.addresses("Cc", &letter.cc);
    head.addresses("Bcc", &letter.bcc);
    head.words("Subject", &letter.subject);
    head.plain("Date", &sent_at(letter.date));
    head.ids("Message-ID", std::slice::from_ref(&letter.message_id));
    head.ids("In-Reply-To", &letter.in_reply_to);
    head.ids("References", &letter.references);
    match letter.priority {
        Priority::Normal => {}
        Priority::High => {
            head.plain("X-Priority", "1 (Highest)");
            head.plain("Importance", "high");
        }
        Priority::Low => {
            head.plain("X-Priority", "5 (Lowest)");
            head.plain("Importance", "low");
        }
    }
    if letter.receipt {
        head.addresses("Disposition-Notification-To", std::slice::from_ref(&letter.from));
    }
    if let Some(mark) = &letter.draft_mark {
        head.plain("X-Qiyou-Draft", mark);
    }
    head.plain("X-Mailer", "Qiyou");
    head.plain("MIME-Version", "1.0");
}

#[derive(Default)]
struct Writer {
    sections: Vec<Section>,
    text: Vec<u8>,
    files: u64,
    eight_bit: bool,
}

impl Writer {
    fn line(&mut self, line: &str) {
        self.text.extend_from_slice(line.as_bytes());
        self.text.extend_from_slice(b"\r\n");
    }

    fn multipart(&mut self, kind: &str, boundary: &str, more: &str) {
        self.line(&format!(
            "Content-Type: multipart/{kind};\r\n boundary=\"{boundary}\"{more}"
        ));
        self.line("");
    }

    fn part(&mut self, boundary: &str) {
        self.line(&format!("--{boundary}"));
    }

    fn end(&mut self, boundary: &str) {
        self.line(&format!("--{boundary}--"));
        self.line("");
    }

    fn words(&mut self, subtype: &str, words: &str) {
        let (encoding, bytes) = text::transferred(words);
        self.line(&format!("Content-Type: text/{subtype}; charset=utf-8"));
        self.line(&format!("Content-Transfer-Encoding: {encoding}"));
        self.line("");
        self.text.extend_from_slice(&bytes);
        if !bytes.ends_with(b"\r\n") {
            self.line("");
        }
    }

    fn file(&mut self, number: usize, file: &FilePart, shown: bool) {
        let mut head = Fields::default();
        head.file("Content-Type", fields::mime_type(&file.mime_type), &file.name, true);
        let disposition = if shown { "inline" } else { "attachment" };
        head.file("Content-Disposition", disposition, &file.name, false);
        if let Some(id) = &file.content_id {
            head.ids("Content-ID", std::slice::from_ref(id));
        }
        let encoding = match file.transfer {
            Transfer::Base64 => "base64",
            Transfer::AsIs(false) => "7bit",
            Transfer::AsIs(true) => "8bit",
        };
        self.eight_bit |= file.transfer == Transfer::AsIs(true);
        head.plain("Content-Transfer-Encoding", encoding);
        self.text.extend(head.text.into_bytes());
        self.line("");
        let before = std::mem::take(&mut self.text);
        self.sections.push(Section::Text(before));
        self.sections.push(Section::File(number));
        self.files = self.files.saturating_add(carried(file));
        // What is taken as it is need not end in a line's end.
        if file.transfer != Transfer::Base64 {
            self.line("");
        }
    }

    fn close(mut self, utf8: bool) -> Composed {
        self.sections.push(Section::Text(self.text));
        let texts = self.sections.iter().fold(0_u64, |sum, section| match section {
            Section::Text(text) => sum.saturating_add(text.len() as u64),
            Section::File(_) => sum,
        });
        Composed {
            size: texts.saturating_add(self.files),
            eight_bit: self.eight_bit || utf8,
            utf8,
            sections: self.sections,
        }
    }
}

#[cfg(test)]
mod tests;
