use super::*;

struct Vector {
    token: &'static str,
    aes_key: &'static str,
    receive_id: &'static str,
    timestamp: &'static str,
    nonce: &'static str,
    encrypted: &'static str,
    signature: &'static str,
    random: &'static [u8; 16],
    message: &'static str,
}

/// Reference A6, 1, 3 and 4: echoes.
const ECHOES: [Vector; 3] = [
    Vector {
        token: "kjr2TKI8umCBfVF3wAHk8JiPwma5VBme",
        aes_key: "4Ma3YBrSBbX2aez8MJpXGBne5LSDwgGqHbhM9WPYIws",
        receive_id: "ww6a112864f8022910",
        timestamp: "1583940690",
        nonce: "VHh7ymSeb0jc4lSb",
        encrypted: "6KmUQuPVu7UhjyVqRdbo5SfcRqaHvbUlKSHFvBV2ZuR6TIlKsygcfeSd1GDplg1C5KSKr6UPHCaC/nIX3ZNt9w==",
        signature: "1ba3cb09c0d2c2b3ed6900d37f91a6efae6cb011",
        random: b"5QMsYcwjR95t2vmC",
        message: "94966531020182955848408",
    },
    Vector {
        token: "123456",
        aes_key: "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR",
        receive_id: "wx49f0ab532d5d035a",
        timestamp: "1411443780",
        nonce: "437374425",
        encrypted: "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q==",
        signature: "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96",
        random: b"2304fc2fe146f1f8",
        message: "5927782489442352469",
    },
    Vector {
        token: "QDG6eK",
        aes_key: "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
        receive_id: "wx5823bf96d3bd56c7",
        timestamp: "1409659589",
        nonce: "263014780",
        encrypted: "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
        signature: "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
        random: b"c41b64491c2468d0",
        message: "1616140317555161061",
    },
];

fn keys(token: &str, aes_key: &str, receive_id: &str) -> Keys {
    Keys::new(SecretString::from(token), &SecretString::from(aes_key), receive_id).unwrap()
}

impl Vector {
    fn keys(&self) -> Keys {
        keys(self.token, self.aes_key, self.receive_id)
    }

    fn query(&self) -> Query {
        Query {
            msg_signature: self.signature.to_owned(),
            timestamp: self.timestamp.to_owned(),
            nonce: self.nonce.to_owned(),
            echostr: Some(self.encrypted.to_owned()),
        }
    }
}

#[test]
fn an_echo_is_read() {
    for vector in ECHOES {
        assert_eq!(vector.keys().verify_url(&vector.query()).unwrap(), vector.message);
        let mut blanks = vector.query();
        blanks.echostr = Some(vector.encrypted.replace('+', " "));
        assert_eq!(vector.keys().verify_url(&blanks).unwrap(), vector.message);
    }
}

#[test]
fn the_same_is_encrypted_to_the_same() {
    for vector in ECHOES {
        let keys = vector.keys();
        let encrypted = crypto::encrypt(
            keys.key.expose_secret(),
            *vector.random,
            vector.message.as_bytes(),
            vector.receive_id,
        );
        assert_eq!(encrypted.unwrap(), vector.encrypted);
    }
}

#[test]
fn an_echo_of_another_nonce_token_or_receiver_is_refused() {
    for vector in ECHOES {
        let keys_of = |token, receiver| keys(token, vector.aes_key, receiver);
        let mut query = vector.query();
        query.nonce = "437374424".to_owned();
        assert_eq!(vector.keys().verify_url(&query).unwrap_err(), Error::Signature);
        let query = vector.query();
        let other = keys_of("another", vector.receive_id);
        assert_eq!(other.verify_url(&query).unwrap_err(), Error::Signature);
        let other = keys_of(vector.token, "wwanother");
        assert_eq!(other.verify_url(&query).unwrap_err(), Error::Receiver);
        let mut query = vector.query();
        query.msg_signature = String::new();
        assert_eq!(vector.keys().verify_url(&query).unwrap_err(), Error::Signature);
        query.echostr = None;
        assert!(matches!(vector.keys().verify_url(&query), Err(Error::Malformed(_))));
    }
}

/// Reference A6, 2: a message.
#[test]
fn a_message_is_opened() {
    const ENCRYPTED: &str = "EUCt7xMcNiyASzZj0Hjc5yDjFQrCum6AfQ3ntHiUzjGQ51xieKmbvtrZ40/EcB2W/W8yH0n4Lqx48gJl/T9HD/\
        R309I0P/r5pIZucK3lyEn48FYMr4YdE0QdL2jIJ3xkcXUr6uzefzCxG6lMvwpAJaOyVCzN7sRRw47njfxy5EIqU6R9ZBhlTzfdnhhOhK/nTw\
        zrZX3SoGlXFA9OBeZ6ru1NWpXFk76x9DUMe0lcxPPiUqK8ctnQcYXSGUHVqC6DfG7E7mab0OmruNN8cBZY5d3dYOBA4OgaH55Q0AJmUpdT8v\
        NiXpXx+6TxT3TIjySXpDrHVyrsb772aYywgg/Nu4kUmGkALwFZlzhjNegR7wDwb9lr4ERXsSSS8JZ8lbBmaQ3F2Tq584xoPj5rIhXAF734yn\
        m4no1g+SdHiNqR328=";
    let keys = keys(
        "kz7Yx62CH8SaLN",
        "cD0d7jx4tYvVtzqrmh3Dm3QFCXe6f8SlHoMtMh3qQEP",
        "ww6a112864f8022910",
    );
    let query = Query {
        msg_signature: "f265ae551b1932727204c3d707628d01376a6940".to_owned(),
        timestamp: "1583995625".to_owned(),
        nonce: "1584392382".to_owned(),
        echostr: None,
    };
    let body = format!(
        "<xml><ToUserName><![CDATA[ww6a112864f8022910]]></ToUserName><AgentID><![CDATA[]]></AgentID>\
         <Encrypt><![CDATA[{ENCRYPTED}]]></Encrypt></xml>"
    );
    let received = keys.open(&query, body.as_bytes()).unwrap();
    let Event::Other { name, fields } = received.event else {
        panic!()
    };
    assert_eq!(name, "text");
    let field = |name: &str| {
        fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(field("ToUserName"), Some("ww6a112864f8022910"));
    assert_eq!(field("Content"), Some("x123"));
    assert_eq!(field("MsgId"), Some("2018405441"));
    assert_eq!(
        keys.open(&Query::default(), body.as_bytes()).unwrap_err(),
        Error::Signature
    );
}

#[test]
fn a_reply_is_sealed_as_another_library_does() {
    const REPLY: &str = "<xml>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[test]]></Content>\n\
        <FromUserName><![CDATA[wx49f0ab532d5d035a]]></FromUserName>\n<ToUserName><![CDATA[messense]]></ToUserName>\n\
        <AgentID>1</AgentID>\n<CreateTime>1411525903</CreateTime>\n</xml>";
    const ENCRYPTED: &str = "9s4gMv99m88kKTh/H8IdkOiMg6bisoy3ypwy9H4hvSPe9nsGaqyw5hhSjdYbcrKk+j3nba4HMOTzHrluLBYqxgNcBq\
        GsL8GqxlhZgURnAtObvesEl5nZ+uBE8bviY0LWke8Zy9V/QYKxNV2FqllNXcfmstttyIkMKCCmVbCFM2JTF5wY0nFhHZSjPUL2Q1qvSUCUl\
        d+/WIXrx0oyKQmpB6o8NRrrNrsDf03oxI1p9FxUgMnwKKZeOA/uu+2IEvEBtb7muXsVbwbgX05UPPJvFurDXafG0RQyPR+mf1nDnAtQmmNOu\
        iR5MIkdQ39xn1vWwi1O5oazPoQJz0nTYjxxEE8kv3kFxtAGVRe3ypD3WeK2XeFYFMNMpatF9XiKzHo3";
    let keys = keys(
        "123456",
        "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR",
        "wx49f0ab532d5d035a",
    );
    let sealed = keys
        .seal_with(*b"1234567890123456", REPLY, 1_411_525_903, "461056294")
        .unwrap();
    assert!(
        sealed.contains(&format!("<Encrypt><![CDATA[{ENCRYPTED}]]></Encrypt>")),
        "{sealed}"
    );
    assert!(sealed.contains("407518b7649e86ef23978113f92d27afa9296533"));
    let random = keys.seal("success", 1, "n").unwrap();
    assert_ne!(random, keys.seal("success", 1, "n").unwrap());
}

#[test]
fn a_body_is_bounded_and_must_hold_something() {
    let keys = ECHOES[0].keys();
    let open = |body: &[u8]| keys.open(&Query::default(), body).unwrap_err();
    assert_eq!(open(&vec![b'a'; MAX_BODY + 1]), Error::TooLong);
    assert!(matches!(open(b"<xml><Encrypt></Encrypt></xml>"), Error::Malformed(_)));
    assert!(matches!(open(b"\xff\xfe"), Error::Malformed(_)));
    assert!(matches!(
        open(b"<!DOCTYPE x [<!ENTITY e \"x\">]><xml><Encrypt>&e;</Encrypt></xml>"),
        Error::Malformed(_)
    ));
}

#[test]
fn keys_are_not_printed() {
    let printed = format!("{:?}", ECHOES[1].keys());
    assert!(!printed.contains("123456") && !printed.contains("kWxP"), "{printed}");
    assert!(printed.contains("wx49f0ab532d5d035a"));
}
