use std::path::{Path, PathBuf};
use std::process::Command;

use secrecy::SecretString;

use super::*;

fn openssl(arguments: &[&str], folder: &Path) -> Vec<u8> {
    let out = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    out.stdout
}

/// A key that is thrown away with its folder.
fn key() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    openssl(&["genrsa", "-out", "key.pem", "1024"], folder.path());
    let pem = folder.path().join("key.pem");
    (folder, pem)
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from_digit(digit.into(), 16).unwrap())
        .collect()
}

#[test]
fn signatures_are_those_of_openssl_whatever_form_the_key_has() {
    let (folder, pem) = key();
    let folder = folder.path();
    let text = "account_name=zhangsan&domain=example.cn&nickname=张三&product=example_cn&time=1700000000000";
    std::fs::write(folder.join("text"), text).unwrap();
    let signed = hex(&openssl(&["dgst", "-sha1", "-sign", "key.pem", "text"], folder));
    assert_eq!(signed.len(), 256);
    let pkcs8 = openssl(&["pkcs8", "-topk8", "-nocrypt", "-in", "key.pem"], folder);
    let pkcs1 = openssl(&["rsa", "-traditional", "-in", "key.pem"], folder);
    let der8 = openssl(
        &["pkcs8", "-topk8", "-nocrypt", "-in", "key.pem", "-outform", "DER"],
        folder,
    );
    let der1 = openssl(&["rsa", "-traditional", "-in", "key.pem", "-outform", "DER"], folder);
    let forms = [
        std::fs::read_to_string(pem).unwrap(),
        String::from_utf8(pkcs8).unwrap(),
        String::from_utf8(pkcs1).unwrap(),
        hex(&der8),
        hex(&der8).to_uppercase(),
        format!("\n{}\n", hex(&der1)),
    ];
    for form in forms {
        let key = Key::read(&SecretString::from(form.as_str())).unwrap();
        assert_eq!(key.sign(text).unwrap(), signed, "{form}");
    }
}

#[test]
fn what_is_no_key_is_refused_and_a_key_does_not_print() {
    let (folder, pem) = key();
    let text = std::fs::read_to_string(pem).unwrap();
    let key = Key::read(&SecretString::from(text.as_str())).unwrap();
    let der = hex(&openssl(
        &["rsa", "-traditional", "-in", "key.pem", "-outform", "DER"],
        folder.path(),
    ));
    assert_eq!(format!("{key:?}"), "Key(..)");
    for wrong in [
        "",
        "abc",
        "+1+1",
        "zz",
        text.get(..200).unwrap(),
        der.get(..100).unwrap(),
        "-----BEGIN PRIVATE KEY-----",
    ] {
        assert_eq!(
            Key::read(&SecretString::from(wrong)).unwrap_err(),
            KeyError::Unreadable,
            "{wrong}"
        );
    }
    openssl(&["genrsa", "-out", "small.pem", "512"], folder.path());
    let small = std::fs::read_to_string(folder.path().join("small.pem")).unwrap();
    assert_eq!(Key::read(&SecretString::from(small)).unwrap_err(), KeyError::Unreadable);
}

#[test]
fn parameters_are_signed_sorted_and_raw() {
    let parameters = [
        ("time", "17"),
        ("domain", "example.cn"),
        ("nickname", "张 三&"),
        ("Zone", "x"),
    ];
    assert_eq!(
        raw(&parameters.into_iter().collect()),
        "Zone=x&domain=example.cn&nickname=张 三&&time=17"
    );
}

#[test]
fn sites_have_hosts_of_their_own() {
    let of = |site: Site| {
        (
            site.api("unit/getUnitList").unwrap().to_string(),
            site.entry().unwrap().to_string(),
        )
    };
    assert_eq!(
        of(Site::East),
        (
            "https://apihz.qiye.163.com/qiyeservice/api/unit/getUnitList".to_owned(),
            "https://entryhz.qiye.163.com/domain/oa/Entry".to_owned()
        )
    );
    assert_eq!(of(Site::North).1, "https://entry.qiye.163.com/domain/oa/Entry");
}
