#![allow(
    clippy::items_after_statements,
    clippy::unnecessary_wraps,
    reason = "a script stands where it is used"
)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use qiyou_net::{DialConfig, Dialer, Endpoint, ProxyChoice, Security};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::*;
use crate::session::{Limits, Server};

const EHLO: &str = "250-mail.example.com\r\n250-SIZE 100000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 PIPELINING\r\n";
const MAIL: &[u8] = b"Subject: hi\r\n\r\n.dot\r\n..two\r\nmiddle.\r\n";

/// What the server answers: to a command, or to the dot. `None` closes the line.
type Answers = fn(&str) -> Option<&'static [u8]>;

fn kind(line: &str) -> Option<&'static [u8]> {
    Some(match line {
        line if line.starts_with("EHLO") => EHLO.as_bytes(),
        "DATA" => b"354 go on\r\n",
        "." => b"250 2.0.0 queued as 7\r\n",
        _ => b"250 ok\r\n",
    })
}

struct Heard {
    commands: Vec<String>,
    mail: Vec<u8>,
}

/// A session with a server that answers so, and what that hears.
async fn session(answers: Answers) -> (Session, Arc<Mutex<Heard>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::new("127.0.0.1", listener.local_addr().unwrap().port());
    let heard = Arc::new(Mutex::new(Heard {
        commands: Vec::new(),
        mail: Vec::new(),
    }));
    let log = Arc::clone(&heard);
    tokio::spawn(async move {
        let (client, _) = listener.accept().await.unwrap();
        let mut client = BufReader::new(client);
        client.write_all(b"220 mail.example.com\r\n").await.unwrap();
        let mut data = false;
        loop {
            let mut line = Vec::new();
            if !matches!(client.read_until(b'\n', &mut line).await, Ok(n) if n > 0) {
                return;
            }
            let end = data && line == b".\r\n";
            if data && !end {
                log.lock().unwrap().mail.extend(line);
                continue;
            }
            let command = String::from_utf8(line).unwrap().trim_end().to_owned();
            let answer = answers(&command);
            log.lock().unwrap().commands.push(command.clone());
            data = command == "DATA" && answer.is_some_and(|answer| answer.starts_with(b"354"));
            let Some(answer) = answer else { return };
            if client.write_all(answer).await.is_err() {
                return;
            }
        }
    });
    let dialer = Dialer::new(DialConfig {
        proxy: ProxyChoice::Direct,
        ..DialConfig::default()
    })
    .unwrap();
    let limits = Limits {
        command_timeout: Duration::from_secs(20),
        end_timeout: Duration::from_millis(400),
    };
    let server = Server {
        endpoint,
        security: Security::None,
    };
    (Session::connect(&dialer, &server, &limits).await.unwrap(), heard)
}

async fn submit(session: &mut Session, mail: &Submission) -> Result<Accepted, SubmitError> {
    let transferred = session.transfer(mail, MAIL).await?;
    session.finish(transferred).await
}

fn to(addresses: &[&str]) -> Submission {
    Submission {
        from: Path::new("zhangsan@example.com").unwrap(),
        to: addresses.iter().map(|each| Path::new(each).unwrap()).collect(),
        size: u64::try_from(MAIL.len()).unwrap(),
        eight_bit: false,
        utf8: false,
    }
}

#[tokio::test]
async fn a_mail_goes_as_it_is_with_its_dots_doubled() {
    let (mut session, heard) = session(kind).await;
    let accepted = submit(&mut session, &to(&["lisi@example.com"])).await.unwrap();
    assert_eq!(accepted.text, "2.0.0 queued as 7");
    assert_eq!(accepted.refused, []);
    // The next one over the same line.
    submit(&mut session, &to(&["lisi@example.com"])).await.unwrap();
    let heard = heard.lock().unwrap();
    let one = [
        "MAIL FROM:<zhangsan@example.com> SIZE=37",
        "RCPT TO:<lisi@example.com>",
        "DATA",
        ".",
    ];
    assert_eq!(heard.commands[1..], [one, one].concat());
    let once = b"Subject: hi\r\n\r\n..dot\r\n...two\r\nmiddle.\r\n";
    assert_eq!(heard.mail, [&once[..], once].concat());
}

#[tokio::test]
async fn letters_are_announced_where_there_are_some() {
    let (mut session, heard) = session(kind).await;
    let mut mail = to(&["李四@例子.中国", "wangwu@例子.中国"]);
    mail.eight_bit = true;
    submit(&mut session, &mail).await.unwrap();
    assert_eq!(
        heard.lock().unwrap().commands[1..4],
        [
            "MAIL FROM:<zhangsan@example.com> SIZE=37 BODY=8BITMIME SMTPUTF8",
            "RCPT TO:<李四@例子.中国>",
            "RCPT TO:<wangwu@xn--fsqu00a.xn--fiqs8s>",
        ]
    );
}

#[tokio::test]
async fn an_old_server_is_not_sent_letters_that_it_cannot_take() {
    fn old(line: &str) -> Option<&'static [u8]> {
        if line.starts_with("EHLO") {
            Some(b"250 mail.example.com\r\n")
        } else {
            kind(line)
        }
    }
    let (mut session, heard) = session(old).await;
    let refused = submit(&mut session, &to(&["李四@example.com"])).await.unwrap_err();
    assert!(matches!(refused, SubmitError::Letters(who) if who == "李四@example.com"));
    submit(&mut session, &to(&["a@例子.中国"])).await.unwrap();
    assert_eq!(heard.lock().unwrap().commands[1], "MAIL FROM:<zhangsan@example.com>");
}

#[tokio::test]
async fn each_recipient_is_answered_for_alone() {
    fn picky(line: &str) -> Option<&'static [u8]> {
        match line {
            "RCPT TO:<nobody@example.com>" => Some(b"550 5.1.1 \xb2\xbb\xb4\xe6\xd4\xda\r\n"),
            "RCPT TO:<later@example.com>" => Some(b"450-4.2.1 busy\r\n450 4.2.1 come again\r\n"),
            _ => kind(line),
        }
    }
    let (mut session, heard) = session(picky).await;
    let mail = to(&[
        "nobody@example.com",
        "lisi@example.com",
        "later@example.com",
        "wangwu@example.com",
    ]);
    let accepted = submit(&mut session, &mail).await.unwrap();
    let told: Vec<_> = accepted
        .refused
        .iter()
        .map(|each| (each.address.as_str(), each.code))
        .collect();
    assert_eq!(told, [("nobody@example.com", 550), ("later@example.com", 450)]);
    assert!(accepted.refused[0].text.contains("不存在"), "{:?}", accepted.refused[0]);
    let alone = submit(&mut session, &to(&["nobody@example.com"])).await.unwrap_err();
    assert!(matches!(alone, SubmitError::NoRecipient(refused) if refused.len() == 1));
    // Nothing stays open, and the session is of use.
    assert_eq!(heard.lock().unwrap().commands.last().unwrap(), "RSET");
    submit(&mut session, &to(&["lisi@example.com"])).await.unwrap();
}

#[tokio::test]
async fn hundreds_of_recipients_are_named_in_batches() {
    let (mut session, heard) = session(kind).await;
    let all: Vec<String> = (0..300).map(|n| format!("colleague{n}@example.com")).collect();
    let names: Vec<&str> = all.iter().map(String::as_str).collect();
    submit(&mut session, &to(&names)).await.unwrap();
    let heard = heard.lock().unwrap();
    assert_eq!(
        heard.commands.iter().filter(|line| line.starts_with("RCPT")).count(),
        300
    );
}

#[tokio::test]
async fn a_refusal_is_certain_and_a_line_that_dies_after_the_dot_is_not() {
    fn full(line: &str) -> Option<&'static [u8]> {
        if line == "." {
            Some(b"552 5.2.2 mailbox full\r\n")
        } else {
            kind(line)
        }
    }
    let (mut refusing, _) = session(full).await;
    let error = submit(&mut refusing, &to(&["lisi@example.com"])).await.unwrap_err();
    assert!(
        matches!(error, SubmitError::NotSent(Error::Refused { code: 552, .. })),
        "{error:?}"
    );

    fn dying(line: &str) -> Option<&'static [u8]> {
        if line == "." { None } else { kind(line) }
    }
    let (mut dead, heard) = session(dying).await;
    let error = submit(&mut dead, &to(&["lisi@example.com"])).await.unwrap_err();
    assert!(matches!(error, SubmitError::Unknown(_)), "{error:?}");
    assert_eq!(heard.lock().unwrap().commands.last().unwrap(), ".");

    fn babbling(line: &str) -> Option<&'static [u8]> {
        if line == "." { Some(b"what?\r\n") } else { kind(line) }
    }
    let (mut mad, _) = session(babbling).await;
    let error = submit(&mut mad, &to(&["lisi@example.com"])).await.unwrap_err();
    assert!(matches!(error, SubmitError::Unknown(_)), "{error:?}");

    fn silent(line: &str) -> Option<&'static [u8]> {
        if line == "." { Some(b"") } else { kind(line) }
    }
    let (mut mute, _) = session(silent).await;
    let error = submit(&mut mute, &to(&["lisi@example.com"])).await.unwrap_err();
    assert!(matches!(error, SubmitError::Unknown(Error::Timeout)), "{error:?}");
}

#[tokio::test]
async fn an_acceptance_in_gb18030_is_an_acceptance() {
    fn chinese(line: &str) -> Option<&'static [u8]> {
        if line == "." {
            Some(b"250 \xd3\xca\xbc\xfe\xd2\xd1\xb7\xa2\xcb\xcd\r\n")
        } else {
            kind(line)
        }
    }
    let (mut session, _) = session(chinese).await;
    assert_eq!(
        submit(&mut session, &to(&["lisi@example.com"])).await.unwrap().text,
        "邮件已发送"
    );
}

#[tokio::test]
async fn a_mail_whose_dot_was_never_sent_was_never_sent() {
    let (mut session, heard) = session(kind).await;
    let transferred = session.transfer(&to(&["lisi@example.com"]), MAIL).await.unwrap();
    drop(transferred);
    drop(session);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(heard.lock().unwrap().commands.last().unwrap(), "DATA");
}

#[tokio::test]
async fn a_line_that_dies_before_the_dot_has_sent_nothing() {
    fn dying(line: &str) -> Option<&'static [u8]> {
        if line == "DATA" { None } else { kind(line) }
    }
    let (mut session, _) = session(dying).await;
    let error = submit(&mut session, &to(&["lisi@example.com"])).await.unwrap_err();
    assert!(matches!(error, SubmitError::NotSent(_)), "{error:?}");
}

#[tokio::test]
async fn a_mail_that_is_not_what_was_announced_is_not_ended() {
    for announced in [10, 1000] {
        let (mut session, heard) = session(kind).await;
        let mut mail = to(&["lisi@example.com"]);
        mail.size = announced;
        let error = submit(&mut session, &mail).await.unwrap_err();
        assert!(matches!(error, SubmitError::Source(_)), "{error:?}");
        drop(session);
        assert_eq!(heard.lock().unwrap().commands.last().unwrap(), "DATA");
    }
    let (mut session, heard) = session(kind).await;
    let mut mail = to(&["lisi@example.com"]);
    mail.size = 100_001;
    let error = submit(&mut session, &mail).await.unwrap_err();
    assert!(matches!(error, SubmitError::TooLarge { limit: 100_000, .. }));
    assert_eq!(heard.lock().unwrap().commands.len(), 1);
}

#[test]
fn dots_are_doubled_wherever_the_pieces_end() {
    let mail = b".a\r\n.b\r.c\n.d\r\n\r\n..\r\nlast";
    let whole = Dots::default().double(mail);
    assert_eq!(whole, b"..a\r\n..b\r.c\n.d\r\n\r\n...\r\nlast");
    for cut in 0..=mail.len() {
        let mut dots = Dots::default();
        let mut out = dots.double(&mail[..cut]);
        out.extend(dots.double(&mail[cut..]));
        assert_eq!(out, whole, "cut at {cut}");
        assert_eq!(dots.end(), b"\r\n.\r\n");
    }
    assert_eq!(Dots::default().end(), b".\r\n");
}
