//! From what a server sent to what the store keeps.

use qiyou_api::{Address, Owner, Role};
use qiyou_imap::{BodyStructure, Flags, Mailbox, NamespaceKind, Row, SpecialUse};
use qiyou_store::folders::ListedFolder;
use qiyou_store::mails::{Envelope, NewMail, Part, Parts, flag};

/// Recipients that are kept of one header; the rest is in the source.
const MAX_RECIPIENTS: usize = 500;

pub(crate) fn flags(flags: &Flags) -> u32 {
    let bit = |set: bool, bit: u32| if set { bit } else { 0 };
    bit(flags.seen, flag::SEEN)
        | bit(flags.answered, flag::ANSWERED)
        | bit(flags.flagged, flag::STARRED)
        | bit(flags.deleted, flag::DELETED)
        | bit(flags.draft, flag::DRAFT)
        | bit(flags.forwarded, flag::FORWARDED)
        | bit(flags.receipt_sent, flag::RECEIPT_SENT)
}

pub(crate) fn to_server_flags(bits: u32) -> Flags {
    Flags {
        seen: bits & flag::SEEN != 0,
        answered: bits & flag::ANSWERED != 0,
        flagged: bits & flag::STARRED != 0,
        deleted: bits & flag::DELETED != 0,
        draft: bits & flag::DRAFT != 0,
        forwarded: bits & flag::FORWARDED != 0,
        receipt_sent: bits & flag::RECEIPT_SENT != 0,
        ..Flags::default()
    }
}

pub(crate) fn address(address: qiyou_mime::Address) -> Address {
    Address {
        name: address.name.unwrap_or_default(),
        address: address.address,
    }
}

fn addresses(list: Vec<qiyou_mime::Address>) -> Vec<Address> {
    list.into_iter().take(MAX_RECIPIENTS).map(address).collect()
}

/// The name of an attachment: the disposition's file name, else the type's name.
fn part_name(part: &qiyou_imap::Part) -> String {
    let plain = |params: &[(bytes::Bytes, bytes::Bytes)]| -> Vec<(Vec<u8>, Vec<u8>)> {
        params
            .iter()
            .map(|(name, value)| (name.to_vec(), value.to_vec()))
            .collect()
    };
    let named = if part.disposition_params.is_empty() {
        None
    } else {
        qiyou_mime::decode_parameter(&plain(&part.disposition_params), "filename")
    };
    named
        .or_else(|| {
            if part.params.is_empty() {
                None
            } else {
                qiyou_mime::decode_parameter(&plain(&part.params), "name")
            }
        })
        .unwrap_or_default()
}

fn part(part: &qiyou_imap::Part, name: String) -> Part {
    Part {
        section: part.path.clone(),
        mime_type: part.mime_type.clone(),
        encoding: part.encoding.clone(),
        charset: part.charset.clone(),
        name,
        size: part.size,
        content_id: part
            .id
            .as_ref()
            .map(|id| String::from_utf8_lossy(id).trim_matches(['<', '>', ' ']).to_owned())
            .filter(|id| !id.is_empty()),
        inline: part.disposition.as_deref() != Some("attachment") && part.id.is_some(),
    }
}

pub(crate) fn parts(structure: Option<&BodyStructure>) -> Parts {
    let Some(structure) = structure else {
        return Parts {
            unknown: true,
            ..Parts::default()
        };
    };
    let mut out = Parts::default();
    for text in structure.text_parts() {
        let slot = if text.mime_type == "text/html" {
            &mut out.html
        } else {
            &mut out.text
        };
        if slot.is_none() && matches!(text.mime_type.as_str(), "text/html" | "text/plain") {
            *slot = Some(part(text, String::new()));
        }
    }
    if !known_kind(structure) {
        return Parts {
            unknown: true,
            ..Parts::default()
        };
    }
    out.attachments = structure
        .attachments()
        .into_iter()
        .take(200)
        .map(|a| part(a, part_name(a)))
        .collect();
    out.unknown = out.text.is_none() && out.html.is_none() && out.attachments.is_empty();
    out
}

/// quirk: `structure_without_parts`. Exchange describes some multiparts without any part; what is left looks like one
/// part of a kind that does not exist.
fn known_kind(structure: &BodyStructure) -> bool {
    const KINDS: [&str; 9] = [
        "application",
        "audio",
        "font",
        "image",
        "message",
        "model",
        "multipart",
        "text",
        "video",
    ];
    let kind = structure.root.mime_type.split('/').next().unwrap_or_default();
    KINDS.contains(&kind) || kind.starts_with("x-")
}

/// Whether a person would say that the mail has attachments: pictures shown inside the text do not count.
pub(crate) fn attached(parts: &Parts) -> bool {
    parts
        .attachments
        .iter()
        .any(|a| !a.inline && a.mime_type != "text/calendar" || a.inline && parts.html.is_none())
}

pub(crate) fn row(row: &Row, now: i64) -> NewMail {
    let summary = qiyou_mime::summary(&row.header);
    let parts = parts(row.structure.as_ref());
    let mut bits = flags(&row.flags);
    if attached(&parts) {
        bits |= flag::ATTACHED;
    }
    if summary.high_priority {
        bits |= flag::IMPORTANT;
    }
    let from = addresses(summary.from);
    NewMail {
        uid: row.uid,
        // A server that gives no date, or one that lies in the future, must not put a mail above all others for ever.
        date: row
            .internal_date
            .or(summary.date)
            .unwrap_or(now)
            .min(now.saturating_add(86_400)),
        size: row.size.unwrap_or(0),
        flags: bits,
        modseq: row.modseq.unwrap_or(0),
        message_id: summary.message_id.unwrap_or_default(),
        subject: summary.subject,
        from: from.first().cloned().unwrap_or_default(),
        envelope: Envelope {
            from: if from.len() > 1 { from } else { Vec::new() },
            reply_to: addresses(summary.reply_to),
            to: addresses(summary.to),
            cc: addresses(summary.cc),
            sent_at: summary.date,
            in_reply_to: summary.in_reply_to,
            references: summary.references.into_iter().rev().take(20).collect(),
            list_id: summary.list_id,
            receipt_to: addresses(summary.receipt_to),
            followup_to: addresses(summary.followup_to),
            draft_mark: summary.draft_mark,
        },
        parts,
    }
}

pub(crate) fn folder(mailbox: &Mailbox) -> ListedFolder {
    let display = mailbox.name.display();
    let parts: Vec<String> = match mailbox.delimiter {
        Some(delimiter) => display
            .split(delimiter)
            .filter(|p| !p.is_empty())
            .map(str::to_owned)
            .collect(),
        None => vec![display.to_owned()],
    };
    ListedFolder {
        wire: mailbox.name.wire_text(),
        parts: if parts.is_empty() {
            vec![display.to_owned()]
        } else {
            parts
        },
        delimiter: mailbox.delimiter.map(String::from).unwrap_or_default(),
        role: match mailbox.special_use {
            Some(SpecialUse::Inbox) => Role::Inbox,
            Some(SpecialUse::Drafts) => Role::Drafts,
            Some(SpecialUse::Sent) => Role::Sent,
            Some(SpecialUse::Junk) => Role::Junk,
            Some(SpecialUse::Trash) => Role::Trash,
            Some(SpecialUse::Archive) => Role::Archive,
            Some(SpecialUse::All) => Role::All,
            Some(SpecialUse::Flagged) => Role::Flagged,
            Some(SpecialUse::Important) | None => Role::None,
        },
        owner: match mailbox.namespace {
            NamespaceKind::Personal => Owner::Personal,
            NamespaceKind::Other => Owner::Other,
            NamespaceKind::Shared => Owner::Shared,
        },
        selectable: mailbox.selectable,
        subscribed: mailbox.subscribed.unwrap_or(true),
    }
}
