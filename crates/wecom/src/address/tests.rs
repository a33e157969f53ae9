use qiyou_net::{DialConfig, Dialer};

use super::*;

fn wecom() -> Wecom {
    let http = Dialer::new(DialConfig::default()).unwrap().http().unwrap();
    let app = App {
        corp_id: "wwdemo".to_owned(),
        agent_id: 1_000_002,
        secret: SecretString::from("not-to-be-seen"),
    };
    Wecom::new(http, Hosts::default(), app)
}

#[test]
fn the_log_in_pages_are_named_in_full() {
    let redirect = Url::parse("https://bridge.example.cn/signin/back?a=1").unwrap();
    assert_eq!(
        wecom().login_url(&redirect, "s1", Lang::Chinese).as_str(),
        "https://login.work.weixin.qq.com/wwlogin/sso/login?login_type=CorpApp&appid=wwdemo&agentid=1000002\
         &redirect_uri=https%3A%2F%2Fbridge.example.cn%2Fsignin%2Fback%3Fa%3D1&state=s1&lang=zh"
    );
    assert_eq!(
        wecom().old_login_url(&redirect, "s1", Lang::English).as_str(),
        "https://open.work.weixin.qq.com/wwopen/sso/qrConnect?appid=wwdemo&agentid=1000002\
         &redirect_uri=https%3A%2F%2Fbridge.example.cn%2Fsignin%2Fback%3Fa%3D1&state=s1&lang=en"
    );
    assert_eq!(
        wecom().oauth_url(&redirect, "s1", Scope::PrivateInfo).as_str(),
        "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wwdemo\
         &redirect_uri=https%3A%2F%2Fbridge.example.cn%2Fsignin%2Fback%3Fa%3D1&response_type=code\
         &scope=snsapi_privateinfo&state=s1&agentid=1000002#wechat_redirect"
    );
}

#[test]
fn a_configuration_names_only_the_hosts_that_differ() {
    let hosts: Hosts = serde_json::from_str(r#"{"api":"https://gateway.example.cn/wecom"}"#).unwrap();
    assert_eq!(hosts.login, Hosts::default().login);
    assert_eq!(
        at(&hosts.api, "cgi-bin/gettoken").as_str(),
        "https://gateway.example.cn/wecom/cgi-bin/gettoken"
    );
    assert_eq!(
        at(&Hosts::default().api, "cgi-bin/gettoken").as_str(),
        "https://qyapi.weixin.qq.com/cgi-bin/gettoken"
    );
}

#[test]
fn the_secret_is_not_printed() {
    let wecom = wecom();
    assert!(!format!("{wecom:?} {:?}", wecom.app()).contains("not-to-be-seen"));
}
