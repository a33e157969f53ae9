//! Programs that end with the test.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};

/// Where the programs of a desktop come from on Debian.
const PACKAGES: [(&str, &str); 11] = [
    ("Xvfb", "xvfb"),
    ("dbus-daemon", "dbus-x11 dbus-user-session"),
    ("gnome-keyring-daemon", "gnome-keyring"),
    ("xfwm4", "xfwm4"),
    ("xfce4-panel", "xfce4-panel xfconf"),
    ("xfce4-notifyd", "xfce4-notifyd"),
    ("import", "imagemagick"),
    ("xdotool", "xdotool"),
    ("setpriv", "util-linux"),
    ("ibus-daemon", "ibus ibus-gtk3"),
    ("ibus-engine-libpinyin", "ibus-libpinyin"),
];

/// Looks for programs, also by absolute path, and names the packages of those that are not there.
pub(super) fn require(programs: &[&str]) -> Result<()> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = |program: &str| {
        let absolute = program.starts_with('/') && std::path::Path::new(program).exists();
        absolute || std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    };
    let name = |program: &str| program.rsplit('/').next().unwrap_or_default().to_owned();
    let missing: Vec<_> = programs.iter().filter(|p| !there(p)).map(|p| name(p)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<_> = PACKAGES
        .iter()
        .filter(|(program, _)| missing.iter().any(|m| m == program))
        .map(|(_, p)| *p)
        .collect();
    bail!("{} missing: apt-get install {}", missing.join(", "), packages.join(" "))
}

/// A program that is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
}

impl Running {
    /// Starts a program that the kernel also kills when we die.
    pub(super) fn start(program: &str, prepare: impl FnOnce(&mut Command)) -> Result<Self> {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--", program]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        prepare(&mut command);
        // The kernel's signal comes when the *thread* ends that started the program: so one starts it that never does.
        let (answer, child) = std::sync::mpsc::channel();
        drop(crate::background::spawn(async move {
            let _ = answer.send(command.spawn());
        })?);
        let child = child.recv()?.with_context(|| format!("starting {program}"))?;
        Ok(Self { child })
    }

    pub(super) fn stdout(&mut self) -> Result<ChildStdout> {
        self.child.stdout.take().context("its output was not piped")
    }

    pub(super) fn stdin(&mut self) -> Result<std::process::ChildStdin> {
        self.child.stdin.take().context("its input was not piped")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first line that a program writes; it says so that it is ready.
pub(super) async fn first_line(output: ChildStdout, patience: Duration) -> Result<String> {
    let read = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).map(|_| line)
    });
    let line = tokio::time::timeout(patience, read)
        .await
        .context("it said nothing in time")???;
    let line = line.trim().to_owned();
    ensure!(!line.is_empty(), "it ended at once");
    Ok(line)
}
