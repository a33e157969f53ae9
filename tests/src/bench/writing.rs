//! Writing: Send with a large file, and what attaching a larger one costs in memory.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use qiyou_api::{
    Address, DraftAttachParams, DraftContent, DraftCreateParams, DraftSendParams, Nothing, OutboxState, call,
};
use qiyou_testkit::dovecot::{Dovecot, Options};
use qiyou_testkit::smtp::SmtpServer;

use super::process::{forget_peak, peak_mb, pss_mb};
use super::report::{Report, Unit};
use super::world::{PASSWORD, USER};
use crate::desk::{Desk, mail};
use crate::house::{Account, House};
use crate::screen::xdotool;
use crate::touch::Touch;

const RUNS: usize = 15;
const FILE: usize = 20 << 20;
const LARGE: usize = 60 << 20;

pub(super) async fn measure(report: &mut Report) -> Result<()> {
    report.say("writing with large files");
    let server = Dovecot::start(Options::for_user(USER, PASSWORD)).await?;
    // Dovecot's submission takes 40 MB.
    let post = SmtpServer::builder()
        .user(USER, PASSWORD)
        .size_limit(200 << 20)
        .start()?;
    let session = qiyou_testkit::desktop::Session::start().await?;
    let house = House::start(session.environment().clone()).await?;
    house.add(&Account {
        address: USER,
        name: "张三",
        password: PASSWORD,
        imap_port: server.imap_port(),
        smtp_port: post.port(),
    })?;
    let (client, _events) = house.client().await?;
    let path = house.home().join("large.bin");
    let bytes: Vec<u8> = (0..LARGE).map(|n| u8::try_from(n % 251).unwrap_or(0)).collect();
    std::fs::write(&path, bytes.get(..FILE).context("a slice")?)?;
    let attach = async |path: &std::path::Path| -> Result<qiyou_api::Draft> {
        let draft = client.call(call::DraftCreate, DraftCreateParams::default()).await?;
        let path = path.to_str().context("a path")?.to_owned();
        client
            .call(call::DraftAttach, DraftAttachParams { id: draft.id, path })
            .await?;
        Ok(draft)
    };
    let mut took = Vec::new();
    for n in 0..RUNS {
        let draft = attach(&path).await?;
        let content = DraftContent {
            to: vec![Address {
                name: "李四".into(),
                address: "lisi@example.com".into(),
            }],
            subject: format!("large {n}"),
            html: "<p>请见附件</p>".into(),
            ..draft.content
        };
        // It stays until the end: what goes meanwhile would be measured, too.
        let at = Some(draft.created.saturating_add(3600));
        let before = Instant::now();
        client
            .call(
                call::DraftSend,
                DraftSendParams {
                    id: draft.id,
                    content,
                    at,
                },
            )
            .await?;
        took.push(before.elapsed().as_secs_f64() * 1e3);
    }
    report.spread("Send with a file of 20 MB", took, [None, Some(50.0), None])?;

    std::fs::write(&path, &bytes)?;
    drop(bytes);
    let pid = house.agent_pid().context("no agent")?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let rest = pss_mb(pid)?.0;
    let counted = forget_peak(pid);
    let begun = peak_mb(pid)?;
    let draft = attach(&path).await?;
    if counted {
        let more = peak_mb(pid)? - begun;
        report.figure("attaching 60 MB, memory above before", more, Unit::Mb, Some(15.0))?;
    }
    let content = DraftContent {
        to: vec![Address {
            name: String::new(),
            address: "lisi@example.com".into(),
        }],
        subject: "sixty".into(),
        ..draft.content
    };
    forget_peak(pid);
    let begun = peak_mb(pid)?;
    let before = Instant::now();
    let params = DraftSendParams {
        id: draft.id,
        content,
        at: Some(0),
    };
    let entry = client.call(call::DraftSend, params).await?;
    // A server that is new is looked at for a while before its sent-box is filled.
    let mut accepted = None;
    let filed = loop {
        ensure!(before.elapsed() < Duration::from_mins(4), "60 MB are not sent");
        let all = client.call(call::OutboxList, Nothing {}).await?;
        let now = all.into_iter().find(|each| each.id == entry.id).context("it is gone")?;
        match now.state {
            OutboxState::Refused | OutboxState::NeedsYou => bail!("{:?}: {:?}", now.state, now.cause),
            OutboxState::Filing => _ = accepted.get_or_insert_with(|| before.elapsed()),
            OutboxState::Sent => break before.elapsed(),
            _ => {}
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    report.figure(
        "60 MB handed over",
        accepted.unwrap_or(filed).as_secs_f64(),
        Unit::Seconds,
        None,
    )?;
    if counted {
        let more = peak_mb(pid)? - begun;
        report.figure("sending 60 MB, memory above before", more, Unit::Mb, Some(15.0))?;
    }
    report.figure("agent before, PSS", rest, Unit::Mb, None)?;
    typing(report).await
}

/// From the key that answers to the caret, and from a key to what it shows, in the real window: when the next frame was
/// drawn after the page was as it should be.
const METER: &str = "
    window.meter = { spans: [], until(test) {
        addEventListener('keydown', ({ timeStamp }) => {
            const look = () => test()
                ? requestAnimationFrame(() => setTimeout(() => this.spans.push(performance.now() - timeStamp)))
                : requestAnimationFrame(look);
            look();
        }, { once: true, capture: true });
    } };";
const ANSWERS: usize = 20;
const KEYS: usize = 100;

async fn typing(report: &mut Report) -> Result<()> {
    report.say("writing in the real window");
    let table = "<table><tr><td style=\"color:#123\">合计</td><td>一二三四五六七八九十</td></tr></table>\r\n";
    let desk = Desk::with(&[mail("long", &table.repeat(2300))]).await?;
    let touch = Touch::open(&desk.session, &desk.house, &[]).await?;
    touch.read("long").await?.click().await?;
    touch.mail_text().await?;
    let run = async |script: &str| touch.page().execute(script, vec![]).await;
    run(METER).await?;
    let key = |name: &str| xdotool(&desk.session, &["key", name]).map(drop);
    let span = async || -> Result<f64> {
        touch.until("window.meter.spans.length > 0").await?;
        let span = touch
            .page()
            .execute("return window.meter.spans.splice(0)[0]", vec![])
            .await?;
        span.as_f64().context("a time")
    };
    let mut carets = Vec::new();
    for _ in 0..ANSWERS {
        run("window.meter.until(() => document.activeElement?.classList.contains('words') === true)").await?;
        key("r")?;
        carets.push(span().await?);
        key("Escape")?;
        touch.until("document.querySelector('.composer') === null").await?;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let cold = carets.remove(0);
    report.figure("reply to caret, the first", cold / 1e3, Unit::Seconds, Some(0.55))?;
    report.spread("reply to caret", carets, [None, Some(200.0), None])?;
    key("r")?;
    touch.see(".composer .words").await?;
    touch.tap(".composer .fold").await?;
    touch
        .until("document.querySelector('.composer iframe.drawn') !== null")
        .await?;
    touch.tap(".composer .words p").await?;
    let mut keys = Vec::new();
    for _ in 0..KEYS {
        run("const words = document.querySelector('.composer .words p');
             const before = words.textContent.length;
             window.meter.until(() => words.textContent.length > before)")
        .await?;
        key("a")?;
        keys.push(span().await?);
    }
    report.spread("a key under a quote of 200 KB", keys, [None, Some(16.0), None])
}
