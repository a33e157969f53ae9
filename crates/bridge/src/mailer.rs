//! Mails a code: one small mail in Chinese and English without a link, handed in by the account that the configuration
//! names.

use std::time::Duration;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use qiyou_net::{Dialer, Endpoint, Security};
use qiyou_smtp::{Credentials, Error, Limits, Path, Server, Session, Submission, SubmitError};
use qiyou_words::{Language, say};

use crate::config::Config;
use crate::keys::random_name;
use crate::serve::dialer;

/// How long the mail server may take for one answer.
const ANSWER: Duration = Duration::from_secs(10);
/// And for all of it: the app waits a little longer.
const WHOLE: Duration = Duration::from_secs(20);
/// The longest name that stands in a mail, in characters.
const LONGEST: usize = 48;
/// Bytes of one encoded word (RFC 2047 2: 75 with what stands around them, in base64).
const WORD: usize = 45;
/// Bytes of a line, in base64 76 (RFC 2045 6.8).
const LINE: usize = 57;

/// Hands mails in.
pub struct Mailer {
    dialer: Dialer,
    server: Server,
    credentials: Credentials,
    from: Path,
}

/// What the mail server said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handed {
    /// It has the mail, or may have it.
    Taken,
    /// It takes none for that address.
    Refused(u16),
}

/// Why no mail was handed in. The server's own words are left out: they name whom it was for.
#[derive(Debug, thiserror::Error)]
pub enum NotHanded {
    #[error("the mail server cannot be reached: {0}")]
    Unreached(String),
    #[error("the mail server refuses the sign-in ({0})")]
    SignIn(u16),
    #[error("the mail server refuses ({0})")]
    Refused(u16),
    #[error("the mail server does not answer in time")]
    Silent,
    #[error("the mail server does not answer as one")]
    Strange,
}

impl From<Error> for NotHanded {
    fn from(error: Error) -> Self {
        match error {
            Error::Dial(error) => Self::Unreached(error.to_string()),
            Error::Auth { code, .. } => Self::SignIn(code),
            Error::Refused { code, .. } => Self::Refused(code),
            Error::Timeout => Self::Silent,
            Error::Closed | Error::AuthUnavailable { .. } | Error::NoStartTls | Error::Protocol(_) => Self::Strange,
        }
    }
}

/// What a mail says, and to whom.
pub struct Letter<'a> {
    pub to: &'a str,
    pub company: &'a str,
    /// Whose the address becomes by the code.
    pub member: &'a str,
    /// The computer that asks.
    pub device: &'a str,
    pub digits: &'a str,
    /// Unix seconds.
    pub now: i64,
}

/// A name without what a mail program would make a link of, or what ends a line.
fn name(text: &str) -> String {
    let keeps = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '(' | ')' | '（' | '）' | '·');
    let plain: String = text.chars().map(|c| if keeps(c) { c } else { ' ' }).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    words.join(" ").chars().take(LONGEST).collect()
}

/// A header's words as encoded words (RFC 2047), whatever they are.
fn encoded(text: &str) -> String {
    let mut words = vec![String::new()];
    for c in text.chars() {
        let full = words
            .last()
            .is_none_or(|word| word.len().saturating_add(c.len_utf8()) > WORD);
        if full {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    let words: Vec<String> = words
        .iter()
        .map(|word| format!("=?utf-8?B?{}?=", BASE64.encode(word)))
        .collect();
    words.join("\r\n ")
}

impl Letter<'_> {
    fn text(&self) -> String {
        let (company, member, device) = (name(self.company), name(self.member), name(self.device));
        let args = [
            ("company", company.as_str()),
            ("member", member.as_str()),
            ("device", device.as_str()),
            ("code", self.digits),
        ];
        let part = |language: Language| {
            ["code", "what", "ignore"]
                .map(|key| say(language, &format!("bridge.mail.{key}"), &args))
                .join("\n\n")
        };
        format!("{}\n\n--\n\n{}\n", part(Language::ZhCn), part(Language::En))
    }

    /// The whole mail (RFC 5322), lines ended by CRLF, nothing but ASCII.
    fn mail(&self, from: &str) -> String {
        let company = [("company", self.company)];
        let both = |key: &str| {
            [Language::ZhCn, Language::En]
                .map(|language| say(language, &format!("bridge.mail.{key}"), &company))
                .join(" · ")
        };
        let date = jiff::Timestamp::from_second(self.now)
            .ok()
            .and_then(|time| {
                jiff::fmt::rfc2822::DateTimePrinter::new()
                    .timestamp_to_string(&time)
                    .ok()
            })
            .unwrap_or_default();
        let host = from.rsplit_once('@').map_or("localhost", |(_, host)| host);
        let body: Vec<String> = self
            .text()
            .replace('\n', "\r\n")
            .as_bytes()
            .chunks(LINE)
            .map(|line| BASE64.encode(line))
            .collect();
        format!(
            "From: {} <{from}>\r\nTo: <{}>\r\nSubject: {}\r\nDate: {date}\r\nMessage-ID: <{}@{host}>\r\n\
             Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            encoded(&both("from")),
            self.to,
            encoded(&both("subject")),
            random_name(),
            body.join("\r\n"),
        )
    }
}

impl Mailer {
    /// The mailer that the configuration names, if it does.
    pub fn new(config: &Config) -> anyhow::Result<Option<Self>> {
        let Some(mailer) = &config.mailer else {
            return Ok(None);
        };
        let password = mailer.password.read(&config.folder).context("mailer.password")?;
        let from = Path::new(&mailer.address).context("mailer.address")?;
        Ok(Some(Self {
            dialer: dialer(config)?,
            server: Server {
                endpoint: Endpoint::new(&mailer.host, mailer.port),
                security: if mailer.tls { Security::Tls } else { Security::StartTls },
            },
            credentials: Credentials::Password {
                user: mailer.user.clone().unwrap_or_else(|| mailer.address.clone()),
                password,
            },
            from,
        }))
    }

    async fn session(&self) -> Result<Session, NotHanded> {
        let limits = Limits {
            command_timeout: ANSWER,
            end_timeout: ANSWER,
        };
        Ok(Session::open(&self.dialer, &self.server, &self.credentials, &limits).await?)
    }

    /// Signs in and leaves.
    pub async fn try_out(&self) -> Result<(), NotHanded> {
        self.session().await?.quit().await;
        Ok(())
    }

    /// Hands a mail in.
    pub async fn send(&self, letter: &Letter<'_>) -> Result<Handed, NotHanded> {
        tokio::time::timeout(WHOLE, self.hand(letter))
            .await
            .unwrap_or(Err(NotHanded::Silent))
    }

    async fn hand(&self, letter: &Letter<'_>) -> Result<Handed, NotHanded> {
        let to = Path::new(letter.to).map_err(|_| NotHanded::Strange)?;
        // A domain in the letters of its language stands in headers as the network knows it (RFC 5891).
        let ascii = |path: &Path| path.ascii().ok_or(NotHanded::Strange);
        let (from, header_to) = (ascii(&self.from)?, ascii(&to)?);
        let letter = Letter {
            to: &header_to,
            ..*letter
        };
        let mail = letter.mail(&from);
        let submission = Submission {
            from: self.from.clone(),
            to: vec![to],
            size: u64::try_from(mail.len()).unwrap_or(u64::MAX),
            eight_bit: false,
            utf8: false,
        };
        let mut session = self.session().await?;
        let handed = match session.transfer(&submission, mail.as_bytes()).await {
            Ok(transferred) => session.finish(transferred).await,
            Err(error) => Err(error),
        };
        session.quit().await;
        match handed {
            // Where the server's word never came the mail may arrive, and its code counts.
            Ok(_) | Err(SubmitError::Unknown(_)) => Ok(Handed::Taken),
            Err(SubmitError::NoRecipient(refused)) => {
                Ok(Handed::Refused(refused.first().map_or(0, |refusal| refusal.code)))
            }
            Err(SubmitError::NotSent(error)) => Err(error.into()),
            Err(SubmitError::TooLarge { .. } | SubmitError::Letters(_) | SubmitError::Source(_)) => {
                Err(NotHanded::Strange)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter<'static> {
        Letter {
            to: "zhangsan@example.cn",
            company: "示例公司",
            member: "张三",
            device: "DESKTOP-4F2K",
            digits: "135790",
            now: 1_795_000_000,
        }
    }

    fn body(mail: &str) -> String {
        let (_, body) = mail.split_once("\r\n\r\n").unwrap();
        let bytes = BASE64.decode(body.replace("\r\n", "")).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn the_mail_says_in_both_languages_for_whom_from_where_and_what_to_do_if_it_was_not_you() {
        let mail = letter().mail("qiyou@example.cn");
        assert!(mail.is_ascii() && mail.lines().all(|line| line.len() < 80), "{mail}");
        for header in [
            "<qiyou@example.cn>\r\n",
            "To: <zhangsan@example.cn>\r\n",
            "Date: Wed, 18 Nov 2026 ",
            "Auto-Submitted: auto-generated\r\n",
        ] {
            assert!(mail.contains(header), "{header}: {mail}");
        }
        let body = body(&mail);
        assert_eq!(body.matches("135790").count(), 2, "{body}");
        assert_eq!(body.matches("DESKTOP-4F2K").count(), 2, "{body}");
        assert_eq!(body.matches("张三").count(), 4, "{body}");
        assert!(body.contains("请忽略") && body.contains("ignore"), "{body}");
        assert!(!body.contains("http") && !body.contains("://"), "{body}");
    }

    #[test]
    fn no_name_ends_a_header_or_becomes_a_link() {
        let hostile = "x\r\nBcc: lisi@example.cn\r\n\r\nhttps://evil.example/a?b www.evil.example";
        let mail = Letter {
            company: hostile,
            member: hostile,
            device: hostile,
            ..letter()
        }
        .mail("qiyou@example.cn");
        let (head, _) = mail.split_once("\r\n\r\n").unwrap();
        let names: Vec<&str> = head
            .lines()
            .filter(|line| !line.starts_with(' '))
            .filter_map(|line| Some(line.split_once(": ")?.0))
            .collect();
        assert_eq!(
            names,
            [
                "From",
                "To",
                "Subject",
                "Date",
                "Message-ID",
                "Auto-Submitted",
                "MIME-Version",
                "Content-Type",
                "Content-Transfer-Encoding"
            ]
        );
        let body = body(&mail);
        assert!(
            !body.contains("evil.example") && !body.contains("://") && !body.contains('@'),
            "{body}"
        );
        assert!(!body.contains("\nBcc"), "{body}");
    }

    #[test]
    fn encoded_words_are_short_and_cut_no_letter() {
        let text = "企邮".repeat(40);
        let words = encoded(&text);
        assert!(words.split("\r\n ").all(|word| word.len() <= 75));
        let again: String = words
            .split("\r\n ")
            .map(|word| word.trim_start_matches("=?utf-8?B?").trim_end_matches("?="))
            .map(|word| String::from_utf8(BASE64.decode(word).unwrap()).unwrap())
            .collect();
        assert_eq!(again, text);
    }
}
