#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may fail"
)]

use super::*;

fn read_all(text: &str) -> Vec<Card> {
    read(text.as_bytes()).unwrap().cards
}

fn gb(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

#[test]
fn a_vcard_of_every_version_is_read() {
    let old = "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=GB2312;ENCODING=QUOTED-PRINTABLE:=D5=C5;=C8=FD;;;\r\nTEL;CELL:13800000000\r\n\
        EMAIL;INTERNET;PREF:zhangsan@example.com\r\nORG;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E7=A4=BA=E4=BE=8B;=\r\n=E9=87=87=E8=B4=AD\r\nEND:VCARD\r\n";
    let three = "BEGIN:VCARD\nVERSION:3.0\nFN:张三\nN:张;三;;;\nitem1.EMAIL;TYPE=INTERNET,WORK:zhangsan@example.com\nTEL;TYPE=CELL:13800000000\n\
        ORG:示例;采购\nEND:VCARD\n";
    let four = "BEGIN:VCARD\nVERSION:4.0\nFN:张三\nEMAIL;PREF=1:zhangsan@example.com\nTEL;VALUE=uri:tel:13800000000\nORG:示例;采购\nEND:VCARD\n";
    for text in [old, three, four] {
        let cards = read_all(text);
        let [card] = &cards[..] else {
            panic!("{text}: {cards:?}")
        };
        assert_eq!(card.name, "张三", "{text}");
        assert_eq!(card.emails, ["zhangsan@example.com"], "{text}");
        assert_eq!(card.phones, ["13800000000"], "{text}");
        assert_eq!((&*card.company, &*card.department), ("示例", "采购"), "{text}");
    }
    // A whole file in GBK, as telephones of here wrote it.
    let cards = read(&gb(three)).unwrap().cards;
    assert_eq!(cards[0].name, "张三");
}

#[test]
fn what_a_card_does_not_show_comes_back_when_it_is_written() {
    let text = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Li Si\r\nN:Si;Li;;Dr.;\r\nEMAIL;TYPE=HOME:lisi@example.com\r\nEMAIL;TYPE=WORK:old@example.com\r\n\
        BDAY:1990-05-06\r\nADR;TYPE=WORK:;;1 Road;City;;100000;\r\nX-WECHAT:lisi\r\nNOTE:one\\, two\\nthree\r\nCATEGORIES:A,B\r\nEND:VCARD\r\n";
    let mut card = read_all(text).remove(0);
    assert_eq!(card.note, "one, two\nthree");
    assert_eq!(card.groups, ["A", "B"]);
    card.emails = vec!["lisi@example.com".into(), "new@example.com".into()];
    card.title = "工程师; 兼".into();
    for version in [Version::V3, Version::V4] {
        let out = write_cards(std::slice::from_ref(&card), version);
        for kept in ["1990", "1 Road", "lisi", "Dr.", "HOME"] {
            assert!(out.to_uppercase().contains(&kept.to_uppercase()), "{kept}: {out}");
        }
        assert!(!out.contains("old@"), "{out}");
        assert!(out.split("\r\n").all(|line| line.len() <= 78), "{out}");
        let again = read_all(&out).remove(0);
        assert_eq!(
            (&again.name, &again.emails, &again.title, &again.note, &again.groups),
            (&card.name, &card.emails, &card.title, &card.note, &card.groups)
        );
    }
    // Another name is not written beside the parts of the old one.
    card.name = "李四".into();
    let out = write_cards(&[card], Version::V4);
    assert!(!out.contains("Dr."), "{out}");
}

#[test]
fn the_files_of_other_programs_are_read() {
    let outlook = "\u{feff}First Name,Middle Name,Last Name,Company,Department,Job Title,Mobile Phone,E-mail Address,E-mail Type,E-mail Display Name,E-mail 2 Address,Notes,Categories\r\n\
        Si,,Li,Example,Sales,Manager,+86 138 0000 0000,lisi@example.com,SMTP,Li Si (lisi@example.com),lisi@example.org,\"two\r\nlines\",Friends;Work\r\n";
    let card = read_all(outlook).remove(0);
    assert_eq!(card.name, "Si Li");
    assert_eq!(card.emails, ["lisi@example.com", "lisi@example.org"]);
    assert_eq!(card.note, "two\nlines");
    assert_eq!(card.groups, ["Friends", "Work"]);

    let outlook_zh = gb(
        "称谓,姓,名,单位,部门,职务,移动电话,电子邮件地址,电子邮件类型,电子邮件显示名称,附注\r\n,张,三,示例公司,采购部,经理,13800000000,zhangsan@example.com,SMTP,张三 (zhangsan@example.com),老客户\r\n",
    );
    let card = read(&outlook_zh).unwrap().cards.remove(0);
    assert_eq!(
        (
            &*card.name,
            &*card.company,
            &*card.department,
            &*card.title,
            &*card.note
        ),
        ("张三", "示例公司", "采购部", "经理", "老客户")
    );
    assert_eq!(card.emails, ["zhangsan@example.com"]);

    let foxmail = gb(
        "姓,名,姓名,昵称,电子邮件地址,移动电话,家庭电话,办公电话,公司,职位,附注\r\n,,李四,,lisi@example.com;li@example.org,13900000000,,010-12345678,,,\r\n",
    );
    let card = read(&foxmail).unwrap().cards.remove(0);
    assert_eq!(card.name, "李四");
    assert_eq!(card.emails, ["lisi@example.com", "li@example.org"]);
    assert_eq!(card.phones, ["13900000000", "010-12345678"]);

    let gmail = "Name,Given Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value,Organization 1 - Name\n\
        张三,三,Friends ::: * myContacts,* Work,zhangsan@example.com ::: z@example.org,Mobile,13800000000,Example\n";
    let card = read_all(gmail).remove(0);
    assert_eq!(card.emails, ["zhangsan@example.com", "z@example.org"]);
    assert_eq!(
        (&card.groups[..], &*card.company),
        (&["Friends".to_owned()][..], "Example")
    );

    let bare = "张三\tzhangsan@example.com\n李四\tlisi@example.com\n";
    let names: Vec<String> = read_all(bare).into_iter().map(|card| card.name).collect();
    assert_eq!(names, ["张三", "李四"]);
}

#[test]
fn what_is_no_address_book_is_said_to_be_none() {
    assert!(read(b"").is_none());
    assert!(read("你好，这是一封信。\n没有人。".as_bytes()).is_none());
    assert!(read(&[0, 159, 146, 150, 0, 255]).is_none());
    let half = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:张三\r\nEMAIL:zhang";
    assert!(read(half.as_bytes()).unwrap().cards.len() <= 1);
    assert_eq!(
        read(b"BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n").unwrap().unreadable,
        1
    );
}

#[test]
fn what_is_written_is_read_again() {
    let card = Card {
        name: "张三, \"老张\"".into(),
        emails: vec!["zhangsan@example.com".into(), "z@example.org".into()],
        phones: vec!["+86 138-0000-0000".into()],
        company: "示例; 公司".into(),
        department: "采购部".into(),
        title: "=cmd()".into(),
        note: "第一行\n第二行，很长很长很长很长很长很长很长很长很长很长很长很长很长很长".into(),
        groups: vec!["客户".into()],
        source: String::new(),
    };
    for columns in [Columns::Outlook, Columns::Foxmail] {
        let bytes = write_sheet(std::slice::from_ref(&card), columns).unwrap();
        let again = read(&bytes).unwrap().cards;
        assert_eq!(again, std::slice::from_ref(&card));
        assert!(!String::from_utf8_lossy(&bytes).contains(",=cmd"));
    }
    for version in [Version::V2_1, Version::V3, Version::V4] {
        let out = write_cards(std::slice::from_ref(&card), version);
        let again = read_all(&out).remove(0);
        assert_eq!(
            (
                &again.name,
                &again.emails,
                &again.phones,
                &again.company,
                &again.department,
                &again.title,
                &again.note
            ),
            (
                &card.name,
                &card.emails,
                &card.phones,
                &card.company,
                &card.department,
                &card.title,
                &card.note
            ),
            "{out}"
        );
    }
}

#[test]
fn cards_of_one_person_are_found_and_become_one() {
    let card = |name: &str, email: &str, phone: &str| {
        Card {
            name: name.into(),
            emails: vec![email.into()],
            phones: vec![phone.into()],
            ..Card::default()
        }
        .tidied()
    };
    let cards = [
        card("张三", "a@example.com", "1"),
        card("Zhang San", "A@example.com", "13800000000"),
        card("李四", "b@example.com", "8001"),
        card("老张", "c@example.com", "+86 138 0000 0000"),
        card("王五", "d@example.com", "8001"),
    ];
    assert_eq!(doubles(&cards), [vec![0, 1, 3]]);
    let one = merged(&[cards[0].clone(), cards[1].clone(), cards[3].clone()]);
    assert_eq!(one.name, "张三");
    assert_eq!(one.emails, ["a@example.com", "c@example.com"]);
    assert_eq!(one.phones, ["1", "13800000000"]);
}

proptest::proptest! {
    #[test]
    fn anything_is_read_without_harm(bytes: Vec<u8>, text in "(BEGIN:VCARD\r\n)?(FN|N|EMAIL|TEL|,|;|\"|:|\r\n|.){0,60}(END:VCARD)?") {
        let _ = read(&bytes);
        let _ = read(text.as_bytes());
    }

    #[test]
    fn a_card_survives_its_vcard(name in "[^\\p{C}\\s][^\\p{C}]{0,30}", note in "[^\\p{C}]{0,50}", company in "[^\\p{C}/]{0,20}") {
        let card = Card { name, note, company, emails: vec!["a@example.com".into()], ..Card::default() }.tidied();
        for version in [Version::V2_1, Version::V3, Version::V4] {
            let again = read_all(&write_cards(std::slice::from_ref(&card), version)).remove(0);
            proptest::prop_assert_eq!(&again.name, &card.name);
            proptest::prop_assert_eq!(&again.note, &card.note);
            proptest::prop_assert_eq!(&again.company, &card.company);
        }
    }
}
