use super::*;

fn with(change: impl Fn(String) -> String) -> anyhow::Result<Config> {
    Config::parse(&change(TEMPLATE.to_owned()), PathBuf::from("/nowhere"))
}

#[test]
fn the_template_is_a_whole_configuration() {
    let config = with(|text| text).unwrap();
    assert_eq!(config.url.as_str(), "https://mail.example.cn/");
    assert_eq!(config.wecom.login, LoginPage::New);
    assert_eq!(config.database.url, "sqlite:bridge.db");
}

#[test]
fn all_that_the_template_leaves_out_is_understood_as_it_stands_there() {
    let whole = with(|text| {
        text.lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if rest.contains(" = ") && !rest.starts_with("A secret") || rest.starts_with('[') => rest,
                _ => line,
            })
            .fold(String::new(), |all, line| all + line + "\n")
    })
    .unwrap();
    assert_eq!(whole.proxy.trusted.len(), 1);
    assert_eq!(whole.limits.signins_per_minute, Limits::default().signins_per_minute);
    assert_eq!(whole.mail.unwrap().imap.port, 993);
    assert!(whole.database.password.is_some());
    assert_eq!(whole.installer.named().count(), 3);
    assert_eq!((whole.policy.settings.len(), whole.policy.follow.len()), (12, 2));
    assert!(whole.policy.signature.unwrap().contains("{name}</b> {title}\n"));
    assert_eq!(whole.mailer.unwrap().port, 994);
}

#[test]
fn a_mistake_is_named_with_the_way_out() {
    for (from, to, says) in [
        ("https://mail.example.cn", "http://mail.example.cn", "https only"),
        ("https://mail.example.cn", "https://example.cn/bridge", "no path"),
        ("domains = [\"example.cn\"]", "domains = []", "domains"),
        ("ww0000000000000000", "", "corp_id"),
        ("agent_id = 1000002", "agent_id = 0", "agent_id"),
        ("agent_id = 1000002", "agentid = 1000002", "agentid"),
        (
            "[wecom]",
            "[database]\nurl = \"postgres://qiyou:geheim@db/qiyou\"\n[wecom]",
            "database.password",
        ),
        (
            "[wecom]",
            "[database]\nurl = \"mysql://db\"\n[wecom]",
            "sqlite: or postgres",
        ),
        (
            "[wecom]",
            "[installer]\nwindows = \"http://download.example.cn/a.exe\"\n[wecom]",
            "installer.windows",
        ),
        (
            "[wecom]",
            "[mailer]\nhost = \"smtp.example.cn\"\nport = 465\naddress = \"qiyou\\r\\nBcc: x@example.cn\"\n\
             password = { file = \"mailer.password\" }\n[wecom]",
            "mailer.address",
        ),
        (
            "[wecom]",
            "[installer]\nlinux = \"javascript:alert(1)\"\n[wecom]",
            "installer.linux",
        ),
        ("[wecom]", "[policy]\nfolow = []\n[wecom]", "unknown field `folow`"),
        ("[wecom]", "[policy]\nfollow = [\"\"]\n[wecom]", "policy.follow"),
        (
            "[wecom]",
            "[policy]\nsignature = \"{nmae}\"\n[wecom]",
            "{nmae} is no field",
        ),
        (
            "[wecom]",
            "[policy.settings]\nproxy = \"direct\"\n[wecom]",
            "policy.settings.proxy: unknown variant",
        ),
        (
            "[wecom]",
            "[policy.settings]\nask_outside = false\n[wecom]",
            "policy.settings.ask_outside: a company can switch this on and not off",
        ),
        (
            "[wecom]",
            "[policy.features]\ncalendar = false\n[wecom]",
            "unknown field `calendar`",
        ),
    ] {
        let error = format!("{:#}", with(|text| text.replace(from, to)).unwrap_err());
        assert!(error.contains(says), "{to}: {error}");
    }
}

#[test]
fn a_secret_is_read_from_a_file_that_only_its_owner_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wecom.secret");
    std::fs::write(&path, "geheim\n").unwrap();
    let secret = Secret::File("wecom.secret".into());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let error = secret.read(folder.path()).unwrap_err().to_string();
        assert!(error.contains("chmod") && !error.contains("geheim"), "{error}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    }
    assert_eq!(secret.read(folder.path()).unwrap().expose_secret(), "geheim");
    std::fs::write(&path, "\n").unwrap();
    assert!(secret.read(folder.path()).unwrap_err().to_string().contains("empty"));
}

#[test]
fn a_master_key_has_64_digits() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = with(|text| text).unwrap();
    config.folder = folder.path().to_owned();
    let path = folder.path().join("master.key");
    for (text, good) in [
        ("00".repeat(32), true),
        ("0".repeat(63), false),
        ("zz".repeat(32), false),
    ] {
        std::fs::write(&path, text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        assert_eq!(config.master_key().is_ok(), good);
    }
}
