//! The commands of `qiyou-bridge`, as an admin types them.

#![allow(clippy::unwrap_used, reason = "a test that fails says so by itself")]

mod house;

use std::path::Path;
use std::process::{Command, Output};

use house::house;

fn read(output: &Output) -> (bool, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn init_writes_what_is_to_be_filled_in_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let init = || {
        let output = Command::new(env!("CARGO_BIN_EXE_qiyou-bridge"))
            .arg("init")
            .arg(folder.path())
            .output()
            .unwrap();
        read(&output)
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
    let (good, said, error) = house.command(&["check"]).await;
    assert!(good && said.contains("Everything is in order"), "{said}{error}");
    assert!(
        said.contains("WeCom takes corp id and secret") && said.contains("Callback domain"),
        "{said}"
    );
    house
        .sim
        .company(|company| company.oauth_domain = "elsewhere.example.cn".into());
    let (good, said, _) = house.command(&["check"]).await;
    assert!(
        !good && said.contains("elsewhere.example.cn") && said.contains("Trusted domain"),
        "{said}"
    );
    for (code, words) in [
        (60020, "Trusted IP"),
        (40001, "secret is wrong"),
        (40013, "corp id is wrong"),
        (301_002, "AgentId"),
        (48001, "permissions"),
        (50003, "Enable"),
    ] {
        let api = if [40001, 40013].contains(&code) {
            "gettoken"
        } else {
            "agent/get"
        };
        house.sim.fail(api, code, 1);
        let (good, said, error) = house.command(&["check"]).await;
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
    let (good, said, _) = house.command(&["check"]).await;
    assert!(!good && said.contains("qyapi.weixin.qq.com"), "{said}");
}

#[tokio::test]
async fn an_admin_sees_devices_signs_them_out_and_names_an_address() {
    let house = house().await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let (_, said, _) = house.command(&["devices", "--csv"]).await;
    let mut lines = said.lines();
    assert_eq!(
        lines.next().unwrap(),
        "userid,device,system,version,signed_in,last_contact,session"
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
        .await;
    assert!(!good && error.contains("example.cn"), "{error}");
    assert!(
        house
            .command(&["user", "zhangsan", "--address", "Zhangsan@Example.cn"])
            .await
            .0
    );
    let member = desk.bridge.member(&session.access_token).await.unwrap();
    assert_eq!(member.mail.address.as_deref(), Some("zhangsan@example.cn"));
    let (good, said, _) = house.command(&["user", "zhangsan", "--sign-out"]).await;
    assert!(good && said.contains("1 devices signed out"), "{said}");
    desk.bridge.refresh(&session.refresh_token).await.unwrap_err();
    let (good, _, error) = house.command(&["user", "nobody"]).await;
    assert!(!good && error.contains("never signed in"), "{error}");
}

#[tokio::test]
async fn a_backup_is_made_while_the_bridge_runs_and_holds_the_sessions() {
    let house = house().await;
    house.signed_in("lisi").await;
    let file = house.folder.path().join("backup.db");
    let name = file.to_str().unwrap();
    let (good, _, error) = house.command(&["backup", name]).await;
    assert!(good && is_sqlite(&file), "{error}");
    let (good, _, error) = house.command(&["backup", name]).await;
    assert!(!good && error.contains("there already"), "{error}");
}

fn is_sqlite(file: &Path) -> bool {
    std::fs::read(file).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3") && bytes.len() > 4096)
}
