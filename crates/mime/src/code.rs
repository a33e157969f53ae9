//! Finds the verification code in a mail (验证码, 动态密码, OTP ...), so that a bubble can offer to copy it.
//!
//! A number counts only by how it stands to the word that announces it: right behind it (`验证码：482913`), right before
//! it (`482913 is your verification code`), or alone on its line. A code missed costs a click; a wrong one costs trust.

use std::ops::Range;

use crate::display::clip;

mod number;

/// Text that is looked at, in bytes.
const LONGEST: usize = 16 * 1024;

/// Words that announce a code of digits or of six letters and digits.
const STRONG: [&str; 42] = [
    "验证码",
    "校验码",
    "动态码",
    "动态密码",
    "动态口令",
    "随机码",
    "确认码",
    "一次性密码",
    "一次性口令",
    "一次性代码",
    "验证代码",
    "登录码",
    "安全码",
    "激活码",
    "短信码",
    "认证码",
    "核验码",
    "驗證碼",
    "校驗碼",
    "動態密碼",
    "認證碼",
    "驗證代碼",
    "一次性密碼",
    "確認碼",
    "verification code",
    "verification pin",
    "verify code",
    "security code",
    "authentication code",
    "authorization code",
    "login code",
    "log-in code",
    "sign-in code",
    "sign in code",
    "signin code",
    "one-time code",
    "one time code",
    "one-time password",
    "one time password",
    "one-time passcode",
    "one-time pin",
    "two-factor code",
];
/// Words that announce a code of digits only: what they announce in letters is a booking or a discount.
const WEAK: [&str; 9] = [
    "otp",
    "2fa code",
    "mfa code",
    "auth code",
    "confirmation code",
    "your code",
    "the code",
    "activation code",
    "following code",
];
/// What stands before a strong word when it means something else.
const OTHER_MEANING: [&str; 12] = [
    "发票",
    "發票",
    "md5",
    "crc",
    "crc16",
    "crc32",
    "sha256",
    "条形码",
    "身份证",
    "统一社会信用",
    "文件",
    "sha1",
];

/// The code, without blanks or hyphens, if the mail is one that brings a code. `text` is plain text; blanks within
/// lines do not matter.
pub fn verification_code(subject: &str, text: &str) -> Option<String> {
    let subject = normal(clip(subject, 1000));
    let text = normal(clip(text, LONGEST));
    best(&subject)
        .or_else(|| best(&text))
        .or_else(|| alone(&subject, &text))
}

/// Digits and blanks of full width as the others are, ASCII letters kept in their case.
fn normal(text: &str) -> String {
    text.chars()
        .filter(|c| !crate::display::is_deceptive(*c))
        .map(|c| match c {
            '０'..='９' => char::from_digit(u32::from(c).saturating_sub(0xFF10), 10).unwrap_or(c),
            '\u{A0}' | '\u{3000}' | '\u{2002}'..='\u{200A}' | '\t' => ' ',
            '‐' | '‑' | '–' => '-',
            c => c,
        })
        .collect()
}

struct Keyword {
    at: Range<usize>,
    strong: bool,
}

fn keywords(lower: &str) -> Vec<Keyword> {
    let mut found = Vec::new();
    for (words, strong) in [(STRONG.as_slice(), true), (WEAK.as_slice(), false)] {
        for word in words {
            for (at, _) in lower.match_indices(word).take(20) {
                let end = at.saturating_add(word.len());
                let before = lower.get(..at).unwrap_or_default();
                let after = lower.get(end..).unwrap_or_default();
                let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
                let within_word =
                    word.is_ascii() && (letter(before.chars().next_back()) || letter(after.chars().next()));
                let nearby = before.trim_end_matches([' ', ':', '：', '-']);
                if !within_word && !OTHER_MEANING.iter().any(|other| nearby.ends_with(other)) {
                    found.push(Keyword { at: at..end, strong });
                }
            }
        }
    }
    found
}

/// The code that stands closest and clearest to a word that announces it.
fn best(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let keywords = keywords(&lower);
    if keywords.is_empty() && !lower.contains(" is your ") {
        return None;
    }
    let candidates = number::candidates(text);
    let mut best: Option<(u32, &number::Candidate)> = None;
    for candidate in &candidates {
        let score = keywords
            .iter()
            .filter(|k| k.strong || candidate.digits)
            .map(|k| score(&lower, k, candidate, &candidates))
            .max()
            .unwrap_or(0);
        let score = score.max(named_by_what_follows(&lower, candidate));
        if score > best.map_or(0, |(best, _)| best) {
            best = Some((score, candidate));
        }
    }
    best.map(|(_, candidate)| candidate.code.clone())
}

fn score(lower: &str, keyword: &Keyword, candidate: &number::Candidate, all: &[number::Candidate]) -> u32 {
    let between = |range: Range<usize>| -> Option<&str> {
        let crossed = all
            .iter()
            .any(|other| other.at.start >= range.start && other.at.end <= range.end && other.at != candidate.at);
        lower.get(range).filter(|_| !crossed)
    };
    if candidate.at.start >= keyword.at.end {
        let Some(gap) = between(keyword.at.end..candidate.at.start) else {
            return 0;
        };
        if gap.len() > 240 || number::is_something_else(lower, candidate, keyword.at.end) {
            return 0;
        }
        let bare = without_brackets(gap);
        return if is_only_joints(&bare) {
            // "the code 1234 ..." in a talk about software is weaker than "验证码 1234".
            if !candidate.year_like || !bare.trim().is_empty() {
                100
            } else {
                0
            }
        } else if ends_in_joint(&bare) && !candidate.year_like {
            80
        } else {
            0
        };
    }
    if keyword.at.start >= candidate.at.end {
        let Some(gap) = between(candidate.at.end..keyword.at.start) else {
            return 0;
        };
        if gap.chars().count() > 40 || candidate.year_like || number::is_something_else(lower, candidate, 0) {
            return 0;
        }
        let gap = gap.trim_start_matches(['”', '"', '】', ']', '」', '*', '\'']);
        let gap = gap.trim_start();
        let joints = [
            "是", "为", "為", "即", "作为", "作為", "(", "（", "is ", "as ", "- ", "用作",
        ];
        if joints.iter().any(|joint| gap.starts_with(joint)) && !gap.contains(['。', '!', '！', '\n', ',', '，', ';'])
        {
            return 85;
        }
    }
    0
}

/// `482913 is your Example code`.
fn named_by_what_follows(lower: &str, candidate: &number::Candidate) -> u32 {
    let after = lower.get(candidate.at.end..).unwrap_or_default();
    let Some(name) = after.strip_prefix(" is your ") else {
        return 0;
    };
    let name = clip(name, 60).split(['.', '\n', ',']).next().unwrap_or_default();
    let other = [
        "promo", "discount", "coupon", "tracking", "order", "booking", "area", "zip", "postal", "employee", "qr",
        "bar", "referral", "invite",
    ];
    let names_code = name.split(' ').any(|word| word.trim_end_matches(['!', ':']) == "code");
    if candidate.digits && names_code && !other.iter().any(|word| name.contains(word)) {
        85
    } else {
        0
    }
}

/// The only number alone on a line, in a mail that talks of a code.
fn alone(subject: &str, text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let in_subject = keywords(&subject.to_ascii_lowercase()).iter().any(|k| k.strong);
    let strong: Vec<Range<usize>> = keywords(&lower)
        .into_iter()
        .filter(|k| k.strong)
        .map(|k| k.at)
        .collect();
    let mut only: Option<String> = None;
    for candidate in number::candidates(text) {
        let announced = in_subject && candidate.at.start < 1500
            || strong.iter().any(|k| {
                (k.end <= candidate.at.start && candidate.at.start.saturating_sub(k.end) < 600)
                    || (candidate.at.end <= k.start && k.start.saturating_sub(candidate.at.end) < 300)
            });
        if !announced || candidate.year_like || !number::is_alone_on_line(text, &candidate) {
            continue;
        }
        match &only {
            Some(other) if *other != candidate.code => return None,
            _ => only = Some(candidate.code),
        }
    }
    only
}

/// Remarks in brackets (`验证码（5分钟内有效）：482913`) are no text between.
fn without_brackets(gap: &str) -> String {
    let mut out = String::new();
    let mut rest = gap;
    while let Some(at) = rest.find(['(', '（']) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        if let Some(end) = from.find([')', '）']) {
            let close = from
                .get(end..)
                .and_then(|tail| tail.chars().next())
                .map_or(1, char::len_utf8);
            rest = from.get(end.saturating_add(close)..).unwrap_or_default();
        } else {
            out.push_str(from);
            rest = "";
        }
    }
    out.push_str(rest);
    out
}

fn is_only_joints(gap: &str) -> bool {
    const WORDS: [&str; 30] = [
        "您的",
        "你的",
        "本次",
        "如下",
        "见下",
        "请使用",
        "请输入",
        "使用",
        "输入",
        "填写",
        "是",
        "为",
        "為",
        "即",
        "您",
        "码",
        "到",
        "以下",
        "请",
        "follows",
        "below",
        "here",
        "this",
        "code",
        "the",
        "are",
        "as",
        "is",
        "in",
        "use",
    ];
    let mut rest = gap.to_owned();
    for word in WORDS {
        rest = rest.replace(word, "");
    }
    rest.chars().all(|c| {
        c.is_whitespace()
            || c.is_ascii_punctuation() && !matches!(c, '/' | '@' | '?' | '!' | '$' | '%' | '&' | ';')
            || "：，【】「」『』“”‘’《》→、—…·・".contains(c)
    })
}

fn ends_in_joint(gap: &str) -> bool {
    if gap.contains(['。', '！', '!', '？', '?', '；', ';']) || gap.contains(". ") {
        return false;
    }
    let end = gap.trim_end_matches([' ', '\n', '\r', '"', '“', '「', '【', '[', '*', '\'']);
    if gap.len().saturating_sub(end.len()) > 40 {
        return false;
    }
    let tail = end.rsplit(['，', ',']).next().unwrap_or(end);
    tail.ends_with([':', '：', '=', '→', '是', '为', '為', '即'])
        || [" is", "请输入", "输入", "填写", " enter", " use", " code", "使用"]
            .iter()
            .any(|joint| end.ends_with(joint))
}

#[cfg(test)]
mod tests;
