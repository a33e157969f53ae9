//! What a file's bytes say.

use encoding_rs::{Encoding, GB18030};

/// By its byte order mark, as UTF-8 when it is that, and else as what the bytes look like in a Chinese office.
pub(super) fn decoded(bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(mark..).unwrap_or_default();
        return encoding.decode_without_bom_handling(rest).0.into_owned();
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(bytes.get(..bytes.len().min(200_000)).unwrap_or(bytes), true);
    let guess = detector.guess(Some(b"cn"), chardetng::Utf8Detection::Deny);
    // GB18030 reads all that GBK does.
    let encoding = if guess == encoding_rs::GBK { GB18030 } else { guess };
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// A text in GB18030, which programs that know GBK alone read where the text has no rarer letters.
pub(super) fn gbk(text: &str) -> Vec<u8> {
    GB18030.encode(text).0.into_owned()
}

/// Whether a name is written with Chinese characters, and so without a blank between its parts.
pub(super) fn chinese(text: &str) -> bool {
    text.chars()
        .any(|c| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}'))
}

/// A whole name of its parts.
pub(super) fn name_of(family: &str, middle: &str, given: &str) -> String {
    let (family, middle, given) = (family.trim(), middle.trim(), given.trim());
    if chinese(family) || chinese(given) {
        return format!("{family}{middle}{given}");
    }
    let parts: Vec<&str> = [given, middle, family]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(" ")
}
