//! WebKit's process dies under 张三's eyes, and the agent while he scrolls.
#![cfg(target_os = "linux")]

use std::process::Child;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use qiyou_api::{Language, Nothing, call};
use qiyou_testkit::desktop::Session;
use qiyou_tests::desk::{ADDRESS, Desk, mail};
use qiyou_tests::house::{House, PATIENCE};
use qiyou_tests::screen::{colour, seen, title, xdotool};
use qiyou_tests::touch::Touch;

struct Window(Child);

impl Drop for Window {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Ends the process that shows the page of a window: the one that was there first. Another may be starting, to stand
/// ready for the next page; WebKit takes the whole program down when that one dies before it has said who it is.
fn kill_page(window: u32) -> Result<u32> {
    let page = web_processes(window).into_iter().min();
    let page = page.context("no process shows the page")?;
    let mut kill = std::process::Command::new("kill");
    ensure!(kill.args(["-9", &page.to_string()]).status()?.success());
    Ok(page)
}

/// Process ids of the web processes below `parent`.
fn web_processes(parent: u32) -> Vec<u32> {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    processes
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            // `pid (name) state parent ...`; names are cut off after 15 letters, and a zombie is no process.
            stat.rsplit_once(") ").is_some_and(|(head, rest)| {
                let mut fields = rest.split(' ');
                head.ends_with("(WebKitWebProces")
                    && fields.next() != Some("Z")
                    && fields.next().and_then(|field| field.parse().ok()) == Some(parent)
            })
        })
        .collect()
}

async fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> Result<T> {
    let found = async {
        loop {
            if let Some(found) = look() {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, found)
        .await
        .with_context(|| what.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_web_process_leaves_a_living_window() -> Result<()> {
    let session = Session::start().await?;
    let mut environment = session.environment().clone();
    environment.insert("WEBKIT_DISABLE_DMABUF_RENDERER".to_owned(), "1".to_owned());
    let house = House::start(environment).await?;
    let (client, _events) = house.client().await?;
    let mut settings = client.call(call::SettingsGet, Nothing {}).await?;
    settings.language = Language::ZhCn;
    client.call(call::SettingsSet, settings).await?;
    let mut window = Window(house.command("qiyou")?.spawn()?);
    let shown = seen(&session, "qiyou").await?;
    let named = |wanted: &str| (title(&session, &shown) == wanted).then_some(());

    // The page gives the window its Chinese title. With another one there, only a page that starts anew can bring it back.
    let words = "企邮";
    until("the page does not run", || named(words)).await?;
    xdotool(&session, &["set_window", "--name", "before", &shown])?;
    until("the other title", || named("before")).await?;

    let dead = kill_page(window.0.id())?;
    until("the page does not come back", || named(words)).await?;
    let alive = web_processes(window.0.id());
    ensure!(
        !alive.is_empty() && !alive.contains(&dead),
        "a new process shows it: {alive:?}"
    );
    ensure!(window.0.try_wait()?.is_none(), "the window's own process lives on");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_comes_back_shows_the_mail_that_was_open() -> Result<()> {
    let colours = [
        ("first", [0xb0, 0x4a, 0x3a]),
        ("second", [0x1f, 0x6f, 0x8b]),
        ("third", [0x6a, 0x7a, 0x2f]),
    ];
    let mails = colours.map(|(subject, [red, green, blue])| {
        let colour = format!("background-color:rgb({red},{green},{blue});height:600px");
        mail(subject, &format!("<div style=\"{colour}\">&nbsp;</div>"))
    });
    let desk = Desk::with(&mails).await?;
    desk.settle(|settings| settings.theme = qiyou_api::Theme::Light).await?;
    let mut window = Window(desk.house.command("qiyou")?.spawn()?);
    let shown = seen(&desk.session, "qiyou").await?;
    let runs = || title(&desk.session, &shown).contains("企邮").then_some(());
    until("the page does not run", runs).await?;

    // The one in the middle; its colour fills the pane.
    let (subject, its) = until("no mail is open", || {
        xdotool(&desk.session, &["mousemove", "400", "230", "click", "1"]).ok()?;
        let now = colour(&desk.session, 900, 500).ok()?;
        colours.into_iter().find(|(_, each)| *each == now)
    })
    .await?;
    let sees = || (colour(&desk.session, 900, 500).ok() == Some(its)).then_some(());

    xdotool(&desk.session, &["set_window", "--name", "before", &shown])?;
    kill_page(window.0.id())?;
    until("the page does not come back", runs).await?;
    until("the mail does not come back", sees).await?;
    ensure!(window.0.try_wait()?.is_none(), "the window's own process lives on");

    // It is the one that is chosen, too.
    xdotool(&desk.session, &["key", "e"])?;
    let archived = async {
        let mut imap = desk.dovecot.session(ADDRESS).await?;
        loop {
            imap.command(&format!("SELECT {}", qiyou_testkit::raw_imap::mailbox("归档")))
                .await?;
            let found = imap.command(&format!("SEARCH SUBJECT {subject}")).await?.all();
            if found.contains("SEARCH 1") {
                return anyhow::Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, archived)
        .await
        .context("it was not archived")?
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_scrolls_while_the_agent_dies_goes_on_scrolling() -> Result<()> {
    let mails: Vec<_> = (0..400)
        .map(|n| mail(&format!("number {n:03}"), &format!("<p>Text {n}.</p>")))
        .collect();
    let mut desk = Desk::with(&mails).await?;
    let touch = Touch::open(&desk.session, &desk.house, &[]).await?;
    let row =
        |index: usize| format!("document.querySelector('[data-index=\"{index}\"]')?.innerText.includes('number ')");
    touch.until(&row(0)).await?;
    touch.tap("[data-index='0']").await?;
    let down = |times: usize| -> Result<()> {
        let mut keys = vec!["key", "--delay", "40"];
        keys.extend(std::iter::repeat_n("Next", times));
        xdotool(&desk.session, &keys)?;
        Ok(())
    };
    down(5)?;
    touch.until(&format!("!({}) && {}", row(0), row(30))).await?;

    // The window starts a new agent; nothing else here does. What was seen stays, and what was not comes.
    desk.house.kill_agent()?;
    down(5)?;
    xdotool(&desk.session, &["key", "End"])?;
    touch.until(&row(399)).await?;
    xdotool(&desk.session, &["key", "Home"])?;
    touch.until(&row(0)).await?;
    // What comes in now is there too.
    desk.dovecot
        .deliver(ADDRESS, &mail("the newest", "<p>New.</p>"))
        .await?;
    touch.read("the newest").await?;
    touch.close().await
}
