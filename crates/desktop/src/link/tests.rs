use super::*;

fn bubble() -> Bubble {
    Bubble {
        token: "t0ken+/=".into(),
        ..Bubble::new("账户1/收件箱&7", "张三", "")
    }
}

#[test]
fn a_link_comes_back_as_it_was_written() {
    for button in [None, Some("archive")] {
        let link = BubbleLink::of(&bubble(), button);
        assert_eq!(BubbleLink::parse(&link.to_string()), Some(link));
    }
    let with_slashes = "qiyou-agent://bubble/?tag=a&token=b";
    assert_eq!(BubbleLink::parse(with_slashes).map(|l| l.tag).as_deref(), Some("a"));
}

#[test]
fn a_link_that_we_did_not_write_is_none() {
    for bad in [
        "qiyou-agent:bubble?tag=a",
        "qiyou-agent:bubble?token=a",
        "qiyou-agent:quit?tag=a&token=b",
        "qiyou:bubble?tag=a&token=b",
        "qiyou-agent:bubble?tag=a&token=b&token=c",
        "qiyou-agent:bubble?tag=a&token=b&run=calc",
        "qiyou-agent:bubble?tag=a&token=b#x",
        "not a link",
    ] {
        assert_eq!(BubbleLink::parse(bad), None, "{bad}");
    }
    assert_eq!(
        BubbleLink::parse(&format!("qiyou-agent:bubble?tag={}&token=b", "a".repeat(3000))),
        None
    );
}

#[test]
fn a_token_is_not_printed() {
    assert!(!format!("{:?}", BubbleLink::of(&bubble(), None)).contains("t0ken"));
}
