use super::*;

fn keys(token: &str, aes_key: &str, receive_id: &str) -> CallbackKeys {
    CallbackKeys {
        token: token.to_owned(),
        aes_key: aes_key.to_owned(),
        receive_id: receive_id.to_owned(),
    }
}

#[test]
fn a_message_is_encrypted_as_wecom_does() {
    let keys = keys(
        "kjr2TKI8umCBfVF3wAHk8JiPwma5VBme",
        "4Ma3YBrSBbX2aez8MJpXGBne5LSDwgGqHbhM9WPYIws",
        "ww6a112864f8022910",
    );
    let encrypted = keys.encrypt(*b"5QMsYcwjR95t2vmC", b"94966531020182955848408").unwrap();
    assert_eq!(
        encrypted,
        "6KmUQuPVu7UhjyVqRdbo5SfcRqaHvbUlKSHFvBV2ZuR6TIlKsygcfeSd1GDplg1C5KSKr6UPHCaC/nIX3ZNt9w=="
    );
    assert_eq!(
        keys.sign("1583940690", "VHh7ymSeb0jc4lSb", &encrypted),
        "1ba3cb09c0d2c2b3ed6900d37f91a6efae6cb011"
    );
}

#[test]
fn a_key_with_stray_bits_is_taken() {
    let keys = keys(
        "QDG6eK",
        "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
        "wx5823bf96d3bd56c7",
    );
    let echo = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==";
    assert_eq!(
        keys.decrypt(echo).unwrap(),
        ("1616140317555161061".to_owned(), "wx5823bf96d3bd56c7".to_owned())
    );
    assert_eq!(
        keys.sign("1409659589", "263014780", echo),
        "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"
    );
}
