//! The real window: from the click in the tray to the drawn list, from a touch to what it shows, and the memory that
//! all of it takes, held against the least window there is.
//!
//! Everything is seen on the screen and nothing is asked of the program: a figure is the time from a touch to the
//! pixels that it should give.

mod eyes;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use qiyou_api::{Body, BodyParams, Client, Filter, ListParams, MailId, Nothing, Scope, Sort, SyncParams, call};
use qiyou_testkit::desktop::{NotificationRecorder, Session, TrayHost, TrayItem};
use qiyou_testkit::dovecot::{Dovecot, Options};

use self::eyes::{Area, Eyes, Pixels};
use super::process::{children, pss_mb};
use super::report::{Report, Unit, median, percentile};
use super::world::{PASSWORD, USER};
use crate::house::{Account, House, PATIENCE};
use crate::screen::{close, seen};

const MAILS: u32 = 540;
/// Mails that are opened before the memory is read.
const READ: u32 = 500;
const RUNS: usize = 12;
const TOUCHES: usize = 80;
/// A row of the list, in pixels.
const ROW: i16 = 78;
/// So long a pointer rests on what a quick person is about to click.
const POINTED: Duration = Duration::from_millis(200);
/// A column through the rows of the list, with letters in it.
const LIST: Area = Area {
    x: 300,
    y: 200,
    width: 8,
    height: 480,
};
/// Inside the mail, where it is one colour.
const MAIL: Area = Area {
    x: 1000,
    y: 560,
    width: 4,
    height: 4,
};
/// The window of bare HTML, with the margin beside the mail.
const BARE: Area = Area {
    x: 0,
    y: 40,
    width: 40,
    height: 600,
};
/// Two colours, by turns, so that the mail that comes is another sight than the one before.
const COLOURS: [&str; 2] = ["#1f6f8b", "#99582a"];

/// A mail as programs send them: tables in tables, styles on everything, Chinese and Latin words.
fn mail(n: u32) -> Vec<u8> {
    let colour = COLOURS.get(usize::from(n % 2 == 1)).copied().unwrap_or_default();
    let mut rows = String::new();
    for row in 0..60 {
        let _ = write!(
            rows,
            "<tr><td style=\"padding:6px 12px;border-bottom:1px solid #dde\">第 {row} 项 · 采购与发货进度</td>\
             <td style=\"padding:6px 12px;text-align:right;font-family:sans-serif\">{}</td>\
             <td style=\"padding:6px 12px\"><a href=\"https://example.com/order/{n}/{row}\">查看详情</a></td></tr>",
            n * 60 + row
        );
    }
    format!(
        "From: =?utf-8?B?5p2O5Zub?= <lisi@example.com>\r\nTo: {USER}\r\nSubject: weekly report {n}\r\n\
         Date: {}\r\nMessage-ID: <{n}@example.com>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
         <html><body><div style=\"background-color:{colour};height:900px\">&nbsp;</div>\r\n\
         <table width=\"100%\" style=\"border-collapse:collapse\">{rows}</table></body></html>\r\n",
        date(n),
    )
    .into_bytes()
}

/// One mail a minute.
fn date(n: u32) -> String {
    let minutes = n % 60;
    let hours = n / 60 % 24;
    format!("Sun, 22 Nov 2026 {hours:02}:{minutes:02}:00 +0800")
}

/// What the measurements are made with.
struct Desk {
    client: Client,
    eyes: Eyes,
    item: TrayItem,
    // Ends in this order.
    house: House,
    _tray: TrayHost,
    _bubbles: NotificationRecorder,
    session: Session,
}

/// What can be measured of the window, each part alone.
pub(super) const PARTS: [&str; 4] = ["cold", "lingering", "touches", "memory"];

pub(super) async fn measure(report: &mut Report, parts: &[&str]) -> Result<()> {
    report.say("an account with some hundred mails, all of them fetched");
    let session = Session::start().await?;
    let server = Dovecot::start(Options::for_user(USER, PASSWORD)).await?;
    for n in 0..MAILS {
        server.deliver(USER, &mail(n)).await?;
    }
    let tray = TrayHost::start(session.bus()).await?;
    let bubbles = NotificationRecorder::start(session.bus()).await?;
    let mut environment = session.environment().clone();
    // Xvfb has no graphics card to share buffers with.
    environment.insert("WEBKIT_DISABLE_DMABUF_RENDERER".to_owned(), "1".to_owned());
    let house = House::start(environment).await?;
    house.add(&Account {
        address: USER,
        name: "张三",
        password: PASSWORD,
        imap_port: server.imap_port(),
        smtp_port: server.submission_port(),
    })?;
    let (client, mut events) = house.client().await?;
    // Nobody else reads them, and they must not pile up.
    tokio::spawn(async move { while events.recv().await.is_some() {} });
    let desk = Desk {
        eyes: Eyes::open(&session)?,
        item: tray.item().await?,
        client,
        house,
        _tray: tray,
        _bubbles: bubbles,
        session,
    };
    let newest = desk.fetch().await?;
    if parts.contains(&"cold") {
        desk.cold(report).await?;
    } else {
        desk.linger(10).await?;
        desk.shown().await?;
        desk.eyes.click(LIST.x, LIST.y + 20)?;
        desk.eyes.rest(LIST).await?;
    }
    if parts.contains(&"lingering") {
        desk.lingering(report).await?;
    }
    if parts.contains(&"touches") {
        desk.touches(report).await?;
    }
    let ours = if parts.contains(&"memory") {
        Some(desk.memory(report).await?)
    } else {
        None
    };
    desk.linger(0).await?;
    desk.end().await?;
    desk.bare(report, newest, ours).await?;
    server.stop().await
}

impl Desk {
    /// Waits until every text is on the disk; the newest mail.
    async fn fetch(&self) -> Result<MailId> {
        let everything = SyncParams {
            account: None,
            wait: true,
        };
        self.client.call(call::Sync, everything).await?;
        let params = ListParams {
            scope: Scope::Unified,
            filter: Filter::All,
            sort: Sort::default(),
            offset: 0,
            limit: MAILS,
        };
        let page = self.client.call(call::MailList, params).await?;
        ensure!(page.total == MAILS, "{} mails", page.total);
        for row in &page.rows {
            let start = Instant::now();
            loop {
                let wish = BodyParams::of(row.id);
                if matches!(self.client.call(call::MailBody, wish).await?, Body::Ready { .. }) {
                    break;
                }
                ensure!(start.elapsed() < PATIENCE, "a text does not come");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        Ok(page.rows.first().context("no mail")?.id)
    }

    async fn linger(&self, minutes: u32) -> Result<()> {
        let mut settings = self.client.call(call::SettingsGet, Nothing {}).await?;
        settings.linger_minutes = minutes;
        settings.language = qiyou_api::Language::ZhCn;
        settings.theme = qiyou_api::Theme::Light;
        // Every mail that is drawn counts as read, so that they can be counted.
        settings.read_after = Some(0);
        self.client.call(call::SettingsSet, settings).await?;
        Ok(())
    }

    /// The window's process.
    fn window_pid(&self) -> Option<u32> {
        children(self.house.agent_pid()?)
            .into_iter()
            .find(|(_, name)| name == "qiyou")
            .map(|(pid, _)| pid)
    }

    async fn close(&self) -> Result<()> {
        let window = seen(&self.session, "qiyou").await?;
        close(&self.session, &window)
    }

    /// Closes the window, and waits until its process is gone.
    async fn end(&self) -> Result<()> {
        let pid = self.window_pid().context("no window")?;
        self.close().await?;
        let start = Instant::now();
        while std::path::Path::new(&format!("/proc/{pid}/exe")).exists() {
            ensure!(start.elapsed() < PATIENCE, "the window does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // The web processes go after it.
        tokio::time::sleep(Duration::from_millis(500)).await;
        Ok(())
    }

    async fn shown(&self) -> Result<Pixels> {
        self.item.activate().await?;
        self.eyes.rest(LIST).await
    }

    async fn cold(&self, report: &mut Report) -> Result<()> {
        report.say("opening the window from the tray, each time from nothing");
        self.linger(0).await?;
        self.shown().await?;
        // A mail is open, and will be again.
        self.eyes.click(LIST.x, LIST.y + 20)?;
        // A row under the pointer looks different, and a new window does not always know where the pointer is.
        self.eyes.leave()?;
        self.eyes.rest(LIST).await?;
        self.end().await?;
        let reference = self.shown().await?;
        let mut took = Vec::new();
        for _ in 0..RUNS {
            self.end().await?;
            let from = Instant::now();
            self.item.activate().await?;
            let drawn = self.eyes.until(LIST, from, |seen| *seen == reference).await?;
            took.push(drawn.as_secs_f64() * 1e3);
            self.eyes.rest(LIST).await?;
        }
        let name = "click in the tray -> list drawn, cold";
        report.figure(
            &format!("{name}, median of {RUNS}"),
            median(took.clone()),
            Unit::Ms,
            Some(500.0),
        )?;
        report.figure(
            &format!("{name}, slowest"),
            took.into_iter().fold(0.0, f64::max),
            Unit::Ms,
            None,
        )
    }

    async fn lingering(&self, report: &mut Report) -> Result<()> {
        report.say("closing the window and bringing it back while it lingers");
        self.linger(10).await?;
        let reference = self.eyes.rest(LIST).await?;
        let mut took = Vec::new();
        for _ in 0..RUNS {
            self.close().await?;
            self.eyes.until(LIST, Instant::now(), |seen| *seen != reference).await?;
            // It rests a while, as a closed window does.
            tokio::time::sleep(Duration::from_secs(2)).await;
            let from = Instant::now();
            self.item.activate().await?;
            let drawn = self.eyes.until(LIST, from, |seen| *seen == reference).await?;
            took.push(drawn.as_secs_f64() * 1e3);
            self.eyes.rest(LIST).await?;
        }
        let name = "click in the tray -> list drawn, lingering";
        report.figure(
            &format!("{name}, median of {RUNS}"),
            median(took.clone()),
            Unit::Ms,
            Some(120.0),
        )?;
        report.figure(
            &format!("{name}, slowest"),
            took.into_iter().fold(0.0, f64::max),
            Unit::Ms,
            None,
        )
    }

    async fn touches(&self, report: &mut Report) -> Result<()> {
        report.say("keys and clicks in the real window");
        let mut keys = Vec::new();
        for turn in 0..TOUCHES {
            // Down and up by turns: the list stands still.
            let before = self.eyes.look(LIST)?;
            let from = Instant::now();
            self.eyes.press(if turn % 2 == 0 { 'j' } else { 'k' })?;
            let moved = self.eyes.until(LIST, from, |seen| *seen != before).await?;
            keys.push(moved.as_secs_f64() * 1e3);
            tokio::time::sleep(Duration::from_millis(400)).await;
        }
        let beside = self.clicks(1, Duration::ZERO).await?;
        let pointed = self.clicks(3, POINTED).await?;
        let far = self.clicks(3, Duration::ZERO).await?;
        for (name, mut values, aim) in [
            ("key -> selection moved, real window", keys, 16.0),
            ("click -> mail drawn, the one beside, real window", beside, 50.0),
            ("click -> mail drawn, pointed at before, real window", pointed, 50.0),
            ("click -> mail drawn, out of nowhere, real window", far, 50.0),
        ] {
            values.sort_by(f64::total_cmp);
            report.figure(&format!("{name}: p50"), percentile(&values, 50), Unit::Ms, None)?;
            report.figure(&format!("{name}: p95"), percentile(&values, 95), Unit::Ms, Some(aim))?;
        }
        Ok(())
    }

    /// Clicks two mails by turns that lie an odd number of rows apart, after the pointer has rested on each for a while;
    /// how long each took to be drawn, in milliseconds.
    async fn clicks(&self, rows: i16, pointed: Duration) -> Result<Vec<f64>> {
        let mut took = Vec::new();
        for turn in 0..TOUCHES {
            let before = self.eyes.look(MAIL)?;
            let y = LIST.y + 20 + if turn % 2 == 0 { rows * ROW } else { 0 };
            if !pointed.is_zero() {
                self.eyes.point(LIST.x, y)?;
                tokio::time::sleep(pointed).await;
            }
            let from = Instant::now();
            self.eyes.click(LIST.x, y)?;
            let plain = |seen: &Pixels| seen.chunks(4).all(|each| Some(each) == seen.get(..4));
            let white = |seen: &Pixels| seen.iter().take(3).all(|part| *part > 0xf0);
            let drawn = self
                .eyes
                .until(MAIL, from, |seen| *seen != before && plain(seen) && !white(seen))
                .await?;
            took.push(drawn.as_secs_f64() * 1e3);
            tokio::time::sleep(Duration::from_millis(400)).await;
        }
        Ok(took)
    }

    /// Opens mails one after the other; what the window's processes take then.
    async fn memory(&self, report: &mut Report) -> Result<f64> {
        report.say("opening 500 mails one after the other");
        let pid = self.window_pid().context("no window")?;
        report.figure("memory of the window, before", rested(pid).await?, Unit::Mb, None)?;
        for _ in 0..READ {
            let before = self.eyes.look(LIST)?;
            self.eyes.press('j')?;
            self.eyes.until(LIST, Instant::now(), |seen| *seen != before).await?;
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        let ours = rested(pid).await?;
        report.figure("memory of the window, after them", ours, Unit::Mb, None)?;
        parts(report, pid)?;
        Ok(ours)
    }

    /// The least window with the text of a mail in it.
    async fn bare(&self, report: &mut Report, mail: MailId, ours: Option<f64>) -> Result<()> {
        report.say("the least window with a mail in it");
        let wish = BodyParams::of(mail);
        let Body::Ready { html, .. } = self.client.call(call::MailBody, wish).await? else {
            anyhow::bail!("the text is gone");
        };
        let page = self.house.home().join("bare.html");
        std::fs::write(&page, format!("<!doctype html><meta charset=utf-8>{html}"))?;
        let program = PathBuf::from(std::env::var_os("QIYOU_BARE").context("QIYOU_BARE names the bare window")?);
        let (mut took, mut memory) = (Vec::new(), Vec::new());
        let mut reference = None;
        for _ in 0..=RUNS / 2 {
            let from = Instant::now();
            let mut window = self
                .session
                .command(&program)
                .arg(&page)
                .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
                .spawn()
                .context("starting the bare window")?;
            match &reference {
                None => reference = Some(self.eyes.rest(BARE).await?),
                Some(reference) => {
                    let drawn = self.eyes.until(BARE, from, |seen| seen == reference).await?;
                    took.push(drawn.as_secs_f64() * 1e3);
                }
            }
            memory.push(rested(window.id()).await?);
            if memory.len() == 1 {
                parts(report, window.id())?;
            }
            window.kill()?;
            window.wait()?;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        report.figure("start -> drawn of a bare window, median", median(took), Unit::Ms, None)?;
        let bare = median(memory);
        report.figure("memory of a bare window with a mail in it", bare, Unit::Mb, None)?;
        if let Some(ours) = ours {
            let name = "memory of the window / of a bare one";
            report.figure(name, ours / bare, Unit::Times, Some(1.15))?;
        }
        Ok(())
    }
}

/// What each of a window's processes takes.
fn parts(report: &mut Report, pid: u32) -> Result<()> {
    for (process, name) in tree(pid) {
        let (pss, _) = pss_mb(process)?;
        report.figure(&format!("of it {name}"), pss, Unit::Mb, None)?;
    }
    Ok(())
}

/// A process and all below it.
fn tree(pid: u32) -> Vec<(u32, String)> {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let mut all = vec![(pid, name.trim().to_owned())];
    for (child, _) in children(pid) {
        all.extend(tree(child));
    }
    all
}

/// What a window's processes take after some seconds of rest, in MB.
async fn rested(pid: u32) -> Result<f64> {
    tokio::time::sleep(Duration::from_secs(10)).await;
    let mut sum = 0.0;
    for (process, _) in tree(pid) {
        sum += pss_mb(process)?.0;
    }
    Ok(sum)
}
