//! The demo on a machine without a screen: a virtual desktop with a panel and its own bubbles, a mouse that clicks, and
//! pictures of what was there. It ends with success only when everything was really seen.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use qiyou_api::{Client, Event, FoldersParams, Language, MailId, Nothing, call};
use qiyou_testkit::desktop::{Options, Session};
use tokio::sync::mpsc;

use super::{Clock, Sandbox};
use crate::house::{House, PATIENCE, wait_for};
use crate::screen::{click, seen, title};

/// All of it.
const LIMIT: Duration = Duration::from_secs(115);
/// Between two looks at the screen.
const LOOK: Duration = Duration::from_millis(100);

/// Runs, and leaves pictures and `transcript.md` in `folder`.
pub async fn run(folder: &Path) -> Result<ExitCode> {
    std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let mut transcript = Transcript {
        clock: Clock::start(),
        text: "# Qiyou, demonstrated\n\n".to_owned(),
    };
    let told = tokio::time::timeout(LIMIT, tell(folder, &mut transcript))
        .await
        .context("it took too long");
    let ended = told.and_then(|told| told);
    match &ended {
        Ok(()) => transcript.say("Everything was seen."),
        Err(error) => transcript.say(&format!("**Failed**: {error:#}")),
    }
    let file = folder.join("transcript.md");
    std::fs::write(&file, &transcript.text).with_context(|| format!("writing {}", file.display()))?;
    eprintln!("pictures and transcript: {}", folder.display());
    Ok(if ended.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

struct Transcript {
    clock: Clock,
    text: String,
}

impl Transcript {
    fn say(&mut self, what: &str) {
        self.clock.say(what);
        let _ = writeln!(self.text, "- {} · {what}", self.clock.read());
    }

    fn picture(&mut self, session: &Session, folder: &Path, name: &str, caption: &str) -> Result<()> {
        session.screenshot(folder.join(name))?;
        self.clock.say(&format!("picture: {name}"));
        let _ = writeln!(self.text, "\n![{caption}]({name})\n");
        Ok(())
    }
}

async fn tell(folder: &Path, transcript: &mut Transcript) -> Result<()> {
    let session = Session::start_with(Options::whole()).await?;
    transcript.say("a desktop with a panel and a notification server, without a screen");
    let mut sandbox = Sandbox::start(transcript.clock).await?;
    let mut environment = session.environment().clone();
    // Xvfb has no graphics card to share buffers with.
    environment.insert("WEBKIT_DISABLE_DMABUF_RENDERER".to_owned(), "1".to_owned());
    let house = House::start(environment).await?;
    transcript.say("the agent answers");
    let acted = act(folder, transcript, &session, &mut sandbox, &house).await;
    acted.with_context(|| format!("the agent wrote:\n{}", house.said()))
}

async fn act(
    folder: &Path,
    transcript: &mut Transcript,
    session: &Session,
    sandbox: &mut Sandbox,
    house: &House,
) -> Result<()> {
    let (client, mut events) = house.client().await?;
    let mut settings = client.call(call::SettingsGet, Nothing {}).await?;
    settings.language = Language::ZhCn;
    client.call(call::SettingsSet, settings).await?;
    sandbox.move_in(house, transcript.clock)?;
    let count = synced(&client).await?;
    transcript.say(&format!("two accounts added by command line, {count} mails known"));
    let status = client.call(call::Status, Nothing {}).await?;
    ensure!(status.tray, "the panel shows no tray icon");
    ensure!(status.trouble.is_none(), "the agent has trouble: {:?}", status.trouble);
    transcript.say(&format!("its icon is in the tray; unread: {}", status.unread));

    let mut window = Window::start(house)?;
    let title = shown(session).await?;
    transcript.say(&format!("the window is up: {title}"));
    settle().await;
    transcript.picture(session, folder, "1-window.png", "The window with the inbox")?;
    window.end();

    sandbox.deliver().await?;
    let (mail, from, subject) = arrived(&mut events).await?;
    transcript.say(&format!("a mail arrived: {from} · {subject}"));
    wait_for(&mut events, "the bubble", |event| {
        matches!(event, Event::BubbleShown { mail: of } if *of == mail).then_some(())
    })
    .await?;
    let bubble = seen(session, "xfce4-notifyd")
        .await
        .context("no bubble on the screen")?;
    settle().await;
    transcript.picture(session, folder, "2-bubble.png", "The bubble")?;
    transcript.say("the bubble is on the screen");

    // The first button of the row at its lower edge: "open". This server does not take a click on the text for one.
    click(session, &bubble, 20, 32)?;
    let title = shown(session).await.context("the bubble's button opened no window")?;
    opened(&client, &mut events, mail)
        .await
        .context("the window did not open the mail")?;
    transcript.say(&format!(
        "a click on its first button opened the window on that mail: {title}"
    ));
    settle().await;
    transcript.picture(session, folder, "3-mail.png", "The mail of the bubble, opened")?;
    let _ = client.call(call::Quit, Nothing {}).await;
    Ok(())
}

/// Waits until every mail of every folder is known; how many they are.
async fn synced(client: &Client) -> Result<u32> {
    let known = async {
        loop {
            let folders = client.call(call::FoldersList, FoldersParams { account: None }).await?;
            let total: u32 = folders.iter().map(|folder| folder.total).sum();
            if total > 0 && folders.iter().all(|folder| folder.synced >= folder.total) {
                return Ok(total);
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(PATIENCE, known)
        .await
        .context("the first sync does not end")?
}

async fn arrived(events: &mut mpsc::Receiver<(u64, Event)>) -> Result<(MailId, String, String)> {
    wait_for(events, "the new mail", |event| match event {
        Event::MailArrived { rows, .. } => rows.first().map(|row| {
            let from = if row.from.name.is_empty() {
                &row.from.address
            } else {
                &row.from.name
            };
            (row.id, from.clone(), row.subject.clone())
        }),
        _ => None,
    })
    .await
}

/// An opened mail becomes a read one.
async fn opened(client: &Client, events: &mut mpsc::Receiver<(u64, Event)>, mail: MailId) -> Result<()> {
    if !client
        .call(call::MailGet, qiyou_api::MailParams { mail })
        .await?
        .row
        .unread
    {
        return Ok(());
    }
    wait_for(events, "the mail to be read", |event| match event {
        Event::MailChanged { rows } => rows.iter().find(|row| row.id == mail && !row.unread).map(|_| ()),
        _ => None,
    })
    .await
}

/// The page has painted what it knows; nothing tells of that from outside.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(2500)).await;
}

/// Waits until the window stands there with a title that its page gave it.
async fn shown(session: &Session) -> Result<String> {
    let window = seen(session, "qiyou").await.context("no window on the screen")?;
    let named = async {
        loop {
            let title = title(session, &window);
            // The page writes the number of unread mails into it; until it has asked the agent, there is none.
            if title.contains(|c: char| c.is_ascii_digit()) {
                return title;
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(PATIENCE, named)
        .await
        .context("the window's page does not start")
}

struct Window(Child);

impl Window {
    fn start(house: &House) -> Result<Self> {
        let mut command = house.command("qiyou")?;
        command.stdin(Stdio::null());
        Ok(Self(command.spawn().context("starting the window")?))
    }

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
