//! The window itself: made, raised, guarded, and made again when its web process dies.

use qiyou_api::Event;
use qiyou_frame::Asked;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use tokio::sync::broadcast::error::RecvError;

use crate::agent::Agent;
use crate::{bodies, commands};

#[cfg(target_os = "linux")]
mod crash;

const LABEL: &str = "main";

/// Makes the window.
pub(crate) fn open(app: &AppHandle) -> tauri::Result<WebviewWindow> {
    let (navigating, opening) = (app.clone(), app.clone());
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title(&app.package_info().name)
        .inner_size(1180.0, 720.0)
        .min_inner_size(420.0, 420.0)
        .on_navigation(move |url| {
            // Only WebView2 understands the answer "no content, stay where you are"; WebKit would show an empty frame.
            // It in turn tells of the frames' navigation, which WebView2 does not.
            if cfg!(not(windows)) && followed(&navigating, url) {
                return false;
            }
            may_go(url)
        })
        .on_new_window(move |url, _| {
            // A middle click on a link of a mail asks for a new window: it gets what a plain click gets.
            followed(&opening, &url);
            NewWindowResponse::Deny
        })
        .on_page_load(|window, payload| {
            if payload.event() == tauri::webview::PageLoadEvent::Started {
                window.state::<commands::Page>().gone();
            }
        })
        .build()?;
    #[cfg(target_os = "linux")]
    crash::guard(&window)?;
    Ok(window)
}

/// Opens the true target outside when `url` is a link of a mail.
fn followed(app: &AppHandle, url: &Url) -> bool {
    let Some(Asked::Link { mail, number }) = bodies::asked(url) else {
        return false;
    };
    tracing::debug!(mail, number, "a link was followed");
    let app = app.clone();
    tauri::async_runtime::spawn(async move { bodies::follow(&app, mail, number).await });
    true
}

/// Whether any frame may go there: the page itself, and the sealed address of mails. Nothing else, ever: what a mail
/// links to opens in the browser of the system.
fn may_go(url: &Url) -> bool {
    let page = match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => {
            url.host_str() == Some("tauri.localhost")
                || (cfg!(not(feature = "custom-protocol"))
                    && url.host_str() == Some("localhost")
                    && url.port() == Some(5173))
        }
        // What a frame shows before its address is known.
        "about" => url.path() == "blank",
        _ => false,
    };
    page || bodies::asked(url).is_some()
}

/// Brings the window before the others.
pub(crate) fn raise(app: &AppHandle) {
    let raised = match app.get_webview_window(LABEL) {
        Some(window) => window
            .unminimize()
            .and_then(|()| window.show())
            .and_then(|()| window.set_focus()),
        None => open(app).map(drop),
    };
    if let Err(error) = raised {
        tracing::warn!(%error, "the window did not come up");
    }
}

/// Does what the agent's events ask of the window, as long as the program runs.
pub(crate) async fn follow(app: AppHandle) {
    let mut events = app.state::<Agent>().events();
    loop {
        match events.recv().await {
            Ok((_, Event::Open { mail })) => {
                if let Some(mail) = mail {
                    app.state::<commands::Page>().keep(mail);
                }
                raise(&app);
            }
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

#[cfg(test)]
mod tests;
