use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::*;

const NOW: i64 = 1_700_000_000;

fn keys() -> Keys {
    Keys::new(&[7; 32]).unwrap()
}

fn url() -> Url {
    Url::parse("https://mail.example.cn/api/signin").unwrap()
}

fn claims() -> Value {
    json!({ "jti": "1", "htm": "POST", "htu": url().as_str(), "iat": 0, "nonce": keys().nonce(NOW) })
}

/// A proof with these claims, by the key of that seed; `change` spoils its header.
fn proof(seed: u8, claims: &Value, change: impl Fn(&mut Value)) -> String {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
    let mut header = json!({
        "typ": "dpop+jwt", "alg": "EdDSA",
        "jwk": { "kty": "OKP", "crv": "Ed25519", "x": BASE64.encode(pair.public_key()) },
    });
    change(&mut header);
    let text = format!(
        "{}.{}",
        BASE64.encode(header.to_string()),
        BASE64.encode(claims.to_string())
    );
    format!("{text}.{}", BASE64.encode(pair.sign(text.as_bytes())))
}

fn checked(proof: Option<&str>, token: Option<&str>) -> Result<String, Rejected> {
    let about = About {
        method: "POST",
        url: &url(),
        token,
    };
    check(&keys(), &Used::default(), proof, about, NOW)
}

#[test]
fn a_proof_names_its_key_and_is_taken_once() {
    let proof = proof(1, &claims(), |_| {});
    let used = Used::default();
    let (keys, url) = (keys(), url());
    let about = About {
        method: "POST",
        url: &url,
        token: None,
    };
    let jkt = check(&keys, &used, Some(&proof), about, NOW).unwrap();
    assert_eq!(jkt.len(), 43);
    let again = check(&keys, &used, Some(&proof), about, NOW);
    assert_eq!(again, Err(Rejected::Wrong("this proof was used")));
}

#[test]
fn the_thumbprint_is_that_of_rfc_8037() {
    // RFC 8037 A.3.
    let jwk: Jwk = serde_json::from_value(json!({
        "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    }))
    .unwrap();
    let (print, _) = thumbprint(&jwk).unwrap();
    assert_eq!(print, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn a_key_of_the_platforms_own_store_is_taken_too() {
    let random = ring::rand::SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
    let point = pair.public_key().as_ref();
    let header = json!({
        "typ": "dpop+jwt", "alg": "ES256",
        "jwk": { "kty": "EC", "crv": "P-256", "x": BASE64.encode(&point[1..33]), "y": BASE64.encode(&point[33..65]) },
    });
    let text = format!(
        "{}.{}",
        BASE64.encode(header.to_string()),
        BASE64.encode(claims().to_string())
    );
    let signature = pair.sign(&random, text.as_bytes()).unwrap();
    checked(Some(&format!("{text}.{}", BASE64.encode(signature))), None).unwrap();
}

#[test]
fn without_a_proof_or_over_an_old_nonce_a_new_one_is_asked_for() {
    assert_eq!(checked(None, None), Err(Rejected::Nonce));
    let mut old = claims();
    old["nonce"] = json!(keys().nonce(NOW - 301));
    assert_eq!(checked(Some(&proof(1, &old, |_| {})), None), Err(Rejected::Nonce));
    let mut without = claims();
    without.as_object_mut().unwrap().remove("nonce");
    assert_eq!(checked(Some(&proof(1, &without, |_| {})), None), Err(Rejected::Nonce));
}

#[test]
fn a_proof_of_something_else_is_none() {
    for (name, value) in [
        ("htm", json!("GET")),
        ("htu", json!("https://elsewhere.example.cn/api/signin")),
        ("htu", json!("https://mail.example.cn/api/session")),
        ("htu", json!("no address")),
        ("jti", json!("")),
        ("jti", json!("x".repeat(200))),
        ("jti", json!(1)),
    ] {
        let mut claims = claims();
        claims[name] = value.clone();
        let result = checked(Some(&proof(1, &claims, |_| {})), None);
        assert!(matches!(result, Err(Rejected::Wrong(_))), "{name} {value}: {result:?}");
    }
}

#[test]
fn a_query_is_no_part_of_what_is_proven() {
    let mut with = claims();
    with["htu"] = json!("https://mail.example.cn/api/signin?seen=waiting#x");
    checked(Some(&proof(1, &with, |_| {})), None).unwrap();
}

#[test]
fn a_forged_header_is_refused() {
    let good = proof(1, &claims(), |_| {});
    let other = proof(2, &claims(), |_| {});
    let signature = other.rsplit('.').next().unwrap();
    let (text, _) = good.rsplit_once('.').unwrap();
    let mut all = vec![
        format!("{text}.{signature}"),
        String::new(),
        "x.y.z".to_owned(),
        "x".repeat(4000),
    ];
    let spoils: [fn(&mut Value); 6] = [
        |header| header["typ"] = json!("JWT"),
        |header| header["alg"] = json!("HS256"),
        |header| header["alg"] = json!("none"),
        |header| header["alg"] = json!("ES256"),
        |header| header["jwk"] = json!({ "kty": "oct", "k": "AAAA" }),
        |header| {
            header.as_object_mut().unwrap().remove("jwk");
        },
    ];
    all.extend(spoils.iter().map(|spoil| proof(1, &claims(), spoil)));
    for proof in all {
        let result = checked(Some(&proof), None);
        assert!(matches!(result, Err(Rejected::Wrong(_))), "{proof}: {result:?}");
    }
}

#[test]
fn a_token_is_bound_to_the_proof_beside_it() {
    let mut bound = claims();
    bound["ath"] = json!(digest("token"));
    checked(Some(&proof(1, &bound, |_| {})), Some("token")).unwrap();
    for (claims, token) in [(&bound, "another"), (&claims(), "token")] {
        let result = checked(Some(&proof(1, claims, |_| {})), Some(token));
        assert_eq!(result, Err(Rejected::Wrong("ath is of another token")));
    }
}

#[test]
fn what_was_used_is_forgotten_when_its_nonce_is_too_old() {
    let used = Used::default();
    assert!(used.first([1; 32], NOW));
    assert!(!used.first([1; 32], NOW + 300));
    assert!(used.first([2; 32], NOW + 401));
    assert!(used.first([1; 32], NOW + 401));
}
