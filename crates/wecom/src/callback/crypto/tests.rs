use super::*;

const KEY: &str = "4Ma3YBrSBbX2aez8MJpXGBne5LSDwgGqHbhM9WPYIws";

#[test]
fn padding_fills_blocks_of_32() {
    for (plain, missing) in [(0, 32), (1, 31), (31, 1), (32, 32), (33, 31)] {
        let mut padded = vec![b'A'; plain];
        pad(&mut padded);
        assert_eq!(padded.len() % 32, 0);
        assert!(
            padded[plain..].iter().all(|byte| usize::from(*byte) == missing),
            "{plain}"
        );
        assert_eq!(unpadded(&padded).unwrap(), vec![b'A'; plain]);
    }
}

#[test]
fn wrong_padding_is_no_message() {
    for broken in [&[][..], &[0], &[33; 64], &[2], &[1, 3, 3], &[0x20; 31]] {
        assert_eq!(unpadded(broken), None, "{broken:?}");
    }
}

#[test]
fn encryption_is_undone() {
    let key = key(KEY).unwrap();
    for message in ["", "a", "一封信", &"x".repeat(5000)] {
        let encrypted = encrypt(&key, [7; 16], message.as_bytes(), "wwdemo").unwrap();
        let (back, receiver) = decrypt(&key, &encrypted).unwrap();
        assert_eq!(back, message.as_bytes());
        assert_eq!(receiver, b"wwdemo");
    }
}

#[test]
fn what_is_encrypted_wrongly_is_refused() {
    let key = key(KEY).unwrap();
    let sound = encrypt(&key, [7; 16], b"message", "wwdemo").unwrap();
    assert!(matches!(decrypt(&key, "!"), Err(Error::Encrypted("is no base64"))));
    assert!(decrypt(&key, "").is_err());
    assert!(matches!(
        decrypt(&key, sound.get(..20).unwrap()),
        Err(Error::Encrypted("has no whole blocks"))
    ));
    let another = super::key("cD0d7jx4tYvVtzqrmh3Dm3QFCXe6f8SlHoMtMh3qQEP").unwrap();
    assert!(decrypt(&another, &sound).is_err());
    // A length beyond what is there.
    let mut plain = vec![7; 16];
    plain.extend_from_slice(&u32::MAX.to_be_bytes());
    pad(&mut plain);
    let cipher = cbc::Encryptor::<aes::Aes256>::new_from_slices(&key, &key[..16]).unwrap();
    let lying = BASE64.encode(cipher.encrypt_padded_vec::<NoPadding>(&plain));
    assert!(matches!(
        decrypt(&key, &lying),
        Err(Error::Encrypted("is shorter than it says"))
    ));
}

#[test]
fn a_key_is_43_characters() {
    assert!(key("jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C").is_ok(), "stray bits");
    assert!(matches!(
        key("jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2"),
        Err(Error::Key)
    ));
    assert!(matches!(key(""), Err(Error::Key)));
    assert!(matches!(key(&"!".repeat(43)), Err(Error::Key)));
}
