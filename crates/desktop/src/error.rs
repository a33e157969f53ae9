/// What goes wrong between us and the system. `what` is one of a few fixed words (`bubbles`, `tray`, `clipboard`,
/// `autostart`, `open`), fit to choose words for a person by.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system has no such thing here: no session bus, no notification server, no display.
    #[error("{what}: the system offers none here ({detail})")]
    Absent {
        /// Which need.
        what: &'static str,
        /// For the log.
        detail: String,
    },
    /// It was asked and did not answer.
    #[error("{what}: no answer in time")]
    Timeout {
        /// Which need.
        what: &'static str,
    },
    /// It was asked and said no.
    #[error("{what}: refused ({detail})")]
    Refused {
        /// Which need.
        what: &'static str,
        /// For the log.
        detail: String,
    },
    /// We do not do that, whoever asks.
    #[error("{what}: not allowed")]
    Forbidden {
        /// Which need.
        what: &'static str,
    },
    /// A file could not be read or written.
    #[error("{what}: {source}")]
    File {
        /// Which need.
        what: &'static str,
        /// The system's own words.
        source: std::io::Error,
    },
}

impl Error {
    pub(crate) fn absent(what: &'static str, detail: impl std::fmt::Display) -> Self {
        Self::Absent {
            what,
            detail: detail.to_string(),
        }
    }

    pub(crate) fn refused(what: &'static str, detail: impl std::fmt::Display) -> Self {
        Self::Refused {
            what,
            detail: detail.to_string(),
        }
    }
}
