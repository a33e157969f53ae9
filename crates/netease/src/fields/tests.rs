use serde_json::json;

use super::*;

#[test]
fn text_is_found_under_any_name_and_cleaned() {
    let value = json!({ "name": "", "nickname": "  张\u{7}三\n", "jobNumber": 1007 });
    assert_eq!(text(&value, &["name", "nickname"]), "张三");
    assert_eq!(text(&value, &["jobNumber"]), "1007");
    assert_eq!(text(&value, &["absent"]), "");
    assert_eq!(text(&json!({ "a": "界".repeat(5000) }), &["a"]).chars().count(), TEXT);
    assert_eq!(text(&json!({ "a": { "b": 1 } }), &["a"]), "");
    assert_eq!(text(&json!(7), &["a"]), "");
}

#[test]
fn numbers_and_flags_come_in_several_spellings() {
    let value = json!({ "n": " 12 ", "m": 12, "t": "true", "one": 1, "zero": "0", "half": 0.5 });
    assert_eq!((integer(&value, &["n"]), integer(&value, &["m"])), (Some(12), Some(12)));
    assert_eq!(integer(&value, &["half"]), None);
    assert_eq!(
        (flag(&value, &["t"]), flag(&value, &["one"]), flag(&value, &["zero"])),
        (Some(true), Some(true), Some(false))
    );
    assert_eq!(flag(&value, &["absent"]), None);
}

#[test]
fn lists_of_text_come_in_three_shapes() {
    let value = json!({ "a": ["x", 7, ""], "b": [{ "unitId": "u" }, {}], "c": "x@example.cn; y@example.cn,", "d": 1 });
    assert_eq!(texts(&value, &["a"], &[], 9), ["x", "7"]);
    assert_eq!(texts(&value, &["b"], &["unitId"], 9), ["u"]);
    assert_eq!(texts(&value, &["c"], &[], 9), ["x@example.cn", "y@example.cn"]);
    assert_eq!(texts(&value, &["d"], &[], 9), [] as [&str; 0]);
    assert_eq!(texts(&json!({ "a": vec!["x"; 50] }), &["a"], &[], 3).len(), 3);
}
