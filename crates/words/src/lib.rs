//! Every word a person sees outside a mail: one catalogue in zh-CN, zh-TW and en, compiled in.
//!
//! The window reads the same files (`catalog/<language>/*.json`): flat keys with dots, placeholders as `{name}`,
//! plurals as two keys `x.one` and `x.other`. A key that one language lacks fails the tests of this crate.
//! Nobody edits zh-TW by hand: `npm run zh-tw` in `ui` makes it from zh-CN.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A language that the catalogue is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    ZhCn,
    ZhTw,
    En,
}

impl Language {
    /// From a locale name such as `zh_CN.UTF-8`, `zh-Hant-HK`, `en-GB`; the same rule as `ui/src/words/locale.ts`.
    /// Chinese for what is empty or `C`: Qiyou's people speak it.
    pub fn of_locale(locale: &str) -> Self {
        let lower = locale.to_ascii_lowercase();
        let name = lower.split(['.', '@']).next().unwrap_or_default();
        let mut parts = name.split(['-', '_']);
        match parts.next().unwrap_or_default() {
            "" | "c" | "posix" => Self::ZhCn,
            "zh" => {
                let rest: Vec<&str> = parts.collect();
                // Macao and Hong Kong read what Taiwan reads, unless the simplified script is asked for.
                let traditional = rest.iter().any(|part| ["hant", "tw", "hk", "mo"].contains(part));
                if traditional && !rest.contains(&"hans") {
                    Self::ZhTw
                } else {
                    Self::ZhCn
                }
            }
            _ => Self::En,
        }
    }

    /// BCP 47 name.
    pub fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::ZhTw => "zh-TW",
            Self::En => "en",
        }
    }
}

type Catalogue = HashMap<String, String>;

/// The files of one language; each has one subject.
macro_rules! catalogue {
    ($language:literal) => {
        catalogue!($language: "agent", "bridge", "commands", "compose", "contacts", "errors", "folder", "list", "read", "settings", "welcome", "window")
    };
    ($language:literal: $($file:literal),+) => {
        [$(($file, include_str!(concat!("../catalog/", $language, "/", $file, ".json")))),+]
    };
}

const ZH_CN_FILES: [(&str, &str); 12] = catalogue!("zh-CN");
const ZH_TW_FILES: [(&str, &str); 12] = catalogue!("zh-TW");
const EN_FILES: [(&str, &str); 12] = catalogue!("en");

fn read(files: &[(&str, &str)]) -> Catalogue {
    // The files are compiled in and the tests parse them; a broken one cannot reach a user.
    files
        .iter()
        .filter_map(|(_, file)| serde_json::from_str::<Catalogue>(file).ok())
        .flatten()
        .collect()
}

static ZH_CN: LazyLock<Catalogue> = LazyLock::new(|| read(&ZH_CN_FILES));
static ZH_TW: LazyLock<Catalogue> = LazyLock::new(|| read(&ZH_TW_FILES));
static EN: LazyLock<Catalogue> = LazyLock::new(|| read(&EN_FILES));

fn catalogue(language: Language) -> &'static Catalogue {
    match language {
        Language::ZhCn => &ZH_CN,
        Language::ZhTw => &ZH_TW,
        Language::En => &EN,
    }
}

/// The words of `key`, with `{name}` replaced by the arguments. A key that is not there comes back as itself.
pub fn say(language: Language, key: &str, args: &[(&str, &str)]) -> String {
    let Some(words) = catalogue(language).get(key) else {
        return key.to_owned();
    };
    let mut out = String::with_capacity(words.len());
    let mut rest = words.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        if let Some((name, tail)) = after.split_once('}') {
            out.push_str(args.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| *value));
            rest = tail;
        } else {
            out.push('{');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// Whether the catalogue has words for `key`.
pub fn has(language: Language, key: &str) -> bool {
    catalogue(language).contains_key(key)
}

/// The form for a number: `key.one` or `key.other`, with `{count}` filled in.
pub fn say_count(language: Language, key: &str, count: u64, args: &[(&str, &str)]) -> String {
    let form = if count == 1 && language == Language::En {
        "one"
    } else {
        "other"
    };
    let number = count.to_string();
    let mut all = vec![("count", number.as_str())];
    all.extend_from_slice(args);
    say(language, &format!("{key}.{form}"), &all)
}

#[cfg(test)]
mod tests;
