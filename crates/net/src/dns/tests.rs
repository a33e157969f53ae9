use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::{CNAME, MX, SRV};
use hickory_resolver::proto::rr::{Name, Record};
use tokio::net::UdpSocket;

use super::*;

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

/// A name server that answers as `zone` says; `None` is no such name. It counts the questions.
async fn name_server(zone: fn(&str, RecordType) -> Option<Vec<RData>>) -> (SocketAddr, Arc<AtomicUsize>) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        let mut packet = [0; 1500];
        while let Ok((read, from)) = socket.recv_from(&mut packet).await {
            count.fetch_add(1, Ordering::SeqCst);
            let question = Message::from_vec(&packet[..read]).unwrap();
            let query = question.queries[0].clone();
            let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
            answer.metadata.recursion_available = true;
            match zone(&query.name().to_ascii().to_ascii_lowercase(), query.query_type()) {
                Some(records) => {
                    answer.add_answers(
                        records
                            .into_iter()
                            .map(|r| Record::from_rdata(query.name().clone(), 60, r)),
                    );
                }
                None => answer.metadata.response_code = ResponseCode::NXDomain,
            }
            answer.add_query(query);
            socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
        }
    });
    (address, asked)
}

fn zone(asked: &str, kind: RecordType) -> Option<Vec<RData>> {
    match (asked, kind) {
        ("example.com.", RecordType::MX) => Some(vec![
            RData::MX(MX::new(20, name("MX2.Mail.Example."))),
            RData::MX(MX::new(5, name("mxbiz1.QQ.com."))),
        ]),
        ("_imaps._tcp.example.com.", RecordType::SRV) => Some(vec![
            RData::SRV(SRV::new(1, 0, 993, name("second.example."))),
            RData::SRV(SRV::new(0, 1, 993, name("light.example."))),
            RData::SRV(SRV::new(0, 9, 994, name("heavy.example."))),
        ]),
        ("mail.example.com.", RecordType::CNAME) => Some(vec![RData::CNAME(CNAME(name("Mail.Qiye.163.com.")))]),
        ("bare.example.", _) => Some(Vec::new()),
        _ => None,
    }
}

#[tokio::test]
async fn exchangers_come_most_preferred_first_and_lower_case() {
    let dns = Dns::at(name_server(zone).await.0).unwrap();
    assert_eq!(
        dns.mx("example.com").await.unwrap(),
        [
            Mx {
                preference: 5,
                host: "mxbiz1.qq.com".to_owned()
            },
            Mx {
                preference: 20,
                host: "mx2.mail.example".to_owned()
            },
        ]
    );
}

#[tokio::test]
async fn services_come_by_priority_then_weight() {
    let dns = Dns::at(name_server(zone).await.0).unwrap();
    let hosts: Vec<(String, u16)> = dns
        .srv("_imaps._tcp.example.com")
        .await
        .unwrap()
        .into_iter()
        .map(|srv| (srv.host, srv.port))
        .collect();
    assert_eq!(
        hosts,
        [
            ("heavy.example".to_owned(), 994),
            ("light.example".to_owned(), 993),
            ("second.example".to_owned(), 993)
        ]
    );
}

#[tokio::test]
async fn an_alias_is_followed_by_name_only() {
    let dns = Dns::at(name_server(zone).await.0).unwrap();
    assert_eq!(
        dns.cname("mail.example.com").await.unwrap().as_deref(),
        Some("mail.qiye.163.com")
    );
}

#[tokio::test]
async fn no_record_and_no_name_are_answers_and_not_errors() {
    let (address, asked) = name_server(zone).await;
    let dns = Dns::at(address).unwrap();
    assert_eq!(dns.mx("bare.example").await.unwrap(), []);
    assert_eq!(dns.mx("gone.example").await.unwrap(), []);
    assert_eq!(dns.cname("gone.example").await.unwrap(), None);
    assert!(asked.load(Ordering::SeqCst) >= 3);
}

#[tokio::test]
async fn a_silent_name_server_ends_within_the_limit() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let dns = Dns::at(socket.local_addr().unwrap()).unwrap();
    let started = std::time::Instant::now();
    let error = dns.mx("example.com").await.unwrap_err();
    assert!(
        matches!(error, DnsError::Timeout { .. } | DnsError::Failed { .. }),
        "{error:?}"
    );
    assert!(started.elapsed() < LIMIT + Duration::from_secs(1));
}

#[tokio::test]
async fn what_is_no_name_is_not_asked() {
    let (address, asked) = name_server(zone).await;
    let dns = Dns::at(address).unwrap();
    let long = "a".repeat(300);
    assert!(matches!(dns.mx(&long).await, Err(DnsError::BadName { .. })));
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}
