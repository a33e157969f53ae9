//! The address book: what is kept, merged, read from files and written into them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use qiyou_api::{
    ApiError, BookChange, BookFormat, Contact, ContactBook, ContactContent, ContactFindParams, ContactGroup, ContactId,
    ContactSaveParams, ContactsExportParams, ContactsImportParams, ContactsImported, ContactsListParams, ErrorCode,
    Event, GroupId, GroupSaveParams,
};
use qiyou_people::book::{self, Card, Columns, Version};
use qiyou_people::means;
use qiyou_store::{Connection, Durability, contacts};

use crate::collate;
use crate::engine::{Engine, store_error};

/// Bytes of a file that is read.
const LARGEST: u64 = 64 * 1024 * 1024;
/// Contacts of the book.
const MOST: usize = 50_000;
/// Contacts of one answer.
const SHOWN: usize = 20_000;
/// Characters of a group's name.
const GROUP_NAME: usize = 100;

fn card(content: ContactContent, groups: Vec<String>, source: String) -> Card {
    Card {
        name: content.name,
        emails: content.emails,
        phones: content.phones,
        company: content.company,
        department: content.department,
        title: content.title,
        note: content.note,
        groups,
        source,
    }
}

fn content(card: &Card) -> ContactContent {
    ContactContent {
        name: card.name.clone(),
        emails: card.emails.clone(),
        phones: card.phones.clone(),
        company: card.company.clone(),
        department: card.department.clone(),
        title: card.title.clone(),
        note: card.note.clone(),
    }
}

fn name_of(contact: &Contact) -> &String {
    let content = &contact.content;
    if content.name.is_empty() {
        content
            .emails
            .first()
            .or(content.phones.first())
            .unwrap_or(&content.name)
    } else {
        &content.name
    }
}

fn group_name(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    words.join(" ").chars().take(GROUP_NAME).collect()
}

/// The numbers of the groups of these names, made where there are none.
fn groups_named(conn: &Connection, names: &[String]) -> qiyou_store::Result<Vec<GroupId>> {
    let mut all = Vec::new();
    for name in names {
        let name = group_name(name);
        if name.is_empty() {
            continue;
        }
        all.push(match contacts::group_named(conn, &name)? {
            Some(id) => id,
            None => contacts::add_group(conn, &name)?,
        });
    }
    Ok(all)
}

/// Both lists, none twice.
fn joined(mine: &[GroupId], theirs: &[GroupId]) -> Vec<GroupId> {
    mine.iter()
        .chain(theirs)
        .copied()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// Puts the cards of a file into the book; who is here by an address is completed with what the file knows more.
fn take_in(conn: &Connection, cards: Vec<Card>, now: i64) -> qiyou_store::Result<(BookChange, u32)> {
    let mut by_address: BTreeMap<String, ContactId> = BTreeMap::new();
    let mut here: BTreeMap<ContactId, Contact> = BTreeMap::new();
    for contact in contacts::all(conn)? {
        for email in &contact.content.emails {
            by_address.entry(email.to_lowercase()).or_insert(contact.id);
        }
        here.insert(contact.id, contact);
    }
    let mut change = BookChange::default();
    let mut touched: BTreeSet<ContactId> = BTreeSet::new();
    let mut known = 0_u32;
    for new in cards {
        let found = new
            .emails
            .iter()
            .find_map(|email| by_address.get(&email.to_lowercase()).copied());
        let groups = groups_named(conn, &new.groups)?;
        if let Some(contact) = found.and_then(|id| here.get_mut(&id)) {
            let mine = card(contact.content.clone(), Vec::new(), String::new());
            let theirs = Card {
                groups: Vec::new(),
                ..new.clone()
            };
            let both = content(&book::merged(&[mine, theirs]));
            let groups = joined(&contact.groups, &groups);
            if both == contact.content && groups == contact.groups {
                known = known.saturating_add(1);
                continue;
            }
            contacts::save(conn, contact.id, &both, now)?;
            contacts::give_source(conn, contact.id, &new.source)?;
            contacts::set_groups(conn, contact.id, &groups)?;
            // Twice in one file: what it was before the first is what it was.
            if touched.insert(contact.id) {
                change.before.push(contact.clone());
            }
            contact.content = both;
            contact.groups = groups;
            continue;
        }
        if here.len() >= MOST {
            break;
        }
        let id = contacts::add(conn, &content(&new), &new.source, now)?;
        contacts::set_groups(conn, id, &groups)?;
        for email in &new.emails {
            by_address.entry(email.to_lowercase()).or_insert(id);
        }
        here.insert(
            id,
            Contact {
                id,
                content: content(&new),
                groups,
            },
        );
        touched.insert(id);
        change.added.push(id);
    }
    Ok((change, known))
}

fn read_file(path: &str) -> Result<Vec<u8>, ApiError> {
    let unreadable =
        |error: std::io::Error| ApiError::new(ErrorCode::FileNotReadable).with("detail", error.to_string());
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(LARGEST.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LARGEST {
        return Err(ApiError::new(ErrorCode::TooLarge));
    }
    Ok(bytes)
}

impl Engine {
    /// The address book, or what of it is asked for.
    pub async fn contacts(&self, params: ContactsListParams) -> Result<ContactBook, ApiError> {
        let store = &self.inner.store;
        store
            .read(move |conn| {
                let mut all = contacts::all(conn)?;
                let total = u32::try_from(all.len()).unwrap_or(u32::MAX);
                let query: String = params.query.chars().take(100).collect();
                all.retain(|contact| {
                    let content = &contact.content;
                    let mut texts = vec![
                        content.company.as_str(),
                        content.department.as_str(),
                        content.title.as_str(),
                        content.note.as_str(),
                    ];
                    texts.extend(content.emails.iter().chain(&content.phones).map(String::as_str));
                    params.group.is_none_or(|group| contact.groups.contains(&group))
                        && means(&query, &content.name, &texts)
                });
                collate::sort(&mut all, name_of);
                all.truncate(SHOWN);
                let mut groups = contacts::groups(conn)?;
                collate::sort(&mut groups, |group| &group.name);
                Ok(ContactBook {
                    contacts: all,
                    groups,
                    total,
                })
            })
            .await
            .map_err(store_error)
    }

    /// The contact with this address.
    pub async fn contact_of(&self, params: ContactFindParams) -> Result<Option<Contact>, ApiError> {
        let all = self.inner.store.read(contacts::all).await.map_err(store_error)?;
        let has = |contact: &Contact| {
            contact
                .content
                .emails
                .iter()
                .any(|email| email.eq_ignore_ascii_case(&params.address))
        };
        Ok(all.into_iter().find(has))
    }

    /// Keeps a contact; `EmptyContact` when it says nothing of anybody.
    pub async fn contact_save(&self, params: ContactSaveParams) -> Result<Contact, ApiError> {
        let card = card(params.content, Vec::new(), String::new()).tidied();
        if !card.is_somebody() {
            return Err(ApiError::new(ErrorCode::EmptyContact));
        }
        let kept = content(&card);
        let (groups, id) = (params.groups, params.id);
        self.change_book(move |conn, now| {
            let id = match id {
                Some(id) => {
                    contacts::save(conn, id, &kept, now)?;
                    id
                }
                None => contacts::add(conn, &kept, "", now)?,
            };
            contacts::set_groups(conn, id, &groups)?;
            Ok(Contact {
                id,
                content: kept,
                groups,
            })
        })
        .await
    }

    /// Removes contacts.
    pub async fn contacts_remove(&self, ids: Vec<ContactId>) -> Result<BookChange, ApiError> {
        self.change_book(move |conn, now| {
            for id in &ids {
                contacts::set_removed(conn, *id, now)?;
            }
            Ok(BookChange {
                removed: ids,
                ..BookChange::default()
            })
        })
        .await
    }

    /// Contacts that seem to mean one person.
    pub async fn contacts_doubles(&self) -> Result<Vec<Vec<Contact>>, ApiError> {
        let mut all = self.inner.store.read(contacts::all).await.map_err(store_error)?;
        collate::sort(&mut all, name_of);
        let cards: Vec<Card> = all
            .iter()
            .map(|contact| card(contact.content.clone(), Vec::new(), String::new()))
            .collect();
        let sets = book::doubles(&cards).into_iter();
        Ok(sets
            .map(|set| set.into_iter().filter_map(|at| all.get(at).cloned()).collect())
            .collect())
    }

    /// Makes one contact of several: the first, with what the others know more.
    pub async fn contacts_merge(&self, ids: Vec<ContactId>) -> Result<BookChange, ApiError> {
        self.change_book(move |conn, now| {
            let all = contacts::all(conn)?;
            let some: Vec<&Contact> = ids
                .iter()
                .filter_map(|id| all.iter().find(|contact| contact.id == *id))
                .collect();
            let Some((first, others)) = some.split_first() else {
                return Err(qiyou_store::Error::NotFound);
            };
            let mut cards = Vec::new();
            let mut groups = Vec::new();
            for contact in &some {
                cards.push(card(
                    contact.content.clone(),
                    Vec::new(),
                    contacts::source(conn, contact.id)?,
                ));
                groups = joined(&groups, &contact.groups);
            }
            let one = book::merged(&cards);
            contacts::save(conn, first.id, &content(&one), now)?;
            contacts::give_source(conn, first.id, &one.source)?;
            contacts::set_groups(conn, first.id, &groups)?;
            for other in others {
                contacts::set_removed(conn, other.id, now)?;
            }
            Ok(BookChange {
                added: Vec::new(),
                removed: others.iter().map(|contact| contact.id).collect(),
                before: vec![(*first).clone()],
            })
        })
        .await
    }

    /// Takes a change of the book back.
    pub async fn contacts_revert(&self, change: BookChange) -> Result<(), ApiError> {
        self.change_book(move |conn, now| {
            for id in &change.added {
                contacts::set_removed(conn, *id, now)?;
            }
            for id in &change.removed {
                contacts::set_removed(conn, *id, 0)?;
            }
            for before in &change.before {
                // Who was removed since then is not brought back by this.
                match contacts::save(conn, before.id, &before.content, now) {
                    Ok(()) => contacts::set_groups(conn, before.id, &before.groups)?,
                    Err(qiyou_store::Error::NotFound) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        })
        .await
    }

    /// Reads a file of vCards or of comma separated values into the book.
    pub async fn contacts_import(&self, params: ContactsImportParams) -> Result<ContactsImported, ApiError> {
        let read = tokio::task::spawn_blocking(move || read_file(&params.path).map(|bytes| book::read(&bytes)))
            .await
            .map_err(|error| ApiError::new(ErrorCode::Internal).with("detail", error.to_string()))??;
        let Some(read) = read.filter(|read| !read.cards.is_empty()) else {
            return Err(ApiError::new(ErrorCode::NotContacts));
        };
        let (change, known) = self
            .change_book(move |conn, now| take_in(conn, read.cards, now))
            .await?;
        Ok(ContactsImported {
            change,
            known,
            unreadable: read.unreadable,
        })
    }

    /// Writes contacts into a file; how many.
    pub async fn contacts_export(&self, params: ContactsExportParams) -> Result<u32, ApiError> {
        let cards = self
            .inner
            .store
            .read(move |conn| {
                let names: BTreeMap<GroupId, String> = contacts::groups(conn)?
                    .into_iter()
                    .map(|group| (group.id, group.name))
                    .collect();
                let mut all = contacts::all(conn)?;
                all.retain(|contact| params.group.is_none_or(|group| contact.groups.contains(&group)));
                collate::sort(&mut all, name_of);
                let mut cards = Vec::new();
                for contact in all {
                    let groups = contact.groups.iter().filter_map(|id| names.get(id).cloned()).collect();
                    let source = contacts::source(conn, contact.id)?;
                    cards.push(card(contact.content, groups, source));
                }
                Ok(cards)
            })
            .await
            .map_err(store_error)?;
        let count = u32::try_from(cards.len()).unwrap_or(u32::MAX);
        tokio::task::spawn_blocking(move || {
            let failed = |detail: String| ApiError::new(ErrorCode::FileNotWritable).with("detail", detail);
            let bytes = match params.format {
                BookFormat::Vcard4 => book::write_cards(&cards, Version::V4).into_bytes(),
                BookFormat::Vcard3 => book::write_cards(&cards, Version::V3).into_bytes(),
                BookFormat::Vcard21 => book::write_cards(&cards, Version::V2_1).into_bytes(),
                BookFormat::CsvOutlook => {
                    book::write_sheet(&cards, Columns::Outlook).map_err(|e| failed(e.to_string()))?
                }
                BookFormat::CsvFoxmail => {
                    book::write_sheet(&cards, Columns::Foxmail).map_err(|e| failed(e.to_string()))?
                }
            };
            std::fs::write(&params.path, bytes).map_err(|error| failed(error.to_string()))
        })
        .await
        .map_err(|error| ApiError::new(ErrorCode::Internal).with("detail", error.to_string()))??;
        Ok(count)
    }

    /// Makes a group, or gives one a new name.
    pub async fn group_save(&self, params: GroupSaveParams) -> Result<ContactGroup, ApiError> {
        let name = group_name(&params.name);
        if name.is_empty() {
            return Err(ApiError::new(ErrorCode::BadRequest).with("detail", "a group without a name"));
        }
        let saved = self
            .change_book(move |conn, _| {
                let taken = contacts::group_named(conn, &name)?;
                if taken.is_some() && taken != params.id {
                    return Ok(None);
                }
                let id = match params.id {
                    Some(id) => {
                        contacts::rename_group(conn, id, &name)?;
                        id
                    }
                    None => contacts::add_group(conn, &name)?,
                };
                Ok(contacts::groups(conn)?.into_iter().find(|group| group.id == id))
            })
            .await?;
        saved.ok_or_else(|| ApiError::new(ErrorCode::GroupExists))
    }

    /// Removes a group; its contacts stay.
    pub async fn group_remove(&self, id: GroupId) -> Result<(), ApiError> {
        self.change_book(move |conn, _| contacts::remove_group(conn, id)).await
    }

    async fn change_book<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection, i64) -> qiyou_store::Result<T> + Send + 'static,
    ) -> Result<T, ApiError> {
        let now = self.inner.clock.now();
        let done = self
            .inner
            .store
            .write(Durability::Full, move |tx| {
                contacts::purge(tx, now)?;
                job(tx, now)
            })
            .await
            .map_err(store_error)?;
        self.inner.people.forget();
        self.emit(Event::ContactsChanged);
        Ok(done)
    }
}
