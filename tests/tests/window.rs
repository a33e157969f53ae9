//! 张三's first day with Qiyou, in the real window, on a desktop without a screen, against a real mail server.
#![cfg(target_os = "linux")]

use anyhow::{Context as _, Result, ensure};
use qiyou_testkit::desktop::NotificationRecorder;
use qiyou_testkit::dovecot::Dovecot;
use qiyou_tests::desk::{ADDRESS, Desk, PASSWORD, mail};
use qiyou_tests::house::PATIENCE;
use qiyou_tests::touch::Touch;

/// Waits until a search in a folder of the server finds that many mails.
async fn on_server(dovecot: &Dovecot, folder: &str, count: usize) -> Result<()> {
    let mut imap = dovecot.session(ADDRESS).await?;
    let found = async {
        loop {
            let reply = imap
                .command(&format!(
                    "STATUS {} (MESSAGES)",
                    qiyou_testkit::raw_imap::mailbox(folder)
                ))
                .await?;
            if reply.all().contains(&format!("MESSAGES {count})")) {
                return anyhow::Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, found)
        .await
        .with_context(|| format!("{folder} never held {count} mails"))?
}

/// Fills in a field as a person would who first empties it.
async fn fill(touch: &Touch, css: &str, text: &str) -> Result<()> {
    let field = touch.see(css).await?;
    field.clear().await?;
    field.send_keys(text).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_added_and_a_mail_arrives_is_opened_archived_and_brought_back() -> Result<()> {
    let desk = Desk::empty().await?;
    let Desk {
        house,
        dovecot,
        session,
        ..
    } = &desk;
    let bubbles = NotificationRecorder::start(session.bus()).await?;
    dovecot
        .deliver(ADDRESS, &mail("first", "<p>An earlier mail.</p>"))
        .await?;
    let touch = Touch::open(session, house, &[]).await?;

    // The account, by the form.
    fill(&touch, "#address", ADDRESS).await?;
    touch.tap("form button:not([type]):not([disabled])").await?;
    let imap = touch.see("#imap-host, .found button.link").await?;
    if imap.tag_name().await? == "button" {
        imap.click().await?;
    }
    for (protocol, port) in [("imap", dovecot.imap_port()), ("smtp", dovecot.submission_port())] {
        fill(&touch, &format!("#{protocol}-host"), "127.0.0.1").await?;
        touch
            .see(&format!("#{protocol}-security"))
            .await?
            .select_by_value("none")
            .await?;
        fill(&touch, &format!("#{protocol}-port"), &port.to_string()).await?;
        fill(&touch, &format!("#{protocol}-user"), ADDRESS).await?;
    }
    touch.tap("form button:not([type]):not([disabled])").await?;
    fill(&touch, "#secret", PASSWORD).await?;
    touch.tap("form button:not([type]):not([disabled])").await?;
    touch.see("fieldset").await?;
    touch.tap(".buttons button.first").await?;
    touch.read("first").await.context("the earlier mail is in the list")?;

    // A mail arrives and is told of.
    dovecot
        .deliver(
            ADDRESS,
            &mail(
                "second",
                "<p>See <a href=\"https://example.com/report?a=1\">the report</a>.</p>",
            ),
        )
        .await?;
    let bubble = bubbles.next().await?;
    ensure!(
        format!("{} {}", bubble.summary, bubble.body).contains("second"),
        "{bubble:?}"
    );
    ensure!(
        format!("{} {}", bubble.summary, bubble.body).contains("李四"),
        "{bubble:?}"
    );
    touch.read("second").await.context("it is in the list")?;

    // A click on the bubble opens it.
    bubbles.click(bubble.id, "default").await?;
    touch.see_path("//h1[contains(normalize-space(.), 'second')]").await?;
    ensure!(
        touch.mail_text().await?.contains("See the report."),
        "its text is shown"
    );

    // Archived, here and on the server; and brought back.
    touch.tap("button[aria-keyshortcuts='E' i]").await?;
    touch.see(".toast button").await?;
    on_server(dovecot, "归档", 1).await?;
    on_server(dovecot, "INBOX", 1).await?;
    touch.tap(".toast button").await?;
    on_server(dovecot, "INBOX", 2).await?;
    on_server(dovecot, "归档", 0).await?;
    touch.see_path("//*[@role='option'][contains(., 'second')]").await?;
    touch.tap_path("//*[@role='option'][contains(., 'second')]").await?;
    touch.mail_text().await?;

    // A link in it opens the system's browser once, and leaves the mail where it is.
    touch.follow(session, "main a").await?;
    let wanted = ["https://example.com/report?a=1"];
    ensure!(desk.asked_for(1).await? == wanted, "opened: {:?}", desk.asked());
    ensure!(
        touch.mail_text().await?.contains("See the report."),
        "the mail is still shown"
    );

    // After a click into the text, which the frame alone hears, the keys still mean what they mean.
    touch
        .until("document.querySelector('iframe.now')?.contentDocument?.querySelector('main p') !== null")
        .await?;
    touch.follow(session, "main p").await?;
    touch.until("document.activeElement?.dataset.keys === 'list'").await?;
    qiyou_tests::screen::xdotool(session, &["key", "e"])?;
    on_server(dovecot, "归档", 1).await?;
    ensure!(desk.asked() == wanted, "opened more than once: {:?}", desk.asked());
    touch.close().await
}
