use super::*;

fn change(kind: &str, elements: &str) -> Result<Received, Error> {
    read(&format!(
        "<xml><ToUserName><![CDATA[wwdemo]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>\
         <CreateTime>1700000000</CreateTime><MsgType><![CDATA[event]]></MsgType>\
         <Event><![CDATA[change_contact]]></Event><ChangeType><![CDATA[{kind}]]></ChangeType>{elements}</xml>"
    ))
}

fn changed(kind: &str, elements: &str) -> Change {
    match change(kind, elements).unwrap().event {
        Event::ChangeContact(change) => change,
        Event::Other { name, .. } => panic!("{name}"),
    }
}

#[test]
fn a_new_member_comes_with_all_that_is_told() {
    let change = changed(
        "create_user",
        "<UserID><![CDATA[zhangsan]]></UserID><Name><![CDATA[张三]]></Name><Department>1,12</Department>\
         <MainDepartment>12</MainDepartment><IsLeaderInDept>1,0</IsLeaderInDept><DirectLeader>lisi</DirectLeader>\
         <Status>1</Status><BizMail>zhangsan@example.cn</BizMail>\
         <ExtAttr><Item><Name>工号</Name><Type>0</Type><Text><Value>E1001</Value></Text></Item></ExtAttr>",
    );
    let Change::CreateUser { userid, fields } = change else {
        panic!("{change:?}");
    };
    assert_eq!(userid, "zhangsan");
    assert_eq!(fields.name.as_deref(), Some("张三"));
    assert_eq!(fields.departments, Some(vec![1, 12]));
    assert_eq!(fields.leads, Some(vec![true, false]));
    assert_eq!(fields.status, Some(Status::Active));
    assert_eq!(fields.attributes.unwrap()[0].value, "E1001");
    assert_eq!(fields.email, None);
}

#[test]
fn each_kind_of_change_is_known() {
    let Change::UpdateUser {
        userid,
        new_userid,
        fields,
    } = changed(
        "update_user",
        "<UserID>lisi</UserID><NewUserID>lisi2</NewUserID><Department>12,15</Department><Email></Email>",
    )
    else {
        panic!()
    };
    assert_eq!((userid.as_str(), new_userid.as_deref()), ("lisi", Some("lisi2")));
    assert_eq!(fields.departments, Some(vec![12, 15]));
    assert_eq!(fields.name, None, "it did not change");
    assert_eq!(fields.email.as_deref(), Some(""), "it was taken away");
    assert_eq!(
        changed("delete_user", "<UserID>lisi</UserID>"),
        Change::DeleteUser {
            userid: "lisi".to_owned()
        }
    );
    assert_eq!(
        changed(
            "create_party",
            "<Id>12</Id><Name><![CDATA[研发部]]></Name><ParentId><![CDATA[1]]></ParentId><Order>7</Order>"
        ),
        Change::CreateParty {
            id: 12,
            name: Some("研发部".to_owned()),
            parent: Some(1),
            order: Some(7)
        }
    );
    assert_eq!(
        changed("update_party", "<Id>12</Id><ParentId>15</ParentId>"),
        Change::UpdateParty {
            id: 12,
            name: None,
            parent: Some(15)
        }
    );
    assert_eq!(changed("delete_party", "<Id>12</Id>"), Change::DeleteParty { id: 12 });
    assert_eq!(
        changed(
            "update_tag",
            "<TagId>3</TagId><AddUserItems>zhangsan,lisi</AddUserItems><DelPartyItems>1, 2</DelPartyItems>"
        ),
        Change::UpdateTag {
            id: 3,
            users_added: vec!["zhangsan".to_owned(), "lisi".to_owned()],
            users_removed: vec![],
            departments_added: vec![],
            departments_removed: vec![1, 2],
        }
    );
    assert_eq!(
        changed("create_planet", ""),
        Change::Other {
            kind: "create_planet".to_owned()
        }
    );
}

#[test]
fn a_change_of_nobody_is_refused() {
    assert_eq!(change("delete_user", "").unwrap_err(), Error::Malformed("names nobody"));
    assert_eq!(
        change("delete_party", "<Id>x</Id>").unwrap_err(),
        Error::Malformed("names no number")
    );
    assert_eq!(read("<xml/>").unwrap_err(), Error::Malformed("has no type"));
}

#[test]
fn other_events_keep_their_elements() {
    let received = read(
        "<xml><FromUserName>zhangsan</FromUserName><MsgType>event</MsgType><Event>enter_agent</Event>\
         <AgentID>1</AgentID></xml>",
    )
    .unwrap();
    let Event::Other { name, fields } = received.event else {
        panic!()
    };
    assert_eq!(name, "enter_agent");
    assert!(fields.contains(&("AgentID".to_owned(), "1".to_owned())));
}

#[test]
fn the_key_is_that_of_the_event_and_not_of_its_delivery() {
    let one = change("update_user", "<UserID>lisi</UserID><Name>李四</Name>").unwrap();
    let again = change(
        "update_user",
        " <Name><![CDATA[李四]]></Name>\n<UserID><![CDATA[lisi]]></UserID>",
    )
    .unwrap();
    assert_eq!(one.key(), again.key());
    assert_eq!(one.key().len(), 64);
    for other in [
        change("update_user", "<UserID>lisi</UserID><Name>李四四</Name>"),
        change("update_user", "<UserID>wangwu</UserID><Name>李四</Name>"),
        change("create_user", "<UserID>lisi</UserID><Name>李四</Name>"),
    ] {
        assert_ne!(one.key(), other.unwrap().key());
    }
}

#[test]
fn an_entity_bomb_and_other_monsters_are_refused() {
    let bomb = "<!DOCTYPE xml [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">\
                <!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><xml><MsgType>&c;</MsgType></xml>";
    let outside = "<!DOCTYPE xml [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><xml><MsgType>&f;</MsgType></xml>";
    let wide = format!("<xml>{}</xml>", "<a/>".repeat(20_000));
    let deep = format!("<xml>{}{}</xml>", "<a>".repeat(50_000), "</a>".repeat(50_000));
    for monster in [bomb, outside, &wide, &deep, "", "<xml>", "no XML"] {
        assert!(matches!(read(monster), Err(Error::Malformed(_))), "{}", monster.len());
    }
}
