//! The commands of `qiyou-bridge`, as an admin types them.

#![allow(clippy::unwrap_used, reason = "a test that fails says so by itself")]

mod house;

use std::path::Path;
use std::process::Command;

use house::{Said, house};

#[test]
fn init_writes_what_is_to_be_filled_in_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let init = || {
        let output = Command::new(env!("CARGO_BIN_EXE_qiyou-bridge"))
            .arg("init")
            .arg(folder.path())
            .output()
            .unwrap();
        Said::of(&output).parts()
    };
    let (good, said, _) = init();
    assert!(good && said.contains("wecom.secret"), "{said}");
    let key = std::fs::read_to_string(folder.path().join("master.key")).unwrap();
    assert_eq!(key.trim().len(), 64);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |name: &str| {
            std::fs::metadata(folder.path().join(name))
                .unwrap()
                .permissions()
                .mode()
                & 0o777
        };
        assert_eq!((mode("master.key"), mode("bridge.toml") & 0o007), (0o600, 0));
    }
    let (good, _, said) = init();
    assert!(!good && said.contains("bridge.toml"), "{said}");
    assert_eq!(std::fs::read_to_string(folder.path().join("master.key")).unwrap(), key);
}

#[tokio::test]
async fn check_says_what_is_wrong_and_where_it_is_mended() {
    let house = house().await;
    let host = house.url.host_str().unwrap().to_owned();
    let port = house.url.port().unwrap();
    house
        .sim
        .company(|company| company.oauth_domain = format!("{host}:{port}"));
    let (good, said, error) = house.command(&["check"]).await.parts();
    assert!(good && said.contains("Everything is in order"), "{said}{error}");
    assert!(
        said.contains("WeCom takes corp id and secret") && said.contains("Callback domain"),
        "{said}"
    );
    house
        .sim
        .company(|company| company.oauth_domain = "elsewhere.example.cn".into());
    let (good, said, _) = house.command(&["check"]).await.parts();
    assert!(
        !good && said.contains("elsewhere.example.cn") && said.contains("Trusted domain"),
        "{said}"
    );
    for (code, words) in [
        (60020, "Trusted IP"),
        (40001, "secret is wrong"),
        (40013, "corp id is wrong"),
        (40091, "secret is wrong"),
        (301_002, "AgentId"),
        (40056, "AgentId"),
        (48001, "permissions"),
        (48002, "permissions"),
        (48006, "enabled again"),
        (50003, "Enable"),
        (45009, "the call quota is used up"),
    ] {
        let api = if [40001, 40013, 40091].contains(&code) {
            "gettoken"
        } else {
            "agent/get"
        };
        house.sim.fail(api, code, 1);
        let (good, said, error) = house.command(&["check"]).await.parts();
        assert!(
            !good && said.contains(words) && said.contains(&code.to_string()),
            "{code}: {said}{error}"
        );
        assert!(
            !said.contains("sim-secret") && !error.contains("sim-secret"),
            "{said}{error}"
        );
    }
    house.sim.down(true);
    let (good, said, _) = house.command(&["check"]).await.parts();
    assert!(!good && said.contains("qyapi.weixin.qq.com"), "{said}");
}

/// What begins its lines, in order: well, to be looked at, to be mended.
fn marks(said: &str) -> String {
    let mark = |line: &str| line.chars().next().filter(|c| "✓!✗→".contains(*c));
    said.lines().filter_map(|line| mark(line.trim_start())).collect()
}

#[tokio::test]
async fn check_of_a_good_configuration_goes_through_all_of_it() {
    let house = house().await;
    let host = house.url.host_str().unwrap().to_owned();
    let said = house.command(&["check"]).await;
    assert_eq!(marks(&said.out), "✓✓✓!✓✓✓✓!!!", "{}", said.out);
    let lines = [
        format!("the configuration is read; the address is {}", house.url),
        "the master key is there".into(),
        "the database answers".into(),
        "no [tls]".into(),
        "WeCom takes corp id and secret".into(),
        "the application “企邮” is there".into(),
        "visible to 4 departments and 3 members".into(),
        format!("the trusted domain is {host}"),
        // The callback domain is told by no call: it is said where to look.
        format!("Callback domain (授权回调域) is {host}; no call tells it"),
        "no [mail]".into(),
        "no [mailer]".into(),
        "Everything is in order.".into(),
    ];
    for (line, words) in said.out.lines().zip(&lines) {
        assert!(line.contains(words), "{line}: {words}");
    }
    assert_eq!(said.out.lines().count(), lines.len());
    let chinese = house.command_with(&["check"], &[("LANG", "zh_CN.UTF-8")]).await;
    chinese.says("全部通过。");
    chinese.says("授权回调域是");
}

#[tokio::test]
async fn check_finds_what_is_set_up_wrong() {
    let mut house = house().await;
    let secret = house.folder.path().join("wecom.secret");
    let kept = std::fs::read_to_string(&secret).unwrap();
    std::fs::write(&secret, "sim-secret-of-nobody").unwrap();
    let said = house.command(&["check"]).await;
    said.fails("the secret is wrong or was reset");
    said.fails("Secret → View");
    assert!(
        !said.out.contains("sim-secret") && said.out.contains("40001"),
        "{}",
        said.out
    );
    std::fs::remove_file(&secret).unwrap();
    house.command(&["check"]).await.fails("a secret cannot be read");
    house.command(&["check"]).await.fails("wecom.secret");
    house::secret(house.folder.path(), "wecom.secret", "");
    house.command(&["check"]).await.fails("is empty");
    house::secret(house.folder.path(), "wecom.secret", &kept);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let permit = |mode| std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(mode)).unwrap();
        permit(0o644);
        house.command(&["check"]).await.fails("chmod o-rwx");
        permit(0o600);
    }

    house.sim.company(|company| company.trusted_ip = false);
    let said = house.command(&["check"]).await;
    said.fails("✓ WeCom takes corp id and secret");
    said.fails("Trusted IP (企业可信IP) → Configure");
    said.fails("60020");
    house.sim.company(|company| company.trusted_ip = true);

    house.sim.company(|company| company.stopped = true);
    house.command(&["check"]).await.fails("the application is stopped");
    house.sim.company(|company| company.stopped = false);

    let scope = house
        .sim
        .company(|company| (company.members.clone(), company.departments.clone()));
    house
        .sim
        .company(|company| (company.members.clear(), company.departments.clear()));
    house
        .command(&["check"])
        .await
        .fails("the application is visible to nobody");
    house
        .sim
        .company(|company| (company.members, company.departments) = scope);

    for domain in ["", "other.example.cn"] {
        house.sim.company(|company| company.oauth_domain = domain.into());
        let said = house.command(&["check"]).await;
        said.fails(&format!("the trusted domain is “{domain}”, not 127.0.0.1"));
        said.fails("Trusted domain: 127.0.0.1");
        said.fails("1 things to mend");
    }
    house.sim.trust("127.0.0.1");

    let agent = house.config().wecom.agent_id.to_string();
    house.reconfigure(|config| config.replace(&agent, "1000003"));
    let said = house.command(&["check"]).await;
    said.fails("agent id and secret are not of one application");
    said.fails("301002");
    house.reconfigure(|config| config.replace("1000003", &agent));

    house.reconfigure(|config| config.replace("wwqiyouexample01", "wwsomebodyelse01"));
    house.command(&["check"]).await.fails("the corp id is wrong");
    house.reconfigure(|config| config.replace("wwsomebodyelse01", "wwqiyouexample01"));

    std::fs::write(house.folder.path().join("master.key"), "5a5a").unwrap();
    house.command(&["check"]).await.fails("64 hexadecimal digits");
}

#[tokio::test]
async fn check_knows_the_host_name_that_circulates_and_does_not_exist() {
    let mut house = house().await;
    house.reconfigure(|config| {
        config
            + "[mail]\nimap = { host = \"imapzh.qiye.163.com\", port = 993, tls = true }\n\
               smtp = { host = \"smtpzh.qiye.163.com\", port = 994, tls = true }\n"
    });
    // Nobody is to be asked: this leads nowhere.
    let nowhere = ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"].map(|name| (name, "http://127.0.0.1:1"));
    let said = house.command_with(&["check"], &nowhere).await;
    for service in ["imap", "smtp"] {
        said.fails(&format!("✗ {service}zh.qiye.163.com: there is no such server"));
        said.fails(&format!("not zh: write {service}hz.qiye.163.com"));
        said.fails(&format!("✗ {service}hz.qiye.163.com:99"));
    }
    said.fails("4 things to mend");
}

#[tokio::test]
async fn check_looks_at_certificate_and_key() {
    let mut house = house::house_with_tls().await;
    let said = house.command(&["check"]).await;
    // Both were there when the bridge started, and are gone now.
    said.fails("tls.certificate");
    let files = house.folder.path().join("tls");
    std::fs::create_dir(&files).unwrap();
    let authority = house.authority.take().unwrap();
    let (one, other) = (authority.localhost().unwrap(), authority.localhost().unwrap());
    house::secret(&files, "chain.pem", &one.chain_pem);
    house.reconfigure(|config| {
        let (before, _) = config.split_once("\n[tls]").unwrap();
        format!("{before}\n[tls]\ncertificate = \"tls/chain.pem\"\nkey = {{ file = \"tls/key.pem\" }}\n")
    });
    for (key, words) in [(&other.key_pem, "do not fit"), (&one.chain_pem, "no private key")] {
        house::secret(&files, "key.pem", key);
        house.command(&["check"]).await.fails(words);
    }
    house::secret(&files, "key.pem", &one.key_pem);
    house.command(&["check"]).await.says("✓ certificate and key fit");
}

#[tokio::test]
async fn an_admin_sees_devices_signs_them_out_and_names_an_address() {
    let house = house().await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let (_, said, _) = house.command(&["devices", "--csv"]).await.parts();
    let mut lines = said.lines();
    assert_eq!(
        lines.next().unwrap(),
        "userid,device,system,version,signed_in,last_contact,session,policy,doctor"
    );
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("zhangsan,DESKTOP-4F2K,Windows 11,0.1.0,20"),
        "{said}"
    );
    let (good, _, error) = house
        .command(&["user", "zhangsan", "--address", "z@elsewhere.example.org"])
        .await
        .parts();
    assert!(!good && error.contains("example.cn"), "{error}");
    assert!(
        house
            .command(&["user", "zhangsan", "--address", "Zhangsan@Example.cn"])
            .await
            .good
    );
    let member = desk.bridge.member(&session.access_token).await.unwrap();
    assert_eq!(member.mail.address.as_deref(), Some("zhangsan@example.cn"));
    let (good, said, _) = house.command(&["user", "zhangsan", "--sign-out"]).await.parts();
    assert!(good && said.contains("1 devices signed out"), "{said}");
    desk.bridge.refresh(&session.refresh_token).await.unwrap_err();
    let (good, _, error) = house.command(&["user", "nobody"]).await.parts();
    assert!(!good && error.contains("never signed in"), "{error}");
}

#[tokio::test]
async fn what_is_held_of_a_person_is_handed_out_and_taken_away() {
    let house = house().await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let (other, others) = house.signed_in("lisi").await;
    assert!(
        house
            .command(&["user", "zhangsan", "--address", "zhangsan@example.cn"])
            .await
            .good
    );
    let said = house.command(&["user", "zhangsan", "--export"]).await;
    said.says("DESKTOP-4F2K");
    let held: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(held["held"]["member"][0]["address"], "zhangsan@example.cn");
    assert_eq!(held["held"]["session"][0]["device"]["system"], "Windows 11");
    for secret in ["ticket", "digits", "refresh", "challenge", "lisi"] {
        assert!(!said.out.contains(secret), "{secret}: {}", said.out);
    }
    // Who types nothing, or something else, erases nothing.
    house
        .command(&["user", "zhangsan", "--erase"])
        .await
        .fails("nothing was erased");
    house
        .command(&["user", "zhangsan", "--export"])
        .await
        .says("zhangsan@example.cn");
    house
        .command(&["user", "zhangsan", "--export", "--erase"])
        .await
        .fails("cannot be used with");
    house.command(&["user", "zhangsan", "--yes"]).await.fails("--erase");
    house
        .command(&["user", "zhangsan", "--erase", "--yes"])
        .await
        .says("session: 1 erased");
    house
        .command(&["user", "zhangsan", "--export"])
        .await
        .fails("nothing is held");
    house
        .command(&["user", "nobody", "--erase", "--yes"])
        .await
        .fails("nothing is held");
    let refused = desk.bridge.refresh(&session.refresh_token).await;
    assert_eq!(house::refusal(refused), qiyou_bridge_api::Refusal::SessionGone);
    other.bridge.refresh(&others.refresh_token).await.unwrap();
}

#[tokio::test]
async fn a_backup_is_made_while_the_bridge_runs_and_holds_the_sessions() {
    let house = house().await;
    house.signed_in("lisi").await;
    let file = house.folder.path().join("backup.db");
    let name = file.to_str().unwrap();
    let (good, _, error) = house.command(&["backup", name]).await.parts();
    assert!(good && is_sqlite(&file), "{error}");
    let (good, _, error) = house.command(&["backup", name]).await.parts();
    assert!(!good && error.contains("there already"), "{error}");
}

fn is_sqlite(file: &Path) -> bool {
    std::fs::read(file).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3") && bytes.len() > 4096)
}
