use std::path::PathBuf;

use super::*;

#[tokio::test]
async fn a_session_has_display_bus_and_keyring_and_leaves_nothing() {
    let session = Session::start().await.unwrap();
    let home: PathBuf = session.home();
    assert!(home.is_dir());
    let socket = session
        .bus()
        .split("path=")
        .nth(1)
        .unwrap()
        .split(',')
        .next()
        .unwrap()
        .to_owned();
    assert!(PathBuf::from(&socket).exists());
    let picture = home.join("screen.png");
    session.screenshot(&picture).unwrap();
    assert!(std::fs::metadata(&picture).unwrap().len() > 100);
    session.wait_for_name("org.freedesktop.secrets").await.unwrap();
    // Unlocked: a program can put something in and get it back.
    let mut tool = session.command("secret-tool");
    tool.args(["store", "--label=test", "what", "qiyou"])
        .stdin(std::process::Stdio::piped());
    let mut tool = tool.spawn().unwrap();
    std::io::Write::write_all(&mut tool.stdin.take().unwrap(), b"geheim").unwrap();
    assert!(tool.wait().unwrap().success());
    let found = session
        .command("secret-tool")
        .args(["lookup", "what", "qiyou"])
        .output()
        .unwrap();
    assert_eq!(found.stdout, b"geheim");
    drop(session);
    assert!(!home.exists());
    assert!(std::os::unix::net::UnixStream::connect(socket).is_err());
}

#[tokio::test]
async fn two_sessions_are_strangers() {
    let (one, two) = tokio::join!(Session::start(), Session::start());
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_ne!(one.display(), two.display());
    assert_ne!(one.bus(), two.bus());
    let _here = NotificationRecorder::start(one.bus()).await.unwrap();
    let _there = NotificationRecorder::start(two.bus()).await.unwrap();
}

#[test]
fn a_missing_program_is_named_with_its_package() {
    let error = process::require(&["setpriv", "/nowhere/xfce4-notifyd"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "xfce4-notifyd missing: apt-get install xfce4-notifyd"
    );
}
