use serde_json::json;

use super::*;

fn fixed(settings: &serde_json::Value) -> Managed {
    let policy: Policy = serde_json::from_value(json!({ "settings": settings })).unwrap();
    Managed {
        company: "示例公司".into(),
        fixed: understood(&policy),
        ..Managed::default()
    }
}

fn fields() -> [(&'static str, String); 6] {
    [
        ("name", "张三".into()),
        ("title", String::new()),
        ("department", "研发 & 测试".into()),
        ("phone", String::new()),
        ("address", "zhangsan@example.cn".into()),
        ("company", "{name} <b>公司</b>".into()),
    ]
}

#[test]
fn what_is_fixed_holds_and_what_was_chosen_comes_back() {
    let mut chosen = Settings {
        bubbles: false,
        cache_mib: 512,
        ..Settings::default()
    };
    chosen.writing.ask_outside = false;
    let policy = json!({
        "bubbles": true, "privacy": true, "ask_outside": true, "undo_seconds": 20, "receipts": "never",
        "prefetch": 3, "hologram": true, "ask_crowd": 0,
    });
    let mut kept = Kept::new(chosen.clone(), fixed(&policy));
    let now = kept.now();
    assert!(now.bubbles && now.privacy && now.writing.ask_outside);
    assert_eq!((now.writing.undo_seconds, now.writing.receipts), (20, Receipts::Never));
    assert_eq!((now.prefetch_months, now.cache_mib), (3, 512));
    // What it does not know, and what it does not take.
    assert_eq!(now.writing.ask_crowd, chosen.writing.ask_crowd);
    let back = kept.manage(Managed::default()).unwrap();
    assert_eq!(*back, chosen);
    assert_eq!(kept.manage(Managed::default()), None);
}

#[test]
fn what_is_fixed_cannot_be_changed_and_all_else_can() {
    let chosen = Settings {
        zoom: 110,
        ..Settings::default()
    };
    let mut kept = Kept::new(chosen, fixed(&json!({ "bubbles": false })));
    let shown = kept.now().as_ref().clone();
    let refused = Settings {
        bubbles: true,
        zoom: 120,
        ..shown.clone()
    };
    // As it was before the policy came: a page that has not heard of it yet.
    let kept_below = kept.choose(&refused).unwrap();
    assert_eq!((kept_below.bubbles, kept_below.zoom), (true, 120));
    let now = kept.chose(kept_below);
    assert_eq!((now.bubbles, now.zoom), (false, 120));
    let mut kept = Kept::new(
        Settings {
            bubbles: false,
            ..shown
        },
        fixed(&json!({ "bubbles": false })),
    );
    let error = kept.choose(&refused).unwrap_err();
    assert_eq!(error.code, ErrorCode::Managed);
    assert_eq!(
        (error.args["setting"].as_str(), error.args["company"].as_str()),
        ("bubbles", "示例公司")
    );
    assert!(kept.manage(Managed::default()).is_none());
    assert!(kept.choose(&refused).is_ok());
}

#[test]
fn a_signature_stands_under_the_companys_mail_alone_and_is_given_back() {
    let (company, own) = ("zhangsan@example.cn".to_owned(), "san@home.example.org".to_owned());
    let mut chosen = Settings::default();
    for address in [&company, &own] {
        let author = chosen.writing.authors.entry(address.clone()).or_default();
        author.signature = "<p>张三</p>".into();
        author.reply_signature = "<p>张三</p>".into();
    }
    let managed = Managed {
        signature: Some((vec![company.clone()], "<p>示例公司</p>".into())),
        ..fixed(&json!({}))
    };
    let mut kept = Kept::new(chosen.clone(), managed);
    let now = kept.now();
    assert_eq!(now.writing.authors[&company].signature, "<p>示例公司</p>");
    assert_eq!(now.writing.authors[&company].reply_signature, "");
    assert_eq!(now.writing.authors[&own], chosen.writing.authors[&own]);
    let mut wanted = now.as_ref().clone();
    wanted.writing.authors.get_mut(&company).unwrap().aliases = vec!["zs@example.cn".into()];
    let below = kept.choose(&wanted).unwrap();
    assert_eq!(below.writing.authors[&company].signature, "<p>张三</p>");
    let now = kept.chose(below);
    assert_eq!(now.writing.authors[&company].aliases, ["zs@example.cn"]);
    wanted.writing.authors.get_mut(&company).unwrap().signature = "<p>我</p>".into();
    assert_eq!(kept.choose(&wanted).unwrap_err().args["setting"], "signature");
    let back = kept.manage(Managed::default()).unwrap();
    assert_eq!(back.writing.authors[&company].reply_signature, "<p>张三</p>");
}

#[test]
fn pictures_of_the_network_can_be_forbidden_and_not_allowed() {
    let chosen = Settings {
        pictures_from: vec!["@news.example.org".into()],
        ..Settings::default()
    };
    let managed = Managed {
        pictures: false,
        ..fixed(&json!({}))
    };
    let kept = Kept::new(chosen, managed);
    assert!(kept.now().pictures_from.is_empty() && kept.allows_pictures().is_err());
    let mut wanted = kept.now().as_ref().clone();
    wanted.pictures_from.push("lisi@example.cn".into());
    assert_eq!(kept.choose(&wanted).unwrap_err().args["setting"], "pictures");
    // No name of a policy puts somebody on the list.
    assert!(
        understood(&serde_json::from_value(json!({ "settings": { "pictures": ["@example.cn"] } })).unwrap()).is_empty()
    );
}

#[test]
fn a_signature_is_filled_in_and_nothing_in_it_runs() {
    let whole = filled(
        "<b>{name}</b> {title}\n{company} {department}\n{phone}\n<p>{address}</p>\n{nobody} {",
        &fields(),
    );
    assert!(whole.contains("<b>张三</b>"), "{whole}");
    // A value is text, also one that looks like a field or a tag.
    assert!(
        whole.contains("{name} &lt;b&gt;公司&lt;/b&gt; 研发 &amp; 测试"),
        "{whole}"
    );
    assert!(
        whole.contains("<p>zhangsan@example.cn</p>") && whole.contains("{nobody} {"),
        "{whole}"
    );
    assert_eq!(whole.matches("<p>").count(), 4, "{whole}");
    let hostile = filled(
        "<script>alert(1)</script><img src=x onerror=alert(1)>{name}\n<a href=\"javascript:alert(1)\">x</a>\n<form action=https://x>",
        &fields(),
    );
    for word in ["script", "onerror", "javascript", "form", "alert"] {
        assert!(!hostile.contains(word), "{word}: {hostile}");
    }
    assert_eq!(filled("{phone} {title}\n", &fields()), "");
    assert_eq!(filled(&"x".repeat(LONGEST_SIGNATURE + 1), &fields()), "");
}
