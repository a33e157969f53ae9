//! What the company fixes in the app, what the app says of itself, and the account that is opened for mail programs.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by itself"
)]

mod house;

use house::computer::{Computer, sign_in};
use house::{Desk, House, house, house_with, on_both_databases, refusal, until};
use qiyou_api::{
    AccountSettings, AddParams, Company as AppCompany, CompanyState, Credential, CredentialKind, ErrorCode, Receipts,
    Security, ServerSettings, Settings,
};
use qiyou_bridge_api::{Finding, Policy, Proof, Refusal, Report, Session};
use qiyou_engine::Engine;
use qiyou_signin::bridge::Error;
use qiyou_store::{Durability, policy};
use qiyou_testkit::netease::{Account, Fault, NeteaseSim};
use qiyou_testkit::wecom::Company;

/// What 示例公司 fixes.
const POLICY: &str = "\n[policy]\nfollow = [\"sent\", \"项目/报价\"]\nsignature = \"{name} {title}\\n{company}\"\n\
    [policy.settings]\nask_outside = true\nundo_seconds = 30\nreceipts = \"never\"\n\
    [policy.features]\nremote_pictures = false\n";

on_both_databases![
    [
        super::house_with(super::Company::example(), |config| config + super::POLICY),
        super::house::house_on_postgres_with(super::Company::example(), |config| config + super::POLICY)
    ]:
    a_policy_is_signed_and_sent_once,
    the_app_says_how_it_stands_and_the_admin_reads_it,
];

/// Asks for the policy.
async fn asked(desk: &Desk, session: &Session, have: &str) -> Result<Option<Policy>, Error> {
    let bridge = &desk.bridge;
    bridge.policy(&session.access_token, &session.signing_key, have).await
}

async fn a_policy_is_signed_and_sent_once(mut house: House) {
    let (desk, session) = house.signed_in("zhangsan").await;
    let policy = asked(&desk, &session, "").await.unwrap().unwrap();
    assert_eq!(policy.settings["undo_seconds"], 30);
    assert_eq!(policy.follow, ["sent", "项目/报价"]);
    assert!(!policy.features.remote_pictures && policy.issued > 1_700_000_000);
    assert_eq!(asked(&desk, &session, &policy.revision).await.unwrap(), None);
    // By no other key, whatever stands in it.
    let wrong = "A".repeat(43);
    let unsigned = desk.bridge.policy(&session.access_token, &wrong, "").await;
    assert!(matches!(unsigned, Err(Error::Unsigned { .. })), "{unsigned:?}");
    house.restart().await;
    assert_eq!(asked(&desk, &session, "").await.unwrap().unwrap(), policy);
    house.stop().await;
    house.reconfigure(|config| config.replace("undo_seconds = 30", "undo_seconds = 5"));
    house.start().await;
    let next = asked(&desk, &session, &policy.revision).await.unwrap().unwrap();
    assert!(
        next.issued > policy.issued && next.revision != policy.revision,
        "{next:?}"
    );
    house.stop().await;
    house.reconfigure(|config| config.replace(&POLICY.replace("undo_seconds = 30", "undo_seconds = 5"), "\n"));
    house.start().await;
    let none = asked(&desk, &session, &next.revision).await.unwrap().unwrap();
    assert!(none.settings.is_empty() && none.signature.is_none() && none.issued > next.issued);
}

async fn the_app_says_how_it_stands_and_the_admin_reads_it(house: House) {
    let (desk, session) = house.signed_in("zhangsan").await;
    let finding = |code: &str, bad: bool, count: u32| Finding {
        code: code.into(),
        bad,
        count,
    };
    let mut report = Report {
        version: "0.2.0".into(),
        system: "Windows 11\u{202e}".into(),
        policy: "r-1".into(),
        doctor: vec![finding("account_failed", true, 2), finding("operations_wait", false, 1)],
    };
    let tell = async |report: &Report| desk.bridge.report(&session.access_token, report).await;
    let csv = async || house.command(&["devices", "--csv"]).await.out;
    let before = csv().await;
    assert!(before.lines().nth(1).unwrap().ends_with(",,"), "{before}");
    tell(&report).await.unwrap();
    let said = csv().await;
    let line = said.lines().nth(1).unwrap();
    assert!(
        line.starts_with("zhangsan,DESKTOP-4F2K,Windows 11,0.2.0,")
            && line.ends_with(",r-1,! account_failed x2; operations_wait"),
        "{said}"
    );
    report.doctor.clear();
    tell(&report).await.unwrap();
    assert!(csv().await.trim_end().ends_with(",r-1,good"));
    report.doctor = vec![finding("=cmd|' /C calc'!A0", true, 1)];
    assert_eq!(refusal(tell(&report).await), Refusal::Malformed);
    report.doctor = vec![finding("a", true, 1); 21];
    assert_eq!(refusal(tell(&report).await), Refusal::Malformed);
    report.doctor.clear();
    report.policy = "x".repeat(65);
    assert_eq!(refusal(tell(&report).await), Refusal::Malformed);
    report.policy = "a\0b".into();
    assert_eq!(refusal(tell(&report).await), Refusal::Malformed);
}

/// Waits until the app has a policy that fixes something, or none.
async fn managed(app: &Engine, wanted: bool) -> AppCompany {
    until("the policy holds", || async {
        let company = app.company().await.unwrap().company?;
        (company.policy.is_some() == wanted).then_some(company)
    })
    .await
}

#[tokio::test]
async fn what_the_company_fixes_holds_in_the_app_cannot_be_changed_and_goes_with_the_sign_out() {
    let house = house_with(Company::example(), |config| config + POLICY).await;
    let computer = Computer::new(&house);
    let app = computer.app().await;
    let mut own = Settings {
        pictures_from: vec!["lisi@example.cn".into()],
        ..Settings::default()
    };
    own.writing.undo_seconds = 3;
    app.set_settings(own.clone()).await.unwrap();
    sign_in(&house, &app).await;
    let company = managed(&app, true).await;
    let fixed = company.policy.unwrap();
    assert_eq!(
        fixed.settings,
        ["ask_outside", "receipts", "undo_seconds", "signature", "pictures"]
    );
    assert_eq!(fixed.folders, ["sent", "项目/报价"]);
    let now = app.settings().as_ref().clone();
    assert!(now.writing.ask_outside && now.pictures_from.is_empty());
    assert_eq!((now.writing.undo_seconds, now.writing.receipts), (30, Receipts::Never));
    let mut changed = now.clone();
    changed.writing.undo_seconds = 10;
    let error = app.set_settings(changed).await.unwrap_err();
    assert_eq!(
        (error.code, error.args["company"].as_str()),
        (ErrorCode::Managed, "示例公司")
    );
    let mut changed = now.clone();
    changed.zoom = 150;
    assert_eq!(app.set_settings(changed).await.unwrap().zoom, 150);
    // Also after a start without the bridge.
    app.stop().await;
    drop(app);
    let app = computer.app().await;
    assert_eq!(app.settings().writing.undo_seconds, 30);
    app.company_sign_out().await.unwrap();
    own.zoom = 150;
    assert_eq!(*app.settings(), own);
}

#[tokio::test]
async fn another_policy_comes_with_the_next_look_and_an_older_one_is_never_taken() {
    let mut house = house_with(Company::example(), |config| config + POLICY).await;
    let computer = Computer::new(&house);
    let app = computer.app().await;
    sign_in(&house, &app).await;
    managed(&app, true).await;
    house.stop().await;
    house.reconfigure(|config| config.replace("undo_seconds = 30", "undo_seconds = 5"));
    house.start().await;
    app.company_look().await.unwrap();
    assert_eq!(app.settings().writing.undo_seconds, 5);
    app.stop().await;
    drop(app);
    // Somebody kept an old policy and serves it: the app has a newer one.
    let store = computer.store();
    let newer = move |tx: &qiyou_store::Transaction<'_>| {
        let mut newer = policy::get(tx)?.unwrap();
        newer.revision = "newer".into();
        newer.issued += 1000;
        newer.settings.insert("undo_seconds".into(), 7.into());
        policy::set(tx, &newer)
    };
    store.write(Durability::Full, newer).await.unwrap();
    drop(store);
    let app = computer.app().await;
    app.company_look().await.unwrap();
    assert_eq!(app.settings().writing.undo_seconds, 7);
    let csv = house.command(&["devices", "--csv"]).await;
    csv.says(",newer,good");
}

#[tokio::test]
async fn whoever_is_signed_out_by_an_admin_has_the_policy_until_they_sign_in_or_out() {
    let house = house_with(Company::example(), |config| config + POLICY).await;
    let app = Computer::new(&house).app().await;
    sign_in(&house, &app).await;
    managed(&app, true).await;
    let (good, said, _) = house.command(&["user", "zhangsan", "--sign-out"]).await.parts();
    assert!(good, "{said}");
    assert_eq!(app.company_look().await.unwrap_err().code, ErrorCode::NotSignedIn);
    assert_eq!(app.settings().writing.undo_seconds, 30);
    sign_in(&house, &app).await;
    managed(&app, true).await;
    house
        .command(&["user", "zhangsan", "--sign-out"])
        .await
        .says("1 devices");
    assert!(app.company_look().await.is_err());
    app.company_sign_out().await.unwrap();
    assert_eq!(
        app.settings().writing.undo_seconds,
        Settings::default().writing.undo_seconds
    );
}

/// A bridge with NetEase, where 张三 is known by what an admin said. `more` stands in its section.
async fn with_netease(sim: &NeteaseSim, more: &str) -> House {
    let section = format!(
        "[netease]\napp_id = \"{}\"\nauth_code = {{ file = \"netease.authcode\" }}\norg_open_id = \"{}\"\nhost = \"{}\"\n{more}\n",
        NeteaseSim::APP_ID,
        NeteaseSim::ORG_OPEN_ID,
        sim.url()
    );
    house_with(Company::example(), |config| config + &section).await
}

async fn shut() -> NeteaseSim {
    let accounts = ["zhangsan", "lisi"].map(|name| Account {
        imap: false,
        smtp: false,
        ..Account::new(name, name)
    });
    NeteaseSim::start("example.cn", accounts.to_vec()).await.unwrap()
}

fn is_open(sim: &NeteaseSim, name: &str) -> (bool, bool) {
    let account = sim.account(name).unwrap();
    (account.imap, account.smtp)
}

async fn prove(house: &House, userid: &str) {
    let address = format!("{userid}@example.cn");
    let said = house.command(&["user", userid, "--address", &address]).await;
    assert!(said.good, "{}", said.error);
}

#[tokio::test]
async fn an_account_is_opened_for_mail_programs_once_and_for_a_proven_address_alone() {
    let sim = shut().await;
    let house = with_netease(&sim, "allow_clients = true").await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let member = desk.bridge.member(&session.access_token).await.unwrap();
    assert!(member.mail.clients && member.mail.proof.is_none());
    let allow = async || desk.bridge.allow_clients(&session.access_token).await;
    assert_eq!(refusal(allow().await), Refusal::NoAddress);
    assert_eq!(
        (is_open(&sim, "zhangsan"), sim.count("account/updateAccountLoginPerm")),
        ((false, false), 0)
    );
    prove(&house, "zhangsan").await;
    let member = desk.bridge.member(&session.access_token).await.unwrap();
    assert_eq!(member.mail.proof, Some(Proof::Admin));
    sim.fail_next("account/updateAccountLoginPerm", Fault::Status(503));
    assert_eq!(refusal(allow().await), Refusal::MailPlatform);
    sim.grant("account/updateAccountLoginPerm", false);
    assert_eq!(refusal(allow().await), Refusal::MailPlatform);
    sim.grant("account/updateAccountLoginPerm", true);
    allow().await.unwrap();
    assert_eq!(
        (is_open(&sim, "zhangsan"), is_open(&sim, "lisi")),
        ((true, true), (false, false))
    );
    // The mail admin shut it again: that is their word.
    sim.change("zhangsan", |account| account.imap = false);
    allow().await.unwrap();
    assert_eq!(is_open(&sim, "zhangsan"), (false, true));
}

#[tokio::test]
async fn no_account_is_opened_where_the_admin_did_not_say_so_or_the_platform_knows_none() {
    let sim = shut().await;
    let house = with_netease(&sim, "").await;
    let (desk, session) = house.signed_in("zhangsan").await;
    prove(&house, "zhangsan").await;
    let member = desk.bridge.member(&session.access_token).await.unwrap();
    assert!(!member.mail.clients && member.mail.webmail);
    let refused = desk.bridge.allow_clients(&session.access_token).await;
    assert_eq!(refusal(refused), Refusal::NotOffered);
    assert_eq!(is_open(&sim, "zhangsan"), (false, false));
    drop((desk, session, house));
    let house = with_netease(&sim, "allow_clients = true\n[policy.features]\nwebmail = false").await;
    let (desk, session) = house.signed_in("wangwu").await;
    prove(&house, "wangwu").await;
    let refused = desk.bridge.allow_clients(&session.access_token).await;
    assert_eq!(refusal(refused), Refusal::NotOffered);
    let member = desk.bridge.member(&session.access_token).await.unwrap();
    assert!(!member.mail.webmail);
    let refused = desk.bridge.webmail(&session.access_token, "zh").await;
    assert_eq!(refusal(refused), Refusal::NoWebmail);
}

/// Sets the account up where no mail server listens: what the bridge did before is what counts.
async fn set_up(app: &Engine, address: &str) -> qiyou_api::ApiError {
    try_set_up(app, address, false).await.unwrap_err()
}

async fn try_set_up(
    app: &Engine,
    address: &str,
    even_offline: bool,
) -> Result<qiyou_api::Account, qiyou_api::ApiError> {
    let server = ServerSettings {
        host: "127.0.0.1".into(),
        port: 1,
        security: Security::Tls,
        user: address.into(),
    };
    let params = AddParams {
        address: address.into(),
        name: "张三".into(),
        color: None,
        settings: AccountSettings {
            provider: "custom".into(),
            imap: server.clone(),
            smtp: server,
            credential: CredentialKind::ClientPassword,
        },
        credential: Credential::Password {
            secret: "abcdefgh".to_owned().into(),
        },
        even_offline,
    };
    app.add(params).await
}

#[tokio::test]
async fn the_account_is_opened_before_it_is_tried_out_and_who_sets_it_up_hears_when_that_failed() {
    let sim = shut().await;
    let house = with_netease(&sim, "allow_clients = true").await;
    let app = Computer::new(&house).app().await;
    sign_in(&house, &app).await;
    prove(&house, "zhangsan").await;
    app.company_look().await.unwrap();
    // Another mailbox is nobody's business.
    let error = set_up(&app, "lisi@example.cn").await;
    assert_eq!((error.code, error.args.get("shut")), (ErrorCode::AccountTest, None));
    assert_eq!(sim.count("account/updateAccountLoginPerm"), 0);
    sim.fail_next("account/updateAccountLoginPerm", Fault::Status(503));
    let error = set_up(&app, "ZhangSan@example.cn").await;
    assert_eq!(error.args["shut"], "MailPlatformAway");
    let error = set_up(&app, "zhangsan@example.cn").await;
    assert_eq!((error.code, error.args.get("shut")), (ErrorCode::AccountTest, None));
    assert_eq!(is_open(&sim, "zhangsan"), (true, true));
}

#[tokio::test]
async fn without_a_policy_nothing_is_fixed_and_nothing_is_said_of_it() {
    let house = house().await;
    let app = Computer::new(&house).app().await;
    sign_in(&house, &app).await;
    app.company_look().await.unwrap();
    assert_eq!(app.company().await.unwrap().company.unwrap().policy, None);
    assert_eq!(*app.settings(), Settings::default());
}

#[tokio::test]
async fn the_signature_is_filled_in_from_the_directory_and_goes_when_its_member_leaves() {
    let company = house::old();
    let house = house_with(company, |config| {
        let signature = POLICY.replace("{name} {title}", "{name} {title}\\n{department}");
        config.replace("enabled = false", "enabled = true") + &signature
    })
    .await;
    house
        .sim
        .member("zhangsan", |member| "总监 <A&B>".clone_into(&mut member.position));
    let app = Computer::new(&house).app().await;
    sign_in(&house, &app).await;
    try_set_up(&app, "zhangsan@example.cn", true).await.unwrap();
    try_set_up(&app, "san@home.example.org", true).await.unwrap();
    let signature = |address: &str| {
        let author = app.settings().writing.authors.get(address).cloned();
        author.map(|author| author.signature)
    };
    let filled = until("the directory is there", || async {
        app.company_look().await.unwrap();
        signature("zhangsan@example.cn").filter(|text| text.contains("总监"))
    })
    .await;
    assert!(filled.contains("<p>张三 总监 &lt;A&amp;B&gt;</p>"), "{filled}");
    assert!(
        filled.contains("<p>研发部</p>") && filled.contains("<p>示例公司</p>"),
        "{filled}"
    );
    assert_eq!(signature("san@home.example.org"), None);

    house.sim.member("zhangsan", |member| member.status = 5);
    house.clock.shift(2 * 24 * 3600);
    until("the app hears of it", || async {
        house.clock.shift(21);
        let code = app.company_look().await.err().map(|error| error.code);
        (code == Some(ErrorCode::NotSignedIn)).then_some(())
    })
    .await;
    let company = app.company().await.unwrap().company.unwrap();
    assert_eq!((company.state, company.policy), (CompanyState::Left, None));
    assert_eq!(*app.settings(), Settings::default());
}
