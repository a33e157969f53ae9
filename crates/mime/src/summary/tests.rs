use super::*;

#[test]
fn a_row_is_read() {
    let row = summary(
        "Received: from x by y; Mon, 1 Jan 2024 00:00:00 +0000\r\n\
         Date: Sun, 22 Nov 2026 14:05:06 +0800 (CST)\r\n\
         From: =?utf-8?B?5byg5LiJ?= <zhang@a.example>\r\n\
         Sender: robot@a.example\r\n\
         Reply-To: <li@a.example>\r\n\
         To: 李四 <li@a.example>,\r\n wang@a.example\r\n\
         Cc: zhao@a.example\r\n\
         Subject: =?gb2312?B?u+E=?=\r\n =?gb2312?B?0uk=?=\r\n\
         Message-ID: <one@a.example>\r\n\
         In-Reply-To: message of Monday <two@a.example>\r\n\
         References: <root@a.example> <two@a.example>\r\n\
         List-Id: 内部公告 <news.a.example>\r\n\
         X-Priority: 1 (Highest)\r\n\
         Auto-Submitted: auto-generated\r\n\
         \r\n\
         Subject: not this\r\n"
            .as_bytes(),
    );
    let zhang = Address {
        name: Some("张三".into()),
        address: "zhang@a.example".into(),
    };
    assert_eq!(row.from, [zhang]);
    assert_eq!(row.subject, "会议");
    assert_eq!(row.date, Some(1_795_327_506));
    assert_eq!(row.to.len(), 2);
    assert_eq!(row.cc.len(), 1);
    assert_eq!(row.sender.first().unwrap().address, "robot@a.example");
    assert_eq!(row.reply_to.first().unwrap().address, "li@a.example");
    assert_eq!(row.message_id.as_deref(), Some("one@a.example"));
    assert_eq!(row.in_reply_to, ["two@a.example"]);
    assert_eq!(row.references, ["root@a.example", "two@a.example"]);
    assert_eq!(row.list_id.as_deref(), Some("news.a.example"));
    assert!(row.high_priority && row.auto_submitted);
}

#[test]
fn an_ordinary_mail_is_neither_urgent_nor_automatic() {
    let row = summary(b"X-Priority: 3\r\nImportance: normal\r\nAuto-Submitted: no\r\nPriority: normal\r\n\r\n");
    assert!(!row.high_priority && !row.auto_submitted);
}

#[test]
fn raw_gbk_headers_are_read_together() {
    let text = "From: 王五 <wang@a.example>\r\nSubject: 关于上海二期项目的会议通知\r\nTo: 李 <li@a.example>\r\n\r\n";
    let row = summary(&encoding_rs::GB18030.encode(text).0);
    assert_eq!(row.subject, "关于上海二期项目的会议通知");
    assert_eq!(row.from.first().unwrap().name.as_deref(), Some("王五"));
    assert_eq!(row.to.first().unwrap().name.as_deref(), Some("李"));
}

#[test]
fn dates_in_the_shapes_that_are_sent() {
    let noon = Some(1_795_320_000);
    for value in [
        "Sun, 22 Nov 2026 12:00:00 +0800",
        "22 Nov 2026 12:00:00 +0800",
        "Sun, 22 Nov 26 04:00:00 GMT",
        "Sun,22 Nov 2026 12:00:00 +0800",
        "2026-11-22 12:00:00",
        "2026-11-22T12:00:00+08:00",
        "2026-11-22 12:00",
    ] {
        assert_eq!(date(value), noon, "{value}");
    }
    for value in [
        "",
        "yesterday",
        "Sun, 99 Foo 2026 12:00:00",
        "9999-99-99 99:99:99",
        "2026-11-22T1:1:1:1:1:1:1",
        "0000-00-00 00:00:00",
    ] {
        assert_eq!(date(value), None, "{value}");
    }
}

#[test]
fn ids_and_references_are_bounded() {
    let many = (0..500)
        .map(|n| format!("<{n}@a.example>"))
        .collect::<Vec<_>>()
        .join(" ");
    let row = summary(format!("References: {many}\r\nMessage-ID: {}\r\n\r\n", "x".repeat(5000)).as_bytes());
    assert_eq!(row.references.len(), MOST_REFERENCES);
    assert_eq!(row.references.first().unwrap(), "0@a.example");
    assert_eq!(row.references.last().unwrap(), "499@a.example");
    assert_eq!(row.message_id, None);
    assert_eq!(
        summary(b"Message-ID: bare@a.example\r\n").message_id.as_deref(),
        Some("bare@a.example")
    );
}

#[test]
fn what_is_shown_deceives_nobody() {
    let row =
        summary("Subject: 发票\u{202E}fdp\r\n\t.exe\u{0}\r\nFrom: \"a\u{2066}b\" <x@y.example>\r\n\r\n".as_bytes());
    assert_eq!(row.subject, "发票fdp .exe");
    assert_eq!(row.from.first().unwrap().name.as_deref(), Some("ab"));
    assert_eq!(
        summary(format!("Subject: {}\r\n", "长".repeat(20_000)).as_bytes())
            .subject
            .chars()
            .count(),
        1000
    );
}
