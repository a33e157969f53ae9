//! Accounts by command line.

use std::fmt::Write;
use std::io::BufRead;

use clap::{Args, Subcommand, ValueEnum};
use qiyou_api::{
    Account, AccountId, AccountParams, AccountSettings, AddParams, ApiError, Credential, CredentialKind, ErrorCode,
    Nothing, OauthParams, RecogniseParams, Security, ServerSettings, TestParams, UpdateParams, call,
};
use secrecy::SecretString;

use super::{Terminal, show};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// All accounts.
    List,
    /// Finds the provider and the servers of an address.
    Recognise { address: String },
    /// Tests an account and adds it.
    Add(Add),
    /// Tests an account without adding it.
    Test(Add),
    /// Gives an account a new password or authorization code, read from standard input.
    Password { account: String },
    /// Removes an account with its data here; on the server everything stays.
    Remove { account: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Protection {
    Tls,
    Starttls,
    /// Only to this computer.
    None,
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    #[arg(long)]
    address: String,
    /// What the account is called here.
    #[arg(long, default_value = "")]
    name: String,
    /// Receiving server; recognised from the address unless given.
    #[arg(long, value_name = "HOST:PORT", requires = "smtp")]
    imap: Option<String>,
    /// Sending server.
    #[arg(long, value_name = "HOST:PORT", requires = "imap")]
    smtp: Option<String>,
    /// How both are protected.
    #[arg(long, value_enum, default_value = "tls")]
    security: Protection,
    /// Sign-in name where it is not the address.
    #[arg(long)]
    user: Option<String>,
    /// Reads the password or authorization code from the first line of standard input.
    #[arg(long)]
    password_stdin: bool,
    /// Signs in by the provider's page in the browser.
    #[arg(long, conflicts_with = "password_stdin")]
    oauth: bool,
    /// Adds the account although its server cannot be reached now.
    #[arg(long)]
    even_offline: bool,
}

fn bad(detail: &str) -> ApiError {
    ApiError::new(ErrorCode::BadRequest).with("detail", detail)
}

fn server(text: &str, security: Security, user: &str) -> Result<ServerSettings, ApiError> {
    let (host, port) = text.rsplit_once(':').ok_or_else(|| bad("HOST:PORT"))?;
    let port = port.parse().map_err(|_| bad("PORT"))?;
    let host = host.trim_matches(['[', ']']).to_owned();
    Ok(ServerSettings {
        host,
        port,
        security,
        user: user.to_owned(),
    })
}

fn secret_from_stdin() -> Result<SecretString, ApiError> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|e| bad(&e.to_string()))?;
    let secret = line.trim_end_matches(['\r', '\n']).to_owned();
    if secret.is_empty() {
        Err(bad("no password on standard input"))
    } else {
        Ok(secret.into())
    }
}

impl Add {
    async fn settings(&self, terminal: &Terminal) -> Result<AccountSettings, ApiError> {
        let user = self.user.as_deref().unwrap_or(&self.address);
        if let (Some(imap), Some(smtp)) = (&self.imap, &self.smtp) {
            let security = match self.security {
                Protection::Tls => Security::Tls,
                Protection::Starttls => Security::Starttls,
                Protection::None => Security::None,
            };
            return Ok(AccountSettings {
                provider: "custom".to_owned(),
                imap: server(imap, security, user)?,
                smtp: server(smtp, security, user)?,
                credential: if self.oauth {
                    CredentialKind::Oauth2
                } else {
                    CredentialKind::Password
                },
            });
        }
        let params = RecogniseParams {
            address: self.address.clone(),
        };
        let found = terminal.client.call(call::AccountsRecognise, params).await?;
        found
            .candidates
            .into_iter()
            .next()
            .ok_or_else(|| bad("--imap and --smtp are needed for this address"))
    }

    async fn credential(&self, terminal: &Terminal, settings: &AccountSettings) -> Result<Credential, ApiError> {
        if self.oauth || (settings.credential == CredentialKind::Oauth2 && !self.password_stdin) {
            let params = OauthParams {
                address: self.address.clone(),
                provider: settings.provider.clone(),
            };
            let grant = terminal.client.call(call::AccountsOauth, params).await?;
            return Ok(Credential::Oauth { grant: grant.grant });
        }
        if !self.password_stdin {
            return Err(bad("--password-stdin or --oauth"));
        }
        Ok(Credential::Password {
            secret: secret_from_stdin()?,
        })
    }
}

/// An account by its number or address.
pub(super) async fn find(terminal: &Terminal, wanted: &str) -> Result<Account, ApiError> {
    let list = terminal.client.call(call::AccountsList, Nothing {}).await?;
    let id: Option<AccountId> = wanted.parse().ok();
    list.into_iter()
        .find(|a| Some(a.id) == id || a.address.eq_ignore_ascii_case(wanted))
        .ok_or_else(|| ApiError::new(ErrorCode::NotFound))
}

pub(super) async fn run(terminal: &Terminal, command: Option<Command>) -> Result<(), ApiError> {
    match command.unwrap_or(Command::List) {
        Command::List => {
            let list = terminal.client.call(call::AccountsList, Nothing {}).await?;
            terminal.print(&list, |t| show::accounts(t, &list));
        }
        Command::Recognise { address } => {
            let found = terminal
                .client
                .call(call::AccountsRecognise, RecogniseParams { address })
                .await?;
            terminal.print(&found, |t| {
                let name = t.say(&format!("provider.{}", found.provider), &[]);
                let mut out = format!("{name} ({})\n", show::name_of(&found.by));
                for settings in &found.candidates {
                    let (imap, smtp) = (&settings.imap, &settings.smtp);
                    let _ = writeln!(
                        out,
                        "  IMAP {}:{}  SMTP {}:{}",
                        imap.host, imap.port, smtp.host, smtp.port
                    );
                }
                out
            });
        }
        Command::Add(add) => {
            let settings = add.settings(terminal).await?;
            let credential = add.credential(terminal, &settings).await?;
            let params = AddParams {
                address: add.address,
                name: add.name,
                color: None,
                settings,
                credential,
                even_offline: add.even_offline,
            };
            let account = terminal.client.call(call::AccountsAdd, params).await?;
            terminal.print(&account, |t| t.say("cli.added", &[("address", &account.address)]));
        }
        Command::Test(add) => {
            let settings = add.settings(terminal).await?;
            let credential = add.credential(terminal, &settings).await?;
            let report = terminal
                .client
                .call(call::AccountsTest, TestParams { settings, credential })
                .await?;
            if let (Some(cause), false) = (&report.failure, terminal.json) {
                return Err(ApiError::account_test(cause.clone()));
            }
            terminal.print(&report, |t| {
                let count = report.inbox_messages.unwrap_or(0).to_string();
                t.say("cli.tested", &[("count", &count)])
            });
        }
        Command::Password { account } => {
            let account = find(terminal, &account).await?;
            let credential = Some(Credential::Password {
                secret: secret_from_stdin()?,
            });
            let params = UpdateParams {
                account: account.id,
                credential,
                ..UpdateParams::default()
            };
            let account = terminal.client.call(call::AccountsUpdate, params).await?;
            terminal.print(&account, |t| t.say("cli.added", &[("address", &account.address)]));
        }
        Command::Remove { account } => {
            let account = find(terminal, &account).await?;
            terminal
                .client
                .call(call::AccountsRemove, AccountParams { account: account.id })
                .await?;
        }
    }
    Ok(())
}
