//! Reading WeCom's JSON leniently: tenants and ages differ in whether a number is a number or a text, and in what is
//! there at all. What is missing or of another type is the type's default.

use serde_json::Value;

/// A text, also where it was sent as a number.
pub(crate) fn string(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// A number, also where it was sent as a text or as true and false.
pub(crate) fn integer(value: Option<&Value>) -> i64 {
    match value {
        Some(Value::Number(number)) => number.as_i64().unwrap_or_default(),
        Some(Value::String(text)) => text.trim().parse().unwrap_or_default(),
        Some(Value::Bool(true)) => 1,
        _ => 0,
    }
}

/// The elements of a list; one value that stands alone is a list of one.
fn elements(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(elements)) => elements,
        None | Some(Value::Null) => &[],
        Some(one) => std::slice::from_ref(one),
    }
}

pub(crate) fn integers(value: Option<&Value>) -> Vec<i64> {
    elements(value).iter().map(|element| integer(Some(element))).collect()
}

/// The texts of a list that are not empty.
pub(crate) fn strings(value: Option<&Value>) -> Vec<String> {
    let texts = elements(value).iter().map(|element| string(Some(element)));
    texts.filter(|text| !text.is_empty()).collect()
}

/// The objects of a list.
pub(crate) fn objects(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    elements(value).iter().filter(|element| element.is_object())
}

/// A list in one text, as answers to messages have it (`a|b`).
pub(crate) fn split(value: Option<&Value>) -> Vec<String> {
    let text = string(value);
    let parts = text.split('|').filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
