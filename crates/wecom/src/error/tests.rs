use super::*;

#[test]
fn each_code_says_what_to_do() {
    let kind = |code| Error::Code { code, api: "user/get" }.kind();
    for code in [
        40001, 40013, 40056, 40091, 48001, 48002, 48006, 50001, 50003, 60020, 301_002,
    ] {
        assert_eq!(kind(code), Kind::Configuration, "{code}");
    }
    for code in [40029, 40078, 41008, 42003, 42022, 84014, 84015] {
        assert_eq!(kind(code), Kind::Restart, "{code}");
    }
    for code in [40003, 40031, 41009, 46004, 50002, 60011, 60111, 60147, 60148, 81013] {
        assert_eq!(kind(code), Kind::Member, "{code}");
    }
    assert_eq!(kind(45009), Kind::Quota);
    assert_eq!(kind(45033), Kind::Quota);
    assert_eq!(kind(-1), Kind::Busy);
    for code in [40014, 41001, 42001] {
        assert_eq!(kind(code), Kind::Down, "{code}");
    }
    for code in [40008, 40032, 40058, 40063, 44004, 45002, 60003, 82001, 999_999] {
        assert_eq!(kind(code), Kind::Other, "{code}");
    }
}

#[test]
fn an_admin_reads_what_is_wrong() {
    let error = Error::Code {
        code: 60020,
        api: "user/get",
    };
    assert_eq!(
        error.to_string(),
        "user/get: WeCom refuses with 60020 (this server's IP is not on the application's list of trusted IPs)"
    );
}
