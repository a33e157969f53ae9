//! The windows: made, raised, guarded, put where they stood, and made again when their web process dies. The main one
//! is kept ready for some minutes after it was closed; others show one mail or one draft each.

use qiyou_api::{DraftId, Event, MailId, Nothing, call};
use qiyou_frame::Asked;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager, PhysicalPosition, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent};
use tokio::sync::broadcast::error::RecvError;

use crate::agent::Agent;
use crate::bodies;
use crate::pages::Pages;

#[cfg(target_os = "linux")]
mod crash;
mod linger;
mod place;

pub(crate) use linger::Linger;
pub(crate) use place::Places;
use place::{LEAST, Place, Screen};

const MAIN: &str = "main";
const ALONE: &str = "mail-";
const DRAFT: &str = "draft-";

/// The mail of a window that shows one mail and nothing else.
pub(crate) fn mail_of(label: &str) -> Option<MailId> {
    label.strip_prefix(ALONE)?.parse().ok()
}

/// The draft of a window that shows one draft and nothing else.
pub(crate) fn draft_of(label: &str) -> Option<DraftId> {
    label.strip_prefix(DRAFT)?.parse().ok()
}

/// A window with the page, not yet made.
fn window<'a>(app: &'a AppHandle, label: &str) -> WebviewWindowBuilder<'a, tauri::Wry, AppHandle> {
    let (navigating, opening) = (app.clone(), app.clone());
    WebviewWindowBuilder::new(app, label, WebviewUrl::default())
        .title(&app.package_info().name)
        .min_inner_size(LEAST.0, LEAST.1)
        // Files that are dropped are the page's, which attaches them; it learns their bytes, and not where they lie.
        .disable_drag_drop_handler()
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
                window.state::<Pages>().gone(window.label());
            }
        })
}

/// What every window gets once it is made.
fn look_after(window: &WebviewWindow) -> tauri::Result<()> {
    let handle = window.clone();
    window.on_window_event(move |event| match event {
        WindowEvent::CloseRequested { api, .. } if handle.label() == MAIN => {
            remember(&handle);
            if linger::closes(&handle) {
                api.prevent_close();
            }
        }
        WindowEvent::Focused(false) if handle.label() == MAIN => remember(&handle),
        WindowEvent::Destroyed => handle.state::<Pages>().forget(handle.label()),
        _ => {}
    });
    #[cfg(target_os = "linux")]
    crash::guard(window)?;
    Ok(())
}

/// Makes the main window, where it stood on these screens.
pub(crate) fn open(app: &AppHandle) -> tauri::Result<WebviewWindow> {
    let place = app.state::<Places>().of(&screens(app));
    let mut builder = window(app, MAIN);
    builder = match &place {
        Some(place) => builder.inner_size(place.width, place.height).maximized(place.maximised),
        None => builder.inner_size(1180.0, 720.0),
    };
    let window = builder.build()?;
    if let Some(place) = place {
        window.set_position(PhysicalPosition::new(place.x, place.y))?;
    }
    look_after(&window)?;
    Ok(window)
}

/// Shows a mail in a window of its own; the one that shows it already comes to the front.
pub(crate) fn open_mail(app: &AppHandle, mail: MailId) -> tauri::Result<()> {
    let label = format!("{ALONE}{mail}");
    if let Some(window) = app.get_webview_window(&label) {
        return show(&window);
    }
    let window = window(app, &label).inner_size(860.0, 720.0).build()?;
    look_after(&window)
}

/// Shows a draft in a window of its own, likewise.
pub(crate) fn open_draft(app: &AppHandle, draft: DraftId) -> tauri::Result<()> {
    let label = format!("{DRAFT}{draft}");
    if let Some(window) = app.get_webview_window(&label) {
        return show(&window);
    }
    let window = window(app, &label).inner_size(820.0, 680.0).build()?;
    look_after(&window)
}

fn screens(app: &AppHandle) -> Vec<Screen> {
    let monitors = app.available_monitors().unwrap_or_default();
    monitors
        .iter()
        .map(|monitor| {
            let (at, size) = (monitor.position(), monitor.size());
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a scale is a small positive number"
            )]
            let scale = (monitor.scale_factor() * 100.0).round() as u32;
            Screen {
                x: at.x,
                y: at.y,
                width: size.width,
                height: size.height,
                scale,
            }
        })
        .collect()
}

/// Remembers where the window stands.
fn remember(window: &WebviewWindow) {
    let Ok(true) = window.is_visible() else { return };
    let standing = || -> tauri::Result<Place> {
        let (at, size) = (window.outer_position()?, window.inner_size()?);
        let size = size.to_logical::<f64>(window.scale_factor()?);
        Ok(Place {
            x: at.x,
            y: at.y,
            width: size.width,
            height: size.height,
            maximised: window.is_maximized()?,
        })
    };
    let Ok(now) = standing() else { return };
    if window.is_minimized().unwrap_or(false) {
        return;
    }
    let screens = screens(window.app_handle());
    let places = window.state::<Places>();
    // Of a window that fills the screen the size before that is the one to go back to.
    let place = match places.of(&screens) {
        Some(before) if now.maximised => Place {
            maximised: true,
            ..before
        },
        _ => now,
    };
    places.keep(&screens, place);
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

/// Whether any frame may go there: the page itself, and the text of a mail that the page puts into its frame. Nothing
/// else, ever: what a mail links to opens in the browser of the system.
fn may_go(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => {
            url.host_str() == Some("tauri.localhost")
                || (cfg!(not(feature = "custom-protocol"))
                    && url.host_str() == Some("localhost")
                    && url.port() == Some(5173))
        }
        "about" => matches!(url.path(), "blank" | "srcdoc"),
        _ => false,
    }
}

fn show(window: &WebviewWindow) -> tauri::Result<()> {
    window.unminimize()?;
    window.show()?;
    window.set_focus()
}

/// Brings the main window before the others.
pub(crate) fn raise(app: &AppHandle) {
    app.state::<Linger>().stays();
    let raised = match app.get_webview_window(MAIN) {
        Some(window) => show(&window),
        None => open(app).map(drop),
    };
    if let Err(error) = raised {
        tracing::warn!(%error, "the window did not come up");
    }
}

/// Brings the main window up on a mail.
pub(crate) fn raise_on(app: &AppHandle, mail: MailId) {
    raise(app);
    if !app.state::<Pages>().keep_mail(MAIN, mail) {
        app.state::<Agent>().tell(Event::Open { mail: Some(mail) });
    }
}

/// Hands an address to write to to the main window.
pub(crate) fn raise_to_write(app: &AppHandle, address: String) {
    raise(app);
    app.state::<Pages>().mailto(MAIN, address);
}

/// Does what the agent's events ask of the windows, as long as the program runs.
pub(crate) async fn follow(app: AppHandle) {
    let mut events = app.state::<Agent>().events();
    learn_linger(&app).await;
    loop {
        match events.recv().await {
            // One that the window itself told of an earlier start has the time stamp zero and was dealt with.
            Ok((at, Event::Open { mail })) if at > 0 => {
                if let Some(mail) = mail {
                    app.state::<Pages>().keep_mail(MAIN, mail);
                }
                raise(&app);
            }
            Ok((_, Event::SettingsChanged { settings })) => app.state::<Linger>().set(settings.linger_minutes),
            Ok(_) => {}
            // What was missed may have been a change of the settings.
            Err(RecvError::Lagged(_)) => learn_linger(&app).await,
            Err(RecvError::Closed) => return,
        }
    }
}

/// Asks the agent how long a closed window is to linger.
async fn learn_linger(app: &AppHandle) {
    let settings = async {
        let client = app.state::<Agent>().client().await?;
        client.call(call::SettingsGet, Nothing {}).await
    };
    if let Ok(settings) = settings.await {
        app.state::<Linger>().set(settings.linger_minutes);
    }
}

#[cfg(test)]
mod tests;
