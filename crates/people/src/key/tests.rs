use std::collections::BTreeMap;

use super::*;

/// What a store does: keys in order, and scans.
#[derive(Default)]
struct Shelf(BTreeMap<(Form, String), Vec<u32>>);

impl Shelf {
    fn put(&mut self, who: u32, keys: Vec<Key>) {
        for key in keys {
            self.0.entry((key.form, key.text)).or_default().push(who);
        }
    }

    fn of(names: &[&str]) -> Self {
        let mut shelf = Self::default();
        for (who, name) in (0..).zip(names) {
            shelf.put(who, of_person(name, "", &[]));
        }
        shelf
    }

    fn find(&self, typed: &str, typing: Typing) -> BTreeMap<u32, Meeting> {
        let query = Query::new(typed, typing).unwrap();
        let mut found: BTreeMap<u32, Meeting> = BTreeMap::new();
        let mut scan = |form: Form, range: &Range| {
            for ((_, key), who) in self.0.range((form, range.from.clone())..(form, range.to.clone())) {
                let Some(meeting) = query.meets(form, key) else {
                    continue;
                };
                for who in who {
                    let best = found.entry(*who).or_insert(meeting);
                    *best = (*best).max(meeting);
                }
            }
        };
        for range in query.spellings().iter().flatten() {
            scan(Form::Begins, range);
            scan(Form::Later, range);
        }
        scan(Form::Text, &query.texts());
        found
    }
}

fn finds(name: &str, typed: &str, typing: Typing) -> Option<Meeting> {
    Shelf::of(&[name]).find(typed, typing).get(&0).copied()
}

#[test]
fn a_family_name_is_found_by_its_own_reading_first_and_by_the_others_behind() {
    for (name, own, other) in [
        ("曾三", "zengs", "cengs"),
        ("单四", "shansi", "dansi"),
        ("仇五", "qiuwu", "chouwu"),
        ("解三", "xies", "jies"),
        ("万俟三", "moqisan", "wansisan"),
        ("尉迟四", "yuchis", "weichis"),
        ("查五", "zhawu", "chawu"),
        ("朴三", "piaos", "pus"),
        ("区四", "ousi", "qusi"),
        ("盖五", "gewu", ""),
        ("任三", "rens", "lins"),
        ("翟四", "zhaisi", ""),
        ("缪五", "miaow", "miuw"),
        ("覃三", "qins", "yans"),
        ("覃三", "tans", ""),
        ("盛四", "shengs", "chengs"),
        ("长孙五", "zhangsunw", "changsunw"),
        ("宿三", "sus", "xius"),
        ("员四", "yunsi", "yuansi"),
        ("乐五", "yuew", ""),
        ("乐五", "lew", ""),
        ("繁三", "pos", "fans"),
        ("尉五", "weiw", "yuw"),
    ] {
        let first = finds(name, own, Typing::Exact).unwrap();
        assert!(first >= Meeting::SoundsFirst, "{name} {own}: {first:?}");
        if !other.is_empty() {
            assert_eq!(
                finds(name, other, Typing::Exact),
                Some(Meeting::Otherwise),
                "{name} {other}"
            );
        }
    }
}

#[test]
fn a_name_is_found_by_every_beginning_of_its_syllables() {
    for typed in [
        "zhangxiaoming",
        "zhangxm",
        "zxm",
        "zhxm",
        "zhangxiaom",
        "zxiaoming",
        "zhangxming",
        "zhang x",
        "z",
        "xiaoming",
        "xm",
        "ming",
        "张",
        "张小",
        "张xm",
        "张小m",
        "小明",
        "明",
        "张小明",
        "zhangxmeng",
    ] {
        assert!(finds("张小明", typed, Typing::Exact).is_some(), "{typed}");
    }
    for typed in [
        "zhangsi",
        "zm",
        "zmx",
        "mx",
        "小张",
        "章小明",
        "zhangxiaomingx",
        "ang",
        "iao",
    ] {
        assert_eq!(finds("张小明", typed, Typing::Exact), None, "{typed}");
    }
    assert_eq!(finds("张小明", "zhang", Typing::Exact), Some(Meeting::SoundsFirst));
    assert_eq!(finds("张小明", "zxm", Typing::Exact), Some(Meeting::Whole));
    assert_eq!(finds("张小明", "张小", Typing::Exact), Some(Meeting::Name));
    assert_eq!(finds("张小明", "xm", Typing::Exact), Some(Meeting::Sounds));
    // No family name ends in the middle of one of two characters.
    assert_eq!(finds("欧阳三", "yangs", Typing::Exact), None);
    assert_eq!(finds("欧阳三", "ouyangs", Typing::Exact), Some(Meeting::Whole));
}

#[test]
fn u_with_dots_is_typed_as_v_as_u_and_as_yu() {
    for typed in ["lvsan", "lusan", "lyusan", "ls", "lys"] {
        assert_eq!(finds("吕三", typed, Typing::Exact), Some(Meeting::Whole), "{typed}");
    }
    for typed in ["lin", "nvw", "nuw", "nyuw"] {
        assert_eq!(finds("女五", typed, Typing::Exact).is_some(), typed != "lin", "{typed}");
    }
    assert!(finds("徐三", "xvs", Typing::Exact).is_some());
}

#[test]
fn what_sounds_alike_is_found_where_that_is_wanted_and_comes_last() {
    for (name, typed) in [
        ("张三", "zangsan"),
        ("陈四", "chengsi"),
        ("张三", "zhangshan"),
        ("陈四", "cengsi"),
        ("施五", "siwu"),
        ("林三", "lingsan"),
        ("李四", "nisi"),
        ("宁五", "lingwu"),
        ("张小林", "xiaoling"),
    ] {
        let exact = finds(name, typed, Typing::Exact);
        assert_eq!(exact, None, "{name} {typed}");
        let forgiven = finds(name, typed, Typing::Forgiving);
        assert!(forgiven == Some(Meeting::Forgiven), "{name} {typed} {forgiven:?}");
    }
    assert_eq!(finds("张三", "zhangsan", Typing::Forgiving), Some(Meeting::Whole));
    assert_eq!(finds("张三", "lisi", Typing::Forgiving), None);
}

#[test]
fn letters_aliases_and_addresses_are_found_from_each_word_on() {
    let mut shelf = Shelf::default();
    shelf.put(1, of_person("李四", "Si Li", &["li.si_sales", "E10086"]));
    shelf.put(2, of_person("Wang Wu (王五)", "小五", &["wangwu"]));
    for (typed, who) in [
        ("si li", 1),
        ("li.si", 1),
        ("sales", 1),
        ("e100", 1),
        ("li.si@exam", 1),
        ("wang w", 2),
        ("wu", 2),
        ("王", 2),
        ("小五", 2),
        ("xiaow", 2),
    ] {
        assert!(shelf.find(typed, Typing::Exact).contains_key(&who), "{typed}");
    }
    assert!(!shelf.find("ales", Typing::Exact).contains_key(&1));
    // A local part that is the name's spelling costs nothing.
    assert_eq!(of_person("张三", "", &["zhangsan"]), of_person("张三", "", &[]));
    assert!(of_person("张三", "", &["zhangsan2"]).len() > of_person("张三", "", &[]).len());
}

#[test]
fn a_department_is_found_from_each_of_its_characters_on() {
    let keys = of_words("华东销售一部(CRM)");
    let mut shelf = Shelf::default();
    shelf.put(7, keys);
    for typed in ["华东", "hd", "销售", "xiaoshou", "xs", "yib", "一部", "crm"] {
        assert!(shelf.find(typed, Typing::Exact).contains_key(&7), "{typed}");
    }
}

#[test]
fn keys_and_ranges_are_bounded_and_every_syllable_is_known() {
    // Characters that are read in many ways.
    let many = "乐朝行重盖万区石查朝行重".repeat(4);
    let keys = of_person(&many, &many, &["a.b.c.d.e.f.g.h.i.j.k.l.m", &"x-".repeat(400)]);
    assert!(keys.len() <= KEYS);
    assert!(keys.iter().all(|key| key.text.len() < 400), "{keys:?}");
    for typed in [
        "z",
        "zh",
        "s",
        "zhangxiaoming",
        "nihaoshijie",
        "lsdflkjsdf",
        &"a".repeat(90),
        "张王李",
    ] {
        for typing in [Typing::Exact, Typing::Forgiving] {
            let query = Query::new(typed, typing).unwrap();
            assert!(query.spellings().iter().flatten().count() <= RANGES, "{typed}");
        }
    }
    // 嗯 alone has readings that are no syllables.
    let strange = ["hm", "hng", "m", "n", "ng"];
    for c in '\u{4e00}'..='\u{9fff}' {
        for reading in readings_of(c) {
            assert!(
                strange.contains(&reading.as_str()) || beginning(&reading, Typing::Exact).any(|known| known == reading),
                "{c} {reading}"
            );
        }
    }
}

proptest::proptest! {
    #[test]
    fn a_name_is_found_by_any_beginnings_that_its_reading_allows(
        name in "[张李王赵曾单吕欧][阳小国建晓明][明三四五伟]?",
        cut in proptest::collection::vec(1_usize..6, 3),
    ) {
        let typed: String = sounds(&name, RUN)
            .iter()
            .zip(&cut)
            .map(|(sound, cut)| sound.readings.split('/').next().unwrap_or_default().chars().take(*cut).collect::<String>())
            .collect();
        proptest::prop_assert!(finds(&name, &typed, Typing::Exact).is_some(), "{} {}", name, typed);
    }

    #[test]
    fn any_text_has_keys_and_any_query_ranges(text in ".{0,60}", typed in ".{0,60}") {
        let keys = of_person(&text, &text, &[&text]);
        let _ = of_words(&text);
        if let Some(query) = Query::new(&typed, Typing::Forgiving) {
            let _ = query.spellings();
            for key in keys {
                let _ = query.meets(key.form, &key.text);
            }
        }
    }
}
