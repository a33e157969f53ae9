//! Callbacks that the simulated WeCom made, at a receiver as a server would have it.

use std::sync::{Arc, Mutex};

use qiyou_testkit::wecom::{CallbackKeys, Change as Told, Company, Department, Member, Tamper, WecomSim};
use qiyou_wecom::callback::{Change, Error, Event, Keys, Query, Received};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

type Seen = Arc<Mutex<Vec<Result<Received, Error>>>>;

/// A receiver that refuses its first `failing` calls with 500 without reading them.
async fn receiver(keys: &CallbackKeys, mut failing: usize) -> (Url, Seen) {
    let keys = Keys::new(
        SecretString::from(keys.token.as_str()),
        &SecretString::from(keys.aes_key.as_str()),
        &keys.receive_id,
    )
    .unwrap();
    let seen = Seen::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/callback?app=1", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    let log = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            if failing > 0 {
                failing -= 1;
                serve(client, |_, _, _| (500, String::new())).await;
                continue;
            }
            serve(client, |method, query, body| {
                if method == "GET" {
                    return keys.verify_url(query).map_or((403, String::new()), |echo| (200, echo));
                }
                let received = keys.open(query, body);
                let status = if received.is_ok() { 200 } else { 403 };
                log.lock().unwrap().push(received);
                (status, String::new())
            })
            .await;
        }
    });
    (url, seen)
}

async fn serve(mut client: TcpStream, answer: impl Fn(&str, &Query, &[u8]) -> (u16, String)) {
    let mut request = Vec::new();
    let (head, body) = loop {
        let mut piece = [0; 4096];
        let read = client.read(&mut piece).await.unwrap();
        request.extend_from_slice(&piece[..read]);
        let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") else {
            assert!(read > 0, "half a head");
            continue;
        };
        let head = String::from_utf8(request[..end].to_vec()).unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        let length: usize = length.unwrap().parse().unwrap();
        if request.len() >= end + 4 + length {
            break (head, request[end + 4..].to_vec());
        }
    };
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let url = Url::parse(&format!("http://localhost{target}")).unwrap();
    let value = |name: &str| {
        url.query_pairs()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    };
    let query = Query {
        msg_signature: value("msg_signature").unwrap_or_default(),
        timestamp: value("timestamp").unwrap_or_default(),
        nonce: value("nonce").unwrap_or_default(),
        echostr: value("echostr"),
    };
    let (status, text) = answer(method, &query, &body);
    let answer = format!("HTTP/1.0 {status} X\r\nContent-Length: {}\r\n\r\n{text}", text.len());
    client.write_all(answer.as_bytes()).await.unwrap();
    client.shutdown().await.unwrap();
}

async fn company() -> (WecomSim, CallbackKeys) {
    let company = Company::example();
    let keys = CallbackKeys::example(&company.corp_id);
    (WecomSim::start(company).await.unwrap(), keys)
}

#[tokio::test]
async fn an_address_is_verified_by_the_keys_alone() {
    let (sim, keys) = company().await;
    let (url, _) = receiver(&keys, 0).await;
    assert!(sim.verify_url(&url, &keys).await.unwrap());
    for tamper in [Tamper::Signature, Tamper::Receiver, Tamper::Cut] {
        assert!(!sim.verify_tampered(&url, &keys, tamper).await.unwrap(), "{tamper:?}");
    }
    let mut other = keys.clone();
    other.aes_key = "ABCDEFGhijklmnopqrstuvwxyz0123456789abcdefg".to_owned();
    assert!(!sim.verify_url(&url, &other).await.unwrap());
}

#[tokio::test]
async fn every_kind_of_change_arrives() {
    let (sim, keys) = company().await;
    let (url, seen) = receiver(&keys, 0).await;
    let member = Member::new("zhangsan", "张三", 12);
    for told in [
        Told::create_user(&member),
        Told::update_user("zhangsan", &[("Name", "张三]]>丰"), ("NewUserID", "zhangsan2")]),
        Told::delete_user("lisi"),
        Told::create_party(&Department::new(30, "财务部", 1)),
        Told::update_party(30, &[("Name", "财务")]),
        Told::delete_party(30),
        Told::update_tag(3, "zhangsan,lisi", ""),
    ] {
        let pushed = sim.push_event(&url, &keys, &told).await.unwrap();
        assert_eq!((pushed.answer.status, pushed.attempts), (200, 1), "{told:?}");
    }
    let seen: Vec<Change> = seen
        .lock()
        .unwrap()
        .drain(..)
        .map(|received| match received.unwrap().event {
            Event::ChangeContact(change) => change,
            Event::Other { name, .. } => panic!("{name}"),
        })
        .collect();
    let Change::CreateUser { userid, fields } = &seen[0] else {
        panic!("{seen:?}")
    };
    assert_eq!(
        (userid.as_str(), fields.biz_mail.as_deref()),
        ("zhangsan", Some("zhangsan@example.cn"))
    );
    let Change::UpdateUser { new_userid, fields, .. } = &seen[1] else {
        panic!("{seen:?}")
    };
    assert_eq!(new_userid.as_deref(), Some("zhangsan2"));
    assert_eq!(fields.name.as_deref(), Some("张三]]>丰"));
    assert!(matches!(&seen[2], Change::DeleteUser { userid } if userid == "lisi"));
    assert!(matches!(
        &seen[3],
        Change::CreateParty {
            id: 30,
            parent: Some(1),
            ..
        }
    ));
    assert!(matches!(
        &seen[4],
        Change::UpdateParty {
            id: 30,
            parent: None,
            ..
        }
    ));
    assert!(matches!(&seen[5], Change::DeleteParty { id: 30 }));
    assert!(matches!(&seen[6], Change::UpdateTag { id: 3, users_added, .. } if users_added.len() == 2));
}

#[tokio::test]
async fn what_was_tampered_with_is_refused() {
    let (sim, keys) = company().await;
    let (url, seen) = receiver(&keys, 0).await;
    for (tamper, error) in [
        (Tamper::Signature, Error::Signature),
        (Tamper::Receiver, Error::Receiver),
    ] {
        let told = Told::delete_user("zhangsan");
        let pushed = sim.push_tampered(&url, &keys, &told, tamper).await.unwrap();
        assert_eq!((pushed.answer.status, pushed.attempts), (403, 3));
        assert_eq!(seen.lock().unwrap().drain(..).next().unwrap().unwrap_err(), error);
    }
    sim.push_tampered(&url, &keys, &Told::delete_user("zhangsan"), Tamper::Cut)
        .await
        .unwrap();
    let cut = seen.lock().unwrap().drain(..).next().unwrap().unwrap_err();
    assert!(matches!(cut, Error::Encrypted(_)), "{cut}");
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><xml><MsgType>&a;</MsgType></xml>";
    sim.push_xml(&url, &keys, bomb).await.unwrap();
    let refused = seen.lock().unwrap().drain(..).next().unwrap().unwrap_err();
    assert!(matches!(refused, Error::Malformed(_)), "{refused}");
}

#[tokio::test]
async fn a_delivery_anew_has_the_key_of_the_first() {
    let (sim, keys) = company().await;
    let (url, seen) = receiver(&keys, 2).await;
    let told = Told::update_user("zhangsan", &[("Name", "张三丰")]);
    let pushed = sim.push_event(&url, &keys, &told).await.unwrap();
    assert_eq!(
        (pushed.answer.status, pushed.attempts),
        (200, 3),
        "tried until it was taken"
    );
    sim.replay(&pushed).await.unwrap();
    sim.push_event(&url, &keys, &Told::delete_user("zhangsan"))
        .await
        .unwrap();
    let keys: Vec<String> = seen
        .lock()
        .unwrap()
        .iter()
        .map(|one| one.as_ref().unwrap().key().to_owned())
        .collect();
    assert_eq!(keys.len(), 3);
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[0], keys[2]);
}

#[tokio::test]
async fn a_sealed_reply_is_read_by_wecom() {
    let (_, keys) = company().await;
    let ours = Keys::new(
        SecretString::from(keys.token.as_str()),
        &SecretString::from(keys.aes_key.as_str()),
        &keys.receive_id,
    )
    .unwrap();
    let sealed = ours.seal("<xml>收到</xml>", 1_700_000_000, "42").unwrap();
    let part = |name: &str| {
        sealed
            .split(&format!("<{name}><![CDATA["))
            .nth(1)
            .unwrap()
            .split("]]>")
            .next()
            .unwrap()
    };
    assert_eq!(keys.sign("1700000000", "42", part("Encrypt")), part("MsgSignature"));
    let (reply, receiver) = keys.decrypt(part("Encrypt")).unwrap();
    assert_eq!(
        (reply.as_str(), receiver.as_str()),
        ("<xml>收到</xml>", "wwqiyouexample01")
    );
}
