//! A mail address as far as signing in needs it: who, and at which domain.

/// An address whose domain can be looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    local: String,
    domain: String,
}

/// The text is no mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a mail address")]
pub struct NotAnAddress;

impl Address {
    /// Reads `zhang.san@example.com`, with blanks around it, full-width signs as an input method writes them, and
    /// domains in Chinese (RFC 5890).
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim().replace('＠', "@").replace(['。', '．'], ".");
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnAddress)?;
        let sane = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '<' | '>' | ',' | ';' | '@');
        if local.is_empty() || local.len() > 64 || !local.chars().all(sane) {
            return Err(NotAnAddress);
        }
        let url::Host::Domain(domain) = url::Host::parse(domain).map_err(|_| NotAnAddress)? else {
            return Err(NotAnAddress);
        };
        let domain = domain.trim_end_matches('.').to_ascii_lowercase();
        let labels = domain.split('.').count();
        if domain.len() > 253 || domain.split('.').any(|label| label.is_empty() || label.len() > 63) {
            return Err(NotAnAddress);
        }
        // A company's own network may do without a dot, `localhost` in tests and the sandbox among them.
        if labels == 0 {
            return Err(NotAnAddress);
        }
        Ok(Self {
            local: local.to_owned(),
            domain,
        })
    }

    /// The part before the `@`, as typed.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The domain, lower case, in ASCII (punycode).
    pub fn domain(&self) -> &str {
        &self.domain
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

#[cfg(test)]
mod tests;
