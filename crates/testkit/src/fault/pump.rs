//! One connection through the proxy.
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};

use super::{Direction, Shared, Stamp, reset};
use crate::clock::monotonic_ns;

const CHUNK: usize = 16 * 1024;
/// Lines that announce mail are short; of longer ones only the beginning is looked at.
const LINE_KEPT: usize = 512;
/// A throttled connection passes its share this often in a second.
const TICKS: u64 = 20;

pub(super) async fn join(mut client: TcpStream, shared: Arc<Shared>, number: usize) {
    let mut cut = shared.cut.subscribe();
    shared.change(|controls| controls.open = controls.open.saturating_add(1));
    let Ok(mut server) = TcpStream::connect((Ipv4Addr::LOCALHOST, shared.upstream)).await else {
        reset(&client);
        shared.change(|controls| controls.open = controls.open.saturating_sub(1));
        return;
    };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let broken = {
        let (mut from_client, mut to_client) = client.split();
        let (mut from_server, mut to_server) = server.split();
        tokio::select! {
            // A reset on one side is a reset on the other, too: nobody is left half-open by accident.
            both = async { tokio::try_join!(
                async { pump(&shared, Direction::Up, number, &mut from_client, &mut to_server).await.ok_or(()) },
                async { pump(&shared, Direction::Down, number, &mut from_server, &mut to_client).await.ok_or(()) },
            ) } => both.is_err(),
            _ = cut.changed() => true,
        }
    };
    if broken {
        reset(&client);
        reset(&server);
    }
    shared.change(|controls| controls.open = controls.open.saturating_sub(1));
}

/// Passes bytes one way until their source ends; `None` when the line broke.
async fn pump(
    shared: &Shared,
    direction: Direction,
    number: usize,
    from: &mut ReadHalf<'_>,
    to: &mut WriteHalf<'_>,
) -> Option<()> {
    let mut chunk = vec![0; CHUNK];
    let mut line = Vec::new();
    let mut changed = shared.changed.subscribe();
    loop {
        let count = from.read(&mut chunk).await.ok()?;
        let delay = shared.controls().delay;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        while shared.controls().hole {
            changed.changed().await.ok()?;
        }
        if count == 0 {
            return to.shutdown().await.ok();
        }
        let rate = shared.controls().bytes_per_second;
        let share = rate
            .and_then(|rate| usize::try_from(rate.checked_div(TICKS)?.max(1)).ok())
            .unwrap_or(CHUNK);
        for slice in chunk.get_mut(..count)?.chunks_mut(share) {
            let (passed, last) = pass(shared, direction, slice);
            let slice = slice.get(..passed)?;
            if direction == Direction::Down {
                stamp(shared, number, &mut line, slice);
            }
            to.write_all(slice).await.ok()?;
            if last {
                shared.cut();
                return None;
            }
            if rate.is_some() {
                tokio::time::sleep(Duration::from_millis(1000_u64.checked_div(TICKS)?)).await;
            }
        }
    }
}

/// Counts and garbles; how many bytes may pass, and whether they are the last.
fn pass(shared: &Shared, direction: Direction, piece: &mut [u8]) -> (usize, bool) {
    let mut controls = shared.controls();
    let way = controls.way(direction);
    let mut passed = piece.len();
    let mut last = false;
    if let Some(left) = way.left {
        let size = passed as u64;
        last = size >= left;
        passed = usize::try_from(size.min(left)).unwrap_or(passed);
        way.left = if last { None } else { Some(left.saturating_sub(size)) };
    }
    for byte in piece.iter_mut().take(passed) {
        way.bytes = way.bytes.saturating_add(1);
        if way.garble.is_some_and(|every| way.bytes.checked_rem(every) == Some(0)) {
            *byte ^= 0x55;
        }
    }
    (passed, last)
}

fn stamp(shared: &Shared, connection: usize, line: &mut Vec<u8>, piece: &[u8]) {
    let now = monotonic_ns();
    for byte in piece {
        if *byte != b'\n' {
            if line.len() < LINE_KEPT {
                line.push(*byte);
            }
            continue;
        }
        let text = String::from_utf8_lossy(line).trim_end().to_owned();
        line.clear();
        let mut words = text.split(' ');
        let announces = words.next() == Some("*")
            && match words.next() {
                Some("STATUS") => true,
                Some(number) => number.bytes().all(|byte| byte.is_ascii_digit()) && words.next() == Some("EXISTS"),
                None => false,
            };
        if announces {
            let stamp = Stamp {
                ns: now,
                connection,
                line: text,
            };
            shared.change(|controls| controls.stamps.push(stamp));
        }
    }
}
