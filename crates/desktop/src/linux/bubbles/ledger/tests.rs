use super::*;

const BUS: &str = "a1b2";

fn of(server: &str, number: u32) -> Owned {
    Owned {
        server: server.into(),
        number,
    }
}

#[test]
fn an_id_says_which_server_of_which_bus_it_means() {
    let owned = of(":1.23", 42);
    assert_eq!(Owned::parse(&owned.id(BUS), BUS), Some(owned.clone()));
    assert_eq!(Owned::parse(&owned.id(BUS), "other"), None);
    for damaged in [
        "",
        "a1b2",
        "a1b2/",
        "a1b2/:1.23",
        "a1b2/:1.23/x",
        "a1b2/:1.23/-1",
        "a1b2/:1.23/99999999999",
    ] {
        assert_eq!(Owned::parse(&BubbleId(damaged.into()), BUS), None, "{damaged}");
    }
}

#[test]
fn a_strangers_bubble_is_not_ours() {
    let mut ledger = Ledger::default();
    ledger.know(of(":1.23", 42));
    assert_eq!(
        ledger.heard((of(":1.23", 43), Signal::Action("default".into())), false, BUS),
        []
    );
    assert_eq!(
        ledger.heard((of(":1.99", 42), Signal::Action("default".into())), false, BUS),
        []
    );
}

#[test]
fn a_click_before_the_answer_is_told_after_it_and_only_then() {
    let mut ledger = Ledger::default();
    ledger.flight(true);
    assert_eq!(
        ledger.heard((of(":1.1", 7), Signal::Action("archive".into())), false, BUS),
        []
    );
    assert_eq!(
        ledger.heard((of(":1.1", 8), Signal::Action("strange".into())), false, BUS),
        []
    );
    ledger.know(of(":1.1", 7));
    let told = ledger.early(BUS);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].happening, Happening::Button("archive".into()));
    ledger.flight(false);
    ledger.know(of(":1.1", 8));
    assert_eq!(ledger.early(BUS), []);
}

#[test]
fn an_expired_bubble_can_be_clicked_where_the_server_keeps_it() {
    for (stays, clicks) in [(true, 1), (false, 0)] {
        let mut ledger = Ledger::default();
        ledger.know(of(":1.1", 7));
        let told = ledger.heard((of(":1.1", 7), Signal::Closed(ServerReason::Expired)), stays, BUS);
        assert_eq!(told[0].happening, Happening::Closed(CloseReason::Expired));
        let told = ledger.heard((of(":1.1", 7), Signal::Action("default".into())), stays, BUS);
        assert_eq!(told.len(), clicks);
    }
}

#[test]
fn a_token_goes_with_the_click_that_it_came_for() {
    let mut ledger = Ledger::default();
    ledger.know(of(":1.1", 7));
    ledger.know(of(":1.1", 8));
    ledger.heard((of(":1.1", 7), Signal::Token("t7".into())), false, BUS);
    let told = ledger.heard((of(":1.1", 7), Signal::Action("default".into())), false, BUS);
    assert_eq!(told[0].activation_token.as_deref(), Some("t7"));
    ledger.heard((of(":1.1", 7), Signal::Token("t7".into())), false, BUS);
    let told = ledger.heard((of(":1.1", 8), Signal::Action("default".into())), false, BUS);
    assert_eq!(told[0].activation_token, None);
}

#[test]
fn memory_is_bounded_and_the_newest_stay() {
    let mut ledger = Ledger::default();
    ledger.flight(true);
    for number in 0..2000 {
        ledger.know(of(":1.1", number));
        ledger.heard((of(":1.2", number), Signal::Action("x".into())), false, BUS);
    }
    assert_eq!(ledger.known.len(), KNOWN_MAX);
    assert_eq!(ledger.early.len(), EARLY_MAX);
    assert!(ledger.knows(&of(":1.1", 1999)));
}
