use std::time::Duration;

use super::Lines;

async fn soon<T>(future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(Duration::from_millis(200), future).await.ok()
}

#[tokio::test]
async fn a_reader_goes_before_a_watcher() {
    let lines = Lines::new();
    lines.bear(2);
    let watching = soon(lines.watch(0)).await.expect("room for one");
    assert!(soon(lines.watch(1)).await.is_none(), "no room for a second");
    let asking = {
        let lines = lines.clone();
        tokio::spawn(async move { lines.read().await })
    };
    soon(lines.yielded(0)).await.expect("told to go");
    assert!(!asking.is_finished(), "it waits until the watcher is gone");
    drop(watching);
    let reading = soon(asking).await.expect("room now").unwrap();
    assert!(soon(lines.watch(0)).await.is_none(), "the reader has it");
    drop(reading);
    soon(lines.watch(0)).await.expect("room again");
}

#[tokio::test]
async fn a_refusal_shrinks_the_limit_but_reading_is_always_tried() {
    let lines = Lines::new();
    lines.bear(5);
    let mut open = Vec::new();
    for rank in 0..4 {
        open.push(soon(lines.watch(rank)).await.expect("room"));
    }
    lines.refused();
    soon(lines.yielded(3)).await.expect("one too many");
    assert!(soon(lines.yielded(2)).await.is_none());
    for _ in 0..9 {
        lines.refused();
    }
    open.clear();
    soon(lines.read()).await.expect("one is always tried");
}
