use serde_json::json;

use super::*;

#[test]
fn a_member_is_read_in_full() {
    let user = User::read(&json!({
        "userid": "zhangsan", "name": "张三", "alias": "老张", "department": [12, 15], "order": [1, 4_294_967_295_i64],
        "is_leader_in_dept": [1, 0], "main_department": 12, "direct_leader": ["lisi"], "status": 1,
        "biz_mail": "zhangsan@example.cn", "position": "工程师",
        "extattr": { "attrs": [
            { "type": 0, "name": "工号", "text": { "value": "E1001" } },
            { "type": 1, "name": "主页", "web": { "url": "https://example.cn/z", "title": "z" } },
        ] },
    }))
    .unwrap();
    assert_eq!(user.status, Status::Active);
    assert_eq!(
        user.departments,
        [
            Membership {
                department: 12,
                order: 1,
                leads: true
            },
            Membership {
                department: 15,
                order: 4_294_967_295,
                leads: false
            },
        ]
    );
    assert_eq!(user.direct_leaders, ["lisi"]);
    let attributes: Vec<_> = user
        .attributes
        .iter()
        .map(|a| (a.name.as_str(), a.value.as_str()))
        .collect();
    assert_eq!(attributes, [("工号", "E1001"), ("主页", "https://example.cn/z")]);
    assert_eq!(user.email, "");
}

#[test]
fn what_is_missing_or_of_another_type_is_left_out_and_the_rest_is_read() {
    let user = User::read(&json!({
        "userid": "lisi", "name": 4, "department": "12", "order": null, "status": "2", "extattr": [], "mobile": {},
    }))
    .unwrap();
    assert_eq!((user.name.as_str(), user.mobile.as_str()), ("4", ""));
    assert_eq!(user.departments.len(), 1);
    assert_eq!(user.status, Status::Disabled);
    assert_eq!(
        User::read(&json!({ "userid": "w" })).unwrap().status,
        Status::Unknown(0)
    );
    assert_eq!(
        User::read(&json!({ "userid": "w", "status": 3 })).unwrap().status,
        Status::Unknown(3)
    );
    assert_eq!(User::read(&json!({ "name": "王五" })), None);
}
