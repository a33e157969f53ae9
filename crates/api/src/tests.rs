//! The table stays one table: what the UI was built from is what the agent answers.

use super::*;

#[test]
fn the_typescript_in_the_ui_is_the_one_of_this_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/host/api.ts");
    let committed = std::fs::read_to_string(path).expect("ui/src/host/api.ts exists; make it by `cargo xtask api`");
    assert!(
        committed.replace("\r\n", "\n") == typescript(),
        "ui/src/host/api.ts is out of date: run `cargo xtask api`"
    );
}

#[test]
fn every_method_decodes_and_an_unknown_one_is_refused_with_its_name() {
    let raw = serde_json::value::RawValue::from_string("{}".to_owned()).unwrap();
    assert!(matches!(Request::decode("status", &raw), Ok(Request::Status(_))));
    let error = Request::decode("mail.eat", &raw).unwrap_err();
    assert_eq!(error.code, ErrorCode::BadRequest);
    assert_eq!(error.args.get("detail").map(String::as_str), Some("no method mail.eat"));
    let mut names: Vec<_> = METHODS.iter().map(|(name, ..)| *name).collect();
    names.dedup();
    assert_eq!(names.len(), METHODS.len());
}

#[test]
fn a_password_is_not_printed_with_the_request_that_carries_it() {
    let raw = serde_json::value::RawValue::from_string(
        r#"{"account":1,"credential":{"kind":"password","secret":"hunter2-张三"}}"#.to_owned(),
    )
    .unwrap();
    let request = Request::decode("accounts.update", &raw).unwrap();
    assert!(!format!("{request:?}").contains("hunter2"));
}

#[test]
fn the_older_of_two_programs_gives_way() {
    let hello = |version: &str| Hello {
        version: version.into(),
        ..Hello::new("agent")
    };
    assert!(hello("0.1.9").is_older_than(&hello("0.1.10")));
    assert!(hello("0.9.0").is_older_than(&hello("1.0.0")));
    assert!(!hello("1.0.0").is_older_than(&hello("1.0.0")));
}
