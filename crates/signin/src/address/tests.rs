use super::*;

#[test]
fn addresses_are_read_as_people_type_them() {
    for (text, local, domain) in [
        ("zhang.san@Example.COM", "zhang.san", "example.com"),
        ("  li＠公司。cn ", "li", "xn--55qx5d.cn"),
        ("a@localhost", "a", "localhost"),
        ("姓名@例子.中国", "姓名", "xn--fsqu00a.xn--fiqs8s"),
    ] {
        let address = Address::parse(text).unwrap();
        assert_eq!((address.local(), address.domain()), (local, domain), "{text}");
    }
    assert_eq!(
        Address::parse("A.B@Example.com").unwrap().to_string(),
        "A.B@example.com"
    );
}

#[test]
fn what_is_no_address_is_refused() {
    let long = format!("a@{}.com", "b".repeat(64));
    for text in [
        "",
        "zhang",
        "@example.com",
        "a@",
        "a b@example.com",
        "<a@example.com>",
        "a@[127.0.0.1]",
        "a@1.2.3.4",
        "a@exa mple.com",
        "a@b@example.com",
        "a@example..com",
        "a@ex/ample.com",
        "a\r\n@example.com",
        &long,
    ] {
        assert_eq!(Address::parse(text), Err(NotAnAddress), "{text:?}");
    }
}
