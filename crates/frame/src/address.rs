//! What an address of the frame asks for.

use qiyou_api::MailId;

/// Light or dark, as the page around the frame is now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    Light,
    Dark,
}

/// How a mail is to be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Pictures from the network may be loaded.
    pub remote: bool,
    pub theme: Theme,
    /// A long text is shown to its end.
    pub whole: bool,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// `/body/<mail>?remote=0|1&theme=light|dark&whole=0|1`: the document around a mail's text.
    Body { mail: MailId, view: View },
    /// `/link/<mail>/<number>`: the person followed a link; the system's browser is to open its target.
    Link { mail: MailId, number: usize },
    /// `/picture/<mail>/<number>`: a picture from the network, which the agent fetches.
    Picture { mail: MailId, number: u32 },
}

impl Asked {
    /// Reads the path and the query of an address. Nothing when it is none of ours; what the query does not say, or
    /// says in another way, is the careful choice (no pictures from the network).
    pub fn of(path: &str, query: &str) -> Option<Self> {
        let mut parts = path.strip_prefix('/')?.split('/');
        let asked = match (parts.next()?, parts.next()?) {
            ("body", mail) => Self::Body {
                mail: number(mail)?,
                view: View::of_query(query),
            },
            ("link", mail) => Self::Link {
                mail: number(mail)?,
                number: number(parts.next()?)?,
            },
            ("picture", mail) => Self::Picture {
                mail: number(mail)?,
                number: number(parts.next()?)?,
            },
            _ => return None,
        };
        parts.next().is_none().then_some(asked)
    }
}

impl View {
    fn of_query(query: &str) -> Self {
        let mut view = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match (name.as_ref(), value.as_ref()) {
                ("remote", value) => view.remote = value == "1",
                ("theme", "dark") => view.theme = Theme::Dark,
                ("whole", value) => view.whole = value == "1",
                _ => {}
            }
        }
        view
    }
}

/// Digits and nothing else: `parse` alone would let `+5` through, and one thing shall have one address.
fn number<N: std::str::FromStr>(text: &str) -> Option<N> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}
