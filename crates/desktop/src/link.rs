//! Links that a bubble's click becomes where the system calls a program instead of a running one (Windows):
//! `qiyou-agent:bubble?tag=…&button=…&token=…`.

use url::Url;

use crate::Bubble;

#[cfg(test)]
mod tests;

/// The scheme that is registered for the agent. Its links do nothing without the token of the bubble they came from.
pub const SCHEME: &str = "qiyou-agent";

/// Longest link that is read, in bytes.
const LINK_MAX: usize = 2048;

/// A click that came as a link. The token is the caller's to check, once.
#[derive(Clone, PartialEq, Eq)]
pub struct BubbleLink {
    /// [`Bubble::tag`].
    pub tag: String,
    /// Key of the button; `None`: the bubble itself.
    pub button: Option<String>,
    /// [`Bubble::token`].
    pub token: String,
}

// A token that was not used yet is as good as the click.
impl std::fmt::Debug for BubbleLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BubbleLink")
            .field("tag", &self.tag)
            .field("button", &self.button)
            .finish_non_exhaustive()
    }
}

impl BubbleLink {
    /// The link of a bubble (`button` `None`) or of one of its buttons.
    pub fn of(bubble: &Bubble, button: Option<&str>) -> Self {
        Self {
            tag: bubble.tag.clone(),
            button: button.map(str::to_owned),
            token: bubble.token.clone(),
        }
    }

    /// Reads a link; `None` for anything that we would not have written ourselves.
    pub fn parse(link: &str) -> Option<Self> {
        if link.len() > LINK_MAX {
            return None;
        }
        let url = Url::parse(link).ok()?;
        // Browsers hand `scheme:x` on as it is, others as `scheme://x/`.
        let name = if url.has_host() { url.host_str()? } else { url.path() };
        if url.scheme() != SCHEME || name != "bubble" || url.fragment().is_some() {
            return None;
        }
        let (mut tag, mut button, mut token) = (None, None, None);
        for (key, value) in url.query_pairs() {
            let slot = match key.as_ref() {
                "tag" => &mut tag,
                "button" => &mut button,
                "token" => &mut token,
                _ => return None,
            };
            if slot.replace(value.into_owned()).is_some() {
                return None;
            }
        }
        Some(Self {
            tag: tag?,
            button,
            token: token?,
        })
    }
}

impl std::fmt::Display for BubbleLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("tag", &self.tag);
        if let Some(button) = &self.button {
            query.append_pair("button", button);
        }
        query.append_pair("token", &self.token);
        write!(f, "{SCHEME}:bubble?{}", query.finish())
    }
}
