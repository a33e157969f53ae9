//! How a name may be typed: each Chinese character by a beginning of one of its readings, so that `zhangsan`, `zhsan`,
//! `zhangs` and `zs` all mean 张三.

use pinyin::ToPinyinMulti;

/// Characters of a name that are read.
const LONGEST: usize = 40;

/// One character's readings, in ASCII.
type Sound = Vec<String>;

pub(crate) struct Reading(Vec<Sound>);

impl Reading {
    pub(crate) fn of(name: &str) -> Self {
        let mut sounds = Vec::new();
        let mut chinese = false;
        for c in name.chars().take(LONGEST) {
            let multi: Option<Sound> = c
                .to_string()
                .as_str()
                .to_pinyin_multi()
                .next()
                .flatten()
                .map(|readings| {
                    let mut all: Vec<String> = Vec::new();
                    for reading in readings {
                        let plain = reading.plain();
                        // ü is typed as v, and by many as u.
                        for typed in [plain.replace('ü', "v"), plain.replace('ü', "u")] {
                            if !all.contains(&typed) {
                                all.push(typed);
                            }
                        }
                    }
                    all
                });
            match multi {
                Some(all) => {
                    chinese = true;
                    sounds.push(all);
                }
                None if c.is_alphanumeric() => sounds.push(vec![c.to_lowercase().collect()]),
                None => {}
            }
        }
        // Other letters are found without this.
        Self(if chinese { sounds } else { Vec::new() })
    }

    /// Whether what was typed is how the name begins.
    pub(crate) fn begins(&self, typed: &str) -> bool {
        !self.0.is_empty() && typed.is_ascii() && fits(&self.0, &without_blanks(typed))
    }

    /// Whether it is how a later part of the name begins.
    pub(crate) fn holds(&self, typed: &str) -> bool {
        let typed = without_blanks(typed);
        typed.is_ascii() && (1..self.0.len()).any(|from| self.0.get(from..).is_some_and(|rest| fits(rest, &typed)))
    }
}

/// An apostrophe parts syllables (`xi'an`).
fn without_blanks(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_whitespace() && *c != '\'').collect()
}

/// Takes a beginning of a reading of each character in turn until nothing is left of what was typed.
fn fits(sounds: &[Sound], typed: &str) -> bool {
    // Which rests of `typed` can be left after each character; a set keeps the work small.
    let mut rests: Vec<&str> = vec![typed];
    for sound in sounds {
        let mut next: Vec<&str> = Vec::new();
        for rest in &rests {
            for reading in sound {
                let common = reading.bytes().zip(rest.bytes()).take_while(|(a, b)| a == b).count();
                for taken in 1..=common {
                    let Some(after) = rest.get(taken..) else { continue };
                    if after.is_empty() {
                        return true;
                    }
                    if !next.contains(&after) {
                        next.push(after);
                    }
                }
            }
        }
        if next.is_empty() {
            return false;
        }
        rests = next;
    }
    false
}
