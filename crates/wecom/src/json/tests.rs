use serde_json::json;

use super::*;

#[test]
fn numbers_and_texts_stand_for_each_other() {
    let value =
        json!({ "n": 3, "t": "4", "b": true, "x": {}, "l": ["1", 2, null], "p": "a||b", "big": 4_294_967_295_i64 });
    assert_eq!(integer(value.get("n")), 3);
    assert_eq!(integer(value.get("t")), 4);
    assert_eq!(integer(value.get("b")), 1);
    assert_eq!(integer(value.get("big")), 4_294_967_295);
    assert_eq!(integer(value.get("x")), 0);
    assert_eq!(integer(value.get("none")), 0);
    assert_eq!(string(value.get("n")), "3");
    assert_eq!(string(value.get("x")), "");
    assert_eq!(integers(value.get("l")), [1, 2, 0]);
    assert_eq!(integers(value.get("n")), [3]);
    assert_eq!(strings(value.get("l")), ["1", "2"]);
    assert_eq!(objects(value.get("x")).count(), 1);
    assert_eq!(split(value.get("p")), ["a", "b"]);
}
