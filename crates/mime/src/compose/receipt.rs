//! A read receipt (RFC 8098).

use super::fields::Fields;
use super::{Composed, Section, Writer, sent_at};
use crate::address::Address;

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    pub from: Address,
    /// Who asked for it.
    pub to: Address,
    pub subject: String,
    /// What a person reads.
    pub text: String,
    /// Without brackets.
    pub message_id: String,
    /// As in [`super::Letter::date`].
    pub date: (i64, i32),
    /// Message-ID of the mail that was read, without brackets.
    pub original: String,
    /// Nobody was asked.
    pub automatic: bool,
    /// Text that no other mail has, of letters and digits.
    pub unique: String,
}

/// Writes a receipt.
pub fn receipt(receipt: &Receipt) -> Composed {
    let mut out = Writer::default();
    let mut head = Fields::default();
    head.plain("Date", &sent_at(receipt.date));
    head.addresses("From", std::slice::from_ref(&receipt.from));
    head.addresses("To", std::slice::from_ref(&receipt.to));
    head.words("Subject", &receipt.subject);
    head.ids("Message-ID", std::slice::from_ref(&receipt.message_id));
    head.ids("In-Reply-To", std::slice::from_ref(&receipt.original));
    head.ids("References", std::slice::from_ref(&receipt.original));
    // Nobody answers an answer that a program gives (RFC 3834).
    head.plain("Auto-Submitted", "auto-replied");
    head.plain("X-Mailer", "Qiyou");
    head.plain("MIME-Version", "1.0");
    let utf8 = !head.text.is_ascii();
    out.text.extend(head.text.into_bytes());
    let boundary = format!("=_{}_report", receipt.unique);
    out.multipart("report", &boundary, ";\r\n report-type=disposition-notification");
    out.part(&boundary);
    out.words("plain", &receipt.text);
    out.part(&boundary);
    out.line("Content-Type: message/disposition-notification");
    out.line("");
    let mut told = Fields::default();
    told.plain("Reporting-UA", "Qiyou");
    told.plain("Final-Recipient", &format!("rfc822;{}", receipt.from.address));
    told.ids("Original-Message-ID", std::slice::from_ref(&receipt.original));
    let mode = if receipt.automatic {
        "automatic-action/MDN-sent-automatically"
    } else {
        "manual-action/MDN-sent-manually"
    };
    told.plain("Disposition", &format!("{mode}; displayed"));
    let utf8 = utf8 || !told.text.is_ascii();
    out.text.extend(told.text.into_bytes());
    out.line("");
    out.end(&boundary);
    out.close(utf8)
}

impl Composed {
    /// Its bytes, of a mail without files.
    pub fn text(&self) -> Vec<u8> {
        let texts = self.sections.iter().filter_map(|section| match section {
            Section::Text(text) => Some(text.as_slice()),
            Section::File(_) => None,
        });
        texts.collect::<Vec<_>>().concat()
    }
}
