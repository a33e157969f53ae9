//! The order of words: numbers and letters, then Han characters by their pinyin as CLDR has it (UTS #35, UTS #10).

use std::collections::HashMap;

use icu_collator::options::{CollatorOptions, Strength};
use icu_collator::{Collator, CollatorBorrowed};
use icu_locale_core::locale;

/// Sorts things by a word of each; what differs in case or accents only is equal, and stays in its order.
pub(crate) fn sort<T>(things: &mut [T], word: impl Fn(&T) -> &String) {
    let Some(collator) = collator() else {
        // The data are part of the program: without them there is the order of code points.
        things.sort_by_cached_key(|thing| word(thing).to_lowercase());
        return;
    };
    // A list has far more mails than words, and comparing words takes its time.
    let mut words: Vec<&str> = things.iter().map(|thing| word(thing).as_str()).collect();
    words.sort_unstable();
    words.dedup();
    // CLDR puts Han before all other letters; every list that people here know has it behind them.
    words.sort_by(|a, b| is_han(a).cmp(&is_han(b)).then_with(|| collator.compare(a, b)));
    let mut ranks = HashMap::with_capacity(words.len());
    let mut rank = 0_u32;
    let mut before: Option<&str> = None;
    for each in words {
        if before.is_some_and(|before| collator.compare(before, each).is_ne()) {
            rank = rank.saturating_add(1);
        }
        before = Some(each);
        ranks.insert(each.to_owned(), rank);
    }
    things.sort_by_cached_key(|thing| ranks.get(word(thing)).copied());
}

/// Whether a word begins with a Han character (UAX #38).
fn is_han(word: &str) -> bool {
    matches!(
        word.chars().next(),
        Some('\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
    )
}

fn collator() -> Option<CollatorBorrowed<'static>> {
    let mut options = CollatorOptions::default();
    options.strength = Some(Strength::Primary);
    Collator::try_new(locale!("zh-u-co-pinyin").into(), options).ok()
}

#[cfg(test)]
mod tests {
    use super::sort;

    #[test]
    fn names_stand_by_pinyin_behind_latin_letters_and_numbers() {
        let mut names = [
            "张三",
            "王五",
            "Zoe",
            "李四",
            "anna",
            "赵六",
            "2026 年报",
            "Bob",
            "孙七",
            "Anna",
            "安全部",
        ]
        .map(str::to_owned);
        sort(&mut names, |name| name);
        let wanted = [
            "2026 年报",
            "anna",
            "Anna",
            "Bob",
            "Zoe",
            "安全部",
            "李四",
            "孙七",
            "王五",
            "张三",
            "赵六",
        ];
        assert_eq!(names, wanted);
    }

    #[test]
    fn equal_words_stay_as_they_came() {
        let mut pairs = [("李四", 1), ("安", 2), ("李四", 3), ("安", 4)].map(|(name, n)| (name.to_owned(), n));
        sort(&mut pairs, |(name, _)| name);
        assert_eq!(pairs.map(|(_, n)| n), [2, 4, 1, 3]);
    }
}
