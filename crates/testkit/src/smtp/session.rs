//! One SMTP connection.
use std::sync::Arc;

use super::{AfterData, Builder, Received, Security, Shared, auth};
use crate::wire::Wire;

const LINE_LIMIT: usize = 64 * 1024;

#[derive(Default)]
struct State {
    tls: bool,
    user: Option<String>,
    from: Option<String>,
    to: Vec<String>,
}

pub(super) async fn serve(wire: Wire, shared: Arc<Shared>) {
    // A client that goes away in the middle is nothing to report.
    let _ = talk(wire, &shared).await;
}

async fn talk(mut wire: Wire, shared: &Shared) -> Option<()> {
    let mut state = State::default();
    let setup = shared.setup();
    if setup.security == Security::Implicit {
        wire = wire.upgrade(setup.identity.clone()?).await.ok()?;
        state.tls = true;
    }
    say(&mut wire, setup.greeting.as_bytes()).await?;
    loop {
        let line = String::from_utf8_lossy(&wire.line(LINE_LIMIT).await?).into_owned();
        let setup = shared.setup();
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let verb = verb.to_ascii_uppercase();
        shared.kept().commands.push(match verb.as_str() {
            // The mechanism is of interest, what follows it is a secret.
            "AUTH" => format!("AUTH {}", rest.split(' ').next().unwrap_or_default()),
            _ => line.clone(),
        });
        match verb.as_str() {
            "EHLO" | "LHLO" => say(&mut wire, &hello(&setup, &state)).await?,
            "HELO" => say(&mut wire, b"250 localhost").await?,
            "NOOP" => say(&mut wire, b"250 2.0.0 Ok").await?,
            "RSET" => {
                (state.from, state.to) = (None, Vec::new());
                say(&mut wire, b"250 2.0.0 Ok").await?;
            }
            "QUIT" => {
                say(&mut wire, b"221 2.0.0 Bye").await?;
                wire.close().await;
                return Some(());
            }
            "STARTTLS" if setup.security == Security::StartTls && !state.tls => {
                say(&mut wire, b"220 2.0.0 Ready to start TLS").await?;
                wire = wire.upgrade(setup.identity.clone()?).await.ok()?;
                state = State {
                    tls: true,
                    ..State::default()
                };
            }
            "AUTH" if setup.security == Security::StartTls && !state.tls => {
                say(
                    &mut wire,
                    b"538 5.7.11 Encryption required for requested authentication mechanism",
                )
                .await?;
            }
            "AUTH" => state.user = auth::sign_in(&mut wire, &setup, rest).await?,
            "MAIL" => {
                let reply = mail_from(&setup, &mut state, rest);
                say(&mut wire, reply.as_bytes()).await?;
            }
            "RCPT" => {
                let reply = rcpt_to(&setup, &mut state, rest);
                say(&mut wire, reply.as_bytes()).await?;
            }
            "DATA" if state.to.is_empty() => say(&mut wire, b"503 5.5.1 No valid recipients").await?,
            "DATA" => data(&mut wire, shared, &setup, &mut state).await?,
            _ => say(&mut wire, b"502 5.5.2 Command not recognized").await?,
        }
    }
}

fn hello(setup: &Builder, state: &State) -> Vec<u8> {
    let mut lines = vec!["localhost".to_owned(), "8BITMIME".to_owned(), "PIPELINING".to_owned()];
    lines.push(format!("SIZE {}", setup.size_limit));
    if setup.security == Security::StartTls && !state.tls {
        lines.push("STARTTLS".to_owned());
    } else if !setup.users.is_empty() {
        lines.push(format!("AUTH {}", setup.mechanisms.join(" ")));
    }
    let last = lines.len().saturating_sub(1);
    let lines: Vec<String> = lines
        .into_iter()
        .enumerate()
        .map(|(at, line)| format!("250{}{line}", if at == last { ' ' } else { '-' }))
        .collect();
    lines.join("\r\n").into_bytes()
}

fn mail_from(setup: &Builder, state: &mut State, rest: &str) -> String {
    if setup.sign_in_needed && state.user.is_none() {
        return "530 5.7.0 Authentication required".to_owned();
    }
    let Some(from) = path(rest) else {
        return "501 5.5.4 Syntax error in MAIL".to_owned();
    };
    let announced = rest
        .to_ascii_uppercase()
        .split(" SIZE=")
        .nth(1)
        .and_then(|size| size.split(' ').next()?.parse::<usize>().ok());
    if announced.is_some_and(|size| size > setup.size_limit) {
        return "552 5.3.4 Message size exceeds fixed limit".to_owned();
    }
    (state.from, state.to) = (Some(from), Vec::new());
    "250 2.1.0 Ok".to_owned()
}

fn rcpt_to(setup: &Builder, state: &mut State, rest: &str) -> String {
    if state.from.is_none() {
        return "503 5.5.1 MAIL first".to_owned();
    }
    let Some(to) = path(rest) else {
        return "501 5.5.4 Syntax error in RCPT".to_owned();
    };
    if let Some((_, reply)) = setup
        .refused
        .iter()
        .find(|(address, _)| *address == to.to_ascii_lowercase())
    {
        return reply.clone();
    }
    state.to.push(to);
    "250 2.1.5 Ok".to_owned()
}

fn path(rest: &str) -> Option<String> {
    Some(rest.split_once('<')?.1.split_once('>')?.0.to_owned())
}

async fn data(wire: &mut Wire, shared: &Shared, setup: &Builder, state: &mut State) -> Option<()> {
    say(wire, b"354 End data with <CR><LF>.<CR><LF>").await?;
    let mut data = Vec::new();
    let mut too_large = false;
    loop {
        let line = wire.line(LINE_LIMIT).await?;
        if line == b"." {
            break;
        }
        too_large |= data.len().saturating_add(line.len()) > setup.size_limit;
        if !too_large {
            data.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            data.extend_from_slice(b"\r\n");
        }
    }
    let mail = Received {
        user: state.user.clone(),
        from: state.from.take().unwrap_or_default(),
        to: std::mem::take(&mut state.to),
        data,
        tls: state.tls,
    };
    if too_large {
        return say(wire, b"552 5.3.4 Message too big").await;
    }
    match &shared.setup().after_data {
        AfterData::Refuse(reply) => say(wire, reply.as_bytes()).await,
        after => {
            shared.kept().mails.push(mail);
            shared.arrived.notify_waiters();
            if *after == AfterData::KeepAndHangUp {
                return None;
            }
            say(wire, &setup.accepted).await
        }
    }
}

pub(super) async fn say(wire: &mut Wire, reply: &[u8]) -> Option<()> {
    let mut bytes = reply.to_vec();
    bytes.extend_from_slice(b"\r\n");
    wire.write(&bytes).await.ok()
}
