use super::*;
use crate::Code;

#[test]
fn texts_are_decoded_as_utf8_then_gb18030_and_bounded() {
    assert_eq!(server_text("登录失败".as_bytes()), "登录失败");
    let (gbk, _, _) = encoding_rs::GB18030.encode("密码错误");
    assert_eq!(server_text(&gbk), "密码错误");
    assert_eq!(server_text(b"two\r\nlines\0"), "two  lines");
    let long = "长".repeat(5000);
    assert_eq!(server_text(long.as_bytes()), "长".repeat(500));
    let odd = format!("a{}", "长".repeat(5000));
    assert_eq!(
        server_text(odd.as_bytes()).chars().count(),
        500,
        "a character cut by the bound is dropped, not garbled"
    );
}

#[test]
fn what_providers_say_at_sign_in_becomes_the_right_cause() {
    let of = |code: Option<Code>, text: &str| auth_error(code.as_ref(), text.to_owned());
    assert!(matches!(
        of(None, "LOGIN Login error or password error"),
        Error::Auth { .. }
    ));
    assert!(matches!(
        of(Some(Code::AuthenticationFailed), "Invalid credentials (Failure)"),
        Error::Auth { .. }
    ));
    assert!(matches!(
        of(
            None,
            "Application-specific password required: https://support.google.com/accounts/answer/185833"
        ),
        Error::ClientPasswordNeeded { .. }
    ));
    assert!(matches!(
        of(None, "SELECT Unsafe Login. Please contact kefu@188.com for help"),
        Error::UnsafeLogin { .. }
    ));
    assert!(matches!(
        of(None, "Too many simultaneous connections. (Failure)"),
        Error::TooManyConnections { .. }
    ));
    assert!(matches!(
        of(Some(Code::Unavailable), "later"),
        Error::TooManyConnections { .. }
    ));
    assert!(matches!(
        of(
            None,
            "Login fail. Account is abnormal, service is not open, password is incorrect, login frequency limited"
        ),
        Error::Auth { .. }
    ));
    assert!(matches!(
        of(None, "User is authenticated but not connected."),
        Error::Disabled { .. }
    ));
    assert!(matches!(of(None, "您的帐户未开启IMAP服务"), Error::Disabled { .. }));
    assert!(matches!(
        of(
            None,
            "Your account is not enabled for IMAP use. Please visit your Gmail settings page"
        ),
        Error::Disabled { .. }
    ));
}

#[test]
fn only_what_may_heal_by_itself_is_transient() {
    assert!(Error::Closed.is_transient() && Error::Timeout.is_transient());
    assert!(
        Error::No {
            code: Some(Code::Unavailable),
            text: String::new()
        }
        .is_transient()
    );
    assert!(!Error::Auth { text: String::new() }.is_transient());
    assert!(
        !Error::No {
            code: None,
            text: String::new()
        }
        .is_transient()
    );
    assert!(!Error::TooLarge.is_transient());
}
