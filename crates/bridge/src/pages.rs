//! The pages that people see in a browser. They need no script but for waking the app, load nothing but WeCom's JS-SDK
//! inside WeCom, and can be framed by nobody.

use axum::response::{Html, IntoResponse, Response};
use http::header::{ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY};
use http::{HeaderMap, HeaderValue, StatusCode};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use qiyou_bridge_api::Device;
use qiyou_words::{Language, say};

use crate::config::Installer;
use crate::installer::Visitor;
use crate::keys::random_name;

pub mod launch;

const STYLE: &str = include_str!("pages/style.css");
const MARK: &str = include_str!("pages/mark.svg");

/// The language of a page.
#[derive(Clone, Copy)]
pub struct Words(Language);

impl Words {
    /// The app's language, or else the browser's.
    pub fn choose(lang: Option<&str>, headers: &HeaderMap) -> Self {
        let accepted = headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let first = accepted.split([',', ';']).next().unwrap_or_default().trim();
        Self(match lang {
            Some("en") => Language::En,
            Some(_) if Language::of_locale(first) == Language::ZhTw => Language::ZhTw,
            Some(_) => Language::ZhCn,
            None => Language::of_locale(first),
        })
    }

    fn say(self, key: &str, args: &[(&str, &str)]) -> String {
        say(self.0, &format!("bridge.{key}"), args)
    }
}

/// Why a sign-in did not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No such sign-in.
    Unknown,
    /// It took too long.
    Late,
    /// It was carried through already.
    Used,
    /// Somebody said no.
    Refused,
    /// WeCom came back without a code.
    Cancelled,
    /// WeCom's code was used or is too old.
    CodeUsed,
    /// Begun in another browser.
    OtherBrowser,
    /// Another company's WeCom.
    OtherCompany,
    /// No member of the company.
    Outsider,
    /// A member for whom the application is not there.
    OutOfScope,
    /// A member who was disabled.
    Disabled,
    /// A member who left.
    Left,
    /// The application is not set up as it must be.
    Configuration,
    /// WeCom does not answer.
    WecomAway,
    /// No proven mail address.
    NoAddress,
    /// The mail platform does not answer, or knows no such mailbox.
    MailAway,
    /// Our own trouble.
    Internal,
}

impl Failure {
    /// Its name in words, log and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Late => "late",
            Self::Used => "used",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
            Self::CodeUsed => "code_used",
            Self::OtherBrowser => "other_browser",
            Self::OtherCompany => "other_company",
            Self::Outsider => "outsider",
            Self::OutOfScope => "out_of_scope",
            Self::Disabled => "disabled",
            Self::Left => "left",
            Self::Configuration => "configuration",
            Self::WecomAway => "wecom_away",
            Self::NoAddress => "no_address",
            Self::MailAway => "mail_away",
            Self::Internal => "internal",
        }
    }

    /// Whether trying again with the same sign-in is of no use.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Outsider | Self::OutOfScope | Self::Disabled | Self::Left | Self::OtherCompany
        )
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::Late | Self::Used | Self::Cancelled | Self::CodeUsed => StatusCode::GONE,
            Self::Refused => StatusCode::OK,
            Self::OtherBrowser
            | Self::OtherCompany
            | Self::Outsider
            | Self::OutOfScope
            | Self::Disabled
            | Self::NoAddress
            | Self::Left => StatusCode::FORBIDDEN,
            Self::Configuration | Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::WecomAway | Self::MailAway => StatusCode::BAD_GATEWAY,
        }
    }
}

/// A script of a page: it runs by the page's nonce.
enum Script {
    Here(String),
    From(url::Url),
}

fn page(words: Words, status: StatusCode, title: &str, scripts: &[Script], body: &Markup) -> Response {
    let nonce = random_name();
    let language = words.0.tag();
    let markup = html! {
        (DOCTYPE)
        html lang=(language) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) }
                style nonce=(nonce) { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    div.mark aria-hidden="true" { (PreEscaped(MARK)) }
                    (body)
                }
                @for script in scripts {
                    @match script {
                        Script::Here(text) => script nonce=(nonce) { (PreEscaped(text)) },
                        Script::From(url) => script nonce=(nonce) src=(url) {},
                    }
                }
            }
        }
    };
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; form-action 'self'; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    let mut response = (status, Html(markup.into_string())).into_response();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// A page that says why it ends here, and what to do.
pub fn failed(words: Words, failure: Failure, company: &str) -> Response {
    let help = format!("failed.{}.help", failure.word());
    failure_page(words, failure, company, &help, &html! {})
}

/// A page that says why there is no way into the webmail, and lets one try again.
pub fn failed_webmail(words: Words, failure: Failure, company: &str) -> Response {
    let lasting = failure.is_final() || matches!(failure, Failure::NoAddress | Failure::MailAway);
    let help = if lasting {
        format!("failed.{}.help", failure.word())
    } else {
        "open.webmail.failed".to_owned()
    };
    let again = html! {
        @if !failure.is_final() {
            p { a.main href="/open/webmail" { (words.say("open.webmail.again", &[])) } }
        }
    };
    failure_page(words, failure, company, &help, &again)
}

fn failure_page(words: Words, failure: Failure, company: &str, help: &str, more: &Markup) -> Response {
    let title = words.say(&format!("failed.{}", failure.word()), &[("company", company)]);
    let ours = matches!(
        failure,
        Failure::Configuration | Failure::WecomAway | Failure::MailAway | Failure::Internal
    );
    let body = html! {
        h1 { (title) }
        p { (words.say(help, &[("company", company)])) }
        (more)
        @if !super::serve::request_name().is_empty() && ours {
            p.small { (words.say("request", &[("request", &super::serve::request_name())])) }
        }
    };
    page(words, failure.status(), &title, &[], &body)
}

/// Who is asked, and about what.
pub struct Question<'a> {
    pub company: &'a str,
    pub member: &'a str,
    pub device: &'a Device,
    pub ticket: &'a str,
}

/// The question whether this device is meant.
pub fn ask(words: Words, question: &Question<'_>) -> Response {
    let device = question.device;
    let title = words.say("ask.title", &[("device", &device.name)]);
    let body = html! {
        p.who { (words.say("ask.member", &[("member", question.member), ("company", question.company)])) }
        h1 { (title) }
        dl {
            dt { (words.say("ask.device", &[])) }
            dd { bdi { (device.name) } }
            @if !device.system.is_empty() {
                dt { (words.say("ask.system", &[])) }
                dd { bdi { (device.system) } }
            }
        }
        p { (words.say("ask.warning", &[])) }
        form method="post" action="/confirm" {
            input type="hidden" name="ticket" value=(question.ticket);
            button.main name="answer" value="yes" autofocus { (words.say("ask.yes", &[])) }
            button name="answer" value="no" { (words.say("ask.no", &[])) }
        }
    };
    page(words, StatusCode::OK, &title, &[], &body)
}

/// It is done: the app is woken, and where that fails, the digits are there.
pub fn done(words: Words, device: &Device, code: &str, digits: &str, company: &str) -> Response {
    let title = words.say("done.title", &[("device", &device.name)]);
    let link = format!("qiyou://signin?c={code}");
    let (first, last) = digits.split_at_checked(3).unwrap_or((digits, ""));
    let spoken = digits
        .chars()
        .fold(String::new(), |all, digit| all + &digit.to_string() + " ");
    let script = format!("location.href={};", serde_json::Value::String(link.clone()));
    let body = html! {
        p.who { (company) }
        h1 { (title) }
        p { (words.say("done.back", &[])) }
        p { a.main href=(link) { (words.say("done.open", &[])) } }
        div.digits {
            p { (words.say("done.digits", &[])) }
            p.code role="img" aria-label=(spoken.trim()) { (first) span.gap {} (last) }
            p.small { (words.say("done.minute", &[])) }
        }
    };
    page(words, StatusCode::OK, &title, &[Script::Here(script)], &body)
}

/// What the page of the installers shows, and to whom.
pub struct Installers<'a> {
    pub company: &'a str,
    pub visitor: Visitor,
    pub installer: &'a Installer,
    /// Of the page itself.
    pub address: &'a str,
}

/// Where the app is fetched from: the visitor's own system stands out.
pub fn installers(words: Words, about: &Installers<'_>) -> Response {
    let title = words.say("get.title", &[]);
    let named: Vec<_> = about.installer.named().collect();
    let (own, others): (Vec<_>, Vec<_>) = named
        .iter()
        .partition(|(system, _)| about.visitor == Visitor::Computer(*system));
    let lacks = match about.visitor {
        Visitor::Computer(system) if own.is_empty() => Some(system),
        _ => None,
    };
    let body = html! {
        p.who { (about.company) }
        h1 { (title) }
        @if named.is_empty() {
            p { (words.say("get.none", &[("company", about.company)])) }
        } @else {
            @if about.visitor == Visitor::Phone {
                p { (words.say("get.phone", &[])) }
                p { bdi { (about.address) } }
            }
            @if let Some(system) = lacks {
                p { (words.say(&format!("get.lacks.{}", system.word()), &[("company", about.company)])) }
            }
            @for (system, url) in &own {
                p { a.main href=(url) { (words.say(&format!("get.{}", system.word()), &[])) } }
            }
            @if !own.is_empty() {
                p { (words.say("get.after", &[])) }
            }
            @if !others.is_empty() {
                div.digits[!own.is_empty()] {
                    @if !own.is_empty() {
                        p.small { (words.say("get.others", &[])) }
                    }
                    @for (system, url) in &others {
                        p { a href=(url) { (words.say(&format!("get.{}", system.word()), &[])) } }
                    }
                }
            }
        }
    };
    page(words, StatusCode::OK, &title, &[], &body)
}
