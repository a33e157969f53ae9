//! A company for the sandbox: a simulated WeCom with a phone to scan with, and the real bridge before it.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use qiyou_testkit::wecom::{Company, WecomSim};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

use crate::house::{PATIENCE, program};

/// WeCom and the bridge, both on loopback. They end when this is dropped.
pub struct Office {
    sim: WecomSim,
    bridge: Child,
    url: Url,
    folder: TempDir,
}

fn secret(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

impl Office {
    /// 示例公司, whose mail is at `domain`. Its application is one of those that are told members' addresses.
    pub async fn start(domain: &str) -> Result<Self> {
        let mut company = Company::example();
        company.new_app = false;
        for member in &mut company.members {
            member.biz_mail = format!("{}@{domain}", member.userid);
        }
        let folder = tempfile::Builder::new().prefix("qiyou-office-").tempdir()?;
        // Held only until the bridge takes it.
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let url = Url::parse(&format!("http://127.0.0.1:{port}/"))?;
        let config = folder.path().join("bridge.toml");
        secret(&folder.path().join("master.key"), &"5a".repeat(32))?;
        secret(&folder.path().join("wecom.secret"), &company.secret)?;
        let (corp, agent, name) = (company.corp_id.clone(), company.agent_id, company.name.clone());
        let sim = WecomSim::start(company).await.context("starting the simulated WeCom")?;
        sim.trust(&format!("127.0.0.1:{port}"));
        let host = sim.url();
        let text = format!(
            "url = \"{url}\"\nlisten = \"127.0.0.1:{port}\"\ncompany = \"{name}\"\ndomains = [\"{domain}\"]\n\
             master_key = {{ file = \"master.key\" }}\n[wecom]\ncorp_id = \"{corp}\"\nagent_id = {agent}\n\
             secret = {{ file = \"wecom.secret\" }}\n[wecom.hosts]\napi = \"{host}\"\nlogin = \"{host}\"\n\
             old_login = \"{host}\"\noauth = \"{host}\"\nsdk = \"{host}\"\n"
        );
        std::fs::write(&config, text)?;
        let log = std::fs::File::create(folder.path().join("bridge.log"))?;
        let bridge = Command::new(program("qiyou-bridge")?)
            .args(["run", "--config"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("starting qiyou-bridge")?;
        let mut office = Self {
            sim,
            bridge,
            url,
            folder,
        };
        office.answers().await?;
        Ok(office)
    }

    async fn answers(&mut self) -> Result<()> {
        let port = self.url.port().unwrap_or(80);
        let healthy = async {
            loop {
                if let Some(status) = self.bridge.try_wait()? {
                    bail!("qiyou-bridge ended with {status}");
                }
                if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await {
                    stream.write_all(b"GET /readyz HTTP/1.0\r\n\r\n").await?;
                    let mut said = String::new();
                    stream.read_to_string(&mut said).await?;
                    if said.ends_with("ok\n") {
                        return Ok(());
                    }
                }
                // A port that is not there yet gives no event to wait for.
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        let healthy = tokio::time::timeout(PATIENCE, healthy).await;
        healthy
            .context("qiyou-bridge does not answer")
            .and_then(|answered| answered)
            .with_context(|| self.said())
    }

    /// What the bridge wrote.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("bridge.log")).unwrap_or_default()
    }

    /// Where the bridge is.
    pub fn bridge(&self) -> &Url {
        &self.url
    }

    /// WeCom, and the people in it.
    pub fn wecom(&self) -> &WecomSim {
        &self.sim
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        let _ = self.bridge.kill();
        let _ = self.bridge.wait();
    }
}
