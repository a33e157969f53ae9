//! Which East Asian language a text is in: the same character is drawn differently in each.

use super::token::{Token, Tokens};

/// Common characters that only simplified, or only traditional, Chinese writes so.
const SIMPLIFIED: &str = "这个们来时说国会对于后学与为请发关将您业务总实现经动问题应该没还让认进过点开见论设计员单";
const TRADITIONAL: &str = "這個們來時說國會對於後學與為請發關將業務總實現經動問題應該還讓認進過點開見論設計員單";

/// Which East Asian language a text is in, told by its script.
pub(super) fn language(html: &str) -> Option<&'static str> {
    let mut counts = Scripts::default();
    for token in Tokens::new(html).take(5000) {
        if let Token::Text(text) = token {
            counts.add(text);
        }
    }
    if counts.han.saturating_add(counts.kana).saturating_add(counts.hangul) < 4 {
        return None;
    }
    if counts.kana.saturating_mul(10) > counts.han {
        return Some("ja");
    }
    if counts.hangul > counts.han {
        return Some("ko");
    }
    Some(if counts.traditional > counts.simplified {
        "zh-TW"
    } else {
        "zh-CN"
    })
}

#[derive(Default)]
struct Scripts {
    han: usize,
    kana: usize,
    hangul: usize,
    simplified: usize,
    traditional: usize,
}

impl Scripts {
    fn add(&mut self, text: &str) {
        for c in text.chars().filter(|c| *c >= '\u{3040}').take(20_000) {
            let counter = match c {
                '\u{3040}'..='\u{30FF}' => &mut self.kana,
                '\u{AC00}'..='\u{D7AF}' => &mut self.hangul,
                '\u{4E00}'..='\u{9FFF}' => &mut self.han,
                _ => continue,
            };
            *counter = counter.saturating_add(1);
            let simplified = SIMPLIFIED.contains(c);
            let traditional = TRADITIONAL.contains(c);
            if simplified && !traditional {
                self.simplified = self.simplified.saturating_add(1);
            } else if traditional && !simplified {
                self.traditional = self.traditional.saturating_add(1);
            }
        }
    }
}
