//! Reading answers whose fields are known from hearsay: several names for one thing, numbers as text, what is missing
//! as missing. Text is bounded and free of control characters.

use secrecy::SecretString;
use serde_json::Value;

/// The longest token, in bytes.
const SECRET: usize = 16 * 1024;
/// The longest text that is kept of one field, in characters.
const TEXT: usize = 1000;

/// The first of `names` that holds something.
fn first<'v>(value: &'v Value, names: &[&str]) -> Option<&'v Value> {
    names
        .iter()
        .filter_map(|name| value.get(name))
        .find(|found| !found.is_null() && found.as_str() != Some(""))
}

/// Text under one of `names`, trimmed; numbers count as text. Empty when there is none.
pub(crate) fn text(value: &Value, names: &[&str]) -> String {
    first(value, names).map(shown).unwrap_or_default()
}

/// A value as text; what is neither text nor number is empty.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => clean(text, TEXT),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// Without control characters and space around it, at most `limit` characters.
pub(crate) fn clean(text: &str, limit: usize) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(limit).collect()
}

/// Text, or nothing where it is empty.
pub(crate) fn some_text(value: &Value, names: &[&str]) -> Option<String> {
    Some(text(value, names)).filter(|text| !text.is_empty())
}

/// A token, whole or not at all.
pub(crate) fn secret(value: &Value, names: &[&str]) -> Option<SecretString> {
    let text = first(value, names)?.as_str()?.trim();
    (!text.is_empty() && text.len() <= SECRET).then(|| SecretString::from(text))
}

/// A whole number, written as such or as text.
pub(crate) fn integer(value: &Value, names: &[&str]) -> Option<i64> {
    whole(first(value, names)?)
}

/// A value as a whole number.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(flag) => Some(i64::from(*flag)),
        _ => None,
    }
}

/// A yes or no: true, 1, or either as text.
pub(crate) fn flag(value: &Value, names: &[&str]) -> Option<bool> {
    match first(value, names)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text == "true" => Some(true),
        Value::String(text) if text == "false" => Some(false),
        other => whole(other).map(|number| number != 0),
    }
}

/// A list: the value itself, or what is under one of `names`. Nothing when there is none.
pub(crate) fn list<'v>(value: &'v Value, names: &[&str]) -> &'v [Value] {
    match value {
        Value::Array(list) => list,
        other => first(other, names).and_then(Value::as_array).map_or(&[], Vec::as_slice),
    }
}

/// Texts of a list of texts, of a list of objects with one of `inner`, or of one text with commas or semicolons.
pub(crate) fn texts(value: &Value, names: &[&str], inner: &[&str], limit: usize) -> Vec<String> {
    let found: Vec<String> = match first(value, names) {
        Some(Value::Array(list)) => list
            .iter()
            .take(limit)
            .map(|each| {
                if each.is_object() {
                    text(each, inner)
                } else {
                    shown(each)
                }
            })
            .collect(),
        Some(Value::String(text)) => {
            let parts = text.split([',', ';']).take(limit);
            parts.map(|part| clean(part, TEXT)).collect()
        }
        _ => Vec::new(),
    };
    found.into_iter().filter(|text| !text.is_empty()).collect()
}

#[cfg(test)]
mod tests;
