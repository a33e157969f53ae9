//! Messages, profile and workbench.

use std::time::Duration;

use qiyou_wecom::{Content, KeyData, Kind, Line, Message, TextCard, TextNotice, Tone};
use url::Url;

use crate::house;

fn url() -> Url {
    Url::parse("https://bridge.example.cn/open/m/abc").unwrap()
}

fn text(to: &[&str], text: &str) -> Message {
    Message {
        to: to.iter().map(|to| (*to).to_owned()).collect(),
        content: Content::Text(text.to_owned()),
        once_within: None,
    }
}

#[tokio::test]
async fn each_kind_of_message_arrives_within_wecoms_limits() {
    let house = house().await;
    let long = "很长的一封信".repeat(400);
    let card = TextCard {
        title: long.clone(),
        lines: vec![Line {
            tone: Tone::Gray,
            text: long.clone(),
        }],
        url: url(),
        button: "打开".to_owned(),
    };
    let notice = TextNotice {
        source: "企邮".to_owned(),
        title: long.clone(),
        description: long.clone(),
        emphasis: Some(("3".to_owned(), "未读".to_owned())),
        sub_title: long.clone(),
        rows: vec![("发件人".to_owned(), "王五".to_owned()); 9],
        jumps: vec![("打开".to_owned(), url()); 5],
        url: url(),
        task_id: String::new(),
    };
    for content in [
        Content::Text(long),
        Content::TextCard(card),
        Content::TextNotice(notice),
    ] {
        let mut message = text(&["zhangsan"], "");
        message.content = content;
        let sent = house.wecom.send(&message).await.unwrap();
        assert!(!sent.id.is_empty() && sent.invalid.is_empty());
    }
    let messages = house.sim.messages("zhangsan");
    assert_eq!(messages.len(), 3);
    let said = messages[0].message["text"]["content"].as_str().unwrap();
    assert!(said.len() <= 2048 && said.ends_with('…'), "{}", said.len());
}

#[tokio::test]
async fn who_cannot_be_reached_is_named_and_the_others_are_reached() {
    let house = house().await;
    let sent = house
        .wecom
        .send(&text(&["zhangsan", "zhaoliu", "nobody"], "好"))
        .await
        .unwrap();
    assert_eq!(sent.invalid, ["zhaoliu", "nobody"]);
    assert_eq!(house.sim.messages("zhangsan").len(), 1);
    let error = house.wecom.send(&text(&["nobody"], "好")).await.unwrap_err();
    assert_eq!((error.code(), error.kind()), (Some(81013), Kind::Member));
}

#[tokio::test]
async fn nobody_everybody_and_a_list_in_one_are_refused_here() {
    let house = house().await;
    for (to, code) in [
        (vec![], 82001),
        (vec!["@all"], 40031),
        (vec!["zhangsan|lisi"], 40031),
        (vec!["a"; 1001], 40032),
    ] {
        let error = house.wecom.send(&text(&to, "好")).await.unwrap_err();
        assert_eq!(error.code(), Some(code));
    }
    assert_eq!(house.sim.calls("message/send"), 0);
    let error = house.wecom.send(&text(&["zhangsan"], "")).await.unwrap_err();
    assert_eq!(error.code(), Some(44004));
    let mut message = text(&["zhangsan"], "");
    message.content = Content::TextCard(TextCard {
        title: "一封信".to_owned(),
        lines: vec![Line {
            tone: Tone::Normal,
            text: "王五".to_owned(),
        }],
        url: Url::parse(&format!("https://bridge.example.cn/{}", "a".repeat(2048))).unwrap(),
        button: String::new(),
    });
    let error = house.wecom.send(&message).await.unwrap_err();
    assert_eq!(
        (error.code(), error.kind()),
        (Some(45002), Kind::Other),
        "an address cannot be cut"
    );
}

#[tokio::test]
async fn the_same_within_a_while_is_shown_once() {
    let house = house().await;
    let mut message = text(&["zhangsan"], "好");
    message.once_within = Some(Duration::from_mins(10));
    for _ in 0..2 {
        house.wecom.send(&message).await.unwrap();
    }
    assert_eq!(house.sim.messages("zhangsan").len(), 1);
    house.wait(601);
    house.wecom.send(&message).await.unwrap();
    assert_eq!(house.sim.messages("zhangsan").len(), 2);
}

#[tokio::test]
async fn more_than_thirty_a_minute_are_dropped_without_a_word() {
    let house = house().await;
    for n in 0..31 {
        house.wecom.send(&text(&["zhangsan"], &n.to_string())).await.unwrap();
    }
    assert_eq!(house.sim.messages("zhangsan").len(), 30);
}

#[tokio::test]
async fn a_secret_of_another_application_is_found_out() {
    let house = house().await;
    let another = house.with_secret(&house.sim.company(|company| company.other_app.1.clone()));
    let error = another.agent().await.unwrap_err();
    assert_eq!((error.code(), error.kind()), (Some(301_002), Kind::Configuration));
    let error = another.send(&text(&["zhangsan"], "好")).await.unwrap_err();
    assert_eq!(error.code(), Some(301_002));
}

#[tokio::test]
async fn the_profile_tells_name_domain_and_scope() {
    let house = house().await;
    let agent = house.wecom.agent().await.unwrap();
    assert_eq!((agent.id, agent.name.as_str()), (1_000_002, "企邮"));
    assert_eq!(agent.redirect_domain, crate::DOMAIN);
    assert_eq!(agent.users, ["zhangsan", "lisi", "wangwu"]);
    assert_eq!(agent.departments, [1, 12, 15, 21]);
    assert!(!agent.closed);
}

#[tokio::test]
async fn the_workbench_shows_each_member_their_number() {
    let house = house().await;
    let unread = |count: &str| {
        [KeyData {
            key: "未读邮件".to_owned(),
            data: count.to_owned(),
            jump_url: Some(url()),
        }]
    };
    house.wecom.set_workbench("zhangsan", &unread("3")).await.unwrap();
    assert_eq!(house.sim.workbench("zhangsan"), [], "no template yet");
    house.wecom.set_workbench_template(&unread("0")).await.unwrap();
    let shown = |count: &str| vec![("未读邮件".to_owned(), count.to_owned())];
    assert_eq!(house.sim.workbench("zhangsan"), shown("3"));
    assert_eq!(house.sim.workbench("lisi"), shown("0"));
    let many: Vec<KeyData> = (0..6).flat_map(|_| unread("1")).collect();
    house.wecom.set_workbench("lisi", &many).await.unwrap();
    assert_eq!(house.sim.workbench("lisi").len(), 4);
    let error = house.wecom.set_workbench("zhaoliu", &unread("1")).await.unwrap_err();
    assert_eq!((error.code(), error.kind()), (Some(60011), Kind::Member));
}
