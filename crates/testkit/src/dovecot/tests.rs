use std::time::Duration;

use super::{Dovecot, Options};
use crate::raw_imap::RawImap;

const ZHANG: &str = "zhangsan@qiyou.test";
const LI: &str = "lisi@qiyou.test";
const MAIL: &[u8] = "From: 李四 <lisi@qiyou.test>\r\nSubject: hello\r\n\r\n.dot\r\nbody\r\n".as_bytes();

async fn server() -> Dovecot {
    Dovecot::start(Options::for_user(ZHANG, "geheim").and_user(LI, "anders"))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_delivered_mail_is_announced_to_one_who_idles() {
    let server = server().await;
    let mut watcher = server.session(ZHANG).await.unwrap();
    watcher.select("INBOX").await.unwrap();
    let tag = watcher.idle().await.unwrap();
    server.deliver(ZHANG, MAIL).await.unwrap();
    assert_eq!(watcher.until("EXISTS").await.unwrap(), "* 1 EXISTS");
    watcher.send("DONE").await.unwrap();
    assert!(watcher.finish(&tag).await.unwrap().is_ok());
    let reply = watcher.ok("UID FETCH 1 BODY.PEEK[]").await.unwrap();
    assert!(
        reply.all().contains("\r\n\r\n.dot\r\nbody\r\n)"),
        "dots are undone: {}",
        reply.all()
    );
}

#[tokio::test]
async fn special_folders_carry_their_uses_in_both_list_and_name() {
    let server = server().await;
    let mut session = server.session(ZHANG).await.unwrap();
    let all = session.ok("LIST \"\" \"*\" RETURN (SPECIAL-USE)").await.unwrap().all();
    for (use_, name) in [
        ("\\Sent", "&XfJT0ZAB-"),
        ("\\Trash", "&XfJSIJZk-"),
        ("\\Junk", "&V4NXPpCuTvY-"),
    ] {
        assert!(
            all.lines().any(|line| line.contains(use_) && line.contains(name)),
            "{use_} in {all}"
        );
    }
}

#[tokio::test]
async fn tls_from_the_start_and_by_starttls_is_trusted_through_the_test_authority() {
    let server = server().await;
    RawImap::connect_tls(server.imaps_port(), server.ca())
        .await
        .unwrap()
        .login(ZHANG, "geheim")
        .await
        .unwrap();
    RawImap::connect_starttls(server.imap_port(), server.ca())
        .await
        .unwrap()
        .login(ZHANG, "geheim")
        .await
        .unwrap();
    let stranger = crate::tls::TestCa::new().unwrap();
    assert!(RawImap::connect_tls(server.imaps_port(), &stranger).await.is_err());
}

#[tokio::test]
async fn dropped_capabilities_are_not_announced() {
    let server = Dovecot::start(Options::for_user(ZHANG, "geheim").without(&["NOTIFY", "IDLE"]))
        .await
        .unwrap();
    let all = server
        .session(ZHANG)
        .await
        .unwrap()
        .ok("CAPABILITY")
        .await
        .unwrap()
        .all();
    let words: Vec<&str> = all.split_ascii_whitespace().collect();
    assert!(!words.contains(&"NOTIFY") && !words.contains(&"IDLE"), "{all}");
    assert!(
        words.contains(&"CONDSTORE") && words.contains(&"COMPRESS=DEFLATE"),
        "{all}"
    );
}

#[tokio::test]
async fn changes_made_elsewhere_reach_an_open_session() {
    let server = server().await;
    let uid = server.save(ZHANG, "归档", MAIL, "\\Seen").await.unwrap();
    let other = server.save(ZHANG, "归档", MAIL, "").await.unwrap();
    assert_eq!((uid, other), (1, 2));
    let mut open = server.session(ZHANG).await.unwrap();
    open.select("归档").await.unwrap();
    server
        .store_flags(ZHANG, "归档", "2", "+FLAGS (\\Flagged)")
        .await
        .unwrap();
    server.expunge(ZHANG, "归档", "1").await.unwrap();
    let all = open.ok("NOOP").await.unwrap().all();
    assert!(all.contains("* 1 EXPUNGE") && all.contains("\\Flagged"), "{all}");
}

#[tokio::test]
async fn one_connection_too_many_is_refused() {
    let mut options = Options::for_user(ZHANG, "geheim");
    options.max_connections_per_user = 1;
    let server = Dovecot::start(options).await.unwrap();
    let _first = server.session(ZHANG).await.unwrap();
    let refused = server.session(ZHANG).await.err().unwrap().to_string();
    assert!(refused.contains("Maximum number of connections"), "{refused}");
}

#[tokio::test]
async fn stopped_and_resumed_it_has_its_ports_and_mails_again() {
    let server = server().await;
    server.deliver(ZHANG, MAIL).await.unwrap();
    let mut open = server.session(ZHANG).await.unwrap();
    server.stop().await.unwrap();
    open.until_closed().await.unwrap();
    assert!(RawImap::connect(server.imap_port()).await.is_err());
    server.resume().await.unwrap();
    assert!(
        server
            .session(ZHANG)
            .await
            .unwrap()
            .select("INBOX")
            .await
            .unwrap()
            .all()
            .contains("* 1 EXISTS")
    );
}

#[tokio::test]
async fn an_old_password_ends_with_the_new_one() {
    let server = server().await;
    server.change_password(ZHANG, "neu").await.unwrap();
    let mut session = RawImap::connect(server.imap_port()).await.unwrap();
    let refused = session.login(ZHANG, "geheim").await.unwrap_err().to_string();
    assert!(refused.contains("AUTHENTICATIONFAILED"), "{refused}");
    session.login(ZHANG, "neu").await.unwrap();
}

#[tokio::test]
async fn a_submitted_mail_ends_in_the_sink() {
    use base64::Engine as _;
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _};
    let server = server().await;
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", server.submission_port()))
        .await
        .unwrap();
    let mut stream = tokio::io::BufReader::new(stream);
    let word = base64::engine::general_purpose::STANDARD.encode(format!("\0{ZHANG}\0geheim"));
    for (line, code) in [
        (String::new(), "220"),
        ("EHLO localhost\r\n".to_owned(), "250"),
        (format!("AUTH PLAIN {word}\r\n"), "235"),
        (format!("MAIL FROM:<{ZHANG}>\r\n"), "250"),
        (format!("RCPT TO:<{LI}>\r\n"), "250"),
        ("DATA\r\n".to_owned(), "354"),
        ("Subject: out\r\n\r\nbody\r\n.\r\n".to_owned(), "250"),
    ] {
        stream.write_all(line.as_bytes()).await.unwrap();
        loop {
            let mut reply = String::new();
            stream.read_line(&mut reply).await.unwrap();
            assert!(
                reply.starts_with(code),
                "{line:?} was answered {reply:?}: {:#?} {:?}",
                server.log(),
                server.sink().commands()
            );
            if reply.as_bytes()[3] == b' ' {
                break;
            }
        }
    }
    let mails = server.sink().wait_for_mails(1, Duration::from_secs(5)).await.unwrap();
    assert_eq!(mails[0].to, [LI]);
    assert!(String::from_utf8_lossy(&mails[0].data).contains("Subject: out"));
}

#[tokio::test]
async fn a_prepared_mailbox_is_served_and_left_as_it_was() {
    let original = tempfile::tempdir().unwrap();
    for folder in [
        "cur",
        "new",
        "tmp",
        ".&XfJT0ZAB-/cur",
        ".&XfJT0ZAB-/new",
        ".&XfJT0ZAB-/tmp",
    ] {
        std::fs::create_dir_all(original.path().join(folder)).unwrap();
    }
    std::fs::write(original.path().join("cur/1.a.host:2,S"), MAIL).unwrap();
    std::fs::write(original.path().join(".&XfJT0ZAB-/cur/2.b.host:2,"), MAIL).unwrap();
    let mut options = Options::for_user(ZHANG, "geheim");
    options.prepared = vec![(ZHANG.to_owned(), original.path().to_owned())];
    let server = Dovecot::start(options).await.unwrap();
    let mut session = server.session(ZHANG).await.unwrap();
    assert!(session.select("已发送").await.unwrap().all().contains("* 1 EXISTS"));
    assert!(session.select("INBOX").await.unwrap().all().contains("* 1 EXISTS"));
    session.ok("UID STORE 1 +FLAGS (\\Deleted)").await.unwrap();
    session.ok("EXPUNGE").await.unwrap();
    assert!(original.path().join("cur/1.a.host:2,S").exists());
    assert!(!original.path().join("dovecot-uidlist").exists());
}

#[tokio::test]
async fn it_dies_when_its_owner_does() {
    let server = server().await;
    let port = server.imap_port();
    let mut open = server.session(ZHANG).await.unwrap();
    drop(server);
    open.until_closed().await.unwrap();
    assert!(RawImap::connect(port).await.is_err());
}

#[tokio::test]
async fn a_public_namespace_is_told_apart() {
    let mut options = Options::for_user(ZHANG, "geheim");
    options.public_folders = vec!["公告".to_owned()];
    let server = Dovecot::start(options).await.unwrap();
    let mut session = server.session(ZHANG).await.unwrap();
    let all = session.ok("NAMESPACE").await.unwrap().all();
    assert!(all.contains("((\"&UWxRcQ-/\" \"/\"))"), "{all}");
    session.select("公共/公告").await.unwrap();
}

#[tokio::test]
async fn it_dies_and_leaves_nothing_when_its_owner_is_killed() {
    let server = server().await;
    let (port, root) = (server.imap_port(), server.root().to_owned());
    let mut open = server.session(ZHANG).await.unwrap();
    server.process.lock().unwrap().as_mut().unwrap().abandon();
    open.until_closed().await.unwrap();
    let gone = async {
        while root.exists() || RawImap::connect(port).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.unwrap();
}
