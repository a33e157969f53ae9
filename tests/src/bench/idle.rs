//! An agent that has worked and now has nothing to do.

use std::time::Duration;

use anyhow::{Context as _, Result};
use qiyou_api::{FoldersParams, Role, SaveAttachmentParams, Security, call};
use qiyou_testkit::mailbox;

use super::report::{Report, Unit};
use super::sync::{OTHERS, Synced};
use super::world::{PASSWORD, USER};
use super::{Options, process};

/// Bytes of the large attachment, decoded.
const LARGE: usize = 50 << 20;
const NOW: i64 = 1_795_309_200;

pub(super) async fn measure(options: &Options, report: &mut Report, synced: Synced) -> Result<()> {
    let Synced {
        mut world,
        server,
        account,
        _certificates,
    } = synced;
    let pid = world.pid()?;
    let (before, _) = process::pss_mb(pid)?;
    report.figure("PSS at once after the first sync", before, Unit::Mb, None)?;
    for other in OTHERS {
        let added = world
            .add(
                other,
                PASSWORD,
                Security::Tls,
                server.imaps_port(),
                server.submissions_port(),
            )
            .await?;
        world.settled(&added).await?;
    }
    report.say(&format!(
        "{} arrivals and an attachment of 50 MB before the rest",
        options.arrivals
    ));
    for number in 0..options.arrivals {
        world.drain();
        server.deliver(USER, &mailbox::mail(5000 + number as u64, NOW)).await?;
        world
            .bubbles
            .next()
            .await
            .with_context(|| format!("arrival {number}"))?;
    }
    server.save(USER, "INBOX", &large_mail(), "\\Seen").await?;
    let folders = world
        .client
        .call(
            call::FoldersList,
            FoldersParams {
                account: Some(account.id),
            },
        )
        .await?;
    let inbox = folders.iter().find(|f| f.role == Role::Inbox).context("no inbox")?.id;
    let mail = tokio::time::timeout(Duration::from_mins(1), async {
        loop {
            world.drain();
            let page = world.list(inbox, 5).await?;
            if let Some(row) = page.rows.iter().find(|row| row.subject == "large") {
                return anyhow::Ok(row.id);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    })
    .await
    .context("the large mail never came")??;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("large.bin");
    process::forget_peak(pid);
    let params = SaveAttachmentParams {
        mail,
        index: 0,
        path: path.to_string_lossy().into_owned(),
    };
    let began = std::time::Instant::now();
    world
        .client
        .call(call::MailSaveAttachment, params)
        .await
        .context("save the attachment")?;
    report.figure(
        "attachment of 50 MB saved in",
        began.elapsed().as_secs_f64(),
        Unit::Seconds,
        None,
    )?;
    report.figure(
        "attachment of 50 MB: peak of memory",
        process::peak_mb(pid)?,
        Unit::Mb,
        Some(60.0),
    )?;
    anyhow::ensure!(
        path.metadata()?.len() == LARGE as u64,
        "the attachment has {} bytes",
        path.metadata()?.len()
    );

    report.say(&format!(
        "resting {} s, then watching {} s",
        options.rest.as_secs(),
        options.watch.as_secs()
    ));
    tokio::time::sleep(options.rest).await;
    world.drain();
    let before = process::look(pid)?;
    tokio::time::sleep(options.watch).await;
    let happened = process::between(&before, &process::look(pid)?);
    let (pss, private) = process::pss_mb(pid)?;
    let seconds = options.watch.as_secs_f64();
    report.figure("idle, three accounts: PSS", pss, Unit::Mb, Some(16.0))?;
    report.figure("idle: of it private and dirty", private, Unit::Mb, None)?;
    report.figure(
        "idle: wake-ups",
        happened.switches as f64 / seconds,
        Unit::PerSecond,
        Some(0.3),
    )?;
    for (name, count) in &happened.by_thread {
        report.say(&format!("  {name}: {count}"));
    }
    report.figure(
        "idle: processor",
        happened.cpu.as_secs_f64() / seconds * 100.0,
        Unit::Percent,
        Some(0.1),
    )
}

/// A mail with one attachment of [`LARGE`] bytes, in base64.
fn large_mail() -> Vec<u8> {
    let head = "From: =?utf-8?B?5p2O5Zub?= <lisi@example.com>\r\nTo: zhangsan@localhost\r\nSubject: large\r\n\
                Date: Sun, 22 Nov 2026 09:00:00 +0800\r\nMessage-ID: <large@example.com>\r\nMIME-Version: 1.0\r\n\
                Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\ntext\r\n--b\r\n\
                Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\
                Content-Disposition: attachment; filename=large.bin\r\n\r\n";
    let mut mail = head.as_bytes().to_vec();
    // 57 bytes a line, then 4 lines' worth of padding-free rest: LARGE is 57 * 919_803 + 29.
    let (lines, rest) = (LARGE / 57, LARGE % 57);
    for _ in 0..lines {
        mail.extend_from_slice(b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4\r\n");
    }
    let mut last = String::new();
    for _ in 0..rest / 3 {
        last.push_str("AAEC");
    }
    last.push_str(match rest % 3 {
        1 => "AA==",
        2 => "AAE=",
        _ => "",
    });
    mail.extend_from_slice(last.as_bytes());
    mail.extend_from_slice(b"\r\n--b--\r\n");
    mail
}
