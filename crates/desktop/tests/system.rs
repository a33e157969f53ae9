//! Sleep, network and lock against a simulated machine; autostart and clipboard against real files and a real display.
#![cfg(target_os = "linux")]

use std::{os::unix::fs::PermissionsExt as _, time::Duration};

use anyhow::{Context as _, Result};
use qiyou_desktop::{App, Buses, SystemEvent, system};
use qiyou_testkit::desktop::{Machine, Options, Session};
use tokio::sync::mpsc::Receiver;

async fn next(events: &mut Receiver<SystemEvent>) -> Result<SystemEvent> {
    let event = tokio::time::timeout(Duration::from_secs(10), events.recv())
        .await
        .context("no event")?;
    event.context("the events ended")
}

fn app(session: &Session, system: &str) -> App {
    App {
        buses: Buses::at(Some(session.bus().to_owned()), Some(system.to_owned())),
        ..App::new("qiyou", "企邮", "/usr/bin/qiyou-agent")
    }
}

#[tokio::test]
async fn sleep_network_and_lock_are_told() -> Result<()> {
    let session = Session::start_with(Options::bus_only()).await?;
    let machine = Machine::start().await?;
    let mut events = system::events(&app(&session, machine.bus())).await;
    machine.sleep(true).await?;
    assert_eq!(next(&mut events).await?, SystemEvent::Suspend);
    machine.sleep(false).await?;
    assert_eq!(next(&mut events).await?, SystemEvent::Resume);
    for (state, online) in [(20, false), (40, false), (70, true)] {
        machine.network(state).await?;
        assert_eq!(
            next(&mut events).await?,
            SystemEvent::NetworkChanged { online: Some(online) }
        );
    }
    machine.other_line().await?;
    assert_eq!(next(&mut events).await?, SystemEvent::NetworkChanged { online: None });
    for locked in [true, false] {
        machine.lock(locked).await?;
        assert_eq!(next(&mut events).await?, SystemEvent::SessionLocked(locked));
    }
    Ok(())
}

#[tokio::test]
async fn a_network_manager_that_comes_later_is_heard() -> Result<()> {
    let session = Session::start_with(Options::bus_only()).await?;
    let mut machine = Machine::start_without_network_manager().await?;
    let mut events = system::events(&app(&session, machine.bus())).await;
    machine.start_network_manager().await?;
    machine.network(70).await?;
    assert_eq!(
        next(&mut events).await?,
        SystemEvent::NetworkChanged { online: Some(true) }
    );
    Ok(())
}

#[tokio::test]
async fn without_a_system_bus_the_rest_goes_on() -> Result<()> {
    let session = Session::start_with(Options::bus_only()).await?;
    let mut events = system::events(&app(&session, "unix:path=/nowhere")).await;
    let status = session
        .command("dbus-send")
        .args([
            "--session",
            "/org/gnome/ScreenSaver",
            "org.gnome.ScreenSaver.ActiveChanged",
            "boolean:true",
        ])
        .status()?;
    assert!(status.success());
    assert_eq!(next(&mut events).await?, SystemEvent::SessionLocked(true));
    Ok(())
}

#[test]
fn autostart_is_a_file_that_desktops_understand() -> Result<()> {
    let home = tempfile::tempdir()?;
    let app = App {
        config_home: Some(home.path().join("配置")),
        ..App::new("qiyou", "企邮\nExec=evil", "/opt/企 邮/100%/$HOME/\"qiyou-agent\"")
    };
    let autostart = system::autostart(&app);
    let file = home.path().join("配置/autostart/qiyou-agent.desktop");
    assert!(!autostart.is_on()?);
    autostart.set(false)?;
    autostart.set(true)?;
    assert!(autostart.is_on()?);
    let text = std::fs::read_to_string(&file)?;
    assert_eq!(
        text.lines().filter(|line| line.starts_with("Exec=")).count(),
        1,
        "{text}"
    );
    assert!(
        text.contains("\nExec=\"/opt/企 邮/100%%/\\\\$HOME/\\\\\"qiyou-agent\\\\\"\"\n"),
        "{text}"
    );
    let valid = std::process::Command::new("desktop-file-validate")
        .arg(&file)
        .output()?;
    assert!(valid.status.success(), "{}", String::from_utf8_lossy(&valid.stdout));

    // Switched off in the desktop's own settings.
    for line in ["Hidden=true", "X-GNOME-Autostart-enabled=false"] {
        std::fs::write(&file, text.replace("X-GNOME-Autostart-enabled=true", line))?;
        assert!(!autostart.is_on()?, "{line}");
    }
    autostart.set(true)?;
    assert!(autostart.is_on()?);
    autostart.set(false)?;
    assert!(!file.exists() && !autostart.is_on()?);
    Ok(())
}

#[test]
fn a_home_that_cannot_be_written_is_said() -> Result<()> {
    let home = tempfile::tempdir()?;
    let file = home.path().join("config");
    std::fs::write(&file, "not a folder")?;
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600))?;
    let app = App {
        config_home: Some(file),
        ..App::new("qiyou", "企邮", "/usr/bin/qiyou-agent")
    };
    assert!(system::autostart(&app).set(true).is_err());
    Ok(())
}

/// The display is the environment's: this is the only test of this program that needs one.
#[tokio::test]
async fn a_copied_code_can_be_pasted_and_is_gone_when_its_time_is_over() -> Result<()> {
    let session = Session::start_with(Options {
        keyring: false,
        ..Options::default()
    })
    .await?;
    // SAFETY: no other test of this program reads the display's name.
    unsafe { std::env::set_var("DISPLAY", session.display().context("no display")?) };
    // SAFETY: as above.
    unsafe { std::env::remove_var("WAYLAND_DISPLAY") };
    let clipboard = system::clipboard();
    let paste = || -> Result<String> {
        let mut other = arboard::Clipboard::new()?;
        Ok(other.get_text().unwrap_or_default())
    };
    clipboard
        .copy_secret("482913".to_owned().into(), Duration::from_mins(1))
        .await?;
    assert_eq!(paste()?, "482913");

    // A newer code has its own time; what the person copies meanwhile is theirs.
    clipboard
        .copy_secret("771204".to_owned().into(), Duration::from_millis(300))
        .await?;
    assert_eq!(paste()?, "771204");
    let gone = async {
        while paste().is_ok_and(|text| text == "771204") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone)
        .await
        .context("the code stays")?;

    clipboard
        .copy_secret("000111".to_owned().into(), Duration::from_mins(1))
        .await?;
    let mut person = arboard::Clipboard::new()?;
    person.set_text("自己复制的")?;
    drop(clipboard);
    assert_eq!(paste()?, "自己复制的");
    Ok(())
}

#[tokio::test]
async fn an_address_is_handed_to_xdg_open_and_a_bad_one_is_not() -> Result<()> {
    let session = Session::start_with(Options::bus_only()).await?;
    let app = app(&session, "unix:path=/nowhere");
    let bin = session.home().join("bin");
    let opened = session.home().join("opened");
    std::fs::create_dir(&bin)?;
    std::process::Command::new("mkfifo").arg(&opened).status()?;
    let program = bin.join("xdg-open");
    std::fs::write(
        &program,
        format!("#!/bin/sh\nprintf '%s|' \"$@\" > '{}'\n", opened.display()),
    )?;
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))?;
    let path = std::env::var("PATH")?;
    // SAFETY: a longer PATH changes nothing for the other tests of this program.
    unsafe { std::env::set_var("PATH", format!("{}:{path}", bin.display())) };
    for bad in ["file:///etc/passwd", "javascript:1", "vscode://x"] {
        assert!(qiyou_desktop::open_url(&app, bad).await.is_err());
    }
    qiyou_desktop::open_url(&app, "https://example.cn/信?a=1&b=$(id)").await?;
    let arguments = tokio::time::timeout(Duration::from_secs(10), tokio::fs::read_to_string(opened)).await??;
    assert_eq!(arguments, "https://example.cn/%E4%BF%A1?a=1&b=$(id)|");
    Ok(())
}
