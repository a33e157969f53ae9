//! The directory: from WeCom and the mail platform through the bridge to the app; callbacks; who leaves.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by itself"
)]

mod house;

use std::collections::BTreeMap;
use std::time::Duration;

#[cfg(target_os = "linux")]
use house::house_on_postgres_with;
use house::{Desk, House, house, house_with, on_both_databases, refusal, until};
use qiyou_bridge_api::{DirectoryPart, NoAddress, Person, Proof, Refusal, Session};
use qiyou_signin::bridge::Error;
use qiyou_testkit::netease::{self, NeteaseSim};
use qiyou_testkit::wecom::{CallbackKeys, Change, Company, Member, Tamper};
use url::Url;

/// A bridge that reads the directory and takes callbacks; `more` is further configuration.
async fn reading(company: Company, more: &str) -> House {
    house_with(company, |config| house::following(&config) + more).await
}

on_both_databases![
    [
        super::reading(super::house::old(), ""),
        super::house_on_postgres_with(super::house::old(), |config| super::house::following(&config))
    ]:
    everybody_in_scope_is_there_with_department_title_and_address,
    a_change_comes_as_a_change_and_nothing_else_with_it,
    whoever_left_is_signed_out_within_a_minute_and_only_when_wecom_says_so_twice,
];

/// Waits until WeCom was asked more often than that.
async fn asked_again(house: &House, api: &str, before: usize) {
    until("WeCom was asked again", || async {
        (house.sim.calls(api) > before).then_some(())
    })
    .await;
}

/// All parts of an answer.
async fn parts(desk: &Desk, session: &Session, since: i64) -> Result<Vec<DirectoryPart>, Error> {
    let mut all: Vec<DirectoryPart> = Vec::new();
    let mut after = String::new();
    loop {
        let part = desk
            .bridge
            .directory(&session.access_token, &session.signing_key, since, &after)
            .await?;
        let more = part.more.clone();
        all.push(part);
        match more {
            Some(more) => after = more,
            None => return Ok(all),
        }
    }
}

/// What changed, as one part.
async fn since(desk: &Desk, session: &Session, revision: i64) -> DirectoryPart {
    let mut all = parts(desk, session, revision).await.unwrap();
    let mut whole = all.remove(0);
    for part in all {
        whole.departments.extend(part.departments);
        whole.people.extend(part.people);
        whole.people_gone.extend(part.people_gone);
    }
    whole.more = None;
    whole
}

/// The whole directory, once it has so many people.
async fn whole(desk: &Desk, session: &Session, count: usize) -> DirectoryPart {
    until("the directory is read", || async {
        let part = since(desk, session, 0).await;
        (part.people.len() == count).then_some(part)
    })
    .await
}

/// The next change.
async fn next(desk: &Desk, session: &Session, revision: i64) -> DirectoryPart {
    until("something changed", || async {
        let part = since(desk, session, revision).await;
        (part.revision > revision).then_some(part)
    })
    .await
}

fn people(part: &DirectoryPart) -> BTreeMap<&str, &Person> {
    part.people.iter().map(|person| (person.id.as_str(), person)).collect()
}

fn keys(house: &House) -> CallbackKeys {
    house.sim.company(|company| CallbackKeys::example(&company.corp_id))
}

fn callback(house: &House) -> Url {
    house.url.join("/wecom/callback").unwrap()
}

async fn tell(house: &House, change: &Change) {
    let pushed = house
        .sim
        .push_event(&callback(house), &keys(house), change)
        .await
        .unwrap();
    assert_eq!((pushed.answer.status, pushed.answer.body.as_str()), (200, "success"));
}

async fn everybody_in_scope_is_there_with_department_title_and_address(house: House) {
    let (desk, session) = house.signed_in("zhangsan").await;
    let part = whole(&desk, &session, 3).await;
    assert!(part.whole);
    let people = people(&part);
    assert_eq!(
        people.keys().copied().collect::<Vec<_>>(),
        ["lisi", "wangwu", "zhangsan"]
    );
    let zhangsan = people["zhangsan"];
    assert_eq!(zhangsan.name, "张三");
    assert_eq!(zhangsan.alias, "老张");
    assert_eq!(zhangsan.title, "工程师");
    assert_eq!(zhangsan.departments, [12, 21], "the main one first");
    assert_eq!(zhangsan.address.as_deref(), Some("zhangsan@example.cn"));
    assert_eq!(zhangsan.phone, "", "only where the admin lets it be seen");
    if house.postgres.is_none() {
        for file in ["bridge.db", "bridge.db-wal"] {
            let bytes = std::fs::read(house.folder.path().join(file)).unwrap_or_default();
            assert!(!String::from_utf8_lossy(&bytes).contains("13800000001"), "nor kept");
        }
    }
    let mut departments: Vec<(i64, &str, i64)> = part
        .departments
        .iter()
        .map(|department| (department.id, department.name.as_str(), department.parent))
        .collect();
    departments.sort_unstable();
    assert_eq!(
        departments,
        [
            (1, "示例公司", 0),
            (12, "研发部", 1),
            (15, "市场部", 1),
            (21, "客户端组", 12)
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_signed_in_gets_it_and_only_with_a_signature_that_holds() {
    let house = reading(house::old(), "").await;
    let (desk, session) = house.signed_in("zhangsan").await;
    whole(&desk, &session, 3).await;
    let stranger = house.device();
    let error = stranger
        .bridge
        .directory(&session.access_token, &session.signing_key, 0, "")
        .await;
    assert_eq!(refusal(error), Refusal::SessionGone);
    let another = reading(house::old(), "").await;
    let key = another.signed_in("lisi").await.1.signing_key;
    // Both bridges have the master key of the tests: of another company it is another.
    assert_eq!(key, session.signing_key);
    let wrong = "A".repeat(43);
    let error = desk.bridge.directory(&session.access_token, &wrong, 0, "").await;
    assert!(matches!(error, Err(Error::Unsigned { .. })));
    let error = desk
        .bridge
        .directory(&session.access_token, &session.signing_key, 0, "no cursor")
        .await;
    assert_eq!(refusal(error), Refusal::Malformed);
}

async fn a_change_comes_as_a_change_and_nothing_else_with_it(house: House) {
    let (desk, session) = house.signed_in("zhangsan").await;
    let first = whole(&desk, &session, 3).await;
    let nothing = since(&desk, &session, first.revision).await;
    assert!(nothing.is_empty() && !nothing.whole && nothing.revision == first.revision);
    house
        .sim
        .member("lisi", |member| "总监".clone_into(&mut member.position));
    tell(&house, &Change::update_user("lisi", &[("Position", "总监")])).await;
    let changed = next(&desk, &session, first.revision).await;
    assert!(!changed.whole);
    assert_eq!(changed.people.len(), 1, "{changed:?}");
    assert_eq!(
        (changed.people[0].id.as_str(), changed.people[0].title.as_str()),
        ("lisi", "总监")
    );
    assert!(changed.departments.is_empty() && changed.people_gone.is_empty());
    // Somebody new, and a department.
    house.sim.company(|company| {
        company.members.push(Member::new("qianqi", "钱七", 15));
        "市场中心".clone_into(&mut company.departments[2].name);
    });
    tell(&house, &Change::create_user(&Member::new("qianqi", "钱七", 15))).await;
    tell(&house, &Change::update_party(15, &[("Name", "市场中心")])).await;
    let grown = until("both changes are there", || async {
        let part = since(&desk, &session, changed.revision).await;
        (part.people.len() == 1 && part.departments.len() == 1).then_some(part)
    })
    .await;
    assert_eq!(grown.people[0].id, "qianqi");
    assert_eq!(grown.departments[0].name, "市场中心");
    // And gone again: out of scope.
    house.sim.member("qianqi", |member| member.in_scope = false);
    tell(&house, &Change::update_user("qianqi", &[("Department", "99")])).await;
    let gone = next(&desk, &session, grown.revision).await;
    assert_eq!(gone.people_gone, ["qianqi"]);
    assert_eq!(whole(&desk, &session, 3).await.people.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_callback_claims_is_not_believed_and_a_forged_one_is_refused() {
    let house = reading(house::old(), "").await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let first = whole(&desk, &session, 3).await;
    let (url, keys) = (callback(&house), keys(&house));
    assert!(house.sim.verify_url(&url, &keys).await.unwrap());
    for tamper in [Tamper::Signature, Tamper::Receiver, Tamper::Cut] {
        assert!(!house.sim.verify_tampered(&url, &keys, tamper).await.unwrap());
        let change = Change::delete_user("lisi");
        let pushed = house.sim.push_tampered(&url, &keys, &change, tamper).await.unwrap();
        assert_eq!(pushed.answer.status, 403, "{tamper:?}");
    }
    let garbage = house.browser().through(url.as_str()).await;
    assert_eq!(garbage.status, 403);
    // It claims another name; WeCom says the old one.
    let before = house.sim.calls("user/get");
    tell(&house, &Change::update_user("lisi", &[("Name", "冒名")])).await;
    asked_again(&house, "user/get", before).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(since(&desk, &session, first.revision).await.revision, first.revision);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_callbacks_is_one_look_and_the_same_callback_again_is_none() {
    let house = reading(house::old(), "").await;
    let (desk, session) = house.signed_in("zhangsan").await;
    whole(&desk, &session, 3).await;
    let (url, keys) = (callback(&house), keys(&house));
    let pushed = house
        .sim
        .push_event(&url, &keys, &Change::update_user("lisi", &[]))
        .await
        .unwrap();
    asked_again(&house, "user/get", 1).await;
    house.clock.shift(30);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = house.sim.calls("user/get");
    for _ in 0..20 {
        let again = house.sim.replay(&pushed).await.unwrap();
        assert_eq!(again.answer.status, 200);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(house.sim.calls("user/get"), before);
}

async fn whoever_left_is_signed_out_within_a_minute_and_only_when_wecom_says_so_twice(house: House) {
    let (desk, session) = house.signed_in("zhangsan").await;
    let (lisi, of_lisi) = house.signed_in("lisi").await;
    whole(&desk, &session, 3).await;
    house.sim.member("lisi", |member| member.status = 5);
    tell(&house, &Change::update_user("lisi", &[("Status", "5")])).await;
    // Gone from the directory at once; still signed in.
    until("lisi is gone", || async {
        let part = since(&desk, &session, 0).await;
        (part.people.len() == 2).then_some(())
    })
    .await;
    lisi.bridge.member(&of_lisi.access_token).await.unwrap();
    house.clock.shift(20);
    until("lisi is signed out", || async {
        lisi.bridge.member(&of_lisi.access_token).await.err()
    })
    .await;
    assert_eq!(
        refusal(lisi.bridge.member(&of_lisi.access_token).await),
        Refusal::Member
    );
    assert_eq!(
        refusal(lisi.bridge.refresh(&of_lisi.refresh_token).await),
        Refusal::Member
    );
    desk.bridge.member(&session.access_token).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_is_believed_when_wecom_knows_nobody_of_that_name_any_more() {
    let house = reading(house::old(), "").await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let (lisi, of_lisi) = house.signed_in("lisi").await;
    whole(&desk, &session, 3).await;
    house
        .sim
        .company(|company| company.members.retain(|member| member.userid != "lisi"));
    tell(&house, &Change::delete_user("lisi")).await;
    until("lisi is gone", || async {
        let part = since(&desk, &session, 0).await;
        (part.people.len() == 2).then_some(())
    })
    .await;
    house.clock.shift(20);
    until("lisi is signed out", || async {
        lisi.bridge.member(&of_lisi.access_token).await.err()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scope_quota_token_and_an_outage_sign_nobody_out() {
    let house = reading(house::old(), "").await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let (lisi, of_lisi) = house.signed_in("lisi").await;
    whole(&desk, &session, 3).await;
    // Each after the other: WeCom says that lisi is deleted, and cannot be asked or shows nobody.
    for code in [60011, 60020, 48002, 50002, -1] {
        house.sim.fail("user/get", code, 8);
        tell(&house, &Change::delete_user("lisi")).await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        house.clock.shift(25);
        tokio::time::sleep(Duration::from_millis(700)).await;
        house.sim.fail("user/get", 0, 0);
        house.clock.shift(25);
        tokio::time::sleep(Duration::from_millis(700)).await;
        lisi.bridge
            .member(&of_lisi.access_token)
            .await
            .unwrap_or_else(|error| panic!("{code}: {error}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_wecom_says_at_a_sign_in_is_newer_than_the_directory() {
    let house = reading(house::old(), "").await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let first = whole(&desk, &session, 3).await;
    // Emptied, and no callback came.
    house.sim.member("wangwu", |member| member.biz_mail.clear());
    let (wangwu, of_wangwu) = house.signed_in("wangwu").await;
    let member = wangwu.bridge.member(&of_wangwu.access_token).await.unwrap();
    assert_eq!(member.mail.address, None);
    let changed = since(&desk, &session, first.revision).await;
    assert_eq!(changed.people.len(), 1);
    assert_eq!(changed.people[0].no_address, Some(NoAddress::Empty));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_is_held_until_an_admin_confirms() {
    let mut company = Company::of_size(30);
    company.new_app = false;
    let house = reading(company, "").await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let (lisi, of_lisi) = house.signed_in("lisi").await;
    whole(&desk, &session, 33).await;
    let leavers: Vec<String> = house.sim.company(|company| {
        company
            .members
            .iter_mut()
            .filter(|member| member.userid != "zhangsan" && member.in_scope)
            .take(12)
            .map(|member| {
                member.status = 2;
                member.userid.clone()
            })
            .collect()
    });
    assert!(leavers.iter().any(|userid| userid == "lisi"));
    for userid in &leavers {
        tell(&house, &Change::update_user(userid, &[("Status", "2")])).await;
    }
    until("all twelve are gone", || async {
        let part = since(&desk, &session, 0).await;
        (part.people.len() == 21).then_some(())
    })
    .await;
    house.clock.shift(21);
    let said = until("all twelve are held", || async {
        let (_, said, _) = house.command(&["leaving"]).await.parts();
        (said.matches("held").count() == 12).then_some(said)
    })
    .await;
    assert!(said.contains("lisi") && !said.contains("locked"), "{said}");
    lisi.bridge.member(&of_lisi.access_token).await.unwrap();
    let (good, said, _) = house.command(&["leaving", "--confirm"]).await.parts();
    assert!(good && said.contains("12"), "{said}");
    assert_eq!(
        refusal(lisi.bridge.member(&of_lisi.access_token).await),
        Refusal::Member
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_of_many_comes_in_parts_and_nobody_is_missing_or_twice() {
    let mut company = Company::of_size(9000);
    company.new_app = false;
    let house = reading(company, "").await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let part = whole(&desk, &session, 9003).await;
    assert_eq!(people(&part).len(), 9003);
    assert_eq!(part.departments.len(), 94);
    let all = parts(&desk, &session, 0).await.unwrap();
    assert_eq!(
        all.iter().map(|part| part.people.len()).collect::<Vec<_>>(),
        [4000, 4000, 1003]
    );
    assert!(all.iter().all(|part| part.whole && part.revision == all[0].revision));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_was_away_for_months_or_knows_a_later_time_gets_the_whole() {
    let house = reading(house::old(), "").await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let first = whole(&desk, &session, 3).await;
    for revision in [first.revision - 100 * 24 * 3600, first.revision + 5] {
        let part = since(&desk, &session, revision).await;
        assert!(part.whole, "{revision}");
        assert_eq!(part.people.len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_admins_rules_hide_departments_people_and_telephones() {
    let house = reading(house::old(), "").await;
    let (desk, session) = house.signed_in("zhangsan").await;
    whole(&desk, &session, 3).await;
    drop((desk, session, house));
    let house = house_with(house::old(), |config| {
        config.replace(
            "enabled = false",
            "enabled = true\nphones = true\nhide_departments = [15, 21]\nhide = [\"LISI\"]",
        )
    })
    .await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let part = whole(&desk, &session, 1).await;
    assert_eq!(part.people[0].phone, "13800000001");
    assert_eq!(part.people[0].departments, [12]);
    assert_eq!(part.departments.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_that_fails_or_misses_half_of_the_company_changes_nothing() {
    let mut company = Company::of_size(40);
    company.new_app = false;
    let house = reading(company, "").await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let first = whole(&desk, &session, 43).await;
    let readings = house.sim.calls("department/list");
    house.sim.fail("user/list", 60020, 1);
    house.clock.shift(2 * 24 * 3600);
    asked_again(&house, "department/list", readings).await;
    let (desk, session) = house.signed_in("zhangsan").await;
    assert_eq!(since(&desk, &session, first.revision).await.revision, first.revision);
    // The admin took most of the company out of the application's range.
    house.sim.company(|company| {
        for member in company.members.iter_mut().skip(4) {
            member.in_scope = false;
        }
    });
    let readings = house.sim.calls("department/list");
    house.clock.shift(400);
    // What follows is asked within the access token's quarter of an hour.
    asked_again(&house, "department/list", readings).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(since(&desk, &session, first.revision).await.revision, first.revision);
    house.clock.shift(1000);
    let (desk, session) = house.signed_in("zhangsan").await;
    let gone = next(&desk, &session, first.revision).await;
    assert_eq!(gone.people_gone.len(), 40);
}

/// NetEase with the accounts of 示例公司.
async fn platform() -> NeteaseSim {
    let mut accounts = Vec::new();
    for (name, nickname, job) in [
        ("san.zhang", "张三", "E1001"),
        ("si.li", "李四", "E1002"),
        ("li.si", "李四", ""),
    ] {
        let mut account = netease::Account::new(name, nickname);
        job.clone_into(&mut account.job_number);
        accounts.push(account);
    }
    NeteaseSim::start("example.cn", accounts).await.unwrap()
}

fn join(sim: &NeteaseSim, confirmed: bool) -> String {
    let accounts = format!("[accounts]\nsource = \"netease\"\nmember_key = \"工号\"\nconfirmed = {confirmed}\n");
    accounts + &house::netease(sim)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_number_joins_where_wecom_keeps_the_address_and_the_admin_confirmed() {
    let sim = platform().await;
    let house = reading(Company::example(), &join(&sim, false)).await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let part = whole(&desk, &session, 3).await;
    assert!(
        part.people
            .iter()
            .all(|person| person.no_address == Some(NoAddress::Withheld))
    );
    let (_, said, _) = house.command(&["directory"]).await.parts();
    assert!(
        said.contains("confirmed = true") && said.contains("san.zhang@example.cn?"),
        "{said}"
    );
    drop((desk, session, house));
    let house = reading(Company::example(), &join(&sim, true)).await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let part = whole(&desk, &session, 3).await;
    let people = people(&part);
    assert_eq!(people["zhangsan"].address.as_deref(), Some("san.zhang@example.cn"));
    // 李四 has no job number in WeCom, and a name proves nothing.
    assert_eq!(people["lisi"].address, None);
    let member = desk.bridge.member(&session.access_token).await.unwrap();
    assert_eq!(member.mail.address.as_deref(), Some("san.zhang@example.cn"));
    assert_eq!(member.mail.proof, Some(Proof::Key));
    // The admin's word.
    house.signed_in("lisi").await;
    let (good, said, _) = house
        .command(&["user", "lisi", "--address", "si.li@example.cn"])
        .await
        .parts();
    assert!(good, "{said}");
    let changed = next(&desk, &session, part.revision).await;
    assert_eq!(changed.people[0].address.as_deref(), Some("si.li@example.cn"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_members_with_one_job_number_have_no_address_until_one_of_them_changes() {
    let sim = platform().await;
    let house = reading(Company::example(), &join(&sim, true)).await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let part = whole(&desk, &session, 3).await;
    let give = |userid: &'static str, job: &str| {
        let job = job.to_owned();
        house
            .sim
            .member(userid, |member| member.attributes = vec![("工号".to_owned(), job)]);
        Change::update_user(userid, &[])
    };
    tell(&house, &give("lisi", "E1001")).await;
    let both = next(&desk, &session, part.revision).await;
    let of = people(&both);
    assert_eq!(of.len(), 2, "also the one whom nobody spoke of");
    assert!(
        of.values()
            .all(|person| person.no_address == Some(NoAddress::Ambiguous))
    );
    tell(&house, &give("lisi", "E1002")).await;
    let apart = next(&desk, &session, both.revision).await;
    let of = people(&apart);
    assert_eq!(of["zhangsan"].address.as_deref(), Some("san.zhang@example.cn"));
    assert_eq!(of["lisi"].address.as_deref(), Some("si.li@example.cn"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_webmail_opens_for_a_proven_address_once_and_for_nobody_else() {
    let sim = platform().await;
    let house = reading(Company::example(), &join(&sim, true)).await;
    let (desk, session) = house.signed_in("zhangsan").await;
    whole(&desk, &session, 3).await;
    assert!(desk.bridge.member(&session.access_token).await.unwrap().mail.webmail);
    let url = desk.bridge.webmail(&session.access_token, "zh").await.unwrap();
    let url = secrecy::ExposeSecret::expose_secret(&url).to_owned();
    let page = netease::browse(&url).await.unwrap();
    assert!(page.status == 200 && page.body.contains("san.zhang"), "{}", page.body);
    assert_ne!(netease::browse(&url).await.unwrap().status, 200, "once");
    let (lisi, of_lisi) = house.signed_in("lisi").await;
    let error = lisi.bridge.webmail(&of_lisi.access_token, "zh").await;
    assert_eq!(refusal(error), Refusal::NoAddress);
    // The tokens survive a restart, sealed.
    let asked = sim.count("token/ssoAuthToken");
    let mut house = house;
    house.restart().await;
    desk.bridge.webmail(&session.access_token, "en").await.unwrap();
    assert_eq!(sim.count("token/ssoAuthToken"), asked);
    let plain = std::fs::read(house.folder.path().join("bridge.db")).unwrap();
    let wal = std::fs::read(house.folder.path().join("bridge.db-wal")).unwrap_or_default();
    for bytes in [plain, wal] {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("\"sso\"") && !text.contains("\"access\""));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_mail_platform_there_is_no_webmail() {
    let house = house().await;
    let (desk, session) = house.signed_in("zhangsan").await;
    assert!(!desk.bridge.member(&session.access_token).await.unwrap().mail.webmail);
    assert_eq!(
        refusal(desk.bridge.webmail(&session.access_token, "zh").await),
        Refusal::NoWebmail
    );
    // And a bridge without the callback's keys takes none.
    let answer = house.browser().through(callback(&house).as_str()).await;
    assert_eq!(answer.status, 404);
}
