use super::*;

#[test]
fn words_as_the_rfc_has_them() {
    assert_eq!(
        decode("=?utf-8?B?5Lya6K6u?= a =?UTF-8?Q?=E9=80=9A=E7=9F=A5?="),
        "会议 a 通知"
    );
    assert_eq!(
        decode("=?utf-8?q?a_b?= =?utf-8?q?_c?="),
        "a b c",
        "the blank between words is not text"
    );
    assert_eq!(decode("=?utf-8*zh-cn?B?5Lya6K6u?="), "会议");
    assert_eq!(decode("no words =? at all ?="), "no words =? at all ?=");
}

#[test]
fn words_as_they_are_written() {
    assert_eq!(decode("=?gb2312?B?u+E=?==?gb2312?B?0uk=?="), "会议", "no blank");
    assert_eq!(
        decode("=?gb2312?B?uw==?= =?gb2312?B?4dLp?="),
        "会议",
        "a character split across words"
    );
    assert_eq!(
        decode("=?utf-8?B?5Lya6K6?=\r\n =?utf-8?B?u6YCa?="),
        decode("=?utf-8?B?5Lya6K6u6YCa?="),
        "base64 split anywhere"
    );
    assert_eq!(decode("=?utf-8?B?5Lya?= =?utf-8?Q?=E8=AE=AE?="), "会议");
    assert_eq!(decode("=?utf-8?Q?=E4=BC=9A =E8=AE=AE?="), "会 议", "raw blanks in Q");
    assert_eq!(decode("=?utf-8?Q?100=_=ZZ?="), "100= =ZZ");
    assert_eq!(decode("=?utf-8?B?5Lya6K6u"), "会议", "the end is missing");
    assert_eq!(decode("=?us-ascii?B?u+HS6c2o1qo=?="), "会议通知", "wrong charset");
    assert_eq!(decode("=?x-unknown?B?5Lya6K6u?="), "会议");
}

#[test]
fn nonsense_is_left_alone_and_bounded() {
    assert_eq!(decode("=?utf-8?X?abc?="), "=?utf-8?X?abc?=");
    assert_eq!(decode("=??B?abc?="), "=??B?abc?=");
    assert!(decode(&"=?utf-8?Q?".repeat(100_000)).len() <= LONGEST);
}
