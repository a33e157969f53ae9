use qiyou_api::{
    AccountSettings, Address, Cause, CauseCode, CheckStep, CredentialKind, Security, ServerSettings, WatchMode,
};

use super::*;

fn account(id: i64, state: AccountState, unread: u32) -> Account {
    let server = || ServerSettings {
        host: "h".into(),
        port: 1,
        security: Security::Tls,
        user: "u".into(),
    };
    Account {
        id,
        address: "zhangsan@huadong-tech.example".into(),
        name: "工作邮箱".into(),
        color: "#0b746c".into(),
        position: 0,
        settings: AccountSettings {
            provider: "custom".into(),
            imap: server(),
            smtp: server(),
            credential: CredentialKind::Password,
        },
        state,
        telling: qiyou_api::Telling::Bubble,
        unread,
    }
}

fn cause() -> Cause {
    Cause {
        code: CauseCode::Password,
        step: CheckStep::ImapSignIn,
        host: "h".into(),
        port: 1,
        detail: String::new(),
    }
}

const ON: AccountState = AccountState::Connected { watch: WatchMode::Idle };

#[test]
fn what_needs_the_person_comes_before_the_pause_the_line_and_the_number() {
    let offline = || {
        account(
            2,
            AccountState::Offline {
                cause: cause(),
                retry_at: 0,
            },
            0,
        )
    };
    let refused = || account(3, AccountState::SignInNeeded { cause: cause() }, 0);
    assert_eq!(kind(&[account(1, ON, 0)], false, false), TrayKind::Connected);
    assert_eq!(kind(&[account(1, ON, 3), offline()], false, false), TrayKind::Unread(3));
    assert_eq!(kind(&[offline()], false, false), TrayKind::Offline);
    assert_eq!(kind(&[account(1, ON, 3)], true, false), TrayKind::Paused);
    assert_eq!(kind(&[account(1, ON, 3), refused()], true, false), TrayKind::SignIn);
    assert_eq!(kind(&[], false, false), TrayKind::Connected);
    assert_eq!(kind(&[], false, true), TrayKind::SignIn);
}

#[test]
fn the_menu_names_unread_mails_and_hides_subjects_in_privacy_mode() {
    let row = MailRow {
        id: 7,
        account: 1,
        folder: 1,
        from: Address {
            name: "李四".into(),
            address: "lisi@huadong-tech.example".into(),
        },
        to: Vec::new(),
        subject: "上海二期验收".into(),
        preview: String::new(),
        date: 0,
        size: 0,
        unread: true,
        starred: false,
        answered: false,
        forwarded: false,
        draft: false,
        attachments: false,
        important: false,
        undelivered: false,
    };
    let labels = |settings: &Settings| {
        let state = state(
            Language::ZhCn,
            &[account(1, ON, 1)],
            std::slice::from_ref(&row),
            settings,
            0,
            None,
            false,
        );
        state
            .menu
            .into_iter()
            .filter_map(|item| match item {
                MenuItem::Item { label, .. } | MenuItem::Submenu { label, .. } => Some(label),
                MenuItem::Separator => None,
            })
            .collect::<Vec<_>>()
    };
    let open = labels(&Settings::default());
    assert!(open[0].contains("李四") && open[0].contains("上海二期验收"), "{open:?}");
    assert!(
        open.iter().all(|label| !label.contains("tray.") && !label.is_empty()),
        "a word is missing: {open:?}"
    );
    let private = labels(&Settings {
        privacy: true,
        ..Settings::default()
    });
    assert!(
        private[0].contains("李四") && !private[0].contains("上海"),
        "{private:?}"
    );
}
