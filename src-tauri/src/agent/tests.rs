//! 李四's window meets agents that live, die, and grow old. The agent here is a few lines that speak the api.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use qiyou_api::{Endpoint, Event, Hello, RequestFrame, ServerFrame};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::Agent;

const PATIENCE: Duration = Duration::from_secs(10);

/// An agent that serves one client, answers everything with `{}`, and ends when asked to quit or aborted.
fn agent(home: &Path, version: &str, methods: mpsc::UnboundedSender<String>) -> JoinHandle<()> {
    let mut listener = Endpoint::of_home(home).listen().unwrap();
    let hello = Hello {
        version: version.to_owned(),
        ..Hello::new("agent")
    };
    tokio::spawn(async move {
        let (read, mut write) = tokio::io::split(listener.accept().await.unwrap());
        let mut lines = BufReader::new(read).lines();
        lines.next_line().await.unwrap();
        let line = |value: String| value + "\n";
        write
            .write_all(line(serde_json::to_string(&hello).unwrap()).as_bytes())
            .await
            .unwrap();
        while let Ok(Some(request)) = lines.next_line().await {
            let request: RequestFrame = serde_json::from_str(&request).unwrap();
            let ok = serde_json::value::to_raw_value(&serde_json::json!({})).unwrap();
            let answer = ServerFrame {
                id: Some(request.id),
                ok: Some(ok),
                ..ServerFrame::default()
            };
            write
                .write_all(line(serde_json::to_string(&answer).unwrap()).as_bytes())
                .await
                .unwrap();
            let _ = methods.send(request.method.clone());
            match request.method.as_str() {
                "quit" => return,
                "sync" => {
                    let event = Some(Event::BodyArrived { mail: 5 });
                    let event = ServerFrame {
                        at: Some(7),
                        event,
                        ..ServerFrame::default()
                    };
                    write
                        .write_all(line(serde_json::to_string(&event).unwrap()).as_bytes())
                        .await
                        .unwrap();
                }
                _ => {}
            }
        }
    })
}

async fn next(methods: &mut mpsc::UnboundedReceiver<String>) -> String {
    tokio::time::timeout(PATIENCE, methods.recv()).await.unwrap().unwrap()
}

fn raw(json: &str) -> Box<serde_json::value::RawValue> {
    serde_json::value::RawValue::from_string(json.to_owned()).unwrap()
}

fn never() -> impl Fn() -> std::io::Result<()> + Send + Sync + 'static {
    || panic!("an agent runs already")
}

#[tokio::test]
async fn calls_and_events_go_through_as_they_are() {
    let home = tempfile::tempdir().unwrap();
    let (sender, mut methods) = mpsc::unbounded_channel();
    let _agent = agent(home.path(), qiyou_api::VERSION, sender);
    let line = Agent::keep(home.path(), never());
    let mut events = line.events();
    assert_eq!(next(&mut methods).await, "subscribe");
    assert_eq!(line.call("sync", raw("{}")).await.unwrap().get(), "{}");
    assert_eq!(next(&mut methods).await, "sync");
    let event = tokio::time::timeout(PATIENCE, events.recv()).await.unwrap().unwrap();
    assert_eq!(event, (7, Event::BodyArrived { mail: 5 }));
}

#[tokio::test]
async fn an_agent_that_died_is_started_again_and_the_page_told_to_ask_anew() {
    let home = tempfile::tempdir().unwrap();
    let (sender, mut methods) = mpsc::unbounded_channel();
    let first = agent(home.path(), qiyou_api::VERSION, sender.clone());
    let started = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&started);
    let path = home.path().to_owned();
    let line = Agent::keep(home.path(), move || {
        count.fetch_add(1, Ordering::Relaxed);
        agent(&path, qiyou_api::VERSION, sender.clone());
        Ok(())
    });
    let mut events = line.events();
    assert_eq!(next(&mut methods).await, "subscribe");
    first.abort();
    let told = tokio::time::timeout(PATIENCE, events.recv()).await.unwrap().unwrap();
    assert_eq!(told, (0, Event::Goodbye));
    let told = tokio::time::timeout(PATIENCE, events.recv()).await.unwrap().unwrap();
    assert_eq!(told, (0, Event::Overflow));
    assert_eq!(line.call("status", raw("{}")).await.unwrap().get(), "{}");
    assert_eq!(started.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn an_older_agent_hands_over_to_ours() {
    let home = tempfile::tempdir().unwrap();
    let (sender, mut methods) = mpsc::unbounded_channel();
    let _old = agent(home.path(), "0.0.9", sender.clone());
    let path = home.path().to_owned();
    let line = Agent::keep(home.path(), move || {
        agent(&path, qiyou_api::VERSION, sender.clone());
        Ok(())
    });
    assert_eq!(next(&mut methods).await, "quit");
    assert_eq!(next(&mut methods).await, "subscribe");
    assert_eq!(line.client().await.unwrap().agent().version, qiyou_api::VERSION);
}

#[tokio::test]
async fn a_newer_agent_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let (sender, mut methods) = mpsc::unbounded_channel();
    let _newer = agent(home.path(), "99.0.0", sender);
    let line = Agent::keep(home.path(), never());
    assert_eq!(next(&mut methods).await, "subscribe");
    assert_eq!(line.client().await.unwrap().agent().version, "99.0.0");
}

#[tokio::test(start_paused = true)]
async fn without_an_agent_a_call_ends_with_an_error_and_not_with_silence() {
    let home = tempfile::tempdir().unwrap();
    let tries = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tries);
    let line = Agent::keep(home.path(), move || {
        count.fetch_add(1, Ordering::Relaxed);
        Err(std::io::ErrorKind::NotFound.into())
    });
    let error = line.call("status", raw("{}")).await.unwrap_err();
    assert_eq!(error.code, qiyou_api::ErrorCode::Internal);
    assert!(tries.load(Ordering::Relaxed) <= 3, "not in a loop");
}
