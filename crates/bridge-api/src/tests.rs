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
