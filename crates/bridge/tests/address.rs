//! An address that WeCom does not tell: asked back from WeCom, proven by a mailed code, confirmed by the admin.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "a test that fails says so by itself"
)]

mod house;

use futures::future::join_all;
use house::{Desk, House, MAILER_PASSWORD, Office, house, office, office_with, on_both_databases, refusal, until};
use qiyou_bridge_api::{AddressRequest, Member, NoAddress, Proof, Refusal, Session};
use qiyou_signin::bridge::Error;
use qiyou_testkit::smtp::AfterData;
use qiyou_testkit::wecom::Company;

const LOOKUP: &str = "user/get_userid_by_email";
const DAY: i64 = 24 * 3600;

on_both_databases![
    [super::office(false), super::office(true)]:
    wecom_confirms_the_very_member_and_tells_nobody_whose_an_address_is,
    a_member_asks_wecom_five_times_a_day,
    a_crowd_of_misses_closes_the_way_long_before_wecom_does,
    a_code_that_was_mailed_comes_back_once,
    a_code_is_guessed_at_five_times_and_the_newest_counts,
    of_a_crowd_of_guesses_five_are_judged,
    a_code_holds_for_ten_minutes,
    codes_are_mailed_three_times_an_hour_to_an_address_and_five_times_a_day_for_a_member,
    what_could_not_be_mailed_is_said_and_not_counted,
    of_two_who_read_the_same_mailbox_one_gets_the_address,
    the_admin_says_yes_to_what_was_asked_and_to_nothing_else,
    the_admin_says_no_and_the_member_hears_it,
    whoever_is_gone_waits_for_nothing_and_holds_no_address,
];

/// Somebody signed in.
struct Who(Desk, Session);

impl Who {
    async fn at(house: &House, userid: &str) -> Self {
        let (desk, session) = house.signed_in(userid).await;
        Self(desk, session)
    }

    async fn member(&self) -> Member {
        self.0.bridge.member(&self.1.access_token).await.unwrap()
    }

    async fn look_up(&self, address: &str) -> Result<Member, Error> {
        self.0.bridge.look_address_up(&self.1.access_token, address).await
    }

    async fn mail(&self, address: &str) -> Result<u32, Error> {
        let mailed = self.0.bridge.mail_code(&self.1.access_token, address).await;
        mailed.map(|mailed| mailed.expires_in)
    }

    async fn redeem(&self, code: &str) -> Result<Member, Error> {
        self.0.bridge.redeem_code(&self.1.access_token, code.into()).await
    }

    async fn ask(&self, address: &str) -> Result<Member, Error> {
        self.0.bridge.ask_admin(&self.1.access_token, address).await
    }
}

/// Six digits that are not these.
fn wrong(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

fn is_proven(member: &Member, address: &str, proof: Proof) {
    assert_eq!(member.mail.address.as_deref(), Some(address));
    assert_eq!(member.mail.proof, Some(proof));
    assert!(member.mail.ways.is_empty() && member.mail.request.is_none());
}

async fn wecom_confirms_the_very_member_and_tells_nobody_whose_an_address_is(office: Office) {
    let house = &office.house;
    let (zhangsan, lisi) = (Who::at(house, "zhangsan").await, Who::at(house, "lisi").await);
    let ways = [Proof::Reverse, Proof::Code, Proof::Admin];
    assert_eq!(zhangsan.member().await.mail.ways, ways);
    // Another's, and nobody's, are the same answer.
    for address in ["wangwu@example.cn", "nobody@example.cn"] {
        assert_eq!(refusal(lisi.look_up(address).await), Refusal::NotConfirmed, "{address}");
    }
    assert_eq!(lisi.member().await.mail.address, None);
    let proven = zhangsan.look_up(" ZhangSan@Example.CN").await.unwrap();
    is_proven(&proven, "zhangsan@example.cn", Proof::Reverse);
    assert_eq!(proven, zhangsan.member().await);
    // What is proven is not asked for again, by nobody.
    let asked = house.sim.calls(LOOKUP);
    assert_eq!(refusal(lisi.look_up("zhangsan@example.cn").await), Refusal::Taken);
    assert_eq!(refusal(lisi.mail("zhangsan@example.cn").await), Refusal::Taken);
    assert_eq!(refusal(lisi.ask("zhangsan@example.cn").await), Refusal::Taken);
    assert_eq!(
        refusal(zhangsan.look_up("zhangsan@example.cn").await),
        Refusal::WayClosed
    );
    assert_eq!(refusal(zhangsan.mail("san@example.cn").await), Refusal::WayClosed);
    assert_eq!(house.sim.calls(LOOKUP), asked);
    let bodies = house.sim.bodies(LOOKUP);
    assert_eq!(bodies[0]["email_type"], 1, "the company's mail, not their own");
    assert!(office.smtp.mails().is_empty());
    // It outlives the session.
    let again = Who::at(house, "zhangsan").await;
    is_proven(&again.member().await, "zhangsan@example.cn", Proof::Reverse);
}

async fn a_member_asks_wecom_five_times_a_day(office: Office) {
    let house = &office.house;
    let lisi = Who::at(house, "lisi").await;
    for number in 0..5 {
        let address = format!("li{number}@example.cn");
        assert_eq!(refusal(lisi.look_up(&address).await), Refusal::NotConfirmed);
    }
    match lisi.look_up("lisi@example.cn").await {
        Err(Error::Refused(refused)) => {
            assert_eq!(refused.error, Refusal::TooMany);
            let wait = i64::from(refused.retry_after.unwrap());
            assert!((DAY - 600..=DAY).contains(&wait), "{wait}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(house.sim.calls(LOOKUP), 5);
    // Others are not held up by it.
    let wangwu = Who::at(house, "wangwu").await;
    wangwu.look_up("wangwu@example.cn").await.unwrap();
    house.clock.shift(DAY + 1);
    let lisi = Who::at(house, "lisi").await;
    lisi.look_up("lisi@example.cn").await.unwrap();
}

async fn a_crowd_of_misses_closes_the_way_long_before_wecom_does(office: Office) {
    let house = &office.house;
    let kin = Company::of_size(8);
    house.sim.company(|company| company.members = kin.members);
    let userids: Vec<String> = house.sim.company(|company| {
        let others = company.members.iter().filter(|member| member.in_scope);
        others.map(|member| member.userid.clone()).collect()
    });
    let mut crowd = Vec::new();
    for userid in &userids[..7] {
        crowd.push(Who::at(house, userid).await);
    }
    // A hit is no miss.
    crowd[6].look_up(&format!("{}@example.cn", userids[6])).await.unwrap();
    let questions = crowd[..6]
        .iter()
        .flat_map(|who| (0..5).map(move |number| (who, number)));
    let asked = questions.map(async |(who, number)| refusal(who.look_up(&format!("x{number}@example.cn")).await));
    let answers = join_all(asked).await;
    let count = |wanted: Refusal| answers.iter().filter(|answer| **answer == wanted).count();
    assert_eq!(count(Refusal::NotConfirmed), 20, "{answers:?}");
    assert_eq!(house.sim.calls(LOOKUP), 21);
    let late = Who::at(house, &userids[7]).await;
    assert_eq!(late.member().await.mail.ways, [Proof::Code, Proof::Admin]);
    let own = format!("{}@example.cn", userids[7]);
    assert_eq!(refusal(late.look_up(&own).await), Refusal::WayClosed);
    assert_eq!(house.sim.calls(LOOKUP), 21);
    let said = house.command(&["directory"]).await;
    said.says("WeCom is not asked for addresses before");
    said.says("20 within a day");
    house.clock.shift(DAY + 1);
    let late = Who::at(house, &userids[7]).await;
    late.look_up(&own).await.unwrap();
}

#[tokio::test]
async fn a_wecom_that_blocks_the_question_is_left_alone_and_one_that_stutters_costs_nothing() {
    let company = Company {
        headcount: 5,
        ..Company::example()
    };
    let office = office_with(company, false, |config| config).await;
    let lisi = Who::at(&office.house, "lisi").await;
    let sim = &office.house.sim;
    // Refused before it looked: 5 of these would be all of a day.
    for _ in 0..6 {
        sim.fail(LOOKUP, 48002, 1);
        assert_eq!(refusal(lisi.look_up("lisi@example.cn").await), Refusal::Wecom);
    }
    for number in 0..2 {
        let address = format!("li{number}@example.cn");
        assert_eq!(refusal(lisi.look_up(&address).await), Refusal::NotConfirmed);
    }
    // That was a fifth of the company.
    assert_eq!(refusal(lisi.look_up("lisi@example.cn").await), Refusal::WayClosed);
    let asked = sim.calls(LOOKUP);
    assert_eq!(lisi.member().await.mail.ways, [Proof::Code, Proof::Admin]);
    assert_eq!(refusal(lisi.look_up("lisi@example.cn").await), Refusal::WayClosed);
    assert_eq!(sim.calls(LOOKUP), asked);
    office
        .house
        .command(&["directory"])
        .await
        .says("asked to be left alone");
}

#[tokio::test]
async fn an_outage_of_wecom_is_said_and_counts_as_a_question() {
    let office = office(false).await;
    let lisi = Who::at(&office.house, "lisi").await;
    office.house.sim.garbage(LOOKUP, 20);
    let mut answers = Vec::new();
    for _ in 0..6 {
        answers.push(refusal(lisi.look_up("lisi@example.cn").await));
    }
    // Nobody knows what WeCom made of it.
    let wanted = [[Refusal::Wecom; 5].as_slice(), &[Refusal::TooMany]].concat();
    assert_eq!(answers, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wecom_that_tells_mailboxes_is_not_asked_back_and_the_directory_follows_a_proof() {
    let following = |config: String| config.replace("enabled = false", "enabled = true");
    let mut told = house::old();
    told.members[0].biz_mail.clear();
    told.members[0].email.clear();
    let office = office_with(told, false, following).await;
    let zhangsan = Who::at(&office.house, "zhangsan").await;
    let person = async |userid: &str| {
        let Session {
            access_token,
            signing_key,
            ..
        } = &zhangsan.1;
        let part = zhangsan
            .0
            .bridge
            .directory(access_token, signing_key, 0, "")
            .await
            .unwrap();
        part.people.into_iter().find(|person| person.id == userid)
    };
    let before = until("the directory is read", || person("zhangsan")).await;
    assert_eq!(before.no_address, Some(NoAddress::Empty));
    // Its field is empty: WeCom would say no, and count it.
    assert_eq!(zhangsan.member().await.mail.ways, [Proof::Code, Proof::Admin]);
    assert_eq!(
        refusal(zhangsan.look_up("zhangsan@example.cn").await),
        Refusal::WayClosed
    );
    // What WeCom told of another is that one's, who never signed in.
    assert_eq!(refusal(zhangsan.mail("lisi@example.cn").await), Refusal::Taken);
    zhangsan.mail("san.zhang@example.cn").await.unwrap();
    let code = office.code(1).await;
    is_proven(
        &zhangsan.redeem(&code).await.unwrap(),
        "san.zhang@example.cn",
        Proof::Code,
    );
    until("the directory has it", || async {
        let address = person("zhangsan").await?.address?;
        (address == "san.zhang@example.cn").then_some(())
    })
    .await;
    office
        .house
        .command(&["directory"])
        .await
        .says("address by a mailed code: 1");
}

async fn a_code_that_was_mailed_comes_back_once(office: Office) {
    let zhangsan = Who::at(&office.house, "zhangsan").await;
    assert_eq!(refusal(zhangsan.redeem("000000").await), Refusal::CodeGone);
    assert_eq!(zhangsan.mail("ZhangSan@example.cn ").await.unwrap(), 600);
    let text = office.texts(1).await.remove(0);
    for words in ["DESKTOP-4F2K", "张三", "示例公司", "ignore this mail", "请忽略"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("://"), "{text}");
    let mail = &office.smtp.mails()[0];
    assert_eq!((mail.from.as_str(), mail.tls), ("qiyou@example.cn", true));
    assert_eq!(mail.to, ["zhangsan@example.cn"]);
    let code = office.code(1).await;
    // Not another's.
    let lisi = Who::at(&office.house, "lisi").await;
    assert_eq!(refusal(lisi.redeem(&code).await), Refusal::CodeGone);
    lisi.mail("lisi@example.cn").await.unwrap();
    if office.code(2).await != code {
        assert_eq!(refusal(lisi.redeem(&code).await), Refusal::Code);
    }
    let (first, last) = code.split_at(3);
    let proven = zhangsan.redeem(&format!(" {first} {last} ")).await.unwrap();
    is_proven(&proven, "zhangsan@example.cn", Proof::Code);
    assert_eq!(proven, zhangsan.member().await);
    assert_eq!(refusal(zhangsan.redeem(&code).await), Refusal::CodeGone);
}

async fn a_code_is_guessed_at_five_times_and_the_newest_counts(office: Office) {
    let zhangsan = Who::at(&office.house, "zhangsan").await;
    zhangsan.mail("zhangsan@example.cn").await.unwrap();
    let old = office.code(1).await;
    for _ in 0..5 {
        assert_eq!(refusal(zhangsan.redeem(wrong(&old)).await), Refusal::Code);
    }
    assert_eq!(refusal(zhangsan.redeem(&old).await), Refusal::CodeGone);
    zhangsan.mail("zhangsan@example.cn").await.unwrap();
    let new = office.code(2).await;
    if new != old {
        assert_eq!(refusal(zhangsan.redeem(&old).await), Refusal::Code);
    }
    for strange in ["", "abcdef", "12345", "1234567", "' OR 1=1 --", "000000\0"] {
        if strange.trim_end_matches('\0') != new {
            assert_ne!(
                refusal(zhangsan.redeem(strange).await),
                Refusal::Internal,
                "{strange:?}"
            );
        }
    }
    zhangsan.mail("zhangsan@example.cn").await.unwrap();
    zhangsan.redeem(&office.code(3).await).await.unwrap();
}

async fn of_a_crowd_of_guesses_five_are_judged(office: Office) {
    let zhangsan = Who::at(&office.house, "zhangsan").await;
    zhangsan.mail("zhangsan@example.cn").await.unwrap();
    let code = office.code(1).await;
    let guesses: Vec<String> = (0..=40)
        .map(|number| format!("{number:06}"))
        .filter(|guess| *guess != code)
        .collect();
    let answers = join_all(guesses.iter().map(async |guess| refusal(zhangsan.redeem(guess).await))).await;
    let judged = answers.iter().filter(|answer| **answer == Refusal::Code).count();
    assert_eq!(judged, 5, "{answers:?}");
    assert_eq!(refusal(zhangsan.redeem(&code).await), Refusal::CodeGone);
}

async fn a_code_holds_for_ten_minutes(office: Office) {
    let zhangsan = Who::at(&office.house, "zhangsan").await;
    zhangsan.mail("zhangsan@example.cn").await.unwrap();
    let code = office.code(1).await;
    office.house.clock.shift(606);
    assert_eq!(refusal(zhangsan.redeem(&code).await), Refusal::CodeGone);
}

async fn codes_are_mailed_three_times_an_hour_to_an_address_and_five_times_a_day_for_a_member(office: Office) {
    let house = &office.house;
    let lisi = Who::at(house, "lisi").await;
    // A crowd at once is counted one by one, too.
    let crowd = join_all((0..10).map(async |_| lisi.mail("li@example.cn").await.is_ok())).await;
    assert_eq!(crowd.iter().filter(|mailed| **mailed).count(), 3);
    assert_eq!(refusal(lisi.mail("LI@example.cn").await), Refusal::TooMany);
    // Whoever else asks for it.
    let wangwu = Who::at(house, "wangwu").await;
    assert_eq!(refusal(wangwu.mail("li@example.cn").await), Refusal::TooMany);
    lisi.mail("li2@example.cn").await.unwrap();
    lisi.mail("li3@example.cn").await.unwrap();
    assert_eq!(refusal(lisi.mail("li4@example.cn").await), Refusal::TooMany);
    assert_eq!(office.smtp.mails().len(), 5);
    house.clock.shift(3601);
    let (lisi, wangwu) = (Who::at(house, "lisi").await, Who::at(house, "wangwu").await);
    assert_eq!(refusal(lisi.mail("li@example.cn").await), Refusal::TooMany);
    wangwu.mail("li@example.cn").await.unwrap();
    house.clock.shift(DAY);
    let lisi = Who::at(house, "lisi").await;
    lisi.mail("li@example.cn").await.unwrap();
}

async fn what_could_not_be_mailed_is_said_and_not_counted(office: Office) {
    let house = &office.house;
    let lisi = Who::at(house, "lisi").await;
    // No such mailbox: nobody learns that here.
    assert_eq!(lisi.mail("zhaoliu@example.cn").await.unwrap(), 600);
    assert!(office.smtp.mails().is_empty());
    office
        .smtp
        .set_after_data(AfterData::Refuse("554 5.7.1 spam, lisi@example.cn".into()));
    for _ in 0..6 {
        match lisi.mail("lisi@example.cn").await {
            Err(Error::Refused(refused)) => {
                assert_eq!(refused.error, Refusal::Mailer);
                assert!(!refused.detail.contains("lisi@"), "{}", refused.detail);
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(refusal(lisi.redeem("000000").await), Refusal::CodeGone);
    office.smtp.set_after_data(AfterData::Accept);
    office.smtp.set_password("qiyou@example.cn", "another");
    assert_eq!(refusal(lisi.mail("lisi@example.cn").await), Refusal::Mailer);
    let said = house.command(&["check"]).await;
    said.fails("does not sign in");
    said.fails("[mailer] in bridge.toml");
    assert!(!said.out.contains(MAILER_PASSWORD), "{}", said.out);
    office.smtp.set_password("qiyou@example.cn", MAILER_PASSWORD);
    let said = house.command(&["check"]).await;
    assert!(
        said.out.contains("✓ qiyou@example.cn, which mails codes, signs in"),
        "{}",
        said.out
    );
    lisi.mail("lisi@example.cn").await.unwrap();
    lisi.redeem(&office.code(1).await).await.unwrap();
}

#[tokio::test]
async fn an_address_elsewhere_is_nobodys_whichever_way_it_is_claimed() {
    let office = office(false).await;
    let zhangsan = Who::at(&office.house, "zhangsan").await;
    for address in [
        "",
        "zhangsan",
        "zhangsan@example.org",
        "zhangsan@mail.example.cn",
        "zhangsan@example.cn.example.org",
        "zhangsan@ехample.cn",
        "zhangsan@xn--xample-9of.cn",
        "zhangsаn@example.cn",
        "zhangsan@example.cn\r\nBcc: lisi@example.cn",
        "zhangsan>\r\nRCPT TO:<lisi@example.cn",
        "<zhangsan@example.cn>",
        "'; DROP TABLE member; --@example.cn",
        "a\0@example.cn",
    ] {
        assert_eq!(refusal(zhangsan.look_up(address).await), Refusal::Domain, "{address:?}");
        assert_eq!(refusal(zhangsan.mail(address).await), Refusal::Domain, "{address:?}");
        assert_eq!(refusal(zhangsan.ask(address).await), Refusal::Domain, "{address:?}");
    }
    assert_eq!(office.house.sim.calls(LOOKUP), 0);
    assert!(office.smtp.commands().is_empty());
    zhangsan.look_up("zhangsan@example.cn").await.unwrap();
}

#[tokio::test]
async fn a_device_with_a_hostile_name_puts_nothing_of_its_own_into_the_mail() {
    let office = office(false).await;
    let house = &office.house;
    house.sim.quick("lisi");
    let desk = house.device();
    let device = qiyou_bridge_api::Device {
        name: "https://evil.example/?\r\nBcc: x@evil.example\r\n\r\n<b>".into(),
        ..Default::default()
    };
    let started = desk.bridge.start(device, &desk.verifier, "zh").await.unwrap();
    let done = house.browser().through(&started.url).await.confirm("yes").await;
    let session = desk.redeem(&started, &done.code()).await.unwrap();
    let lisi = Who(desk, session);
    lisi.mail("lisi@example.cn").await.unwrap();
    let text = office.texts(1).await.remove(0);
    let mail = String::from_utf8(office.smtp.mails()[0].data.clone()).unwrap();
    assert!(
        !text.contains("evil.example") && !text.contains("://") && !text.contains('<'),
        "{text}"
    );
    assert!(!mail.contains("Bcc") && mail.is_ascii(), "{mail}");
    assert_eq!(office.smtp.mails()[0].to, ["lisi@example.cn"]);
}

#[tokio::test]
async fn without_a_mailer_no_code_is_mailed() {
    let house = house().await;
    let zhangsan = Who::at(&house, "zhangsan").await;
    assert_eq!(zhangsan.member().await.mail.ways, [Proof::Reverse, Proof::Admin]);
    assert_eq!(refusal(zhangsan.mail("zhangsan@example.cn").await), Refusal::WayClosed);
    let said = house.command(&["check"]).await;
    assert!(said.out.contains("no [mailer]"), "{}", said.out);
}

async fn of_two_who_read_the_same_mailbox_one_gets_the_address(office: Office) {
    let house = &office.house;
    let (zhangsan, lisi) = (Who::at(house, "zhangsan").await, Who::at(house, "lisi").await);
    zhangsan.mail("info@example.cn").await.unwrap();
    let of_zhangsan = office.code(1).await;
    lisi.mail("info@example.cn").await.unwrap();
    let of_lisi = office.code(2).await;
    let (a, b) = tokio::join!(zhangsan.redeem(&of_zhangsan), lisi.redeem(&of_lisi));
    let (won, lost) = if a.is_ok() { (a, b) } else { (b, a) };
    is_proven(&won.unwrap(), "info@example.cn", Proof::Code);
    assert_eq!(refusal(lost), Refusal::Taken);
}

async fn the_admin_says_yes_to_what_was_asked_and_to_nothing_else(office: Office) {
    let house = &office.house;
    house.command(&["requests"]).await.says("Nobody asks");
    let (zhangsan, lisi) = (Who::at(house, "zhangsan").await, Who::at(house, "lisi").await);
    let asked = zhangsan.ask("zhang@example.cn").await.unwrap();
    let waits = AddressRequest {
        address: "zhang@example.cn".into(),
        refused: false,
    };
    assert_eq!((asked.mail.address, asked.mail.request), (None, Some(waits)));
    lisi.ask("si.li@example.cn").await.unwrap();
    house.command(&["directory"]).await.says("2 members say");
    let said = house.command(&["requests", "--csv"]).await;
    said.says("userid,name,address,asked");
    said.says("zhangsan,张三,zhang@example.cn,20");
    house.command(&["requests"]).await.says("lisi=si.li@example.cn");
    // Since the list was read 李四 asks for another's address.
    lisi.ask("boss@example.cn").await.unwrap();
    let approve = async |what: &str| house.command(&["requests", "--approve", what]).await;
    approve("lisi=si.li@example.cn").await.fails("does not ask for");
    approve("lisi").await.fails("USERID=ADDRESS");
    approve("wangwu=boss@example.cn").await.fails("does not ask for");
    assert_eq!(lisi.member().await.mail.address, None);
    approve("zhangsan=Zhang@Example.cn").await.says("said by an admin");
    is_proven(&zhangsan.member().await, "zhang@example.cn", Proof::Admin);
    // One address is one member's, also for the admin.
    approve("lisi=boss@example.cn").await.says("said by an admin");
    let wangwu = Who::at(house, "wangwu").await;
    wangwu.ask("wang@example.cn").await.unwrap();
    house
        .command(&["user", "zhangsan", "--address", "wang@example.cn"])
        .await
        .says("said by an admin");
    approve("wangwu=wang@example.cn").await.fails("is proven for zhangsan");
    assert_eq!(wangwu.member().await.mail.address, None);
    // They can think otherwise.
    wangwu.0.bridge.ask_admin_no_more(&wangwu.1.access_token).await.unwrap();
    assert_eq!(wangwu.member().await.mail.request, None);
    house.command(&["requests"]).await.says("Nobody asks");
}

async fn the_admin_says_no_and_the_member_hears_it(office: Office) {
    let house = &office.house;
    let lisi = Who::at(house, "lisi").await;
    lisi.ask("boss@example.cn").await.unwrap();
    let refuse = ["requests", "--refuse", "lisi=boss@example.cn"];
    house.command(&refuse).await.says("refused");
    house.command(&refuse).await.fails("does not ask for");
    house.command(&["requests"]).await.says("Nobody asks");
    let member = lisi.member().await;
    assert!(member.mail.request.unwrap().refused && member.mail.address.is_none());
    assert_eq!(member.mail.ways.len(), 3, "other ways are open");
    // A no is no end: one asks anew.
    let asked = lisi.ask("lisi@example.cn").await.unwrap();
    assert!(!asked.mail.request.unwrap().refused);
    // Another way answers the question, too.
    lisi.look_up("lisi@example.cn").await.unwrap();
    house.command(&["requests"]).await.says("Nobody asks");
}

async fn whoever_is_gone_waits_for_nothing_and_holds_no_address(office: Office) {
    let house = &office.house;
    let zhangsan = Who::at(house, "zhangsan").await;
    zhangsan.ask("zhangsan@example.cn").await.unwrap();
    let lisi = Who::at(house, "lisi").await;
    lisi.look_up("lisi@example.cn").await.unwrap();
    for userid in ["zhangsan", "lisi"] {
        house.sim.member(userid, |member| member.status = 5);
    }
    let mut house = office.house;
    house.reconfigure(|config| config.replace("enabled = false", "enabled = true"));
    house.restart().await;
    until("both left", || async {
        house.clock.shift(21);
        let said = house.command(&["leaving"]).await;
        (said.out.matches("locked").count() == 2).then_some(())
    })
    .await;
    house.command(&["requests"]).await.says("Nobody asks");
    let wangwu = Who::at(&house, "wangwu").await;
    wangwu.mail("lisi@example.cn").await.unwrap();
}
