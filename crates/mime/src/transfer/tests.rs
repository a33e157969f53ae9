use super::*;

#[test]
fn base64_survives_what_the_wild_does_to_it() {
    let text = |body: &str| String::from_utf8(base64(body.as_bytes())).unwrap();
    assert_eq!(text("5Lya6K6u"), "会议");
    assert_eq!(text("5Lya\r\n6K6u\r\n"), "会议");
    assert_eq!(text("aGk"), "hi", "missing padding");
    assert_eq!(text("aGk=aGk="), "hihi", "two padded runs");
    assert_eq!(text("a*G!k="), "hi", "stray characters");
    assert_eq!(text("aGk=\n-- \nmailing list footer, not base64."), "hi");
    assert_eq!(base64(b"====").len(), 0);
}

#[test]
fn quoted_printable_keeps_what_it_cannot_read() {
    let text = |body: &str| String::from_utf8(quoted_printable(body.as_bytes())).unwrap();
    assert_eq!(text("=E4=BC=9A=E8=AE=AE"), "会议");
    assert_eq!(text("=E4=\r\n=BC=9A"), "会", "soft break inside a character");
    assert_eq!(text("a =  \r\nb"), "a b", "blanks after a soft break");
    assert_eq!(text("a  \r\nb"), "a\r\nb");
    assert_eq!(text("1=2 =ZZ =4"), "1=2 =ZZ =4");
}

#[test]
fn sizes_need_no_decoding() {
    for (body, encoding) in [
        ("aGVsbG8gd29ybGQ=", "base64"),
        ("a=\r\nb=41", "Quoted-Printable"),
        ("plain", "8bit"),
    ] {
        assert_eq!(
            decoded_len(body.as_bytes(), encoding),
            decode(body.as_bytes(), encoding).len(),
            "{encoding}"
        );
    }
}

#[test]
fn uuencoded_bodies_are_read() {
    assert_eq!(
        decode(b"begin 644 cat.txt\n#0V%T\n`\nend\n", "x-uuencode").as_ref(),
        b"Cat"
    );
}

#[test]
fn however_a_body_is_cut_its_decoded_pieces_are_the_same() {
    let long = "QUJD\r\n".repeat(50);
    for (body, encoding) in [
        (long.as_str(), "base64"),
        ("aGVsbG8gd29ybGQ=", "base64"),
        ("aGk=aGk=QUJDRA", "Base64"),
        ("aGk=\n-- \nmailing list footer, not base64.", "base64"),
        ("a*GV!s bG8", "b"),
        ("====", "base64"),
        ("=E4=\r\n=BC=9A=E8=AE=AE", "quoted-printable"),
        ("begin 644 cat.txt\n#0V%T\n`\nend\n", "x-uuencode"),
        ("plain = text", "8bit"),
        ("", "base64"),
    ] {
        for step in 1..12 {
            let mut decoder = TransferDecoder::new(encoding);
            let mut out = Vec::new();
            for piece in body.as_bytes().chunks(step) {
                out.extend(decoder.push(piece));
            }
            out.extend(decoder.finish());
            assert_eq!(out, decode(body.as_bytes(), encoding).as_ref(), "{body:?} by {step}");
        }
    }
    let mut decoder = TransferDecoder::new("base64");
    assert_eq!(decoder.push(b"QUJDQU"), b"ABC", "what is whole is not held back");
}
