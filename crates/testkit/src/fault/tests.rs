use std::time::{Duration, Instant};

use super::{Direction, FaultProxy};
use crate::clock::monotonic_ns;
use crate::imap_sim::{ImapSim, PASSWORD, Quirks, USER};
use crate::raw_imap::RawImap;

const LIMIT: Duration = Duration::from_secs(10);
const MAIL: &[u8] = b"Subject: hello\r\n\r\nbody\r\n";

async fn behind() -> (ImapSim, FaultProxy, RawImap) {
    let server = ImapSim::start(Quirks::plain()).unwrap();
    let proxy = FaultProxy::start(server.port()).unwrap();
    let mut client = RawImap::connect(proxy.port()).await.unwrap();
    client.login(USER, PASSWORD).await.unwrap();
    client.select("INBOX").await.unwrap();
    (server, proxy, client)
}

#[tokio::test]
async fn lines_that_announce_mail_are_stamped_as_they_pass() {
    let (server, proxy, mut client) = behind().await;
    let before = proxy.stamps().len();
    client.idle().await.unwrap();
    let start = monotonic_ns();
    server.deliver("INBOX", MAIL);
    client.until("* 1 EXISTS").await.unwrap();
    let stamp = proxy.stamp(before, LIMIT).await.unwrap();
    assert_eq!((stamp.line.as_str(), stamp.connection), ("* 1 EXISTS", 1));
    assert!((start..=monotonic_ns()).contains(&stamp.ns));
}

#[tokio::test]
async fn a_cut_line_ends_and_a_new_one_is_taken() {
    let (_server, proxy, mut client) = behind().await;
    proxy.cut_now();
    proxy.wait_until(LIMIT, |proxy| proxy.open() == 0).await.unwrap();
    assert!(client.command("NOOP").await.is_err());
    RawImap::connect(proxy.port()).await.unwrap();
    assert_eq!(proxy.connections(), 2);
}

#[tokio::test]
async fn the_line_is_cut_after_so_many_bytes() {
    let (_server, proxy, mut client) = behind().await;
    let before = proxy.bytes(Direction::Down);
    proxy.cut_after(Direction::Down, 10);
    assert!(client.command("CAPABILITY").await.is_err());
    assert_eq!(proxy.bytes(Direction::Down), before + 10);
}

#[tokio::test]
async fn in_a_black_hole_nothing_ends_and_nothing_comes_until_it_closes() {
    let (_server, proxy, mut client) = behind().await;
    proxy.black_hole(true);
    let tag = client.start("NOOP").await.unwrap();
    let silent = tokio::time::timeout(Duration::from_millis(300), client.line()).await;
    assert!(silent.is_err(), "neither an answer nor an end: {silent:?}");
    proxy.black_hole(false);
    assert!(client.finish(&tag).await.unwrap().is_ok());
}

#[tokio::test]
async fn delay_and_throttle_cost_time() {
    let (_server, proxy, mut client) = behind().await;
    proxy.delay(Duration::from_millis(60));
    let start = Instant::now();
    client.ok("NOOP").await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(120), "there and back");
    proxy.heal();
    proxy.throttle(Some(400));
    let start = Instant::now();
    client.ok("CAPABILITY").await.unwrap();
    assert!(
        start.elapsed() >= Duration::from_millis(200),
        "more than 100 bytes at 400 a second"
    );
}

#[tokio::test]
async fn garbled_bytes_arrive_garbled() {
    let (_server, proxy, mut client) = behind().await;
    proxy.garble(Direction::Down, Some(3));
    client.start("CAPABILITY").await.unwrap();
    let wrong = tokio::time::timeout(Duration::from_millis(500), client.until("CAPABILITY IMAP4rev1")).await;
    assert!(!matches!(wrong, Ok(Ok(_))));
}

#[tokio::test]
async fn refused_connections_are_reset() {
    let (_server, proxy, _client) = behind().await;
    proxy.refuse(true);
    assert!(RawImap::connect(proxy.port()).await.is_err());
    proxy.refuse(false);
    RawImap::connect(proxy.port()).await.unwrap();
}
