#![allow(
    clippy::items_after_statements,
    clippy::unnecessary_wraps,
    reason = "a script stands where it is used"
)]

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use qiyou_net::{DialConfig, ProxyChoice};
use rcgen::{CertificateParams, KeyPair};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

const EHLO: &str = "250-mail.example.com\r\n250-SIZE 71680000\r\n250-auth=LOGIN PLAIN\r\n250-AUTH LOGIN PLAIN XOAUTH2\r\n\
                    250-8BITMIME\r\n250 STARTTLS\r\n";

/// What a server answers to a line; `None` closes.
type Script = fn(&str) -> Option<Vec<u8>>;

struct Scripted {
    server: Server,
    dialer: Dialer,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    async fn start(security: Security, script: Script) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()])
            .unwrap()
            .self_signed(&key)
            .unwrap();
        let root = certificate.der().clone();
        let acceptor = acceptor(root.clone(), &key);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = Endpoint::new("127.0.0.1", listener.local_addr().unwrap().port());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&heard);
        tokio::spawn(async move {
            let (client, _) = listener.accept().await.unwrap();
            match security {
                Security::Tls => {
                    if let Ok(tls) = acceptor.accept(client).await {
                        converse(tls, script, &log, true).await;
                    }
                }
                Security::None => drop(converse(client, script, &log, true).await),
                Security::StartTls => {
                    let Some(client) = converse(client, script, &log, true).await else {
                        return;
                    };
                    if let Ok(tls) = acceptor.accept(client).await {
                        log.lock().unwrap().push("(TLS)".to_owned());
                        converse(tls, script, &log, false).await;
                    }
                }
            }
        });
        let config = DialConfig {
            proxy: ProxyChoice::Direct,
            extra_roots: vec![root],
            ..DialConfig::default()
        };
        Self {
            server: Server { endpoint, security },
            dialer: Dialer::new(config).unwrap(),
            heard,
        }
    }

    async fn sign_in(&self, credentials: &Credentials) -> Result<Capabilities, Error> {
        sign_in(&self.dialer, &self.server, credentials).await
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

fn acceptor(certificate: CertificateDer<'static>, key: &KeyPair) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// Follows the script; gives the connection back after a granted STARTTLS.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    io: S,
    script: Script,
    log: &Mutex<Vec<String>>,
    greet: bool,
) -> Option<S> {
    let mut io = BufReader::new(io);
    if greet {
        io.write_all(&script("(greeting)")?).await.ok()?;
        io.flush().await.ok()?;
    }
    loop {
        let mut line = String::new();
        if io.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        log.lock().unwrap().push(line.clone());
        let answer = script(&line)?;
        io.write_all(&answer).await.ok()?;
        io.flush().await.ok()?;
        if line == "STARTTLS" && answer.starts_with(b"220") {
            return Some(io.into_inner());
        }
    }
}

fn plain_sailing(line: &str) -> Option<Vec<u8>> {
    Some(
        match line {
            "(greeting)" => "220 mail.example.com ESMTP\r\n",
            line if line.starts_with("EHLO") => EHLO,
            "STARTTLS" => "220 go ahead\r\n",
            "QUIT" => "221 bye\r\n",
            line if line.starts_with("AUTH") => "235 2.7.0 ok\r\n",
            _ => "500 what?\r\n",
        }
        .as_bytes()
        .to_vec(),
    )
}

fn password() -> Credentials {
    Credentials::Password {
        user: "zhang.san@example.com".to_owned(),
        password: SecretString::from("口令"),
    }
}

fn token() -> Credentials {
    Credentials::Bearer {
        user: "zhang.san@example.com".to_owned(),
        token: SecretString::from("token-1"),
    }
}

#[tokio::test]
async fn a_password_signs_in_by_plain_and_the_offer_is_reported() {
    let scripted = Scripted::start(Security::Tls, plain_sailing).await;
    let capabilities = scripted.sign_in(&password()).await.unwrap();
    assert_eq!(capabilities.size(), Some(71_680_000));
    assert!(capabilities.has("8BITMIME"));
    assert!(capabilities.offers("XOAUTH2"));
    let secret = BASE64.encode("\0zhang.san@example.com\0口令");
    assert_eq!(
        scripted.heard(),
        [
            "EHLO [127.0.0.1]".to_owned(),
            format!("AUTH PLAIN {secret}"),
            "QUIT".to_owned()
        ]
    );
}

#[tokio::test]
async fn with_starttls_nothing_secret_is_said_before_tls() {
    let scripted = Scripted::start(Security::StartTls, plain_sailing).await;
    scripted.sign_in(&password()).await.unwrap();
    let heard = scripted.heard();
    assert_eq!(
        heard[..4],
        ["EHLO [127.0.0.1]", "STARTTLS", "(TLS)", "EHLO [127.0.0.1]"]
    );
    assert!(heard[4].starts_with("AUTH PLAIN "));
}

#[tokio::test]
async fn a_server_without_starttls_gets_no_secret() {
    fn script(line: &str) -> Option<Vec<u8>> {
        if line.starts_with("EHLO") {
            return Some(b"250-mail.example.com\r\n250 AUTH PLAIN\r\n".to_vec());
        }
        plain_sailing(line)
    }
    let scripted = Scripted::start(Security::StartTls, script).await;
    assert!(matches!(scripted.sign_in(&password()).await, Err(Error::NoStartTls)));
    assert_eq!(scripted.heard(), ["EHLO [127.0.0.1]", "QUIT"]);
}

/// What stands on the line before TLS may come from anybody (CVE-2011-0411).
#[tokio::test]
async fn words_sent_ahead_of_tls_do_not_count_as_said_inside_it() {
    fn script(line: &str) -> Option<Vec<u8>> {
        match line {
            "STARTTLS" => Some(b"220 go\r\n250-forged\r\n250 AUTH PLAIN\r\n235 forged\r\n".to_vec()),
            _ => plain_sailing(line),
        }
    }
    let scripted = Scripted::start(Security::StartTls, script).await;
    // Bytes that arrive with the 220 are dropped; those that arrive later spoil the handshake. Both are safe.
    match scripted.sign_in(&password()).await {
        Ok(capabilities) => assert_eq!(capabilities.size(), Some(71_680_000)),
        Err(error) => assert!(matches!(error, Error::Dial(_)), "{error:?}"),
    }
}

#[tokio::test]
async fn login_answers_questions_in_any_language() {
    fn script(line: &str) -> Option<Vec<u8>> {
        if line.starts_with("EHLO") {
            return Some(b"250-mail\r\n250 AUTH LOGIN\r\n".to_vec());
        }
        let user = BASE64.encode("zhang.san@example.com");
        let secret = BASE64.encode("口令");
        match line {
            "AUTH LOGIN" => Some(format!("334 {}\r\n", BASE64.encode("用户名:")).into_bytes()),
            line if line == user => Some(format!("334 {}\r\n", BASE64.encode("密码:")).into_bytes()),
            line if line == secret => Some(b"235 ok\r\n".to_vec()),
            _ => plain_sailing(line),
        }
    }
    let scripted = Scripted::start(Security::Tls, script).await;
    scripted.sign_in(&password()).await.unwrap();
    assert_eq!(scripted.heard().len(), 5);
}

#[tokio::test]
async fn a_refused_mechanism_gives_way_to_the_next_and_a_refused_secret_does_not() {
    fn no_plain(line: &str) -> Option<Vec<u8>> {
        match line {
            line if line.starts_with("AUTH PLAIN") => Some(b"504 5.5.4 not today\r\n".to_vec()),
            "AUTH LOGIN" => Some(b"334 VXNlcm5hbWU6\r\n".to_vec()),
            line if line == BASE64.encode("zhang.san@example.com") => Some(b"334 UGFzc3dvcmQ6\r\n".to_vec()),
            line if line == BASE64.encode("口令") => Some(b"235 ok\r\n".to_vec()),
            _ => plain_sailing(line),
        }
    }
    let scripted = Scripted::start(Security::Tls, no_plain).await;
    scripted.sign_in(&password()).await.unwrap();

    fn wrong(line: &str) -> Option<Vec<u8>> {
        if line.starts_with("AUTH") {
            return Some(
                encoding_rs::GB18030
                    .encode("535 错误：用户名或密码错误\r\n")
                    .0
                    .into_owned(),
            );
        }
        plain_sailing(line)
    }
    let scripted = Scripted::start(Security::Tls, wrong).await;
    let error = scripted.sign_in(&password()).await.unwrap_err();
    assert!(
        matches!(&error, Error::Auth { code: 535, text } if text == "错误：用户名或密码错误"),
        "{error:?}"
    );
    // One attempt: servers count them before they lock an account.
    assert_eq!(
        scripted.heard().iter().filter(|line| line.starts_with("AUTH")).count(),
        1
    );
    assert!(!error.is_transient());
}

#[tokio::test]
async fn a_token_signs_in_by_xoauth2_and_its_refusal_is_fetched_in_words() {
    let scripted = Scripted::start(Security::Tls, plain_sailing).await;
    scripted.sign_in(&token()).await.unwrap();
    let initial = BASE64.encode("user=zhang.san@example.com\x01auth=Bearer token-1\x01\x01");
    assert_eq!(scripted.heard()[1], format!("AUTH XOAUTH2 {initial}"));

    fn expired(line: &str) -> Option<Vec<u8>> {
        match line {
            line if line.starts_with("AUTH") => Some(b"334 eyJzdGF0dXMiOiI0MDEifQ==\r\n".to_vec()),
            "" => Some(b"535 5.7.3 Authentication unsuccessful\r\n".to_vec()),
            _ => plain_sailing(line),
        }
    }
    let scripted = Scripted::start(Security::Tls, expired).await;
    let error = scripted.sign_in(&token()).await.unwrap_err();
    assert!(matches!(error, Error::Auth { code: 535, .. }), "{error:?}");
}

#[tokio::test]
async fn a_token_is_not_offered_to_a_server_for_passwords() {
    fn script(line: &str) -> Option<Vec<u8>> {
        if line.starts_with("EHLO") {
            return Some(b"250-mail\r\n250 AUTH PLAIN LOGIN\r\n".to_vec());
        }
        plain_sailing(line)
    }
    let scripted = Scripted::start(Security::Tls, script).await;
    let error = scripted.sign_in(&token()).await.unwrap_err();
    assert!(
        matches!(&error, Error::AuthUnavailable { offered } if offered == "PLAIN LOGIN"),
        "{error:?}"
    );
    assert_eq!(scripted.heard(), ["EHLO [127.0.0.1]", "QUIT"]);
}

#[tokio::test]
async fn refusals_closing_silence_and_nonsense_are_told_apart() {
    fn busy(_: &str) -> Option<Vec<u8>> {
        Some(b"421 4.3.2 too many connections\r\n".to_vec())
    }
    let error = Scripted::start(Security::Tls, busy)
        .await
        .sign_in(&password())
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Refused { code: 421, .. }) && error.is_transient(),
        "{error:?}"
    );

    fn temporary(line: &str) -> Option<Vec<u8>> {
        if line.starts_with("AUTH") {
            Some(b"454 4.7.0 later\r\n".to_vec())
        } else {
            plain_sailing(line)
        }
    }
    let error = Scripted::start(Security::Tls, temporary)
        .await
        .sign_in(&password())
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Refused { code: 454, .. }) && error.is_transient(),
        "{error:?}"
    );

    fn closes(line: &str) -> Option<Vec<u8>> {
        if line.starts_with("AUTH") {
            None
        } else {
            plain_sailing(line)
        }
    }
    let error = Scripted::start(Security::None, closes)
        .await
        .sign_in(&password())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Closed), "{error:?}");

    fn imap(_: &str) -> Option<Vec<u8>> {
        Some(b"* OK IMAP4 ready\r\n".to_vec())
    }
    let error = Scripted::start(Security::Tls, imap)
        .await
        .sign_in(&password())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Protocol(_)), "{error:?}");

    fn endless(_: &str) -> Option<Vec<u8>> {
        Some(vec![b'2'; 100_000])
    }
    let error = Scripted::start(Security::Tls, endless)
        .await
        .sign_in(&password())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Protocol(_)), "{error:?}");

    fn silent(_: &str) -> Option<Vec<u8>> {
        Some(Vec::new())
    }
    let scripted = Scripted::start(Security::Tls, silent).await;
    let limits = Limits {
        command_timeout: Duration::from_millis(50),
        ..Limits::default()
    };
    let error = Session::open(&scripted.dialer, &scripted.server, &password(), &limits)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Timeout), "{error:?}");
}

/// lettre unwraps on a keyword of spaces.
#[tokio::test]
async fn an_empty_keyword_is_survived() {
    fn script(line: &str) -> Option<Vec<u8>> {
        if line.starts_with("EHLO") {
            return Some("250-mail\r\n250-   \r\n250-\u{3000}\r\n250-AUTH PLAIN\r\n250-SIZE 0\r\n250\r\n".into());
        }
        plain_sailing(line)
    }
    let capabilities = Scripted::start(Security::Tls, script)
        .await
        .sign_in(&password())
        .await
        .unwrap();
    assert_eq!((capabilities.auth(), capabilities.size()), (vec!["PLAIN"], None));
}

#[test]
fn no_secret_can_be_printed() {
    assert!(!format!("{:?} {:?}", password(), token()).contains("token-1"));
    assert!(!format!("{:?}", password()).contains("口令"));
}
