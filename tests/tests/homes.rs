//! Homes that are not as they should be: each is said in words, loses nothing, and works again when it is cured.
#![cfg(target_os = "linux")]

use std::io::Write as _;

use anyhow::{Context as _, Result, ensure};
use qiyou_testkit::desktop::{NotificationRecorder, Session, TrayHost};
use qiyou_testkit::dovecot::{Dovecot, Options};
use qiyou_tests::house::{Account, House, PATIENCE, in_own_mounts, run};
use serde_json::Value;

const ADDRESS: &str = "zhangsan@localhost";
const PASSWORD: &str = "Secret-of-张三-4471";

fn mail(n: u32) -> Vec<u8> {
    format!(
        "From: =?utf-8?B?5p2O5Zub?= <lisi@example.com>\r\nTo: {ADDRESS}\r\nSubject: mail {n}\r\n\
         Date: Sun, 22 Nov 2026 09:00:00 +0800\r\nMessage-ID: <home-{n}@example.com>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\ntext {n}\r\n"
    )
    .into_bytes()
}

fn account(dovecot: &Dovecot) -> Account<'static> {
    Account {
        address: ADDRESS,
        name: "张三",
        password: PASSWORD,
        imap_port: dovecot.imap_port(),
        smtp_port: dovecot.submission_port(),
    }
}

/// The answer of a subcommand, asked until it satisfies.
async fn until(house: &House, arguments: &[&str], good: impl Fn(&Value) -> bool) -> Result<Value> {
    let asking = async {
        loop {
            if let Ok(answer) = house.ask(arguments, None)
                && good(&answer)
            {
                return answer;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking)
        .await
        .with_context(|| format!("{arguments:?} never satisfied: {:?}", house.ask(arguments, None)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_that_cannot_be_written_to_is_said_and_used_once_it_can() -> Result<()> {
    if !in_own_mounts("a_home_that_cannot_be_written_to_is_said_and_used_once_it_can")? {
        return Ok(());
    }
    let session = Session::start().await?;
    let tray = TrayHost::start(session.bus()).await?;
    let dovecot = Dovecot::start(Options::for_user(ADDRESS, PASSWORD)).await?;
    // The agent's socket lies in the runtime directory here: it has to be that of whoever asks.
    let mut environment = session.environment().clone();
    environment.remove("XDG_RUNTIME_DIR");
    environment.insert("LC_ALL".to_owned(), "zh_CN.UTF-8".to_owned());
    let mut house = House::empty(environment)?;
    let home = house.home().to_string_lossy().into_owned();
    std::fs::create_dir(&home)?;
    run("mount", &["-t", "tmpfs", "-o", "ro,mode=700", "tmpfs", &home])?;
    house.start_agent().await?;
    let status = until(&house, &["status"], |status| !status["trouble"].is_null()).await?;
    ensure!(status["trouble"]["code"] == "store_read_only", "{status}");
    let item = tray.item().await?;
    item.wait_until("words of what is wrong", async |item| {
        let (_, words) = item.tooltip().await?;
        Ok(words.contains("不能写入").then_some(()))
    })
    .await?;
    let doctor = house.ask(&["doctor"], None)?;
    ensure!(doctor.to_string().contains("trouble_store_read_only"), "{doctor}");
    // A second agent sees the first, although no lock can lie in the home.
    let second = house.command("qiyou-agent")?.output()?;
    ensure!(second.status.success(), "{second:?}");

    run("mount", &["-o", "remount,rw", &home])?;
    until(&house, &["status"], |status| status["trouble"].is_null()).await?;
    house.add(&account(&dovecot))?;
    dovecot.deliver(ADDRESS, &mail(1)).await?;
    until(&house, &["list", "inbox"], |page| page["total"] == 1).await?;
    // Nor does a third one, now that a lock could lie there, take the home away from the first.
    let third = house.command("qiyou-agent")?.output()?;
    ensure!(third.status.success(), "{third:?}");
    until(&house, &["list", "inbox"], |page| page["total"] == 1).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_is_said_and_work_goes_on_when_there_is_room() -> Result<()> {
    if !in_own_mounts("a_disk_that_fills_up_is_said_and_work_goes_on_when_there_is_room")? {
        return Ok(());
    }
    let session = Session::start().await?;
    let _bubbles = NotificationRecorder::start(session.bus()).await?;
    let dovecot = Dovecot::start(Options::for_user(ADDRESS, PASSWORD)).await?;
    let mut house = House::empty(session.environment().clone())?;
    let home = house.home();
    std::fs::create_dir(&home)?;
    let place = home.to_string_lossy().into_owned();
    run("mount", &["-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", &place])?;
    house.start_agent().await?;
    house.add(&account(&dovecot))?;
    dovecot.deliver(ADDRESS, &mail(1)).await?;
    until(&house, &["list", "inbox"], |page| page["total"] == 1).await?;

    let filler = home.join("filler");
    let mut file = std::fs::File::create(&filler)?;
    while file.write_all(&[0; 4096]).is_ok() {}
    for n in 2..=60 {
        dovecot.deliver(ADDRESS, &mail(n)).await?;
    }
    let status = until(&house, &["status"], |status| !status["trouble"].is_null()).await?;
    ensure!(status["trouble"]["code"] == "disk_full", "{status}");
    ensure!(
        house.ask(&["list", "inbox"], None)?["total"].as_u64() >= Some(1),
        "what was there can be read"
    );

    drop(file);
    std::fs::remove_file(&filler)?;
    house.ask(&["sync"], None)?;
    until(&house, &["list", "inbox"], |page| page["total"] == 60).await?;
    until(&house, &["status"], |status| status["trouble"].is_null()).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_keychain_is_said_and_the_agent_goes_on_by_itself_once_it_is_unlocked() -> Result<()> {
    let session = Session::start().await?;
    let dovecot = Dovecot::start(Options::for_user(ADDRESS, PASSWORD)).await?;
    let mut house = House::start(session.environment().clone()).await?;
    house.add(&account(&dovecot))?;
    dovecot.deliver(ADDRESS, &mail(1)).await?;
    until(&house, &["list", "inbox"], |page| page["total"] == 1).await?;
    house.ask(&["quit"], None)?;

    session.lock_keyring().await?;
    house.start_agent().await?;
    let status = until(&house, &["status"], |status| !status["trouble"].is_null()).await?;
    ensure!(status["trouble"]["code"] == "keychain_locked", "{status}");
    session.unlock_keyring().await?;
    until(&house, &["status"], |status| status["trouble"].is_null()).await?;
    dovecot.deliver(ADDRESS, &mail(2)).await?;
    until(&house, &["list", "inbox"], |page| page["total"] == 2).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_no_core_behind() -> Result<()> {
    let session = Session::start().await?;
    let house = House::start(session.environment().clone()).await?;
    let pid = house.agent_pid().context("no agent")?;
    let limits = std::fs::read_to_string(format!("/proc/{pid}/limits"))?;
    let cores = limits.lines().find(|line| line.starts_with("Max core file size"));
    let words: Vec<_> = cores.unwrap_or_default().split_ascii_whitespace().collect();
    ensure!(words.get(4..6) == Some(&["0", "0"]), "{limits}");
    Ok(())
}
