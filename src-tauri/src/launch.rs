//! What the command line of the window says.

use qiyou_api::{DeepLink, DraftId, MailId};
use url::Url;

/// How the window was called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Launch {
    /// `--mail N`: the window comes up on this mail.
    pub(crate) mail: Option<MailId>,
    /// `--draft N`: this draft is shown in a window of its own.
    pub(crate) draft: Option<DraftId>,
    /// Addresses for the agent to judge: they carry a code, or the name of a card.
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
        match DeepLink::parse(&url) {
            Some(DeepLink::Compose(address)) => self.mailto = Some(address),
            Some(DeepLink::Mail(mail)) => self.mail = Some(mail),
            Some(DeepLink::SignIn(_) | DeepLink::Card(_)) => self.links.push(url),
            None if url.scheme() == "mailto" => self.mailto = Some(url.into()),
            // The window comes up by itself.
            Some(DeepLink::Open | DeepLink::Account | DeepLink::Settings) | None => {}
        }
    }
}

#[cfg(test)]
mod tests;
