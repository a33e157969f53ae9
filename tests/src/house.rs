//! A home with an agent in it, and the programs as cargo built them.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use qiyou_api::{Client, Endpoint, Event, Nothing, call};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::mpsc;

/// How long anything may take that a person would wait for.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A program of this project: in the folder that `QIYOU_PROGRAMS` names (the measurements take what is shipped), else
/// beside the one that runs now.
pub fn program(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe().context("where this program lies")?;
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    if let Some(folder) = std::env::var_os("QIYOU_PROGRAMS") {
        let named = PathBuf::from(folder).join(&name);
        if named.is_file() {
            return Ok(named);
        }
    }
    // Tests lie one folder deeper than programs.
    let found = own
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(&name))
        .find(|path| path.is_file());
    found.with_context(|| {
        format!("{name} is not built: cargo build --workspace --bins --features qiyou/custom-protocol")
    })
}

/// What an account signs in with.
#[derive(Clone, Debug)]
pub struct Account<'a> {
    pub address: &'a str,
    pub name: &'a str,
    pub password: &'a str,
    pub imap_port: u16,
    pub smtp_port: u16,
}

/// A home of its own in a temporary directory, with its agent.
#[derive(Debug)]
pub struct House {
    agent: Option<Child>,
    environment: Vec<(String, String)>,
    // Last, so that it goes after the agent that works in it.
    folder: TempDir,
}

impl House {
    /// Makes the home and starts its agent; returns when it answers. `environment` is what the agent finds besides
    /// its home (a test's session: display, bus, keyring).
    pub async fn start(environment: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let mut house = Self::empty(environment)?;
        house.start_agent().await?;
        Ok(house)
    }

    /// A place for a home, without an agent yet.
    pub fn empty(environment: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        Ok(Self {
            agent: None,
            environment: environment.into_iter().collect(),
            folder: tempfile::Builder::new().prefix("qiyou-house-").tempdir()?,
        })
    }

    /// Starts the agent of this home (again) and waits until it answers.
    pub async fn start_agent(&mut self) -> Result<()> {
        let log = std::fs::File::create(self.log())?;
        let mut command = self.command("qiyou-agent")?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let (endpoint, log) = (self.endpoint(), self.log());
        let agent = self.agent.insert(command.spawn().context("starting qiyou-agent")?);
        let said = || std::fs::read_to_string(&log).unwrap_or_default();
        let answered = async {
            loop {
                if Client::connect(&endpoint, "cli").await.is_ok() {
                    return Ok(());
                }
                // An endpoint that is not there yet gives no event to wait for.
                tokio::time::sleep(Duration::from_millis(20)).await;
                if let Some(status) = agent.try_wait()? {
                    bail!("qiyou-agent ended with {status}: {}", said());
                }
            }
        };
        tokio::time::timeout(PATIENCE, answered)
            .await
            .with_context(|| format!("qiyou-agent does not answer: {}", said()))?
    }

    /// Where the agent's standard error goes.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("agent.stderr")
    }

    /// What the agent wrote, there and into its log files.
    pub fn said(&self) -> String {
        let mut text = std::fs::read_to_string(self.log()).unwrap_or_default();
        for folder in [self.home(), self.home().join("log"), self.home().join("logs")] {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.file_name().to_string_lossy().contains(".log") {
                    text.push_str(&std::fs::read_to_string(entry.path()).unwrap_or_default());
                }
            }
        }
        text
    }

    /// The folder that is `QIYOU_HOME`.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Process id of the agent.
    pub fn agent_pid(&self) -> Option<u32> {
        self.agent.as_ref().map(Child::id)
    }

    /// Ends the agent without a word.
    pub fn kill_agent(&mut self) -> Result<()> {
        let mut agent = self.agent.take().context("no agent runs")?;
        agent.kill()?;
        agent.wait()?;
        Ok(())
    }

    /// The agent's endpoint.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::of_home(&self.home())
    }

    /// What the programs of this house find in their environment, its home included.
    pub fn environment(&self) -> Vec<(String, String)> {
        let mut all = self.environment.clone();
        all.push(("QIYOU_HOME".to_owned(), self.home().to_string_lossy().into_owned()));
        all
    }

    /// A program of this project with this home, to be started.
    pub fn command(&self, name: &str) -> Result<Command> {
        let mut command = Command::new(program(name)?);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.env("QIYOU_HOME", self.home());
        Ok(command)
    }

    /// A client of the agent, with its events subscribed.
    pub async fn client(&self) -> Result<(Client, mpsc::Receiver<(u64, Event)>)> {
        let (client, events) = Client::connect(&self.endpoint(), "cli").await?;
        client.call(call::Subscribe, Nothing {}).await?;
        Ok((client, events))
    }

    /// Runs a subcommand of the agent with `--json`; what it wrote, as JSON.
    pub fn ask(&self, arguments: &[&str], input: Option<&str>) -> Result<Value> {
        let mut command = self.command("qiyou-agent")?;
        command
            .args(arguments)
            .arg("--json")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut child = command.spawn().context("starting qiyou-agent")?;
        if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
            stdin.write_all(input.as_bytes())?;
        }
        let output = child.wait_with_output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        ensure!(
            output.status.success(),
            "qiyou-agent {} ended with {}: {text}{}",
            arguments.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        let text = text.trim();
        if text.is_empty() {
            Ok(Value::Null)
        } else {
            serde_json::from_str(text).with_context(|| format!("not JSON: {text}"))
        }
    }

    /// Adds an account by the command line, as a person would.
    pub fn add(&self, account: &Account<'_>) -> Result<Value> {
        let imap = format!("127.0.0.1:{}", account.imap_port);
        let smtp = format!("127.0.0.1:{}", account.smtp_port);
        let arguments = [
            "accounts",
            "add",
            "--address",
            account.address,
            "--name",
            account.name,
            "--imap",
            &imap,
            "--smtp",
            &smtp,
            "--security",
            "none",
            "--password-stdin",
        ];
        self.ask(&arguments, Some(account.password))
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(mut agent) = self.agent.take() {
            let _ = agent.kill();
            let _ = agent.wait();
        }
        #[cfg(target_os = "linux")]
        evict(&self.home());
    }
}

/// Ends whoever else lives in a home: an agent that a window started, a window that an agent started.
#[cfg(target_os = "linux")]
fn evict(home: &Path) {
    let wanted = format!("QIYOU_HOME={}", home.display());
    for process in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let lives = std::fs::read(process.path().join("environ")).is_ok_and(|environment| {
            environment
                .split(|byte| *byte == 0)
                .any(|each| each == wanted.as_bytes())
        });
        if lives && let Some(pid) = process.file_name().to_str() {
            let _ = Command::new("kill").args(["-KILL", pid]).status();
        }
    }
}

/// Waits for the first event that `find` finds something in.
pub async fn wait_for<T>(
    events: &mut mpsc::Receiver<(u64, Event)>,
    what: &str,
    mut find: impl FnMut(&Event) -> Option<T>,
) -> Result<T> {
    let found = async {
        while let Some((_, event)) = events.recv().await {
            if let Some(found) = find(&event) {
                return Ok(found);
            }
        }
        bail!("the agent ended")
    };
    tokio::time::timeout(PATIENCE, found)
        .await
        .with_context(|| format!("waiting for {what}"))?
}

/// True inside mounts of its own, where a test may put any file system anywhere. The first call runs the test `name`
/// of this program again in there, and returns false when it went well.
///
/// # Errors
/// When the kernel gives no namespace, and when the test failed in there.
#[cfg(target_os = "linux")]
pub fn in_own_mounts(name: &str) -> Result<bool> {
    const INSIDE: &str = "QIYOU_IN_OWN_MOUNTS";
    if std::env::var_os(INSIDE).is_some() {
        return Ok(true);
    }
    let root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    // Who is not root becomes root of a namespace of users.
    let namespaces = if root { "--mount" } else { "--map-root-user --mount" };
    let status = Command::new("unshare")
        .args(namespaces.split(' '))
        .args(["--propagation", "private", "--"])
        .arg(std::env::current_exe()?)
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .stdin(Stdio::null())
        .status()
        .context("unshare(1), of util-linux, gives a test its own mounts")?;
    ensure!(status.success(), "in its own mounts {name} ended with {status}");
    Ok(false)
}

/// Runs a system's program that has to succeed.
pub fn run(program: &str, arguments: &[&str]) -> Result<()> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("starting {program}"))?;
    ensure!(
        output.status.success(),
        "{program} {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// Where the project lies (for `ui/dist`).
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
