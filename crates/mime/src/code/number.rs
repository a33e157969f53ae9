//! Numbers that could be a code, and what tells that they are something else.

use std::ops::Range;

/// A number of 4 to 8 digits, or six capital letters and digits.
pub(super) struct Candidate {
    /// Where it stands, in bytes.
    pub(super) at: Range<usize>,
    /// Without blanks and hyphens.
    pub(super) code: String,
    pub(super) digits: bool,
    /// Reads as a year or as a date of eight digits.
    pub(super) year_like: bool,
}

/// Marks that join a number to something larger: an address, an amount, a date, a telephone number.
const JOINED_BEFORE: &str = ".-_/=@#&$¥￥€£+,:~%№";

pub(super) fn candidates(text: &str) -> Vec<Candidate> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0usize;
    while let Some(start) = bytes
        .get(at..)
        .and_then(|tail| tail.iter().position(u8::is_ascii_alphanumeric))
        .map(|p| p.saturating_add(at))
    {
        let run = run_length(bytes, start);
        let end = start.saturating_add(run);
        at = end;
        if is_joined_before(text, start) {
            continue;
        }
        let word = text.get(start..end).unwrap_or_default();
        if word.bytes().all(|b| b.is_ascii_digit()) {
            let (end, code) = grouped(text, start, end);
            at = end.max(at);
            if (4..=8).contains(&code.len()) && !is_joined_after(text, end) {
                let year_like = is_year_like(&code);
                found.push(Candidate {
                    at: start..end,
                    code,
                    digits: true,
                    year_like,
                });
            }
        } else if run == 6
            && word.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
            && word.bytes().any(|b| b.is_ascii_digit())
            && !is_joined_after(text, end)
        {
            found.push(Candidate {
                at: start..end,
                code: word.to_owned(),
                digits: false,
                year_like: false,
            });
        }
        if found.len() >= 200 {
            break;
        }
    }
    found
}

fn run_length(bytes: &[u8], start: usize) -> usize {
    bytes
        .get(start..)
        .map_or(0, |tail| tail.iter().take_while(|b| b.is_ascii_alphanumeric()).count())
}

/// Joins groups of the same length (`482 913`, `4829-1375`, `4 8 2 9 1 3`). A number that goes on in another way is no
/// code, and comes out too long to be one.
fn grouped(text: &str, start: usize, first_end: usize) -> (usize, String) {
    let bytes = text.as_bytes();
    let width = first_end.saturating_sub(start);
    let mut code = text.get(start..first_end).unwrap_or_default().to_owned();
    let mut end = first_end;
    loop {
        let gap = match bytes.get(end) {
            Some(b' ') if width == 1 => bytes
                .get(end..)
                .map_or(0, |tail| tail.iter().take(3).take_while(|b| **b == b' ').count()),
            Some(b' ' | b'-') => 1,
            _ => 0,
        };
        let next = end.saturating_add(gap);
        let run = run_length(bytes, next);
        let group = text.get(next..next.saturating_add(run)).unwrap_or_default();
        if gap == 0 || run == 0 || !group.bytes().all(|b| b.is_ascii_digit()) {
            return (end, code);
        }
        let fits = run == width && matches!(width, 1 | 3 | 4) && code.len().saturating_add(run) <= 8;
        if !fits {
            // Digits separated by a blank are two numbers if each is a whole one; otherwise (telephone, card) it is none.
            if bytes.get(end) == Some(&b' ') && code.len() >= 5 && code.len() == width {
                return (end, code);
            }
            code.push_str("000000000");
        }
        code.push_str(group);
        end = next.saturating_add(run);
    }
}

fn is_year_like(code: &str) -> bool {
    let number: u32 = code.parse().unwrap_or(0);
    match code.len() {
        4 => (1900..=2099).contains(&number),
        8 => {
            let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
            (1900..=2099).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)
        }
        6 => {
            let (year, month) = (number / 100, number % 100);
            (1990..=2050).contains(&year) && (1..=12).contains(&month)
        }
        _ => false,
    }
}

fn is_joined_before(text: &str, start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let mut chars = before.chars().rev();
    let Some(last) = chars.next() else { return false };
    // `G-482913`, and a colon or hyphen that only introduces (`code:482913`, `- 482913`).
    if last == '-' {
        let tail = before.get(before.len().saturating_sub(2)..).unwrap_or_default();
        let alone = !before
            .get(..before.len().saturating_sub(2))
            .unwrap_or_default()
            .ends_with(|c: char| c.is_ascii_alphanumeric());
        return !(tail == "G-" && alone) && chars.next().is_some_and(|c| !c.is_whitespace() && c != '-');
    }
    if last == ':' || last == ',' || last == '=' || last == '.' {
        return chars.next().is_some_and(|c| c.is_ascii_digit())
            || last == '='
                && before.contains("://")
                && !before
                    .rsplit("://")
                    .next()
                    .unwrap_or_default()
                    .contains(char::is_whitespace);
    }
    if last == '#' {
        return true;
    }
    JOINED_BEFORE.contains(last) || last.is_ascii_alphanumeric()
}

fn is_joined_after(text: &str, end: usize) -> bool {
    let mut chars = text.get(end..).unwrap_or_default().chars();
    match chars.next() {
        None => false,
        Some('.' | ',' | ':' | '-') => chars.next().is_some_and(|c| c.is_ascii_alphanumeric()),
        Some(c) => c.is_ascii_alphanumeric() || "%％_/@=&+~$￥¥".contains(c),
    }
}

/// Units and counters behind a number.
const UNITS: [&str; 48] = [
    "元", "块", "圆", "年", "月", "日", "号", "分钟", "分鐘", "秒", "小时", "小時", "天", "次", "位", "个", "條", "条",
    "台", "人", "名", "件", "份", "度", "万", "亿", "米", "公里", "期", "级", "版", "页", "字", "楼", "室", "股", "吨",
    "点", "minute", "min ", "second", "hour", "day", "times", "digit", "people", "usd", "rmb",
];
/// Words before a number that say what it is.
const OTHERS: [&str; 76] = [
    "尾号",
    "后四位",
    "后六位",
    "订单",
    "訂單",
    "单号",
    "单據",
    "编号",
    "編號",
    "工号",
    "电话",
    "電話",
    "热线",
    "致电",
    "拨打",
    "客服",
    "手机",
    "分机",
    "座机",
    "传真",
    "工单",
    "合同",
    "发票",
    "金额",
    "合计",
    "总计",
    "共计",
    "邮编",
    "qq",
    "账号",
    "帐号",
    "账户",
    "卡号",
    "房间",
    "航班",
    "车次",
    "版本",
    "端口",
    "群号",
    "会议号",
    "门牌",
    "型号",
    "批次",
    "代码号",
    "错误码",
    "错误代码",
    "状态码",
    "快递",
    "运单",
    "取件码",
    "提取码",
    "邀请码",
    "优惠码",
    "入会密码",
    "会议密码",
    "order",
    "invoice",
    "no.",
    "reference",
    "ticket",
    "tel",
    "phone",
    "call",
    "ext.",
    "amount",
    "total",
    "case",
    "account",
    "ending in",
    "port",
    "room",
    "flight",
    "meeting id",
    "since",
    "error",
    "version",
];

/// Whether the words around a number say that it is no code. `from` is where the words that may say so begin.
pub(super) fn is_something_else(lower: &str, candidate: &Candidate, from: usize) -> bool {
    let after = lower
        .get(candidate.at.end..)
        .unwrap_or_default()
        .trim_start_matches(' ');
    if UNITS.iter().any(|unit| after.starts_with(unit)) && !after.starts_with("日常") {
        return true;
    }
    let before = lower.get(from..candidate.at.start).unwrap_or_default();
    let clause = before
        .rsplit(['，', ',', '。', '；', ';', '\n', '、'])
        .next()
        .unwrap_or_default();
    let near: String = {
        let mut near: Vec<char> = clause.chars().rev().take(16).collect();
        near.reverse();
        near.into_iter().collect()
    };
    OTHERS.iter().any(|word| {
        near.match_indices(word).any(|(at, _)| {
            // Whole words only: `hotel` has no `tel`.
            let begins_word = !word.is_ascii()
                || !near
                    .get(..at)
                    .unwrap_or_default()
                    .ends_with(|c: char| c.is_ascii_alphabetic());
            let rest = near.get(at.saturating_add(word.len())..).unwrap_or_default();
            let ends_word =
                !word.is_ascii() || word.ends_with('.') || !rest.starts_with(|c: char| c.is_ascii_alphabetic());
            begins_word && ends_word
        })
    })
}

/// Nothing else stands on its line but ornament.
pub(super) fn is_alone_on_line(text: &str, candidate: &Candidate) -> bool {
    let ornament = |c: char| c.is_whitespace() || "*-_=【】[]「」“”\"'|>:：".contains(c);
    let before = text
        .get(..candidate.at.start)
        .unwrap_or_default()
        .rsplit('\n')
        .next()
        .unwrap_or_default();
    let after = text
        .get(candidate.at.end..)
        .unwrap_or_default()
        .split('\n')
        .next()
        .unwrap_or_default();
    before.chars().all(ornament) && after.chars().all(ornament)
}
