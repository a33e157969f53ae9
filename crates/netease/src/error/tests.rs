use super::*;

fn refused(code: i64, message: &str) -> Error {
    Error::Refused {
        call: "account/getAccount",
        code,
        marker: marker(message),
        message: message.to_owned(),
    }
}

#[test]
fn a_marker_is_the_word_at_the_start() {
    for (message, word) in [
        ("ACCOUNT.NOTEXIST account not exist", "ACCOUNT.NOTEXIST"),
        ("ACCOUNT.NOTEXIST", "ACCOUNT.NOTEXIST"),
        ("MAILACCOUNT.NAMEEXIST:zhangsan", "MAILACCOUNT.NAMEEXIST"),
        ("ACCOUNT.NOTEXIST,帐号不存在", "ACCOUNT.NOTEXIST"),
        ("Account not exist", ""),
        ("IP denied", ""),
        ("", ""),
        ("A.Bc", ""),
    ] {
        assert_eq!(marker(message), word, "{message}");
    }
}

#[test]
fn each_code_says_whose_turn_it_is() {
    use Configuration::{Address, Credentials, Grant, Over};
    for (code, message, kind) in [
        (-3, "ACCOUNT.NOTEXIST", Kind::NotFound),
        (-3, "MAILACCOUNT.NAMEEXIST", Kind::Other),
        (-3, "DOMAIN.NOTEXIST", Kind::Other),
        (-100, "", Kind::Configuration(Credentials)),
        (-201, "ip denied", Kind::Configuration(Address)),
        (-202, "", Kind::Configuration(Grant)),
        (-305, "", Kind::Configuration(Over)),
        (-423, "", Kind::Busy),
        (-2, "", Kind::Down),
        (-401, "", Kind::Other),
    ] {
        assert_eq!(refused(code, message).kind(), kind, "{code} {message}");
    }
    let gateway = |status| {
        Error::Status {
            call: "unit/getUnitList",
            status,
        }
        .kind()
    };
    assert_eq!(
        (gateway(429), gateway(502), gateway(404)),
        (Kind::Busy, Kind::Down, Kind::Other)
    );
}

#[test]
fn the_words_for_a_refused_address_name_the_list() {
    assert!(Configuration::Address.words().contains("IP list"));
}
