#![allow(clippy::arithmetic_side_effects, reason = "a test that counts")]

use super::*;

const fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn each_refusal_in_a_row_waits_longer() {
    let quotas = Quotas::default();
    assert!(quotas.check("user/get", at(0)).is_ok());
    quotas.refused("user/get", 45009, at(0));
    assert!(matches!(quotas.check("user/get", at(59)), Err(Error::BackingOff { wait, .. }) if wait == at(1)));
    assert!(quotas.check("user/list", at(59)).is_ok(), "another api");
    assert!(quotas.check("user/get", at(60)).is_ok());
    quotas.refused("user/get", 45009, at(60));
    assert!(quotas.check("user/get", at(179)).is_err());
    assert!(quotas.check("user/get", at(180)).is_ok());
    let mut now = at(180);
    for _ in 0..20 {
        quotas.refused("user/get", 45009, now);
        quotas.refused("user/get", 45009, now);
        now += at(3600);
    }
    assert!(quotas.check("user/get", now).is_ok(), "never longer than an hour");
    quotas.answered("user/get");
    quotas.refused("user/get", 45033, now);
    assert!(quotas.check("user/get", now + at(1)).is_err());
    assert!(quotas.check("user/get", now + at(2)).is_ok());
}

#[test]
fn calls_that_were_under_way_together_are_refused_once() {
    let quotas = Quotas::default();
    for _ in 0..50 {
        quotas.refused("user/get", 45009, at(0));
    }
    assert!(quotas.check("user/get", at(60)).is_ok());
}
