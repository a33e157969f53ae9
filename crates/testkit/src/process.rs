//! A server of another house: its processes started as one group, awaited by their own word, ended with us.
use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid};

use crate::account::Account;

const KEPT_LINES: usize = 2000;
const START_LIMIT: Duration = Duration::from_secs(15);
/// How long a server may take to follow a signal before it is killed.
const END_LIMIT: Duration = Duration::from_secs(3);

// The watcher keeps the read end of a pipe whose write end is ours: when we are gone, however that happened, it reads
// the end and takes the whole group and its directory along. (The kernel's parent-death signal would fire when the *thread* ends.)
// What is told to end in another way than by KILL gets two seconds for it.
const SCRIPT: &str = r#"exec 3<&0
{ read -r _ <&3; kill -"$1" $$; n=0
while [ "$1" != KILL ] && [ $n -lt 40 ] && kill -0 $$; do sleep 0.05; n=$((n + 1)); done
kill -KILL $$; rm -rf "$2"; rm -rf "$2"; kill -KILL 0; } >/dev/null 2>&1 &
shift 2
exec "$@" </dev/null 3<&-"#;

/// How to start a server, and how to end it.
#[derive(Clone, Copy)]
pub(crate) struct Program<'a> {
    pub(crate) binary: &'a Path,
    pub(crate) arguments: &'a [OsString],
    /// Its directory, removed when we are killed.
    pub(crate) root: &'a Path,
    pub(crate) account: &'a Account,
    /// Part of the line that it logs once it listens on all ports.
    pub(crate) ready: &'static str,
    /// Asks it to end in order.
    pub(crate) end: Signal,
    /// Ends it at once.
    pub(crate) abort: Signal,
}

#[derive(Default)]
struct Log {
    lines: VecDeque<String>,
    ended: bool,
}

/// A running server.
pub(crate) struct Process {
    child: Child,
    name: String,
    end: Signal,
    abort: Signal,
    log: Arc<(Mutex<Log>, Condvar)>,
}

/// Why a start failed.
pub(crate) enum Failed {
    /// Somebody else took one of the ports in the meantime.
    PortTaken,
    Other(anyhow::Error),
}

/// The shell's name of a signal.
fn word(signal: Signal) -> &'static str {
    match signal {
        Signal::QUIT => "QUIT",
        Signal::INT => "INT",
        Signal::TERM => "TERM",
        _ => "KILL",
    }
}

impl Process {
    pub(crate) fn start(program: Program<'_>) -> Result<Self, Failed> {
        let name = program
            .binary
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", SCRIPT, "sh", word(program.abort)])
            .arg(program.root)
            .arg(program.binary)
            .args(program.arguments)
            .current_dir("/")
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .process_group(0);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        program.account.enter(&mut command);
        let mut child = command
            .spawn()
            .with_context(|| format!("start {name}"))
            .map_err(Failed::Other)?;
        let log = Arc::new((Mutex::new(Log::default()), Condvar::new()));
        if let Some(stderr) = child.stderr.take() {
            let log = Arc::clone(&log);
            std::thread::spawn(move || {
                for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
                    let mut inside = log.0.lock().unwrap_or_else(PoisonError::into_inner);
                    inside.lines.push_back(String::from_utf8_lossy(&line).into_owned());
                    if inside.lines.len() > KEPT_LINES {
                        inside.lines.pop_front();
                    }
                    log.1.notify_all();
                }
                log.0.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
                log.1.notify_all();
            });
        }
        let process = Self {
            child,
            name,
            end: program.end,
            abort: program.abort,
            log,
        };
        process.wait_until_listening(program.ready)?;
        Ok(process)
    }

    fn wait_until_listening(&self, ready: &str) -> Result<(), Failed> {
        let inside = self.log.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (inside, _) = self
            .log
            .1
            .wait_timeout_while(inside, START_LIMIT, |log| {
                !log.ended && !log.lines.iter().any(|line| line.contains(ready))
            })
            .unwrap_or_else(PoisonError::into_inner);
        // The line is written after all ports are bound.
        if inside.lines.iter().any(|line| line.contains(ready)) {
            return Ok(());
        }
        let said: Vec<&str> = inside.lines.iter().map(String::as_str).collect();
        if said.iter().any(|line| line.contains("Address already in use")) {
            return Err(Failed::PortTaken);
        }
        Err(Failed::Other(anyhow::anyhow!(
            "{} did not start: {}",
            self.name,
            said.join("; ")
        )))
    }

    /// The last lines that the server logged.
    pub(crate) fn log(&self) -> Vec<String> {
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
    pub(crate) fn wait_for(&self, needle: &str, limit: Duration) -> Result<String> {
        let inside = self.log.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = |log: &Log| log.lines.iter().find(|line| line.contains(needle)).cloned();
        let (inside, _) = self
            .log
            .1
            .wait_timeout_while(inside, limit, |log| !log.ended && found(log).is_none())
            .unwrap_or_else(PoisonError::into_inner);
        match found(&inside) {
            Some(line) => Ok(line),
            None => bail!("{} never logged {needle:?}", self.name),
        }
    }

    /// Lets the master end in order (it takes leave of its clients), then makes sure.
    pub(crate) fn end_in_order(mut self) {
        self.signal_and_wait(self.end);
        self.kill();
    }

    /// What happens when the owning process dies by SIGKILL: the kernel closes its end of the pipe.
    #[cfg(test)]
    pub(crate) fn abandon(&mut self) {
        drop(self.child.stdin.take());
    }

    fn pid(&self) -> Option<Pid> {
        Pid::from_raw(i32::try_from(self.child.id()).ok()?)
    }

    /// Only the master is awaited: a child may linger over its client's connection.
    fn signal_and_wait(&self, signal: Signal) {
        let Some(pid) = self.pid() else { return };
        let _ = kill_process(pid, signal);
        let (done, master) = mpsc::channel();
        std::thread::spawn(move || {
            let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
            let _ = done.send(());
        });
        let _ = master.recv_timeout(END_LIMIT);
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
        // Waited for already by `end_in_order`, if that ended it.
        if self.abort != Signal::KILL && matches!(self.child.try_wait(), Ok(None)) {
            self.signal_and_wait(self.abort);
        }
        self.kill();
    }
}
