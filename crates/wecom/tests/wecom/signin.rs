//! From the log-in page, or from inside WeCom, to who it is.

use qiyou_testkit::wecom::{INSIDE, OUTSIDE, open};
use qiyou_wecom::{Identity, Kind, Lang, Scope, TicketKind};
use secrecy::ExposeSecret as _;
use url::Url;

use crate::{House, house};

fn redirect() -> Url {
    Url::parse("https://bridge.example.cn/signin/back").unwrap()
}

/// `code` and `state` of the way back.
fn back(location: &str) -> (String, String) {
    assert!(
        location.starts_with("https://bridge.example.cn/signin/back?"),
        "{location}"
    );
    let url = Url::parse(location).unwrap();
    let value = |name: &str| {
        url.query_pairs()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    };
    (value("code").unwrap(), value("state").unwrap())
}

async fn member(house: &House, code: &str) -> String {
    match house.wecom.identity(code).await.unwrap() {
        Identity::Member { userid, .. } => userid,
        Identity::Outsider => panic!("an outsider"),
    }
}

#[tokio::test]
async fn both_log_in_pages_lead_to_the_member() {
    let house = house().await;
    house.sim.quick("zhangsan");
    for url in [
        house.wecom.login_url(&redirect(), "s1", Lang::Chinese),
        house.wecom.login_url(&redirect(), "s1", Lang::English),
        house.wecom.old_login_url(&redirect(), "s1", Lang::Chinese),
    ] {
        let page = open(url.as_str(), OUTSIDE).await.unwrap();
        let (code, state) = back(&page.location.unwrap());
        assert_eq!(state, "s1");
        let identity = house.wecom.identity(&code).await.unwrap();
        let Identity::Member { userid, ticket } = identity else {
            panic!("{identity:?}")
        };
        assert_eq!(userid, "zhangsan");
        assert!(ticket.is_none(), "the web login gives none");
    }
}

#[tokio::test]
async fn a_scanned_page_leads_to_the_member_who_confirmed() {
    let house = house().await;
    let url = house.wecom.login_url(&redirect(), "s1", Lang::Chinese);
    assert_eq!(open(url.as_str(), OUTSIDE).await.unwrap().status, 200);
    let key = house.sim.newest_key().unwrap();
    house.sim.scan(&key, "lisi");
    house.sim.confirm(&key);
    let poll = format!("{}wwopen/sso/l/qrConnect?callback=cb&key={key}", house.sim.url());
    let answer = open(&poll, OUTSIDE).await.unwrap().body;
    let code = answer
        .split("\"auth_code\":\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert_eq!(member(&house, code).await, "lisi");
}

#[tokio::test]
async fn inside_wecom_a_consent_gives_what_the_directory_keeps_back() {
    let house = house().await;
    house.sim.inside("zhangsan");
    assert_eq!(
        house.wecom.user("zhangsan").await.unwrap().biz_mail,
        "",
        "a newer application"
    );
    let base = house.wecom.oauth_url(&redirect(), "s1", Scope::Base);
    let (code, _) = back(&open(base.as_str(), INSIDE).await.unwrap().location.unwrap());
    let identity = house.wecom.identity(&code).await.unwrap();
    assert!(
        matches!(identity, Identity::Member { ticket: None, .. }),
        "{identity:?}"
    );

    let private = house.wecom.oauth_url(&redirect(), "s1", Scope::PrivateInfo);
    let (code, _) = back(&open(private.as_str(), INSIDE).await.unwrap().location.unwrap());
    let Identity::Member {
        ticket: Some(ticket), ..
    } = house.wecom.identity(&code).await.unwrap()
    else {
        panic!("no ticket")
    };
    let detail = house.wecom.detail(&ticket).await.unwrap();
    assert_eq!(
        (detail.userid.as_str(), detail.biz_mail.as_str()),
        ("zhangsan", "zhangsan@example.cn")
    );
    assert_eq!(
        (detail.email.as_str(), detail.mobile.as_str()),
        ("zhangsan@example.org", "13800000001")
    );
    house.sim.company(|company| company.sensitive = false);
    let kept_back = house.wecom.detail(&ticket).await.unwrap();
    assert_eq!((kept_back.biz_mail.as_str(), kept_back.mobile.as_str()), ("", ""));

    house.sim.member("zhangsan", |member| member.consents = false);
    let (code, _) = back(&open(private.as_str(), INSIDE).await.unwrap().location.unwrap());
    let identity = house.wecom.identity(&code).await.unwrap();
    assert!(
        matches!(identity, Identity::Member { ticket: None, .. }),
        "without consent: {identity:?}"
    );

    house.wait(1801);
    let error = house.wecom.detail(&ticket).await.unwrap_err();
    assert_eq!((error.code(), error.kind()), (Some(84014), Kind::Restart));
    let error = house.wecom.detail(&"invented".into()).await.unwrap_err();
    assert_eq!((error.code(), error.kind()), (Some(84015), Kind::Restart));
}

#[tokio::test]
async fn who_is_no_member_is_an_outsider() {
    let house = house().await;
    house.sim.quick("somebody");
    let url = house.wecom.login_url(&redirect(), "s1", Lang::Chinese);
    let (code, _) = back(&open(url.as_str(), OUTSIDE).await.unwrap().location.unwrap());
    assert!(matches!(house.wecom.identity(&code).await.unwrap(), Identity::Outsider));
    house.sim.member("wangwu", |member| member.status = 5);
    let code = house.sim.code("wangwu");
    assert!(
        matches!(house.wecom.identity(&code).await.unwrap(), Identity::Outsider),
        "left"
    );
}

#[tokio::test]
async fn a_code_is_good_once_and_for_five_minutes_and_for_one_application() {
    let house = house().await;
    for spent in [40029, 42022] {
        house.sim.company(|company| company.used_code = spent);
        let code = house.sim.code("zhangsan");
        assert_eq!(member(&house, &code).await, "zhangsan");
        let error = house.wecom.identity(&code).await.unwrap_err();
        assert_eq!((error.code(), error.kind()), (Some(spent), Kind::Restart));
    }
    for late in [40029, 42003] {
        house.sim.company(|company| company.late_code = late);
        let code = house.sim.code("zhangsan");
        house.wait(301);
        let error = house.wecom.identity(&code).await.unwrap_err();
        assert_eq!((error.code(), error.kind()), (Some(late), Kind::Restart));
    }
    let error = house.wecom.identity("invented").await.unwrap_err();
    assert_eq!((error.code(), error.kind()), (Some(40029), Kind::Restart));
    let error = house.wecom.identity("").await.unwrap_err();
    assert_eq!((error.code(), error.kind()), (Some(41008), Kind::Restart));
    let another = house.with_secret(&house.sim.company(|company| company.other_app.1.clone()));
    let error = another.identity(&house.sim.code("zhangsan")).await.unwrap_err();
    assert_eq!((error.code(), error.kind()), (Some(50001), Kind::Configuration));
    let error = house.wecom.identity(&house.sim.code("zhaoliu")).await.unwrap_err();
    assert_eq!(
        (error.code(), error.kind()),
        (Some(50002), Kind::Member),
        "outside the application's scope"
    );
}

#[tokio::test]
async fn a_page_is_never_asked_for_a_foreign_address() {
    let house = house().await;
    house.sim.quick("zhangsan");
    for foreign in [
        "https://evil.example/",
        "https://bridge.example.cn/back?to=qiyou://signin",
    ] {
        let url = house
            .wecom
            .login_url(&Url::parse(foreign).unwrap(), "s1", Lang::Chinese);
        let page = open(url.as_str(), OUTSIDE).await.unwrap();
        assert!(page.status >= 400 && page.location.is_none(), "{foreign}");
    }
}

#[tokio::test]
async fn tickets_of_both_kinds_are_fetched_once() {
    let house = house().await;
    let corp = house.wecom.jsapi_ticket(TicketKind::Corp).await.unwrap();
    let agent = house.wecom.jsapi_ticket(TicketKind::Agent).await.unwrap();
    assert_ne!(corp.expose_secret(), agent.expose_secret());
    let again = house.wecom.jsapi_ticket(TicketKind::Corp).await.unwrap();
    assert_eq!(corp.expose_secret(), again.expose_secret());
    assert_eq!(
        (house.sim.calls("get_jsapi_ticket"), house.sim.calls("ticket/get")),
        (1, 1)
    );
    house.wait(7200);
    let fresh = house.wecom.jsapi_ticket(TicketKind::Corp).await.unwrap();
    assert_ne!(corp.expose_secret(), fresh.expose_secret());
}
