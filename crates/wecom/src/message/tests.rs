use super::*;

fn url() -> Url {
    Url::parse("https://bridge.example.cn/open/m/abc").unwrap()
}

#[test]
fn a_card_keeps_wecoms_limits_whole() {
    let card = TextCard {
        title: "季度计划".repeat(50),
        lines: vec![
            Line {
                tone: Tone::Gray,
                text: "11月22日 10:05".to_owned(),
            },
            Line {
                tone: Tone::Normal,
                text: "发件人 王五 <wangwu@example.cn> </div><div class=\"highlight\">".to_owned(),
            },
            Line {
                tone: Tone::Normal,
                text: "长".repeat(500),
            },
            Line {
                tone: Tone::Highlight,
                text: "no room".to_owned(),
            },
        ],
        url: url(),
        button: "打开这封邮件".to_owned(),
    };
    let body = card.body();
    assert!(body["title"].as_str().unwrap().len() <= 128);
    let description = body["description"].as_str().unwrap();
    assert!(description.len() <= 512);
    assert!(description.ends_with("…</div>"), "{description}");
    assert_eq!(description.matches("<div").count(), 3);
    assert_eq!(description.matches("</div>").count(), 3);
    assert!(!description.contains("highlight\">no room"));
    assert_eq!(body["btntxt"], "打开这封");
}

#[test]
fn a_notice_has_what_it_needs_and_nothing_empty() {
    let notice = TextNotice {
        source: String::new(),
        title: "新邮件".to_owned(),
        description: String::new(),
        emphasis: Some(("3".to_owned(), "未读".to_owned())),
        sub_title: String::new(),
        rows: (0..9).map(|n| (format!("行{n}"), "值".to_owned())).collect(),
        jumps: vec![("打开".to_owned(), url())],
        url: url(),
        task_id: "x".repeat(200),
    };
    let body = notice.body();
    assert_eq!(body["card_action"]["url"], url().as_str());
    assert_eq!(body["horizontal_content_list"].as_array().unwrap().len(), 6);
    assert!(body.get("task_id").is_none() && body.get("source").is_none());
}

#[test]
fn the_duplicate_check_is_asked_for_at_most_four_hours() {
    let message = Message {
        to: vec!["zhangsan".to_owned(), "lisi".to_owned()],
        content: Content::Text("好".to_owned()),
        once_within: Some(Duration::from_secs(100_000)),
    };
    let body = message.body(7);
    assert_eq!(body["touser"], "zhangsan|lisi");
    assert_eq!(body["duplicate_check_interval"], 14400);
    assert_eq!(body["agentid"], 7);
}
