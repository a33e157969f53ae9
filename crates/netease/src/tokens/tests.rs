use super::*;

fn token(given: i64, until: &str) -> Token {
    Token::new(SecretString::from("at-1"), given, until)
}

#[test]
fn expiries_are_read_in_beijings_time_and_due_at_four_fifths() {
    // 2026-01-01 00:00:00 UTC is eight in the morning in Beijing.
    let given = 1_767_225_600;
    let token = token(given, "2026-01-01 09:00:00");
    assert_eq!(token.until, given + 3600);
    assert!(!token.is_due(given + 2879) && token.is_due(given + 2880));
    assert!(token.holds(given + 3599) && !token.holds(given + 3600));
}

#[test]
fn an_expiry_that_cannot_be_right_is_not_believed() {
    let given = 1_767_225_600;
    for wrong in ["2026-01-01 01:00:00", "2026-01-01 08:00:30", "soon", "", "1767229200"] {
        let token = token(given, wrong);
        assert_eq!(token.until, given + ASSUMED_LIFE, "{wrong}");
    }
}

#[test]
fn tokens_come_back_as_they_were_kept_and_print_nothing() {
    let tokens = Tokens {
        access: Some(token(5, "2026-01-01 09:00:00")),
        refresh: Some(SecretString::from("rt-1")),
        sso: None,
    };
    let secret = tokens.to_secret();
    let again = Tokens::from_secret(&secret).unwrap();
    assert_eq!(again.to_secret().expose_secret(), secret.expose_secret());
    assert!(again.access.unwrap().is(&SecretString::from("at-1")));
    assert!(again.sso.is_none());
    let printed = format!("{tokens:?} {secret:?}");
    assert!(!printed.contains("at-1") && !printed.contains("rt-1"), "{printed}");
    assert!(Tokens::from_secret(&SecretString::from("{}x")).is_none());
}

#[tokio::test]
async fn a_second_lease_waits_for_the_first_and_finds_what_it_stored() {
    let store = MemoryTokens::default();
    let (_, first) = store.lease().await.unwrap();
    let mut second = store.lease();
    let waits = std::future::poll_fn(|cx| std::task::Poll::Ready(second.as_mut().poll(cx).is_pending())).await;
    assert!(waits, "two hold the lease");
    let tokens = Tokens {
        refresh: Some(SecretString::from("rt-2")),
        ..Tokens::default()
    };
    first.store(tokens).await.unwrap();
    let (found, _lease) = second.await.unwrap();
    assert_eq!(found.refresh.unwrap().expose_secret(), "rt-2");
}
