//! WebKit's process dies under 李四's eyes.
#![cfg(target_os = "linux")]

use std::process::Child;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use qiyou_api::{Language, Nothing, call};
use qiyou_testkit::desktop::Session;
use qiyou_tests::house::{House, PATIENCE};
use qiyou_tests::screen::{seen, title, xdotool};

struct Window(Child);

impl Drop for Window {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
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

    let dead = web_processes(window.0.id());
    ensure!(dead.len() == 1, "one page has one process: {dead:?}");
    for pid in &dead {
        ensure!(
            std::process::Command::new("kill")
                .args(["-9", &pid.to_string()])
                .status()?
                .success()
        );
    }
    until("the page does not come back", || named(words)).await?;
    let alive = web_processes(window.0.id());
    ensure!(alive.len() == 1 && alive != dead, "a new process shows it: {alive:?}");
    ensure!(window.0.try_wait()?.is_none(), "the window's own process lives on");
    Ok(())
}
