//! From the server's word to the bubble.

use std::time::Duration;

use anyhow::{Context as _, Result};
use qiyou_api::{Account, FolderUpdateParams, FoldersParams, Security, Telling, call};
use qiyou_testkit::clock::monotonic_ns;
use qiyou_testkit::dovecot::{self, Dovecot};
use qiyou_testkit::fault::FaultProxy;
use qiyou_testkit::imap_sim::{self, ImapSim, Quirks};
use qiyou_testkit::mailbox;
use qiyou_testkit::smtp::SmtpServer;

use super::Options;
use super::report::{Report, Unit};
use super::world::{PASSWORD, USER, World};

const FOLDER: &str = "项目";
/// 2026-11-22 09:00 in China.
const NOW: i64 = 1_795_309_200;
/// A server that is asked every 15 seconds answers within this.
const SLOW: Duration = Duration::from_mins(1);

/// Servers that speak up by themselves.
pub(super) async fn pushed(options: &Options, report: &mut Report) -> Result<()> {
    for (mode, dropped) in [("NOTIFY", &[][..]), ("IDLE", &["NOTIFY"][..])] {
        let server = dovecot::Options {
            folders: vec![FOLDER.to_owned()],
            ..dovecot::Options::for_user(USER, PASSWORD).without(dropped)
        };
        let server = Dovecot::start(server).await?;
        let proxy = FaultProxy::start(server.imap_port())?;
        let mut world = World::start(&[], 12).await?;
        let account = world
            .add(USER, PASSWORD, Security::None, proxy.port(), server.submission_port())
            .await?;
        world.settled(&account).await?;
        report.say(&format!("{} arrivals by {mode}", options.arrivals));
        let aims = [Some(20.0), None, Some(80.0)];
        let inbox = arrivals(&mut world, &server, &proxy, None, options.arrivals).await?;
        report.spread(&format!("EXISTS -> bubble, INBOX by {mode}"), inbox, aims)?;
        if mode == "NOTIFY" {
            let other = arrivals(&mut world, &server, &proxy, Some(FOLDER), options.arrivals.div_ceil(4)).await?;
            report.spread("STATUS -> bubble, another folder by NOTIFY", other, aims)?;
        } else {
            follow(&mut world, &account, &proxy).await?;
            let other = arrivals(&mut world, &server, &proxy, Some(FOLDER), options.arrivals.div_ceil(4)).await?;
            report.spread("EXISTS -> bubble, a followed folder by IDLE", other, aims)?;
        }
    }
    Ok(())
}

/// Gives the other folder a session of its own, and waits until that listens.
async fn follow(world: &mut World, account: &Account, proxy: &FaultProxy) -> Result<()> {
    let all = FoldersParams {
        account: Some(account.id),
    };
    let folders = world.client.call(call::FoldersList, all).await?;
    let folder = folders
        .iter()
        .find(|folder| folder.name == FOLDER)
        .context("the folder")?;
    let params = FolderUpdateParams {
        folder: folder.id,
        followed: Some(true),
        telling: Some(Telling::Bubble),
        ..FolderUpdateParams::default()
    };
    world.client.call(call::FoldersUpdate, params).await?;
    // The proxy stamps what the server announces; the answer to the new session's SELECT is the first such line of it.
    let before = proxy.connections();
    tokio::time::timeout(SLOW, async {
        while proxy.connections() <= before && proxy.connections() < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    })
    .await
    .context("the followed folder got no session")
}

/// Delivers one mail after the other; milliseconds from the line that announced it to the bubble.
async fn arrivals(
    world: &mut World,
    server: &Dovecot,
    proxy: &FaultProxy,
    folder: Option<&str>,
    count: usize,
) -> Result<Vec<f64>> {
    let mut took = Vec::new();
    for number in 0..count {
        world.drain();
        let mail = mailbox::mail(number as u64, NOW + i64::try_from(took.len())?);
        let stamps = proxy.stamps().len();
        match folder {
            None => server.deliver(USER, &mail).await?,
            Some(folder) => drop(server.save(USER, folder, &mail, "").await?),
        }
        let bubble = world
            .bubbles
            .next()
            .await
            .with_context(|| format!("arrival {number}"))?;
        // The answer to a SELECT looks like an announcement, too; the number says which line told of this mail. Of other
        // folders nothing is said but what NOTIFY brings.
        let announces = |line: &str| match folder {
            None => line == format!("* {} EXISTS", number + 1),
            Some(_) => line.starts_with("* STATUS") || line == format!("* {} EXISTS", number + 1),
        };
        let all = proxy.stamps();
        let stamp = all
            .get(stamps..)
            .unwrap_or_default()
            .iter()
            .find(|stamp| announces(&stamp.line));
        let stamp = stamp.context("the bubble came without a word of the server")?;
        took.push(bubble.at_ns.saturating_sub(stamp.ns) as f64 / 1e6);
    }
    Ok(took)
}

/// A server that has to be asked, on one connection.
pub(super) async fn polled(report: &mut Report) -> Result<()> {
    const ARRIVALS: usize = 12;
    let server = ImapSim::start(Quirks::coremail())?;
    let smtp = SmtpServer::builder().user(imap_sim::USER, imap_sim::PASSWORD).start()?;
    server.deliver("INBOX", &mailbox::mail(1000, NOW));
    let mut world = World::start(&[], 12).await?;
    let account = world
        .add(
            imap_sim::USER,
            imap_sim::PASSWORD,
            Security::None,
            server.port(),
            smtp.port(),
        )
        .await?;
    world.settled(&account).await?;
    report.say(&format!(
        "{ARRIVALS} arrivals at a server like Coremail, at random moments"
    ));
    let (began, asked) = (std::time::Instant::now(), server.log().len());
    let sessions = server.sessions();
    let mut took = Vec::new();
    for number in 0..ARRIVALS {
        world.drain();
        tokio::time::sleep(Duration::from_millis(rand::random_range(0..15_000))).await;
        let before = monotonic_ns();
        server.deliver("INBOX", &mailbox::mail(2000 + number as u64, NOW));
        let shown = world.bubbles.all().len();
        let bubble = tokio::time::timeout(SLOW, async {
            loop {
                if let Some(bubble) = world.bubbles.all().into_iter().nth(shown) {
                    return bubble;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await
        .with_context(|| format!("arrival {number} at the polled server"))?;
        took.push(bubble.at_ns.saturating_sub(before) as f64 / 1e6);
    }
    let hours = began.elapsed().as_secs_f64() / 3600.0;
    report.spread("delivered -> bubble, like Coremail", took, [None, Some(20_000.0), None])?;
    let requests = server.log().len().saturating_sub(asked) as f64;
    report.figure(
        "like Coremail: requests in an hour",
        requests / hours,
        Unit::Count,
        None,
    )?;
    report.figure(
        "like Coremail: sign-ins on the way",
        (server.sessions() - sessions) as f64,
        Unit::Count,
        None,
    )?;
    report.figure(
        "like Coremail: most connections at once",
        server.max_concurrent() as f64,
        Unit::Count,
        None,
    )
}
