use super::*;

fn content(to: &[&str]) -> DraftContent {
    DraftContent {
        to: to
            .iter()
            .map(|address| Address {
                name: String::new(),
                address: (*address).into(),
            })
            .collect(),
        ..DraftContent::default()
    }
}

#[test]
fn who_is_no_address_is_named() {
    let code = |to: &[&str]| recipients(&content(to)).unwrap_err();
    assert_eq!(code(&[]).code, ErrorCode::NoRecipient);
    for bad in ["李四", "a@b@", "a b@x", "a@x>\r\nRCPT TO:<b@x"] {
        let error = code(&["good@x", bad]);
        assert_eq!(
            (error.code, error.args["address"].as_str()),
            (ErrorCode::BadRecipient, bad)
        );
    }
    assert_eq!(
        recipients(&content(&["a@x", "A@X", "张三@例子.中国", "b@例子.中国"])).unwrap(),
        ["a@x", "张三@xn--fsqu00a.xn--fiqs8s", "b@xn--fsqu00a.xn--fiqs8s"]
    );
}

#[test]
fn the_text_beside_the_html_can_be_read() {
    let body = "<div class=\"mail-body\"><p>好的，</p><p>明天见</p></div>";
    let quote =
        "<style>.m-x{color:red}</style><div class=\"mail-body\"><p>几点？</p><blockquote>早先</blockquote></div>";
    let answer = text(body, quote, DraftKind::Reply);
    assert_eq!(
        answer.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>()[..2],
        ["好的，", "明天见"]
    );
    assert!(
        answer.contains("\n> 几点？") && answer.contains("\n>> 早先") && !answer.contains("color"),
        "{answer}"
    );
    let passed_on = text(body, quote, DraftKind::Forward);
    assert!(passed_on.contains("\n几点？"), "{passed_on}");
}

#[test]
fn the_original_s_styles_stand_in_the_head() {
    let html = document(
        "<p>x</p>",
        "<style>.m-x{color:red}</style><div class=\"mail-body\">y</div>",
    );
    let head = html.split("</head>").next().unwrap();
    assert!(head.contains(".m-x{color:red}"));
    assert!(html.contains("<div class=\"mail-body\">y</div>"));
}
