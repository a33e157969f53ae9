//! What happens with every request: its name, the limits, the log, the headers; and the pages of the machine room.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use qiyou_bridge_api::{NONCE, Refusal};

use super::{Bridge, Peer, Problem, peer};
use crate::limits::network;

tokio::task_local! {
    static REQUEST: String;
}

/// The name of the request that is being answered.
pub fn current() -> String {
    REQUEST.try_with(Clone::clone).unwrap_or_default()
}

/// The client's address, as far as it is known.
#[derive(Clone, Copy)]
pub struct Client(pub IpAddr);

/// Around each request.
pub async fn each(
    State(bridge): State<Arc<Bridge>>,
    ConnectInfo(Peer(address)): ConnectInfo<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let name: String = crate::keys::random_name().chars().take(12).collect();
    let client = peer::client(address.ip(), request.headers(), &bridge.config.proxy.trusted);
    request.extensions_mut().insert(Client(client));
    let method = request.method().clone();
    // The pattern, never the address: an address may hold a code.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let began = Instant::now();
    let mut response = REQUEST
        .scope(name.clone(), async {
            match bridge.requests.take(network(client), bridge.clock.now()) {
                Ok(()) => next.run(request).await,
                Err(seconds) => Problem::busy(seconds).into_response(),
            }
        })
        .await;
    let took = began.elapsed();
    let status = response.status();
    bridge.metrics.request(&route, status.as_u16(), took);
    tracing::info!(
        target: "request", request = name, %method, route, status = status.as_u16(), ms = took.as_secs_f64() * 1000.0, %client
    );
    let headers = response.headers_mut();
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert("x-request-id", name);
    }
    for (header, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not "no-referrer": browsers then keep the origin of a form's answer from us, too.
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    ] {
        headers.entry(header).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Around each request of an app: the nonce for the next.
pub async fn api(State(bridge): State<Arc<Bridge>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Ok(nonce) = HeaderValue::from_str(&bridge.keys.nonce(bridge.clock.now())) {
        response.headers_mut().insert(NONCE, nonce);
    }
    response
}

/// `GET /healthz`: the process lives.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: it can serve.
pub async fn readyz(State(bridge): State<Arc<Bridge>>) -> Response {
    if *bridge.stopping.borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response();
    }
    if bridge.db.is_there().await {
        "ok\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
    }
}

/// `GET /metrics`: for Prometheus. From this computer and the named proxies' networks alone.
pub async fn metrics(State(bridge): State<Arc<Bridge>>, ConnectInfo(Peer(address)): ConnectInfo<Peer>) -> Response {
    let near = address.ip().is_loopback();
    if !near && !bridge.config.metrics_from.iter().any(|net| net.contains(&address.ip())) {
        return nothing().await;
    }
    match bridge.metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => {
            tracing::error!(target: "bridge", %error, "the metrics could not be written");
            Problem::new(Refusal::Internal).into_response()
        }
    }
}

/// Whatever else is asked for.
pub async fn nothing() -> Response {
    (StatusCode::NOT_FOUND, "nothing here\n").into_response()
}
