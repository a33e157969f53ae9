use super::*;

async fn sim() -> WecomSim {
    let sim = WecomSim::start(Company::example()).await.unwrap();
    sim.trust("bridge.example.cn");
    sim
}

fn login(sim: &WecomSim, change: impl FnOnce(&mut Vec<(&'static str, String)>)) -> String {
    let mut query = vec![
        ("login_type", "CorpApp".to_owned()),
        ("appid", "wwqiyouexample01".to_owned()),
        ("agentid", "1000002".to_owned()),
        ("redirect_uri", "https://bridge.example.cn/back".to_owned()),
        ("state", "s1".to_owned()),
        ("lang", "zh".to_owned()),
    ];
    change(&mut query);
    let mut url = sim.login().join("wwlogin/sso/login").unwrap();
    url.query_pairs_mut().extend_pairs(query);
    url.into()
}

async fn api(sim: &WecomSim, call: &str) -> Value {
    let page = open(&format!("{}cgi-bin/{call}", sim.url()), OUTSIDE).await.unwrap();
    assert_eq!(page.status, 200);
    serde_json::from_str(&page.body).unwrap()
}

async fn token(sim: &WecomSim, secret: &str) -> String {
    let answer = api(sim, &format!("gettoken?corpid=wwqiyouexample01&corpsecret={secret}")).await;
    answer["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_person_scans_and_the_page_learns_it() {
    let sim = sim().await;
    let page = open(&login(&sim, |_| {}), OUTSIDE).await.unwrap();
    assert_eq!(page.status, 200);
    let key = sim.newest_key().unwrap();
    assert!(page.body.contains("<svg") && page.body.contains(&key));
    let confirm = format!("{}wwopen/sso/confirm2?k={key}", sim.url());
    let phone = open(&confirm, PHONE).await.unwrap().location.unwrap();
    let phone = open(sim.url().join(&phone).unwrap().as_str(), PHONE).await.unwrap();
    assert!(phone.body.contains("张三"), "{}", phone.body);

    let poll = |last: &str| format!("{}wwopen/sso/l/qrConnect?callback=cb&key={key}&last={last}", sim.url());
    let waiting = tokio::spawn({
        let url = poll("QRCODE_SCAN_NEVER");
        async move { open(&url, OUTSIDE).await.unwrap().body }
    });
    assert!(sim.scan(&key, "zhangsan"));
    assert!(waiting.await.unwrap().contains("QRCODE_SCAN_ING"));
    assert!(!sim.scan(&key, "lisi"), "scanned once");
    assert!(sim.confirm(&key));
    let done = open(&poll("QRCODE_SCAN_ING"), OUTSIDE).await.unwrap().body;
    let code = done.split("auth_code\":\"").nth(1).unwrap().split('"').next().unwrap();
    let token = token(&sim, "sim-secret-of-the-app").await;
    let who = api(&sim, &format!("auth/getuserinfo?access_token={token}&code={code}")).await;
    assert_eq!(who["userid"], "zhangsan");
    assert!(who.get("user_ticket").is_none());
}

#[tokio::test]
async fn the_phones_buttons_scan_confirm_and_cancel() {
    let sim = sim().await;
    let press = async |action: &str, key: &str| {
        let url = sim.url().join(&format!("phone/{action}")).unwrap();
        let form = format!("k={key}&user=wangwu");
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        let page = browser::request("POST", &url, &headers, form.as_bytes()).await.unwrap();
        assert_eq!((page.status, page.location), (303, Some(format!("/phone?k={key}"))));
        open(&format!("{}phone?k={key}", sim.url()), PHONE).await.unwrap().body
    };
    open(&login(&sim, |_| {}), OUTSIDE).await.unwrap();
    let key = sim.newest_key().unwrap();
    assert!(press("scan", &key).await.contains("王五"));
    assert_eq!(sim.scan_state(&key), Scan::Scanning);
    assert!(press("confirm", &key).await.contains("已确认"));
    assert_eq!(sim.scan_state(&key), Scan::Success);
    open(&login(&sim, |_| {}), OUTSIDE).await.unwrap();
    let key = sim.newest_key().unwrap();
    press("scan", &key).await;
    assert!(press("cancel", &key).await.contains("已失效"));
    assert_eq!(sim.scan_state(&key), Scan::Error);
}

#[tokio::test]
async fn a_picture_expires_and_can_be_cancelled() {
    let sim = sim().await;
    for end in [WecomSim::expire as fn(&WecomSim, &str), |sim, key| {
        assert!(sim.cancel(key));
    }] {
        open(&login(&sim, |_| {}), OUTSIDE).await.unwrap();
        let key = sim.newest_key().unwrap();
        sim.scan(&key, "zhangsan");
        end(&sim, &key);
        assert_eq!(sim.scan_state(&key), Scan::Error);
        assert!(!sim.confirm(&key));
    }
}

#[tokio::test]
async fn the_page_refuses_what_is_not_as_configured() {
    let sim = sim().await;
    for (name, value, status) in [
        ("login_type", "jssdk", 400),
        ("appid", "wwanother", 400),
        ("agentid", "1000003", 400),
        ("redirect_uri", "https://evil.example/back", 400),
        ("redirect_uri", "qiyou://back", 400),
        ("redirect_uri", "https://bridge.example.cn/back?u=qiyou://back", 501),
        ("state", "with-a-dash", 400),
        ("lang", "fr", 400),
    ] {
        let url = login(&sim, |query| {
            query.iter_mut().find(|(known, _)| *known == name).unwrap().1 = value.to_owned();
        });
        assert_eq!(open(&url, OUTSIDE).await.unwrap().status, status, "{name}={value}");
    }
    assert_eq!(sim.newest_key(), None);
}

#[tokio::test]
async fn quick_login_goes_straight_back() {
    let sim = sim().await;
    sim.quick("lisi");
    let page = open(&login(&sim, |_| {}), OUTSIDE).await.unwrap();
    let back = page.location.unwrap();
    assert!(back.starts_with("https://bridge.example.cn/back?code=code"), "{back}");
    assert!(back.ends_with("&state=s1&appid=wwqiyouexample01"), "{back}");
}

#[tokio::test]
async fn oauth_answers_only_inside_wecom_and_with_its_fragment() {
    let sim = sim().await;
    sim.inside("zhangsan");
    let url = format!(
        "{}connect/oauth2/authorize?appid=wwqiyouexample01&redirect_uri=https%3A%2F%2Fbridge.example.cn%2Fback\
         &response_type=code&scope=snsapi_privateinfo&state=s1&agentid=1000002",
        sim.oauth()
    );
    let outside = open(&format!("{url}#wechat_redirect"), OUTSIDE).await.unwrap();
    assert_eq!(outside.location, None);
    assert_eq!(open(&url, INSIDE).await.unwrap().status, 400, "without the fragment");
    let page = open(&format!("{url}#wechat_redirect"), PHONE).await.unwrap();
    let back = page.location.unwrap();
    let code = back.split("code=").nth(1).unwrap().split('&').next().unwrap();
    let token = token(&sim, "sim-secret-of-the-app").await;
    let who = api(&sim, &format!("user/getuserinfo?access_token={token}&code={code}")).await;
    assert_eq!(who["UserId"], "zhangsan");
    assert!(who["user_ticket"].is_string());
    sim.company(|company| company.oauth_domain = "another.example".to_owned());
    let foreign = open(&format!("{url}#wechat_redirect"), INSIDE).await.unwrap();
    assert!(foreign.body.contains("50001"));
}

#[tokio::test]
async fn every_refusal_has_its_code() {
    let sim = sim().await;
    let code = async |call: &str| api(&sim, call).await["errcode"].as_i64().unwrap();
    assert_eq!(code("gettoken").await, 41002);
    assert_eq!(code("gettoken?corpid=ww").await, 41004);
    assert_eq!(code("gettoken?corpid=ww&corpsecret=x").await, 40013);
    assert_eq!(code("gettoken?corpid=wwqiyouexample01&corpsecret=x").await, 40001);
    assert_eq!(code("user/get?userid=zhangsan").await, 41001);
    assert_eq!(code("user/get?access_token=x&userid=zhangsan").await, 40014);
    let app = token(&sim, "sim-secret-of-the-app").await;
    assert_eq!(
        app,
        token(&sim, "sim-secret-of-the-app").await,
        "one token for its life"
    );
    let call = |api: &str, query: &str| format!("{api}?access_token={app}{query}");
    assert_eq!(code(&call("user/get", "")).await, 41009);
    assert_eq!(code(&call("user/get", "&userid=nobody")).await, 60111);
    assert_eq!(code(&call("user/get", "&userid=zhaoliu")).await, 60011);
    assert_eq!(code(&call("user/get_userid_by_email", "")).await, 40058, "a GET");
    assert_eq!(code(&call("agent/get", "&agentid=1000003")).await, 301_002);
    assert_eq!(code(&call("auth/getuserinfo", "&code=nothing")).await, 40029);
    let fresh = sim.code("zhangsan");
    let other = token(&sim, "sim-secret-of-another-app").await;
    let foreign = format!("auth/getuserinfo?access_token={other}&code={fresh}");
    assert_eq!(code(&foreign).await, 50001);
    assert_eq!(code(&call("auth/getuserinfo", &format!("&code={fresh}"))).await, 0);
    assert_eq!(code(&call("auth/getuserinfo", &format!("&code={fresh}"))).await, 40029);
    let late = sim.code("zhangsan");
    sim.shift(Duration::from_secs(301));
    assert_eq!(code(&call("auth/getuserinfo", &format!("&code={late}"))).await, 42003);
    sim.company(|company| company.trusted_ip = false);
    assert_eq!(code(&call("user/get", "&userid=zhangsan")).await, 60020);
    sim.expire_tokens();
    assert_eq!(code(&call("user/get", "&userid=zhangsan")).await, 42001);
    assert_ne!(app, token(&sim, "sim-secret-of-the-app").await);
}
