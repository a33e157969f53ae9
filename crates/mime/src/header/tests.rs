use super::*;

fn names(block: &str) -> Vec<(String, String)> {
    fields(block.as_bytes())
        .map(|f| {
            (
                String::from_utf8_lossy(f.name).into_owned(),
                String::from_utf8_lossy(&f.unfolded()).into_owned(),
            )
        })
        .collect()
}

#[test]
fn fields_are_unfolded_and_stray_lines_skipped() {
    let block = "From x Mon\r\nSubject: a\r\n b\r\n\tc\r\nstray line\r\nTo : d\r\n\r\nBody: no\r\n";
    let expected = [("Subject", "a b\tc"), ("To", "d")];
    assert_eq!(names(block), expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
}

#[test]
fn the_body_begins_at_the_blank_line_or_where_no_header_can_be() {
    assert_eq!(split(b"A: b\r\n\r\nbody"), (&b"A: b\r\n"[..], &b"body"[..]));
    assert_eq!(split(b"\r\nbody"), (&b""[..], &b"body"[..]));
    assert_eq!(
        split("A: b\n你好，没有空行\n".as_bytes()).1,
        "你好，没有空行\n".as_bytes()
    );
    assert_eq!(split(b"A: b\n c"), (&b"A: b\n c"[..], &b""[..]));
    assert_eq!(split(b"From a@b Mon\nA: b\n\nx").1, b"x");
}
