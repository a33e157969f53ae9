//! From what was typed to colleagues and departments: scans of bounded ranges of keys, ranked by nearness, then by how
//! they match.

use std::cmp::Reverse;
use std::collections::HashMap;

use qiyou_people::Meeting;
use qiyou_people::key::{Form, Query, Range};
use qiyou_store::directory::{self, PersonId};
use qiyou_store::{Connection, Result};

use super::{Around, DEPARTMENT, PERSON, TITLE, kind};

/// Keys that are looked at for one stroke of a key, by what they are of.
const BEGINS: usize = 1500;
const LATER: usize = 500;
const TEXTS: usize = 300;
const WORDS: usize = 80;
/// Ranges of departments and titles.
const WORD_RANGES: usize = 48;
/// Departments and titles that are gone on with.
const OFFERS: usize = 3;
/// Colleagues with a title, or of a department, that was typed.
const OF_EACH: usize = 40;
/// From so many letters on the spellings are told apart well enough to stop at the likeliest.
const CLEAR: usize = 5;
/// So many are enough then.
const ENOUGH: usize = 40;

/// How a row stands among others; the smaller comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    /// Meant by name; by title, by department, or only by what sounds alike.
    pub(crate) remote: bool,
    /// [`Around::steps`]; far away where nobody knows.
    pub(crate) steps: u8,
    pub(crate) meeting: Reverse<Meeting>,
}

/// A colleague, or a department.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hit {
    Person(PersonId),
    Department(i64),
}

struct Search<'a> {
    conn: &'a Connection,
    query: &'a Query,
    around: &'a Around,
    sets: Vec<Vec<Range>>,
    /// By department.
    steps: HashMap<i64, u8>,
    people: HashMap<PersonId, Rank>,
}

impl Search<'_> {
    fn steps(&mut self, department: i64) -> u8 {
        let around = self.around;
        *self
            .steps
            .entry(department)
            .or_insert_with(|| around.steps(department).unwrap_or(u8::MAX))
    }

    fn add(&mut self, person: PersonId, department: i64, meeting: Meeting, remote: bool) {
        let rank = Rank {
            remote: remote || meeting == Meeting::Forgiven,
            steps: self.steps(department),
            meeting: Reverse(meeting),
        };
        let best = self.people.entry(person).or_insert(rank);
        *best = (*best).min(rank);
    }

    /// Scans spellings of people, at most `most` keys: a share of what is left for each range, so that one name that
    /// very many have leaves room for the others.
    fn spellings(&mut self, form: Form, most: usize) -> Result<()> {
        let sets = std::mem::take(&mut self.sets);
        let mut left = most;
        for (at, set) in sets.iter().enumerate() {
            let is_last = at.saturating_add(1) == sets.len();
            let mut of_set = if is_last { left } else { left.saturating_sub(left / 4) };
            let mut met = 0_usize;
            for (at, range) in set.iter().enumerate() {
                let ranges = set.len().saturating_sub(at).max(1);
                let share = of_set.checked_div(ranges).unwrap_or(0).max(4);
                let mut hits = Vec::new();
                let looked = directory::scan(
                    self.conn,
                    kind(PERSON, form),
                    (&range.from, &range.to),
                    share,
                    |text, owner, department| {
                        if let Some(meeting) = self.query.meets(form, text) {
                            hits.push((owner, department, meeting));
                        }
                    },
                )?;
                met = met.saturating_add(hits.len());
                for (owner, department, meeting) in hits {
                    self.add(owner, department, meeting, false);
                }
                of_set = of_set.saturating_sub(looked);
                left = left.saturating_sub(looked);
            }
            if left == 0 || (met >= ENOUGH && self.query.len() >= CLEAR) {
                break;
            }
        }
        self.sets = sets;
        Ok(())
    }

    fn texts(&mut self) -> Result<()> {
        let range = self.query.texts();
        let mut hits = Vec::new();
        directory::scan(
            self.conn,
            kind(PERSON, Form::Text),
            (&range.from, &range.to),
            TEXTS,
            |text, owner, department| {
                if let Some(meeting) = self.query.meets(Form::Text, text) {
                    hits.push((owner, department, meeting));
                }
            },
        )?;
        for (owner, department, meeting) in hits {
            self.add(owner, department, meeting, false);
        }
        Ok(())
    }

    fn near(&mut self) {
        let around = self.around;
        for near in &around.near {
            let keys = near.keys.iter();
            let meeting = keys.filter_map(|key| self.query.meets(key.form, &key.text)).max();
            if let Some(meeting) = meeting {
                self.add(near.id, near.department, meeting, false);
            }
        }
    }

    /// Departments, or titles, that are called like it.
    fn words(&self, what: directory::Kind) -> Result<HashMap<i64, Meeting>> {
        let mut found: HashMap<i64, Meeting> = HashMap::new();
        let spellings = self.sets.iter().flatten().take(WORD_RANGES);
        let spellings = spellings.cloned().map(|range| (Form::Begins, range));
        let mut left = WORDS;
        for (form, range) in spellings.chain([(Form::Text, self.query.texts())]) {
            let looked = directory::scan(
                self.conn,
                kind(what, form),
                (&range.from, &range.to),
                left,
                |text, owner, _| {
                    if let Some(meeting) = self.query.meets(form, text) {
                        let best = found.entry(owner).or_insert(meeting);
                        *best = (*best).max(meeting);
                    }
                },
            )?;
            left = left.saturating_sub(looked);
        }
        Ok(found)
    }
}

/// The likeliest, at most `most`, and some departments among them.
pub(crate) fn search(conn: &Connection, query: &Query, around: &Around, most: usize) -> Result<Vec<(Rank, Hit)>> {
    if around.nobody {
        return Ok(Vec::new());
    }
    let mut search = Search {
        conn,
        query,
        around,
        sets: query.spellings(),
        steps: HashMap::new(),
        people: HashMap::new(),
    };
    search.near();
    search.spellings(Form::Begins, BEGINS)?;
    search.spellings(Form::Later, LATER)?;
    search.texts()?;
    let mut all = Vec::new();
    // One letter means nobody's department.
    if query.len() > 1 && query.address().is_none() {
        let titles = search.words(TITLE)?;
        let mut titles: Vec<(Reverse<Meeting>, i64)> = titles.into_iter().map(|(id, met)| (Reverse(met), id)).collect();
        titles.sort_unstable();
        for (_, title) in titles.into_iter().take(OFFERS) {
            for (person, department) in directory::titled(conn, title, OF_EACH)? {
                search.add(person, department, Meeting::InName, true);
            }
        }
        let departments = search.words(DEPARTMENT)?;
        let mut departments: Vec<(Rank, i64)> = departments
            .into_iter()
            .map(|(id, meeting)| {
                let rank = Rank {
                    remote: meeting == Meeting::Forgiven,
                    steps: search.steps(id),
                    meeting: Reverse(meeting),
                };
                (rank, id)
            })
            .collect();
        departments.sort_unstable();
        departments.truncate(OFFERS);
        for (rank, department) in departments {
            for person in directory::members(conn, department, false, OF_EACH)? {
                search.add(person, department, Meeting::InName, true);
            }
            all.push((rank, Hit::Department(department)));
        }
    }
    let mut people: Vec<(Rank, PersonId)> = search.people.into_iter().map(|(id, rank)| (rank, id)).collect();
    people.sort_unstable();
    all.extend(people.into_iter().take(most).map(|(rank, id)| (rank, Hit::Person(id))));
    // Stable: of equals a department comes first.
    all.sort_by_key(|(rank, _)| *rank);
    Ok(all)
}
