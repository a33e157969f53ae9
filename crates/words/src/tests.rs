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
fn both_languages_have_the_same_keys_and_placeholders() {
    for ((file, zh), (other_file, en)) in ZH_CN_FILES.into_iter().zip(EN_FILES) {
        assert_eq!(file, other_file);
        let zh: BTreeMap<String, String> = serde_json::from_str(zh).unwrap();
        let en: BTreeMap<String, String> = serde_json::from_str(en).unwrap();
        let keys = |map: &BTreeMap<String, String>| map.keys().cloned().collect::<BTreeSet<_>>();
        let missing: Vec<_> = keys(&zh).symmetric_difference(&keys(&en)).cloned().collect();
        assert!(missing.is_empty(), "{file}: in one language only: {missing:?}");
        for (key, words) in &zh {
            assert!(!words.trim().is_empty(), "{file}: {key} is empty");
            let other = &en[key];
            assert_eq!(
                placeholders(words),
                placeholders(other),
                "{file}: placeholders of {key} differ"
            );
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
    assert_eq!(Language::of_locale("zh_TW.UTF-8"), Language::ZhCn);
    assert_eq!(Language::of_locale("C.UTF-8"), Language::ZhCn);
    assert_eq!(Language::of_locale("de_DE.UTF-8"), Language::En);
}
