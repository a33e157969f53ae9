//! A bridge before a simulated WeCom, a browser, and a device.

#![allow(dead_code, reason = "each test file uses some of it")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unused_self,
    reason = "a test that fails says so by itself, and is read as a story"
)]

pub mod computer;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use qiyou_bridge::Config;
use qiyou_bridge::clock::Clock;
use qiyou_bridge::config::TEMPLATE;
use qiyou_bridge::serve::Server;
use qiyou_bridge_api::{Device, Refusal, Session, SigninStarted};
use qiyou_net::{DialConfig, Dialer};
use qiyou_signin::bridge::{Bridge, DeviceKey, Error, Verifier};
use qiyou_testkit::netease::NeteaseSim;
use qiyou_testkit::postgres::{self, Postgres};
use qiyou_testkit::smtp::{self, SmtpServer};
use qiyou_testkit::tls::TestCa;
use qiyou_testkit::wecom::{CallbackKeys, Company, INSIDE, OUTSIDE, WecomSim};
use secrecy::SecretString;
use tokio::sync::oneshot;
use url::Url;

/// Of the mailbox that mails codes.
pub const MAILER_PASSWORD: &str = "mailers-password";

pub struct House {
    pub sim: WecomSim,
    pub url: Url,
    pub clock: Clock,
    pub folder: tempfile::TempDir,
    /// What the certificate of a bridge that speaks TLS itself is signed by.
    pub authority: Option<TestCa>,
    /// The database, where it is not SQLite.
    pub postgres: Option<Postgres>,
    config: String,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<tokio::task::JoinHandle<()>>,
}

/// What a command said, and whether it went well.
pub struct Said {
    pub good: bool,
    pub out: String,
    pub error: String,
}

impl Said {
    pub fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            good: output.status.success(),
            out: text(&output.stdout),
            error: text(&output.stderr),
        }
    }

    /// Whether it went well, standard output, and the error.
    pub fn parts(self) -> (bool, String, String) {
        (self.good, self.out, self.error)
    }

    /// It went well, and said this.
    pub fn says(&self, words: &str) {
        assert!(
            self.good && self.out.contains(words),
            "{words}: {} {}",
            self.out,
            self.error
        );
    }

    /// It failed, and said this.
    pub fn fails(&self, words: &str) {
        let said = self.out.contains(words) || self.error.contains(words);
        assert!(!self.good && said, "{words}: {} {}", self.out, self.error);
    }
}

/// Tells stories twice: in a house with SQLite, and in one with PostgreSQL.
#[allow(unused_macros, reason = "each test file uses some of it")]
macro_rules! on_both_databases {
    ([$sqlite:expr, $postgres:expr]: $($story:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $story() {
                super::$story($sqlite.await).await;
            })+
        }
        #[cfg(target_os = "linux")]
        mod on_postgres {
            $(#[tokio::test]
            async fn $story() {
                super::$story($postgres.await).await;
            })+
        }
    };
    ($($story:ident),+ $(,)?) => {
        on_both_databases! { [super::house::house(), super::house::house_on_postgres()]: $($story),+ }
    };
}
#[allow(unused_imports, reason = "each test file uses some of it")]
pub(crate) use on_both_databases;

/// A file that its owner alone can read.
pub fn secret(folder: &Path, name: &str, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// 示例公司 with an application of before 2022-06-20, which is told addresses.
pub fn old() -> Company {
    Company {
        new_app: false,
        ..Company::example()
    }
}

/// A configuration that reads the directory and takes callbacks.
pub fn following(config: &str) -> String {
    config.replace("enabled = false", "enabled = true")
        + "\n[wecom.callback]\ntoken = { file = \"callback.token\" }\naes_key = { file = \"callback.key\" }\n"
}

/// A bridge for 示例公司.
pub async fn house() -> House {
    house_with(Company::example(), |config| config).await
}

/// A bridge that speaks TLS itself, with a certificate of an authority of its own.
pub async fn house_with_tls() -> House {
    let authority = TestCa::new().unwrap();
    let identity = authority.localhost().unwrap();
    // Read at the start, and not again.
    let files = tempfile::tempdir().unwrap();
    secret(files.path(), "chain.pem", &identity.chain_pem);
    secret(files.path(), "key.pem", &identity.key_pem);
    let files = files.path().display();
    let mut house = empty_house(Company::example(), |config| {
        config.replace("http://127.0.0.1:0", "https://127.0.0.1:0")
            + &format!("\n[tls]\ncertificate = \"{files}/chain.pem\"\nkey = {{ file = \"{files}/key.pem\" }}\n")
    })
    .await;
    house.authority = Some(authority);
    house.start().await;
    house
}

/// A bridge with another company or configuration.
pub async fn house_with(company: Company, change: impl Fn(String) -> String) -> House {
    let mut house = empty_house(company, change).await;
    house.start().await;
    house
}

/// A bridge for 示例公司 that keeps everything in PostgreSQL.
pub async fn house_on_postgres() -> House {
    house_on_postgres_with(Company::example(), |config| config).await
}

/// [`house_with`] that keeps everything in PostgreSQL.
pub async fn house_on_postgres_with(company: Company, change: impl Fn(String) -> String) -> House {
    let postgres = Postgres::start().await.unwrap();
    let url = postgres.url();
    let mut house = house_with(company, |config| change(on_postgres(&config, &url))).await;
    house.postgres = Some(postgres);
    house
}

/// A configuration with the lines about PostgreSQL no longer commented out.
pub fn on_postgres(config: &str, url: &str) -> String {
    let template = "# [database]\n# url = \"postgres://qiyou@db.example.cn/qiyou\"\n# password = { file = \"database.password\" }\n";
    assert!(config.contains(template), "{config}");
    let database = format!("[database]\nurl = \"{url}\"\npassword = {{ file = \"database.password\" }}\n");
    config.replace(template, &database)
}

/// The section of a configuration that names NetEase.
pub fn netease(sim: &NeteaseSim) -> String {
    format!(
        "[netease]\napp_id = \"{}\"\nauth_code = {{ file = \"netease.authcode\" }}\norg_open_id = \"{}\"\nhost = \"{}\"\n",
        NeteaseSim::APP_ID,
        NeteaseSim::ORG_OPEN_ID,
        sim.url()
    )
}

/// WeCom, secrets and configuration, before any bridge runs.
pub async fn empty_house(company: Company, change: impl Fn(String) -> String) -> House {
    // reqwest takes whatever provider the process has.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    secret(folder.path(), "master.key", &"5a".repeat(32));
    secret(folder.path(), "wecom.secret", &company.secret);
    let keys = CallbackKeys::example(&company.corp_id);
    secret(folder.path(), "callback.token", &keys.token);
    secret(folder.path(), "callback.key", &keys.aes_key);
    secret(folder.path(), "netease.authcode", NeteaseSim::AUTH_CODE);
    secret(folder.path(), "database.password", postgres::PASSWORD);
    let (corp, agent) = (company.corp_id.clone(), company.agent_id);
    let sim = WecomSim::start(company).await.unwrap();
    let base = sim.url();
    let config = TEMPLATE
        .replace("https://mail.example.cn", "http://127.0.0.1:0")
        .replace("# listen = \"0.0.0.0:443\"", "listen = \"127.0.0.1:0\"")
        .replace("ww0000000000000000", &corp)
        .replace("agent_id = 1000002", &format!("agent_id = {agent}"));
    let config = change(
        config
            + &format!(
                "\n[directory]\nenabled = false\n[wecom.hosts]\napi = \"{base}\"\nlogin = \"{base}\"\nold_login = \"{base}\"\noauth = \"{base}\"\nsdk = \"{base}\"\n"
            ),
    );
    House {
        sim,
        url: Url::parse("http://127.0.0.1/").unwrap(),
        clock: Clock::default(),
        folder,
        authority: None,
        postgres: None,
        config,
        stop: None,
        serving: None,
    }
}

impl House {
    /// The configuration as a file.
    pub fn config_file(&self) -> PathBuf {
        let path = self.folder.path().join("bridge.toml");
        std::fs::write(&path, &self.config).unwrap();
        path
    }

    /// Another configuration, for the next start or command.
    pub fn reconfigure(&mut self, change: impl FnOnce(String) -> String) {
        self.config = change(std::mem::take(&mut self.config));
    }

    pub fn config(&self) -> Config {
        Config::parse(&self.config, self.folder.path().to_owned()).unwrap()
    }

    /// Runs the program on a thread that may wait: the simulator answers on this one.
    pub async fn command(&self, arguments: &[&str]) -> Said {
        self.command_with(arguments, &[]).await
    }

    /// [`Self::command`] with variables of the environment.
    pub async fn command_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qiyou-bridge"));
        command
            .args(arguments)
            .arg("--config")
            .arg(self.config_file())
            .env("LANG", "en_US.UTF-8")
            .env_remove("LC_ALL")
            .envs(variables.iter().copied());
        let output = tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap();
        Said::of(&output)
    }

    pub async fn start(&mut self) {
        let server = Server::bind(self.config(), self.clock.clone()).await.unwrap();
        self.url = server.url().clone();
        // The next start comes up at the same place, as a restarted service does.
        let port = self.url.port().unwrap();
        self.config = self.config.replace("127.0.0.1:0\"", &format!("127.0.0.1:{port}\""));
        self.sim.trust(&format!("127.0.0.1:{port}"));
        let (stop, stopped) = oneshot::channel::<()>();
        self.stop = Some(stop);
        self.serving = Some(tokio::spawn(async move {
            server.run(async { drop(stopped.await) }).await.unwrap();
        }));
    }

    /// Stops the bridge in good order and starts it anew.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.start().await;
    }

    pub async fn stop(&mut self) {
        drop(self.stop.take());
        self.serving.take().unwrap().await.unwrap();
    }

    pub fn device(&self) -> Desk {
        let key = Arc::new(DeviceKey::random().unwrap());
        Desk {
            bridge: bridge(&self.url, &key, self.authority.as_ref()),
            key,
            verifier: Verifier::random(),
        }
    }

    pub async fn readyz(&self) -> u16 {
        let url = self.url.join("readyz").unwrap();
        reqwest::get(url).await.unwrap().status().as_u16()
    }

    pub fn postgres(&self) -> &Postgres {
        self.postgres.as_ref().unwrap()
    }

    pub fn browser(&self) -> Browser {
        Browser::new(OUTSIDE, self.authority.as_ref())
    }

    pub fn inside(&self) -> Browser {
        Browser::new(INSIDE, self.authority.as_ref())
    }

    /// A sign-in of a member on a new device, up to the page with the code.
    pub async fn confirmed(&self, userid: &str) -> (Desk, SigninStarted, Browser) {
        self.sim.quick(userid);
        let desk = self.device();
        let started = desk.start().await;
        let done = self.browser().through(&started.url).await.confirm("yes").await;
        (desk, started, done)
    }

    /// A whole sign-in of a member on a new device.
    pub async fn signed_in(&self, userid: &str) -> (Desk, Session) {
        let (desk, started, done) = self.confirmed(userid).await;
        let session = desk.redeem(&started, &done.code()).await.unwrap();
        (desk, session)
    }
}

/// A bridge whose application is kept from addresses, and a mail server that takes its codes.
pub struct Office {
    pub house: House,
    pub smtp: SmtpServer,
    /// What is read at every start.
    _files: tempfile::TempDir,
}

/// `company` with a mailer; the mail server knows no 赵六.
pub async fn office_with(company: Company, postgres: bool, change: impl Fn(String) -> String) -> Office {
    let authority = TestCa::new().unwrap();
    let smtp = SmtpServer::builder()
        .tls(smtp::Security::Implicit, &authority.localhost().unwrap())
        .unwrap()
        .user("qiyou@example.cn", MAILER_PASSWORD)
        .refuse_recipient("zhaoliu@example.cn", "550 5.1.1 zhaoliu@example.cn: no such user")
        .start()
        .unwrap();
    let files = tempfile::tempdir().unwrap();
    secret(files.path(), "mailer.password", MAILER_PASSWORD);
    std::fs::write(files.path().join("authority.pem"), authority.pem()).unwrap();
    let (folder, port) = (files.path().display().to_string(), smtp.port());
    let change = move |config: String| {
        change(
            config.replace(
                "# authority = \"authority.pem\"",
                &format!("authority = \"{folder}/authority.pem\""),
            ) + &format!(
                "[mailer]\nhost = \"localhost\"\nport = {port}\naddress = \"qiyou@example.cn\"\n\
                 password = {{ file = \"{folder}/mailer.password\" }}\n"
            ),
        )
    };
    #[cfg(target_os = "linux")]
    let house = if postgres {
        house_on_postgres_with(company, change).await
    } else {
        house_with(company, change).await
    };
    #[cfg(not(target_os = "linux"))]
    let house = {
        assert!(!postgres);
        house_with(company, change).await
    };
    Office {
        house,
        smtp,
        _files: files,
    }
}

pub async fn office(postgres: bool) -> Office {
    office_with(Company::example(), postgres, |config| config).await
}

impl Office {
    /// The text of each mail that came.
    pub async fn texts(&self, count: usize) -> Vec<String> {
        let mails = self.smtp.wait_for_mails(count, Duration::from_secs(10)).await.unwrap();
        let text = |data: &[u8]| {
            let mail = String::from_utf8(data.to_vec()).unwrap();
            let (_, body) = mail.split_once("\r\n\r\n").unwrap();
            String::from_utf8(BASE64.decode(body.replace("\r\n", "")).unwrap()).unwrap()
        };
        mails.iter().map(|mail| text(&mail.data)).collect()
    }

    /// The code of the newest of so many mails.
    pub async fn code(&self, count: usize) -> String {
        let text = self.texts(count).await.pop().unwrap();
        let (_, rest) = text.split_once("验证码：").unwrap();
        rest.chars().take(6).collect()
    }
}

/// Waits until it is so.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, look: impl Fn() -> F) -> T {
    for _ in 0..400 {
        if let Some(found) = look().await {
            return found;
        }
        // The bridge works by itself; nothing tells when it is done.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not so within 20 s: {what}");
}

/// Why the bridge refused.
pub fn refusal<T>(result: Result<T, Error>) -> Refusal {
    match result {
        Err(Error::Refused(refused)) => refused.error,
        Err(error) => panic!("not refused: {error}"),
        Ok(_) => panic!("not refused"),
    }
}

fn bridge(url: &Url, key: &Arc<DeviceKey>, authority: Option<&TestCa>) -> Bridge {
    let dial = DialConfig {
        extra_roots: authority.map(TestCa::der).into_iter().collect(),
        ..DialConfig::default()
    };
    let http = Dialer::new(dial).unwrap().http().unwrap();
    Bridge::new(http, url.clone(), Arc::clone(key))
}

/// A device with the app.
pub struct Desk {
    pub bridge: Bridge,
    pub key: Arc<DeviceKey>,
    pub verifier: Verifier,
}

impl Desk {
    pub async fn start(&self) -> SigninStarted {
        self.try_start().await.unwrap()
    }

    pub async fn try_start(&self) -> Result<SigninStarted, Error> {
        let device = Device {
            name: "DESKTOP-4F2K".into(),
            system: "Windows 11".into(),
            version: "0.1.0".into(),
        };
        self.bridge.start(device, &self.verifier, "zh").await
    }

    /// The next request goes over a new connection.
    pub fn reconnect(&mut self) {
        self.bridge = bridge(self.bridge.base(), &self.key, None);
    }

    pub async fn redeem(&self, started: &SigninStarted, code: &str) -> Result<Session, Error> {
        self.bridge
            .redeem(&started.id, SecretString::from(code), &self.verifier)
            .await
    }
}

/// A browser that keeps cookies and shows one page.
pub struct Browser {
    http: reqwest::Client,
    agent: &'static str,
    cookies: HashMap<String, HashMap<String, String>>,
    pub url: Url,
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub page: String,
}

impl Browser {
    fn new(agent: &'static str, authority: Option<&TestCa>) -> Self {
        let mut http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // Each page over a connection of its own.
            .pool_max_idle_per_host(0)
            .no_proxy();
        if let Some(authority) = authority {
            let certificate = reqwest::Certificate::from_der(&authority.der()).unwrap();
            http = http.tls_certs_only([certificate]);
        }
        Self {
            http: http.build().unwrap(),
            agent,
            cookies: HashMap::new(),
            url: Url::parse("about:blank").unwrap(),
            status: 0,
            headers: reqwest::header::HeaderMap::new(),
            page: String::new(),
        }
    }

    /// With another `User-Agent`.
    pub fn calls_itself(mut self, agent: &'static str) -> Self {
        self.agent = agent;
        self
    }

    /// The values of all cookies that it keeps.
    pub fn cookies(&self) -> Vec<String> {
        let values = self.cookies.values().flat_map(HashMap::values);
        values.cloned().collect()
    }

    /// Opens an address and follows where it leads to.
    pub async fn through(mut self, url: &str) -> Self {
        self.go(url).await;
        self
    }

    pub async fn go(&mut self, url: &str) {
        self.try_go(url).await.unwrap();
    }

    /// The same where the answer may be lost on the way.
    pub async fn try_go(&mut self, url: &str) -> Result<(), reqwest::Error> {
        let mut url = Url::parse(url).unwrap();
        for _ in 0..8 {
            let Some(next) = self.once(self.http.get(url.clone()), &url).await? else {
                return Ok(());
            };
            url = next;
        }
        panic!("redirects without end");
    }

    /// Opens an address and says where it leads to.
    pub async fn step(&mut self, url: &str) -> Option<String> {
        let url = Url::parse(url).unwrap();
        self.once(self.http.get(url.clone()), &url)
            .await
            .unwrap()
            .map(String::from)
    }

    async fn once(&mut self, request: reqwest::RequestBuilder, url: &Url) -> Result<Option<Url>, reqwest::Error> {
        let site = url.authority().to_owned();
        let kept: Vec<String> = self
            .cookies
            .get(&site)
            .into_iter()
            .flatten()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let response = request
            .header("user-agent", self.agent)
            .header("accept-language", "zh-CN,zh;q=0.9")
            .header("cookie", kept.join("; "))
            .header("x-fragment", url.fragment().unwrap_or_default())
            .send()
            .await?;
        for cookie in response.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies
                .entry(site.clone())
                .or_default()
                .insert(name.into(), value.into());
        }
        let next = response
            .headers()
            .get("location")
            .map(|to| url.join(to.to_str().unwrap()).unwrap());
        self.url = url.clone();
        self.status = response.status().as_u16();
        self.headers = response.headers().clone();
        self.page = response.text().await?;
        Ok(next)
    }

    /// The secret of the form on the page.
    pub fn ticket(&self) -> String {
        between(&self.page, "name=\"ticket\" value=\"", "\"")
            .unwrap_or_else(|| panic!("no question: {} {}", self.status, self.page))
    }

    /// Answers the question of the page.
    pub async fn confirm(mut self, answer: &str) -> Self {
        let ticket = self.ticket();
        self.answer(&ticket, answer).await;
        self
    }

    pub async fn answer(&mut self, ticket: &str, answer: &str) {
        self.try_answer(ticket, answer).await.unwrap();
    }

    /// The same where what the bridge says to it may be lost on the way.
    pub async fn try_answer(&mut self, ticket: &str, answer: &str) -> Result<(), reqwest::Error> {
        let url = self.url.join("/confirm").unwrap();
        let origin = url.origin().ascii_serialization();
        let request = self
            .http
            .post(url.clone())
            .header("origin", origin)
            .form(&[("ticket", ticket), ("answer", answer)]);
        self.once(request, &url).await.map(drop)
    }

    /// The code with which the page wakes the app.
    pub fn code(&self) -> String {
        between(&self.page, "qiyou://signin?c=", "\"").unwrap_or_else(|| panic!("no code: {}", self.page))
    }

    /// The six digits of the page.
    pub fn digits(&self) -> String {
        between(&self.page, "aria-label=\"", "\"").unwrap().replace(' ', "")
    }

    pub fn shows(&self, status: u16, words: &str) {
        assert!(
            self.status == status && self.page.contains(words),
            "{} {}",
            self.status,
            self.page
        );
    }
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0.to_owned())
}
