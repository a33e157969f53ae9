use std::net::TcpStream;
use std::time::Duration;

use super::*;

#[tokio::test]
async fn it_has_one_database_and_keeps_it_over_a_stop() {
    let server = Postgres::start().await.unwrap();
    server.psql("CREATE TABLE kept (word TEXT)").await.unwrap();
    server.psql("INSERT INTO kept VALUES ('张三')").await.unwrap();
    server.stop().await.unwrap();
    assert!(TcpStream::connect(("127.0.0.1", server.port())).is_err());
    server.resume().await.unwrap();
    assert_eq!(server.psql("SELECT word FROM kept").await.unwrap(), "张三\n");
    let who = server.psql("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'qiyou'");
    assert_eq!(who.await.unwrap(), "qiyou\n");
    assert!(server.log().iter().any(|line| line.contains("ready")));
}

#[tokio::test]
async fn nobody_comes_in_with_a_wrong_password_or_without() {
    let server = Postgres::start().await.unwrap();
    for (password, comes_in) in [(PASSWORD, true), ("wrong", false), ("", false)] {
        let mut command = Command::new(server.binaries.join("psql"));
        command
            .args(["-X", "-w", "-A", "-t", "-c", "SELECT 1"])
            .arg(server.url())
            .env("PGPASSWORD", password);
        assert_eq!(output(command).is_ok(), comes_in, "{password}");
    }
}

#[tokio::test]
async fn it_dies_and_leaves_nothing_when_its_owner_is_killed() {
    let server = Postgres::start().await.unwrap();
    let (port, root) = (server.port(), server.root().to_owned());
    server.process.lock().unwrap().as_mut().unwrap().abandon();
    let gone = async {
        while root.exists() || TcpStream::connect(("127.0.0.1", port)).is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.unwrap();
}

#[test]
fn a_missing_server_says_what_to_install_and_of_several_the_newest_is_taken() {
    let base = tempfile::tempdir().unwrap();
    let error = installed(base.path()).unwrap_err().to_string();
    assert!(error.contains("apt-get install postgresql"), "{error}");
    for version in ["9", "15", "16", "17"] {
        let binaries = base.path().join(version).join("bin");
        fs::create_dir_all(&binaries).unwrap();
        for binary in ["initdb", "postgres", "psql"] {
            fs::write(binaries.join(binary), "").unwrap();
        }
    }
    // Of this one the clients alone are there.
    fs::remove_file(base.path().join("17/bin/postgres")).unwrap();
    assert_eq!(installed(base.path()).unwrap(), base.path().join("16/bin"));
}
