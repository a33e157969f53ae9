//! The agent alone, without a window: a keychain, a bus, a real mail server, and a person who clicks bubbles.
#![cfg(target_os = "linux")]

use std::process::{Child, Stdio};

use anyhow::{Context as _, Result, ensure};
use qiyou_api::{Client, DraftParams, MailProgramChosen, Nothing, call};
use qiyou_testkit::desktop::{NotificationRecorder, Session, TrayHost};
use qiyou_testkit::dovecot::{Dovecot, Options};
use qiyou_tests::house::{Account, House, PATIENCE};
use serde_json::Value;

const ADDRESS: &str = "zhangsan@localhost";
const PASSWORD: &str = "Secret-of-张三-8217";

fn mail(n: u32, subject: &str, text: &str) -> Vec<u8> {
    format!(
        "From: =?utf-8?B?5p2O5Zub?= <lisi@example.com>\r\nTo: {ADDRESS}\r\nSubject: {subject}\r\n\
         Date: Sun, 22 Nov 2026 09:00:00 +0800\r\nMessage-ID: <agent-{n}@example.com>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"
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
            // What is asked about may not be there yet (a folder before the first look at the server).
            if let Ok(answer) = house.ask(arguments, None)
                && good(&answer)
            {
                return answer;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking)
        .await
        .with_context(|| format!("{arguments:?} never satisfied: {:?}", house.ask(arguments, None)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bubble_tells_its_buttons_work_and_a_click_after_a_restart_still_finds_its_mail() -> Result<()> {
    let session = Session::start().await?;
    let bubbles = NotificationRecorder::start(session.bus()).await?;
    let dovecot = Dovecot::start(Options::for_user(ADDRESS, PASSWORD)).await?;
    let mut house = House::start(session.environment().clone()).await?;
    house.add(&account(&dovecot))?;
    house.ask(&["sync"], None)?;

    dovecot
        .deliver(ADDRESS, &mail(1, "one", "验收安排在周四下午两点"))
        .await?;
    let bubble = bubbles.next().await?;
    ensure!(bubble.summary == "李四", "{bubble:?}");
    ensure!(
        bubble.body.contains("one") && bubble.body.contains("验收安排在周四下午两点"),
        "{bubble:?}"
    );
    ensure!(
        bubble.label("read").is_some() && bubble.label("archive").is_some(),
        "{bubble:?}"
    );
    bubbles.click(bubble.id, "read").await?;
    until(&house, &["list", "inbox"], |page| page["rows"][0]["unread"] == false).await?;
    let mut elsewhere = dovecot.session(ADDRESS).await?;
    elsewhere.select("INBOX").await?;
    until(&house, &["status"], |status| status["pending_operations"] == 0).await?;
    ensure!(elsewhere.ok("UID SEARCH SEEN").await?.search() == [1]);

    // A code is offered, and the bubble of a mail that is read elsewhere goes.
    dovecot
        .deliver(ADDRESS, &mail(2, "two", "您的验证码是 482913，十分钟内有效。"))
        .await?;
    let bubble = bubbles.next().await?;
    ensure!(
        bubble.label("copy-code").is_some_and(|label| label.contains("482913")),
        "{bubble:?}"
    );
    dovecot.store_flags(ADDRESS, "INBOX", "2", "+FLAGS (\\Seen)").await?;
    bubbles
        .wait_withdrawn(bubble.id)
        .await
        .with_context(|| format!("read elsewhere: {}", house.said()))?;

    // The agent ends and comes back; the bubble of before is still known.
    dovecot.deliver(ADDRESS, &mail(3, "three", "text")).await?;
    let bubble = bubbles.next().await?;
    house.ask(&["quit"], None)?;
    house.start_agent().await?;
    until(&house, &["status"], |status| {
        status["accounts"][0]["state"]["state"] == "connected"
    })
    .await?;
    bubbles.click(bubble.id, "archive").await?;
    until(&house, &["list", "archive"], |page| page["total"] == 1).await?;
    until(&house, &["status"], |status| status["pending_operations"] == 0).await?;
    let mut elsewhere = dovecot.session(ADDRESS).await?;
    elsewhere.select("INBOX").await?;
    ensure!(elsewhere.ok("UID SEARCH ALL").await?.search() == [1, 2]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_of_the_home_holds_the_password_or_a_mail() -> Result<()> {
    let session = Session::start().await?;
    let _bubbles = NotificationRecorder::start(session.bus()).await?;
    let dovecot = Dovecot::start(Options::for_user(ADDRESS, PASSWORD)).await?;
    let mut environment = session.environment().clone();
    environment.insert("QIYOU_LOG".to_owned(), "trace".to_owned());
    let house = House::start(environment).await?;
    house.add(&account(&dovecot))?;
    dovecot
        .deliver(ADDRESS, &mail(1, "Betreff-8217", "Geheimer-Inhalt-8217"))
        .await?;
    until(&house, &["list", "inbox"], |page| {
        page["total"] == 1 && page["rows"][0]["preview"] != ""
    })
    .await?;
    house.ask(&["quit"], None)?;
    let mut files = vec![house.home()];
    let mut looked = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                std::fs::read_dir(&path)?
                    .map(|entry| entry.map(|e| e.path()))
                    .collect::<Result<Vec<_>, _>>()?,
            );
            continue;
        }
        let Ok(bytes) = std::fs::read(&path) else { continue };
        looked += 1;
        for secret in [PASSWORD, "Geheimer-Inhalt-8217", "Betreff-8217"] {
            ensure!(
                !bytes.windows(secret.len()).any(|window| window == secret.as_bytes()),
                "{} holds {secret}",
                path.display()
            );
        }
    }
    ensure!(looked >= 4, "only {looked} files were looked at");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keychain_it_is_said_and_nothing_is_written_elsewhere() -> Result<()> {
    let session = Session::start_with(qiyou_testkit::desktop::Options {
        keyring: false,
        ..qiyou_testkit::desktop::Options::default()
    })
    .await?;
    let house = House::start(session.environment().clone()).await?;
    let status = until(&house, &["status"], |status| !status["trouble"].is_null()).await?;
    ensure!(status["trouble"]["code"] == "keychain_absent", "{status}");
    ensure!(
        !house.home().join("store.db").exists(),
        "a store was made without a key"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_agent_of_the_same_home_steps_aside() -> Result<()> {
    let session = Session::start().await?;
    let house = House::start(session.environment().clone()).await?;
    let second = house.command("qiyou-agent")?.output()?;
    ensure!(second.status.success());
    let status = house.ask(&["status"], None)?;
    ensure!(status["pid"].as_u64() == house.agent_pid().map(u64::from), "{status}");
    Ok(())
}

/// A program that ends with the test.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_further_session_has_tray_and_bubbles_too_and_takes_over_when_the_first_one_ends() -> Result<()> {
    let (first, further) = (Session::start().await?, Session::start().await?);
    let bubbles = NotificationRecorder::start(first.bus()).await?;
    let further_bubbles = NotificationRecorder::start(further.bus()).await?;
    let further_tray = TrayHost::start(further.bus()).await?;
    let dovecot = Dovecot::start(Options::for_user(ADDRESS, PASSWORD)).await?;
    let mut house = House::start(first.environment().clone()).await?;
    house.add(&account(&dovecot))?;
    house.ask(&["sync"], None)?;
    first.share_keyring(&further).await?;

    let mut guest = house.command("qiyou-agent")?;
    guest
        .envs(further.environment())
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let mut guest = Ending(guest.spawn()?);
    let item = further_tray.item().await?;
    item.wait_until("the account", async |item| {
        let (_, words) = item.tooltip().await?;
        Ok(words.contains("张三").then_some(()))
    })
    .await?;

    // Told in both; a button in one of them acts once and takes both away.
    dovecot.deliver(ADDRESS, &mail(1, "one", "text")).await?;
    let (here, there) = (bubbles.next().await?, further_bubbles.next().await?);
    ensure!(here.summary == "李四" && there.body == here.body, "{here:?} {there:?}");
    further_bubbles.click(there.id, "read").await?;
    bubbles.wait_withdrawn(here.id).await?;
    ensure!(!further_bubbles.open().contains(&there.id));
    until(&house, &["list", "inbox"], |page| page["rows"][0]["unread"] == false).await?;
    until(&house, &["status"], |status| status["pending_operations"] == 0).await?;
    // And the other way round.
    dovecot.deliver(ADDRESS, &mail(2, "two", "text")).await?;
    let (here, there) = (bubbles.next().await?, further_bubbles.next().await?);
    bubbles.click(here.id, "read").await?;
    further_bubbles.wait_withdrawn(there.id).await?;

    // A third one in the same session steps aside.
    let mut third = house.command("qiyou-agent")?;
    third.envs(first.environment());
    ensure!(third.output()?.status.success());

    // The first session ends in the hardest way; the other one has the store now and tells what comes.
    house.kill_agent()?;
    let (endpoint, pid) = (house.endpoint(), guest.0.id());
    tokio::time::timeout(PATIENCE, async {
        // Not by a subcommand, which would start an agent where none runs.
        while !matches!(Client::connect(&endpoint, "cli").await, Ok((client, _)) if client.agent().pid == pid) {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    })
    .await
    .context("the agent of the further session does not take over")?;
    until(&house, &["status"], |status| {
        status["accounts"][0]["state"]["state"] == "connected"
    })
    .await?;
    dovecot.deliver(ADDRESS, &mail(3, "three", "text")).await?;
    let told = further_bubbles.next().await?;
    ensure!(told.body.contains("three"), "{told:?}");
    ensure!(bubbles.all().len() == 2, "nothing is told where nobody is any more");
    ensure!(guest.0.try_wait()?.is_none(), "it lives on");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_from_the_command_line_go_once_whenever_the_agent_is_killed() -> Result<()> {
    const MAILS: usize = 6;
    let kills = [30, 250, 700, 1500].map(std::time::Duration::from_millis);
    let session = Session::start().await?;
    let dovecot = Dovecot::start(Options::for_user(ADDRESS, PASSWORD)).await?;
    let mut house = House::start(session.environment().clone()).await?;
    house.add(&account(&dovecot))?;
    house.ask(&["sync"], None)?;
    let file = house.home().join("out.eml");
    for n in 0..MAILS {
        let text = format!(
            "From: {ADDRESS}\nTo: lisi@example.com\nBcc: wangwu@example.com\nSubject: out {n}\n\
             Message-ID: <out-{n}@localhost>\n\n第 {n} 封\n"
        );
        std::fs::write(&file, text)?;
        let path = file.to_str().context("a path")?;
        let sent = house.ask(&["send", "--eml", path], None)?;
        ensure!(sent["state"] == "waiting" && sent["id"].is_u64(), "{sent}");
    }
    std::fs::remove_file(&file)?;
    for wait in kills {
        tokio::time::sleep(wait).await;
        house.kill_agent()?;
        house.start_agent().await?;
    }
    let settled = async {
        loop {
            let all = house.ask(&["outbox"], None).unwrap_or_default();
            let list = all.as_array().cloned().unwrap_or_default();
            let done = |entry: &Value| entry["state"] == "sent" || entry["state"] == "needs_you";
            if list.len() == MAILS && list.iter().all(done) {
                return list;
            }
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        }
    };
    // The first mail waits for a server that may store by itself.
    let list = tokio::time::timeout(std::time::Duration::from_secs(150), settled)
        .await
        .with_context(|| format!("never settled: {:?}", house.ask(&["outbox"], None)))?;
    let delivered = dovecot.sink().mails();
    let mut asked = 0;
    for entry in &list {
        let id = entry["message_id"].as_str().context("an id")?;
        let came = delivered
            .iter()
            .filter(|mail| String::from_utf8_lossy(&mail.data).contains(&format!("<{id}>")))
            .count();
        let found = dovecot
            .doveadm(&[
                "fetch",
                "-u",
                ADDRESS,
                "uid",
                "mailbox",
                "已发送",
                "header",
                "message-id",
                id,
            ])
            .await?;
        let filed = found.lines().filter(|line| line.starts_with("uid:")).count();
        if entry["state"] == "sent" {
            ensure!((came, filed) == (1, 1), "{entry}: came {came}, filed {filed}");
        } else {
            asked += 1;
            ensure!(came <= 1 && filed == 0, "{entry}: came {came}, filed {filed}");
        }
    }
    ensure!(asked <= kills.len(), "{asked} questions after {} deaths", kills.len());
    ensure!(
        delivered
            .iter()
            .all(|mail| !String::from_utf8_lossy(&mail.data).contains("wangwu"))
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_the_file_manager_begin_a_mail() -> Result<()> {
    let session = Session::start().await?;
    let dovecot = Dovecot::start(Options::for_user(ADDRESS, PASSWORD)).await?;
    let house = House::start(session.environment().clone()).await?;
    house.add(&account(&dovecot))?;
    let folder = house.home().join("资料");
    std::fs::create_dir(&folder)?;
    std::fs::write(folder.join("a.txt"), "a")?;
    let file = house.home().join("合同 1.txt");
    std::fs::write(&file, "hello")?;
    let path = |path: &std::path::Path| path.to_str().map(str::to_owned).context("a path");
    let id = house.ask(&["compose", "--attach", &path(&file)?, &path(&folder)?], None)?;
    let (client, mut events) = house.client().await?;
    tokio::spawn(async move { while events.recv().await.is_some() {} });
    let id = id.as_i64().context("the draft's number")?;
    let draft = client.call(call::DraftGet, DraftParams { id }).await?;
    let names: Vec<&str> = draft.files.iter().map(|file| file.name.as_str()).collect();
    ensure!(names == ["合同 1.txt", "资料.zip"], "{names:?}");
    // What was taken is a copy: it stays when the file goes, and nothing is left of a mail that cannot be begun.
    std::fs::remove_file(&file)?;
    let failed = house.ask(&["compose", "--attach", &path(&file)?], None);
    ensure!(failed.is_err(), "there is no such file");
    let left = client.call(call::DraftList, Nothing {}).await?;
    ensure!(left.len() == 1 && left.iter().all(|draft| draft.id == id), "{left:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_answered_in_its_bubble() -> Result<()> {
    let session = Session::start().await?;
    let bubbles = NotificationRecorder::start_with(session.bus(), &["actions", "body", "inline-reply"]).await?;
    let dovecot = Dovecot::start(Options::for_user(ADDRESS, PASSWORD)).await?;
    let house = House::start(session.environment().clone()).await?;
    house.add(&account(&dovecot))?;
    house.ask(&["sync"], None)?;
    dovecot.deliver(ADDRESS, &mail(1, "lunch", "at noon?")).await?;
    let bubble = bubbles.next().await?;
    ensure!(bubble.label("inline-reply").is_some(), "{bubble:?}");
    bubbles.reply(bubble.id, "好的 <b>\n中午见").await?;
    let sent = dovecot.sink().wait_for_mails(1, PATIENCE).await?;
    let raw = &sent.first().context("one mail")?.data;
    let read = mail_parser::MessageParser::default().parse(raw).context("a mail")?;
    ensure!(read.in_reply_to().as_text() == Some("agent-1@example.com"), "{read:?}");
    ensure!(
        read.subject()
            .is_some_and(|subject| subject.ends_with("lunch") && subject != "lunch"),
        "{read:?}"
    );
    let text = read.body_text(0).context("a text")?;
    ensure!(
        text.contains("好的 <b>") && text.contains("中午见") && !text.contains("at noon"),
        "{text}"
    );
    let answered = async {
        loop {
            let list = house.ask(&["list"], None).unwrap_or_default();
            let row = list["rows"].get(0).or_else(|| list.get(0)).cloned().unwrap_or_default();
            if row["answered"] == true && row["unread"] == false {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(PATIENCE, answered)
        .await
        .with_context(|| format!("never answered and read: {:?}", house.ask(&["list"], None)))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desktop_is_told_who_writes_to_mail_addresses() -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let session = Session::start().await?;
    let tools = session.home().join("bin");
    std::fs::create_dir_all(&tools)?;
    let (log, tool) = (tools.join("asked"), tools.join("xdg-settings"));
    let script = |answer: &str| {
        format!(
            "#!/bin/sh\necho \"$*\" >> '{}'\n[ \"$1\" = check ] && echo {answer}\nexit 0\n",
            log.display()
        )
    };
    std::fs::write(&tool, script("yes"))?;
    std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755))?;
    let mut environment = session.environment().clone();
    let path = std::env::var("PATH").unwrap_or_default();
    environment.insert("PATH".to_owned(), format!("{}:{path}", tools.display()));
    let house = House::start(environment).await?;
    let (client, _events) = house.client().await?;
    let done = client.call(call::MailProgramChoose, Nothing {}).await?;
    ensure!(done == MailProgramChosen::Done, "{done:?}");
    let asked = std::fs::read_to_string(&log)?;
    ensure!(
        asked.starts_with("set default-url-scheme-handler mailto qiyou.desktop\n"),
        "{asked}"
    );
    // A desktop that takes it and does not keep it.
    std::fs::write(&tool, script("no"))?;
    let refused = client.call(call::MailProgramChoose, Nothing {}).await;
    ensure!(refused.is_err(), "{refused:?}");
    Ok(())
}
