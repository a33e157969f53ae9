//! The app's engine before the bridge: from the button to a session that lasts.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by itself"
)]

mod house;

use std::sync::atomic::Ordering;

use house::computer::{Computer, sign_in};
use house::{House, house, house_with, office, until};
use qiyou_api::{
    AccountSettings, AddParams, AddressWay, ApiError, ColleagueCard, CompanyReminders, CompanySignIn, CompanyState,
    Credential, CredentialKind, DirectoryPersonParams, ErrorCode, Event, MailId, Security, ServerSettings,
};
use qiyou_engine::{Engine, Pace, Timed};
use qiyou_testkit::imap_sim::{ImapSim, Quirks};
use qiyou_testkit::netease::{self, NeteaseSim};
use qiyou_testkit::wecom::Member;
use tokio::sync::broadcast;

/// Waits for an event.
async fn hears<T>(events: &mut broadcast::Receiver<Timed>, wanted: impl Fn(&Event) -> Option<T>) -> T {
    let heard = async {
        loop {
            if let Some(found) = wanted(&events.recv().await.unwrap().1) {
                return found;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), heard)
        .await
        .unwrap()
}

async fn is_at(events: &mut broadcast::Receiver<Timed>, step: CompanySignIn) {
    hears(events, |event| match event {
        Event::CompanySignIn { progress } => (*progress == step).then_some(()),
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_is_followed_step_by_step() {
    let house = house().await;
    house.sim.quick("zhangsan");
    let computer = Computer::new(&house);
    let app = computer.app().await;
    let mut events = app.subscribe();
    let mut opened = String::new();
    let started = app
        .company_sign_in("", "zh", |url| url.clone_into(&mut opened))
        .await
        .unwrap();
    assert_eq!(opened, started.url);
    is_at(&mut events, CompanySignIn::Waiting).await;
    let asked = house.browser().through(&started.url).await;
    is_at(&mut events, CompanySignIn::Scanned).await;
    let done = asked.confirm("yes").await;
    is_at(&mut events, CompanySignIn::Confirmed).await;
    let wrong = app.company_redeem("000".to_owned().into()).await.unwrap_err();
    assert_eq!(wrong.code, ErrorCode::WrongCode);
    let company = app.company_redeem(done.digits().into()).await.unwrap();
    is_at(&mut events, CompanySignIn::Done).await;
    assert_eq!(
        (company.name.as_str(), company.member.name.as_str()),
        ("示例公司", "张三")
    );
    let view = app.company().await.unwrap();
    assert_eq!(view.company, Some(company));
    let again = app.company_redeem(done.digits().into()).await.unwrap_err();
    assert_eq!(again.code, ErrorCode::SignInOver);
}

#[tokio::test]
async fn a_no_is_heard_and_an_address_that_is_none_is_said() {
    let house = house().await;
    house.sim.quick("zhangsan");
    let app = Computer::new(&house).app().await;
    let mut events = app.subscribe();
    let started = app.company_sign_in("", "zh", |_| {}).await.unwrap();
    house.browser().through(&started.url).await.confirm("no").await;
    is_at(&mut events, CompanySignIn::Refused).await;
    for (address, code) in [
        ("http://mail.example.cn", ErrorCode::BadBridge),
        (house.sim.url().as_str(), ErrorCode::NotABridge),
        ("http://127.0.0.1:1/", ErrorCode::BridgeAway),
    ] {
        let error = app
            .company_sign_in(address, "zh", |_| panic!("opened"))
            .await
            .unwrap_err();
        assert_eq!(error.code, code, "{address}: {error:?}");
    }
}

#[tokio::test]
async fn a_session_lasts_over_starts_of_the_app() {
    let house = house().await;
    let computer = Computer::new(&house);
    let app = computer.app().await;
    sign_in(&house, &app).await;
    app.stop().await;
    drop(app);
    let app = computer.app().await;
    let devices = app.company_devices().await.unwrap();
    assert_eq!(devices.len(), 1);
    assert!(devices[0].own && devices[0].name == "DESKTOP-4F2K" && devices[0].system == "Windows 11");
    app.company_sign_out().await.unwrap();
    assert_eq!(app.company().await.unwrap().company, None);
    assert_eq!(app.company_devices().await.unwrap_err().code, ErrorCode::NotSignedIn);
    // Where the bridge is stays known.
    assert_eq!(app.company().await.unwrap().bridge, house.url.as_str());
}

#[tokio::test]
async fn a_clock_that_is_wrong_by_days_signs_in() {
    let house = house().await;
    let computer = Computer::new(&house);
    computer.clock.0.store(-9 * 86_400, Ordering::Relaxed);
    let app = computer.app().await;
    sign_in(&house, &app).await;
    assert_eq!(app.company_devices().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_session_that_the_company_ends_is_told_and_stays_ended() {
    let mut house = house().await;
    let computer = Computer::new(&house);
    let app = computer.app().await;
    sign_in(&house, &app).await;
    let (other, session) = house.signed_in("zhangsan").await;
    let lines = other.bridge.sessions(&session.access_token).await.unwrap();
    let line = lines.iter().find(|line| !line.own).unwrap();
    other.bridge.revoke(&session.access_token, &line.id).await.unwrap();
    let mut events = app.subscribe();
    // The access token ran out: the app refreshes, and hears of it.
    computer.clock.0.store(3600, Ordering::Relaxed);
    assert_eq!(app.company_devices().await.unwrap_err().code, ErrorCode::NotSignedIn);
    let ended = hears(&mut events, |event| match event {
        Event::CompanyChanged { company } => company.clone(),
        _ => None,
    })
    .await;
    assert_eq!(ended.state, CompanyState::Ended);
    drop(app);
    // Nobody has to be asked: nothing is left that could be refreshed.
    house.stop().await;
    let again = computer.app().await;
    assert_eq!(
        again.company().await.unwrap().company.unwrap().state,
        CompanyState::Ended
    );
    assert_eq!(again.company_devices().await.unwrap_err().code, ErrorCode::NotSignedIn);
}

#[tokio::test]
async fn a_bridge_that_is_away_is_said_and_forgotten_when_it_is_back() {
    let mut house = house().await;
    let computer = Computer::new(&house);
    let app = computer.app().await;
    sign_in(&house, &app).await;
    let mut events = app.subscribe();
    house.stop().await;
    computer.clock.0.store(3600, Ordering::Relaxed);
    assert_eq!(app.company_devices().await.unwrap_err().code, ErrorCode::BridgeAway);
    let state = |event: &Event| match event {
        Event::CompanyChanged { company } => company.as_ref().map(|company| company.state),
        _ => None,
    };
    assert_eq!(hears(&mut events, state).await, CompanyState::Away);
    assert_eq!(app.company().await.unwrap().company.unwrap().state, CompanyState::Away);
    house.start().await;
    assert_eq!(app.company_devices().await.unwrap().len(), 1);
    assert_eq!(hears(&mut events, state).await, CompanyState::SignedIn);
}

#[tokio::test]
async fn a_member_without_an_address_is_told_the_ways_and_hears_of_the_admins_answer() {
    let house = house().await;
    let computer = Computer::new(&house);
    let app = computer.app().await;
    sign_in(&house, &app).await;
    let member = app.company().await.unwrap().company.unwrap().member;
    assert_eq!((member.address, member.request), (None, None));
    assert_eq!(member.ways, [AddressWay::Lookup, AddressWay::Admin]);
    let code = |said: Result<_, ApiError>| said.map(|_: qiyou_api::Company| ()).unwrap_err().code;
    for (address, wanted) in [
        ("lisi@example.cn", ErrorCode::AddressNotConfirmed),
        ("zhangsan@example.org", ErrorCode::AddressNotOurs),
    ] {
        assert_eq!(code(app.company_look_address_up(address).await), wanted, "{address}");
    }
    let closed = app.company_mail_code("zhangsan@example.cn").await.unwrap_err();
    assert_eq!(closed.code, ErrorCode::WayClosed);
    let over = app.company_redeem_code("000000".to_owned().into()).await;
    assert_eq!(code(over), ErrorCode::MailedCodeOver);
    let asked = app.company_ask_admin("zhang@example.cn").await.unwrap();
    let request = asked.member.request.clone().unwrap();
    assert_eq!((request.address.as_str(), request.refused), ("zhang@example.cn", false));
    // It is still waited for after a start.
    app.stop().await;
    drop(app);
    until("nobody listens", || async { (lines(&house).await == 0).then_some(()) }).await;
    let app = computer.app().await;
    assert_eq!(app.company().await.unwrap().company, Some(asked));
    let mut events = app.subscribe();
    listens(&house).await;
    // Nobody has to look: the bridge tells of it.
    let approve = ["requests", "--approve", "zhangsan=zhang@example.cn"];
    house.command(&approve).await.says("said by an admin");
    let heard = hears(&mut events, |event| match event {
        Event::CompanyChanged { company: Some(company) } => company.member.address.clone(),
        _ => None,
    });
    assert_eq!(heard.await, "zhang@example.cn");
    let member = app.company().await.unwrap().company.unwrap().member;
    assert!(member.ways.is_empty() && member.request.is_none());
    // Whoever was slower than another device learns that it is done.
    let late = app.company_ask_admin("zhang@example.cn").await.unwrap();
    assert_eq!(late.member.address.as_deref(), Some("zhang@example.cn"));
}

#[tokio::test]
async fn an_address_that_wecom_confirms_is_the_members_at_once() {
    let house = house().await;
    let app = Computer::new(&house).app().await;
    sign_in(&house, &app).await;
    let mut events = app.subscribe();
    let company = app.company_look_address_up("ZhangSan@example.cn").await.unwrap();
    assert_eq!(company.member.address.as_deref(), Some("zhangsan@example.cn"));
    let heard = hears(&mut events, |event| match event {
        Event::CompanyChanged { company: Some(company) } => company.member.address.as_ref().map(|_| company.clone()),
        _ => None,
    });
    assert_eq!(heard.await, company);
    // The session goes on: what was learnt took no token with it.
    app.company_look().await.unwrap();
    assert_eq!(app.company().await.unwrap().company, Some(company));
}

#[tokio::test]
async fn a_code_that_was_mailed_proves_the_address_and_a_wrong_one_has_words_of_its_own() {
    let office = office(false).await;
    let app = Computer::new(&office.house).app().await;
    sign_in(&office.house, &app).await;
    let mailed = app.company_mail_code("zhangsan@example.cn").await.unwrap();
    assert_eq!(mailed.expires_in, 600);
    let code = office.code(1).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let error = app.company_redeem_code(wrong.into()).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::WrongMailedCode);
    let company = app.company_redeem_code(code.clone().into()).await.unwrap();
    assert_eq!(company.member.address.as_deref(), Some("zhangsan@example.cn"));
    // The answer was lost on the line: the same again ends the same.
    assert_eq!(app.company_redeem_code(code.into()).await.unwrap(), company);
    office.smtp.set_password("qiyou@example.cn", "another");
    let lisi = Computer::new(&office.house).app().await;
    office.house.sim.quick("lisi");
    let started = lisi.company_sign_in("", "zh", |_| {}).await.unwrap();
    let done = office.house.browser().through(&started.url).await.confirm("yes").await;
    lisi.company_redeem(done.code().into()).await.unwrap();
    let error = lisi.company_mail_code("lisi@example.cn").await.unwrap_err();
    assert_eq!(error.code, ErrorCode::MailerAway);
}

/// A bridge that has read the directory of 示例公司, all with addresses.
async fn reading() -> House {
    let company = house::old();
    let house = house_with(company, |config| config.replace("enabled = false", "enabled = true")).await;
    let (desk, session) = house.signed_in("lisi").await;
    until("the bridge has read", || async {
        let part = desk
            .bridge
            .directory(&session.access_token, &session.signing_key, 0, "");
        (!part.await.unwrap().people.is_empty()).then_some(())
    })
    .await;
    house
}

async fn colleague(app: &Engine, userid: &str) -> Option<ColleagueCard> {
    let params = DirectoryPersonParams {
        userid: userid.into(),
        address: String::new(),
    };
    app.directory_person(params).await.unwrap()
}

async fn has_people(events: &mut broadcast::Receiver<Timed>, count: u32) {
    hears(events, |event| match event {
        Event::CompanyChanged { company: Some(company) } => (company.people == count).then_some(()),
        _ => None,
    })
    .await;
}

/// A computer on which 张三 signed in, and the directory came.
async fn with_directory(house: &House) -> (Computer, Engine) {
    let computer = Computer::new(house);
    let app = computer.app().await;
    let mut events = app.subscribe();
    sign_in(house, &app).await;
    has_people(&mut events, 3).await;
    (computer, app)
}

#[tokio::test]
async fn the_directory_comes_with_the_sign_in_and_goes_with_the_sign_out() {
    let house = reading().await;
    let (_computer, app) = with_directory(&house).await;
    let card = colleague(&app, "lisi").await.unwrap();
    assert_eq!((card.name.as_str(), card.address.as_str()), ("李四", "lisi@example.cn"));
    assert_eq!(card.departments, [vec!["示例公司".to_owned(), "研发部".to_owned()]]);
    assert_eq!(app.company().await.unwrap().company.unwrap().people, 3);
    app.company_sign_out().await.unwrap();
    assert_eq!(colleague(&app, "lisi").await, None);
}

#[tokio::test]
async fn what_changed_while_the_app_was_off_comes_with_its_next_start() {
    let house = reading().await;
    let (computer, app) = with_directory(&house).await;
    app.stop().await;
    drop(app);
    house
        .sim
        .company(|company| company.members.push(Member::new("qianqi", "钱七", 15)));
    house.clock.shift(2 * 24 * 3600);
    let app = computer.app().await;
    // It looks when it starts; whether the bridge had read by then is left to chance, so the app is told to look.
    let found = until("the new colleague is there", || async {
        app.company_look().await.unwrap();
        colleague(&app, "qianqi").await
    });
    assert_eq!(found.await.name, "钱七");
}

#[tokio::test]
async fn whoever_left_the_company_hears_so_and_keeps_their_mail_but_not_the_directory() {
    let house = reading().await;
    let (_computer, app) = with_directory(&house).await;
    house.sim.member("zhangsan", |member| member.status = 5);
    // Without a callback the nightly reading finds out, and looks twice.
    house.clock.shift(2 * 24 * 3600);
    until("the app hears of it", || async {
        house.clock.shift(21);
        let code = app.company_look().await.err().map(|error| error.code);
        (code == Some(ErrorCode::NotSignedIn)).then_some(())
    })
    .await;
    let company = app.company().await.unwrap().company.unwrap();
    assert_eq!((company.state, company.people), (CompanyState::Left, 0));
    assert_eq!(colleague(&app, "lisi").await, None);
    let error = app.company_webmail("zh", |_| panic!("opened")).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotSignedIn);
}

#[tokio::test]
async fn a_token_that_the_bridge_takes_no_longer_is_refreshed_or_tells_that_the_session_ended() {
    let house = house().await;
    let computer = Computer::new(&house);
    let app = computer.app().await;
    sign_in(&house, &app).await;
    assert_eq!(app.company_devices().await.unwrap().len(), 1);
    // The bridge's clock went on, the app's did not.
    house.clock.shift(3600);
    assert_eq!(app.company_devices().await.unwrap().len(), 1);
    let (good, said, _) = house.command(&["user", "zhangsan", "--sign-out"]).await.parts();
    assert!(good, "{said}");
    let error = app.company_devices().await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotSignedIn);
    let company = app.company().await.unwrap().company.unwrap();
    assert_eq!(company.state, CompanyState::Ended);
}

/// 张三's mailbox on a server that never speaks up by itself.
async fn silent_mailbox(app: &Engine) -> ImapSim {
    let capabilities = ["IMAP4rev1".to_owned(), "AUTH=PLAIN".to_owned()];
    let quirks = Quirks {
        capabilities: capabilities.to_vec(),
        capabilities_after: capabilities.to_vec(),
        ..Quirks::plain()
    };
    let mailbox = ImapSim::builder(quirks).user("zhangsan@example.cn", "geheim");
    let mailbox = mailbox.start().unwrap();
    let server = |port| ServerSettings {
        host: "127.0.0.1".into(),
        port,
        security: Security::None,
        user: "zhangsan@example.cn".into(),
    };
    let added = app.add(AddParams {
        address: "ZhangSan@example.cn".into(),
        name: String::new(),
        color: None,
        settings: AccountSettings {
            provider: "custom".into(),
            imap: server(mailbox.port()),
            smtp: server(1),
            credential: CredentialKind::Password,
        },
        credential: Credential::Password {
            secret: "geheim".into(),
        },
        even_offline: true,
    });
    added.await.unwrap();
    app.sync(None, true).await.unwrap();
    mailbox
}

/// How many apps listen.
async fn lines(house: &House) -> u32 {
    let metrics = reqwest::get(house.url.join("metrics").unwrap()).await.unwrap();
    let metrics = metrics.text().await.unwrap();
    let line = metrics
        .lines()
        .find_map(|line| line.strip_prefix("qiyou_bridge_lines "));
    line.unwrap().parse().unwrap()
}

/// Waits until an app listens.
async fn listens(house: &House) {
    until("the app listens", || async { (lines(house).await == 1).then_some(()) }).await;
}

/// A mail comes into the mailbox, and NetEase tells of it.
async fn arrives(mailbox: &ImapSim, netease: &NeteaseSim, subject: &str) {
    let now = jiff::Timestamp::now();
    let date = jiff::fmt::rfc2822::to_string(&now.to_zoned(jiff::tz::TimeZone::UTC)).unwrap();
    let raw = format!("Date: {date}\r\nFrom: 王五 <wangwu@example.cn>\r\nSubject: {subject}\r\n\r\ntext\r\n");
    mailbox.deliver_with("INBOX", raw.as_bytes(), &[], Some(now.as_second()));
    let letter = netease::Mail {
        from: "wangwu@example.cn".into(),
        subject: subject.into(),
        ..netease::Mail::default()
    };
    assert_eq!(netease.deliver("zhangsan", letter).await.unwrap(), 1);
}

async fn shows(events: &mut broadcast::Receiver<Timed>, subject: &str) -> MailId {
    let wanted = |event: &Event| match event {
        Event::MailArrived { rows, .. } => rows.iter().find(|row| row.subject == subject).map(|row| row.id),
        _ => None,
    };
    hears(events, wanted).await
}

/// The names of the cards that WeCom showed 张三.
fn cards(house: &House) -> Vec<String> {
    let messages = house.sim.messages("zhangsan");
    let urls = messages
        .iter()
        .map(|one| one.message["textcard"]["url"].as_str().unwrap());
    urls.map(|url| url.rsplit_once('/').unwrap().1.to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_has_the_app_look_at_a_mailbox_whose_server_is_silent() {
    let accounts = vec![netease::Account::new("zhangsan", "张三")];
    let netease = NeteaseSim::start("example.cn", accounts).await.unwrap();
    let company = house::old();
    let section = house::netease(&netease) + "push = true\n";
    let mut house = house_with(company, |config| config + &section).await;
    let mut computer = Computer::new(&house);
    // Without a push it would be heard of tomorrow.
    let tomorrow = std::time::Duration::from_hours(24);
    computer.pace = Pace {
        inbox: tomorrow,
        others: tomorrow,
        ..Pace::default()
    };
    let app = computer.app().await;
    let mailbox = silent_mailbox(&app).await;
    sign_in(&house, &app).await;
    until("NetEase tells of the mailbox", || async {
        netease.is_pushed("zhangsan").then_some(())
    })
    .await;
    let mut events = app.subscribe();
    arrives(&mailbox, &netease, "first").await;
    shows(&mut events, "first").await;
    assert_eq!(cards(&house), [] as [&str; 0], "nobody asked for cards");
    let wanted = CompanyReminders {
        cards: true,
        ..CompanyReminders::default()
    };
    let wanted = app.company_set_reminders(wanted, "zh").await.unwrap();
    assert_eq!(wanted.mailbox.as_deref(), Some("zhangsan@example.cn"));
    // The bridge goes and comes back: the app listens again, at a moment of its own.
    house.restart().await;
    listens(&house).await;
    arrives(&mailbox, &netease, "second").await;
    let mail = shows(&mut events, "second").await;
    // And WeCom tells of it by a card, which leads to that mail.
    let card = until("a card came", || async { cards(&house).pop() }).await;
    assert_eq!(cards(&house).len(), 1);
    let place = app.company_card(&card).await.unwrap();
    assert_eq!(place.mail, Some(mail));
    let unknown = app.company_card("x").await.unwrap();
    assert!(unknown.mail.is_none() && unknown.folder.is_some(), "{unknown:?}");
    let wrong = app.company_card("../session").await.unwrap_err();
    assert_eq!(wrong.code, ErrorCode::BadRequest);
}
