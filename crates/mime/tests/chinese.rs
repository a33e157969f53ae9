//! The synthetic corpus: what Chinese mailers have got wrong in twenty years, each with what it means.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test"
)]

use serde_json::Value;

fn expectations() -> Vec<(Value, Vec<u8>)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/synthetic-zh");
    let list: Value = serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
    list.as_array()
        .unwrap()
        .iter()
        .map(|case| {
            let raw = std::fs::read(folder.join(case["file"].as_str().unwrap())).unwrap();
            (case.clone(), raw)
        })
        .collect()
}

/// Compares one field of all cases that have it; all differences are told at once.
fn compare(field: &str, read: impl Fn(&[u8]) -> String, same: impl Fn(&str, &str) -> bool) {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (case, raw) in expectations() {
        if let Some(expected) = case[field].as_str() {
            count += 1;
            let found = read(&raw);
            if !same(expected, &found) {
                wrong.push(format!(
                    "{} ({}): wanted {expected:?}, found {found:?}",
                    case["file"], case["why"]
                ));
            }
        }
    }
    assert!(count > 0, "no case has {field}");
    assert!(
        wrong.is_empty(),
        "{} of {count} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn subjects() {
    compare("subject", |raw| qiyou_mime::summary(raw).subject, |a, b| a == b);
    compare(
        "subject_contains",
        |raw| qiyou_mime::summary(raw).subject,
        |part, whole| whole.contains(part),
    );
}

#[test]
fn names_of_senders() {
    compare(
        "from_name",
        |raw| qiyou_mime::summary(raw).from[0].name.clone().unwrap_or_default(),
        |a, b| a == b,
    );
}

#[test]
fn texts() {
    let text = |raw: &[u8]| qiyou_mime::parse(raw).text.unwrap_or_default();
    compare("text", text, |a, b| a.trim_end() == b.trim_end());
    compare("text_hint", text, |a, b| a.trim_end() == b.trim_end());
    compare(
        "html_contains",
        |raw| qiyou_mime::parse(raw).html.unwrap_or_default(),
        |part, whole| whole.contains(part),
    );
}

#[test]
fn names_of_attachments() {
    // The bidirectional mark that hides the extension is taken out on purpose.
    compare(
        "attachment",
        |raw| qiyou_mime::parse(raw).parts[0].name.clone(),
        |a, b| a.replace('\u{202E}', "") == b,
    );
}
