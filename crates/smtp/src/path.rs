//! Where a mail comes from and goes to, as the envelope names it.

use std::fmt;

/// Octets of a path without its brackets (RFC 5321 4.5.3.1.3).
const LONGEST: usize = 254;
/// Octets of what stands before the `@` (RFC 5321 4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;

/// Words that are no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address: {0}")]
pub struct BadPath(pub String);

/// An address that can stand in a command: it can end neither the command nor the brackets around it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    local: String,
    domain: String,
}

impl Path {
    /// Takes `local@domain` (RFC 5321 4.1.2), the one as RFC 6531 allows it, the other also with the letters of its
    /// language.
    ///
    /// # Errors
    /// [`BadPath`] for what is no address, is too long, or holds what could end the command.
    pub fn new(address: &str) -> Result<Self, BadPath> {
        let bad = || BadPath(address.chars().filter(|c| !c.is_control()).take(LONGEST).collect());
        let (local, domain) = address.rsplit_once('@').ok_or_else(bad)?;
        let stray = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>');
        // A quoted local part may hold spaces; one that does is nobody's, and would be a way out of the command.
        if local.is_empty() || domain.is_empty() || address.chars().any(stray) {
            return Err(bad());
        }
        let literal = domain.starts_with('[') && domain.ends_with(']');
        let host = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '_');
        let named = !domain.starts_with('.') && !domain.ends_with('.') && !domain.contains("..");
        if !(literal || named && domain.chars().all(host)) {
            return Err(bad());
        }
        if local.len() > LONGEST_LOCAL || address.len() > LONGEST {
            return Err(bad());
        }
        Ok(Self {
            local: local.to_owned(),
            domain: domain.to_owned(),
        })
    }

    /// How a server writes it that takes ASCII only: the domain by RFC 5891. Nothing where the local part has other
    /// letters, or the domain has no such form.
    pub fn ascii(&self) -> Option<String> {
        if !self.local.is_ascii() {
            return None;
        }
        let domain = if self.domain.is_ascii() {
            self.domain.clone()
        } else {
            idna::domain_to_ascii(&self.domain).ok()?
        };
        Some(format!("{}@{domain}", self.local))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_letters() {
        for good in [
            "zhangsan@example.com",
            "张三@例子.中国",
            "\"a.b\"@example.com",
            "a@[127.0.0.1]",
            "o'neil+x@e.example",
        ] {
            assert_eq!(Path::new(good).unwrap().to_string(), good);
        }
    }

    #[test]
    fn what_could_end_the_command_is_no_address() {
        for bad in [
            "",
            "@",
            "zhangsan",
            "@example.com",
            "zhangsan@",
            "zhangsan@example.com>\r\nRCPT TO:<x@y>",
            "zhang san@example.com",
            "a@b>c",
            "a@b..c",
            "a@.b",
            "a\u{85}@example.com",
            "a\u{2028}@example.com",
            "a@exa/mple.com",
        ] {
            assert!(Path::new(bad).is_err(), "{bad:?}");
        }
        assert!(Path::new(&format!("{}@example.com", "a".repeat(65))).is_err());
        assert!(Path::new(&format!("a@{}.com", "b".repeat(260))).is_err());
    }

    #[test]
    fn a_domain_has_an_ascii_form_and_a_local_part_has_none() {
        assert_eq!(
            Path::new("zs@例子.中国").unwrap().ascii().unwrap(),
            "zs@xn--fsqu00a.xn--fiqs8s"
        );
        assert_eq!(Path::new("zs@example.com").unwrap().ascii().unwrap(), "zs@example.com");
        assert_eq!(Path::new("张三@example.com").unwrap().ascii(), None);
    }
}
