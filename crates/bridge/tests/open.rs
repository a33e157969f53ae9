//! What the workbench and cards open: the app, the computer's browser, the webmail.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by itself"
)]

mod house;

use house::{Browser, House, house, house_with};
use qiyou_testkit::netease::{self, NeteaseSim};
use qiyou_testkit::wecom::Company;
use qiyou_wecom::Wecom;
use secrecy::SecretString;
use serde_json::Value;

const PHONE: &str =
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 MicroMessenger/7.0.1 wxwork/4.1.38";

async fn at(house: &House, browser: Browser, path: &str) -> Browser {
    browser.through(house.url.join(path).unwrap().as_str()).await
}

/// What the page's script goes by.
fn way(browser: &Browser) -> Value {
    let (_, rest) = browser.page.split_once("const way = ").unwrap();
    serde_json::from_str(rest.split_once(";\n").unwrap().0).unwrap()
}

#[tokio::test]
async fn a_page_wakes_the_app_and_carries_nothing_else_with_it() {
    let house = house().await;
    for (path, link) in [
        ("/open/app", "qiyou://open"),
        ("/open/inbox?x=%22%3E%3Cscript%3E", "qiyou://open"),
        ("/open/compose?to=a@b.cn", "qiyou://compose"),
        ("/open/settings", "qiyou://settings"),
        ("/open/mail/aB3", "qiyou://mail?card=aB3"),
    ] {
        let browser = at(&house, house.browser(), path).await;
        browser.shows(200, "正在打开企邮");
        assert_eq!(way(&browser)["link"], link, "{path}");
        assert!(browser.page.contains(&format!("href=\"{link}\"")), "{path}");
        assert!(
            !browser.page.contains("<script>") && !browser.page.contains("src="),
            "{path}"
        );
        let policy = browser.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    }
    for path in [
        "/open/",
        "/open/signin",
        "/open/https:%2f%2fevil.example",
        "/open/mail/",
        "/open/mail/..%2f..%2fx",
        "/open/mail/a'%3balert(1)",
        &format!("/open/mail/{}", "a".repeat(65)),
        // There is no webmail here.
        "/open/webmail",
        "/open/webmail/back?code=x&state=y",
    ] {
        let browser = at(&house, house.browser(), path).await;
        assert_eq!(browser.status, 404, "{path}");
    }
}

#[tokio::test]
async fn inside_wecom_the_page_is_signed_for_what_leads_to_the_computer_s_browser() {
    let house = house().await;
    let browser = at(&house, house.inside(), "/open/mail/aB3?from=card").await;
    let way = way(&browser);
    // What the other browser opens is this page, without what WeCom added.
    assert_eq!(way["here"], house.url.join("/open/mail/aB3").unwrap().as_str());
    let text = |name: &str| way[name].as_str().unwrap().to_owned();
    for (kind, name) in [("corp", "corp"), ("agent", "agent")] {
        let ticket = SecretString::from(house.sim.jsapi_ticket(kind).unwrap());
        let signed = Wecom::jsapi_signature(
            &ticket,
            &text("nonce"),
            way["timestamp"].as_i64().unwrap(),
            house.url.join("/open/mail/aB3?from=card").unwrap().as_str(),
        );
        assert_eq!(text(name), signed, "{kind}");
        assert!(!browser.page.contains(secrecy::ExposeSecret::expose_secret(&ticket)));
    }
    assert!(browser.page.contains("jweixin-1.2.0.js") && browser.page.contains("jwxwork-1.0.0.js"));
    // Tickets are fetched once; without one, the page says what to do by hand.
    at(&house, house.inside(), "/open/app").await;
    assert_eq!(house.sim.calls("get_jsapi_ticket"), 1);
    house.clock.shift(3 * 3600);
    let other = house_with(Company::example(), |config| config).await;
    other.sim.fail("get_jsapi_ticket", 48002, 9);
    let browser = at(&other, other.inside(), "/open/app").await;
    browser.shows(200, "请复制下面的地址");
    assert!(!browser.page.contains("<script"), "{}", browser.page);
}

#[tokio::test]
async fn a_phone_is_led_to_the_webmail() {
    let sim = NeteaseSim::start("example.cn", vec![netease::Account::new("zhangsan", "张三")])
        .await
        .unwrap();
    let company = house::old();
    let section = house::netease(&sim);
    let house = house_with(company, |config| config + &section).await;
    let browser = at(&house, house.inside().calls_itself(PHONE), "/open/mail/aB3").await;
    browser.shows(200, "href=\"/open/webmail\"");
    assert!(!browser.page.contains("qiyou://") && !browser.page.contains("<script"));
    house.sim.inside("zhangsan");
    let mut browser = house.inside().calls_itself(PHONE);
    let wecom = browser
        .step(house.url.join("/open/webmail").unwrap().as_str())
        .await
        .unwrap();
    let back = browser.step(&wecom).await.unwrap();
    // Another browser gets nothing by the same address, nor does this one by another's state.
    let mut thief = house.inside().calls_itself(PHONE);
    thief.go(&back).await;
    thief.shows(403, "再试一次");
    // Nor one that is on its own way, by another's state or one that it made up.
    let mut other = house.inside().calls_itself(PHONE);
    let own = other
        .step(house.url.join("/open/webmail").unwrap().as_str())
        .await
        .unwrap();
    other.step(&own).await.unwrap();
    for wrong in [back.clone(), back.replace("state=", "state=0")] {
        other.go(&wrong).await;
        other.shows(403, "再试一次");
    }
    let webmail = browser.step(&back).await.unwrap();
    let page = netease::browse(&webmail).await.unwrap();
    assert!(page.status == 200 && page.body.contains("zhangsan"), "{}", page.body);
    // The code is used, and so is the browser's name.
    assert_eq!(browser.step(&back).await, None);
    assert_eq!(browser.status, 403);
}

#[tokio::test]
async fn who_has_no_proven_address_or_is_no_member_gets_into_no_webmail() {
    let sim = NeteaseSim::start("example.cn", vec![netease::Account::new("lisi", "李四")])
        .await
        .unwrap();
    let section = house::netease(&sim);
    let house = house_with(Company::example(), |config| config + &section).await;
    house.sim.inside("lisi");
    at(&house, house.inside(), "/open/webmail")
        .await
        .shows(403, "还不知道您的邮箱");
    house.sim.inside("stranger");
    at(&house, house.inside(), "/open/webmail").await.shows(403, "您不是");
    house.sim.member("lisi", |member| member.status = 5);
    house.sim.inside("lisi");
    assert_eq!(at(&house, house.inside(), "/open/webmail").await.status, 403);
    assert_eq!(sim.count("sso/ssoSign"), 0);
    // Too late.
    let mut browser = house.inside();
    house.sim.member("lisi", |member| member.status = 1);
    let wecom = browser
        .step(house.url.join("/open/webmail").unwrap().as_str())
        .await
        .unwrap();
    let back = browser.step(&wecom).await.unwrap();
    house.clock.shift(301);
    browser.go(&back).await;
    browser.shows(403, "再试一次");
}

#[tokio::test]
async fn a_webmail_that_the_company_switched_off_is_neither_offered_nor_opened() {
    let sim = NeteaseSim::start("example.cn", vec![netease::Account::new("zhangsan", "张三")])
        .await
        .unwrap();
    let section = house::netease(&sim) + "[policy.features]\nwebmail = false\n";
    let house = house_with(Company::example(), |config| config + &section).await;
    let browser = at(&house, house.inside().calls_itself(PHONE), "/open/inbox").await;
    assert!(
        browser.status == 200 && !browser.page.contains("webmail"),
        "{}",
        browser.page
    );
    for path in ["/open/webmail", "/open/webmail/back?code=x&state=y"] {
        assert_eq!(at(&house, house.inside(), path).await.status, 404, "{path}");
    }
}
