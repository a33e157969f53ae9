//! vCards that other programs wrote (2.1, 3.0, 4.0): each is read, and says the same after it was written and read again.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test"
)]

use std::path::Path;

use qiyou_people::book::{self, Card, Version};

fn files() -> Vec<(String, Vec<u8>)> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut files = Vec::new();
    for folder in std::fs::read_dir(data).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "vcf") {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                files.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

fn cards(bytes: &[u8]) -> Vec<Card> {
    book::read(bytes).map(|read| read.cards).unwrap_or_default()
}

/// What a person would miss.
fn said(card: &Card) -> (String, Vec<String>, Vec<String>, String, String) {
    // Who has no name is called by the address.
    let name = if card.name.is_empty() {
        card.emails.first().cloned().unwrap_or_default()
    } else {
        card.name.clone()
    };
    (
        name,
        card.emails.clone(),
        card.phones.clone(),
        card.company.clone(),
        card.title.clone(),
    )
}

#[test]
fn each_is_read_and_says_the_same_when_it_comes_back() {
    let files = files();
    assert!(files.len() >= 36, "{}", files.len());
    let mut nobody = Vec::new();
    for (name, bytes) in &files {
        let read = cards(bytes);
        if read.is_empty() {
            nobody.push(name.as_str());
            continue;
        }
        for version in [Version::V3, Version::V4] {
            let again = cards(book::write_cards(&read, version).as_bytes());
            assert_eq!(
                again.iter().map(said).collect::<Vec<_>>(),
                read.iter().map(said).collect::<Vec<_>>(),
                "{name}"
            );
        }
    }
    assert!(nobody.len() <= 2, "{nobody:?}");
}

#[test]
fn what_well_known_programs_write_is_understood() {
    let files = files();
    let find = |name: &str| cards(&files.iter().find(|(file, _)| file == name).unwrap().1);
    let outlook = &find("John_Doe_MS_OUTLOOK.vcf")[0];
    assert!(
        outlook.name.contains("Doe") && outlook.emails.iter().any(|email| email.contains('@')),
        "{outlook:?}"
    );
    assert!(!outlook.phones.is_empty() && !outlook.company.is_empty(), "{outlook:?}");
    for file in [
        "John_Doe_ANDROID.vcf",
        "John_Doe_GMAIL.vcf",
        "John_Doe_MAC_ADDRESS_BOOK.vcf",
        "John_Doe_LOTUS_NOTES.vcf",
    ] {
        let all = find(file);
        assert!(all.iter().any(|card| !card.name.is_empty()), "{file}: {all:?}");
        assert!(
            all.iter()
                .any(|card| !card.emails.is_empty() || !card.phones.is_empty()),
            "{file}: {all:?}"
        );
    }
}
