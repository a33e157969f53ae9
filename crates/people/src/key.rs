//! Search keys: what is stored for a name so that it is found again from what is typed by scans of ranges of sorted
//! keys, however many people there are.
//!
//! The key of a spelling is its first syllable whole, the initials of the others, what these others are, and the
//! characters: `zhang xm␁xiao ming/meng␁张小明`. So `zhang`, `zhangx`, `zhangxm` and `zhangxiaom` are each one range;
//! `zxm` is one for each syllable with z. What a range holds is compared with what was typed by [`Query::meets`].
//! A reading of the first character that is not the usual one is a key of its own, which ends in ␂; readings of the
//! others share a key as long as their initials are the same.

use std::collections::{BTreeSet, HashSet};

use crate::Meeting;
use crate::reading::{Fit, Sound, Spelt, fits, is_read, readings_of, sounds, without_blanks};
use crate::surname;
use crate::syllable::{self, Typing, beginning};

/// Changes with the keys that are made: a store with keys of another making is filled anew.
pub const MAKING: u32 = 1;

/// Characters of a run that are spelt.
const RUN: usize = 12;
/// Runs of one text.
const RUNS: usize = 6;
/// Keys of one run at one place: readings of its first character times initials of the others.
const VARIANTS: usize = 6;
/// Keys of one person.
const KEYS: usize = 32;
/// Characters of a text key.
const TEXT: usize = 40;
/// Ranges of one query.
const RANGES: usize = 200;
/// Initials behind the first syllable that a range is narrowed by.
const DEPTH: usize = 3;

const PARTS: char = '\u{1}';
const UNUSUAL: char = '\u{2}';

/// What a key is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// How a name is spelt.
    Begins,
    /// How a later part of it is spelt.
    Later,
    /// Letters as they stand: a Latin name, an alias, the local part of an address.
    Text,
}

/// One key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub form: Form,
    pub text: String,
}

/// Keys from `from` on, and before `to`; compared byte by byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Range {
    pub from: String,
    pub to: String,
}

impl Range {
    fn of(prefix: String) -> Self {
        Self {
            to: format!("{prefix}\u{10ffff}"),
            from: prefix,
        }
    }
}

fn initials(sound: &Sound) -> BTreeSet<char> {
    sound
        .readings
        .split('/')
        .filter_map(|reading| reading.chars().next())
        .collect()
}

/// Keys of some characters that stand beside each other.
fn spell(form: Form, sounds: &[Sound], keys: &mut Vec<Key>) {
    let Some((first, rest)) = sounds.split_first() else {
        return;
    };
    let letters: String = sounds.iter().map(|sound| sound.letter).collect();
    // Each way in which the others can begin, the usual one first. Most names have one.
    let mut begun: Vec<(String, Vec<String>)> = vec![(String::new(), Vec::new())];
    for sound in rest {
        let usual = sound.readings.chars().next();
        let mut all: Vec<char> = initials(sound).into_iter().collect();
        all.sort_by_key(|initial| Some(*initial) != usual);
        begun = all
            .iter()
            .flat_map(|initial| {
                let same: Vec<&str> = sound.readings.split('/').filter(|r| r.starts_with(*initial)).collect();
                let same = same.join("/");
                begun.iter().map(move |(initials, spelt)| {
                    let mut spelt = spelt.clone();
                    spelt.push(same.clone());
                    (format!("{initials}{initial}"), spelt)
                })
            })
            .take(VARIANTS)
            .collect();
    }
    let heads = first.readings.split('/').enumerate();
    let variants = heads.flat_map(|(at, head)| begun.iter().map(move |rest| (at < first.usual, head, rest)));
    for (usual, head, (initials, spelt)) in variants.take(VARIANTS) {
        let mut text = format!("{head} {initials}{PARTS}{}{PARTS}{letters}", spelt.join(" "));
        if !usual {
            text.push(UNUSUAL);
        }
        keys.push(Key { form, text });
    }
}

/// The Chinese runs of a text, and what stands between them.
fn runs(text: &str) -> Vec<(bool, String)> {
    let mut all: Vec<(bool, String)> = Vec::new();
    for c in text.chars() {
        let chinese = is_read(c);
        match all.last_mut() {
            Some((same, run)) if *same == chinese => run.push(c),
            _ => all.push((chinese, c.to_string())),
        }
    }
    all.truncate(RUNS);
    all
}

/// A text as it stands, from each of its words on.
fn words(text: &str, keys: &mut Vec<Key>) {
    // One line stays one: whoever keeps keys may part them by control characters.
    let blank = |c: char| if c.is_whitespace() || c.is_control() { ' ' } else { c };
    let text: String = text.to_lowercase().chars().map(blank).collect();
    let is_part = |c: char| !c.is_alphanumeric();
    let text = text.trim_matches(is_part);
    let mut begins = true;
    for (at, c) in text.char_indices() {
        if begins && c.is_alphanumeric() {
            let rest = text.get(at..).unwrap_or_default();
            // A single letter at the end is found with what stands before it.
            if at == 0 || rest.chars().count() > 1 {
                keys.push(Key {
                    form: Form::Text,
                    text: rest.chars().take(TEXT).collect(),
                });
            }
        }
        begins = is_part(c);
    }
}

fn tidied(mut keys: Vec<Key>) -> Vec<Key> {
    let mut seen = HashSet::new();
    keys.retain(|key| seen.insert(key.clone()));
    keys.truncate(KEYS);
    keys
}

/// Keys of a person by name, alias, and letters that an address or a number begins with.
pub fn of_person(name: &str, alias: &str, handles: &[&str]) -> Vec<Key> {
    let mut keys = Vec::new();
    for text in [name, alias] {
        for (at, (chinese, run)) in runs(text).iter().enumerate() {
            if !chinese {
                words(run, &mut keys);
                continue;
            }
            let sounds = sounds(run, RUN);
            let form = if at == 0 { Form::Begins } else { Form::Later };
            spell(form, &sounds, &mut keys);
            // A family name of two characters is one: nobody begins in its middle.
            let from = surname::of(run).map_or(1, Iterator::count).max(1);
            for at in from..sounds.len().min(from.saturating_add(3)) {
                spell(Form::Later, sounds.get(at..).unwrap_or_default(), &mut keys);
            }
        }
    }
    // `zhangsan@…` is how 张三 is spelt anyway.
    let mut handled = Vec::new();
    for handle in handles {
        words(handle, &mut handled);
    }
    handled.retain(|key| !keys.iter().any(|other| spells(other, &key.text)));
    keys.extend(handled);
    tidied(keys)
}

/// Whether a key's spelling is this, letter by letter.
fn spells(key: &Key, typed: &str) -> bool {
    key.form != Form::Text
        && parsed(&key.text).is_some_and(|(spelt, _)| {
            let mut rest = typed;
            spelt.iter().all(|sound| {
                let whole = sound.readings.split('/').next().unwrap_or_default();
                rest.strip_prefix(whole).inspect(|after| rest = after).is_some()
            }) && rest.is_empty()
        })
}

/// Keys of what a department or a post is called, from each of its characters and words on.
pub fn of_words(text: &str) -> Vec<Key> {
    let mut keys = Vec::new();
    for (chinese, run) in runs(text) {
        if !chinese {
            words(&run, &mut keys);
            continue;
        }
        let sounds = sounds_of_words(&run);
        for at in 0..sounds.len() {
            let form = if at == 0 { Form::Begins } else { Form::Later };
            spell(form, sounds.get(at..).unwrap_or_default(), &mut keys);
        }
    }
    tidied(keys)
}

/// No family names stand here.
fn sounds_of_words(run: &str) -> Vec<Sound> {
    run.chars()
        .take(RUN)
        .map(|letter| Sound {
            letter,
            readings: readings_of(letter).join("/"),
            usual: 1,
        })
        .collect()
}

/// The characters of a spelling's key, and whether its first reading is the usual one.
fn parsed(key: &str) -> Option<(Vec<Spelt<'_>>, bool)> {
    let (key, usual) = match key.strip_suffix(UNUSUAL) {
        Some(key) => (key, false),
        None => (key, true),
    };
    let mut parts = key.split(PARTS);
    let (head, _) = parts.next()?.split_once(' ')?;
    let rest = parts.next()?;
    let readings = std::iter::once(head).chain(rest.split(' '));
    let spelt = parts.next()?.chars().zip(readings).map(|(letter, readings)| Spelt {
        letter,
        readings,
        usual: 1,
    });
    Some((spelt.collect(), usual))
}

/// What was typed, ready to be looked for.
#[derive(Clone, Debug)]
pub struct Query {
    /// Without blanks.
    typed: String,
    /// As it stands.
    text: String,
    typing: Typing,
}

impl Query {
    /// Nothing where nothing was typed.
    pub fn new(typed: &str, typing: Typing) -> Option<Self> {
        let text: String = typed.trim().to_lowercase().chars().take(TEXT).collect();
        // Behind the local part of an address nothing is spelt; the caller compares the whole.
        let local = text.split('@').next().unwrap_or_default();
        let typed = without_blanks(local);
        (!typed.is_empty()).then_some(Self { typed, text, typing })
    }

    /// Letters and characters that were typed.
    pub fn len(&self) -> usize {
        self.typed.chars().count()
    }

    /// Never: nobody asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.typed.is_empty()
    }

    /// The whole address, as far as it was typed, once there is an `@`.
    pub fn address(&self) -> Option<&str> {
        self.text.contains('@').then_some(self.text.as_str())
    }

    /// Where keys of [`Form::Text`] may lie.
    pub fn texts(&self) -> Range {
        Range::of(self.text.split('@').next().unwrap_or_default().to_owned())
    }

    /// Where keys of spellings may lie, in sets: those first that take most of what was typed as the first syllable.
    pub fn spellings(&self) -> Vec<Vec<Range>> {
        let mut sets: Vec<Vec<(&str, &str)>> = Vec::new();
        let Some(first) = self.typed.chars().next() else {
            return Vec::new();
        };
        let readings: Vec<String> = readings_of(first);
        if first.is_ascii_lowercase() {
            for taken in (1..=syllable::LONGEST).rev() {
                let Some((head, rest)) = self.typed.split_at_checked(taken) else {
                    continue;
                };
                sets.push(beginning(head, self.typing).map(|syllable| (syllable, rest)).collect());
            }
        } else {
            let rest = self.typed.strip_prefix(first).unwrap_or_default();
            let mut heads: Vec<&str> = readings.iter().map(String::as_str).collect();
            heads.extend(surname::beginnings(first).map(|head| -> &str { head }));
            sets.push(heads.into_iter().map(|head| (head, rest)).collect());
        }
        let mut seen = HashSet::new();
        let mut ranges = Vec::new();
        for set in sets {
            let mut of_set = Vec::new();
            let mut rests = (String::new(), Vec::new());
            for (head, rest) in set {
                if rest != rests.0 || rests.1.is_empty() {
                    rests = (rest.to_owned(), next_initials(rest, self.typing, DEPTH));
                }
                for initials in &rests.1 {
                    let prefix = format!("{head} {initials}");
                    if seen.len() < RANGES && seen.insert(prefix.clone()) {
                        of_set.push(Range::of(prefix));
                    }
                }
            }
            if !of_set.is_empty() {
                ranges.push(of_set);
            }
        }
        ranges
    }

    /// How a key meets what was typed.
    pub fn meets(&self, form: Form, key: &str) -> Option<Meeting> {
        if form == Form::Text {
            let text = self.text.split('@').next().unwrap_or_default();
            return (!text.is_empty() && key.starts_with(text)).then_some(if key == text {
                Meeting::Whole
            } else {
                Meeting::Address
            });
        }
        let (spelt, usual) = parsed(key)?;
        let exact = fits(&spelt, &self.typed, Typing::Exact, true);
        let fit = match exact {
            Some(fit) => fit,
            None if fits(&spelt, &self.typed, Typing::Exact, false).is_some() => return Some(Meeting::Otherwise),
            None => return fits(&spelt, &self.typed, self.typing, false).map(|_| Meeting::Forgiven),
        };
        Some(match (form, usual, fit) {
            (Form::Later, ..) => Meeting::Sounds,
            (_, false, _) if self.typed.is_ascii() => Meeting::Otherwise,
            (_, _, Fit::Whole) => Meeting::Whole,
            _ if !self.typed.is_ascii() => Meeting::Name,
            _ => Meeting::SoundsFirst,
        })
    }
}

/// With which initials what is left of the typed letters can go on.
fn next_initials(rest: &str, typing: Typing, depth: usize) -> Vec<String> {
    let Some(first) = rest.chars().next().filter(|_| depth > 0) else {
        return vec![String::new()];
    };
    // An initial, and what is left behind its syllable.
    let mut next: BTreeSet<(char, &str)> = BTreeSet::new();
    if first.is_ascii_lowercase() {
        for taken in 1..=syllable::LONGEST {
            let Some((head, after)) = rest.split_at_checked(taken) else {
                break;
            };
            next.extend(beginning(head, typing).filter_map(|syllable| Some((syllable.chars().next()?, after))));
        }
    } else {
        let after = rest.strip_prefix(first).unwrap_or_default();
        let initials = readings_of(first)
            .into_iter()
            .filter_map(|reading| reading.chars().next());
        next.extend(initials.map(|initial| (initial, after)));
    }
    let mut all = BTreeSet::new();
    for (initial, after) in next {
        for more in next_initials(after, typing, depth.saturating_sub(1)) {
            all.insert(format!("{initial}{more}"));
        }
    }
    all.into_iter().collect()
}

#[cfg(test)]
mod tests;
