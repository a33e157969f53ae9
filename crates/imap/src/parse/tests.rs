use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::structure::BodyStructure;

fn read(text: &str) -> Response {
    parse(&Bytes::from(format!("{text}\r\n")), false)
}

fn fetch(text: &str) -> FetchItems {
    match read(text) {
        Response::Fetch(items) => *items,
        other => panic!("{other:?}"),
    }
}

fn structure(text: &str) -> Option<BodyStructure> {
    let items = fetch(&format!("* 1 FETCH (UID 7 BODYSTRUCTURE {text} FLAGS (\\Seen))"));
    assert!(
        items.flags.is_some_and(|f| f.seen),
        "what follows the structure is read"
    );
    items.structure.unwrap()
}

const TEXT: &str = "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"GB2312\") NIL NIL \"BASE64\" 1024 20 NIL NIL NIL NIL)";
const HTML: &str = "(\"text\" \"html\" (\"charset\" \"utf-8\") NIL NIL \"quoted-printable\" 2048 40)";
const PDF: &str = "(\"application\" \"pdf\" (\"name\" \"=?gb18030?B?se24qA==?=\") \"<id@x>\" NIL \"base64\" 90000 NIL \
                   (\"attachment\" (\"filename\" {5}\r\na\"b.c \"size\" \"90\")) NIL NIL)";

#[test]
fn a_common_mail_has_texts_and_attachments() {
    let whole = format!("(({TEXT}{HTML} \"alternative\" (\"boundary\" \"b\") NIL NIL){PDF} \"MIXED\" NIL NIL NIL)");
    let tree = structure(&whole).unwrap();
    assert_eq!(tree.root.mime_type, "multipart/mixed");
    let texts: Vec<_> = tree
        .text_parts()
        .iter()
        .map(|p| (p.path.as_str(), p.mime_type.as_str(), p.size))
        .collect();
    assert_eq!(texts, [("1.1", "text/plain", 1024), ("1.2", "text/html", 2048)]);
    let files = tree.attachments();
    assert_eq!(
        (files.len(), files[0].path.as_str(), files[0].encoding.as_str()),
        (1, "2", "base64")
    );
    assert_eq!(files[0].disposition_param("filename").unwrap().as_ref(), b"a\"b.c");
    assert_eq!(files[0].id.as_deref(), Some(&b"<id@x>"[..]));
    assert_eq!(tree.text_parts()[0].charset.as_deref(), Some("GB2312"));
}

#[test]
fn an_attached_message_is_one_file_with_numbered_parts_inside() {
    let envelope = "(NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL)";
    let inner = format!("({TEXT}{HTML} \"alternative\")");
    let message =
        format!("(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 5000 {envelope} {inner} 99 NIL (\"attachment\" NIL))");
    let tree = structure(&format!("({TEXT}{message} \"mixed\")")).unwrap();
    assert_eq!(tree.text_parts().len(), 1);
    let attached = tree.attachments()[0];
    assert_eq!((attached.path.as_str(), attached.lines), ("2", Some(99)));
    let paths: Vec<_> = attached.children[0].children.iter().map(|p| p.path.as_str()).collect();
    assert_eq!(paths, ["2.1", "2.2"]);
    let single = format!("(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 5000 {envelope} {TEXT} 99)");
    assert_eq!(structure(&single).unwrap().root.children[0].path, "1.1");
}

#[test]
fn broken_structures_are_none_and_do_not_hide_what_follows() {
    for broken in [
        "(((((((((()))))))))",
        "()",
        "NIL",
        "\"text\"",
        "((\"a\") \"b\" \"c\" \"d\")",
        "(NIL NIL)",
    ] {
        let text = format!("* 1 FETCH (UID 7 BODYSTRUCTURE {broken} FLAGS (\\Seen))");
        let items = fetch(&text);
        assert_eq!(items.uid, Some(7), "{broken}");
    }
    assert_eq!(structure("(((((((((())))))))))"), None);
    // Exchange: a multipart without parts; sizes and line counts that are none.
    assert!(structure("(\"mixed\" (\"boundary\" \"x\") NIL NIL)").is_some_and(|s| !s.root.is_multipart()));
    assert_eq!(
        structure("(\"text\" \"plain\" NIL NIL NIL \"7bit\" NIL NIL)")
            .unwrap()
            .root
            .size,
        0
    );
    assert_eq!(
        structure("(\"text\" \"plain\" NIL NIL NIL \"7bit\" -1 -1)")
            .unwrap()
            .root
            .mime_type,
        "text/plain"
    );
    assert_eq!(
        structure("(\"text\" \"plain\" (\"a\" NIL \"charset\" \"x\") NIL NIL \"7bit\" 1 1)")
            .unwrap()
            .root
            .charset
            .as_deref(),
        Some("x")
    );
    let many = format!("({} \"mixed\")", TEXT.repeat(3000));
    assert_eq!(structure(&many), None, "a mail of 3000 parts is parsed from its source");
    let deep = format!("{}{TEXT}{}", "(".repeat(70), " \"mixed\")".repeat(70));
    assert_eq!(structure(&deep), None, "nesting is bounded");
    let allowed = format!("{}{TEXT}{}", "(".repeat(60), " \"mixed\")".repeat(60));
    assert!(structure(&allowed).is_some());
}

#[test]
fn fetch_items_of_all_kinds_are_read() {
    let items = fetch(
        "* 12 FETCH (FLAGS (\\Seen $Forwarded) X-GM-THRID 5 X-GM-LABELS (\"a b\" \\Inbox) UID 9 MODSEQ (77) \
         INTERNALDATE \" 1-Mar-2024 08:00:00 +0800\" RFC822.SIZE 99999999999 PREVIEW \"x\" SAVEDATE NIL \
         EMAILID (M1) THREADID NIL ENVELOPE (NIL \"(\" NIL) BODY[HEADER.FIELDS (\"From\" TO)] {4}\r\nA: b BODY[1]<5> NIL)",
    );
    assert_eq!(
        (items.seq, items.uid, items.modseq, items.size),
        (12, Some(9), Some(77), Some(u32::MAX))
    );
    assert_eq!(
        (items.internal_date, items.gmail_thread),
        (Some(1_709_251_200), Some(5))
    );
    assert_eq!((items.email_id.as_deref(), items.thread_id), (Some("M1"), None));
    assert_eq!(items.sections[0].data.as_deref(), Some(&b"A: b"[..]));
    assert_eq!(
        (items.sections[1].origin, items.sections[1].data.clone()),
        (Some(5), None)
    );
    assert!(!items.broken && items.flags.unwrap().forwarded);
}

#[test]
fn a_literal_that_follows_as_pieces_is_left_open() {
    let head = Bytes::from_static(b"* 1 FETCH (UID 7 BODY[]<262144> {500000}\r\n");
    let Response::Fetch(mut items) = parse(&head, false) else {
        panic!()
    };
    let (section, length) = items.open.clone().unwrap();
    assert_eq!((section.origin, length, items.uid), (Some(262_144), 500_000, Some(7)));
    items.open = None;
    items.parse_tail(&Bytes::from_static(b" RFC822.SIZE 9)\r\n"));
    assert_eq!((items.size, items.broken), (Some(9), false));
}

#[test]
fn codes_are_read_and_unknown_ones_named() {
    let code = |text: &str| match read(&format!("* OK {text}")) {
        Response::Status(line) => (line.code.unwrap(), line.text),
        other => panic!("{other:?}"),
    };
    assert_eq!(code("[UIDVALIDITY 7] ok"), (Code::UidValidity(7), "ok".into()));
    assert_eq!(
        code("[COPYUID 1 3,5:4 9:11] x").0,
        Code::CopyUid(1, vec![(3, 9), (5, 10), (4, 11)])
    );
    assert!(matches!(code("[COPYUID 1 1:4294967295 1:4294967295] x").0, Code::Other(name) if name == "COPYUID"));
    assert!(
        matches!(code("[COPYUID 1 1:3 1] x").0, Code::Other(_)),
        "unequal sides pair nothing"
    );
    let (Code::PermanentFlags(flags, any), _) = code("[PERMANENTFLAGS (\\Seen \\*)] x") else {
        panic!()
    };
    assert!(flags.seen && any);
    assert_eq!(code("[X-NEW a \"]\" b] text").0, Code::Other("X-NEW".into()));
    assert_eq!(code("[ALERT] hello").1, "hello");
    assert_eq!(
        code("[HIGHESTMODSEQ 18446744073709551615] x").0,
        Code::HighestModSeq(u64::MAX)
    );
    assert!(matches!(code("[UIDNEXT never] x").0, Code::Other(_)));
}

#[test]
fn answers_of_extensions_are_read() {
    let Response::Esearch(result) = read("* ESEARCH (TAG \"A1\") UID PARTIAL (1:10 1:3,5,7:10)") else {
        panic!()
    };
    assert_eq!(result.all.to_string(), "1:3,5,7:10");
    let Response::Esearch(result) = read("* ESEARCH (TAG \"A1\") UID MIN 1 MAX 9 COUNT 3 ALL 1,5,9 MODSEQ 4") else {
        panic!()
    };
    assert_eq!(
        (result.min, result.max, result.count, result.modseq),
        (Some(1), Some(9), Some(3), Some(4))
    );
    let Response::List(row) = read("* LIST (\\HasNoChildren) \".\" Renamed (\"OLDNAME\" (\"Before\"))") else {
        panic!()
    };
    assert_eq!(row.old_name.unwrap().display(), "Before");
    let Response::List(row) = read("* LIST () \"/\" NIL") else {
        panic!()
    };
    assert_eq!(row.name.display(), "NIL", "a folder may be called so");
    let Response::MailboxStatus(name, status) =
        read("* STATUS {3}\r\nabc (MESSAGES 3 APPENDLIMIT NIL X (1 2) UIDNEXT 0)")
    else {
        panic!()
    };
    assert_eq!(
        (name.display(), status.messages, status.uidnext),
        ("abc", Some(3), None)
    );
    let Response::Namespace(spaces) = read("* NAMESPACE ((\"INBOX.\" \".\" \"X\" (\"y\"))) NIL ((\"#s/\" \"/\"))")
    else {
        panic!()
    };
    assert_eq!(
        (spaces.personal[0].delimiter, spaces.other.len(), spaces.shared.len()),
        (Some('.'), 0, 1)
    );
    let Response::Vanished(true, set) = read("* VANISHED (EARLIER) 1:5,9") else {
        panic!()
    };
    assert_eq!(set.len(), 6);
    assert_eq!(read("* ID NIL"), Response::Id(Vec::new()));
    assert_eq!(read("* 0 EXPUNGE"), Response::Unknown);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let unit = Bytes::from(bytes);
        let _ = parse(&unit, false);
        let _ = parse(&Bytes::from([b"* 1 FETCH (BODYSTRUCTURE (".as_slice(), &unit].concat()), true);
        let _ = parse(&Bytes::from([b"* LIST (".as_slice(), &unit].concat()), true);
        let _ = parse(&Bytes::from([b"* OK [COPYUID ".as_slice(), &unit].concat()), true);
    }

    #[test]
    fn no_structure_like_text_panics(parts in prop::collection::vec(prop::sample::select(vec![
        "(", ")", " ", "\"TEXT\"", "\"PLAIN\"", "NIL", "5", "\"MESSAGE\" \"RFC822\"", "{2}\r\nab", "((", "))", "{9}\r\n", "-1",
    ]), 0..200)) {
        let text = format!("* 1 FETCH (BODYSTRUCTURE {} UID 5)", parts.concat());
        let _ = parse(&Bytes::from(text), false);
    }
}
