//! Texts cut to WeCom's limits, which count bytes of UTF-8.

const ELLIPSIS: &str = "…";

/// `text` in at most `most` bytes: where it is longer, its beginning and an ellipsis.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let Some(room) = most.checked_sub(ELLIPSIS.len()) else {
        return String::new();
    };
    let end = text.floor_char_boundary(room);
    format!("{}{ELLIPSIS}", text.get(..end).unwrap_or_default().trim_end())
}

#[cfg(test)]
mod tests;
