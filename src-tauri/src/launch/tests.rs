use super::Launch;

#[test]
fn a_mail_is_named_by_its_number() {
    assert_eq!(Launch::of(["--mail", "42"]).mail, Some(42));
    assert_eq!(Launch::of(["--mail", "x"]).mail, None);
    assert_eq!(Launch::of(["--mail"]).mail, None);
    assert_eq!(Launch::of([] as [&str; 0]), Launch::default());
}

#[test]
fn addresses_of_our_scheme_are_kept_and_others_left_out() {
    let launch = Launch::of([
        "--automation",
        "qiyou://mail/5?token=x",
        "https://example.com/",
        "file:///etc/passwd",
    ]);
    assert_eq!(
        launch.links.iter().map(url::Url::as_str).collect::<Vec<_>>(),
        ["qiyou://mail/5?token=x"]
    );
    assert_eq!(Launch::of([format!("qiyou://{}", "x".repeat(3000))]).links, []);
}

#[test]
fn an_address_to_write_to_is_handed_on() {
    let launch = Launch::of(["mailto:li.si@example.com?subject=%E4%BD%A0%E5%A5%BD"]);
    assert_eq!(
        launch.mailto.as_deref(),
        Some("mailto:li.si@example.com?subject=%E4%BD%A0%E5%A5%BD")
    );
    assert_eq!(launch.links, []);
}
