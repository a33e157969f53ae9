use super::*;

fn one(value: &str) -> (String, String) {
    let list = parse_list(value);
    assert_eq!(list.len(), 1, "{value}: {list:?}");
    let address = list.into_iter().next().unwrap();
    (address.name.unwrap_or_default(), address.address)
}

#[test]
fn names_and_addresses() {
    for (value, name, address) in [
        ("zhang@a.example", "", "zhang@a.example"),
        ("<zhang@a.example>", "", "zhang@a.example"),
        ("张三 <zhang@a.example>", "张三", "zhang@a.example"),
        ("\"张, 三\" <zhang@a.example>", "张, 三", "zhang@a.example"),
        ("\"Li \\\"Si\\\"\" <li@a.example>", "Li \"Si\"", "li@a.example"),
        ("=?utf-8?B?5p2O5Zub?= <li@a.example>", "李四", "li@a.example"),
        ("\"=?utf-8?B?5p2O5Zub?=\" <li@a.example>", "李四", "li@a.example"),
        ("=?utf-8?Q?Doe,_John?= <john@a.example>", "Doe, John", "john@a.example"),
        ("li@a.example (李四)", "李四", "li@a.example"),
        ("李四 li@a.example", "李四", "li@a.example"),
        ("'li@a.example' <li@a.example>", "", "li@a.example"),
        ("\"'李四'\" <li@a.example>", "李四", "li@a.example"),
        ("=?utf-8?B?5p2O5ZubIDxsaUBhLmV4YW1wbGU+?=", "李四", "li@a.example"),
        ("MAILER-DAEMON", "", "MAILER-DAEMON"),
        ("李四 <>", "李四", ""),
        ("李四 <li@a.example", "李四", "li@a.example"),
        ("li <@relay.example:li@a.example>", "li", "li@a.example"),
        ("<mailto:li@a.example>", "", "li@a.example"),
        ("user@[IPv6:2001:db8::1]", "", "user@[IPv6:2001:db8::1]"),
        ("\"unclosed <li@a.example>", "unclosed", "li@a.example"),
        ("发票\u{202E}gnp <a@b.example>", "发票gnp", "a@b.example"),
    ] {
        assert_eq!(one(value), (name.to_owned(), address.to_owned()), "{value}");
    }
}

#[test]
fn lists_and_groups() {
    let plain = |value: &str| parse_list(value).into_iter().map(|a| a.address).collect::<Vec<_>>();
    assert_eq!(plain("a@x, B <b@x>; c@x,, "), ["a@x", "b@x", "c@x"]);
    assert_eq!(plain("项目组: a@x, b@x; c@x"), ["a@x", "b@x", "c@x"]);
    assert!(plain("undisclosed-recipients:;").is_empty());
    assert!(plain(" ,;, ").is_empty());
    assert_eq!(plain(&"a@x,".repeat(5000)).len(), MOST);
}
