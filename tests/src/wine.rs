//! The Windows agent's main job under wine: Credential Manager, named pipe, account, sync, mail that comes, a restart.
//!
//! The mail server is Dovecot, on this machine's loopback, which wine shares. What wine cannot show is said at the end.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use qiyou_testkit::dovecot::{Dovecot, Options};
use serde_json::Value;
use tempfile::TempDir;

const ADDRESS: &str = "zhangsan@localhost";
const PASSWORD: &str = "Secret-of-张三-6630";
/// wine starts a program in a second or two.
const PATIENCE: Duration = Duration::from_mins(1);

fn mail(n: u32) -> Vec<u8> {
    format!(
        "From: =?utf-8?B?5p2O5Zub?= <lisi@example.com>\r\nTo: {ADDRESS}\r\nSubject: =?utf-8?B?6aqM5pS25a6J5o6S?= {n}\r\n\
         Date: Sun, 22 Nov 2026 09:00:00 +0800\r\nMessage-ID: <wine-{n}@example.com>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n周四下午两点 {n}\r\n"
    )
    .into_bytes()
}

/// A place in JSON (RFC 6901); null where nothing is.
fn at<'a>(json: &'a Value, place: &str) -> &'a Value {
    json.pointer(place).unwrap_or(&Value::Null)
}

/// A Windows with one home.
struct Windows<'a> {
    runner: &'a Path,
    agent: &'a Path,
    folder: TempDir,
    running: Option<Child>,
}

impl Windows<'_> {
    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        // Nothing of it may outlive its time: an agent in the foreground ends with the job, a subcommand soon.
        let mut command = Command::new("timeout");
        command
            .arg(if arguments.is_empty() { "600" } else { "60" })
            .arg(self.runner);
        // wine shows the whole machine as drive Z.
        let home = format!("Z:{}", self.home().to_string_lossy().replace('/', "\\"));
        command
            .arg(self.agent)
            .args(arguments)
            .env("QIYOU_HOME", home)
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .stdout(Stdio::piped());
        command
    }

    /// Starts the agent in the foreground and waits until it answers.
    async fn start(&mut self) -> Result<()> {
        let log = std::fs::File::create(self.folder.path().join("agent.stderr"))?;
        let agent = self.command(&[]).stdout(Stdio::null()).stderr(log).spawn()?;
        self.running = Some(agent);
        // A subcommand would start an agent of its own before this one has the lock.
        let store = self.home().join("store.db");
        let made = async {
            while !store.exists() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(PATIENCE, made)
            .await
            .context("no store was made")?;
        self.until(&["status"], |status| at(status, "/trouble").is_null())
            .await?;
        Ok(())
    }

    fn ask(&self, arguments: &[&str], input: Option<&str>) -> Result<Value> {
        let mut command = self.command(arguments);
        command.arg("--json");
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut child = command.spawn()?;
        if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
            stdin.write_all(input.as_bytes())?;
        }
        let output = child.wait_with_output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        ensure!(
            output.status.success(),
            "qiyou-agent.exe {}: {text}{}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
        let text = text.trim();
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(text).with_context(|| format!("not JSON: {text}"))
    }

    async fn until(&self, arguments: &[&str], good: impl Fn(&Value) -> bool) -> Result<Value> {
        let asking = async {
            loop {
                if let Ok(answer) = self.ask(arguments, None)
                    && good(&answer)
                {
                    return answer;
                }
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
        };
        tokio::time::timeout(PATIENCE, asking).await.with_context(|| {
            let said = std::fs::read_to_string(self.folder.path().join("agent.stderr")).unwrap_or_default();
            format!("{arguments:?} never satisfied: {:?} {said}", self.ask(arguments, None))
        })
    }

    /// Ends the agent in good order.
    async fn quit(&mut self) -> Result<()> {
        self.ask(&["quit"], None)?;
        let mut agent = self.running.take().context("no agent runs")?;
        let ended = async {
            while agent.try_wait()?.is_none() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(PATIENCE, ended).await.context("it does not end")?
    }
}

impl Drop for Windows<'_> {
    fn drop(&mut self) {
        if let Some(mut agent) = self.running.take() {
            let _ = self.ask(&["quit"], None);
            let _ = agent.kill();
            let _ = agent.wait();
        }
    }
}

fn say(what: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "wine: {what}");
}

/// Goes through the whole job; an error names the step that failed.
pub async fn run(runner: &Path, agent: &Path) -> Result<()> {
    let dovecot = Dovecot::start(Options::for_user(ADDRESS, PASSWORD)).await?;
    for n in 1..=30 {
        dovecot.deliver(ADDRESS, &mail(n)).await?;
    }
    let mut windows = Windows {
        runner,
        agent,
        folder: tempfile::Builder::new().prefix("qiyou-wine-").tempdir()?,
        running: None,
    };
    windows.start().await.context("start")?;
    say("the agent answers on its named pipe, its store's key is in the Credential Manager");

    let imap = format!("127.0.0.1:{}", dovecot.imap_port());
    let smtp = format!("127.0.0.1:{}", dovecot.submission_port());
    let mut add = vec!["accounts", "add", "--address", ADDRESS, "--name", "张三"];
    add.extend([
        "--imap",
        &imap,
        "--smtp",
        &smtp,
        "--security",
        "none",
        "--password-stdin",
    ]);
    let wrong = windows.ask(&add, Some("wrong"));
    ensure!(wrong.is_err(), "a wrong password was taken: {wrong:?}");
    windows.ask(&add, Some(PASSWORD)).context("add an account")?;
    windows.ask(&["sync"], None)?;
    let page = windows
        .until(&["list", "inbox"], |page| {
            at(page, "/total") == 30 && at(page, "/rows/0/preview") != ""
        })
        .await?;
    ensure!(at(&page, "/rows/0/from/name") == "李四", "{page}");
    let folders = windows.ask(&["folders"], None)?;
    ensure!(folders.as_array().is_some_and(|all| all.len() > 3), "{folders}");
    let id = at(&page, "/rows/0/id").to_string();
    let shown = windows.ask(&["show", &id], None)?.to_string();
    ensure!(shown.contains("周四下午两点"), "{shown}");
    say("an account was added, 30 mails are listed, one is read");

    let mut watch = windows.command(&["watch"]).stderr(Stdio::null()).spawn()?;
    let mut lines = BufReader::new(watch.stdout.take().context("no output")?).lines();
    let (sender, arrived) = tokio::sync::oneshot::channel();
    let reader = std::thread::spawn(move || {
        let came = lines
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line.contains("mail_arrived"));
        let _ = sender.send(came);
    });
    let delivering = async {
        // Nothing says when the other program listens: mail goes on coming.
        for n in 31..100 {
            dovecot.deliver(ADDRESS, &mail(n)).await?;
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
        anyhow::Ok(())
    };
    tokio::select! {
        came = tokio::time::timeout(PATIENCE, arrived) => ensure!(came??, "no event of a new mail"),
        delivered = delivering => delivered?,
    }
    let _ = watch.kill();
    let _ = watch.wait();
    let _ = reader.join();
    say("`watch` tells of a mail that comes");

    let doctor = windows.ask(&["doctor"], None)?;
    ensure!(
        at(&doctor, "/findings").as_array().is_some_and(|all| !all.is_empty()),
        "{doctor}"
    );
    let second = windows.command(&[]).output()?;
    ensure!(
        second.status.success(),
        "a second agent does not step aside: {second:?}"
    );
    windows.quit().await?;
    looked_for_secrets(&windows.home())?;
    say("no file of the home holds the password or a mail");

    windows.start().await.context("the second start")?;
    let status = windows
        .until(&["status"], |status| {
            at(status, "/accounts/0/state/state") == "connected"
        })
        .await?;
    ensure!(at(&status, "/accounts/1").is_null(), "{status}");
    let page = windows.ask(&["list", "inbox"], None)?;
    ensure!(at(&page, "/total").as_u64() >= Some(31), "{page}");
    windows.ask(&["accounts", "remove", ADDRESS], None)?;
    windows.quit().await?;
    say("after a restart the account signs in by itself, and everything is there");
    say("not to be seen under wine: toasts, the tray icon, sleep and network events, a person's other session");
    Ok(())
}

fn looked_for_secrets(home: &Path) -> Result<()> {
    let mut folders = vec![home.to_owned()];
    let mut looked = 0;
    while let Some(path) = folders.pop() {
        if path.is_dir() {
            for entry in std::fs::read_dir(&path)? {
                folders.push(entry?.path());
            }
            continue;
        }
        let bytes = std::fs::read(&path)?;
        looked = i32::saturating_add(looked, 1);
        for secret in [PASSWORD, "周四下午两点"] {
            if bytes.windows(secret.len()).any(|window| window == secret.as_bytes()) {
                bail!("{} holds {secret}", path.display());
            }
        }
    }
    ensure!(looked >= 3, "only {looked} files were looked at");
    Ok(())
}
