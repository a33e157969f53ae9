//! The enterprise directory: parts are taken in as the bridge gives them, and colleagues are found.

mod around;
mod search;

use qiyou_api::{
    Address, ApiError, Colleague, ColleagueCard, DepartmentOffer, DepartmentPeople, DirectoryPersonParams, ErrorCode,
    Filter, Sort, Unreachable,
};
use qiyou_bridge_api::{Department, DirectoryPart, NoAddress, Person};
use qiyou_people::key::{self, Form};
use qiyou_store::directory::{self, Key, Kind, PersonId, Spelling, StoredPerson};
use qiyou_store::ordered::{self, Which};
use qiyou_store::{Connection, Durability, Transaction, folders};

use crate::engine::{Engine, store_error};

pub use qiyou_store::directory::Applied;

pub(crate) use around::{Around, Kept};
pub(crate) use search::{Hit, Rank, search};

/// People, and departments, of one part beyond which it is refused.
pub const PART_MOST: usize = 20_000;

/// Colleagues whom a department stands for: a mail to more is no mail from person to person.
pub(crate) const DEPARTMENT_MOST: usize = 200;
/// Departments below one that are looked into.
const BELOW: usize = 400;

/// Characters of a name, an alias, a title.
const WORDS: usize = 120;
/// Octets of an address (RFC 5321 4.5.3.1, with what IDN adds) and of an id.
const ADDRESS: usize = 320;
/// Departments of one person.
const DEPARTMENTS: usize = 64;

const PERSON: Kind = 0;
const DEPARTMENT: Kind = 3;
const TITLE: Kind = 6;

fn kind(what: Kind, form: Form) -> Kind {
    let form = match form {
        Form::Begins => 0,
        Form::Later => 1,
        Form::Text => 2,
    };
    what.saturating_add(form)
}

fn keys(what: Kind, keys: Vec<key::Key>) -> Vec<Key> {
    let keys = keys.into_iter().map(|key| Key {
        // What a department is called is looked for as a whole: where in it makes no difference.
        kind: match key.form {
            Form::Later if what != PERSON => kind(what, Form::Begins),
            form => kind(what, form),
        },
        text: key.text,
    });
    keys.collect()
}

/// The keys of a person.
pub(crate) fn person_keys(person: &Person) -> Vec<key::Key> {
    let local = person
        .address
        .as_deref()
        .and_then(|address| address.split('@').next())
        .unwrap_or_default();
    let id = if person.id == local { "" } else { &person.id };
    key::of_person(&person.name, &person.alias, &[local, id])
}

const SPELLING: Spelling = Spelling {
    making: key::MAKING,
    person: |person| keys(PERSON, person_keys(person)),
    department: |name| keys(DEPARTMENT, key::of_words(name)),
    title: |name| keys(TITLE, key::of_words(name)),
};

/// One line, not too long.
fn line(text: &str, most: usize) -> String {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(most).collect()
}

fn is_address(text: &str) -> bool {
    text.len() <= ADDRESS
        && text
            .rsplit_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
        && !text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"'))
}

/// A person as this program keeps them: whatever the bridge was told by others is bounded, and an address is one.
fn tidied(person: Person) -> Person {
    let address = person
        .address
        .map(|address| address.to_lowercase())
        .filter(|address| is_address(address));
    let mut departments = person.departments;
    departments.truncate(DEPARTMENTS);
    Person {
        no_address: match address {
            Some(_) => None,
            None => person.no_address.or(Some(NoAddress::Empty)),
        },
        address,
        name: line(&person.name, WORDS),
        alias: line(&person.alias, WORDS),
        title: line(&person.title, WORDS),
        phone: line(&person.phone, WORDS),
        departments,
        id: person.id,
    }
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= ADDRESS && !id.chars().any(char::is_control)
}

fn unreachable(person: &Person) -> Option<Unreachable> {
    person.no_address.map(|why| match why {
        NoAddress::Empty => Unreachable::Empty,
        NoAddress::Ambiguous => Unreachable::Ambiguous,
        NoAddress::Withheld => Unreachable::Withheld,
    })
}

/// What a completion says of a colleague.
pub(crate) fn colleague(conn: &Connection, stored: &StoredPerson) -> qiyou_store::Result<Colleague> {
    let person = &stored.person;
    Ok(Colleague {
        userid: person.id.clone(),
        path: match person.departments.first() {
            Some(department) => directory::path(conn, *department)?,
            None => Vec::new(),
        },
        title: person.title.clone(),
        phone: person.phone.clone(),
        unreachable: unreachable(person),
    })
}

/// People with an address in a department and below it, and whether there are more than that.
fn reachable(conn: &Connection, department: i64) -> qiyou_store::Result<(Vec<PersonId>, bool)> {
    let mut all: Vec<PersonId> = Vec::new();
    let below = directory::below(conn, department, BELOW)?;
    for each in &below {
        let limit = DEPARTMENT_MOST.saturating_add(1);
        for person in directory::members(conn, *each, true, limit)? {
            if !all.contains(&person) {
                all.push(person);
            }
        }
        if all.len() > DEPARTMENT_MOST {
            break;
        }
    }
    let more = all.len() > DEPARTMENT_MOST || below.len() >= BELOW;
    all.truncate(DEPARTMENT_MOST);
    Ok((all, more))
}

/// What a completion says of a department; nothing where it is gone, or nobody in it can be written to.
pub(crate) fn offer(conn: &Connection, id: i64) -> qiyou_store::Result<Option<DepartmentOffer>> {
    let (people, more) = reachable(conn, id)?;
    let path = directory::path(conn, id)?;
    Ok((!people.is_empty() && !path.is_empty()).then(|| DepartmentOffer {
        id,
        path,
        count: u32::try_from(people.len()).unwrap_or(u32::MAX),
        more,
    }))
}

impl Engine {
    /// Takes in one part of the directory, in one transaction. `first` tells the first part of an answer (asked for
    /// without `after`) from those that follow it. A whole directory is seen when its last part has come; one that is
    /// broken off leaves the old. A part of more than [`PART_MOST`] is [`ErrorCode::TooLarge`].
    pub async fn directory_apply(&self, part: DirectoryPart, first: bool) -> Result<Applied, ApiError> {
        let counts = [
            part.people.len(),
            part.departments.len(),
            part.people_gone.len(),
            part.departments_gone.len(),
        ];
        if counts.iter().any(|count| *count > PART_MOST) {
            return Err(ApiError::new(ErrorCode::TooLarge));
        }
        self.directory_write(move |tx| {
            let people = part.people.into_iter().filter(|person| is_id(&person.id)).map(tidied);
            let departments = part.departments.into_iter().map(|department| Department {
                name: line(&department.name, WORDS),
                ..department
            });
            let part = DirectoryPart {
                people: people.collect(),
                departments: departments.collect(),
                ..part
            };
            directory::apply(tx, &part, first, &SPELLING)
        })
        .await
    }

    /// The revision to ask the bridge for changes since; 0 asks for all.
    pub async fn directory_revision(&self) -> Result<i64, ApiError> {
        let revision = |conn: &Connection| directory::revision(conn, key::MAKING);
        self.inner.store.read(revision).await.map_err(store_error)
    }

    /// Who signed in, by WeCom's userid: those near them stand first in a completion.
    pub async fn directory_own(&self, userid: &str) -> Result<(), ApiError> {
        let userid = userid.to_owned();
        self.directory_write(move |tx| directory::set_own(tx, &userid)).await
    }

    /// Takes the directory out, and who signed in with it: at sign-out.
    pub async fn directory_clear(&self) -> Result<(), ApiError> {
        self.directory_write(|tx| directory::clear(tx)).await
    }

    /// A change of the directory: what was read of it before is forgotten.
    async fn directory_write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> qiyou_store::Result<T> + Send + 'static,
    ) -> Result<T, ApiError> {
        let done = self
            .inner
            .store
            .write(Durability::Normal, change)
            .await
            .map_err(store_error)?;
        self.inner.around.forget();
        self.inner.people.forget();
        Ok(done)
    }

    /// A colleague's card.
    pub async fn directory_person(&self, params: DirectoryPersonParams) -> Result<Option<ColleagueCard>, ApiError> {
        let find = move |conn: &Connection| {
            let found = if params.userid.is_empty() {
                directory::person_at(conn, &params.address.to_lowercase())?
            } else {
                directory::person_called(conn, &params.userid)?
            };
            let Some(stored) = found else { return Ok(None) };
            let mut departments = Vec::new();
            for department in &stored.person.departments {
                let path = directory::path(conn, *department)?;
                if !path.is_empty() {
                    departments.push(path);
                }
            }
            let person = stored.person;
            let mails = match person.address.as_deref() {
                Some(address) => {
                    let which = Which {
                        folders: &folders::searched(conn)?,
                        filter: Filter::All,
                        person: Some(address),
                    };
                    ordered::entries(conn, &which, Sort::Newest)?.len()
                }
                None => 0,
            };
            Ok(Some(ColleagueCard {
                unreachable: unreachable(&person),
                userid: person.id,
                name: person.name,
                alias: person.alias,
                address: person.address.unwrap_or_default(),
                departments,
                title: person.title,
                phone: person.phone,
                mails: u32::try_from(mails).unwrap_or(u32::MAX),
            }))
        };
        self.inner.store.read(find).await.map_err(store_error)
    }

    /// Who is in a department and below it; [`ErrorCode::NotFound`] where there is none.
    pub async fn directory_department(&self, id: i64) -> Result<DepartmentPeople, ApiError> {
        let find = move |conn: &Connection| {
            let path = directory::path(conn, id)?;
            if path.is_empty() {
                return Err(qiyou_store::Error::NotFound);
            }
            let (ids, more) = reachable(conn, id)?;
            let mut people = Vec::new();
            for id in ids {
                let person = directory::person(conn, id)?.map(|stored| stored.person);
                people.extend(person.and_then(|person| {
                    Some(Address {
                        name: person.name,
                        address: person.address?,
                    })
                }));
            }
            Ok(DepartmentPeople { id, path, people, more })
        };
        self.inner.store.read(find).await.map_err(store_error)
    }
}

#[cfg(test)]
mod tests;
