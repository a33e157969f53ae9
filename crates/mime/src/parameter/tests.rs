use super::*;

fn name_in(header: &[u8]) -> Option<String> {
    decode_parameter(&parse_value(header).1, "filename")
}

#[test]
fn every_way_to_write_a_chinese_file_name() {
    let gbk = encoding_rs::GB18030.encode("合同.xlsx").0.into_owned();
    let raw_gbk = [b"attachment; filename=\"".as_slice(), &gbk, b"\"".as_slice()].concat();
    for (header, why) in [
        (
            "attachment; filename*=utf-8''%E5%90%88%E5%90%8C.xlsx".as_bytes(),
            "RFC 2231",
        ),
        (
            b"attachment; filename*=gb18030'zh-cn'%BA%CF%CD%AC.xlsx",
            "RFC 2231, gb18030",
        ),
        (
            b"attachment; filename*0*=utf-8''%E5%90%88%E; filename*1*=5%90%8C; filename*2=.xlsx",
            "pieces, triplet cut",
        ),
        (
            b"attachment; filename*1=.xlsx; filename*0*=utf-8''%E5%90%88%E5%90%8C",
            "out of order",
        ),
        (
            b"attachment; filename=\"=?utf-8?B?5ZCI5ZCM?=.xlsx\"",
            "RFC 2047 in quotes",
        ),
        (b"attachment; filename==?utf-8?B?5ZCI5ZCMLnhsc3g=?=", "RFC 2047 bare"),
        ("attachment; filename=\"合同.xlsx\"".as_bytes(), "raw UTF-8"),
        (&raw_gbk, "raw GBK"),
        (b"attachment; filename=\"%E5%90%88%E5%90%8C.xlsx\"", "percent signs"),
        (
            b"attachment; filename*=\"=?utf-8?B?5ZCI5ZCM?=.xlsx\"",
            "encoded word in the extended form",
        ),
        (
            b"attachment; filename=old.xlsx; filename*=utf-8''%E5%90%88%E5%90%8C.xlsx",
            "both",
        ),
    ] {
        assert_eq!(name_in(header).as_deref(), Some("合同.xlsx"), "{why}");
    }
}

#[test]
fn values_are_read_leniently() {
    assert_eq!(
        name_in(b"attachment; filename=annual report 2026.pdf").as_deref(),
        Some("annual report 2026.pdf")
    );
    assert_eq!(
        name_in(b"attachment; FileName = \"a\\\"b;c.txt\" ; size=3").as_deref(),
        Some("a\"b;c.txt")
    );
    assert_eq!(
        name_in(b"attachment; filename=\"open.txt; size=3").as_deref(),
        Some("open.txt")
    );
    assert_eq!(
        name_in(b"attachment; filename=\"C:\\dir\\a.txt\"").as_deref(),
        Some("C:\\dir\\a.txt")
    );
    assert_eq!(
        name_in(b"attachment; filename=\"100%.pdf\"").as_deref(),
        Some("100%.pdf")
    );
    assert_eq!(name_in(b"attachment; filename=\"\""), None);
    assert_eq!(name_in(b"attachment"), None);
    assert_eq!(parse_value(b"Text/HTML (page) ; charset=utf-8").0, "text/html");
}

#[test]
fn a_backslash_as_second_byte_of_a_character_is_no_escape() {
    // 0x8D 0x5C is one character in GBK, and the quote after it closes the value.
    let (_, params) = parse_value(b"attachment; filename=\"a\x8d\x5c\"; size=1");
    assert_eq!(params.first().map(|(_, v)| v.clone()), Some(b"a\x8d\x5c".to_vec()));
    assert_eq!(params.len(), 2);
}
