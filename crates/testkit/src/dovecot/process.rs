//! Dovecot's processes: started as one group, awaited by their own word, ended with us.
use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid};

use super::account::Account;

const KEPT_LINES: usize = 2000;
const START_LIMIT: Duration = Duration::from_secs(15);

// The watcher keeps the read end of a pipe whose write end is ours: when we are gone, however that happened, it reads
// the end and takes the whole group and its directory along. (The kernel's parent-death signal would fire when the *thread* ends.)
const SCRIPT: &str = r#"exec 3<&0
{ read -r _ <&3; kill -KILL $$; rm -rf "$3"; rm -rf "$3"; kill -KILL 0; } >/dev/null 2>&1 &
exec "$1" -F -c "$2" </dev/null 3<&-"#;

#[derive(Default)]
struct Log {
    lines: VecDeque<String>,
    /// All lines that ever came; `lines` keeps the last ones.
    total: usize,
    ended: bool,
}

/// A running Dovecot.
pub(super) struct Process {
    child: Child,
    log: Arc<(Mutex<Log>, Condvar)>,
}

/// Why a start failed.
pub(super) enum Failed {
    /// Somebody else took one of the ports in the meantime.
    PortTaken,
    Other(anyhow::Error),
}

impl Process {
    pub(super) fn start(binary: &Path, root: &Path, account: &Account) -> Result<Self, Failed> {
        let mut command = Command::new("/bin/sh");
        command
            .arg("-c")
            .arg(SCRIPT)
            .arg("sh")
            .arg(binary)
            .arg(root.join("dovecot.conf"))
            .arg(root);
        command
            .current_dir("/")
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .process_group(0);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        if let Some((uid, gid)) = account.change {
            command.uid(uid).gid(gid);
        }
        let mut child = command.spawn().context("start dovecot").map_err(Failed::Other)?;
        let log = Arc::new((Mutex::new(Log::default()), Condvar::new()));
        if let Some(stderr) = child.stderr.take() {
            let log = Arc::clone(&log);
            std::thread::spawn(move || {
                for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
                    let mut inside = log.0.lock().unwrap_or_else(PoisonError::into_inner);
                    inside.lines.push_back(String::from_utf8_lossy(&line).into_owned());
                    inside.total = inside.total.saturating_add(1);
                    if inside.lines.len() > KEPT_LINES {
                        inside.lines.pop_front();
                    }
                    log.1.notify_all();
                }
                log.0.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
                log.1.notify_all();
            });
        }
        let process = Self { child, log };
        process.wait_until_listening()?;
        Ok(process)
    }

    fn wait_until_listening(&self) -> Result<(), Failed> {
        let inside = self.log.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (inside, _) = self
            .log
            .1
            .wait_timeout_while(inside, START_LIMIT, |log| {
                !log.ended && !log.lines.iter().any(|l| l.contains("starting up"))
            })
            .unwrap_or_else(PoisonError::into_inner);
        // The line is written after all ports are bound.
        if inside.lines.iter().any(|line| line.contains("starting up")) {
            return Ok(());
        }
        let said: Vec<&str> = inside.lines.iter().map(String::as_str).collect();
        if said.iter().any(|line| line.contains("Address already in use")) {
            return Err(Failed::PortTaken);
        }
        Err(Failed::Other(anyhow::anyhow!(
            "dovecot did not start: {}",
            said.join("; ")
        )))
    }

    /// The last lines that Dovecot logged.
    pub(super) fn log(&self) -> Vec<String> {
        self.log
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .lines
            .iter()
            .cloned()
            .collect()
    }

    /// Waits until a line with `needle` was logged.
    pub(super) fn wait_for(&self, needle: &str, limit: Duration) -> Result<String> {
        let inside = self.log.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = |log: &Log| log.lines.iter().find(|line| line.contains(needle)).cloned();
        let (inside, _) = self
            .log
            .1
            .wait_timeout_while(inside, limit, |log| !log.ended && found(log).is_none())
            .unwrap_or_else(PoisonError::into_inner);
        match found(&inside) {
            Some(line) => Ok(line),
            None => bail!("dovecot never logged {needle:?}"),
        }
    }

    /// Lets the master end in order (it says BYE to its clients), then makes sure.
    pub(super) fn end_in_order(mut self) {
        if let Some(pid) = self.pid() {
            let _ = kill_process(pid, Signal::TERM);
        }
        // Only the master is awaited: a child may linger over its client's connection.
        let (done, master) = mpsc::channel();
        if let Some(pid) = self.pid() {
            std::thread::spawn(move || {
                let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
                let _ = done.send(());
            });
        }
        let _ = master.recv_timeout(Duration::from_secs(3));
        self.kill();
    }

    /// What happens when the owning process dies by SIGKILL: the kernel closes its end of the pipe.
    #[cfg(test)]
    pub(super) fn abandon(&mut self) {
        drop(self.child.stdin.take());
    }

    fn pid(&self) -> Option<Pid> {
        Pid::from_raw(i32::try_from(self.child.id()).ok()?)
    }

    fn kill(&mut self) {
        if let Some(pid) = self.pid() {
            let _ = kill_process_group(pid, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
