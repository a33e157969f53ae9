//! The sealed address of mail bodies: `qymail://localhost/body/<mail>` and `.../link/<mail>/<number>`.

use qiyou_api::{ApiError, Body, BodyParams, MailId, call};
use qiyou_frame::{Asked, Page, View};
use tauri::http::{Method, Request, Response};
use tauri::{AppHandle, Manager, Runtime, UriSchemeContext, UriSchemeResponder};
use url::Url;

use crate::agent::Agent;
use crate::outside;

/// The scheme of the address.
pub(crate) const SCHEME: &str = "qymail";

/// Where links of a mail lead, before `<mail>/<number>`. `WebView2` knows no schemes of programs and maps them to hosts.
const LINKS: &str = if cfg!(windows) {
    "http://qymail.localhost/link/"
} else {
    "qymail://localhost/link/"
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
        let page = match asked {
            Some(Asked::Body { mail, view }) if request.method() == Method::GET => body(&app, mail, view).await,
            // Elsewhere the navigation is caught before it becomes a request; see `window::open`.
            Some(Asked::Link { mail, number }) if cfg!(windows) && request.method() == Method::GET => {
                // The frame need not wait for the browser.
                tauri::async_runtime::spawn(async move { follow(&app, mail, number).await });
                qiyou_frame::nothing()
            }
            _ => qiyou_frame::refused(),
        };
        responder.respond(response(page));
    });
}

async fn ask<R: Runtime>(app: &AppHandle<R>, mail: MailId, remote: bool) -> Result<Body, ApiError> {
    let client = app.state::<Agent>().client().await?;
    client.call(call::MailBody, BodyParams { mail, remote }).await
}

async fn body<R: Runtime>(app: &AppHandle<R>, mail: MailId, view: View) -> Page {
    match ask(app, mail, view.remote).await {
        Ok(body) => qiyou_frame::body(mail, &body, view, LINKS),
        // The page around the frame asks too, and says in words what is wrong.
        Err(error) => qiyou_frame::body(mail, &Body::Failed { error }, view, LINKS),
    }
}

/// Opens the true target of a link in the system's browser.
pub(crate) async fn follow<R: Runtime>(app: &AppHandle<R>, mail: MailId, number: usize) {
    let target = match ask(app, mail, false).await {
        Ok(Body::Ready { links, .. }) => links.into_iter().nth(number),
        _ => None,
    };
    let opened = target.map(|target| outside::open(&target));
    tracing::debug!(mail, number, ?opened, "a link was handed to the system");
    if !matches!(opened, Some(Ok(()))) {
        tracing::warn!(mail, number, "a link was not opened");
    }
}

fn response(page: Page) -> Response<Vec<u8>> {
    let mut builder = Response::builder().status(page.status);
    for (name, value) in page.headers {
        builder = builder.header(name, value);
    }
    builder.body(page.html.into_bytes()).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer to the frame could not be made");
        Response::default()
    })
}

#[cfg(test)]
mod tests;
