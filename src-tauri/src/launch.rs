//! What the command line of the window says.

use qiyou_api::{DraftId, MailId};
use url::Url;

/// How the window was called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Launch {
    /// `--mail N`: the window comes up on this mail.
    pub(crate) mail: Option<MailId>,
    /// `--draft N`: this draft is shown in a window of its own.
    pub(crate) draft: Option<DraftId>,
    /// Addresses of our own scheme; the agent judges them.
    pub(crate) links: Vec<Url>,
    /// A `mailto:` address: somebody wants to write.
    pub(crate) mailto: Option<String>,
}

impl Launch {
    /// Reads arguments without the program's name. What is not understood is left out: a launcher's stray argument
    /// must not keep the window from opening.
    pub(crate) fn of<S: AsRef<str>>(arguments: impl IntoIterator<Item = S>) -> Self {
        let mut launch = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let argument = argument.as_ref();
            if argument == "--mail" {
                launch.mail = arguments.next().and_then(|number| number.as_ref().parse().ok());
            } else if argument == "--draft" {
                launch.draft = arguments.next().and_then(|number| number.as_ref().parse().ok());
            } else if argument.len() <= 2000
                && let Ok(url) = Url::parse(argument)
            {
                launch.take(url);
            }
        }
        launch
    }

    /// An address that the system handed over.
    pub(crate) fn take(&mut self, url: Url) {
        match url.scheme() {
            // Fields of RFC 6068 and nothing else: the page takes no others, attaches nothing and sends nothing.
            "qiyou" if url.host_str() == Some("compose") => {
                self.mailto = Some(format!("mailto:?{}", url.query().unwrap_or_default()));
            }
            "qiyou" => self.links.push(url),
            "mailto" => self.mailto = Some(url.into()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
