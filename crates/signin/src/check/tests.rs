use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use qiyou_net::{CertificateProblem, DialConfig, Endpoint, Proxy, ProxyChoice, ProxyKind};
#[cfg(unix)]
use qiyou_testkit::dovecot::{Dovecot, Options};
use qiyou_testkit::proxy::{Kind, Proxy as TestProxy};
use qiyou_testkit::smtp::SmtpServer;
use qiyou_testkit::tls::TestCa;
use secrecy::SecretString;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::address::Address;
use crate::provider::Provider;
use crate::settings::{CUSTOM, CredentialKind};

const ZHANG: &str = "zhangsan@qiyou.test";

fn id() -> ClientId {
    ClientId {
        name: "Qiyou".to_owned(),
        version: "0".to_owned(),
        vendor: "Qiyou".to_owned(),
    }
}

fn password(password: &str) -> Credentials {
    Credentials::Password {
        user: "ignored".to_owned(),
        password: SecretString::from(password),
    }
}

fn token() -> Credentials {
    Credentials::Bearer {
        user: "ignored".to_owned(),
        token: SecretString::from("token"),
    }
}

fn dialer(ca: Option<&TestCa>) -> Dialer {
    let extra_roots = ca.map(TestCa::der).into_iter().collect();
    Dialer::new(DialConfig {
        proxy: ProxyChoice::Direct,
        extra_roots,
        ..DialConfig::default()
    })
    .unwrap()
}

fn settings(imap: (u16, Security), smtp: (u16, Security)) -> Settings {
    let server = |(port, security)| ServerSettings {
        host: "127.0.0.1".to_owned(),
        port,
        security,
        user: ZHANG.to_owned(),
    };
    Settings {
        provider: CUSTOM.to_owned(),
        imap: server(imap),
        smtp: server(smtp),
        credential: CredentialKind::Password,
    }
}

fn closed() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// What a scripted server answers to commands that begin so; `{tag}` is the command's.
type Script = &'static [(&'static str, &'static str)];

const SOUND: Script = &[
    ("CAPABILITY", "* CAPABILITY IMAP4rev1 ID\r\n{tag} OK done\r\n"),
    ("LOGIN", "{tag} OK welcome\r\n"),
    ("ID", "* ID NIL\r\n{tag} OK done\r\n"),
    (
        "EXAMINE",
        "* 3 EXISTS\r\n* OK [UIDVALIDITY 1] ok\r\n{tag} OK [READ-ONLY] done\r\n",
    ),
    ("LOGOUT", "* BYE bye\r\n{tag} OK done\r\n"),
];

async fn converse(io: impl AsyncRead + AsyncWrite + Unpin, script: Script, heard: Arc<Mutex<Vec<String>>>) {
    let mut io = BufReader::new(io);
    let _ = io.write_all(b"* OK ready\r\n").await;
    let _ = io.flush().await;
    let mut line = String::new();
    while let Ok(1..) = io.read_line(&mut line).await {
        let (tag, command) = line.trim_end().split_once(' ').unwrap_or_default();
        heard.lock().unwrap().push(command.to_owned());
        let answers = script.iter().chain(SOUND);
        let answer = answers
            .into_iter()
            .find(|(start, _)| command.starts_with(start))
            .map_or("{tag} BAD what?\r\n", |a| a.1);
        if io.write_all(answer.replace("{tag}", tag).as_bytes()).await.is_err() || io.flush().await.is_err() {
            return;
        }
        // As servers do after their good-bye.
        if answer.starts_with("* BYE") {
            return;
        }
        line.clear();
    }
}

struct Imap {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Imap {
    /// A scripted IMAP server; in TLS with a certificate for `name`.
    async fn start(script: Script, tls: Option<(&TestCa, &str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let acceptor = tls.map(|(ca, name)| TlsAcceptor::from(ca.issue(&[name]).unwrap().server_config().unwrap()));
        let log = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (acceptor, log) = (acceptor.clone(), Arc::clone(&log));
                tokio::spawn(async move {
                    match acceptor {
                        None => converse(client, script, log).await,
                        Some(acceptor) => {
                            if let Ok(tls) = acceptor.accept(client).await {
                                converse(tls, script, log).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, heard }
    }

    fn sign_ins(&self) -> usize {
        self.heard
            .lock()
            .unwrap()
            .iter()
            .filter(|command| command.starts_with("LOGIN"))
            .count()
    }
}

/// The failure of a test against a scripted IMAP server.
async fn failing(script: Script, change: impl FnOnce(&mut Settings), credentials: &Credentials) -> Failure {
    let imap = Imap::start(script, None).await;
    let mut settings = settings((imap.address.port(), Security::None), (closed(), Security::None));
    change(&mut settings);
    check(&dialer(None), &settings, credentials, &id(), |_| {})
        .await
        .failure
        .unwrap()
}

#[cfg(unix)]
#[tokio::test]
async fn a_real_server_is_passed_step_by_step_however_it_is_protected() {
    let dovecot = Dovecot::start(Options::for_user(ZHANG, "geheim")).await.unwrap();
    dovecot
        .deliver(ZHANG, b"From: lisi@qiyou.test\r\nSubject: hello\r\n\r\nhello\r\n")
        .await
        .unwrap();
    let direct = settings(
        (dovecot.imaps_port(), Security::Tls),
        (dovecot.submissions_port(), Security::Tls),
    );
    let upgraded = settings(
        (dovecot.imap_port(), Security::StartTls),
        (dovecot.submission_port(), Security::StartTls),
    );
    let all = [
        Step::ImapConnect,
        Step::ImapSignIn,
        Step::ImapInbox,
        Step::SmtpConnect,
        Step::SmtpSignIn,
        Step::Done,
    ];
    for settings in [direct, upgraded] {
        let mut steps = Vec::new();
        let dialer = dialer(Some(dovecot.ca().as_ref()));
        let report = check(&dialer, &settings, &password("geheim"), &id(), |step| steps.push(step)).await;
        assert_eq!(report.failure, None);
        assert_eq!((report.inbox_messages, &report.settings), (Some(1), &settings));
        // With STARTTLS connecting and signing in are one step.
        let expected: Vec<Step> = all
            .into_iter()
            .filter(|s| settings.imap.security == Security::Tls || *s != Step::ImapSignIn)
            .collect();
        assert_eq!(steps, expected);

        let report = check(&dialer, &settings, &password("wrong"), &id(), |_| {}).await;
        let failure = report.failure.unwrap();
        assert_eq!(
            (failure.step, failure.cause, failure.port),
            (Step::ImapSignIn, Cause::Password, settings.imap.port)
        );
        assert!(
            !failure.detail.is_empty() && !failure.detail.contains("wrong"),
            "{}",
            failure.detail
        );
    }
    let settings = settings((dovecot.imaps_port(), Security::Tls), (closed(), Security::Tls));
    let failure = check(&dialer(None), &settings, &password("geheim"), &id(), |_| {})
        .await
        .failure
        .unwrap();
    assert_eq!(
        (failure.step, failure.cause),
        (Step::ImapConnect, Cause::Certificate(CertificateProblem::UnknownIssuer))
    );
}

#[tokio::test]
async fn a_closed_port_is_named_with_the_server_it_belongs_to() {
    let imap = closed();
    let closed_imap = settings((imap, Security::None), (closed(), Security::None));
    let report = check(&dialer(None), &closed_imap, &password("x"), &id(), |_| {}).await;
    let failure = report.failure.unwrap();
    assert_eq!(
        (failure.step, failure.cause, failure.port),
        (Step::ImapConnect, Cause::Tcp, imap)
    );

    let sound = Imap::start(&[], None).await;
    let smtp = closed();
    let settings = settings((sound.address.port(), Security::None), (smtp, Security::None));
    let report = check(&dialer(None), &settings, &password("x"), &id(), |_| {}).await;
    let failure = report.failure.unwrap();
    assert_eq!(
        (failure.step, failure.cause, failure.port),
        (Step::SmtpConnect, Cause::Tcp, smtp)
    );
    assert_eq!(report.inbox_messages, Some(3));
}

#[tokio::test]
async fn a_refused_secret_is_named_by_what_the_provider_wants() {
    const REFUSED: Script = &[("LOGIN", "{tag} NO LOGIN Login error or password error\r\n")];
    for (kind, provider, expected) in [
        (CredentialKind::Password, CUSTOM, Cause::Password),
        (
            CredentialKind::AuthorizationCode,
            "netease_163",
            Cause::AuthorizationCodeNeeded,
        ),
        (
            CredentialKind::ClientPassword,
            "tencent_exmail",
            Cause::AuthorizationCodeNeeded,
        ),
        (CredentialKind::Oauth2, "gmail", Cause::OAuthNeeded),
        (CredentialKind::Password, "office365", Cause::OAuthNeeded),
    ] {
        let change = |settings: &mut Settings| {
            settings.credential = kind;
            provider.clone_into(&mut settings.provider);
        };
        let failure = failing(REFUSED, change, &password("secret-1")).await;
        assert_eq!(
            (failure.step, failure.cause),
            (Step::ImapSignIn, expected),
            "{provider}"
        );
        assert!(failure.detail.contains("password error"), "{}", failure.detail);
        assert!(!format!("{failure:?}").contains("secret-1"));
    }
}

#[tokio::test]
async fn what_is_no_wrong_password_is_told_apart() {
    const DISABLED: Script = &[("LOGIN", "{tag} NO IMAP is disabled for your account\r\n")];
    const CODE: Script = &[("LOGIN", "{tag} NO Please use an application-specific password\r\n")];
    const BUSY: Script = &[("LOGIN", "{tag} NO [UNAVAILABLE] Too many simultaneous connections\r\n")];
    const HANGS_UP: Script = &[("LOGIN", "* BYE see you\r\n")];
    const UNSAFE: Script = &[(
        "EXAMINE",
        "{tag} NO EXAMINE Unsafe Login. Please contact kefu@188.com for help\r\n",
    )];
    const NO_INBOX: Script = &[
        ("EXAMINE", "{tag} NO the mailbox is broken\r\n"),
        ("SELECT", "{tag} NO broken\r\n"),
    ];
    for (script, step, cause) in [
        (DISABLED, Step::ImapSignIn, Cause::ImapDisabled),
        (CODE, Step::ImapSignIn, Cause::AuthorizationCodeNeeded),
        (BUSY, Step::ImapSignIn, Cause::TooManyConnections),
        (HANGS_UP, Step::ImapSignIn, Cause::Disconnected),
        (UNSAFE, Step::ImapInbox, Cause::UnsafeLogin),
        (NO_INBOX, Step::ImapInbox, Cause::ServerSaid),
    ] {
        let failure = failing(script, |_| {}, &password("x")).await;
        assert_eq!((failure.step, failure.cause), (step, cause), "{script:?}: {failure:?}");
    }
}

#[tokio::test]
async fn a_token_at_a_server_for_passwords_is_the_tokens_failure() {
    let failure = failing(&[], |settings| settings.credential = CredentialKind::Oauth2, &token()).await;
    assert_eq!(
        (failure.step, failure.cause),
        (Step::ImapSignIn, Cause::OAuthRefused),
        "{failure:?}"
    );
}

#[tokio::test]
async fn sending_that_is_refused_keeps_the_servers_own_words() {
    let imap = Imap::start(&[], None).await;
    let smtp = SmtpServer::builder().user(ZHANG, "another").netease().start().unwrap();
    let settings = settings((imap.address.port(), Security::None), (smtp.port(), Security::None));
    let report = check(&dialer(None), &settings, &password("geheim"), &id(), |_| {}).await;
    let failure = report.failure.unwrap();
    assert_eq!((failure.step, failure.cause), (Step::SmtpSignIn, Cause::SmtpRefused));
    assert!(
        failure.detail.starts_with("535 ") && failure.detail.contains("用户名或授权码错误"),
        "{}",
        failure.detail
    );
    smtp.set_password(ZHANG, "geheim");
    let report = check(&dialer(None), &settings, &password("geheim"), &id(), |_| {}).await;
    assert_eq!(report.failure, None);
}

#[tokio::test]
async fn an_unprotected_server_elsewhere_is_refused_before_a_byte() {
    let mut settings = settings((143, Security::None), (25, Security::None));
    "192.0.2.1".clone_into(&mut settings.imap.host);
    let failure = check(&dialer(None), &settings, &password("x"), &id(), |_| {})
        .await
        .failure
        .unwrap();
    assert_eq!(
        (failure.step, failure.cause),
        (Step::ImapConnect, Cause::PlaintextForbidden)
    );
}

/// Dials NetEase's names through a proxy that leads to this test's servers.
struct NetEase {
    ca: TestCa,
    proxy: TestProxy,
    east: Imap,
    north: Imap,
}

impl NetEase {
    async fn start(east: Script, north: Script) -> Self {
        let ca = TestCa::new().unwrap();
        let proxy = TestProxy::start(Kind::Http, Some(("proxy", "pass"))).await.unwrap();
        let east = Imap::start(east, Some((&ca, "imaphz.qiye.163.com"))).await;
        let north = Imap::start(north, Some((&ca, "imap.qiye.163.com"))).await;
        proxy.route("imaphz.qiye.163.com:993", east.address);
        proxy.route("imap.qiye.163.com:993", north.address);
        Self { ca, proxy, east, north }
    }

    async fn check(&self, proxy_password: &str) -> Report {
        let proxy = Proxy {
            kind: ProxyKind::Http,
            endpoint: Endpoint::new("127.0.0.1", self.proxy.address().port()),
            credentials: Some(("proxy".to_owned(), SecretString::from(proxy_password))),
        };
        let config = DialConfig {
            proxy: ProxyChoice::Manual(proxy),
            extra_roots: vec![self.ca.der()],
            ..DialConfig::default()
        };
        let settings = Provider::by_id("netease_qiye_hz")
            .unwrap()
            .settings(&Address::parse("li@example.com").unwrap());
        check(
            &Dialer::new(config).unwrap(),
            &settings,
            &password("geheim"),
            &id(),
            |_| {},
        )
        .await
    }
}

const WRONG: Script = &[("LOGIN", "{tag} NO LOGIN Login error or password error\r\n")];

#[tokio::test]
async fn an_account_of_the_other_cluster_is_found_there() {
    let netease = NetEase::start(WRONG, &[]).await;
    let report = netease.check("pass").await;
    // No SMTP server stands behind the proxy: the inbox was opened, in the north.
    assert_eq!(
        (report.settings.provider.as_str(), report.inbox_messages),
        ("netease_qiye_bj", Some(3))
    );
    let failure = report.failure.unwrap();
    assert_eq!(
        (failure.step, failure.cause, failure.host.as_str()),
        (Step::SmtpConnect, Cause::Proxy, "smtp.qiye.163.com")
    );
    assert_eq!((netease.east.sign_ins(), netease.north.sign_ins()), (1, 1));
}

#[tokio::test]
async fn a_password_that_is_wrong_in_both_clusters_is_told_of_the_first_and_tried_once_in_each() {
    let netease = NetEase::start(WRONG, WRONG).await;
    let report = netease.check("pass").await;
    let failure = report.failure.unwrap();
    assert_eq!(
        (failure.cause, failure.host.as_str()),
        (Cause::Password, "imaphz.qiye.163.com")
    );
    assert_eq!(report.settings.provider, "netease_qiye_hz");
    assert_eq!((netease.east.sign_ins(), netease.north.sign_ins()), (1, 1));
}

#[tokio::test]
async fn a_sound_first_cluster_keeps_the_password_from_the_second_and_the_proxy_is_named() {
    let netease = NetEase::start(&[], WRONG).await;
    assert_eq!(netease.check("pass").await.settings.provider, "netease_qiye_hz");
    assert_eq!((netease.east.sign_ins(), netease.north.sign_ins()), (1, 0));
    let failure = netease.check("stale").await.failure.unwrap();
    assert_eq!((failure.step, failure.cause), (Step::ImapConnect, Cause::ProxyAuth));
}
