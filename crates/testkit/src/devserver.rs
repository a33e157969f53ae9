//! The window's page in a plain browser: serves `ui/dist`, relays the api over a WebSocket, and shows mail bodies as
//! the window does.
//!
//! Whoever can talk to this server can read mail. So the address that is printed holds a random token; the first visit
//! turns it into a cookie that only this server's own pages send, and every request without it, or with another
//! `Host` or `Origin`, is refused: neither another user nor a web page that is open in the same browser gets in.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use axum::body::Body;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use axum::routing::get;
use futures::{SinkExt as _, StreamExt as _};
use qiyou_api::{
    BodyParams, Client, DraftId, DraftParams, DraftQuoteParams, Endpoint, MAX_FRAME, MailId, PictureParams, call,
};
use qiyou_frame::{Asked, Doors, View};
use rand::RngCore as _;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::codec::{Framed, LinesCodec};

const COOKIE: &str = "qiyou";

/// What the server works with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The built page, `ui/dist`.
    pub page: PathBuf,
    /// The agent.
    pub endpoint: Endpoint,
    /// On 127.0.0.1; 0 for a free one.
    pub port: u16,
}

/// The running server; it ends when dropped.
#[derive(Debug)]
pub struct DevServer {
    address: SocketAddr,
    token: String,
    followed: watch::Receiver<Vec<String>>,
    task: JoinHandle<()>,
}

struct Shared {
    options: Options,
    host: String,
    token: String,
    followed: watch::Sender<Vec<String>>,
    /// For bodies and links; the page has a connection of its own.
    client: Mutex<Option<Client>>,
}

impl DevServer {
    /// Starts the server.
    pub async fn start(options: Options) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))
            .await
            .context("listening")?;
        let address = listener.local_addr()?;
        let mut random = [0_u8; 16];
        rand::rng().fill_bytes(&mut random);
        let token: String = random
            .iter()
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let (sender, followed) = watch::channel(Vec::new());
        let shared = Arc::new(Shared {
            options,
            host: address.to_string(),
            token: token.clone(),
            followed: sender,
            client: Mutex::new(None),
        });
        let router = axum::Router::new()
            .route("/api", get(api))
            .fallback(get(page))
            .layer(middleware::from_fn_with_state(Arc::clone(&shared), guard))
            .with_state(shared);
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the development server ended");
            }
        });
        Ok(Self {
            address,
            token,
            followed,
            task,
        })
    }

    /// The address to be opened in a browser, with its token.
    pub fn url(&self) -> String {
        format!("http://{}/?token={}", self.address, self.token)
    }

    /// The host and port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the links led that were followed in mails. The server opens none of them.
    pub fn followed(&self) -> watch::Receiver<Vec<String>> {
        self.followed.clone()
    }
}

impl Drop for DevServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn refused(status: StatusCode) -> Response<Body> {
    (status, "").into_response()
}

/// Compares without telling by its duration how much was right.
fn same(left: &str, right: &str) -> bool {
    left.len() == right.len()
        && left
            .bytes()
            .zip(right.bytes())
            .fold(0, |differs, (a, b)| differs | (a ^ b))
            == 0
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    cookies.flat_map(|value| value.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE).then_some(value)
    })
}

/// Lets in whoever has the token, by this server's own name, from this server's own pages.
async fn guard(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response<Body> {
    let headers = request.headers();
    // Another host name means that somebody pointed a name of theirs to this computer (DNS rebinding).
    if headers
        .get(header::HOST)
        .is_none_or(|host| *host != shared.host.as_str())
    {
        return refused(StatusCode::MISDIRECTED_REQUEST);
    }
    if headers
        .get(header::ORIGIN)
        .is_some_and(|origin| *origin != format!("http://{}", shared.host))
    {
        return refused(StatusCode::FORBIDDEN);
    }
    // What is followed in a sealed frame comes without the cookie: the frame has no origin of its own.
    if request.uri().path().starts_with(&shared.base()) {
        return next.run(request).await;
    }
    let query = request.uri().query().unwrap_or_default();
    if let Some(token) = query.split('&').find_map(|pair| pair.strip_prefix("token="))
        && request.uri().path() == "/"
        && same(token, &shared.token)
    {
        let keep = format!("{COOKIE}={}; HttpOnly; SameSite=Lax; Path=/", shared.token);
        return (
            StatusCode::SEE_OTHER,
            [(header::SET_COOKIE, keep.as_str()), (header::LOCATION, "/")],
        )
            .into_response();
    }
    if !cookie(headers).is_some_and(|cookie| same(cookie, &shared.token)) {
        return refused(StatusCode::FORBIDDEN);
    }
    next.run(request).await
}

/// The api's own lines, one message each.
async fn api(State(shared): State<Arc<Shared>>, upgrade: WebSocketUpgrade) -> Response<Body> {
    upgrade
        .max_message_size(MAX_FRAME)
        .on_upgrade(move |socket| relay(shared, socket))
}

async fn relay(shared: Arc<Shared>, socket: WebSocket) {
    let Ok(stream) = shared.options.endpoint.connect().await else {
        return;
    };
    let mut agent = Framed::new(stream, LinesCodec::new_with_max_length(MAX_FRAME));
    let (mut to_page, mut from_page) = socket.split();
    loop {
        tokio::select! {
            message = from_page.next() => match message {
                // A line break inside a message would smuggle in a second line.
                Some(Ok(Message::Text(text))) if !text.contains('\n') => {
                    if agent.send(text.as_str()).await.is_err() { return }
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => return,
            },
            line = agent.next() => match line {
                Some(Ok(line)) => if to_page.send(Message::Text(line.into())).await.is_err() { return },
                _ => return,
            },
        }
    }
}

/// The sealed document around a text.
fn document(shared: &Shared, mail: MailId, body: &qiyou_api::Body, view: View) -> Response<Body> {
    let base = shared.base();
    let doors = Doors {
        base: &base,
        source: "'self'",
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
        // It is put into a frame by the page; whoever opens the address itself gets nothing that acts.
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
    ];
    (headers, qiyou_frame::body(mail, body, view, &doors)).into_response()
}

/// The draft and the view that `/quote/<draft>?...` asks for.
fn quoted(path: &str, query: &str) -> Option<(DraftId, View)> {
    let asked = path.strip_prefix("/quote/")?;
    // Its query is that of a mail's text.
    match Asked::of(&format!("/body/{asked}"), query)? {
        Asked::Body { mail, view } => Some((mail, view)),
        _ => None,
    }
}

/// The original that a draft quotes.
async fn quote(shared: &Shared, id: DraftId, view: View) -> Response<Body> {
    let asked = async {
        let client = shared.client().await?;
        let draft = client.call(call::DraftGet, DraftParams { id }).await?;
        let params = DraftQuoteParams {
            id,
            remote: view.remote,
        };
        let body = client.call(call::DraftQuote, params).await?;
        anyhow::Ok((draft.mails.first().copied().unwrap_or(0), body))
    };
    match asked.await {
        Ok((mail, body)) => document(shared, mail, &body, view),
        Err(_) => refused(StatusCode::BAD_GATEWAY),
    }
}

/// A mail's body, a followed link, or a file of the page.
async fn page(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let path = request.uri().path();
    let path = path.strip_prefix(&format!("/{}", shared.token)).unwrap_or(path);
    if let Some((draft, view)) = quoted(path, request.uri().query().unwrap_or_default()) {
        return quote(&shared, draft, view).await;
    }
    match Asked::of(path, request.uri().query().unwrap_or_default()) {
        Some(Asked::Body { mail, view }) => match shared
            .body(BodyParams {
                mail,
                remote: view.remote,
                whole: view.whole,
            })
            .await
        {
            Ok(body) => document(&shared, mail, &body, view),
            Err(_) => refused(StatusCode::BAD_GATEWAY),
        },
        Some(Asked::Picture { mail, number }) => picture(&shared, PictureParams { mail, number }).await,
        Some(Asked::Link { mail, number }) => {
            if let Ok(qiyou_api::Body::Ready { links, .. }) = shared
                .body(BodyParams {
                    whole: true,
                    ..BodyParams::of(mail)
                })
                .await
                && let Some(target) = links.into_iter().nth(number)
            {
                shared.followed.send_modify(|all| all.push(target));
            }
            StatusCode::NO_CONTENT.into_response()
        }
        None => file(&shared.options.page, path).await,
    }
}

/// A picture of a mail, fetched by the agent.
async fn picture(shared: &Shared, params: PictureParams) -> Response<Body> {
    use base64::Engine as _;
    let asked = async {
        let picture = shared.client().await?.call(call::MailPicture, params).await?;
        let bytes = base64::engine::general_purpose::STANDARD.decode(&picture.data)?;
        anyhow::Ok((picture.mime_type, bytes))
    };
    match asked.await {
        Ok((kind, bytes)) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        Err(_) => refused(StatusCode::NOT_FOUND),
    }
}

impl Shared {
    /// What stands before `link/<mail>/<number>` and `picture/<mail>/<number>`.
    fn base(&self) -> String {
        format!("/{}/", self.token)
    }

    /// The line to the agent, made anew when the agent began anew.
    async fn client(&self) -> Result<Client> {
        let known = self.client.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(client) = known
            && client.call(call::Status, qiyou_api::Nothing {}).await.is_ok()
        {
            return Ok(client);
        }
        let (client, _events) = Client::connect(&self.options.endpoint, "browser").await?;
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = Some(client.clone());
        Ok(client)
    }

    async fn body(&self, params: BodyParams) -> Result<qiyou_api::Body> {
        Ok(self.client().await?.call(call::MailBody, params).await?)
    }
}

async fn file(folder: &Path, path: &str) -> Response<Body> {
    let relative = Path::new(if path == "/" {
        "index.html"
    } else {
        path.trim_start_matches('/')
    });
    if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return refused(StatusCode::NOT_FOUND);
    }
    let kind = match relative.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    };
    match tokio::fs::read(folder.join(relative)).await {
        Ok(bytes) => {
            let headers = [
                (header::CONTENT_TYPE, kind),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, bytes).into_response()
        }
        Err(_) => refused(StatusCode::NOT_FOUND),
    }
}

#[cfg(test)]
mod tests;
