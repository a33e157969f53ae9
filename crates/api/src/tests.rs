//! The table stays one table: what the UI was built from is what the agent answers.

use super::*;

#[test]
fn the_typescript_in_the_ui_is_the_one_of_this_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/host/api.ts");
    let committed = std::fs::read_to_string(path).expect("ui/src/host/api.ts exists; make it by `cargo xtask api`");
    assert!(
        committed.replace("\r\n", "\n") == typescript(),
        "ui/src/host/api.ts is out of date: run `cargo xtask api`"
    );
}

#[test]
fn every_method_decodes_and_an_unknown_one_is_refused_with_its_name() {
    let raw = serde_json::value::RawValue::from_string("{}".to_owned()).unwrap();
    assert!(matches!(Request::decode("status", &raw), Ok(Request::Status(_))));
    let error = Request::decode("mail.eat", &raw).unwrap_err();
    assert_eq!(error.code, ErrorCode::BadRequest);
    assert_eq!(error.args.get("detail").map(String::as_str), Some("no method mail.eat"));
    let mut names: Vec<_> = METHODS.iter().map(|(name, ..)| *name).collect();
    names.dedup();
    assert_eq!(names.len(), METHODS.len());
}

#[test]
fn a_password_is_not_printed_with_the_request_that_carries_it() {
    let raw = serde_json::value::RawValue::from_string(
        r#"{"account":1,"credential":{"kind":"password","secret":"hunter2-张三"}}"#.to_owned(),
    )
    .unwrap();
    let request = Request::decode("accounts.update", &raw).unwrap();
    assert!(!format!("{request:?}").contains("hunter2"));
}

#[test]
fn the_older_of_two_programs_gives_way() {
    let hello = |version: &str| Hello {
        version: version.into(),
        ..Hello::new("agent")
    };
    assert!(hello("0.1.9").is_older_than(&hello("0.1.10")));
    assert!(hello("0.9.0").is_older_than(&hello("1.0.0")));
    assert!(!hello("1.0.0").is_older_than(&hello("1.0.0")));
}

/// What another user of this computer hears when he opens the socket although its folder would let him.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn another_user_of_this_computer_is_not_answered() {
    use std::os::unix::fs::PermissionsExt;
    use tokio::io::AsyncReadExt;

    if std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) != 0) {
        // Only root can become somebody else.
        eprintln!("not tried: only root can become another user");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::of_home(home.path());
    let mut listener = endpoint.listen().unwrap();
    for open in [home.path(), endpoint.path()] {
        std::fs::set_permissions(open, std::fs::Permissions::from_mode(0o777)).unwrap();
    }
    let serving = tokio::spawn(async move {
        let mut peer = listener.accept().await.unwrap();
        let mut first = [0; 4];
        peer.read_exact(&mut first).await.unwrap();
        first
    });
    // Says a word and prints what it hears until the line ends.
    let script = "use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die $!;
                  $SIG{PIPE} = 'IGNORE'; print $s 'evil'; $s->flush; shutdown($s, 1); print while <$s>; print 'ended';";
    let stranger = tokio::process::Command::new("setpriv")
        .args([
            "--reuid",
            "65534",
            "--regid",
            "65534",
            "--clear-groups",
            "perl",
            "-e",
            script,
        ])
        .arg(endpoint.path())
        .output()
        .await
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&stranger.stdout), "ended", "{stranger:?}");
    // The next one is of this user, and the first who is let in.
    let mut own = tokio::net::UnixStream::connect(endpoint.path()).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut own, b"good").await.unwrap();
    assert_eq!(&serving.await.unwrap(), b"good");
}
