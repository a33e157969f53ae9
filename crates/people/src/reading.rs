//! How a name may be typed: each Chinese character by itself or by a beginning of one of its readings, so that
//! `zhangsan`, `zhsan`, `zhangs`, `zs` and `张s` all mean 张三.

use pinyin::ToPinyinMulti;

use crate::surname;
use crate::syllable::{Typing, forms};

/// Characters of a name that are read.
const LONGEST: usize = 40;

/// A character and how it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sound {
    pub(crate) letter: char,
    /// Parted by strokes, in ASCII, ü as `v`; the usual ones come first. Empty for what is no Chinese character.
    pub(crate) readings: String,
    /// How many are usual.
    pub(crate) usual: usize,
}

/// The same, borrowed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spelt<'a> {
    pub(crate) letter: char,
    pub(crate) readings: &'a str,
    pub(crate) usual: usize,
}

impl Sound {
    pub(crate) fn spelt(&self) -> Spelt<'_> {
        Spelt {
            letter: self.letter,
            readings: &self.readings,
            usual: self.usual,
        }
    }
}

/// How much of a name was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    Begins,
    /// Something of each character.
    Whole,
}

/// The readings of a Chinese character, the commonest first; none of anything else.
pub(crate) fn readings_of(c: char) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for reading in c.to_pinyin_multi().into_iter().flatten() {
        let plain = reading.plain();
        if plain.is_ascii() {
            if !all.iter().any(|known| known == plain) {
                all.push(plain.to_owned());
            }
            continue;
        }
        let plain = plain.replace('ü', "v").replace('ê', "e");
        if !all.contains(&plain) {
            all.push(plain);
        }
    }
    all
}

/// The characters of a name. At its beginning a family name is read as one: its other readings come behind.
pub(crate) fn sounds(name: &str, longest: usize) -> Vec<Sound> {
    let mut surname = surname::of(name);
    let mut all = Vec::new();
    for c in name.chars().take(longest) {
        let mut readings = readings_of(c);
        let mut usual = usize::from(!readings.is_empty());
        if let Some(special) = surname.as_mut().and_then(Iterator::next) {
            let first: Vec<String> = special.split('/').map(str::to_owned).collect();
            readings.retain(|reading| !first.contains(reading));
            usual = first.len();
            readings.splice(0..0, first);
        }
        if !readings.is_empty() || c.is_alphanumeric() {
            let letter = c.to_lowercase().next().unwrap_or(c);
            all.push(Sound {
                letter,
                readings: readings.join("/"),
                usual,
            });
        }
    }
    all
}

/// Whether it is a Chinese character that can be read.
pub(crate) fn is_read(c: char) -> bool {
    !c.is_ascii() && c.to_pinyin_multi().is_some()
}

pub(crate) struct Reading(Vec<Sound>);

impl Reading {
    pub(crate) fn of(name: &str) -> Self {
        let sounds = sounds(name, LONGEST);
        // Other letters are found without this.
        let chinese = sounds.iter().any(|sound| sound.usual > 0);
        Self(if chinese { sounds } else { Vec::new() })
    }

    /// Whether what was typed is how the name begins.
    pub(crate) fn begins(&self, typed: &str, typing: Typing) -> bool {
        !self.0.is_empty() && fits(&self.spelt(), &without_blanks(typed), typing, false).is_some()
    }

    /// Whether it is how a later part of the name begins.
    pub(crate) fn holds(&self, typed: &str, typing: Typing) -> bool {
        let typed = without_blanks(typed);
        let spelt = self.spelt();
        (1..spelt.len()).any(|from| {
            spelt
                .get(from..)
                .is_some_and(|rest| fits(rest, &typed, typing, false).is_some())
        })
    }

    fn spelt(&self) -> Vec<Spelt<'_>> {
        self.0.iter().map(Sound::spelt).collect()
    }
}

/// An apostrophe parts syllables (`xi'an`).
pub(crate) fn without_blanks(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_whitespace() && *c != '\'').collect()
}

/// Takes each character in turn, or a beginning of a reading of it, until nothing is left of what was typed; with
/// `usual` by the usual readings alone.
pub(crate) fn fits(spelt: &[Spelt<'_>], typed: &str, typing: Typing, usual: bool) -> Option<Fit> {
    if typed.is_empty() {
        return None;
    }
    // Which rests of `typed` can be left after each character; a set keeps the work small.
    let mut rests: Vec<&str> = vec![typed];
    let mut best = None;
    for (at, sound) in spelt.iter().enumerate() {
        let last = at.saturating_add(1) == spelt.len();
        let mut next: Vec<&str> = Vec::new();
        let mut ended = false;
        for rest in &rests {
            if let Some(after) = rest.strip_prefix(sound.letter) {
                if after.is_empty() {
                    ended = true;
                } else if !next.contains(&after) {
                    next.push(after);
                }
            }
            let most = if usual { sound.usual } else { usize::MAX };
            for reading in sound.readings.split('/').take(most) {
                for form in forms(reading, typing) {
                    let common = form.bytes().zip(rest.bytes()).take_while(|(a, b)| a == b).count();
                    for taken in 1..=common {
                        let Some(after) = rest.get(taken..) else { continue };
                        if after.is_empty() {
                            ended = true;
                        } else if !next.contains(&after) {
                            next.push(after);
                        }
                    }
                }
            }
        }
        if ended {
            let fit = if last { Fit::Whole } else { Fit::Begins };
            best = best.max(Some(fit));
        }
        if next.is_empty() {
            break;
        }
        rests = next;
    }
    best
}
