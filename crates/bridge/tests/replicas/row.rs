//! Two replicas of the program, and a load balancer before them.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use qiyou_testkit::postgres::Postgres;
use qiyou_testkit::wecom::Company;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use url::Url;

use crate::house::{House, empty_house, on_postgres};

pub struct Row {
    pub house: House,
    pub balancer: Balancer,
    config: PathBuf,
    replicas: [Mutex<Option<Child>>; 2],
    kills: Mutex<usize>,
}

/// Two replicas that serve.
pub async fn row() -> Row {
    let balancer = Balancer::start().await;
    let authority = format!("127.0.0.1:{}", balancer.port);
    let postgres = Postgres::start().await.unwrap();
    let mut house = empty_house(Company::example(), |config| {
        on_postgres(&config, &postgres.url())
            .replace("http://127.0.0.1:0", &format!("http://{authority}"))
            .replace(
                "[wecom]\n",
                "[limits]\nsignins_per_minute = 1000000\nrequests_per_minute = 1000000\n[wecom]\n",
            )
    })
    .await;
    house.sim.trust(&authority);
    house.url = Url::parse(&format!("http://{authority}/")).unwrap();
    house.postgres = Some(postgres);
    let row = Row {
        config: house.config_file(),
        house,
        balancer,
        replicas: [Mutex::new(None), Mutex::new(None)],
        kills: Mutex::new(0),
    };
    // Together: one of them makes the schema.
    tokio::join!(row.start(0), row.start(1));
    row
}

impl Row {
    /// Starts a replica, where it does not run, and waits until it serves.
    pub async fn start(&self, replica: usize) {
        if self.replicas[replica].lock().unwrap().is_some() {
            return;
        }
        let mut child = Command::new(env!("CARGO_BIN_EXE_qiyou-bridge"))
            .arg("run")
            .arg("--config")
            .arg(&self.config)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = loop {
            let line = lines.next_line().await.unwrap().unwrap();
            let line: serde_json::Value = serde_json::from_str(&line).unwrap();
            if line["message"] == "serving" {
                break line["address"].as_str().unwrap().parse().unwrap();
            }
        };
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        *self.replicas[replica].lock().unwrap() = Some(child);
        self.balancer.state.lock().unwrap().addresses[replica] = Some(address);
    }

    /// By SIGKILL. The load balancer finds out by itself.
    pub fn kill(&self, replica: usize) {
        let mut child = self.replicas[replica].lock().unwrap().take().unwrap();
        child.start_kill().unwrap();
        *self.kills.lock().unwrap() += 1;
    }

    pub fn kills(&self) -> usize {
        *self.kills.lock().unwrap()
    }
}

#[derive(Default)]
struct State {
    addresses: [Option<SocketAddr>; 2],
    /// Where all go; else they go by turns.
    only: Option<usize>,
    next: usize,
    /// Whose next answer is lost.
    loses: Option<usize>,
}

/// Leads each connection to the next replica that takes it, and remembers nobody.
pub struct Balancer {
    port: u16,
    state: Arc<Mutex<State>>,
    /// How many requests went to each.
    requests: watch::Sender<[usize; 2]>,
    /// How many answers were lost on purpose.
    lost: watch::Sender<usize>,
    serving: tokio::task::JoinHandle<()>,
}

impl Balancer {
    async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::<Mutex<State>>::default();
        let (requests, lost) = (watch::Sender::new([0; 2]), watch::Sender::new(0));
        let passing = Passing {
            state: Arc::clone(&state),
            requests: requests.clone(),
            lost: lost.clone(),
        };
        let serving = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let passing = passing.clone();
                connections.spawn(async move { passing.pass(client).await });
                while connections.try_join_next().is_some() {}
            }
        });
        Self {
            port,
            state,
            requests,
            lost,
            serving,
        }
    }

    /// New connections go to this replica.
    pub fn lead_to(&self, replica: usize) {
        self.state.lock().unwrap().only = Some(replica);
    }

    /// Waits until this replica has been given so many more requests. It is at work on the last of them then.
    pub async fn requests_to(&self, replica: usize, more: usize) {
        let mut requests = self.requests.subscribe();
        let enough = requests.borrow()[replica] + more;
        requests.wait_for(|requests| requests[replica] >= enough).await.unwrap();
    }

    /// Loses the next answer of this replica, which has done then what it was asked to.
    pub async fn lose_answer_of(&self, replica: usize) {
        let mut lost = self.lost.subscribe();
        self.state.lock().unwrap().loses = Some(replica);
        lost.changed().await.unwrap();
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

#[derive(Clone)]
struct Passing {
    state: Arc<Mutex<State>>,
    requests: watch::Sender<[usize; 2]>,
    lost: watch::Sender<usize>,
}

impl Passing {
    /// The replica whose turn it is.
    fn next(&self) -> (usize, Option<SocketAddr>) {
        let mut state = self.state.lock().unwrap();
        let replica = state.only.unwrap_or(state.next);
        state.next = (state.next + 1) % 2;
        (replica, state.addresses[replica])
    }

    /// One connection, from beginning to end.
    async fn pass(&self, client: TcpStream) -> std::io::Result<()> {
        for _ in 0..2 {
            let (replica, address) = self.next();
            let Some(address) = address else { continue };
            let Ok(server) = TcpStream::connect(address).await else {
                continue;
            };
            return self.join(client, server, replica).await;
        }
        Ok(())
    }

    async fn join(&self, client: TcpStream, server: TcpStream, replica: usize) -> std::io::Result<()> {
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        // Whoever ends first ends both.
        tokio::select! {
            up = pump(from_client, to_server, || {
                self.requests.send_modify(|requests| requests[replica] += 1);
                true
            }) => up,
            down = pump(from_server, to_client, || {
                let mut state = self.state.lock().unwrap();
                if state.loses != Some(replica) {
                    return true;
                }
                state.loses = None;
                self.lost.send_modify(|lost| *lost += 1);
                false
            }) => down,
        }
    }
}

/// Passes pieces on, as long as `each` wants that.
async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, each: impl Fn() -> bool) -> std::io::Result<()> {
    let mut piece = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut piece).await?;
        if read == 0 || !each() {
            return Ok(());
        }
        to.write_all(&piece[..read]).await?;
    }
}
