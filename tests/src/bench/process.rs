//! What the kernel tells of a process.

use std::time::Duration;

use anyhow::{Context as _, Result};

/// A process at one moment.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// Context switches by thread, with its name: each time a thread was put on a processor, nearly.
    threads: Vec<(u32, String, u64)>,
    cpu: Duration,
}

/// What lies between two looks.
#[derive(Debug)]
pub(super) struct Between {
    /// Switches in all, and of each thread that had any.
    pub(super) switches: u64,
    pub(super) by_thread: Vec<(String, u64)>,
    pub(super) cpu: Duration,
}

fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("read {path}"))
}

/// The number of a line `Name:   123 kB`.
fn number(text: &str, name: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

/// Memory that was resident at most, in MB of 2^20 bytes. It counts pages of libraries that others have, too.
pub(super) fn peak_mb(pid: u32) -> Result<f64> {
    let text = read(&format!("/proc/{pid}/status"))?;
    Ok(number(&text, "VmHWM").context("no VmHWM")? as f64 / 1024.0)
}

/// Forgets the peak so far; false where the kernel does not let us.
pub(super) fn forget_peak(pid: u32) -> bool {
    std::fs::write(format!("/proc/{pid}/clear_refs"), "5").is_ok()
}

/// Proportional set size and, of it, what is this process's alone; in MB.
pub(super) fn pss_mb(pid: u32) -> Result<(f64, f64)> {
    let text = read(&format!("/proc/{pid}/smaps_rollup"))?;
    let pss = number(&text, "Pss").context("no Pss")? as f64 / 1024.0;
    let private = number(&text, "Private_Dirty").unwrap_or_default() as f64 / 1024.0;
    Ok((pss, private))
}

/// Looks at a process.
pub(super) fn look(pid: u32) -> Result<Seen> {
    let mut threads = Vec::new();
    for entry in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let task = entry?.path();
        // A thread may end between the two.
        let (Ok(status), Ok(name)) = (
            std::fs::read_to_string(task.join("status")),
            std::fs::read_to_string(task.join("comm")),
        ) else {
            continue;
        };
        let id = task
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.parse().ok());
        let count = number(&status, "voluntary_ctxt_switches").unwrap_or_default()
            + number(&status, "nonvoluntary_ctxt_switches").unwrap_or_default();
        threads.push((id.unwrap_or_default(), name.trim().to_owned(), count));
    }
    let stat = read(&format!("/proc/{pid}/stat"))?;
    // The name in parentheses may hold blanks; user and system time are the 12th and 13th word after it, in ticks of
    // 10 ms (USER_HZ, the same on every Linux that this runs on).
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 = rest
        .split_ascii_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|word| word.parse::<u64>().ok())
        .sum();
    Ok(Seen {
        threads,
        cpu: Duration::from_millis(ticks * 10),
    })
}

/// What happened between two looks.
pub(super) fn between(before: &Seen, after: &Seen) -> Between {
    let mut by_thread = Vec::new();
    for (id, name, count) in &after.threads {
        let old = before
            .threads
            .iter()
            .find(|(known, _, _)| known == id)
            .map_or(0, |(_, _, count)| *count);
        let more = count.saturating_sub(old);
        if more > 0 {
            by_thread.push((name.clone(), more));
        }
    }
    Between {
        switches: by_thread.iter().map(|(_, count)| count).sum(),
        by_thread,
        cpu: after.cpu.saturating_sub(before.cpu),
    }
}

/// Processes that a process started and that live, with their names (which the kernel cuts after 15 letters).
pub(super) fn children(parent: u32) -> Vec<(u32, String)> {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    processes
        .flatten()
        .filter_map(|entry| {
            let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
            let stat = read(&format!("/proc/{pid}/stat")).ok()?;
            // `pid (name) state parent ...`
            let (head, rest) = stat.rsplit_once(") ")?;
            let mut fields = rest.split(' ');
            let lives = fields.next() != Some("Z");
            let its: u32 = fields.next()?.parse().ok()?;
            let name = head.split_once('(')?.1.to_owned();
            (lives && its == parent).then_some((pid, name))
        })
        .collect()
}
