//! Subjects: what stands before the words when a mail answers or passes on another (RFC 5256, section 2.1, and the
//! prefixes of Chinese and European programs).

/// What programs put before a subject, in lower case, without its colon.
const PREFIXES: [&str; 19] = [
    "re",
    "aw",
    "sv",
    "antw",
    "rif",
    "fw",
    "fwd",
    "wg",
    "vs",
    "tr",
    "rv",
    "回复",
    "答复",
    "转发",
    "回覆",
    "答覆",
    "轉寄",
    "轉發",
    "自动回复",
];

/// The subject without the prefixes of answers and forwards, however many there are. Never empty where the subject was
/// not: a mail called "Re:" stays that.
pub fn base_subject(subject: &str) -> &str {
    let whole = subject.trim();
    let mut rest = whole;
    while let Some(shorter) = without_prefix(rest) {
        rest = shorter;
    }
    if rest.is_empty() { whole } else { rest }
}

fn without_prefix(subject: &str) -> Option<&str> {
    let (head, tail) = subject.split_once([':', '：'])?;
    let head = head.trim();
    // `Re[2]:`, `Re(3):`
    let word = head
        .trim_end_matches(|c: char| c.is_ascii_digit() || "[]()".contains(c))
        .trim_end();
    let known = PREFIXES.iter().any(|prefix| word.eq_ignore_ascii_case(prefix));
    known.then(|| tail.trim_start())
}

#[cfg(test)]
mod tests {
    use super::base_subject;

    #[test]
    fn answers_and_forwards_have_the_subject_of_what_they_speak_of() {
        for (given, base) in [
            ("Re: 上海二期", "上海二期"),
            ("RE: FW: Fwd: budget", "budget"),
            ("回复：答复: 转发：验收时间", "验收时间"),
            ("Re[2]: x", "x"),
            ("Re (3) : x", "x"),
            ("AW: WG: Angebot", "Angebot"),
            ("项目: 上海", "项目: 上海"),
            ("Reading: list", "Reading: list"),
            ("Re:", "Re:"),
            ("", ""),
        ] {
            assert_eq!(base_subject(given), base, "{given}");
        }
    }
}
