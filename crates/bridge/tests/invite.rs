//! `qiyou-bridge invite`, and the page that its card leads to.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that fails says so by itself"
)]

mod house;

use house::{House, house, house_with};
use qiyou_testkit::wecom::{Company, INSIDE, PHONE};

const INSTALLERS: &str = "[installer]\nwindows = \"https://download.example.cn/qiyou.exe\"\nlinux = \"https://download.example.cn/qiyou.deb\"\n";

fn with_installers(config: String) -> String {
    config + INSTALLERS
}

async fn furnished() -> House {
    house_with(Company::example(), with_installers).await
}

/// Userids, each as often as it was sent to.
fn sent(house: &House) -> Vec<String> {
    let bodies = house.sim.bodies("message/send");
    let mut all: Vec<String> = bodies
        .iter()
        .flat_map(|body| body["touser"].as_str().unwrap().split('|').map(str::to_owned))
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn a_department_and_all_below_it_get_one_card_each() {
    let house = furnished().await;
    let said = house.command(&["invite", "--department", "研发部"]).await;
    // 张三 is in a department below as well.
    said.says("研发部 (12) and 1 departments below it");
    said.says("sent to 2");
    assert_eq!(sent(&house), ["lisi", "zhangsan"]);
    for userid in ["zhangsan", "lisi"] {
        let got = house.sim.messages(userid);
        assert_eq!(got.len(), 1, "{userid}");
        let card = &got[0].message["textcard"];
        assert_eq!(card["title"], "请安装企邮");
        assert_eq!(card["btntxt"], "去安装");
        assert_eq!(card["url"], house.url.join("get").unwrap().as_str());
        let words = card["description"].as_str().unwrap();
        assert!(
            words.contains("示例公司") && words.contains("用企业微信扫码登录"),
            "{words}"
        );
    }
    assert!(house.sim.messages("wangwu").is_empty());
    // Sent again it is not shown again.
    house.command(&["invite", "--department", "12"]).await.says("sent to 2");
    assert_eq!(house.sim.messages("lisi").len(), 1);
}

#[tokio::test]
async fn who_is_signed_in_is_left_out_unless_all_are_meant() {
    let house = furnished().await;
    house.signed_in("zhangsan").await;
    house.sim.member("lisi", |member| member.status = 4);
    let said = house.command(&["invite", "--department", "1"]).await;
    said.says("left out: 1 signed in already, 0 disabled or left, 1 not activated in WeCom");
    assert_eq!(sent(&house), ["wangwu"]);
    let said = house.command(&["invite", "--user", "ZhangSan", "--all"]).await;
    said.says("sent to 1");
    assert_eq!(house.sim.messages("zhangsan").len(), 1);
}

#[tokio::test]
async fn a_trial_counts_and_sends_nothing() {
    let house = furnished().await;
    house
        .command(&["invite", "--department", "1", "--dry-run"])
        .await
        .says("would be sent to 3");
    assert_eq!(house.sim.calls("message/send"), 0);
}

#[tokio::test]
async fn who_does_not_get_it_is_named() {
    let house = furnished().await;
    house.sim.company(|company| company.unlicensed = vec!["wangwu".into()]);
    let arguments = ["invite", "--department", "1", "--user", "zhaoliu", "--user", "nobody"];
    let said = house.command(&arguments).await;
    said.says("sent to 2");
    said.says(
        "not sent to 2, WeCom does not know them, or they are outside the application's visible range: zhaoliu, nobody",
    );
    said.says("not sent to 1, they have no licence for messages: wangwu");
    // None at all (81013) is no trouble either.
    let said = house.command(&["invite", "--user", "nobody"]).await;
    said.says("sent to 0");
    said.says("not sent to 1");
}

#[tokio::test]
async fn many_are_sent_to_a_thousand_at_a_time() {
    let house = house_with(Company::of_size(2500), with_installers).await;
    house
        .command(&["invite", "--department", "示例公司"])
        .await
        .says("sent to 2503");
    let bodies = house.sim.bodies("message/send");
    let sizes: Vec<usize> = bodies
        .iter()
        .map(|body| body["touser"].as_str().unwrap().split('|').count())
        .collect();
    assert_eq!(sizes, [1000, 1000, 503]);
}

#[tokio::test]
async fn what_wecom_refuses_is_said_with_the_number_of_those_who_have_nothing() {
    let house = furnished().await;
    for (code, words) in [
        (60020, "list of trusted IPs"),
        (48002, "may not call this"),
        (45009, "quota is used up"),
        (301_002, "agent id"),
    ] {
        house.sim.fail("message/send", code, 1);
        let said = house.command(&["invite", "--department", "12"]).await;
        said.fails(words);
        said.fails("2 were not sent to");
    }
    house.sim.fail("department/list", 60020, 1);
    house
        .command(&["invite", "--department", "12"])
        .await
        .fails("list of trusted IPs");
    assert!(house.sim.messages("lisi").is_empty());
}

#[tokio::test]
async fn a_slip_in_the_command_sends_nothing() {
    let house = furnished().await;
    let slips: [(&[&str], &str); 4] = [
        (&["--department", "研发"], "no department 研发"),
        (&["--user", "@all"], "no userid"),
        (&["--user", "a|b"], "no userid"),
        (&[], "--department"),
    ];
    for (arguments, words) in slips {
        let arguments: Vec<&str> = ["invite"].iter().chain(arguments).copied().collect();
        house.command(&arguments).await.fails(words);
    }
    house
        .sim
        .company(|company| company.departments[2].name = "研发部".into());
    house
        .command(&["invite", "--department", "研发部"])
        .await
        .fails("(12, 15)");
    // A card that leads to an empty page is sent to nobody.
    let bare = house::house().await;
    bare.command(&["invite", "--department", "12"])
        .await
        .fails("[installer]");
    let said = bare.command(&["invite", "--department", "12", "--dry-run"]).await;
    said.says("[installer] names no address yet");
    assert_eq!(house.sim.calls("message/send") + bare.sim.calls("message/send"), 0);
}

#[tokio::test]
async fn the_page_offers_the_visitors_own_system_first() {
    let house = furnished().await;
    let page = house.url.join("get").unwrap();
    let (windows, linux) = (
        "href=\"https://download.example.cn/qiyou.exe\"",
        "href=\"https://download.example.cn/qiyou.deb\"",
    );
    let main = |link: &str| format!("class=\"main\" {link}");
    // WeCom's own browser on Windows.
    let seen = house.browser().calls_itself(INSIDE).through(page.as_str()).await;
    seen.shows(200, &main(windows));
    seen.shows(200, linux);
    assert!(!seen.page.contains(&main(linux)));
    let policy = seen.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    let seen = house
        .browser()
        .calls_itself("Mozilla/5.0 (X11; Linux x86_64)")
        .through(page.as_str())
        .await;
    seen.shows(200, &main(linux));
    // A system without an installer.
    let seen = house
        .browser()
        .calls_itself("Mozilla/5.0 (Macintosh)")
        .through(page.as_str())
        .await;
    seen.shows(200, "还没有 macOS 版的安装包");
    seen.shows(200, windows);
    // A phone is sent to the computer.
    let seen = house.browser().calls_itself(PHONE).through(page.as_str()).await;
    seen.shows(200, page.as_str());
    assert!(!seen.page.contains("class=\"main\""));
}

#[tokio::test]
async fn a_page_without_an_installer_says_what_to_do() {
    let house = house().await;
    let seen = house.browser().through(house.url.join("get").unwrap().as_str()).await;
    seen.shows(200, "[installer]");
    seen.shows(200, "请联系“示例公司”的管理员");
}
