use super::*;

const NOW: i64 = 1_795_750_000;

fn known(name: &str, address: &str, sent: u32, days_ago: i64) -> Known {
    Known {
        name: name.into(),
        address: address.into(),
        sent,
        received: 1,
        last: NOW.saturating_sub(days_ago.saturating_mul(86_400)),
        ..Known::default()
    }
}

fn found(people: &[Known], query: &str) -> Vec<String> {
    let index = Index::new(people.to_vec(), NOW);
    index
        .complete(query, 10, Typing::Exact)
        .iter()
        .map(|found| found.known.address.clone())
        .collect()
}

#[test]
fn a_name_is_found_by_every_way_to_type_it() {
    let people = [
        known("张三", "a@example.com", 1, 0),
        known("曾国强", "b@example.com", 1, 0),
        known("单晓吕", "c@example.com", 1, 0),
        known("万俟李四", "d@example.com", 1, 0),
        known("Li Si (李四)", "e@example.com", 1, 0),
    ];
    for (query, address) in [
        ("张", "a@"),
        ("zhangsan", "a@"),
        ("zhang s", "a@"),
        ("zs", "a@"),
        ("zhsan", "a@"),
        ("ZhangS", "a@"),
        ("zenggq", "b@"),
        ("guoqiang", "b@"),
        ("shanxl", "c@"),
        ("xiaolv", "c@"),
        ("xiaolu", "c@"),
        ("moqi", "d@"),
        ("lisi", "e@"),
        ("Si", "e@"),
    ] {
        let all = found(&people, query);
        assert!(all.iter().any(|found| found.starts_with(address)), "{query}: {all:?}");
    }
    for query in ["zhangsi", "xzs", "q", "三张", "zss"] {
        assert!(
            !found(&people, query).iter().any(|found| found == "a@example.com"),
            "{query}"
        );
    }
}

#[test]
fn an_address_is_found_by_its_words_and_its_domain() {
    let people = [
        known("", "wang.wu@corp.example", 1, 0),
        known("X", "x@other.example", 1, 0),
    ];
    for query in ["wang", "wu", "wang.w", "corp", "@corp", "WANG.WU@c"] {
        assert_eq!(found(&people, query), ["wang.wu@corp.example"], "{query}");
    }
    assert!(found(&people, "ang").is_empty());
}

#[test]
fn who_is_written_to_often_and_lately_comes_first() {
    let people = [
        known("李一", "never@example.com", 0, 0),
        known("李二", "long.ago@example.com", 10, 900),
        known("李三", "lately@example.com", 3, 1),
        known("李四", "often@example.com", 9, 2),
    ];
    let order = [
        "often@example.com",
        "lately@example.com",
        "long.ago@example.com",
        "never@example.com",
    ];
    assert_eq!(found(&people, "li"), order);
    // With nothing typed, only those.
    assert_eq!(found(&people, ""), order[..3]);
}

#[test]
fn who_stands_in_the_book_comes_before_who_is_never_written_to() {
    let met = known("李一", "met@example.com", 0, 0);
    let book = Known {
        in_book: true,
        ..known("李二", "book@example.com", 0, 900)
    };
    let group = Known {
        name: "李家".into(),
        in_book: true,
        members: vec![("李二".into(), "book@example.com".into())],
        ..Known::default()
    };
    assert_eq!(
        found(&[met, book, group], "li"),
        ["book@example.com", "", "met@example.com"]
    );
    assert!(means("lisi", "李四", &[]) && means("公司", "x", &["某公司"]) && !means("zhang", "李四", &["b"]));
}

proptest::proptest! {
    #[test]
    fn any_query_is_answered(name in ".{0,60}", query in ".{0,60}") {
        let people = [known(&name, "a@example.com", 1, 0)];
        let _ = found(&people, &query);
        // What a name begins with finds it.
        let begin: String = name.chars().take(2).collect();
        if !begin.trim().is_empty() && name.to_lowercase().starts_with(&begin.trim().to_lowercase()) {
            proptest::prop_assert_eq!(found(&people, &begin).len(), 1);
        }
    }
}
