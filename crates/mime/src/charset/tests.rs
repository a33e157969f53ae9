use super::*;

const TEXT: &str = "各位同事好，请于周五下午三点参加会议。";

fn gbk(text: &str) -> Vec<u8> {
    GB18030.encode(text).0.into_owned()
}

#[test]
fn gbk_is_read_whatever_it_calls_itself() {
    for label in [
        None,
        Some("utf-8"),
        Some("us-ascii"),
        Some("iso-8859-1"),
        Some("gb2312"),
        Some("\"GB2312\";"),
        Some("x-nonsense"),
        Some("cp936"),
    ] {
        assert_eq!(decode(&gbk(TEXT), label), TEXT, "{label:?}");
    }
}

#[test]
fn utf8_is_read_whatever_it_calls_itself() {
    for label in [
        None,
        Some("gb2312"),
        Some("us-ascii"),
        Some("iso-8859-1"),
        Some("big5"),
        Some("koi8-r"),
        Some("x-nonsense"),
    ] {
        assert_eq!(decode(TEXT.as_bytes(), label), TEXT, "{label:?}");
    }
}

#[test]
fn western_mail_is_not_taken_for_chinese() {
    for text in [
        "José Pérez schrieb: Grüße aus München, schöne Straße",
        "Müller",
        "Ça va? Voilà l'été à la plage, déjà!",
        "Zoë",
        "Größe und Maße, größer",
        "Fußgänger",
    ] {
        let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        assert_eq!(decode(&latin, Some("iso-8859-1")), text);
    }
    let text = "Привет, как дела? Встреча завтра";
    assert_eq!(
        decode(&encoding_rs::WINDOWS_1251.encode(text).0, Some("windows-1251")),
        text
    );
}

#[test]
fn damaged_utf8_stays_utf8() {
    let bytes = TEXT.as_bytes();
    let cut = &bytes[..bytes.len() - 2];
    assert!(decode(cut, Some("utf-8")).starts_with("各位同事好，请于周五下午三点参加会议"));
    let mut lost = bytes.to_vec();
    lost.remove(4);
    assert!(decode(&lost, Some("utf-8")).ends_with("同事好，请于周五下午三点参加会议。"));
}

#[test]
fn short_declared_gbk_beats_a_chance_reading_as_utf8() {
    // These GBK bytes are also two valid Cyrillic letters in UTF-8.
    let bytes = [0xD0, 0xA1, 0xC4, 0xA3];
    assert!(std::str::from_utf8(&bytes).is_ok());
    assert_eq!(decode(&bytes, Some("gbk")), "小模");
}

#[test]
fn seven_bit_charsets() {
    assert_eq!(decode(b"~{;aRiM(V*~}", Some("hz-gb-2312")), "会议通知");
    assert_eq!(decode(b"Hi Mom -+Jjo--!", Some("utf-7")), "Hi Mom -\u{263A}-!");
    assert_eq!(decode(b"1 +- 1", Some("utf-7")), "1 + 1");
    assert_eq!(decode(b"\x1b$B2q5D\x1b(B", Some("iso-2022-jp")), "会議");
}

#[test]
fn a_meta_tag_is_believed_only_where_nothing_else_is_said() {
    let mut page = b"<html><head><meta http-equiv=Content-Type content=\"text/html; charset=big5\"></head>".to_vec();
    page.extend_from_slice(&BIG5.encode("會議").0);
    assert!(decode(&page, None).ends_with("會議"));
    let mut page = b"<meta charset=gb2312>".to_vec();
    page.extend_from_slice("会议".as_bytes());
    assert!(decode(&page, Some("utf-8")).ends_with("会议"));
}
