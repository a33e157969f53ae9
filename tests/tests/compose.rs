//! 张三 writes in the real window, with a real input method, against a real server; 李四 gets it, and it is read as it
//! was written.
#![cfg(target_os = "linux")]

use anyhow::{Context as _, Result, ensure};
use qiyou_tests::desk::{ADDRESS, Desk, mail};
use qiyou_tests::house::PATIENCE;
use qiyou_tests::screen::xdotool;
use qiyou_tests::touch::Touch;

const WORDS: &str = ".composer .words";

fn key(desk: &Desk, name: &str) -> Result<()> {
    xdotool(&desk.session, &["key", name])?;
    Ok(())
}

fn spell(desk: &Desk, word: &str) -> Result<()> {
    xdotool(&desk.session, &["type", "--delay", "60", word])?;
    Ok(())
}

/// Waits until the first line of the editor is this.
async fn first_line(touch: &Touch, text: &str) -> Result<()> {
    touch
        .until(&format!(
            "document.querySelector('{WORDS} p')?.innerText.trim() === '{text}'"
        ))
        .await
        .with_context(|| format!("the first line is never {text}"))?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_typed_in_pinyin_sent_and_read_as_it_was_written() -> Result<()> {
    let desk = Desk::typing(&[mail(
        "table",
        "<table border=1><tr><td style=\"background:#cfe\">合计</td></tr></table>",
    )])
    .await?;
    let touch = Touch::open(&desk.session, &desk.house, &[]).await?;
    touch.read("table").await?.click().await?;
    touch.mail_text().await?;
    touch.tap(".tools button[aria-keyshortcuts='R' i]").await?;
    touch.see(WORDS).await?;
    touch
        .until("document.activeElement?.classList.contains('words')")
        .await?;

    // The Enter that takes the letters as they are breaks no line; space and numbers choose a candidate.
    spell(&desk, "haode")?;
    key(&desk, "Return")?;
    first_line(&touch, "haode").await?;
    key(&desk, "ctrl+a")?;
    spell(&desk, "nihao")?;
    key(&desk, "space")?;
    first_line(&touch, "你好").await?;
    // What is given up leaves nothing, and the Escape is the input method's: the mail stays open.
    spell(&desk, "shijie")?;
    key(&desk, "Escape")?;
    first_line(&touch, "你好").await?;
    spell(&desk, "shijie")?;
    key(&desk, "1")?;
    first_line(&touch, "你好世界").await?;
    ensure!(desk.dovecot.sink().mails().is_empty(), "nothing went");
    key(&desk, "ctrl+Return")?;
    touch.see(".toast button").await?;

    let sent = desk.dovecot.sink().wait_for_mails(1, PATIENCE).await?;
    let raw = &sent.first().context("one mail went")?.data;
    let text = String::from_utf8_lossy(raw);
    ensure!(text.contains("In-Reply-To: <"), "{text}");
    ensure!(!text.contains("haode"), "{text}");

    // 李四's reading is ours: the same window shows what came.
    let back = text.replacen("Subject: ", "Subject: back ", 1);
    desk.dovecot.deliver(ADDRESS, back.as_bytes()).await?;
    touch.read("back").await?.click().await?;
    touch.see_path("//main//h1[contains(., 'back')]").await?;
    let shown = touch.mail_text().await?;
    ensure!(shown.contains("你好") && shown.contains("合计"), "{shown}");
    Ok(())
}
