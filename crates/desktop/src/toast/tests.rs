use super::*;
use crate::Button;

fn bubble() -> Bubble {
    Bubble {
        token: "t&1".into(),
        buttons: vec![Button::new("archive", "归档"), Button::new("x\"y", "<删除>")],
        ..Bubble::new("1/收件箱/7", "张三 <zhang@example.cn>", "\"周报\" & 下周\u{ffff}\u{1}")
    }
}

#[test]
fn a_strangers_words_stay_words() {
    let xml = xml(&bubble());
    assert!(xml.contains("<text>张三 &lt;zhang@example.cn&gt;</text>"), "{xml}");
    assert!(xml.contains("<text>&quot;周报&quot; &amp; 下周</text>"), "{xml}");
    assert!(xml.contains("content=\"&lt;删除&gt;\""), "{xml}");
    // Nothing but our own elements.
    assert_eq!(xml.matches('<').count(), 2 + 2 + 2 + 4 + 2 + 2, "{xml}");
}

#[test]
fn each_click_is_a_link_of_its_own_with_the_token() {
    let xml = xml(&bubble());
    let unescape = |text: &str| text.replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
    let attribute = |name: &str| -> Vec<String> {
        xml.split(&format!(" {name}=\""))
            .skip(1)
            .map(|rest| unescape(rest.split('"').next().unwrap()))
            .collect()
    };
    assert_eq!(
        BubbleLink::parse(&attribute("launch")[0]),
        Some(BubbleLink::of(&bubble(), None))
    );
    let buttons: Vec<_> = attribute("arguments")
        .iter()
        .map(|link| BubbleLink::parse(link).unwrap())
        .collect();
    assert_eq!(buttons[0], BubbleLink::of(&bubble(), Some("archive")));
    assert_eq!(buttons[1], BubbleLink::of(&bubble(), Some("x\"y")));
    assert_eq!(xml.matches("activationType=\"protocol\"").count(), 3);
}

#[test]
fn a_tag_fits_and_stays_the_same() {
    assert_eq!(tag(&bubble()), "1/收件箱/7");
    let long = Bubble::new("长".repeat(65), "", "");
    assert_eq!(tag(&long).len(), 16);
    assert_eq!(tag(&long), tag(&long.clone()));
    assert_ne!(tag(&long), tag(&Bubble::new("短".repeat(65), "", "")));
}

#[test]
fn a_critical_toast_stays() {
    assert!(!xml(&bubble()).contains("scenario"));
    assert!(
        xml(&Bubble {
            urgency: Urgency::Critical,
            ..bubble()
        })
        .contains(" scenario=\"reminder\"")
    );
}
