//! `qiyou-bridge check`: walks through the whole configuration and says what to mend, and where.

use anyhow::bail;
use qiyou_imap::Credentials;
use qiyou_signin::{CredentialKind, ServerSettings, Settings};
use qiyou_wecom::{Agent, Error, Kind};
use qiyou_words::{Language, say as words};

use super::{say, with_db};
use crate::config::Config;
use crate::mailer::Mailer;
use crate::serve::{dialer, wecom};

/// What was found, line by line.
struct Report {
    language: Language,
    failed: u32,
}

impl Report {
    fn words(&self, key: &str, args: &[(&str, &str)]) -> String {
        words(self.language, &format!("bridge.check.{key}"), args)
    }

    fn good(&self, key: &str, args: &[(&str, &str)]) {
        say!("✓ {}", self.words(key, args));
    }

    /// Worth a look, and no hindrance.
    fn note(&self, key: &str, args: &[(&str, &str)]) {
        say!("! {}", self.words(key, args));
    }

    fn bad(&mut self, key: &str, args: &[(&str, &str)]) {
        self.failed = self.failed.saturating_add(1);
        say!("✗ {}", self.words(key, args));
        say!("  → {}", self.words(&format!("{key}.fix"), args));
    }
}

pub async fn check(config: &Config) -> anyhow::Result<()> {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let mut report = Report {
        language: Language::of_locale(&locale.unwrap_or_default()),
        failed: 0,
    };
    report.good("config", &[("url", config.url.as_str())]);
    match config.master_key() {
        Ok(_) => report.good("key", &[]),
        Err(error) => report.bad("key", &[("why", &format!("{error:#}"))]),
    }
    match with_db(config, async |_| Ok(())).await {
        Ok(()) => report.good("database", &[]),
        Err(error) => report.bad("database", &[("why", &format!("{error:#}"))]),
    }
    tls(config, &mut report);
    company(config, &mut report).await;
    mail(config, &mut report).await?;
    mailer(config, &mut report).await;
    if report.failed > 0 {
        let count = report.failed.to_string();
        bail!("{}", report.words("failed", &[("count", &count)]));
    }
    say!("{}", report.words("done", &[]));
    Ok(())
}

fn tls(config: &Config, report: &mut Report) {
    match &config.tls {
        None => report.note("tls.none", &[]),
        Some(tls) => match crate::serve::acceptor(config, tls) {
            Ok(_) => report.good("tls", &[]),
            Err(error) => report.bad("tls", &[("why", &format!("{error:#}"))]),
        },
    }
}

/// The words for an error of WeCom; what an admin can mend has words of its own.
fn trouble(report: &mut Report, error: &Error) {
    let text = error.to_string();
    let key = match error.code() {
        Some(40001 | 40091) => "wecom.secret",
        Some(40013) => "wecom.corp",
        Some(301_002 | 40056) => "wecom.agent",
        Some(60020) => "wecom.ip",
        Some(48001 | 48002 | 48006) => "wecom.permission",
        Some(50003) => "wecom.stopped",
        _ if error.kind() == Kind::Down => "wecom.down",
        _ => "wecom.other",
    };
    report.bad(key, &[("why", &text)]);
}

async fn company(config: &Config, report: &mut Report) {
    let wecom = match wecom(config) {
        Ok(wecom) => wecom,
        Err(error) => return report.bad("secret", &[("why", &format!("{error:#}"))]),
    };
    if let Err(error) = wecom.check().await {
        return trouble(report, &error);
    }
    report.good("token", &[]);
    match wecom.agent().await {
        Ok(agent) => application(config, report, &agent),
        Err(error) => trouble(report, &error),
    }
}

fn application(config: &Config, report: &mut Report, agent: &Agent) {
    let host = config.url.host_str().unwrap_or_default();
    let name = agent.name.as_str();
    if agent.closed {
        return report.bad("wecom.stopped", &[("why", name)]);
    }
    report.good("agent", &[("name", name)]);
    let (users, departments) = (agent.users.len().to_string(), agent.departments.len().to_string());
    let scope = [("users", users.as_str()), ("departments", departments.as_str())];
    if agent.users.is_empty() && agent.departments.is_empty() && agent.tags.is_empty() {
        report.bad("scope", &scope);
    } else {
        report.good("scope.some", &scope);
    }
    // The callback domain of the web login is told by no call: the domain of OAuth2 is.
    let domain = [("domain", agent.redirect_domain.as_str()), ("host", host)];
    let trusted = agent.redirect_domain.split(':').next().unwrap_or_default();
    if trusted.eq_ignore_ascii_case(host) {
        report.good("domain.same", &domain);
    } else {
        report.bad("domain", &domain);
    }
    report.note("callback", &domain);
}

fn settings_of(server: &qiyou_bridge_api::Server, user: &str) -> ServerSettings {
    ServerSettings {
        host: server.host.clone(),
        port: server.port,
        security: if server.tls {
            qiyou_net::Security::Tls
        } else {
            qiyou_net::Security::StartTls
        },
        user: user.to_owned(),
    }
}

async fn mail(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    let Some(mail) = &config.mail else {
        report.note("mail.none", &[]);
        return Ok(());
    };
    let account = config.check.as_ref();
    let user = account.map(|account| account.address.as_str()).unwrap_or_default();
    let mut settings = Settings {
        provider: qiyou_signin::CUSTOM.to_owned(),
        imap: settings_of(&mail.imap, user),
        smtp: settings_of(&mail.smtp, user),
        credential: CredentialKind::Password,
    };
    for (wrong, right) in settings.mend() {
        report.bad("mail.renamed", &[("wrong", &wrong), ("right", &right)]);
    }
    let dialer = dialer(config)?;
    for server in [&settings.imap, &settings.smtp] {
        let place = format!("{}:{}", server.host, server.port);
        let endpoint = qiyou_net::Endpoint::new(&server.host, server.port);
        // STARTTLS is spoken by the account's test alone; here it is enough that somebody answers.
        match dialer.dial(&endpoint, server.security).await {
            Ok(_) => report.good("mail.reached", &[("place", &place)]),
            Err(error) => report.bad("mail", &[("place", &place), ("why", &error.to_string())]),
        }
    }
    let Some(account) = account else {
        report.note("mail.account.none", &[]);
        return Ok(());
    };
    let password = match account.password.read(&config.folder) {
        Ok(password) => password,
        Err(error) => {
            report.bad("secret", &[("why", &format!("{error:#}"))]);
            return Ok(());
        }
    };
    let credentials = Credentials::Password {
        user: user.to_owned(),
        password,
    };
    let id = qiyou_imap::ClientId {
        name: "qiyou-bridge".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        vendor: "Qiyou".into(),
    };
    let tested = qiyou_signin::check(&dialer, &settings, &credentials, &id, |_| {}).await;
    match tested.failure {
        None => report.good("mail.account", &[("address", user)]),
        Some(failure) => {
            let why = format!("{:?}: {:?} {}", failure.step, failure.cause, failure.detail);
            report.bad("mail.account.failed", &[("address", user), ("why", &why)]);
        }
    }
    Ok(())
}

/// Whether codes can be mailed: the account signs in. No mail is sent.
async fn mailer(config: &Config, report: &mut Report) {
    let mailer = match Mailer::new(config) {
        Ok(Some(mailer)) => mailer,
        Ok(None) => return report.note("mailer.none", &[]),
        Err(error) => return report.bad("secret", &[("why", &format!("{error:#}"))]),
    };
    let address = config.mailer.as_ref().map(|mailer| mailer.address.as_str());
    let address = address.unwrap_or_default();
    match mailer.try_out().await {
        Ok(()) => report.good("mailer", &[("address", address)]),
        Err(error) => report.bad("mailer.failed", &[("address", address), ("why", &error.to_string())]),
    }
}
