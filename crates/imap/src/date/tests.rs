use proptest::prelude::*;

use super::*;

#[test]
fn dates_of_servers_are_read() {
    assert_eq!(parse(b"01-Jan-1970 00:00:00 +0000"), Some(0));
    assert_eq!(parse(b"17-Jul-1996 02:44:25 -0700"), Some(837_596_665));
    assert_eq!(parse(b" 1-Mar-2024 08:00:00 +0800"), Some(1_709_251_200));
    assert_eq!(parse(b"29-feb-2024 23:59:60 +0000"), Some(1_709_251_200));
    assert_eq!(parse(b"31-Dec-1969 23:59:59 +0000"), Some(-1));
    for bad in [
        &b""[..],
        b"NIL",
        b"32-Jan-2020 00:00:00 +0000",
        b"1-Foo-2020 00:00:00 +0000",
        b"1-Jan-99999 1:1:1 +0",
    ] {
        assert_eq!(parse(bad), None);
    }
}

#[test]
fn days_for_search() {
    assert_eq!(day(0), "1-Jan-1970");
    assert_eq!(day(1_709_164_800), "29-Feb-2024");
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(unix in -2_208_988_800_i64..253_402_300_799) {
        let text = date_time(unix);
        prop_assert_eq!(parse(text.trim_matches('"').as_bytes()), Some(unix));
    }

    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..40), unix in any::<i64>()) {
        let _ = parse(&bytes);
        prop_assert!(date_time(unix).len() == 28);
    }
}
