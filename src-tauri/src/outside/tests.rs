use super::{allowed, file_name, open};

#[test]
fn only_web_pages_and_mail_addresses_are_opened() {
    for good in [
        "https://example.com/a?b=c#d",
        "http://例子.中国/",
        "mailto:li.si@example.com",
        " https://example.com ",
    ] {
        assert!(allowed(good).is_some(), "{good}");
    }
    for bad in [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "/etc/passwd",
        "qiyou://mail/5",
        "data:text/html,x",
        "ftp://example.com/",
        "smb://example.com/",
        "ms-msdt:/id",
        "--help",
        "",
        "http://",
    ] {
        assert!(allowed(bad).is_none(), "{bad}");
        assert!(open(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_suggested_name_is_a_name_and_no_path() {
    assert_eq!(file_name("报价单.xlsx"), "报价单.xlsx");
    assert_eq!(file_name("../../etc/passwd"), "passwd");
    assert_eq!(file_name(r"C:\Windows\a.exe"), "a.exe");
    assert_eq!(file_name("a\nb:c?.txt"), "abc.txt");
    assert_eq!(file_name(".."), "");
}
