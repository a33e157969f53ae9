//! The measurements of the bridge as it is shipped, before a simulated WeCom, with TLS and all proofs: `cargo xtask bench
//! bridge` runs this and reports the figures, which come as one line of JSON each. Bridge, WeCom and those who sign in
//! share the machine.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "small numbers for people"
)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use futures::{StreamExt as _, stream};
use qiyou_bridge_api::{BridgeEvent, Device, Session};
use qiyou_net::{DialConfig, Dialer, HttpClient};
use qiyou_signin::bridge::{Bridge, DeviceKey, Events, Verifier};
use qiyou_testkit::tls::TestCa;
use qiyou_testkit::wecom::{Company, Member, WecomSim};
use secrecy::SecretString;
use url::Url;

/// Sign-ins of the measurement.
const SIGNINS: usize = 3000;
/// How many are on their way at once.
const AT_ONCE: usize = 24;
/// The bridge before its numbers are taken.
const REST: Duration = Duration::from_secs(20);

fn figure(name: &str, value: f64, unit: &str, aim: Option<f64>) {
    let aim = aim.map_or_else(|| "null".to_owned(), |aim| aim.to_string());
    println!(r#"{{"figure":"{name}","value":{value},"unit":"{unit}","aim":{aim}}}"#);
}

/// A bridge with its configuration, which can be started anew.
struct House {
    folder: tempfile::TempDir,
    program: PathBuf,
    url: Url,
    authority: TestCa,
    running: Option<Child>,
    _wecom: WecomSim,
}

impl House {
    async fn open(program: &Path, lines: usize) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut company = Company::example();
        company.new_app = false;
        company.members.push(Member::new("load", "张三", 1));
        let (corp, agent) = (company.corp_id.clone(), company.agent_id);
        let authority = TestCa::new()?;
        let identity = authority.localhost()?;
        let secrets = [
            ("master.key", "5a".repeat(32)),
            ("wecom.secret", company.secret.clone()),
            ("chain.pem", identity.chain_pem.clone()),
            ("key.pem", identity.key_pem.clone()),
        ];
        for (name, text) in secrets {
            use std::os::unix::fs::PermissionsExt as _;
            let path = folder.path().join(name);
            std::fs::write(&path, text)?;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        }
        let wecom = WecomSim::start(company).await?;
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let url = Url::parse(&format!("https://localhost:{port}/"))?;
        wecom.trust(&format!("localhost:{port}"));
        wecom.quick("load");
        let host = wecom.url();
        let most = lines.saturating_mul(100).max(10_000_000);
        let config = format!(
            "url = \"{url}\"\nlisten = \"127.0.0.1:{port}\"\ncompany = \"示例公司\"\ndomains = [\"example.cn\"]\n\
             master_key = {{ file = \"master.key\" }}\n[tls]\ncertificate = \"chain.pem\"\nkey = {{ file = \"key.pem\" }}\n\
             [directory]\nenabled = false\n[limits]\nsignins_per_minute = {most}\nrequests_per_minute = {most}\n\
             [wecom]\ncorp_id = \"{corp}\"\nagent_id = {agent}\nsecret = {{ file = \"wecom.secret\" }}\n\
             [wecom.hosts]\napi = \"{host}\"\nlogin = \"{host}\"\nold_login = \"{host}\"\noauth = \"{host}\"\nsdk = \"{host}\"\n"
        );
        std::fs::write(folder.path().join("bridge.toml"), config)?;
        let mut house = Self {
            folder,
            program: program.to_owned(),
            url,
            authority,
            running: None,
            _wecom: wecom,
        };
        house.start().await?;
        Ok(house)
    }

    async fn start(&mut self) -> Result<()> {
        let log = std::fs::File::create(self.folder.path().join("bridge.log"))?;
        let child = Command::new(&self.program)
            .args(["run", "--config"])
            .arg(self.folder.path().join("bridge.toml"))
            .env("QIYOU_BRIDGE_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("start qiyou-bridge")?;
        self.running = Some(child);
        let port = self.url.port().unwrap_or(443);
        for _ in 0..500 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("qiyou-bridge does not listen")
    }

    fn end(&mut self) {
        if let Some(mut running) = self.running.take() {
            let _ = running.kill();
            let _ = running.wait();
        }
    }

    /// What is this process's alone, in MB of 2^20 bytes.
    fn memory(&self) -> Result<f64> {
        let pid = self.running.as_ref().context("it runs")?.id();
        let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
        let number = line.and_then(|line| line.split_ascii_whitespace().next());
        Ok(number.context("no Pss")?.parse::<f64>()? / 1024.0)
    }

    fn dialer(&self) -> Result<Dialer> {
        Ok(Dialer::new(DialConfig {
            extra_roots: vec![self.authority.der()],
            ..DialConfig::default()
        })?)
    }

    fn desk(&self, http: &HttpClient) -> Result<Bridge> {
        let key = DeviceKey::random().context("make a key")?;
        Ok(Bridge::new(http.clone(), self.url.clone(), Arc::new(key)))
    }

    fn browser(&self) -> Result<reqwest::Client> {
        let certificate = reqwest::Certificate::from_der(&self.authority.der())?;
        Ok(reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .tls_certs_only([certificate])
            .build()?)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.end();
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Result<&'a str> {
    let (_, rest) = text
        .split_once(before)
        .with_context(|| format!("no {before} in {text}"))?;
    Ok(rest.split_once(after).context("an end")?.0)
}

/// A whole sign-in, from the button to the session: seven requests to the bridge, two of the bridge to WeCom.
async fn sign_in(desk: &Bridge, browser: &reqwest::Client) -> Result<Session> {
    let verifier = Verifier::random();
    let device = Device {
        name: "DESKTOP-4F2K".into(),
        system: "Windows 11".into(),
        version: "0.1.0".into(),
    };
    let started = desk.start(device, &verifier, "zh").await?;
    let mut url = Url::parse(&started.url)?;
    let mut cookie = String::new();
    let mut page = String::new();
    for _ in 0..4 {
        let answer = browser.get(url.clone()).header("cookie", &cookie).send().await?;
        if let Some(set) = answer.headers().get("set-cookie") {
            set.to_str()?
                .split(';')
                .next()
                .unwrap_or_default()
                .clone_into(&mut cookie);
        }
        let Some(to) = answer.headers().get("location") else {
            page = answer.text().await?;
            break;
        };
        url = url.join(to.to_str()?)?;
    }
    let ticket = between(&page, "name=\"ticket\" value=\"", "\"")?;
    let done = browser
        .post(url.join("/confirm")?)
        .header("cookie", &cookie)
        .form(&[("ticket", ticket), ("answer", "yes")])
        .send()
        .await?
        .text()
        .await?;
    let code = between(&done, "qiyou://signin?c=", "\"")?;
    Ok(desk.redeem(&started.id, SecretString::from(code), &verifier).await?)
}

async fn signins(house: &House) -> Result<()> {
    let http = house.dialer()?.http()?;
    let browser = house.browser()?;
    let began = Instant::now();
    let mut times: Vec<f64> = stream::iter(0..SIGNINS)
        .map(|_| async {
            let desk = house.desk(&http)?;
            let began = Instant::now();
            sign_in(&desk, &browser).await?;
            Ok::<_, anyhow::Error>(began.elapsed().as_secs_f64() * 1000.0)
        })
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>()
        .await
        .into_iter()
        .collect::<Result<_>>()?;
    let rate = SIGNINS as f64 / began.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    figure("a second for so many sign-ins (aim 200)", rate, "PerSecond", None);
    figure("time for 200 sign-ins, of a second", 200.0 / rate, "Seconds", Some(1.0));
    figure("a sign-in, p50", at(0.5), "Ms", None);
    figure("a sign-in, p99", at(0.99), "Ms", Some(300.0));
    Ok(())
}

/// Listens, and comes back when it is cut off, as the app does.
async fn listen(desk: Bridge, http: HttpClient, session: Session, heard: Arc<AtomicUsize>, failed: Arc<AtomicUsize>) {
    let mut session = session;
    let mut back = 20.0;
    loop {
        if let Ok(mut events) = desk.events(&http, &session.access_token).await {
            heard.fetch_add(1, Ordering::Relaxed);
            while let Ok(Some(event)) = events.next().await {
                if let BridgeEvent::Hello { back_within } = event {
                    back = f64::from(back_within);
                }
            }
            heard.fetch_sub(1, Ordering::Relaxed);
        } else {
            failed.fetch_add(1, Ordering::Relaxed);
            if let Ok(fresh) = desk.refresh(&session.refresh_token).await {
                session = fresh;
            }
        }
        tokio::time::sleep(Duration::from_secs_f64(rand::random::<f64>() * back)).await;
    }
}

async fn until(heard: &AtomicUsize, count: usize, patience: Duration) -> bool {
    let began = Instant::now();
    while heard.load(Ordering::Relaxed) < count {
        if began.elapsed() > patience {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    true
}

async fn lines(house: &mut House, count: usize) -> Result<()> {
    let (http, browser) = (house.dialer()?.http()?, house.browser()?);
    let long = house.dialer()?.http_stream(Events::SILENCE)?;
    let (heard, failed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let desks: Vec<(Bridge, Session)> = stream::iter(0..count)
        .map(|_| async {
            let desk = house.desk(&http)?;
            let session = sign_in(&desk, &browser).await?;
            Ok::<_, anyhow::Error>((desk, session))
        })
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>()
        .await
        .into_iter()
        .collect::<Result<_>>()?;
    let mut listeners = tokio::task::JoinSet::new();
    for (desk, session) in desks {
        listeners.spawn(listen(
            desk,
            long.clone(),
            session,
            Arc::clone(&heard),
            Arc::clone(&failed),
        ));
        if listeners.len().is_multiple_of(50) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    ensure!(
        until(&heard, count, Duration::from_mins(5)).await,
        "{} of {count} lines",
        heard.load(Ordering::Relaxed)
    );
    tokio::time::sleep(REST).await;
    figure("lines", count as f64, "Count", None);
    figure("memory with these lines", house.memory()?, "Mb", Some(400.0));
    house.end();
    while heard.load(Ordering::Relaxed) > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    failed.store(0, Ordering::Relaxed);
    let began = Instant::now();
    house.start().await?;
    // Others sign in meanwhile.
    let (mut done, mut lost) = (0_u32, 0_u32);
    while heard.load(Ordering::Relaxed) < count && began.elapsed() < Duration::from_mins(3) {
        let desk = house.desk(&http)?;
        match sign_in(&desk, &browser).await {
            Ok(_) => done += 1,
            Err(error) => {
                eprintln!("a sign-in failed: {error:#}");
                lost += 1;
            }
        }
    }
    figure(
        "all lines back after a restart",
        began.elapsed().as_secs_f64(),
        "Seconds",
        Some(60.0),
    );
    figure("sign-ins meanwhile", f64::from(done), "Count", None);
    figure("sign-ins that failed meanwhile", f64::from(lost), "Count", Some(0.0));
    figure(
        "lines that had to try again",
        failed.load(Ordering::Relaxed) as f64,
        "Count",
        None,
    );
    listeners.shutdown().await;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    // reqwest takes whatever provider the process has.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut arguments = std::env::args().skip(1);
    let program = PathBuf::from(arguments.next().context("the program of the bridge")?);
    let count: usize = arguments.next().context("how many lines")?.parse()?;
    let mut house = House::open(&program, count).await?;
    tokio::time::sleep(REST).await;
    figure("memory at rest", house.memory()?, "Mb", Some(25.0));
    signins(&house).await?;
    lines(&mut house, count).await
}
