use qiyou_netease::{Kind, Lang};
use qiyou_testkit::netease::{Fault, browse};

use super::*;

const SSO: &str = "token/ssoAuthToken";

#[tokio::test]
async fn a_sign_on_opens_the_mailbox_of_its_person_once() {
    let company = Company::start(people()).await;
    let sign_on = company.netease.webmail("zhangsan", Lang::Chinese).await.unwrap();
    let visit = browse(sign_on.expose()).await.unwrap();
    assert_eq!(visit.status, 200);
    assert!(
        visit.body.contains("zhangsan@example.cn") && visit.body.contains("封未读"),
        "{}",
        visit.body
    );
    let again = browse(sign_on.expose()).await.unwrap();
    assert_eq!(again.status, 403);
    let english = company.netease.webmail("lisi@example.cn", Lang::English).await.unwrap();
    let visit = browse(english.expose()).await.unwrap();
    assert!(
        visit.body.contains("lisi@example.cn") && visit.body.contains("unread"),
        "{}",
        visit.body
    );
    assert_eq!(format!("{english:?}"), "SignOn(..)");
}

#[tokio::test]
async fn a_sign_waits_for_a_minute() {
    let company = Company::start(people()).await;
    let sign_on = company.netease.webmail("zhangsan", Lang::Chinese).await.unwrap();
    company.sim.advance(Duration::from_secs(61));
    assert_eq!(browse(sign_on.expose()).await.unwrap().status, 403);
}

#[tokio::test]
async fn the_token_for_sign_ons_is_kept_until_it_is_over_and_got_anew_when_it_is_refused() {
    let company = Company::start(people()).await;
    let sign_on = async || company.netease.webmail("zhangsan", Lang::Chinese).await.unwrap();
    sign_on().await;
    company.advance(3000);
    sign_on().await;
    assert_eq!(company.sim.count(SSO), 1);
    company.advance(700);
    sign_on().await;
    assert_eq!(company.sim.count(SSO), 2);
    // Over at the server alone: -322.
    company.sim.advance(Duration::from_hours(2));
    sign_on().await;
    assert_eq!(company.sim.count(SSO), 3);
    // Forgotten: -321.
    company.sim.forget_tokens();
    sign_on().await;
    assert_eq!(
        (company.sim.count(SSO), company.sim.count("token/acquireToken")),
        (4, 0)
    );
    let other = client(&company.sim, &company.clock, Arc::new(company.tokens.clone()));
    other.webmail("lisi", Lang::Chinese).await.unwrap();
    assert_eq!(company.sim.count(SSO), 4, "another replica uses the same token");
}

#[tokio::test]
async fn sign_ons_need_no_listed_address_and_an_account() {
    let company = Company::start(people()).await;
    company.sim.set_listed(false);
    company.netease.webmail("zhangsan", Lang::Chinese).await.unwrap();
    for nobody in ["nobody", "zhangsan@example.org"] {
        let error = company.netease.webmail(nobody, Lang::Chinese).await.unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound, "{nobody}");
    }
}

#[tokio::test]
async fn a_sign_is_shown_to_safe_places_only() {
    let company = Company::start(people()).await;
    for endpoint in [
        "http://entry.example.org/login",
        "javascript:alert(1)",
        "https://a@b.example.org/",
        "x",
    ] {
        let body = format!(r#"{{"code":0,"data":{{"sign":"s-1","endpoint":"{endpoint}"}}}}"#);
        company.sim.fail_next("sso/ssoSign", Fault::Body(body));
        let error = company.netease.webmail("zhangsan", Lang::Chinese).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s-1"), "{error:?}");
    }
    let bare = r#"{"code":0,"data":{"sign":"s 1&"}}"#.to_owned();
    company.sim.fail_next("sso/ssoSign", Fault::Body(bare));
    let sign_on = company.netease.webmail("zhangsan", Lang::English).await.unwrap();
    assert_eq!(
        sign_on.expose(),
        "https://entryhz.qiye.163.com/login/ssoLogin?sso_token=s+1%26&lang=1"
    );
}
