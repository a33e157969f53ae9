//! The first sync of a large mailbox.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use qiyou_api::{Account, AccountState, Event, FoldersParams, Role, Security, call};
use qiyou_testkit::dovecot::{self, Dovecot};
use qiyou_testkit::mailbox;

use super::report::{Report, Unit, median};
use super::world::{PASSWORD, USER, World};
use super::{Options, process, raw};

/// The smaller accounts of the idle measurement.
pub(super) const OTHERS: [&str; 2] = ["lisi@localhost", "wangwu@localhost"];
/// Runs with a warm cache; the middle one counts.
const WARM_RUNS: usize = 3;

/// A synced agent, for what is measured after.
pub(super) struct Synced {
    pub(super) world: World,
    pub(super) server: Dovecot,
    pub(super) account: Account,
    /// Keeps the authority's certificate where the agent reads it.
    pub(super) _certificates: tempfile::TempDir,
}

/// One first sync.
struct Run {
    /// From the answer to `accounts.add` to 100 rows in `mail.list`.
    first_rows: Duration,
    /// From the same to the last row.
    whole: Duration,
    /// From the agent's own session, signed in and with its folders listed, to the last row: the raw reader's clock.
    index: Duration,
    peak_mb: f64,
}

pub(super) async fn measure(options: &Options, report: &mut Report) -> Result<Synced> {
    let maildir = mailbox(options, report).await?;
    let fresh = || async {
        let mut server = dovecot::Options::for_user(USER, PASSWORD);
        for other in OTHERS {
            server = server.and_user(other, PASSWORD);
        }
        server.prepared = vec![(USER.to_owned(), maildir.clone())];
        Dovecot::start(server).await
    };

    report.say("first sync with the server's cache cold");
    let server = fresh().await?;
    let dropped = drop_caches();
    let cold_raw = raw::read_all(&server, USER, PASSWORD).await?;
    drop(server);
    let server = fresh().await?;
    drop_caches();
    let (cold, mut synced) = sync(server, options.messages).await?;
    let pages = if dropped {
        ""
    } else {
        " (pages of the system stayed warm)"
    };
    report.figure(
        &format!("index, cold{pages}: raw reader"),
        cold_raw.took.as_secs_f64(),
        Unit::Seconds,
        None,
    )?;
    report.figure(
        &format!("index, cold{pages}: agent"),
        cold.whole.as_secs_f64(),
        Unit::Seconds,
        None,
    )?;
    let ratio = cold.index.as_secs_f64() / cold_raw.took.as_secs_f64();
    report.figure("index, cold: agent / raw reader", ratio, Unit::Times, Some(1.2))?;
    report.figure(
        "cold: sign-in -> first 100 rows",
        cold.first_rows.as_secs_f64(),
        Unit::Seconds,
        None,
    )?;

    let (mut limits, mut indices, mut ratios) = (vec![], vec![], vec![]);
    let (mut wholes, mut firsts, mut peaks) = (vec![], vec![], vec![]);
    for run in 0..WARM_RUNS {
        report.say(&format!("first sync with a warm cache, {} of {WARM_RUNS}", run + 1));
        let Synced { world, server, .. } = synced;
        drop(world);
        let limit = raw::read_all(&server, USER, PASSWORD).await?;
        let (warm, again) = sync(server, options.messages).await?;
        synced = again;
        if run == 0 {
            report.figure(
                "index: bytes of the raw reader",
                limit.bytes as f64 / 1e6,
                Unit::Mb,
                None,
            )?;
        }
        limits.push(limit.took.as_secs_f64());
        wholes.push(warm.whole.as_secs_f64());
        indices.push(warm.index.as_secs_f64());
        ratios.push(warm.index.as_secs_f64() / limit.took.as_secs_f64());
        firsts.push(warm.first_rows.as_secs_f64());
        peaks.push(warm.peak_mb);
    }
    report.figure("index, warm: raw reader", median(limits), Unit::Seconds, None)?;
    report.figure("index, warm: agent", median(indices), Unit::Seconds, None)?;
    report.figure(
        "index, warm: agent / raw reader",
        median(ratios),
        Unit::Times,
        Some(2.5),
    )?;
    report.figure("account added -> all rows, warm", median(wholes), Unit::Seconds, None)?;
    report.figure("sign-in -> first 100 rows", median(firsts), Unit::Seconds, Some(0.5))?;
    report.figure(
        "first sync: peak of resident memory",
        median(peaks),
        Unit::Mb,
        Some(60.0),
    )?;
    Ok(synced)
}

/// The large mailbox, made once and kept.
async fn mailbox(options: &Options, report: &Report) -> Result<PathBuf> {
    let place = options.folder.join(format!("mailbox-{}", options.messages));
    if place.is_dir() {
        return Ok(place);
    }
    report.say(&format!("making a mailbox of {} mails", options.messages));
    let unfinished = options.folder.join("mailbox.new");
    let messages = options.messages;
    let into = unfinished.clone();
    tokio::task::spawn_blocking(move || -> Result<()> {
        if into.exists() {
            std::fs::remove_dir_all(&into)?;
        }
        let made = mailbox::generate(
            &into,
            &mailbox::Options {
                messages,
                ..mailbox::Options::default()
            },
        )?;
        ensure!(
            made.messages() == messages,
            "a mailbox of {} mails was made",
            made.messages()
        );
        Ok(())
    })
    .await??;
    std::fs::rename(&unfinished, &place)?;
    Ok(place)
}

/// Empties the page cache, where we may; a cache that stays warm is said in the report.
fn drop_caches() -> bool {
    std::fs::write("/proc/sys/vm/drop_caches", "1").is_ok()
}

/// A new agent and its first sync.
async fn sync(server: Dovecot, messages: usize) -> Result<(Run, Synced)> {
    let certificates = tempfile::tempdir()?;
    let path = certificates.path().join("ca.pem");
    std::fs::write(&path, server.ca_pem())?;
    let environment = [("QIYOU_EXTRA_CA", path.to_string_lossy().into_owned())];
    let mut world = World::start(&environment, 0).await?;
    let pid = world.pid()?;
    process::forget_peak(pid);
    let account = world
        .add(
            USER,
            PASSWORD,
            Security::Tls,
            server.imaps_port(),
            server.submissions_port(),
        )
        .await?;
    let signed_in = Instant::now();
    let (mut first_rows, mut inbox, mut connected) = (None, None, None);
    let mut done: std::collections::HashMap<i64, usize> = std::collections::HashMap::new();
    let (ended, connected) = tokio::time::timeout(Duration::from_mins(10), async {
        loop {
            let (_, event) = world.events.recv().await.context("the agent ended")?;
            match event {
                Event::ListChanged { folder } if first_rows.is_none() => {
                    if inbox.is_none() {
                        let folders = world
                            .client
                            .call(call::FoldersList, FoldersParams { account: None })
                            .await?;
                        inbox = folders.iter().find(|f| f.role == Role::Inbox).map(|f| f.id);
                    }
                    if Some(folder) == inbox && world.list(folder, 100).await?.rows.len() >= 100 {
                        first_rows = Some(signed_in.elapsed());
                    }
                }
                Event::SyncProgress { folder, done: here, .. } => {
                    done.insert(folder, usize::try_from(here)?);
                    if done.values().sum::<usize>() >= messages {
                        return anyhow::Ok((Instant::now(), connected.unwrap_or(signed_in)));
                    }
                }
                Event::AccountChanged { account } => match account.state {
                    AccountState::Connected { .. } => connected = connected.or(Some(Instant::now())),
                    AccountState::Offline { .. } => bail!("the account went offline: {:?}", account.state),
                    _ => {}
                },
                _ => {}
            }
        }
    })
    .await
    .context("the index was never complete")??;
    let peak_mb = process::peak_mb(pid)?;
    let folders = world
        .client
        .call(call::FoldersList, FoldersParams { account: None })
        .await?;
    let total: usize = folders
        .iter()
        .map(|f| usize::try_from(f.total))
        .sum::<Result<usize, _>>()?;
    ensure!(total == messages, "the index holds {total} mails");
    let first_rows = first_rows.context("the first rows were never seen")?;
    let (whole, index) = (ended.duration_since(signed_in), ended.duration_since(connected));
    Ok((
        Run {
            first_rows,
            whole,
            index,
            peak_mb,
        },
        Synced {
            world,
            server,
            account,
            _certificates: certificates,
        },
    ))
}
