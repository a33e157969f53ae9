//! Bubbles against a recording notification server on a bus of the test's own.
#![cfg(target_os = "linux")]

use std::time::Duration;

use anyhow::{Context as _, Result};
use qiyou_desktop::{
    App, Bubble, BubbleEvent, Bubbles, Buses, Button, CloseReason, Error, Happening, REPLY_MAX, Reply, Urgency, system,
};
use qiyou_testkit::{
    clock::monotonic_ns,
    desktop::{NotificationRecorder, Options, Session},
};
use tokio::sync::mpsc::Receiver;

fn app(session: &Session) -> App {
    App {
        buses: Buses::at(Some(session.bus().to_owned()), None),
        ..App::new("qiyou", "企邮", "/usr/bin/qiyou-agent")
    }
}

fn mail() -> Bubble {
    Bubble {
        buttons: vec![
            Button::new("read", "标为已读"),
            Button::new("archive", "归档"),
            Button::new("delete", "删除"),
        ],
        open_label: "打开".into(),
        ..Bubble::new("1/INBOX/17", "张三", "周报\n<b>本周</b> & 下周")
    }
}

async fn next(events: &mut Receiver<BubbleEvent>) -> Result<BubbleEvent> {
    let event = tokio::time::timeout(Duration::from_secs(10), events.recv())
        .await
        .context("no event")?;
    event.context("the events ended")
}

#[tokio::test]
async fn a_bubble_says_who_wrote_what_and_has_buttons() -> Result<()> {
    let session = Session::start_with(Options::bus_only()).await?;
    let recorder = NotificationRecorder::start(session.bus()).await?;
    let (bubbles, _events) = system::bubbles(&app(&session), Vec::new()).await?;
    bubbles.show(&mail()).await?;
    let shown = recorder.next().await?;
    assert_eq!((shown.app_name.as_str(), shown.icon.as_str()), ("企邮", "qiyou"));
    assert_eq!(shown.summary, "张三");
    assert_eq!(shown.body, "周报\n&lt;b&gt;本周&lt;/b&gt; &amp; 下周");
    let keys: Vec<_> = shown.actions.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["default", "read", "archive", "delete"]);
    assert_eq!(shown.label("archive"), Some("归档"));
    assert_eq!(shown.hints["desktop-entry"], "qiyou");
    assert_eq!(shown.hints["category"], "email.arrived");
    assert_eq!((shown.urgency, shown.timeout, shown.replaces), (Some(1), -1, 0));
    bubbles
        .show(&Bubble {
            urgency: Urgency::Critical,
            ..mail()
        })
        .await?;
    assert_eq!(recorder.next().await?.urgency, Some(2));
    Ok(())
}

#[tokio::test]
async fn a_server_that_can_do_little_gets_little() -> Result<()> {
    let session = Session::start_with(Options::bus_only()).await?;
    let recorder = NotificationRecorder::start_with(session.bus(), &["body"]).await?;
    let (bubbles, _events) = system::bubbles(&app(&session), Vec::new()).await?;
    let capabilities = bubbles.capabilities().await?;
    assert!(capabilities.body && !capabilities.actions && !capabilities.markup && !capabilities.persistence);
    bubbles.show(&mail()).await?;
    let shown = recorder.next().await?;
    assert_eq!(shown.actions, []);
    assert_eq!(shown.body, "周报\n<b>本周</b> & 下周");
    Ok(())
}

#[tokio::test]
async fn clicks_come_back_by_bubble_and_button() -> Result<()> {
    let session = Session::start_with(Options::bus_only()).await?;
    let recorder = NotificationRecorder::start(session.bus()).await?;
    let (bubbles, mut events) = system::bubbles(&app(&session), Vec::new()).await?;
    let first = bubbles.show(&mail()).await?;
    let second = bubbles.show(&mail()).await?;
    let (one, two) = (recorder.next().await?.id, recorder.next().await?.id);
    assert_ne!(first, second);

    recorder.click(two, "archive").await?;
    let event = next(&mut events).await?;
    assert_eq!(
        (event.id, event.happening),
        (second.clone(), Happening::Button("archive".into()))
    );
    let event = next(&mut events).await?;
    assert_eq!(
        (event.id, event.happening),
        (second, Happening::Closed(CloseReason::Dismissed))
    );

    recorder.click_with_token(one, "default", "token-7").await?;
    let event = next(&mut events).await?;
    assert_eq!((event.id, event.happening), (first, Happening::Activated));
    assert_eq!(event.activation_token.as_deref(), Some("token-7"));
    Ok(())
}

#[tokio::test]
async fn a_click_that_overtakes_the_answer_is_not_lost() -> Result<()> {
    let session = Session::start_with(Options::bus_only()).await?;
    let recorder = NotificationRecorder::start(session.bus()).await?;
    recorder.click_before_answer("read");
    let (bubbles, mut events) = system::bubbles(&app(&session), Vec::new()).await?;
    for _ in 0..50 {
        let id = bubbles.show(&mail()).await?;
        let event = next(&mut events).await?;
        assert_eq!((event.id, event.happening), (id, Happening::Button("read".into())));
    }
    Ok(())
}

#[tokio::test]
async fn an_answer_is_written_in_the_bubble_where_the_desktop_has_a_field_for_it() -> Result<()> {
    let session = Session::start_with(Options::bus_only()).await?;
    let asking = || Bubble {
        reply: Some(Reply {
            label: "回复".into(),
            hint: "写几句".into(),
            send: "发送".into(),
        }),
        ..mail()
    };
    let recorder = NotificationRecorder::start_with(session.bus(), &["actions", "body", "inline-reply"]).await?;
    let (bubbles, mut events) = system::bubbles(&app(&session), Vec::new()).await?;
    let id = bubbles.show(&asking()).await?;
    let shown = recorder.next().await?;
    assert_eq!(shown.label("inline-reply"), Some("回复"));
    assert_eq!(
        shown.hints.get("x-kde-reply-placeholder-text").map(String::as_str),
        Some("写几句")
    );
    recorder.reply(shown.id, &"好".repeat(REPLY_MAX + 7)).await?;
    let event = next(&mut events).await?;
    assert_eq!(
        (event.id, event.happening),
        (id, Happening::Replied("好".repeat(REPLY_MAX)))
    );
    recorder.stop().await?;
    // A desktop without such a field gets no button that does nothing.
    let plain = NotificationRecorder::start(session.bus()).await?;
    bubbles.show(&asking()).await?;
    assert_eq!(plain.next().await?.label("inline-reply"), None);
    Ok(())
}

#[tokio::test]
async fn a_bubble_is_replaced_and_withdrawn() -> Result<()> {
    let session = Session::start_with(Options::bus_only()).await?;
    let recorder = NotificationRecorder::start(session.bus()).await?;
    let (bubbles, mut events) = system::bubbles(&app(&session), Vec::new()).await?;
    let id = bubbles.show(&mail()).await?;
    let shown = recorder.next().await?;
    let sum = Bubble {
        replaces: Some(id.clone()),
        ..Bubble::new("sum", "3 封新邮件", "张三、李四、王五")
    };
    let again = bubbles.show(&sum).await?;
    assert_eq!(again, id);
    assert_eq!(recorder.next().await?.replaces, shown.id);
    assert_eq!(recorder.open(), [shown.id]);

    bubbles.withdraw(&id).await?;
    recorder.wait_withdrawn(shown.id).await?;
    assert_eq!(recorder.open(), [0u32; 0]);
    let event = next(&mut events).await?;
    assert_eq!(
        (event.id, event.happening),
        (id.clone(), Happening::Closed(CloseReason::Withdrawn))
    );
    // Gone already: nothing is sent for it any more.
    bubbles.withdraw(&id).await?;
    assert_eq!(recorder.withdrawn().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_click_hours_later_is_told_to_a_new_agent() -> Result<()> {
    let session = Session::start_with(Options::bus_only()).await?;
    let recorder = NotificationRecorder::start(session.bus()).await?;
    let (bubbles, events) = system::bubbles(&app(&session), Vec::new()).await?;
    let id = bubbles.show(&mail()).await?;
    let shown = recorder.next().await?;
    // Another program's bubble of which the new agent knows nothing.
    let other = bubbles.show(&mail()).await?;
    let others = recorder.next().await?;
    drop((bubbles, events));

    let (bubbles, mut events) = system::bubbles(&app(&session), vec![id.clone()]).await?;
    recorder.click(others.id, "default").await?;
    recorder.click(shown.id, "delete").await?;
    let event = next(&mut events).await?;
    assert_eq!((event.id, event.happening), (id, Happening::Button("delete".into())));
    bubbles.withdraw(&other).await?;
    assert_eq!(recorder.withdrawn(), []);
    Ok(())
}

#[tokio::test]
async fn ids_of_another_session_mean_nothing() -> Result<()> {
    let yesterday = Session::start_with(Options::bus_only()).await?;
    let recorder = NotificationRecorder::start(yesterday.bus()).await?;
    let (bubbles, _) = system::bubbles(&app(&yesterday), Vec::new()).await?;
    let old = bubbles.show(&mail()).await?;
    drop((bubbles, recorder, yesterday));

    let today = Session::start_with(Options::bus_only()).await?;
    let recorder = NotificationRecorder::start(today.bus()).await?;
    let (bubbles, mut events) = system::bubbles(&app(&today), vec![old.clone()]).await?;
    let event = next(&mut events).await?;
    assert_eq!(
        (event.id, event.happening),
        (old.clone(), Happening::Closed(CloseReason::ServerGone))
    );
    let sum = Bubble {
        replaces: Some(old.clone()),
        ..mail()
    };
    bubbles.show(&sum).await?;
    assert_eq!(recorder.next().await?.replaces, 0);
    bubbles.withdraw(&old).await?;
    assert_eq!(recorder.withdrawn(), []);
    Ok(())
}

#[tokio::test]
async fn a_server_that_ends_takes_its_bubbles_and_a_new_one_is_used() -> Result<()> {
    let session = Session::start_with(Options::bus_only()).await?;
    let recorder = NotificationRecorder::start(session.bus()).await?;
    let (bubbles, mut events) = system::bubbles(&app(&session), Vec::new()).await?;
    let first = bubbles.show(&mail()).await?;
    let second = bubbles.show(&mail()).await?;
    recorder.stop().await?;
    for id in [first, second.clone()] {
        let event = next(&mut events).await?;
        assert_eq!(
            (event.id, event.happening),
            (id, Happening::Closed(CloseReason::ServerGone))
        );
    }
    assert!(matches!(bubbles.show(&mail()).await, Err(Error::Absent { .. })));

    // The new one counts from 1 again and can do less.
    let recorder = NotificationRecorder::start_with(session.bus(), &["body"]).await?;
    let new = bubbles
        .show(&Bubble {
            replaces: Some(second),
            ..mail()
        })
        .await?;
    let shown = recorder.next().await?;
    assert_eq!((shown.replaces, shown.actions.len()), (0, 0));
    recorder.close(shown.id, 1).await?;
    let event = next(&mut events).await?;
    assert_eq!(
        (event.id, event.happening),
        (new, Happening::Closed(CloseReason::Expired))
    );
    Ok(())
}

#[tokio::test]
async fn no_session_bus_is_an_error_not_a_crash() {
    let nowhere = App {
        buses: Buses::at(Some("unix:path=/nowhere".into()), None),
        ..App::new("qiyou", "企邮", "/a")
    };
    assert!(matches!(
        system::bubbles(&nowhere, Vec::new()).await,
        Err(Error::Absent { what: "bubbles", .. })
    ));
}

#[tokio::test]
async fn showing_costs_little() -> Result<()> {
    let session = Session::start_with(Options::bus_only()).await?;
    let recorder = NotificationRecorder::start(session.bus()).await?;
    let (bubbles, _events) = system::bubbles(&app(&session), Vec::new()).await?;
    bubbles.show(&mail()).await?;
    recorder.next().await?;
    let mut took = Vec::new();
    for _ in 0..200 {
        let begun = monotonic_ns();
        bubbles.show(&mail()).await?;
        took.push(recorder.next().await?.at_ns - begun);
    }
    took.sort_unstable();
    println!(
        "show to Notify on the bus: p50 {} µs, p99 {} µs",
        took[100] / 1000,
        took[197] / 1000
    );
    // The machine may be busy with others; half of the calls are never that late.
    assert!(took[100] < 5_000_000, "median {} ns", took[100]);
    Ok(())
}

#[tokio::test]
async fn do_not_disturb_is_seen() -> Result<()> {
    let session = Session::start_with(Options::bus_only()).await?;
    let attention = system::attention(&app(&session));
    assert!(!attention.now().await.do_not_disturb);
    let recorder = NotificationRecorder::start(session.bus()).await?;
    assert!(!attention.now().await.do_not_disturb);
    recorder.inhibit(true);
    let now = attention.now().await;
    assert!(now.do_not_disturb && !now.is_private());
    Ok(())
}

#[test]
fn the_trait_can_be_held_by_anyone() {
    fn holds<T: Send + Sync + ?Sized>() {}
    holds::<dyn Bubbles>();
}
