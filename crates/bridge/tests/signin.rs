//! A sign-in from the app's button to the session, and everything that must not lead to one.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do"
)]

mod house;

use std::time::Duration;

use house::{House, house, house_with, on_both_databases, refusal};
use qiyou_bridge_api::{Proof, Refusal, SigninState};
use qiyou_signin::bridge::Error;
use qiyou_testkit::wecom::Company;
use secrecy::ExposeSecret as _;

on_both_databases![
    a_member_scans_confirms_and_is_signed_in,
    digits_are_guessed_five_times_and_then_the_sign_in_is_over,
    who_guesses_everything_at_once_has_five_guesses_too,
    a_name_that_no_database_holds_is_nobodys,
    a_code_is_redeemed_once_and_the_same_device_may_ask_again,
    two_who_redeem_at_once_are_one_session,
    no_means_no,
    a_poll_hears_at_once_and_ends_when_the_server_stops,
    a_restart_in_the_middle_costs_nothing,
];

async fn a_member_scans_confirms_and_is_signed_in(house: House) {
    let desk = house.device();
    let started = desk.start().await;
    assert!(started.url.starts_with(house.url.as_str()));
    let mut browser = house.browser().through(&started.url).await;
    // WeCom's page with the code.
    assert_eq!(browser.status, 200);
    assert_eq!(
        desk.bridge.poll(&started.id, SigninState::Scanned).await.unwrap(),
        SigninState::Waiting
    );
    let key = house.sim.newest_key().unwrap();
    house.sim.scan(&key, "zhangsan");
    house.sim.confirm(&key);
    house.sim.quick("zhangsan");
    browser.go(&started.url).await;
    assert!(
        browser.page.contains("在“DESKTOP-4F2K”上登录企邮？"),
        "{}",
        browser.page
    );
    assert!(browser.page.contains("张三，示例公司") && browser.page.contains("Windows 11"));
    assert_eq!(
        desk.bridge.poll(&started.id, SigninState::Waiting).await.unwrap(),
        SigninState::Scanned
    );
    let done = browser.confirm("yes").await;
    done.shows(200, "企邮会自动打开");
    assert_eq!(
        desk.bridge.poll(&started.id, SigninState::Scanned).await.unwrap(),
        SigninState::Confirmed
    );
    let session = desk.redeem(&started, &done.code()).await.unwrap();
    assert_eq!(
        (session.member.id.as_str(), session.member.name.as_str()),
        ("zhangsan", "张三")
    );
    assert_eq!(session.member.company, "示例公司");
    let member = desk.bridge.member(&session.access_token).await.unwrap();
    assert_eq!(member, session.member);
}

#[tokio::test]
async fn the_state_for_wecom_is_short_and_the_pages_can_be_framed_by_nobody() {
    let house = house().await;
    let started = house.device().start().await;
    let mut browser = house.browser();
    let to = url::Url::parse(&browser.step(&started.url).await.unwrap()).unwrap();
    let state = to
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1
        .into_owned();
    assert!(state.len() <= 128 && state.chars().all(|c| c.is_ascii_alphanumeric()));
    assert_eq!(
        to.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1,
        house.url.join("callback").unwrap().as_str()
    );
    house.sim.quick("zhangsan");
    let asked = house.browser().through(&started.url).await;
    let policy = asked.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'none'"),
        "{policy}"
    );
    assert_eq!(asked.headers["referrer-policy"], "same-origin");
    assert_eq!(asked.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn six_digits_stand_in_for_the_link() {
    let house = house().await;
    let (desk, started, done) = house.confirmed("zhangsan").await;
    let digits = done.digits();
    assert_eq!(digits.len(), 6);
    let (first, last) = digits.split_at(3);
    let spaced = format!(" {first} {last} ");
    desk.redeem(&started, &spaced).await.unwrap();
}

async fn digits_are_guessed_five_times_and_then_the_sign_in_is_over(house: House) {
    let (desk, started, done) = house.confirmed("zhangsan").await;
    let wrong = if done.digits() == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        assert_eq!(refusal(desk.redeem(&started, wrong).await), Refusal::Code);
    }
    assert_eq!(refusal(desk.redeem(&started, &done.code()).await), Refusal::SigninGone);
    assert_eq!(
        desk.bridge.poll(&started.id, SigninState::Confirmed).await.unwrap(),
        SigninState::Over
    );
}

async fn who_guesses_everything_at_once_has_five_guesses_too(house: House) {
    let (desk, started, done) = house.confirmed("zhangsan").await;
    let guesses = (0..=40).map(|number| format!("{number:06}"));
    let guesses: Vec<String> = guesses.filter(|guess| *guess != done.digits()).take(40).collect();
    // With a nonce at hand each guess is one request.
    desk.bridge.poll(&started.id, SigninState::Waiting).await.unwrap();
    let answers = futures::future::join_all(guesses.iter().map(|guess| desk.redeem(&started, guess))).await;
    let refused: Vec<Refusal> = answers.into_iter().map(refusal).collect();
    assert_eq!(refused.iter().filter(|refused| **refused == Refusal::Code).count(), 5);
    assert_eq!(
        refused
            .iter()
            .filter(|refused| **refused == Refusal::SigninGone)
            .count(),
        35
    );
}

async fn a_name_that_no_database_holds_is_nobodys(house: House) {
    let (desk, session) = house.signed_in("zhangsan").await;
    for name in ["%00", "a%00b", "%EF%BF%BD", "'%20OR%201=1--"] {
        assert_eq!(
            refusal(desk.bridge.poll(name, SigninState::Waiting).await),
            Refusal::SigninGone
        );
        let revoked = desk.bridge.revoke(&session.access_token, name).await;
        assert!(
            matches!(revoked, Err(Error::Strange { status: 404, .. })),
            "{revoked:?}"
        );
    }
}

#[tokio::test]
async fn who_lures_another_into_their_sign_in_gets_no_session() {
    let house = house().await;
    house.sim.quick("zhangsan");
    // The attacker starts on their own computer and sends the address on.
    let attacker = house.device();
    let started = attacker.start().await;
    let victim = house.browser().through(&started.url).await;
    victim.shows(200, "DESKTOP-4F2K");
    victim.shows(200, "别人发来的链接或二维码");
    // Even if the victim says yes: code and digits are in the victim's browser alone.
    let done = victim.confirm("yes").await;
    assert_eq!(
        attacker.bridge.poll(&started.id, SigninState::Waiting).await.unwrap(),
        SigninState::Confirmed
    );
    for guess in ["", "123456", &started.id, started.url.rsplit('/').next().unwrap()] {
        assert_eq!(refusal(attacker.redeem(&started, guess).await), Refusal::Code);
    }
    // And the victim's own app has a code without the key and the verifier that it is for.
    let own = house.device();
    assert_eq!(refusal(own.redeem(&started, &done.code()).await), Refusal::SigninGone);
}

#[tokio::test]
async fn who_opens_the_page_first_and_sends_wecoms_address_on_gets_nothing() {
    let house = house().await;
    house.sim.quick("zhangsan");
    let attacker = house.device();
    let started = attacker.start().await;
    let to = house.browser().step(&started.url).await.unwrap();
    let victim = house.browser().through(&to).await;
    victim.shows(403, "请在同一个浏览器里完成登录");
    assert_eq!(
        attacker.bridge.poll(&started.id, SigninState::Scanned).await.unwrap(),
        SigninState::Waiting
    );
}

#[tokio::test]
async fn a_code_without_its_verifier_or_key_is_worthless() {
    let house = house().await;
    let (desk, started, done) = house.confirmed("zhangsan").await;
    let other = house.device();
    let stolen = desk
        .bridge
        .redeem(&started.id, done.code().into(), &other.verifier)
        .await;
    assert_eq!(refusal(stolen), Refusal::Code);
    let stolen = other
        .bridge
        .redeem(&started.id, done.code().into(), &desk.verifier)
        .await;
    assert_eq!(refusal(stolen), Refusal::SigninGone);
    assert_eq!(
        refusal(other.bridge.poll(&started.id, SigninState::Waiting).await),
        Refusal::SigninGone
    );
    desk.redeem(&started, &done.code()).await.unwrap();
}

async fn a_code_is_redeemed_once_and_the_same_device_may_ask_again(house: House) {
    let (desk, started, done) = house.confirmed("zhangsan").await;
    // The first answer is lost on the line.
    let lost = desk.redeem(&started, &done.code()).await.unwrap();
    let again = desk.redeem(&started, &done.code()).await.unwrap();
    assert_eq!(lost.refresh_token.expose_secret(), again.refresh_token.expose_secret());
    let sessions = desk.bridge.sessions(&again.access_token).await.unwrap();
    assert_eq!(sessions.len(), 1);
    assert!(sessions[0].own && sessions[0].device.name == "DESKTOP-4F2K");
    // Once the session is in use nothing of the sign-in is left.
    desk.bridge.refresh(&again.refresh_token).await.unwrap();
    assert_eq!(refusal(desk.redeem(&started, &done.code()).await), Refusal::SigninGone);
}

async fn two_who_redeem_at_once_are_one_session(house: House) {
    let (desk, started, done) = house.confirmed("zhangsan").await;
    let code = done.code();
    let many = futures::future::join_all((0..8).map(|_| desk.redeem(&started, &code))).await;
    let session = many.into_iter().find_map(Result::ok).unwrap();
    assert_eq!(desk.bridge.sessions(&session.access_token).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_code_holds_for_a_minute_and_a_sign_in_for_five() {
    let house = house().await;
    let (desk, started, done) = house.confirmed("zhangsan").await;
    house.clock.shift(61);
    assert_eq!(refusal(desk.redeem(&started, &done.code()).await), Refusal::SigninGone);

    let started = desk.start().await;
    let asked = house.browser().through(&started.url).await;
    house.clock.shift(301);
    asked.confirm("yes").await.shows(410, "登录已超时");
    house.browser().through(&started.url).await.shows(410, "登录已超时");
    assert_eq!(
        desk.bridge.poll(&started.id, SigninState::Scanned).await.unwrap(),
        SigninState::Over
    );
}

async fn no_means_no(house: House) {
    house.sim.quick("zhangsan");
    let desk = house.device();
    let started = desk.start().await;
    let mut browser = house.browser().through(&started.url).await;
    let ticket = browser.ticket();
    browser.answer(&ticket, "no").await;
    browser.shows(200, "没有任何设备登录");
    assert_eq!(
        desk.bridge.poll(&started.id, SigninState::Scanned).await.unwrap(),
        SigninState::Refused
    );
    browser.answer(&ticket, "yes").await;
    browser.shows(410, "已经用过");
    house.browser().through(&started.url).await.shows(200, "没有登录");
}

#[tokio::test]
async fn an_answer_from_another_browser_or_site_is_none() {
    let house = house().await;
    house.sim.quick("zhangsan");
    let desk = house.device();
    let started = desk.start().await;
    let asked = house.browser().through(&started.url).await;
    let ticket = asked.ticket();
    let mut stranger = house
        .browser()
        .through(house.url.join("healthz").unwrap().as_str())
        .await;
    stranger.answer(&ticket, "yes").await;
    stranger.shows(403, "请在同一个浏览器里完成登录");
    let forged = reqwest::Client::new()
        .post(house.url.join("confirm").unwrap())
        .header("origin", "https://evil.example.org")
        .form(&[("ticket", ticket.as_str()), ("answer", "yes")])
        .send()
        .await
        .unwrap();
    assert_eq!(forged.status(), 404);
    assert_eq!(
        desk.bridge.poll(&started.id, SigninState::Waiting).await.unwrap(),
        SigninState::Scanned
    );
}

#[tokio::test]
async fn a_callback_that_is_replayed_forged_or_of_another_company_leads_nowhere() {
    let house = house().await;
    house.sim.quick("zhangsan");
    let desk = house.device();
    let started = desk.start().await;
    let mut browser = house.browser();
    let wecom = browser.step(&started.url).await.unwrap();
    let back = browser.step(&wecom).await.unwrap();
    let other = back.replace("appid=wwqiyouexample01", "appid=wwanother00000001");
    assert_ne!(other, back);
    browser.go(&other).await;
    browser.shows(403, "另一家企业");
    let forged = back.split("&state=").next().unwrap().to_owned() + "&state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    browser.go(&forged).await;
    browser.shows(404, "登录链接无效");
    for state in ["", "%00", "a%22%3E%3Cscript%3E", "'%20OR%201=1--", &"a".repeat(200)] {
        browser
            .go(house
                .url
                .join(&format!("callback?code=x&state={state}"))
                .unwrap()
                .as_str())
            .await;
        browser.shows(404, "登录链接无效");
        assert!(!browser.page.contains("<script>"));
    }
    browser.go(&back).await;
    browser.shows(200, "DESKTOP-4F2K");
    browser.go(&back).await;
    browser.shows(410, "已经用过");
}

#[tokio::test]
async fn a_code_of_wecom_is_good_once_and_for_five_minutes() {
    let house = house().await;
    house.sim.quick("zhangsan");
    for spoil in ["used", "late"] {
        let desk = house.device();
        let started = desk.start().await;
        let mut browser = house.browser();
        let wecom = browser.step(&started.url).await.unwrap();
        let back = browser.step(&wecom).await.unwrap();
        if spoil == "used" {
            let code = back.split("code=").nth(1).unwrap().split('&').next().unwrap();
            let token = format!(
                "cgi-bin/auth/getuserinfo?access_token={}&code={code}",
                token(&house).await
            );
            reqwest::get(house.sim.url().join(&token).unwrap()).await.unwrap();
        } else {
            house.sim.shift(Duration::from_secs(301));
        }
        browser.go(&back).await;
        browser.shows(410, "企业微信的授权已失效");
        // The same sign-in goes on with a new code.
        browser.go(&started.url).await;
        browser.shows(200, "DESKTOP-4F2K");
    }
}

async fn token(house: &house::House) -> String {
    let (corp, secret) = house
        .sim
        .company(|company| (company.corp_id.clone(), company.secret.clone()));
    let url = format!("cgi-bin/gettoken?corpid={corp}&corpsecret={secret}");
    let answer = reqwest::get(house.sim.url().join(&url).unwrap())
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    answer
        .split("\"access_token\":\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn whoever_may_not_is_told_why_and_the_app_hears_no() {
    let house = house().await;
    for (userid, status, words) in [
        ("wangwu", 2, "已停用"),
        ("wangwu", 5, "不是“示例公司”的成员"),
        ("zhaoliu", 1, "您还不能使用企邮"),
    ] {
        house.sim.member(userid, |member| member.status = status);
        house.sim.quick(userid);
        let desk = house.device();
        let started = desk.start().await;
        let browser = house.browser().through(&started.url).await;
        browser.shows(403, words);
        assert_eq!(
            desk.bridge.poll(&started.id, SigninState::Waiting).await.unwrap(),
            SigninState::Refused
        );
    }
}

/// What a sign-in comes to when an api of WeCom answers so many times with a code: status and words of the page.
const TROUBLES: &[(&str, i64, usize, u16, &str)] = &[
    // Busy: tried again by itself, until that is of no use.
    ("gettoken", -1, 2, 200, ASKS),
    ("gettoken", -1, 4, 502, AWAY),
    ("auth/getuserinfo", -1, 1, 200, ASKS),
    ("auth/getuserinfo", -1, 4, 502, AWAY),
    ("user/get", -1, 4, 502, AWAY),
    // A token that ended early is fetched anew, once.
    ("auth/getuserinfo", 40014, 1, 200, ASKS),
    ("auth/getuserinfo", 42001, 1, 200, ASKS),
    ("user/get", 42001, 1, 200, ASKS),
    ("auth/getuserinfo", 40014, 2, 502, AWAY),
    ("auth/getuserinfo", 42001, 2, 502, AWAY),
    // For the admin.
    ("gettoken", 40001, 1, 500, CHECK),
    ("gettoken", 40013, 1, 500, CHECK),
    ("gettoken", 40091, 1, 500, CHECK),
    ("gettoken", 41002, 1, 500, CHECK),
    ("gettoken", 41004, 1, 500, CHECK),
    ("auth/getuserinfo", 40001, 1, 500, CHECK),
    ("auth/getuserinfo", 40056, 1, 500, CHECK),
    ("auth/getuserinfo", 48001, 1, 500, CHECK),
    ("auth/getuserinfo", 48002, 1, 500, CHECK),
    ("auth/getuserinfo", 48006, 1, 500, CHECK),
    ("auth/getuserinfo", 50001, 1, 500, CHECK),
    ("auth/getuserinfo", 50003, 1, 500, CHECK),
    ("auth/getuserinfo", 60020, 1, 500, CHECK),
    ("auth/getuserinfo", 301_002, 1, 500, CHECK),
    ("user/get", 48002, 1, 500, CHECK),
    ("user/get", 60020, 1, 500, CHECK),
    // The code.
    ("auth/getuserinfo", 40029, 1, 410, CODE),
    ("auth/getuserinfo", 40078, 1, 410, CODE),
    ("auth/getuserinfo", 41008, 1, 410, CODE),
    ("auth/getuserinfo", 42003, 1, 410, CODE),
    ("auth/getuserinfo", 42022, 1, 410, CODE),
    // The member.
    ("auth/getuserinfo", 46004, 1, 403, SCOPE),
    ("auth/getuserinfo", 50002, 1, 403, SCOPE),
    ("auth/getuserinfo", 60011, 1, 403, SCOPE),
    ("auth/getuserinfo", 60111, 1, 403, SCOPE),
    ("user/get", 40003, 1, 403, SCOPE),
    ("user/get", 46004, 1, 403, SCOPE),
    ("user/get", 60011, 1, 403, SCOPE),
    ("user/get", 60111, 1, 403, SCOPE),
    // Quotas, and what nobody knows yet.
    ("gettoken", 45009, 1, 502, AWAY),
    ("auth/getuserinfo", 45009, 1, 502, AWAY),
    ("auth/getuserinfo", 45033, 1, 502, AWAY),
    ("user/get", 45009, 1, 502, AWAY),
    ("user/get", 45033, 1, 502, AWAY),
    ("auth/getuserinfo", 40058, 1, 502, AWAY),
    ("auth/getuserinfo", 999_999, 1, 502, AWAY),
];
const ASKS: &str = "在“DESKTOP-4F2K”上登录企邮？";
const AWAY: &str = "企业微信暂时没有回应";
const CHECK: &str = "qiyou-bridge check";
const CODE: &str = "企业微信的授权已失效";
const SCOPE: &str = "您还不能使用企邮";

#[tokio::test]
async fn each_code_of_wecom_has_the_page_that_helps() {
    for (api, code, times, status, words) in TROUBLES {
        // A quota is remembered: each code meets a bridge of its own.
        let house = house().await;
        house.sim.quick("zhangsan");
        house.sim.fail(api, *code, *times);
        let desk = house.device();
        let started = desk.start().await;
        let browser = house.browser().through(&started.url).await;
        let page = &browser.page;
        assert!(
            browser.status == *status && page.contains(words),
            "{api} {code}: {page}"
        );
        // The code is for the log: people get words.
        assert!(
            !page.contains(&code.abs().to_string()) || code.abs() == 1,
            "{api} {code}: {page}"
        );
        let heard = desk.bridge.poll(&started.id, SigninState::Confirmed).await.unwrap();
        let expected = match status {
            200 => SigninState::Scanned,
            // Another try with the same sign-in is of no use.
            403 => SigninState::Refused,
            _ => SigninState::Waiting,
        };
        assert_eq!(heard, expected, "{api} {code}");
    }
}

#[tokio::test]
async fn a_mailbox_that_wecom_does_not_tell_holds_up_no_sign_in() {
    for code in [-1, 40029, 45009, 48002, 60011, 60020, 84014, 84015] {
        let house = house_with(Company::example(), |config| {
            config.replace("# private_fields = false", "private_fields = true")
        })
        .await;
        house.sim.inside("zhangsan");
        house.sim.fail("auth/getuserdetail", code, 4);
        let desk = house.device();
        let started = desk.start().await;
        let done = house.inside().through(&started.url).await.confirm("yes").await;
        let session = desk.redeem(&started, &done.code()).await.unwrap();
        assert_eq!(session.member.mail.address, None, "{code}");
        assert_eq!(session.member.mail.ways, [Proof::Reverse, Proof::Admin], "{code}");
    }
}

#[tokio::test]
async fn a_wecom_that_is_away_is_waited_for() {
    let house = house().await;
    house.sim.quick("zhangsan");
    for spoil in ["down", "garbage"] {
        let started = house.device().start().await;
        let mut browser = house.browser();
        let wecom = browser.step(&started.url).await.unwrap();
        let back = browser.step(&wecom).await.unwrap();
        if spoil == "down" {
            house.sim.down(true);
        } else {
            house.sim.garbage("auth/getuserinfo", 1);
        }
        browser.go(&back).await;
        browser.shows(502, "企业微信暂时没有回应");
        house.sim.down(false);
        // It goes on when WeCom is back.
        browser.go(&started.url).await;
        browser.shows(200, "DESKTOP-4F2K");
    }
}

#[tokio::test]
async fn an_empty_mailbox_field_is_no_hindrance_and_no_proof() {
    let house = house().await;
    let (_, session) = house.signed_in("zhangsan").await;
    // An application of today is not told.
    assert_eq!(session.member.mail.address, None);
    assert_eq!(session.member.mail.domains, ["example.cn"]);
    let mut company = Company::example();
    company.new_app = false;
    let older = house_with(company, |config| config).await;
    let (_, session) = older.signed_in("zhangsan").await;
    assert_eq!(session.member.mail.address.as_deref(), Some("zhangsan@example.cn"));
    assert_eq!(session.member.mail.proof, Some(Proof::Wecom));
    older
        .sim
        .member("lisi", |member| member.biz_mail = "lisi@elsewhere.example.org".into());
    let (_, session) = older.signed_in("lisi").await;
    assert_eq!(session.member.mail.address, None, "not of the company's domains");
}

#[tokio::test]
async fn inside_wecom_there_is_no_scan_but_the_same_question() {
    let house = house_with(Company::example(), |config| {
        config.replace("# private_fields = false", "private_fields = true")
    })
    .await;
    house.sim.inside("zhangsan");
    let desk = house.device();
    let started = desk.start().await;
    let asked = house.inside().through(&started.url).await;
    asked.shows(200, "在“DESKTOP-4F2K”上登录企邮？");
    let done = asked.confirm("yes").await;
    let session = desk.redeem(&started, &done.code()).await.unwrap();
    // There members can be asked for their mailbox.
    assert_eq!(session.member.mail.address.as_deref(), Some("zhangsan@example.cn"));
}

#[tokio::test]
async fn the_old_page_leads_there_too() {
    let house = house_with(Company::example(), |config| {
        config.replace("# login = \"new\"", "login = \"old\"")
    })
    .await;
    let (_, session) = house.signed_in("lisi").await;
    assert_eq!(session.member.id, "lisi");
}

#[tokio::test]
async fn the_app_may_give_up() {
    let house = house().await;
    let desk = house.device();
    let started = desk.start().await;
    desk.bridge.cancel(&started.id).await.unwrap();
    house.browser().through(&started.url).await.shows(200, "没有登录");
    assert_eq!(
        desk.bridge.poll(&started.id, SigninState::Waiting).await.unwrap(),
        SigninState::Refused
    );
}

async fn a_poll_hears_at_once_and_ends_when_the_server_stops(mut house: House) {
    house.sim.quick("zhangsan");
    let desk = house.device();
    let started = desk.start().await;
    let (seen, _) = tokio::join!(
        desk.bridge.poll(&started.id, SigninState::Waiting),
        house.browser().through(&started.url)
    );
    assert_eq!(seen.unwrap(), SigninState::Scanned);
    let (bridge, id) = (desk.bridge.clone(), started.id.clone());
    let held = tokio::spawn(async move { bridge.poll(&id, SigninState::Scanned).await });
    // Held open: two further polls of the same device were answered meanwhile.
    for _ in 0..2 {
        assert_eq!(
            desk.bridge.poll(&started.id, SigninState::Waiting).await.unwrap(),
            SigninState::Scanned
        );
    }
    house.stop().await;
    assert_eq!(held.await.unwrap().unwrap(), SigninState::Scanned);
}

async fn a_restart_in_the_middle_costs_nothing(mut house: House) {
    house.sim.quick("zhangsan");
    let desk = house.device();
    let started = desk.start().await;
    house.restart().await;
    let asked = house.browser().through(&started.url).await;
    house.restart().await;
    let done = asked.confirm("yes").await;
    house.restart().await;
    let session = desk.redeem(&started, &done.code()).await.unwrap();
    house.restart().await;
    let next = desk.bridge.refresh(&session.refresh_token).await.unwrap();
    assert_eq!(desk.bridge.member(&next.access_token).await.unwrap().id, "zhangsan");
}

#[tokio::test]
async fn a_name_cannot_disguise_the_question() {
    let house = house().await;
    house.sim.quick("zhangsan");
    let desk = house.device();
    let device = qiyou_bridge_api::Device {
        name: "<b>PC</b>\u{202e}cod\u{200b}\n".into(),
        system: "\"><script>alert(1)</script>".into(),
        version: String::new(),
    };
    let started = desk.bridge.start(device, &desk.verifier, "zh").await.unwrap();
    let asked = house.browser().through(&started.url).await;
    asked.shows(200, "&lt;b&gt;PC&lt;/b&gt;cod");
    assert!(!asked.page.contains("<script>alert") && !asked.page.contains('\u{202e}'));
}
