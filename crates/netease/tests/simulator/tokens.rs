use futures::future::join_all;
use qiyou_netease::{Configuration, Error, Kind, Lease, Pending, Tokens};
use qiyou_testkit::netease::Fault;
use secrecy::ExposeSecret as _;
use tokio::sync::{Notify, mpsc};

use super::*;

const ACQUIRE: &str = "token/acquireToken";
const REFRESH: &str = "token/refresh";
const UNITS: &str = "unit/getUnitList";

#[tokio::test]
async fn many_calls_at_once_acquire_one_token() {
    let company = Company::start(people()).await;
    let calls = (0..20).map(|_| company.netease.units());
    for answer in join_all(calls).await {
        answer.unwrap();
    }
    assert_eq!((company.sim.count(ACQUIRE), company.sim.count(REFRESH)), (1, 0));
    assert_eq!(company.sim.count(UNITS), 20);
}

#[tokio::test]
async fn a_token_is_refreshed_at_four_fifths_of_its_life() {
    let company = Company::start(people()).await;
    company.netease.units().await.unwrap();
    let old = company.access().await;
    company.advance(2800);
    company.netease.units().await.unwrap();
    assert_eq!(company.sim.count(REFRESH), 0);
    company.advance(120);
    company.netease.units().await.unwrap();
    assert_eq!((company.sim.count(ACQUIRE), company.sim.count(REFRESH)), (1, 1));
    assert!(!company.sim.knows(old.expose_secret()));
    assert!(company.sim.knows(company.access().await.expose_secret()));
    assert_eq!(company.sim.count(UNITS), 3, "no call was refused");
}

#[tokio::test]
async fn a_token_that_ended_before_its_time_is_refreshed_and_the_call_repeated_once() {
    let company = Company::start(people()).await;
    company.netease.units().await.unwrap();
    // Only the server's clock: ours still believes in the token.
    company.sim.advance(Duration::from_hours(2));
    company.netease.units().await.unwrap();
    assert_eq!((company.sim.count(ACQUIRE), company.sim.count(REFRESH)), (1, 1));
    assert_eq!(company.sim.count(UNITS), 3);
}

#[tokio::test]
async fn when_the_refresh_token_is_over_the_authorisation_code_gets_a_new_pair() {
    let company = Company::start(people()).await;
    let hours = Duration::from_hours;
    company.sim.set_lives(hours(1), hours(2), hours(1));
    company.netease.units().await.unwrap();
    company.advance(3 * 3600);
    company.netease.units().await.unwrap();
    assert_eq!((company.sim.count(ACQUIRE), company.sim.count(REFRESH)), (2, 1));
    // Lost at the server altogether.
    company.sim.forget_tokens();
    company.netease.units().await.unwrap();
    assert_eq!(company.sim.count(ACQUIRE), 3);
    // A business call may say so itself.
    company
        .sim
        .fail_next(UNITS, Fault::Code(-302, "refresh token expired".into()));
    let refreshed = company.sim.count(REFRESH);
    company.netease.units().await.unwrap();
    assert_eq!((company.sim.count(ACQUIRE), company.sim.count(REFRESH)), (4, refreshed));
}

#[tokio::test]
async fn of_several_replicas_one_refreshes_for_all() {
    let company = Company::start(people()).await;
    let replicas: Vec<Netease> = (0..4)
        .map(|_| client(&company.sim, &company.clock, Arc::new(company.tokens.clone())))
        .collect();
    let ask = || {
        replicas
            .iter()
            .flat_map(|replica| [replica.units(), replica.units(), replica.units()])
    };
    for answer in join_all(ask()).await {
        answer.unwrap();
    }
    assert_eq!((company.sim.count(ACQUIRE), company.sim.count(REFRESH)), (1, 0));
    company.advance(3600);
    for answer in join_all(ask()).await {
        answer.unwrap();
    }
    assert_eq!((company.sim.count(ACQUIRE), company.sim.count(REFRESH)), (1, 1));
    // Killed behind everybody's back.
    company.sim.advance(Duration::from_hours(2));
    for answer in join_all(ask()).await {
        answer.unwrap();
    }
    assert_eq!((company.sim.count(ACQUIRE), company.sim.count(REFRESH)), (1, 2));
}

/// A store that says when it is asked to store, and waits for leave.
#[derive(Clone)]
struct Slow {
    inner: MemoryTokens,
    asked: mpsc::UnboundedSender<Tokens>,
    leave: Arc<Notify>,
    stored: mpsc::UnboundedSender<()>,
}

struct SlowLease(Slow, Box<dyn Lease>);

impl TokenStore for Slow {
    fn load(&self) -> Pending<'_, Tokens> {
        self.inner.load()
    }

    fn lease(&self) -> Pending<'_, (Tokens, Box<dyn Lease>)> {
        Box::pin(async {
            let (tokens, lease) = self.inner.lease().await?;
            Ok((tokens, Box::new(SlowLease(self.clone(), lease)) as Box<dyn Lease>))
        })
    }
}

impl Lease for SlowLease {
    fn store(self: Box<Self>, tokens: Tokens) -> Pending<'static, ()> {
        Box::pin(async move {
            let Self(slow, lease) = *self;
            slow.asked.send(tokens.clone()).unwrap();
            slow.leave.notified().await;
            lease.store(tokens).await?;
            slow.stored.send(()).unwrap();
            Ok(())
        })
    }
}

#[tokio::test]
async fn a_new_pair_is_stored_before_it_is_used_even_when_the_caller_gives_up() {
    let sim = NeteaseSim::start(DOMAIN, people()).await.unwrap();
    let (asked, mut asks) = mpsc::unbounded_channel();
    let (stored, mut storings) = mpsc::unbounded_channel();
    let slow = Slow {
        inner: MemoryTokens::default(),
        asked,
        leave: Arc::new(Notify::new()),
        stored,
    };
    let netease = client(&sim, &Clock::new(), Arc::new(slow.clone()));
    let call = tokio::spawn(async move { netease.units().await });
    let tokens = asks.recv().await.unwrap();
    assert_eq!(sim.calls(), [ACQUIRE], "the token is not used before it is stored");
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    slow.leave.notify_one();
    storings.recv().await.unwrap();
    let kept = slow.inner.load().await.unwrap();
    assert_eq!(kept.to_secret().expose_secret(), tokens.to_secret().expose_secret());
    assert!(sim.knows(kept.access.unwrap().secret.expose_secret()));
}

#[tokio::test]
async fn expiries_in_another_zone_do_no_harm() {
    // UTC read as Beijing's time: over before it began.
    let company = Company::start(people()).await;
    company.sim.set_zone(0);
    for _ in 0..3 {
        company.netease.units().await.unwrap();
    }
    assert_eq!((company.sim.count(ACQUIRE), company.sim.count(REFRESH)), (1, 0));
    company.advance(1500);
    company.netease.units().await.unwrap();
    assert_eq!(company.sim.count(REFRESH), 1);
    // Further east: believed in long after its end.
    company.sim.set_zone(12);
    company.advance(1500);
    company.netease.units().await.unwrap();
    company.advance(3700);
    let refreshed = company.sim.count(REFRESH);
    company.netease.units().await.unwrap();
    assert_eq!(company.sim.count(REFRESH), refreshed + 1);
    assert_eq!(company.sim.count(ACQUIRE), 1);
}

#[tokio::test]
async fn a_refusal_that_stays_is_not_asked_again_and_again() {
    let company = Company::start(people()).await;
    company.netease.units().await.unwrap();
    for _ in 0..2 {
        company
            .sim
            .fail_next(UNITS, Fault::Code(-301, "access token expired".into()));
    }
    let error = company.netease.units().await.unwrap_err();
    assert_eq!(error.code(), Some(-301));
    assert_eq!((company.sim.count(UNITS), company.sim.count(REFRESH)), (3, 1));
}

#[tokio::test]
async fn what_holds_still_is_used_while_nobody_refreshes() {
    let company = Company::start(people()).await;
    company.netease.units().await.unwrap();
    company.advance(3000);
    company.sim.fail_next(REFRESH, Fault::Status(502));
    company.netease.units().await.unwrap();
    // Over, and still nobody there.
    company.advance(700);
    company.sim.fail_next(REFRESH, Fault::Status(502));
    let error = company.netease.units().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Down);
    assert_eq!(
        company.sim.count(ACQUIRE),
        1,
        "a gateway's trouble is no reason for a new pair"
    );
}

#[tokio::test]
async fn a_token_that_holds_is_left_alone_for_a_while_after_a_refresh_that_failed() {
    let company = Company::start(people()).await;
    company.netease.units().await.unwrap();
    company.advance(2900);
    company.sim.fail_next(REFRESH, Fault::Status(502));
    for _ in 0..3 {
        company.netease.units().await.unwrap();
    }
    assert_eq!(company.sim.count(REFRESH), 1);
    company.advance(31);
    company.netease.units().await.unwrap();
    assert_eq!(company.sim.count(REFRESH), 2);
}

#[tokio::test]
async fn who_waits_for_a_renewal_that_fails_fails_with_it() {
    let company = Company::start(people()).await;
    company.sim.fail_next(ACQUIRE, Fault::Code(-305, "app expired".into()));
    for answer in join_all((0..5).map(|_| company.netease.units())).await {
        assert_eq!(answer.unwrap_err().kind(), Kind::Configuration(Configuration::Over));
    }
    assert_eq!(company.sim.count(ACQUIRE), 1);
    company.netease.units().await.unwrap();
}

#[tokio::test]
async fn an_address_that_is_not_listed_is_a_matter_for_the_admin() {
    let company = Company::start(people()).await;
    company.sim.set_listed(false);
    let error = company.netease.units().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Configuration(Configuration::Address));
    assert!(Configuration::Address.words().contains("IP"));
    assert!(
        error.to_string().contains("127.0.0.1"),
        "NetEase's own words help: {error}"
    );
    company.sim.set_listed(true);
    company.netease.units().await.unwrap();
    company.sim.grant(UNITS, false);
    let error = company.netease.units().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Configuration(Configuration::Grant));
}

#[tokio::test]
async fn a_wrong_authorisation_code_is_said_without_being_shown() {
    let company = Company::start(people()).await;
    company.sim.set_auth_code("another");
    let error = company.netease.units().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Configuration(Configuration::Credentials));
    let printed = format!("{error} {error:?} {:?}", company.netease);
    assert!(!printed.contains(NeteaseSim::AUTH_CODE), "{printed}");
}

#[tokio::test]
async fn too_frequent_calls_are_repeated_four_times() {
    let company = Company::start(people()).await;
    company.netease.units().await.unwrap();
    company.sim.too_frequent(4);
    company.netease.units().await.unwrap();
    assert_eq!(company.sim.count(UNITS), 6);
    company.sim.too_frequent(5);
    let error = company.netease.units().await.unwrap_err();
    assert_eq!((error.kind(), company.sim.count(UNITS)), (Kind::Busy, 11));
    // The application as a whole.
    company
        .sim
        .fail_next(UNITS, Fault::Code(-423, "app too frequent".into()));
    company.netease.units().await.unwrap();
}

#[tokio::test]
async fn answers_that_are_none_are_told_apart() {
    let company = Company::start(people()).await;
    company.netease.units().await.unwrap();
    let token = company.access().await;
    let echo = Fault::Code(-401, format!("bad token {}", token.expose_secret()));
    for (fault, kind) in [
        (Fault::Status(502), Kind::Down),
        (Fault::Status(429), Kind::Busy),
        (Fault::Code(-2, "inner service".into()), Kind::Down),
        (Fault::Body("<html>".into()), Kind::Other),
        (Fault::Body("[]".into()), Kind::Other),
        (Fault::Body("{\"code\":\"x\"}".into()), Kind::Other),
        (echo, Kind::Other),
    ] {
        company.sim.fail_next(UNITS, fault.clone());
        let error = company.netease.units().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{fault:?}: {error}");
        assert!(
            !format!("{error} {error:?}").contains(token.expose_secret()),
            "{error:?}"
        );
    }
    let Company { sim, netease, .. } = company;
    drop(sim);
    let error = netease.units().await.unwrap_err();
    assert!(matches!(error, Error::Http { .. }), "{error:?}");
    assert_eq!(error.kind(), Kind::Down);
}
