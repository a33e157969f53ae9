//! Members and departments, and what is kept from whom.

use qiyou_testkit::wecom::Company;
use qiyou_wecom::{EmailKind, Kind, Status};

use crate::{house, house_of};

#[tokio::test]
async fn an_older_application_reads_a_member_in_full() {
    let house = house().await;
    let user = house.wecom.user("zhangsan").await.unwrap();
    assert_eq!((user.name.as_str(), user.alias.as_str()), ("张三", "老张"));
    assert_eq!(
        (user.biz_mail.as_str(), user.mobile.as_str()),
        ("", ""),
        "kept from newer applications"
    );
    house.sim.company(|company| company.new_app = false);
    let user = house.wecom.user("ZhangSan").await.unwrap();
    assert_eq!(user.userid, "zhangsan");
    assert_eq!(user.biz_mail, "zhangsan@example.cn");
    assert_eq!(user.email, "zhangsan@example.org");
    let departments: Vec<_> = user.departments.iter().map(|one| (one.department, one.order)).collect();
    assert_eq!(departments, [(12, 10), (21, 4_294_967_295)]);
    assert_eq!(user.main_department, 12);
    assert_eq!(user.attributes[0].value, "E1001");
}

#[tokio::test]
async fn each_state_of_a_member_is_known() {
    let house = house().await;
    for (number, status) in [
        (1, Status::Active),
        (2, Status::Disabled),
        (4, Status::NotActivated),
        (5, Status::Left),
        (9, Status::Unknown(9)),
    ] {
        house.sim.member("lisi", |member| member.status = number);
        assert_eq!(house.wecom.user("lisi").await.unwrap().status, status);
    }
}

#[tokio::test]
async fn who_is_unknown_or_out_of_sight_is_said() {
    let house = house().await;
    for (userid, code) in [("nobody", 60111), ("zhaoliu", 60011), ("", 41009)] {
        let error = house.wecom.user(userid).await.unwrap_err();
        assert_eq!((error.code(), error.kind()), (Some(code), Kind::Member), "{userid}");
    }
    let error = house.wecom.users(99).await.unwrap_err();
    assert_eq!(error.code(), Some(60003));
}

#[tokio::test]
async fn a_department_lists_its_members_who_may_be_seen() {
    let house = house().await;
    let users = house.wecom.users(12).await.unwrap();
    let ids: Vec<_> = users.iter().map(|user| user.userid.as_str()).collect();
    assert_eq!(ids, ["zhangsan", "lisi"]);
    let users = house.wecom.users(15).await.unwrap();
    assert_eq!(users.len(), 1, "赵六 is out of scope");
}

#[tokio::test]
async fn contact_sync_lists_every_membership_page_by_page() {
    let mut company = Company::of_size(25);
    company.page = 10;
    let house = house_of(company).await;
    let sync = house.sync();
    let mut rows = Vec::new();
    let mut cursor = String::new();
    let mut pages = 0;
    loop {
        let part = sync.user_ids(&cursor).await.unwrap();
        rows.extend(part.rows);
        pages += 1;
        if part.next.is_empty() {
            break;
        }
        cursor = part.next;
    }
    assert_eq!(
        (rows.len(), pages),
        (30, 3),
        "25, 赵六 and three more; 张三 has two departments"
    );
    assert!(rows.contains(&("zhangsan".to_owned(), 21)));
    assert!(rows.contains(&("zhaoliu".to_owned(), 15)));
    assert_eq!(sync.user_ids("invented").await.unwrap_err().code(), Some(40058));

    let error = house.wecom.user_ids("").await.unwrap_err();
    assert_eq!((error.code(), error.kind()), (Some(48002), Kind::Configuration));
    house.sim.company(|company| company.list_id_by_sync_only = false);
    assert!(house.wecom.user_ids("").await.is_ok());
}

#[tokio::test]
async fn departments_come_with_names_or_else_without() {
    let house = house().await;
    let departments = house.wecom.departments().await.unwrap();
    assert_eq!(departments.len(), 4);
    let second = &departments[1];
    assert_eq!((second.id, second.name.as_str(), second.parent), (12, "研发部", 1));
    assert!(departments[0].order > second.order);

    let sync = house.sync();
    assert_eq!(sync.departments().await.unwrap()[1].name, "研发部");
    house.sim.company(|company| company.sync_lists_departments = false);
    let departments = sync.departments().await.unwrap();
    assert_eq!(departments.len(), 4);
    let second = &departments[1];
    assert_eq!((second.id, second.name.as_str(), second.parent), (12, "", 1));

    for code in [48002, 60011] {
        house.sim.fail("department/list", code, 1);
        assert_eq!(house.wecom.departments().await.unwrap()[1].name, "", "{code}");
    }
    house.sim.fail("department/list", 60011, 1);
    house.sim.fail("department/simplelist", 48002, 1);
    let error = house.wecom.departments().await.unwrap_err();
    assert_eq!(error.code(), Some(60011), "the first refusal");
}

#[tokio::test]
async fn contact_sync_of_a_newer_ip_reads_no_member() {
    let house = house().await;
    let sync = house.sync();
    let error = sync.user("zhangsan").await.unwrap_err();
    assert_eq!((error.code(), error.kind()), (Some(48002), Kind::Configuration));
    house.sim.company(|company| company.sync_reads_members = true);
    assert_eq!(sync.user("zhangsan").await.unwrap().biz_mail, "zhangsan@example.cn");
}

#[tokio::test]
async fn an_address_is_looked_up_and_nobodys_is_none() {
    let house = house().await;
    let ask = async |email: &str, kind| house.wecom.userid_by_email(email, kind).await.unwrap();
    assert_eq!(
        ask("ZhangSan@example.cn", EmailKind::Enterprise).await.as_deref(),
        Some("zhangsan")
    );
    assert_eq!(
        ask("zhangsan@example.org", EmailKind::Personal).await.as_deref(),
        Some("zhangsan")
    );
    assert_eq!(ask("zhangsan@example.org", EmailKind::Enterprise).await, None, "60148");
    assert_eq!(ask("zhangsan@example.cn", EmailKind::Personal).await, None, "60147");
    assert_eq!(ask("zhaoliu@example.cn", EmailKind::Enterprise).await, None, "46004");
    let calls = house.sim.calls("user/get_userid_by_email");
    assert_eq!(ask("", EmailKind::Enterprise).await, None);
    assert_eq!(ask(&"a".repeat(300), EmailKind::Enterprise).await, None);
    assert_eq!(house.sim.calls("user/get_userid_by_email"), calls, "not worth a miss");
}

#[tokio::test]
async fn too_many_misses_block_the_look_up_for_a_day() {
    let house = house().await;
    let ask = async |email: &str| house.wecom.userid_by_email(email, EmailKind::Enterprise).await;
    for n in 0..21 {
        assert_eq!(ask(&format!("nobody{n}@example.cn")).await.unwrap(), None);
    }
    let error = ask("zhangsan@example.cn").await.unwrap_err();
    assert_eq!((error.code(), error.kind()), (Some(45009), Kind::Quota));
    house.wait(24 * 3600);
    assert_eq!(ask("zhangsan@example.cn").await.unwrap().as_deref(), Some("zhangsan"));
}
