//! No secret stands in the log, however much is logged.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "a test that fails says so by itself"
)]

mod house;

use std::fs::File;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use house::{Browser, House, house, house_with, refusal, until};
use qiyou_bridge_api::{Refusal, Session, SigninState};
use qiyou_testkit::wecom::Company;
use secrecy::ExposeSecret as _;

/// The program, as a service runs it, logging all it can.
struct Program {
    child: Child,
}

impl Program {
    async fn start(house: &House) -> Self {
        let file = |name: &str| File::create(house.folder.path().join(name)).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_qiyou-bridge"))
            .args(["run", "--config"])
            .arg(house.config_file())
            .env("QIYOU_BRIDGE_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
            .stdout(file("stdout"))
            .stderr(file("stderr"))
            .spawn()
            .unwrap();
        let mut program = Self { child };
        let (url, began) = (house.url.join("healthz").unwrap(), Instant::now());
        while reqwest::get(url.clone()).await.is_err() {
            assert!(program.child.try_wait().unwrap().is_none() && began.elapsed() < Duration::from_mins(1));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        program
    }

    /// Tells it to stop as systemd does, and returns all it said.
    fn stop(mut self, house: &House) -> String {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        let read = |name: &str| std::fs::read_to_string(house.folder.path().join(name)).unwrap();
        read("stdout") + &read("stderr")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What must not be said, each with its name.
#[derive(Default)]
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    fn add(&mut self, name: &'static str, secret: impl Into<String>) {
        let secret = secret.into();
        assert!(secret.len() >= 6, "{name} is too short to be looked for: {secret}");
        self.0.push((name, secret));
    }

    fn session(&mut self, session: &Session) {
        self.add("access token", session.access_token.expose_secret());
        self.add("refresh token", session.refresh_token.expose_secret());
    }

    fn browser(&mut self, browser: &Browser) {
        for cookie in browser.cookies() {
            self.add("cookie", cookie);
        }
    }

    /// A browser's way to WeCom and back, up to the address with the code.
    async fn way(&mut self, browser: &mut Browser, address: &str) -> String {
        self.add("page", address.rsplit('/').next().unwrap());
        let wecom = browser.step(address).await.unwrap();
        let back = browser.step(&wecom).await.unwrap();
        for (name, value) in url::Url::parse(&back).unwrap().query_pairs() {
            match &*name {
                "code" => self.add("WeCom's code", value),
                "state" => self.add("state", value),
                _ => {}
            }
        }
        self.browser(browser);
        back
    }
}

/// Where a secret stands in a text. Digits count as such only where they are not part of something else: times and
/// ports have digits, too.
fn found<'t>(text: &'t str, secret: &str) -> Option<&'t str> {
    let plain = |c: char| c.is_alphanumeric() || c == '.';
    text.match_indices(secret)
        .find(|(at, _)| {
            let (before, after) = (&text[..*at], &text[at + secret.len()..]);
            secret.len() > 6 || !before.ends_with(plain) && !after.starts_with(plain)
        })
        .map(|(at, _)| {
            let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
            text[line..].lines().next().unwrap_or_default()
        })
}

/// WeCom's access token: the same for whoever asks within its life.
async fn wecom_token(house: &House) -> String {
    let (corp, secret) = house
        .sim
        .company(|company| (company.corp_id.clone(), company.secret.clone()));
    let url = format!("cgi-bin/gettoken?corpid={corp}&corpsecret={secret}");
    let answer = reqwest::get(house.sim.url().join(&url).unwrap()).await.unwrap();
    let answer: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn nothing_that_opens_a_door_stands_in_the_log() {
    let mut house = house_with(Company::example(), |config| {
        config.replace("# private_fields = false", "private_fields = true")
    })
    .await;
    house.stop().await;
    let program = Program::start(&house).await;
    let mut secrets = Secrets::default();
    secrets.add("corp secret", house.sim.company(|company| company.secret.clone()));
    secrets.add("master key", "5a".repeat(32));

    // A whole sign-in, with a slip in the digits.
    house.sim.quick("zhangsan");
    let desk = house.device();
    let started = desk.start().await;
    let mut browser = house.browser();
    let back = secrets.way(&mut browser, &started.url).await;
    browser.go(&back).await;
    secrets.browser(&browser);
    secrets.add("ticket", browser.ticket());
    let done = browser.confirm("yes").await;
    secrets.add("code of the link", done.code());
    secrets.add("digits", done.digits());
    let wrong = if done.digits() == "736251" { "736252" } else { "736251" };
    secrets.add("wrong digits", wrong);
    assert_eq!(refusal(desk.redeem(&started, wrong).await), Refusal::Code);
    let session = desk.redeem(&started, &done.digits()).await.unwrap();
    secrets.session(&session);
    secrets.add("WeCom's access token", wecom_token(&house).await);

    // The session: used, refreshed, refused, stolen.
    desk.bridge.member(&session.access_token).await.unwrap();
    let next = desk.bridge.refresh(&session.refresh_token).await.unwrap();
    secrets.session(&next);
    let newest = desk.bridge.refresh(&next.refresh_token).await.unwrap();
    secrets.session(&newest);
    assert_eq!(
        refusal(desk.bridge.refresh(&session.refresh_token).await),
        Refusal::SessionGone
    );
    assert_eq!(
        refusal(desk.bridge.member(&newest.access_token).await),
        Refusal::SessionGone
    );
    refusal(desk.bridge.refresh(&"a-token-of-nobody".to_owned().into()).await);
    secrets.add("foreign token", "a-token-of-nobody");

    // Inside WeCom, where members tell their mailbox by a ticket.
    house.sim.inside("lisi");
    let started = desk.start().await;
    let mut inside = house.inside();
    let back = secrets.way(&mut inside, &started.url).await;
    inside.go(&back).await;
    secrets.browser(&inside);
    secrets.add("ticket", inside.ticket());
    let tickets = house.sim.bodies("auth/getuserdetail");
    secrets.add("user ticket", tickets[0]["user_ticket"].as_str().unwrap());

    // Everything that WeCom may refuse, and WeCom away.
    for spoil in [
        "60020", "40029", "42001", "garbage", "down", "replayed", "forged", "45009",
    ] {
        let started = desk.start().await;
        let mut browser = house.browser();
        let back = secrets.way(&mut browser, &started.url).await;
        match spoil {
            "garbage" => house.sim.garbage("auth/getuserinfo", 1),
            "down" => house.sim.down(true),
            "replayed" => browser.go(&back).await,
            "forged" => {
                browser.go(&back.replace("appid=", "appid=another")).await;
            }
            code => house.sim.fail("auth/getuserinfo", code.parse().unwrap(), 1),
        }
        browser.go(&back).await;
        house.sim.down(false);
        secrets.browser(&browser);
        desk.bridge.poll(&started.id, SigninState::Confirmed).await.unwrap();
        desk.bridge.cancel(&started.id).await.unwrap();
    }

    let said = program.stop(&house);
    assert!(
        said.contains("\"level\":\"WARN\"") && said.contains("/signin/{page}"),
        "{said}"
    );
    assert!(said.contains("60020"), "what WeCom refused is told: {said}");
    for (name, secret) in &secrets.0 {
        if let Some(line) = found(&said, secret) {
            panic!("{name} {secret} stands in the log: {line}");
        }
    }
    // It would be found.
    assert!(found("a {\"x\":\"736251\"}\n", "736251").is_some() && found("1.736251Z", "736251").is_none());
}

#[tokio::test]
async fn a_wecom_that_cannot_be_reached_is_told_without_what_was_asked() {
    let mut house = house_with(Company::example(), |config| {
        let (before, rest) = config.split_once("api = \"").unwrap();
        let (_, after) = rest.split_once('"').unwrap();
        // Nobody listens there.
        format!("{before}api = \"http://127.0.0.1:1/\"{after}")
    })
    .await;
    house.stop().await;
    let program = Program::start(&house).await;
    let mut secrets = Secrets::default();
    secrets.add("corp secret", house.sim.company(|company| company.secret.clone()));
    house.sim.quick("zhangsan");
    let started = house.device().start().await;
    let mut browser = house.browser();
    let back = secrets.way(&mut browser, &started.url).await;
    browser.go(&back).await;
    browser.shows(502, "企业微信暂时没有回应");
    let said = program.stop(&house);
    assert!(said.contains("WeCom refused a sign-in"), "{said}");
    for (name, secret) in &secrets.0 {
        if let Some(line) = found(&said, secret) {
            panic!("{name} {secret} stands in the log: {line}");
        }
    }
}

#[tokio::test]
async fn a_reading_of_the_directory_is_told() {
    let mut house = house().await;
    house.stop().await;
    house.reconfigure(|config| config.replace("enabled = false", "enabled = true"));
    let program = Program::start(&house).await;
    until("it is told", || async {
        let said = std::fs::read_to_string(house.folder.path().join("stdout")).unwrap();
        let line = said.lines().find(|line| line.contains("\"target\":\"directory\""))?;
        line.contains("\"members\":3").then_some(())
    })
    .await;
    program.stop(&house);
}
