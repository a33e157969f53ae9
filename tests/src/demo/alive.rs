//! The demo on a desktop that somebody looks at.

use std::process::{Child, ExitCode};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use qiyou_api::{AccountParams, Event, Nothing, call};

use super::{Clock, Sandbox};
use crate::company::Office;
use crate::house::House;

/// Between two new mails.
const EVERY: Duration = Duration::from_secs(20);

/// Runs until Ctrl-C.
pub async fn run() -> Result<ExitCode> {
    let clock = Clock::start();
    if cfg!(target_os = "linux")
        && ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .all(|name| std::env::var_os(name).is_none())
    {
        bail!("there is no display here; `cargo xtask demo --headless` runs in a virtual one");
    }
    let mut sandbox = Sandbox::start(clock).await?;
    let office = Office::start("qiyou.example").await?;
    let house = House::start([("QIYOU_BRIDGE".to_owned(), office.bridge().to_string())]).await?;
    clock.say("agent started: look for the envelope in the tray");
    sandbox.move_in(&house, clock)?;
    let mut window = Window(house.command("qiyou")?.spawn().context("starting the window")?);
    clock.say("window started; a new mail comes every 20 s; Ctrl-C ends everything");

    clock.say("sign in by WeCom: settings > accounts; the page that opens has a phone to scan with");

    let (client, mut events) = house.client().await?;
    let mut tick = tokio::time::interval(EVERY);
    tick.tick().await;
    loop {
        tokio::select! {
            ended = tokio::signal::ctrl_c() => { ended?; break }
            _ = tick.tick() => sandbox.deliver().await?,
            event = events.recv() => match event {
                Some((_, Event::MailArrived { rows, .. })) => {
                    for row in rows {
                        let from = if row.from.name.is_empty() { row.from.address } else { row.from.name };
                        clock.say(&format!("new: {from} · {}", row.subject));
                    }
                }
                Some(_) => {}
                None => { clock.say("the agent has ended"); break }
            }
        }
    }
    window.end();
    clock.say("cleaning up");
    // The keychain is the person's own: what the demo put there goes with it.
    if let Ok(accounts) = client.call(call::AccountsList, Nothing {}).await {
        for account in accounts {
            let _ = client
                .call(call::AccountsRemove, AccountParams { account: account.id })
                .await;
        }
    }
    let _ = client.call(call::Quit, Nothing {}).await;
    Ok(ExitCode::SUCCESS)
}

struct Window(Child);

impl Window {
    fn end(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.end();
    }
}
