//! Mails' texts for the page's frames, and what these may ask for: `qymail://localhost/picture/<mail>/<number>` and
//! `.../link/<mail>/<number>`.

use base64::Engine as _;
use qiyou_api::{ApiError, Body, BodyParams, DraftId, DraftParams, DraftQuoteParams, MailId, PictureParams, call};
use qiyou_frame::{Asked, Doors, View};
use tauri::http::{Method, Request, Response};
use tauri::{AppHandle, Manager, Runtime, UriSchemeContext, UriSchemeResponder};
use url::Url;

use crate::agent::Agent;
use crate::outside;

/// The scheme of the address.
pub(crate) const SCHEME: &str = "qymail";

/// `WebView2` knows no schemes of programs and maps them to hosts.
const DOORS: Doors<'static> = if cfg!(windows) {
    Doors {
        base: "http://qymail.localhost/",
        source: "http://qymail.localhost",
    }
} else {
    Doors {
        base: "qymail://localhost/",
        source: "qymail:",
    }
};

/// What one of our own addresses asks for; nothing for any other address.
pub(crate) fn asked(url: &Url) -> Option<Asked> {
    let ours = match url.scheme() {
        SCHEME => url.host_str() == Some("localhost"),
        "http" | "https" => cfg!(windows) && url.host_str() == Some("qymail.localhost") && url.port().is_none(),
        _ => false,
    };
    if ours {
        Asked::of(url.path(), url.query().unwrap_or_default())
    } else {
        None
    }
}

/// Answers a request of a frame.
#[expect(clippy::needless_pass_by_value, reason = "the form that Tauri calls")]
pub(crate) fn answer<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let uri = request.uri();
    let asked = Asked::of(uri.path(), uri.query().unwrap_or_default());
    let app = context.app_handle().clone();
    tauri::async_runtime::spawn(async move {
        let answer = match asked {
            Some(Asked::Picture { mail, number }) if request.method() == Method::GET => {
                picture(&app, PictureParams { mail, number }).await
            }
            // Elsewhere the navigation is caught before it becomes a request; see `window::open`.
            Some(Asked::Link { mail, number }) if cfg!(windows) && request.method() == Method::GET => {
                // The frame need not wait for the browser.
                tauri::async_runtime::spawn(async move { follow(&app, mail, number).await });
                response(204, &[], Vec::new())
            }
            _ => response(404, &[], Vec::new()),
        };
        responder.respond(answer);
    });
}

/// What is known of a mail's text; the `html` of one that is ready becomes the sealed document around it.
pub(crate) async fn body<R: Runtime>(app: &AppHandle<R>, mail: MailId, view: View) -> Result<Body, ApiError> {
    let params = BodyParams {
        mail,
        remote: view.remote,
        whole: view.whole,
    };
    let mut body = ask(app, params).await?;
    let document = qiyou_frame::body(mail, &body, view, &DOORS);
    if let Body::Ready { html, .. } = &mut body {
        *html = document;
    }
    Ok(body)
}

/// The original that a draft quotes, likewise. Its links and pictures are numbered as those of the mail itself.
pub(crate) async fn quote<R: Runtime>(app: &AppHandle<R>, draft: DraftId, view: View) -> Result<Body, ApiError> {
    let client = app.state::<Agent>().client().await?;
    let known = client.call(call::DraftGet, DraftParams { id: draft }).await?;
    let params = DraftQuoteParams {
        id: draft,
        remote: view.remote,
    };
    let mut body = client.call(call::DraftQuote, params).await?;
    let document = qiyou_frame::body(known.mails.first().copied().unwrap_or(0), &body, view, &DOORS);
    if let Body::Ready { html, .. } = &mut body {
        *html = document;
    }
    Ok(body)
}

async fn picture<R: Runtime>(app: &AppHandle<R>, params: PictureParams) -> Response<Vec<u8>> {
    let asked = async {
        let client = app.state::<Agent>().client().await?;
        client.call(call::MailPicture, params).await
    };
    let found = asked.await.ok().and_then(|picture| {
        let bytes = base64::engine::general_purpose::STANDARD.decode(&picture.data).ok()?;
        Some((picture.mime_type, bytes))
    });
    match found {
        Some((kind, bytes)) => response(200, &[("content-type", &kind), ("cache-control", "no-store")], bytes),
        None => response(404, &[], Vec::new()),
    }
}

async fn ask<R: Runtime>(app: &AppHandle<R>, params: BodyParams) -> Result<Body, ApiError> {
    let client = app.state::<Agent>().client().await?;
    client.call(call::MailBody, params).await
}

/// Where a link of a mail leads.
async fn target<R: Runtime>(app: &AppHandle<R>, mail: MailId, number: usize) -> Option<String> {
    // Most links stand in the beginning, which is quickly had.
    for whole in [false, true] {
        let params = BodyParams {
            whole,
            ..BodyParams::of(mail)
        };
        let Ok(Body::Ready { links, cut, .. }) = ask(app, params).await else {
            return None;
        };
        let found = links.into_iter().nth(number);
        if found.is_some() || !cut {
            return found;
        }
    }
    None
}

/// Opens the true target of a link in the system's browser.
pub(crate) async fn follow<R: Runtime>(app: &AppHandle<R>, mail: MailId, number: usize) {
    let opened = target(app, mail, number).await.map(|target| outside::open(&target));
    tracing::debug!(mail, number, ?opened, "a link was handed to the system");
    if !matches!(opened, Some(Ok(()))) {
        tracing::warn!(mail, number, "a link was not opened");
    }
}

fn response(status: u16, headers: &[(&str, &str)], body: Vec<u8>) -> Response<Vec<u8>> {
    let mut builder = Response::builder()
        .status(status)
        .header("x-content-type-options", "nosniff");
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(body).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer to the frame could not be made");
        Response::default()
    })
}

#[cfg(test)]
mod tests;
