//! What holds for every call: token, retries, quotas, bounds, refusals.

use std::time::Duration;

use qiyou_wecom::{Error, Kind, Status};

use crate::{house, house_of};

#[tokio::test]
async fn one_token_serves_everybody() {
    let house = house().await;
    house.sim.slow("gettoken", Duration::from_millis(50));
    let calls = (0..20).map(|_| house.wecom.user("zhangsan"));
    for user in futures::future::join_all(calls).await {
        assert_eq!(user.unwrap().status, Status::Active);
    }
    assert_eq!(house.sim.calls("gettoken"), 1);
    assert_eq!(house.sim.calls("user/get"), 20);
}

#[tokio::test]
async fn who_waited_for_a_token_shares_its_failure_and_the_next_asks_anew() {
    let house = house().await;
    house.sim.slow("gettoken", Duration::from_millis(200));
    house.sim.fail("gettoken", 40001, 1);
    let calls = (0..20).map(|_| house.wecom.user("zhangsan"));
    for answer in futures::future::join_all(calls).await {
        let error = answer.unwrap_err();
        assert_eq!((error.code(), error.kind()), (Some(40001), Kind::Configuration));
    }
    assert_eq!(house.sim.calls("gettoken"), 1);
    assert!(house.wecom.user("zhangsan").await.is_ok());
}

#[tokio::test]
async fn a_token_is_renewed_after_four_fifths_of_its_life() {
    let house = house().await;
    house.wecom.check().await.unwrap();
    house.wait(5759);
    house.wecom.user("zhangsan").await.unwrap();
    assert_eq!(house.sim.calls("gettoken"), 1);
    house.wait(1);
    house.wecom.user("zhangsan").await.unwrap();
    assert_eq!(
        house.sim.calls("gettoken"),
        2,
        "WeCom gives the same again, with the rest of its life"
    );
    house.wait(1440);
    house.wecom.user("zhangsan").await.unwrap();
    assert_eq!(house.sim.calls("gettoken"), 3);
}

#[tokio::test]
async fn while_no_token_can_be_had_the_old_one_serves_to_its_end() {
    let house = house().await;
    house.wecom.check().await.unwrap();
    house.wait(6000);
    house.sim.garbage("gettoken", 100);
    house.wecom.user("zhangsan").await.unwrap();
    house.wecom.user("zhangsan").await.unwrap();
    assert_eq!(house.sim.calls("gettoken"), 2, "not asked anew for each call");
    house.wait(1200);
    assert_eq!(house.wecom.user("zhangsan").await.unwrap_err().kind(), Kind::Down);
}

#[tokio::test]
async fn a_token_that_ended_early_is_fetched_anew_once() {
    let house = house().await;
    for end in [
        qiyou_testkit::wecom::WecomSim::expire_tokens,
        qiyou_testkit::wecom::WecomSim::revoke_tokens,
    ] {
        let (tokens, users) = (house.sim.calls("gettoken"), house.sim.calls("user/get"));
        house.wecom.user("zhangsan").await.unwrap();
        end(&house.sim);
        house.wecom.user("zhangsan").await.unwrap();
        assert!(house.sim.calls("gettoken") > tokens);
        assert_eq!(house.sim.calls("user/get"), users + 3);
    }
    house.sim.fail("user/get", 40014, 100);
    let users = house.sim.calls("user/get");
    let error = house.wecom.user("zhangsan").await.unwrap_err();
    assert_eq!((error.code(), error.kind()), (Some(40014), Kind::Down));
    assert_eq!(house.sim.calls("user/get"), users + 2, "not for ever");
}

#[tokio::test]
async fn a_busy_wecom_is_asked_three_times_more() {
    let house = house().await;
    house.sim.fail("user/get", -1, 3);
    assert!(house.wecom.user("zhangsan").await.is_ok());
    house.sim.fail("user/get", -1, 4);
    let error = house.wecom.user("zhangsan").await.unwrap_err();
    assert_eq!((error.code(), error.kind()), (Some(-1), Kind::Busy));
    assert_eq!(house.sim.calls("user/get"), 8);
    house.sim.expire_tokens();
    house.sim.fail("gettoken", -1, 2);
    assert!(house.wecom.user("zhangsan").await.is_ok());
}

#[tokio::test]
async fn a_used_up_quota_is_left_alone_and_said() {
    let house = house().await;
    for (code, wait) in [(45009, 60), (45033, 2)] {
        house.sim.fail("user/get", code, 1);
        let error = house.wecom.user("zhangsan").await.unwrap_err();
        assert_eq!((error.code(), error.kind()), (Some(code), Kind::Quota));
        let calls = house.sim.calls("user/get");
        let error = house.wecom.user("zhangsan").await.unwrap_err();
        assert!(matches!(error, Error::BackingOff { api: "user/get", .. }), "{error}");
        assert_eq!(error.kind(), Kind::Quota);
        assert_eq!(house.sim.calls("user/get"), calls, "not asked");
        assert!(house.wecom.users(12).await.is_ok(), "another api");
        house.wait(wait);
        assert!(house.wecom.user("zhangsan").await.is_ok());
    }
}

#[tokio::test]
async fn each_refusal_of_the_door_is_told_apart() {
    let house = house().await;
    let wrong = house.with_secret("wrong").check().await.unwrap_err();
    assert_eq!((wrong.code(), wrong.kind()), (Some(40001), Kind::Configuration));
    house.sim.company(|company| company.trusted_ip = false);
    let ip = house.wecom.user("zhangsan").await.unwrap_err();
    assert_eq!((ip.code(), ip.kind()), (Some(60020), Kind::Configuration));
    house
        .sim
        .company(|company| (company.trusted_ip, company.stopped) = (true, true));
    let stopped = house.wecom.user("zhangsan").await.unwrap_err();
    assert_eq!((stopped.code(), stopped.kind()), (Some(50003), Kind::Configuration));
    house.sim.company(|company| company.stopped = false);
    for (code, kind) in [
        (40013, Kind::Configuration),
        (40056, Kind::Configuration),
        (40091, Kind::Configuration),
        (48001, Kind::Configuration),
        (48006, Kind::Configuration),
        (40003, Kind::Member),
        (40058, Kind::Other),
        (999_999, Kind::Other),
    ] {
        house.sim.fail("user/get", code, 1);
        let error = house.wecom.user("zhangsan").await.unwrap_err();
        assert_eq!((error.code(), error.kind()), (Some(code), kind));
    }
}

#[tokio::test]
async fn another_corp_id_is_refused() {
    let house = house().await;
    let corp = house
        .sim
        .company(|company| std::mem::replace(&mut company.corp_id, "wwanother".to_owned()));
    let error = house.wecom.check().await.unwrap_err();
    assert_eq!((error.code(), error.kind()), (Some(40013), Kind::Configuration));
    house.sim.company(|company| company.corp_id = corp);
    assert!(house.wecom.check().await.is_ok());
}

#[tokio::test]
async fn what_is_no_answer_is_an_error_and_prints_no_secret() {
    let house = house().await;
    house.wecom.check().await.unwrap();
    house.sim.garbage("user/get", 1);
    let error = house.wecom.user("zhangsan").await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Answer {
                api: "user/get",
                status: 200,
                ..
            }
        ),
        "{error}"
    );
    house.sim.down(true);
    let error = house.wecom.user("zhangsan").await.unwrap_err();
    assert!(matches!(error, Error::Answer { status: 502, .. }), "{error}");
    assert_eq!(error.kind(), Kind::Down);
    house.sim.down(false);
    house.sim.slow("user/get", Duration::from_secs(30));
    let hasty = house.with_patience(|patience| patience.limits.time = Duration::from_millis(300));
    let error = hasty.user("zhangsan").await.unwrap_err();
    assert!(
        matches!(error, Error::Http(qiyou_net::HttpError::Timeout { .. })),
        "{error}"
    );
    assert_eq!(error.kind(), Kind::Down);
    let printed = format!("{error} {error:?} {:?}", house.wecom);
    assert!(
        !printed.contains("token") && !printed.contains("secret-of"),
        "{printed}"
    );
}

#[tokio::test]
async fn nobody_listening_is_down_and_prints_no_secret() {
    let house = house().await;
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let hosts = qiyou_wecom::Hosts {
        api: format!("http://127.0.0.1:{port}/").parse().unwrap(),
        ..qiyou_wecom::Hosts::default()
    };
    let http = qiyou_net::Dialer::new(qiyou_net::DialConfig::default())
        .unwrap()
        .http()
        .unwrap();
    let wecom = qiyou_wecom::Wecom::new(http, hosts, house.wecom.app().clone());
    let error = wecom.check().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Down);
    let printed = format!("{error} {error:?}");
    assert!(
        !printed.contains("sim-secret") && !printed.contains("corpsecret"),
        "{printed}"
    );
}

#[tokio::test]
async fn a_list_beyond_the_bound_is_refused() {
    let house = house_of(qiyou_testkit::wecom::Company::of_size(300)).await;
    assert_eq!(house.wecom.users(1001).await.unwrap().len(), 100);
    let wecom = house.with_patience(|patience| patience.list = 4096);
    let error = wecom.users(1001).await.unwrap_err();
    assert!(
        matches!(error, Error::Http(qiyou_net::HttpError::TooLarge { limit: 4096, .. })),
        "{error}"
    );
}
