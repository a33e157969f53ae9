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
