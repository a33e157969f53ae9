#![allow(clippy::arithmetic_side_effects, reason = "numbers of a test are small")]

use proptest::prelude::*;

use super::frame::{Beyond, Frame, Framer};
use super::outgoing::{Staged, fill};
use crate::server::Limits;

/// All frames of `bytes`, given in blocks of `step`.
fn frames(limits: &Limits, streaming: bool, bytes: &[u8], step: usize) -> Result<Vec<Frame>, Beyond> {
    let mut framer = Framer::new(limits);
    framer.streaming = streaming;
    let mut found = Vec::new();
    for block in bytes.chunks(step.max(1)) {
        framer.buffer().extend_from_slice(block);
        while let Some(frame) = framer.next()? {
            found.push(frame);
        }
        assert!(
            framer.buffer().len() <= limits.max_unit + limits.max_number_line + step,
            "the buffer is bounded"
        );
    }
    Ok(found)
}

fn units(bytes: &[u8]) -> Vec<String> {
    frames(&Limits::default(), false, bytes, 7)
        .unwrap()
        .into_iter()
        .map(|f| match f {
            Frame::Unit(unit) => String::from_utf8_lossy(&unit).into_owned(),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn lines_and_literals_are_kept_together() {
    let text = "* 1 FETCH (A {3}\r\n\r\n) B {2+}\r\nxy C)\r\n* OK {5}\r\nA0001 OK {99999999999}\r\n* 2 EXISTS\n";
    assert_eq!(
        units(text.as_bytes()),
        [
            "* 1 FETCH (A {3}\r\n\r\n) B {2+}\r\nxy C)\r\n",
            "* OK {5}\r\n",
            "A0001 OK {99999999999}\r\n",
            "* 2 EXISTS\n"
        ],
        "a text for people has no literal, whatever it ends in"
    );
}

#[test]
fn a_large_literal_is_streamed_only_when_asked_for() {
    let mut bytes = b"* 1 FETCH (UID 1 BODY[] {100000}\r\n".to_vec();
    bytes.extend_from_slice("x".repeat(100_000).as_bytes());
    bytes.extend_from_slice(b" FLAGS ())\r\n* 1 EXISTS\r\n");
    let streamed = frames(&Limits::default(), true, &bytes, 30_000).unwrap();
    assert!(matches!(&streamed[0], Frame::Head(h) if h.ends_with(b"{100000}\r\n")));
    let pieces: usize = streamed
        .iter()
        .map(|f| if let Frame::Piece(p) = f { p.len() } else { 0 })
        .sum();
    assert_eq!(pieces, 100_000);
    assert!(matches!(&streamed[streamed.len() - 2], Frame::Tail(t) if t.as_ref() == b" FLAGS ())\r\n"));
    assert!(matches!(streamed.last(), Some(Frame::Unit(_))));
    assert_eq!(frames(&Limits::default(), false, &bytes, 30_000).unwrap().len(), 2);
    let small = Limits {
        max_literal: 1000,
        ..Limits::default()
    };
    let skipped = frames(&small, false, &bytes, 30_000).unwrap();
    assert!(matches!(&skipped[0], Frame::Skipped(head) if head.starts_with(b"* 1 FETCH (UID 1")));
    assert!(matches!(&skipped[1], Frame::Unit(u) if u.as_ref() == b"* 1 EXISTS\r\n"));
}

#[test]
fn beyond_every_bound_is_the_end() {
    let limits = Limits {
        max_skip: 10_000,
        ..Limits::default()
    };
    assert_eq!(frames(&limits, false, b"* 1 FETCH (X {4294967296}\r\n", 5), Err(Beyond));
    assert_eq!(
        frames(&limits, false, b"* 1 FETCH (X {99999999999999999999999}\r\n", 5),
        Err(Beyond)
    );
    assert_eq!(
        frames(&limits, false, "x".repeat(200_000).as_bytes(), 4096),
        Err(Beyond)
    );
    let many = "* 1 FETCH (X {9000}\r\n".to_owned() + &"y".repeat(9000) + &"{9000}\r\n".repeat(2);
    let tight = Limits {
        max_literal: 10,
        ..limits
    };
    assert_eq!(
        frames(&tight, false, (many + &"z".repeat(20_000)).as_bytes(), 100),
        Err(Beyond)
    );
}

fn filled(line: &str, values: Vec<Staged>, non_sync: usize, utf8: bool) -> Vec<(String, bool)> {
    let mut out = std::collections::VecDeque::new();
    fill(line.as_bytes(), &mut values.into(), non_sync, utf8, &mut out).unwrap();
    out.into_iter()
        .map(|o| (String::from_utf8_lossy(&o.bytes).into_owned(), o.after_continue))
        .collect()
}

#[test]
fn values_go_as_quoted_strings_or_literals() {
    let text = |t: &str| Staged::Text(t.as_bytes().to_vec());
    assert_eq!(
        filled("A1 X \0 Y", vec![text("a\"b\\c")], 0, false),
        [("A1 X \"a\\\"b\\\\c\" Y\r\n".into(), false)]
    );
    assert_eq!(
        filled("A1 X \0", vec![text("行")], usize::MAX, false),
        [("A1 X {3+}\r\n行\r\n".into(), false)]
    );
    assert_eq!(
        filled("A1 X \0", vec![text("行")], 0, true),
        [("A1 X \"行\"\r\n".into(), false)]
    );
    assert_eq!(
        filled(
            "A1 LOGIN \0 \0",
            vec![text("行"), Staged::Secret("密\r\nA2 X".into())],
            0,
            false
        ),
        [
            ("A1 LOGIN {3}\r\n".into(), false),
            ("行 {9}\r\n".into(), true),
            ("密\r\nA2 X\r\n".into(), true)
        ]
    );
    let mut none = std::collections::VecDeque::new();
    assert!(fill(b"A1 X \0", &mut none, 0, false, &mut std::collections::VecDeque::new()).is_none());
}

proptest! {
    #[test]
    fn however_bytes_are_cut_the_frames_are_the_same(
        parts in prop::collection::vec(prop::sample::select(vec![
            "* ", "OK", "1 FETCH (", "{3}\r\n", "{70000}\r\n", "abc", "\r\n", "\n", "x{2+}\r\n", "SEARCH 1 2 3", "A1 OK", "{", "}",
        ]), 0..60),
        step in 1_usize..40,
        streaming in any::<bool>(),
    ) {
        let limits = Limits { max_line: 200, max_number_line: 300, max_literal: 1000, max_unit: 2000, max_skip: 100_000, ..Limits::default() };
        let bytes = parts.concat().into_bytes();
        let whole = frames(&limits, streaming, &bytes, bytes.len().max(1));
        let cut = frames(&limits, streaming, &bytes, step);
        let shape = |r: Result<Vec<Frame>, Beyond>| r.map(|f| {
            // Pieces may be cut anywhere, and only starts are kept of what is skipped.
            let mut shape: Vec<String> = Vec::new();
            for frame in f {
                match frame {
                    Frame::Piece(p) => match shape.last_mut() {
                        Some(last) if last.starts_with("piece ") => last.push_str(&String::from_utf8_lossy(&p)),
                        _ => shape.push(format!("piece {}", String::from_utf8_lossy(&p))),
                    },
                    Frame::Skipped(_) => shape.push("skipped".into()),
                    other => shape.push(format!("{other:?}")),
                }
            }
            shape
        });
        prop_assert_eq!(shape(whole), shape(cut));
    }
}
