//! The documents themselves.

use qiyou_api::{Body, MailId};

use crate::links;
use crate::{Theme, View};

/// Where the program answers what a document asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doors<'a> {
    /// What comes before `link/<mail>/<number>` and `picture/<mail>/<number>`, such as `qymail://localhost/`.
    pub base: &'a str,
    /// The same as a source of a content security policy, such as `qymail:`.
    pub source: &'a str,
}

/// What the document may do: nothing but draw. It stands in the document itself, as the page puts that into its frame
/// without a request; the frame's `sandbox` takes its scripts besides.
pub fn policy(remote: bool, doors: &Doors<'_>) -> String {
    let pictures = if remote {
        format!("data: {}", doors.source)
    } else {
        "data:".to_owned()
    };
    format!("default-src 'none'; style-src 'unsafe-inline'; img-src {pictures}; form-action 'none'; base-uri 'none'")
}

/// The document for what `mail.body` answered. While the text is being fetched it shows grey bars; a text that could
/// not be had gives an empty sheet, as the page around the frame says in words what happened.
pub fn body(mail: MailId, body: &Body, view: View, doors: &Doors<'_>) -> String {
    match body {
        Body::Ready {
            html,
            plain,
            links: targets,
            language,
            ..
        } => {
            let inner = links::rewrite(html, mail, doors.base, targets);
            let class = if *plain {
                "text"
            } else if view.theme == Theme::Dark && brings_colours(html) {
                // Letters of a colour chosen for white paper cannot be read on a dark sheet.
                "paper"
            } else {
                "rich"
            };
            let main = format!("<main class=\"{class}\">{inner}</main>");
            wrap(view.theme, &policy(view.remote, doors), language.as_deref(), &main)
        }
        Body::Fetching => wrap(view.theme, &policy(false, doors), None, SKELETON),
        Body::Failed { .. } => wrap(view.theme, &policy(false, doors), None, ""),
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

fn wrap(theme: Theme, policy: &str, language: Option<&str>, inner: &str) -> String {
    let theme = match theme {
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    let tag = language_tag(language);
    format!(
        "<!doctype html><html lang=\"{tag}\" data-theme=\"{theme}\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\
         <meta name=\"referrer\" content=\"no-referrer\"><meta name=\"color-scheme\" content=\"{theme}\"><style>{FONTS}{STYLE}</style></head><body>{inner}</body></html>"
    )
}

const SKELETON: &str = "<main class=\"skeleton\" aria-busy=\"true\"><i></i><i></i><i></i><i></i><i></i></main>";

/// The colours and sizes are those of the page's token file; a mail's own styles come after and win.
const STYLE: &str = include_str!("document.css");

/// A family that is not installed costs a WebKit of GTK a search of all fonts, in each weight: on Linux those that it
/// can have.
const FONTS: &str = if cfg!(target_os = "linux") {
    include_str!("fonts-linux.css")
} else {
    include_str!("fonts.css")
};
