use super::*;

#[test]
fn what_one_side_writes_the_other_reads() {
    let text = r#"{"access_token":"a","expires_in":900,"refresh_token":"r","signing_key":"k","member":{"id":"zhangsan","name":"张三","company":"示例","mail":{"proof":"reverse","address":"zhangsan@example.cn"}}}"#;
    let session: Session = serde_json::from_str(text).unwrap();
    assert_eq!(session.member.mail.proof, Some(Proof::Reverse));
    let again: Session = serde_json::from_str(&serde_json::to_string(&session).unwrap()).unwrap();
    assert_eq!(again.member, session.member);
}

#[test]
fn a_session_prints_no_token() {
    let session: Session = serde_json::from_str(
        r#"{"access_token":"at-1","expires_in":900,"refresh_token":"rt-1","signing_key":"k","member":{"id":"z","name":"","company":"","mail":{}}}"#,
    )
    .unwrap();
    let printed = format!("{session:?}");
    assert!(!printed.contains("at-1") && !printed.contains("rt-1"), "{printed}");
}

#[test]
fn a_part_of_the_directory_says_only_what_there_is() {
    let person = Person {
        id: "lisi".into(),
        name: "李四".into(),
        address: Some("lisi@example.cn".into()),
        departments: vec![12],
        ..Person::default()
    };
    let text = serde_json::to_string(&person).unwrap();
    assert_eq!(
        text,
        r#"{"id":"lisi","name":"李四","address":"lisi@example.cn","departments":[12]}"#
    );
    assert_eq!(serde_json::from_str::<Person>(&text).unwrap(), person);
}

#[test]
fn a_company_fixes_what_is_on_the_list_and_only_to_the_safer_side() {
    use serde_json::json;
    for (name, value) in [
        ("autostart", json!(true)),
        ("bubbles", json!(false)),
        ("privacy", json!(true)),
        ("codes", json!(false)),
        ("receipts", json!("never")),
        ("undo_seconds", json!(30)),
        ("ask_attachment", json!(true)),
        ("ask_subject", json!(true)),
        ("ask_outside", json!(true)),
        ("ask_crowd", json!(1)),
        ("prefetch", json!(0)),
        ("cache", json!(128)),
    ] {
        assert_eq!(Fixed::read(name, &value).map(Fixed::name), Ok(name));
    }
    for (name, value, says) in [
        ("ask_outside", json!(false), "not off"),
        ("privacy", json!(false), "not off"),
        ("receipts", json!("always"), "never"),
        ("ask_crowd", json!(0), "from 1"),
        ("undo_seconds", json!(31), "to 30"),
        ("undo_seconds", json!(-1), "invalid value"),
        ("cache", json!("much"), "invalid type"),
        ("bubbles", json!(null), "invalid type"),
        // None of these is on the list.
        ("proxy", json!({ "kind": "direct" }), "unknown variant `proxy`"),
        ("oauth_clients", json!({}), "unknown variant"),
        ("plaintext", json!(true), "expected one of `autostart`"),
    ] {
        let error = Fixed::read(name, &value).unwrap_err();
        assert!(error.contains(says), "{name}: {error}");
    }
}

#[test]
fn a_policy_of_a_newer_bridge_is_read_with_what_is_new_in_it() {
    let text =
        r#"{"revision":"r","issued":7,"settings":{"hologram":{"size":3}},"features":{"telepathy":false},"more":[]}"#;
    let policy: Policy = serde_json::from_str(text).unwrap();
    assert!(policy.features.remote_pictures && policy.settings.contains_key("hologram"));
    assert!(Fixed::read("hologram", &policy.settings["hologram"]).is_err());
}
