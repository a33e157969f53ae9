use super::*;

fn folder(display: &str) -> Mailbox {
    ListRow {
        name: MailboxName::from_display(display),
        delimiter: Some('/'),
        attributes: Vec::new(),
        old_name: None,
    }
    .into_mailbox(&Namespaces::default())
}

fn use_of(mailboxes: &[Mailbox], display: &str) -> Option<SpecialUse> {
    mailboxes
        .iter()
        .find(|m| m.name.display() == display)
        .unwrap()
        .special_use
}

#[test]
fn folders_without_flags_are_known_by_their_chinese_names() {
    let mut all: Vec<Mailbox> = [
        "INBOX",
        "草稿箱",
        "已发送",
        "已删除",
        "垃圾邮件",
        "病毒文件夹",
        "广告邮件",
        "订阅邮件",
        "其他文件夹/已发送",
    ]
    .into_iter()
    .map(folder)
    .collect();
    name_special_uses(&mut all);
    assert_eq!(use_of(&all, "INBOX"), Some(SpecialUse::Inbox));
    assert_eq!(use_of(&all, "草稿箱"), Some(SpecialUse::Drafts));
    assert_eq!(use_of(&all, "已发送"), Some(SpecialUse::Sent));
    assert_eq!(use_of(&all, "已删除"), Some(SpecialUse::Trash));
    assert_eq!(use_of(&all, "垃圾邮件"), Some(SpecialUse::Junk));
    assert_eq!(use_of(&all, "病毒文件夹"), None);
    assert_eq!(use_of(&all, "其他文件夹/已发送"), None);
}

#[test]
fn a_flag_wins_over_a_name_and_each_purpose_is_given_once() {
    let mut all: Vec<Mailbox> = ["Sent", "Sent Items", "Trash", "INBOX/Drafts"]
        .into_iter()
        .map(folder)
        .collect();
    all[2].special_use = Some(SpecialUse::Sent);
    name_special_uses(&mut all);
    assert_eq!(use_of(&all, "Sent"), None);
    assert_eq!(use_of(&all, "Sent Items"), None);
    assert_eq!(use_of(&all, "INBOX/Drafts"), Some(SpecialUse::Drafts));
}

#[test]
fn shared_folders_are_told_by_the_namespace() {
    let one = |prefix: &str| {
        vec![Namespace {
            prefix: prefix.as_bytes().to_vec(),
            delimiter: Some('/'),
        }]
    };
    let spaces = Namespaces {
        personal: one(""),
        other: one("Other Users/"),
        shared: one("#shared/"),
    };
    assert_eq!(spaces.kind_of(b"Other Users/zhang/INBOX"), NamespaceKind::Other);
    assert_eq!(spaces.kind_of(b"Other Users"), NamespaceKind::Other);
    assert_eq!(spaces.kind_of(b"#shared/team"), NamespaceKind::Shared);
    assert_eq!(spaces.kind_of(b"Projects"), NamespaceKind::Personal);
}
