use super::*;

#[test]
fn no_character_is_broken() {
    assert_eq!(cut("季度计划", 12), "季度计划");
    assert_eq!(cut("季度计划", 11), "季度…");
    assert_eq!(cut("季度计划", 9), "季度…");
    assert_eq!(cut("季度计划", 8), "季…");
    assert_eq!(cut("季度计划", 3), "…");
    assert_eq!(cut("季度计划", 2), "");
    assert_eq!(cut("a b c", 4), "a…");
    for most in 0..40 {
        let short = cut("一封很长的信 with 😀 in it", most);
        assert!(short.len() <= most, "{short}");
    }
}
