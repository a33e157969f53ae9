//! The documents themselves.

use qiyou_api::{Body, MailId};

use crate::links;
use crate::{Theme, View};

/// An answer to be sent as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    pub html: String,
}

/// What the frame may do: nothing but draw. `sandbox` holds even where somebody opens the address outside the frame.
pub fn policy(remote: bool) -> String {
    let pictures = if remote { "data: https: http:" } else { "data:" };
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; img-src {pictures}; form-action 'none'; base-uri 'none'; sandbox"
    )
}

fn page(status: u16, remote: bool, html: String) -> Page {
    let headers = vec![
        ("content-type", "text/html; charset=utf-8".to_owned()),
        ("content-security-policy", policy(remote)),
        ("x-content-type-options", "nosniff".to_owned()),
        ("referrer-policy", "no-referrer".to_owned()),
        ("cache-control", "no-store".to_owned()),
        (
            "permissions-policy",
            "autoplay=(), camera=(), geolocation=(), microphone=(), fullscreen=()".to_owned(),
        ),
    ];
    Page { status, headers, html }
}

/// Nothing here, and nothing to show: the answer to a followed link (the frame stays where it is).
pub fn nothing() -> Page {
    Page {
        status: 204,
        headers: vec![("cache-control", "no-store".to_owned())],
        html: String::new(),
    }
}

/// The answer to an address that is none of ours.
pub fn refused() -> Page {
    page(404, false, String::new())
}

/// The document for what `mail.body` answered. While the text is being fetched it shows grey bars; a text that could
/// not be had gives an empty sheet, as the page around the frame says in words what happened.
///
/// `links` is what comes before `<mail>/<number>` in the address of a link, such as `qymail://localhost/link/`.
pub fn body(mail: MailId, body: &Body, view: View, links: &str) -> Page {
    match body {
        Body::Ready {
            html,
            plain,
            links: targets,
            language,
            ..
        } => {
            let base = format!("{links}{mail}/");
            let inner = links::rewrite(html, &base, targets);
            let class = if *plain {
                "text"
            } else if view.theme == Theme::Dark && brings_colours(html) {
                // Letters of a colour chosen for white paper cannot be read on a dark sheet.
                "paper"
            } else {
                "rich"
            };
            let html = wrap(
                view.theme,
                language.as_deref(),
                &format!("<main class=\"{class}\">{inner}</main>"),
            );
            page(200, view.remote, html)
        }
        Body::Fetching => page(200, false, wrap(view.theme, None, SKELETON)),
        Body::Failed { .. } => page(200, false, wrap(view.theme, None, "")),
    }
}

/// Whether a mail sets colours of its own anywhere.
fn brings_colours(html: &str) -> bool {
    ["bgcolor=", "background", "color:", " color=", "<img"]
        .iter()
        .any(|mark| html.contains(mark))
}

/// A language tag, or the language of most of Qiyou's mail: it decides which shapes Han characters take.
fn language_tag(language: Option<&str>) -> &str {
    match language {
        Some(tag)
            if !tag.is_empty() && tag.len() <= 35 && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') =>
        {
            tag
        }
        _ => "zh-CN",
    }
}

fn wrap(theme: Theme, language: Option<&str>, inner: &str) -> String {
    let theme = match theme {
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    let tag = language_tag(language);
    format!(
        "<!doctype html><html lang=\"{tag}\" data-theme=\"{theme}\"><head><meta charset=\"utf-8\">\
         <meta name=\"color-scheme\" content=\"{theme}\"><style>{STYLE}</style></head><body>{inner}</body></html>"
    )
}

const SKELETON: &str = "<main class=\"skeleton\" aria-busy=\"true\"><i></i><i></i><i></i><i></i><i></i></main>";

/// The colours and sizes are those of the page's token file; a mail's own styles come after and win.
const STYLE: &str = include_str!("document.css");
