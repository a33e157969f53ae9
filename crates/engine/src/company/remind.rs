//! Reminders in WeCom: what the member wants, what came, and which mail a card is about.

use std::sync::Arc;
use std::time::Duration;

use qiyou_api::{AccountId, ApiError, CompanyCard, CompanyReminders, ErrorCode, Event, MailId, ReminderWords, Role};
use qiyou_bridge_api::{
    Arrived, ArrivedMail, Card, CardWords, MOST_ARRIVED, Reminders, RemindersState, Unread, card_hash,
};
use qiyou_signin::bridge::Bridge;
use qiyou_store::{accounts, folders, mails};
use secrecy::SecretString;
use tokio::sync::broadcast::error::RecvError;

use super::keep;
use crate::engine::{Engine, Inner, locked, store_error};

/// Between a change of the number of unread mails, or a try that failed, and its way to the workbench.
const GATHER: Duration = Duration::from_secs(20);
/// How far the server's date of a mail may be from that which its sender wrote, in seconds.
const AROUND: i64 = 3 * 24 * 3600;

fn words(words: CardWords) -> ReminderWords {
    match words {
        CardWords::All => ReminderWords::All,
        CardWords::Sender => ReminderWords::Sender,
        CardWords::Nothing => ReminderWords::Nothing,
    }
}

fn shown(state: &RemindersState) -> CompanyReminders {
    CompanyReminders {
        cards: state.reminders.cards,
        words: words(state.reminders.words),
        all_folders: state.reminders.all_folders,
        unread: state.reminders.unread,
        mailbox: state.mailbox.clone(),
        workbench: state.workbench,
    }
}

fn remember(inner: &Inner, state: &RemindersState) {
    *locked(&inner.companies.reminders) = Some(state.clone());
    inner.companies.counting.notify_one();
}

/// What the member wants, as the bridge said last.
fn known(inner: &Inner) -> Option<RemindersState> {
    locked(&inner.companies.reminders).clone()
}

/// Asks the bridge what the member wants. One from before there were reminders has none.
pub(super) async fn fetch(inner: &Arc<Inner>) -> Result<(), ApiError> {
    let ask = |bridge: Bridge, token: SecretString| async move { bridge.reminders(&token).await };
    match keep::call(inner, ask).await {
        Ok(state) => remember(inner, &state),
        Err(error) if error.code == ErrorCode::NotABridge => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

/// The account of the mailbox that cards are about.
async fn account_of(inner: &Inner, mailbox: &str) -> Option<AccountId> {
    let all = inner.store.read(accounts::list).await.ok()?;
    let found = all.iter().find(|account| account.address.eq_ignore_ascii_case(mailbox));
    found.map(|account| account.id)
}

/// Mails came to a folder of an account while the app watched: the member is told of them in WeCom, if they want it.
pub(crate) async fn arrived(inner: &Arc<Inner>, account: AccountId, role: Role, told_of: bool, ids: &[MailId]) {
    let Some(RemindersState { reminders, mailbox, .. }) = known(inner) else {
        return;
    };
    let Some(mailbox) = mailbox.filter(|_| reminders.cards) else {
        return;
    };
    let here = role == Role::Inbox || (reminders.all_folders && told_of);
    if !here || account_of(inner, &mailbox).await != Some(account) {
        return;
    }
    let ids: Vec<MailId> = ids.iter().rev().take(MOST_ARRIVED).copied().collect();
    let read = move |conn: &qiyou_store::Connection| {
        ids.iter()
            .map(|id| mails::get(conn, *id))
            .collect::<qiyou_store::Result<Vec<_>>>()
    };
    let Ok(stored) = inner.store.read(read).await else {
        return;
    };
    let mails: Vec<ArrivedMail> = stored
        .iter()
        .filter(|mail| mail.row.unread && !mail.row.draft)
        .map(|mail| told(&mailbox, &reminders, mail))
        .collect();
    if mails.is_empty() {
        return;
    }
    let inner = Arc::clone(inner);
    tokio::spawn(async move {
        let arrived = Arrived { mails };
        let ask = |bridge: Bridge, token: SecretString| {
            let arrived = arrived.clone();
            async move { bridge.arrived(&token, &arrived).await }
        };
        if let Err(error) = keep::call(&inner, ask).await {
            tracing::info!(code = ?error.code, "nobody is reminded of a mail");
        }
    });
}

/// What the bridge is told of a mail: no more than the card shows.
fn told(mailbox: &str, reminders: &Reminders, mail: &mails::StoredMail) -> ArrivedMail {
    let row = &mail.row;
    let only = |wanted: bool, text: &str| if wanted { text.to_owned() } else { String::new() };
    let all = reminders.words == CardWords::All;
    let sender = if row.from.name.is_empty() {
        &row.from.address
    } else {
        &row.from.name
    };
    ArrivedMail {
        sent_at: mail.envelope.sent_at.unwrap_or(row.date),
        hash: card_hash(mailbox, &row.from.address, &row.subject),
        sender: only(reminders.words != CardWords::Nothing, sender),
        subject: only(all, &row.subject),
        words: only(all, &row.preview),
    }
}

/// Keeps the workbench's number, until it is dropped: looks when folders changed, and when the member wants it.
pub(super) async fn count(inner: &Arc<Inner>) {
    let mut events = inner.events.subscribe();
    let mut last = None;
    loop {
        tokio::select! {
            () = inner.companies.counting.notified() => {}
            event = events.recv() => match event {
                Ok(event) if !matches!(event.1, Event::FoldersChanged { .. }) => continue,
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => std::future::pending().await,
            },
        }
        let wanted = known(inner).filter(|state| state.workbench && state.reminders.unread);
        let Some(mailbox) = wanted.and_then(|state| state.mailbox) else {
            last = None;
            continue;
        };
        // Others may change meanwhile: they are counted with this one.
        tokio::time::sleep(GATHER).await;
        let Some(count) = unread(inner, &mailbox).await.filter(|count| last != Some(*count)) else {
            continue;
        };
        let ask = |bridge: Bridge, token: SecretString| async move { bridge.unread(&token, Unread { count }).await };
        match keep::call(inner, ask).await {
            Ok(()) => last = Some(count),
            Err(error) => {
                tracing::debug!(code = ?error.code, "the workbench's number was not set");
                inner.companies.counting.notify_one();
            }
        }
    }
}

/// Unread mails of a mailbox's inbox.
async fn unread(inner: &Inner, mailbox: &str) -> Option<u32> {
    let account = account_of(inner, mailbox).await?;
    let read = move |conn: &qiyou_store::Connection| folders::list(conn, Some(account));
    let all = inner.store.read(read).await.ok()?;
    let inbox = all.iter().find(|folder| folder.folder.role == Role::Inbox)?;
    Some(inbox.folder.unread)
}

impl Engine {
    /// What the member wants WeCom to tell of, asked of the bridge.
    pub async fn company_reminders(&self) -> Result<CompanyReminders, ApiError> {
        let ask = |bridge: Bridge, token: SecretString| async move { bridge.reminders(&token).await };
        let state = keep::call(&self.inner, ask).await?;
        remember(&self.inner, &state);
        Ok(shown(&state))
    }

    /// The member wants this from now on.
    pub async fn company_set_reminders(
        &self,
        wanted: CompanyReminders,
        lang: &str,
    ) -> Result<CompanyReminders, ApiError> {
        let reminders = Reminders {
            cards: wanted.cards,
            words: match wanted.words {
                ReminderWords::All => CardWords::All,
                ReminderWords::Sender => CardWords::Sender,
                ReminderWords::Nothing => CardWords::Nothing,
            },
            all_folders: wanted.all_folders,
            unread: wanted.unread,
            lang: lang.to_owned(),
        };
        let ask = |bridge: Bridge, token: SecretString| {
            let reminders = reminders.clone();
            async move { bridge.set_reminders(&token, &reminders).await }
        };
        let state = keep::call(&self.inner, ask).await?;
        remember(&self.inner, &state);
        Ok(shown(&state))
    }

    /// Which mail a card is about; else the inbox that it came to, else nothing of this computer.
    pub async fn company_card(&self, id: &str) -> Result<CompanyCard, ApiError> {
        let whole = !id.is_empty() && id.len() <= 64 && id.chars().all(|c| c.is_ascii_alphanumeric());
        if !whole {
            return Err(ApiError::new(ErrorCode::BadRequest).with("detail", "id"));
        }
        let ask = |bridge: Bridge, token: SecretString| async move { bridge.card(&token, id).await };
        let card = keep::call(&self.inner, ask).await?;
        let mailbox = match &card {
            Some(card) => Some(card.mailbox.clone()),
            // Too old to be known: it was a mail of the member's mailbox.
            None => keep::kept(&self.inner).await?.company.member.address,
        };
        let Some(account) = account_of(&self.inner, &mailbox.unwrap_or_default()).await else {
            return Ok(CompanyCard::default());
        };
        let place = self.place(account, card.clone()).await?;
        if place.mail.is_some() || card.is_none() {
            return Ok(place);
        }
        // WeCom was faster than the mailbox's server.
        self.inner.look(account).await;
        self.place(account, card).await
    }

    /// The mail of a card in an account, and the account's inbox.
    async fn place(&self, account: AccountId, card: Option<Card>) -> Result<CompanyCard, ApiError> {
        let read = move |conn: &qiyou_store::Connection| {
            let all = folders::list(conn, Some(account))?;
            let inbox = all.iter().find(|folder| folder.folder.role == Role::Inbox);
            let mails = match &card {
                Some(Card { sent_at, .. }) => mails::sent(
                    conn,
                    account,
                    (sent_at.saturating_sub(AROUND), sent_at.saturating_add(AROUND)),
                )?,
                None => Vec::new(),
            };
            let is_it = |mail: &&mails::SentMail| {
                card.as_ref().is_some_and(|card| {
                    mail.sent_at == card.sent_at && card_hash(&card.mailbox, &mail.from, &mail.subject) == card.hash
                })
            };
            Ok(CompanyCard {
                mail: mails.iter().find(is_it).map(|mail| mail.id),
                folder: inbox.map(|folder| folder.folder.id),
            })
        };
        self.inner.store.read(read).await.map_err(store_error)
    }
}
