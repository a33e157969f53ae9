//! What a person does with mails: at once here, in one transaction with the operation that tells the server.

use std::collections::{BTreeMap, BTreeSet};

use qiyou_api::{AccountId, ActParams, Action, ApiError, Done, ErrorCode, Event, FolderId, MailId, Role, UndoId};
use qiyou_store::mails::{self, StoredMail, flag};
use qiyou_store::operations::{self, Kind, Target};
use qiyou_store::undo::{self, Before};
use qiyou_store::{Connection, Durability, Transaction, folders};

use crate::engine::{Engine, store_error};
use qiyou_api::Tell;

/// Mails of one action.
const MOST: usize = 20_000;

fn target(mail: &StoredMail) -> Target {
    Target {
        mail: mail.row.id,
        uid: mail.uid,
        size: mail.row.size,
        date: mail.row.date,
        message_id: mail.message_id.clone(),
    }
}

/// Has the server told of flags that one mail gets. What shows here of them its caller sets.
pub(crate) fn queue_flags(conn: &Connection, mail: &StoredMail, add: u32, now: i64) -> qiyou_store::Result<()> {
    let kind = Kind::Flags { add, remove: 0 };
    operations::push(conn, mail.row.account, mail.row.folder, kind, &[target(mail)], now).map(drop)
}

/// What one transaction changed.
#[derive(Default)]
struct Changed {
    undo: Option<UndoId>,
    count: u32,
    accounts: BTreeSet<AccountId>,
    folders: BTreeSet<FolderId>,
    left: BTreeMap<FolderId, Vec<MailId>>,
    shown: Vec<MailId>,
    read: Vec<MailId>,
    forgotten: Vec<MailId>,
}

/// What is to become of a group of mails of one folder.
enum Plan {
    Flags { add: u32, remove: u32 },
    Move { to: FolderId },
    Expunge,
    Nothing,
}

fn role_of(tx: &Transaction<'_>, account: AccountId, role: Role) -> Result<FolderId, Refusal> {
    Ok(folders::by_role(tx, account, role)?
        .ok_or(Refusal::NoSuchRole(role))?
        .folder
        .id)
}

/// Why an action is refused as a whole.
enum Refusal {
    Store(qiyou_store::Error),
    NoSuchRole(Role),
    Confirm,
    OtherAccount,
}

impl From<qiyou_store::Error> for Refusal {
    fn from(error: qiyou_store::Error) -> Self {
        Self::Store(error)
    }
}

fn plan(tx: &Transaction<'_>, account: AccountId, folder: FolderId, action: &Action) -> Result<Plan, Refusal> {
    let here = folders::get(tx, folder)?.folder;
    let to = |id: FolderId| {
        if id == folder {
            Plan::Nothing
        } else {
            Plan::Move { to: id }
        }
    };
    Ok(match action {
        Action::MarkRead => Plan::Flags {
            add: flag::SEEN,
            remove: 0,
        },
        Action::MarkUnread => Plan::Flags {
            add: 0,
            remove: flag::SEEN,
        },
        Action::Star => Plan::Flags {
            add: flag::STARRED,
            remove: 0,
        },
        Action::Unstar => Plan::Flags {
            add: 0,
            remove: flag::STARRED,
        },
        Action::Archive => to(role_of(tx, account, Role::Archive)?),
        Action::Junk => to(role_of(tx, account, Role::Junk)?),
        Action::NotJunk => to(role_of(tx, account, Role::Inbox)?),
        Action::Delete { confirmed } => match (here.role, folders::by_role(tx, account, Role::Trash)?) {
            (role, Some(trash)) if role != Role::Trash => Plan::Move { to: trash.folder.id },
            // From the trash, or where there is none: for ever, so it is asked.
            _ if *confirmed => Plan::Expunge,
            _ => return Err(Refusal::Confirm),
        },
        Action::Move { folder: target } => {
            if folders::get(tx, *target)?.folder.account != account {
                return Err(Refusal::OtherAccount);
            }
            to(*target)
        }
    })
}

fn perform(
    tx: &Transaction<'_>,
    chosen: &[StoredMail],
    action: &Action,
    now: i64,
    changed: &mut Changed,
) -> Result<(), Refusal> {
    let mut groups: BTreeMap<(AccountId, FolderId), Vec<&StoredMail>> = BTreeMap::new();
    for mail in chosen {
        groups
            .entry((mail.row.account, mail.row.folder))
            .or_default()
            .push(mail);
    }
    // All is planned before anything is written: a refusal leaves everything as it was.
    let planned = groups
        .into_iter()
        .map(|((account, folder), group)| Ok((account, folder, plan(tx, account, folder, action)?, group)))
        .collect::<Result<Vec<_>, Refusal>>()?;
    let mut before: Vec<Before> = Vec::new();
    for (account, folder, plan, group) in planned {
        let touched: Vec<&StoredMail> = match plan {
            Plan::Flags { add, remove } => group
                .into_iter()
                .filter(|m| (m.flags & !remove) | add != m.flags)
                .collect(),
            Plan::Nothing => continue,
            Plan::Move { .. } | Plan::Expunge => group,
        };
        if touched.is_empty() {
            continue;
        }
        let targets: Vec<Target> = touched.iter().map(|m| target(m)).collect();
        let kind = match plan {
            Plan::Flags { add, remove } => Kind::Flags { add, remove },
            Plan::Move { to } => Kind::Move { to },
            Plan::Expunge | Plan::Nothing => Kind::Expunge,
        };
        operations::push(tx, account, folder, kind, &targets, now)?;
        changed.accounts.insert(account);
        changed.folders.insert(folder);
        changed.count = changed
            .count
            .saturating_add(u32::try_from(touched.len()).unwrap_or(u32::MAX));
        for mail in touched {
            let id = mail.row.id;
            match plan {
                Plan::Flags { add, remove } => {
                    before.push(Before {
                        mail: id,
                        folder,
                        flags: mail.flags,
                    });
                    mails::set_flags(tx, id, (mail.flags & !remove) | add, 0)?;
                    changed.shown.push(id);
                    if add & flag::SEEN != 0 {
                        changed.read.push(id);
                    }
                }
                Plan::Move { to } => {
                    before.push(Before {
                        mail: id,
                        folder,
                        flags: mail.flags,
                    });
                    mails::relocate(tx, id, to, 0)?;
                    changed.folders.insert(to);
                    changed.left.entry(folder).or_default().push(id);
                    changed.read.push(id);
                }
                Plan::Expunge | Plan::Nothing => {
                    mails::remove(tx, &[id])?;
                    changed.left.entry(folder).or_default().push(id);
                    changed.forgotten.push(id);
                    changed.read.push(id);
                }
            }
        }
    }
    if !before.is_empty() {
        changed.undo = Some(undo::push(tx, &before, now)?);
    }
    Ok(())
}

/// Takes back what an undo entry describes: an operation that was not begun is dropped, another one gets its inverse.
fn take_back(tx: &Transaction<'_>, before: &[Before], now: i64, changed: &mut Changed) -> Result<(), Refusal> {
    let mut moves: BTreeMap<(AccountId, FolderId, FolderId), Vec<Target>> = BTreeMap::new();
    let mut flags: BTreeMap<(AccountId, FolderId, u32, u32), Vec<Target>> = BTreeMap::new();
    for entry in before {
        let mail = match mails::get(tx, entry.mail) {
            Ok(mail) => mail,
            // Gone meanwhile (elsewhere, or for ever): nothing to take back.
            Err(qiyou_store::Error::NotFound) => continue,
            Err(other) => return Err(other.into()),
        };
        let account = mail.row.account;
        let here = mail.row.folder;
        changed.accounts.insert(account);
        changed.count = changed.count.saturating_add(1);
        if here != entry.folder {
            if folders::get(tx, entry.folder).is_err() {
                continue;
            }
            changed.folders.extend([here, entry.folder]);
            changed.left.entry(here).or_default().push(entry.mail);
            if let Some(uid) = operations::cancel_move(tx, entry.mail, entry.folder, here)? {
                mails::relocate(tx, entry.mail, entry.folder, uid)?;
            } else {
                moves
                    .entry((account, here, entry.folder))
                    .or_default()
                    .push(target(&mail));
                mails::relocate(tx, entry.mail, entry.folder, 0)?;
            }
        }
        let differs = (mail.flags ^ entry.flags) & flag::OF_SERVER;
        if differs != 0 {
            let add = entry.flags & differs;
            let remove = mail.flags & differs;
            let uid = mails::get(tx, entry.mail)?.uid;
            flags
                .entry((account, entry.folder, add, remove))
                .or_default()
                .push(Target { uid, ..target(&mail) });
            mails::set_flags(tx, entry.mail, entry.flags, 0)?;
            changed.shown.push(entry.mail);
            changed.folders.insert(entry.folder);
        }
    }
    for ((account, from, to), targets) in moves {
        operations::push(tx, account, from, Kind::Move { to }, &targets, now)?;
    }
    for ((account, folder, add, remove), targets) in flags {
        operations::push(tx, account, folder, Kind::Flags { add, remove }, &targets, now)?;
    }
    Ok(())
}

impl Engine {
    /// Does something with mails. Answers when the change is safe on disk, not when the server knows.
    pub async fn act(&self, params: ActParams) -> Result<Done, ApiError> {
        if params.mails.len() > MOST {
            return Err(ApiError::new(ErrorCode::TooLarge));
        }
        let now = self.inner.clock.now();
        self.transact(move |tx, changed| {
            let mut chosen = Vec::with_capacity(params.mails.len());
            for id in &params.mails {
                match mails::get(tx, *id) {
                    Ok(mail) => chosen.push(mail),
                    Err(qiyou_store::Error::NotFound) => {}
                    Err(other) => return Err(other.into()),
                }
            }
            if chosen.is_empty() && !params.mails.is_empty() {
                return Err(qiyou_store::Error::NotFound.into());
            }
            perform(tx, &chosen, &params.action, now, changed)
        })
        .await
    }

    /// Marks all mails of a folder read.
    pub async fn mark_all_read(&self, folder: FolderId) -> Result<Done, ApiError> {
        let now = self.inner.clock.now();
        self.transact(move |tx, changed| {
            let ids = mails::unread_ids(tx, folder)?;
            let chosen = ids
                .iter()
                .map(|id| mails::get(tx, *id))
                .collect::<Result<Vec<_>, _>>()?;
            perform(tx, &chosen, &Action::MarkRead, now, changed)
        })
        .await
    }

    /// Takes an action back, the newest when none is named.
    pub async fn undo(&self, id: Option<UndoId>) -> Result<Done, ApiError> {
        let now = self.inner.clock.now();
        self.transact(move |tx, changed| {
            let Some(before) = undo::take(tx, id)? else {
                return Ok(());
            };
            take_back(tx, &before, now, changed)
        })
        .await
        .and_then(|done| {
            if done.count == 0 {
                Err(ApiError::new(ErrorCode::NothingToUndo))
            } else {
                Ok(done)
            }
        })
    }

    async fn transact(
        &self,
        job: impl FnOnce(&Transaction<'_>, &mut Changed) -> Result<(), Refusal> + Send + 'static,
    ) -> Result<Done, ApiError> {
        let outcome = self
            .inner
            .store
            .write(Durability::Full, move |tx| {
                let mut changed = Changed::default();
                match job(tx, &mut changed) {
                    Ok(()) => {
                        let shown = changed.shown.iter().take(500).copied().collect::<Vec<_>>();
                        let rows = mails::rows(tx, &shown)?;
                        Ok(Ok((changed, rows, undo::newest(tx)?)))
                    }
                    Err(Refusal::Store(error)) => Err(error),
                    Err(refusal) => Ok(Err(refusal)),
                }
            })
            .await
            .map_err(store_error)?;
        let (changed, rows, newest) = match outcome {
            Ok(changed) => changed,
            Err(Refusal::NoSuchRole(role)) => {
                let role = format!("{role:?}").to_lowercase();
                return Err(ApiError::new(ErrorCode::NoSuchRole).with("role", role));
            }
            Err(Refusal::Confirm) => return Err(ApiError::new(ErrorCode::ConfirmationNeeded)),
            Err(Refusal::OtherAccount) => return Err(ApiError::new(ErrorCode::BadRequest)),
            Err(Refusal::Store(error)) => return Err(store_error(error)),
        };
        for account in &changed.accounts {
            if let Some(signals) = self.signals(*account) {
                signals.with(|pending| pending.operations = true);
            }
        }
        let events = &self.inner.events;
        for (folder, mails) in changed.left {
            events.emit(Event::MailRemoved { folder, mails });
        }
        for folder in &changed.folders {
            events.emit(Event::ListChanged { folder: *folder });
        }
        if !rows.is_empty() {
            events.emit(Event::MailChanged { rows });
        }
        if !changed.read.is_empty() {
            self.inner.tell(Tell::Withdraw { mails: changed.read });
        }
        if !changed.forgotten.is_empty() {
            let gone = changed.forgotten;
            self.inner
                .store
                .bodies(move |tx| qiyou_store::bodies::forget(tx, &gone))
                .await
                .map_err(store_error)?;
        }
        events.emit(Event::UndoChanged { undo: newest });
        let folders: Vec<FolderId> = changed.folders.into_iter().collect();
        self.inner.folders_changed(&folders).await;
        Ok(Done {
            undo: changed.undo,
            count: changed.count,
        })
    }
}
