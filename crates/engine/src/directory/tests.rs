use super::*;

#[test]
fn what_others_wrote_is_one_line_and_an_address_is_one() {
    let person = tidied(Person {
        id: "zhangsan".into(),
        name: "  张三\r\nBcc: x ".into(),
        title: "长".repeat(5000),
        address: Some("ZhangSan@Example.cn".into()),
        no_address: Some(NoAddress::Withheld),
        departments: (0..5000).collect(),
        ..Person::default()
    });
    assert_eq!(person.name, "张三 Bcc: x");
    assert_eq!(person.title.chars().count(), WORDS);
    assert_eq!(person.address.as_deref(), Some("zhangsan@example.cn"));
    assert_eq!(person.no_address, None);
    assert_eq!(person.departments.len(), DEPARTMENTS);
    for bad in [
        "",
        "zhangsan",
        "@example.cn",
        "a b@example.cn",
        "a@b.cn, c@d.cn",
        "a@b.cn\r\nx",
        "<a@b.cn>",
    ] {
        let person = tidied(Person {
            address: Some(bad.into()),
            ..Person::default()
        });
        assert_eq!(
            (person.address, person.no_address),
            (None, Some(NoAddress::Empty)),
            "{bad:?}"
        );
    }
    assert!(!is_id("") && !is_id("a\nb") && is_id("张三.1"));
}

#[test]
fn where_in_a_departments_name_it_was_found_makes_no_kind_of_its_own() {
    let kinds = |keys: Vec<Key>| {
        keys.into_iter()
            .map(|key| key.kind)
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(kinds((SPELLING.department)("华东销售部CRM")), [3, 5].into());
    assert_eq!(kinds((SPELLING.title)("经理")), [6].into());
    let person = Person {
        name: "张三".into(),
        alias: "Sam".into(),
        ..Person::default()
    };
    assert_eq!(kinds((SPELLING.person)(&person)), [0, 1, 2].into());
}
