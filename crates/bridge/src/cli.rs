//! The command line.

mod check;
mod directory;
mod init;
mod invite;
mod log;
mod person;
mod requests;
mod run;
mod sessions;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::db::Db;

/// What the commands say goes to standard output.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        // Who closed the pipe wants no more.
        let _ = writeln!(std::io::stdout().lock(), $($text)*);
    }};
}
pub(crate) use say;

/// Opens the database for one command, and ends its connections whatever comes of that.
async fn with_db<T>(config: &Config, work: impl AsyncFnOnce(Db) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let db = Db::open(config).await?;
    let done = work(db.clone()).await;
    db.close().await;
    done
}

/// A moment as people of the machine room read it.
fn time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| String::new(), |time| time.to_string())
}

/// The server beside Qiyou: brokers the sign-in by WeCom.
#[derive(Parser)]
#[command(name = "qiyou-bridge", version)]
struct Arguments {
    /// The configuration.
    #[arg(
        long,
        short,
        global = true,
        default_value = "/etc/qiyou-bridge/bridge.toml",
        env = "QIYOU_BRIDGE_CONFIG"
    )]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Writes a commented configuration and a master key into a folder.
    Init {
        #[arg(default_value = "/etc/qiyou-bridge")]
        folder: PathBuf,
    },
    /// Serves until it is told to stop.
    Run,
    /// Walks through the whole configuration and says what to mend.
    Check,
    /// Lists the devices that are signed in.
    Devices {
        /// As CSV, for a spreadsheet.
        #[arg(long)]
        csv: bool,
    },
    /// What a member has, and the end of it.
    User {
        /// WeCom's userid.
        userid: String,
        /// Signs all devices of the member out.
        #[arg(long)]
        sign_out: bool,
        /// Says that this mail address is theirs.
        #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["export", "erase"])]
        address: Option<String>,
        /// Prints all that is held of them, as JSON.
        #[arg(long, conflicts_with_all = ["erase", "sign_out"])]
        export: bool,
        /// Takes all that is held of them away, and signs them out.
        #[arg(long, conflicts_with = "sign_out")]
        erase: bool,
        /// Erases without asking for the userid once more.
        #[arg(long, requires = "erase")]
        yes: bool,
    },
    /// Sends members a card in WeCom that leads to the installer.
    Invite(invite::Invite),
    /// What the directory came to: whose address is known by what, and what there is to do.
    Directory {
        /// Reads WeCom and the mail platform first.
        #[arg(long)]
        read: bool,
    },
    /// Members who say that a mail address is theirs, and wait for an admin's word.
    Requests(requests::Requests),
    /// Who left the company, and whether they are signed out.
    Leaving {
        /// Signs those out who are held because they were too many.
        #[arg(long)]
        confirm: bool,
        /// Says of those who are held that they are still there.
        #[arg(long, conflicts_with = "confirm")]
        dismiss: bool,
    },
    /// Writes a copy of the SQLite database into a new file, while the bridge runs.
    Backup { file: PathBuf },
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    match dispatch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("qiyou-bridge: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let path = arguments.config;
    if let Command::Init { folder } = arguments.command {
        return init::init(&folder);
    }
    let config = Config::read(&path)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("start the runtime")?;
    runtime.block_on(async {
        match arguments.command {
            Command::Init { .. } => Ok(()),
            Command::Run => run::run(config).await,
            Command::Check => check::check(&config).await,
            Command::Devices { csv } => with_db(&config, async |db| sessions::devices(&db, csv).await).await,
            Command::User {
                userid, export: true, ..
            } => with_db(&config, async |db| person::export(&db, &userid).await).await,
            Command::User {
                userid,
                erase: true,
                yes,
                ..
            } => with_db(&config, async |db| person::erase(&config, &db, &userid, yes).await).await,
            Command::User {
                userid,
                sign_out,
                address,
                ..
            } => {
                let work = async |db| sessions::user(&config, &db, &userid, sign_out, address.as_deref()).await;
                with_db(&config, work).await
            }
            Command::Invite(invite) => invite::invite(&config, &invite).await,
            Command::Directory { read } => {
                with_db(&config, async |db| directory::directory(&config, db, read).await).await
            }
            Command::Requests(asked) => {
                with_db(&config, async |db| requests::requests(&config, &db, &asked).await).await
            }
            Command::Leaving { confirm, dismiss } => {
                with_db(&config, async |db| directory::leaving(&db, confirm, dismiss).await).await
            }
            Command::Backup { file } => sessions::backup(&config, &file).await,
        }
    })
}
