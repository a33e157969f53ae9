//! 张三 types Chinese with a real input method: pinyin, whose own keys are not the window's.
#![cfg(target_os = "linux")]

use anyhow::{Result, ensure};
use qiyou_tests::desk::{ADDRESS, Desk, mail};
use qiyou_tests::screen::xdotool;
use qiyou_tests::touch::Touch;

/// What stands in the field that has the keyboard.
const FIELD: &str = "document.activeElement?.value";

/// Spells a word, as fast as a person does. The letters stay with the input method until a key decides.
fn spell(desk: &Desk, word: &str) -> Result<()> {
    xdotool(&desk.session, &["type", "--delay", "60", word])?;
    Ok(())
}

fn key(desk: &Desk, name: &str) -> Result<()> {
    xdotool(&desk.session, &["key", name])?;
    Ok(())
}

async fn holds(touch: &Touch, text: &str) -> Result<()> {
    touch.until(&format!("{FIELD} === '{text}'")).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_named_and_a_command_is_found_in_pinyin() -> Result<()> {
    let desk = Desk::typing(&[mail("first", "<p>An earlier mail.</p>")]).await?;
    let touch = Touch::open(&desk.session, &desk.house, &[]).await?;
    touch.read("first").await?;

    // A new folder. The Enter that takes the letters as they are, and the Escape that gives them up, are the input
    // method's; the next Enter is the window's.
    touch.tap("[data-folder]").await?;
    key(&desk, "ctrl+shift+e")?;
    touch.until("document.activeElement?.tagName === 'INPUT'").await?;
    spell(&desk, "ceshi")?;
    key(&desk, "Escape")?;
    spell(&desk, "ceshi")?;
    key(&desk, "Return")?;
    holds(&touch, "ceshi").await?;
    key(&desk, "ctrl+a")?;
    spell(&desk, "ceshi")?;
    key(&desk, "space")?;
    holds(&touch, "测试").await?;
    key(&desk, "Return")?;
    touch.see_path("//*[@role='treeitem'][contains(., '测试')]").await?;
    let mut imap = desk.dovecot.session(ADDRESS).await?;
    let folders = imap.command("LIST \"\" *").await?.all();
    ensure!(folders.contains("&bUuL1Q-"), "测试 is on the server: {folders}");
    ensure!(!folders.contains("ceshi"), "and nothing that was not meant: {folders}");

    // The palette: it stays while the input method is asked, looks when the word is there, and does what Enter says.
    key(&desk, "ctrl+k")?;
    touch.until("document.activeElement?.role === 'combobox'").await?;
    spell(&desk, "shezhi")?;
    key(&desk, "Escape")?;
    spell(&desk, "shezhi")?;
    key(&desk, "space")?;
    holds(&touch, "设置").await?;
    touch.see_path("//*[@role='option'][contains(., '设置')]").await?;
    key(&desk, "Return")?;
    touch
        .see("[role='dialog'] input[type='search'], [role='dialog'] [role='searchbox']")
        .await?;

    // And the search of the settings.
    touch
        .tap("[role='dialog'] input[type='search'], [role='dialog'] [role='searchbox']")
        .await?;
    spell(&desk, "waiguan")?;
    key(&desk, "space")?;
    holds(&touch, "外观").await?;
    touch
        .see_path("//*[@role='dialog']//*[contains(text(), '外观')]")
        .await?;
    touch.close().await
}
