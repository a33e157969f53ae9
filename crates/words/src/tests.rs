use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn placeholders(words: &str) -> BTreeSet<&str> {
    words
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
        .collect()
}

#[test]
fn all_languages_have_the_same_keys_and_placeholders() {
    for other_files in [ZH_TW_FILES, EN_FILES] {
        for ((file, zh), (other_file, other)) in ZH_CN_FILES.into_iter().zip(other_files) {
            assert_eq!(file, other_file);
            let zh: BTreeMap<String, String> = serde_json::from_str(zh).unwrap();
            let other: BTreeMap<String, String> = serde_json::from_str(other).unwrap();
            let keys = |map: &BTreeMap<String, String>| map.keys().cloned().collect::<BTreeSet<_>>();
            let missing: Vec<_> = keys(&zh).symmetric_difference(&keys(&other)).cloned().collect();
            assert!(missing.is_empty(), "{file}: in one language only: {missing:?}");
            for (key, words) in &zh {
                assert!(!words.trim().is_empty(), "{file}: {key} is empty");
                assert_eq!(
                    placeholders(words),
                    placeholders(&other[key]),
                    "{file}: placeholders of {key} differ"
                );
            }
        }
    }
}

#[test]
fn no_key_stands_in_two_files() {
    let mut seen = BTreeMap::new();
    for (file, zh) in ZH_CN_FILES {
        for key in serde_json::from_str::<BTreeMap<String, String>>(zh)
            .unwrap()
            .into_keys()
        {
            if let Some(other) = seen.insert(key.clone(), file) {
                panic!("{key} stands in {other} and in {file}");
            }
        }
    }
}

#[test]
fn a_key_without_words_is_shown_as_itself_and_never_panics() {
    assert_eq!(say(Language::En, "no.such.key", &[]), "no.such.key");
}

#[test]
fn locales_choose_a_language() {
    // The same table as in `ui/tests/unit/words.test.ts`.
    for (locale, language) in [
        ("", Language::ZhCn),
        ("C", Language::ZhCn),
        ("C.UTF-8", Language::ZhCn),
        ("POSIX", Language::ZhCn),
        ("zh", Language::ZhCn),
        ("zh_CN.UTF-8", Language::ZhCn),
        ("zh-SG", Language::ZhCn),
        ("zh-Hans-HK", Language::ZhCn),
        ("zh_TW.UTF-8", Language::ZhTw),
        ("zh_HK", Language::ZhTw),
        ("zh-MO", Language::ZhTw),
        ("zh-Hant", Language::ZhTw),
        ("zh_TW.UTF-8@radical", Language::ZhTw),
        ("de_DE.UTF-8", Language::En),
        ("en-GB", Language::En),
        ("cy_GB", Language::En),
    ] {
        assert_eq!(Language::of_locale(locale), language, "{locale:?}");
    }
}

#[test]
fn every_language_says_its_own_words() {
    assert_eq!(say(Language::ZhCn, "role.inbox", &[]), "收件箱");
    assert_eq!(say(Language::ZhTw, "role.inbox", &[]), "收件匣");
    assert_eq!(say(Language::En, "role.inbox", &[]), "Inbox");
    for language in [Language::ZhCn, Language::ZhTw, Language::En] {
        assert_eq!(Language::of_locale(language.tag()), language);
    }
}
