use super::*;
use crate::testing::{echo, server};

fn endpoint() -> Endpoint {
    Endpoint::new("mail.example.com", 993)
}

#[test]
fn families_take_turns() {
    let address = |text: &str| -> SocketAddr { text.parse().unwrap() };
    let ordered = interleave(vec![
        address("[2001:db8::1]:1"),
        address("[2001:db8::2]:1"),
        address("[2001:db8::3]:1"),
        address("192.0.2.1:1"),
    ]);
    let ordered: Vec<String> = ordered.iter().map(ToString::to_string).collect();
    assert_eq!(
        ordered,
        ["[2001:db8::1]:1", "192.0.2.1:1", "[2001:db8::2]:1", "[2001:db8::3]:1"]
    );
    assert!(interleave(Vec::new()).is_empty());
}

#[tokio::test]
async fn a_dead_address_gives_way_to_a_living_one() {
    let dead = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let alive = server(echo).await;
    let stream = race(&endpoint(), VecDeque::from([dead, alive]), Duration::from_mins(1))
        .await
        .unwrap();
    assert_eq!(stream.peer_addr().unwrap(), alive);
}

#[tokio::test]
async fn when_all_addresses_are_dead_the_last_reason_is_told() {
    let dead = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = race(&endpoint(), VecDeque::from([dead, dead]), STAGGER)
        .await
        .unwrap_err();
    assert!(
        matches!(&error, DialError::Tcp { host, port: 993, .. } if host == "mail.example.com"),
        "{error:?}"
    );
}

/// A full backlog drops the greeting packet, as a firewall does.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_silent_address_does_not_hold_up_the_next() {
    use socket2::{Domain, Socket, Type};
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket
        .bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into())
        .unwrap();
    socket.listen(0).unwrap();
    let silent = socket.local_addr().unwrap().as_socket().unwrap();
    let _filling = std::net::TcpStream::connect(silent).unwrap();
    let alive = server(echo).await;

    let target = endpoint();
    let attempt = race(&target, VecDeque::from([silent, alive]), Duration::from_millis(20));
    let stream = tokio::time::timeout(Duration::from_secs(10), attempt)
        .await
        .expect("held up")
        .unwrap();
    assert_eq!(stream.peer_addr().unwrap(), alive);

    let error = within(
        Duration::from_millis(50),
        "mail",
        Stage::Tcp,
        race(&endpoint(), VecDeque::from([silent]), STAGGER),
    )
    .await
    .unwrap_err();
    assert!(
        matches!(error, DialError::Timeout { stage: Stage::Tcp, .. }),
        "{error:?}"
    );
}
