use super::*;

const HOUR: Duration = Duration::from_hours(1);

#[test]
fn a_waking_is_told_once_whoever_notices_it() {
    let naps = Naps::default();
    assert!(naps.say_resume_at(HOUR));
    assert!(!naps.clone().say_resume_at(HOUR + Duration::from_secs(3)));
    assert!(naps.say_resume_at(HOUR + Duration::from_mins(1)));
}

#[test]
fn sleep_and_a_set_clock_are_told_apart() {
    let before = Reading {
        offset: 1_000_000,
        asleep: Duration::ZERO,
    };
    let slept = Reading {
        offset: 1_000_400,
        asleep: HOUR,
    };
    assert_eq!(
        slept.since(before),
        Change {
            slept: true,
            stepped: false
        }
    );
    let set_back = Reading {
        offset: -2_600_000,
        asleep: Duration::ZERO,
    };
    assert_eq!(
        set_back.since(before),
        Change {
            slept: false,
            stepped: true
        }
    );
    assert_eq!(
        before.since(before),
        Change {
            slept: false,
            stepped: false
        }
    );
}

#[test]
fn the_clocks_of_this_machine_make_sense() {
    let reading = Reading::take();
    assert!(now(ClockId::Realtime) > Duration::from_secs(1_700_000_000));
    assert_eq!(
        Reading::take().since(reading),
        Change {
            slept: false,
            stepped: false
        }
    );
}

#[tokio::test]
async fn a_quiet_clock_wakes_nobody() {
    let jumps = Jumps::new().unwrap();
    assert!(
        tokio::time::timeout(Duration::from_millis(200), jumps.next())
            .await
            .is_err()
    );
}
