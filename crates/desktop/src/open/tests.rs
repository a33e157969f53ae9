use super::*;

#[test]
fn only_web_and_mail_addresses_leave() {
    for good in [
        "https://mail.example.cn/?a=1&b=2",
        "http://127.0.0.1:8080/x",
        "mailto:zhangsan@example.cn?subject=%E4%BD%A0%E5%A5%BD",
    ] {
        assert!(allowed(good).is_ok(), "{good}");
    }
    for bad in [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "qiyou-agent:bubble?tag=1",
        "smb://server/share",
        "ms-msdt:/id",
        "https://a\u{0}b/",
        "https://a/\nX",
        "-h",
        "",
        "http://",
    ] {
        assert!(allowed(bad).is_err(), "{bad}");
    }
    assert!(allowed(&format!("https://example.cn/{}", "a".repeat(9000))).is_err());
}

#[test]
fn an_address_is_never_an_option() {
    assert!(
        allowed("https://example.cn/ --help")
            .unwrap()
            .as_str()
            .starts_with("https://example.cn/%20")
    );
}
