use super::*;

fn keys() -> Keys {
    Keys::new(&[7; 32]).unwrap()
}

#[test]
fn a_nonce_holds_for_five_minutes_and_only_if_it_is_ours() {
    let nonce = keys().nonce(1000);
    assert!(keys().nonce_holds(&nonce, 1000));
    assert!(keys().nonce_holds(&nonce, 1300));
    assert!(!keys().nonce_holds(&nonce, 1301));
    assert!(!keys().nonce_holds(&nonce, 900));
    assert!(!Keys::new(&[8; 32]).unwrap().nonce_holds(&nonce, 1000));
    for strange in ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAA", "=="] {
        assert!(!keys().nonce_holds(strange, 0), "{strange}");
    }
}

#[test]
fn tokens_are_of_their_kind_session_and_number() {
    let keys = keys();
    let refresh = keys.refresh_token("s1", 4);
    assert_eq!(refresh, keys.refresh_token("s1", 4));
    assert_eq!(
        keys.open_refresh(&refresh).unwrap(),
        Opened {
            session: "s1",
            number: 4
        }
    );
    assert_eq!(keys.open_access(&refresh), None);
    for forged in [
        refresh.replace(".4.", ".5."),
        refresh.replace("s1", "s2"),
        refresh.replacen('r', "a", 1),
        format!("{refresh}.x"),
        "r.s1.4".to_owned(),
        String::new(),
    ] {
        assert_eq!(keys.open_refresh(&forged), None, "{forged}");
        assert_eq!(keys.open_access(&forged), None, "{forged}");
    }
}

#[test]
fn names_are_letters_and_digits_that_wecom_takes_as_state() {
    let name = random_name();
    assert_eq!(name.len(), 32);
    assert!(name.chars().all(|c| c.is_ascii_alphanumeric()));
    assert_ne!(name, random_name());
    assert_eq!(random_digits().len(), 6);
}
