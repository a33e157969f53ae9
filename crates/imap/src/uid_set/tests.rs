#![allow(clippy::arithmetic_side_effects, reason = "numbers of a test are small")]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

#[test]
fn prints_and_reads_as_a_sequence_set() {
    let set: UidSet = [9, 1, 2, 3, 7, 8, 3].into_iter().collect();
    assert_eq!(set.to_string(), "1:3,7:9");
    assert_eq!(UidSet::parse(b"1:3,9:7"), Some(set.clone()));
    assert_eq!((set.len(), set.first(), set.last()), (6, Some(1), Some(9)));
    assert_eq!(UidSet::parse(b"5:*").unwrap().ranges(), [(5, u32::MAX)]);
    for bad in [&b""[..], b"0", b"1:", b"a", b"1,,2", b"4294967296", b"-1"] {
        assert_eq!(UidSet::parse(bad), None, "{bad:?}");
    }
}

#[test]
fn a_huge_range_costs_nothing() {
    let set = UidSet::range(u32::MAX, 0);
    assert_eq!(set.len(), u64::from(u32::MAX));
    assert_eq!(set.intersection([0, 5, u32::MAX]).collect::<Vec<_>>(), [5, u32::MAX]);
}

proptest! {
    #[test]
    fn behaves_like_a_plain_set(ops in prop::collection::vec((any::<bool>(), 1_u32..60, 0_u32..6), 0..60)) {
        let mut ours = UidSet::new();
        let mut plain = BTreeSet::new();
        for (add, first, more) in ops {
            if add {
                ours.insert_range(first, first + more);
                plain.extend(first..=first + more);
            } else {
                ours.remove(first);
                plain.remove(&first);
            }
        }
        prop_assert_eq!(ours.iter().collect::<Vec<_>>(), plain.iter().copied().collect::<Vec<_>>());
        for pair in ours.ranges().windows(2) {
            prop_assert!(pair[0].1 + 1 < pair[1].0, "ranges touch: {:?}", ours);
        }
        for uid in 0..70 {
            prop_assert_eq!(ours.contains(uid), plain.contains(&uid));
        }
        if !ours.is_empty() {
            prop_assert_eq!(UidSet::parse(ours.to_string().as_bytes()), Some(ours.clone()));
        }
        let chunks = ours.chunks(4, 12);
        let mut rejoined = Vec::new();
        for chunk in &chunks {
            prop_assert!(chunk.len() <= 4 && !chunk.is_empty());
            prop_assert!(chunk.to_string().len() <= 12);
            rejoined.extend(chunk.iter());
        }
        prop_assert_eq!(rejoined, plain.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn an_open_range_is_asked_for_in_one_command() {
    let open = UidSet::range(7, u32::MAX);
    assert_eq!(open.to_string(), "7:*");
    assert_eq!(open.chunks(5000, 8000), std::slice::from_ref(&open));
    assert_eq!(UidSet::parse(b"7:*"), Some(open));
}
