//! Read receipts that others ask for (RFC 8098): who is asked, and what goes.

use qiyou_api::{Address, ApiError, ErrorCode, Event, ReceiptAsked, ReceiptParams, Role};
use qiyou_store::mails::{self, StoredMail, flag};
use qiyou_store::outbox::{self, NewEntry, Section};
use qiyou_store::{Durability, accounts, folders};

use crate::actions::queue_flags;
use crate::drafts::{ascii_domain, author, new_message_id, person, unique};
use crate::engine::{Engine, store_error};
use crate::own::{self, is_own};

/// Characters of what a receipt says to people.
const LONGEST: usize = 4000;

/// Who asks for a receipt, where nobody decided about that yet.
pub(crate) fn asked(mail: &StoredMail, role: Role, own: &[String]) -> Option<ReceiptAsked> {
    let [to, others @ ..] = mail.envelope.receipt_to.as_slice() else {
        return None;
    };
    let mine = |address: &str| is_own(own, address);
    let settled = mail.flags & flag::RECEIPT_SENT != 0;
    let elsewhere = matches!(role, Role::Junk | Role::Trash | Role::Sent | Role::Drafts);
    if settled || elsewhere || mine(&mail.row.from.address) || qiyou_smtp::Path::new(&to.address).is_err() {
        return None;
    }
    let came_here = |who: &Address| mine(&who.address);
    let automatic = others.is_empty()
        && to.address.eq_ignore_ascii_case(&mail.row.from.address)
        && mail.envelope.list_id.is_none()
        && mail.envelope.to.iter().chain(&mail.envelope.cc).any(came_here);
    Some(ReceiptAsked {
        to: to.clone(),
        automatic,
    })
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

impl Engine {
    /// Sends the receipt that a mail asks for, or decides that none goes. The mail is marked (`$MDNSent`, RFC 3503), so
    /// that nobody is asked again, here or in another program.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when nothing is asked, or somebody decided already; [`ErrorCode::BadRequest`] when nobody
    /// was asked who has to be.
    pub async fn mail_receipt(&self, params: ReceiptParams) -> Result<(), ApiError> {
        let id = params.mail;
        let now = self.inner.clock.now();
        let zone = self.inner.clock.offset(now);
        let settings = self.inner.settings();
        let done = self
            .inner
            .store
            .write(Durability::Full, move |tx| {
                let mail = mails::get(tx, id)?;
                let role = folders::get(tx, mail.row.folder)?.folder.role;
                let all = accounts::list(tx)?;
                let Some(asked) = asked(&mail, role, &own::addresses(&all, &settings)) else {
                    return Ok(Err(ErrorCode::NotFound));
                };
                if params.send && params.automatic && !asked.automatic {
                    return Ok(Err(ErrorCode::BadRequest));
                }
                let account = accounts::get(tx, mail.row.account)?;
                let mut entry = None;
                if params.send {
                    let alias = own::answering(&all, &settings, account.id, &mail);
                    let from = author(&account, &settings, &alias);
                    let message_id = new_message_id(&account.address);
                    let composed = qiyou_mime::receipt(&qiyou_mime::Receipt {
                        from: from.clone(),
                        to: person(&asked.to),
                        subject: cut(&params.subject),
                        text: cut(&params.text),
                        message_id: message_id.clone(),
                        date: (now, zone),
                        original: mail.message_id.clone(),
                        automatic: params.automatic,
                        unique: unique(&message_id),
                    });
                    let new = NewEntry {
                        account: account.id,
                        due: now,
                        sender: from.address,
                        recipients: vec![ascii_domain(&asked.to.address)],
                        message_id,
                        subject: cut(&params.subject),
                        date: now,
                        eight_bit: composed.eight_bit,
                        utf8: composed.utf8,
                        receipt: true,
                    };
                    let text = composed.text();
                    let pushed = outbox::push(tx, &new, &[Section::Text(&text)], composed.size, now)?;
                    entry = Some(outbox::get(tx, pushed)?);
                }
                queue_flags(tx, &mail, flag::RECEIPT_SENT, now)?;
                mails::set_own_flags(tx, id, flag::RECEIPT_SENT, 0)?;
                Ok(Ok((account.id, entry)))
            })
            .await
            .map_err(store_error)?;
        let (account, entry) = done.map_err(ApiError::new)?;
        if let Some(entry) = entry {
            self.inner.outbox_changed(entry.id, Some(entry.seen()));
            self.ring_outbox(account);
        }
        if let Some(signals) = self.signals(account) {
            signals.with(|pending| pending.operations = true);
        }
        self.inner.events.emit(Event::Reported { mails: vec![id] });
        Ok(())
    }
}
