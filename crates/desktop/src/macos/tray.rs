//! The status item, by `tray-icon`. It lives on the main thread; orders are sent there.

use std::cell::RefCell;

use dispatch2::DispatchQueue;
use futures::{FutureExt, future::BoxFuture};
use tokio::sync::{mpsc, oneshot};
use tray_icon::{
    Icon, MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent,
    menu::{CheckMenuItem, ContextMenu, IsMenuItem, Menu, MenuEvent, MenuItem as Line, PredefinedMenuItem, Submenu},
};

use crate::{App, Error, MenuItem, Tray, TrayEvent, TrayState, tray::drawing};

const WHAT: &str = "tray";

/// Status items are 22 points high; two pixels a point.
const SIDE: u32 = 44;

thread_local! {
    /// On the main thread alone.
    static SHOWN: RefCell<Option<(TrayIcon, TrayState)>> = const { RefCell::new(None) };
}

pub(super) struct StatusItem;

impl StatusItem {
    pub(super) async fn start(app: &App, state: TrayState, events: mpsc::Sender<TrayEvent>) -> Result<Self, Error> {
        hear_clicks(events);
        let name = app.name.clone();
        on_main(move || {
            let icon = TrayIconBuilder::new()
                .with_icon(picture(&state).map_err(|e| e.to_string())?)
                .with_tooltip(if state.tooltip.is_empty() {
                    name
                } else {
                    state.tooltip.join("\n")
                })
                .with_menu(menu(&state.menu).map_err(|e| e.to_string())?)
                .with_menu_on_left_click(false)
                .build()
                .map_err(|e| e.to_string())?;
            SHOWN.with(|shown| *shown.borrow_mut() = Some((icon, state)));
            Ok(())
        })
        .await?;
        Ok(Self)
    }
}

impl Tray for StatusItem {
    fn set(&self, state: TrayState) -> BoxFuture<'_, Result<(), Error>> {
        on_main(move || {
            SHOWN.with(|shown| {
                let mut shown = shown.borrow_mut();
                let Some((icon, before)) = shown.as_mut() else {
                    return Ok(());
                };
                if state.kind != before.kind {
                    icon.set_icon(Some(picture(&state).map_err(|e| e.to_string())?))
                        .map_err(|e| e.to_string())?;
                }
                if state.tooltip != before.tooltip {
                    icon.set_tooltip(Some(state.tooltip.join("\n")))
                        .map_err(|e| e.to_string())?;
                }
                if state.menu != before.menu {
                    icon.set_menu(Some(menu(&state.menu).map_err(|e| e.to_string())?));
                }
                *before = state;
                Ok(())
            })
        })
        .boxed()
    }

    fn remove(&self) -> BoxFuture<'_, ()> {
        async {
            let removed = on_main(|| {
                SHOWN.with(|shown| drop(shown.borrow_mut().take()));
                Ok(())
            });
            drop(removed.await);
        }
        .boxed()
    }
}

async fn on_main(order: impl FnOnce() -> Result<(), String> + Send + 'static) -> Result<(), Error> {
    let (answer, done) = oneshot::channel();
    DispatchQueue::main().exec_async(move || drop(answer.send(order())));
    done.await
        .map_err(|e| Error::absent(WHAT, e))?
        .map_err(|e| Error::absent(WHAT, e))
}

fn hear_clicks(events: mpsc::Sender<TrayEvent>) {
    let clicks = events.clone();
    TrayIconEvent::set_event_handler(Some(move |event: TrayIconEvent| {
        if let TrayIconEvent::Click {
            button: MouseButton::Left,
            button_state: MouseButtonState::Up,
            ..
        } = event
        {
            let _ = clicks.try_send(TrayEvent::Activate { activation_token: None });
        }
    }));
    MenuEvent::set_event_handler(Some(move |event: MenuEvent| {
        let _ = events.try_send(TrayEvent::Menu {
            id: event.id.0,
            activation_token: None,
        });
    }));
}

fn picture(state: &TrayState) -> Result<Icon, tray_icon::BadIcon> {
    let picture = drawing::draw(state.kind, SIDE);
    Icon::from_rgba(picture.rgba, picture.side, picture.side)
}

fn menu(items: &[MenuItem]) -> Result<Box<dyn ContextMenu>, tray_icon::menu::Error> {
    let menu = Menu::new();
    for item in items {
        menu.append(line(item)?.as_ref())?;
    }
    Ok(Box::new(menu))
}

fn line(item: &MenuItem) -> Result<Box<dyn IsMenuItem>, tray_icon::menu::Error> {
    Ok(match item {
        MenuItem::Separator => Box::new(PredefinedMenuItem::separator()),
        MenuItem::Submenu { label, items } => {
            let submenu = Submenu::new(plain(label), true);
            for item in items {
                submenu.append(line(item)?.as_ref())?;
            }
            Box::new(submenu)
        }
        MenuItem::Item {
            id,
            label,
            enabled,
            checked: None,
        } => Box::new(Line::with_id(id.as_str(), plain(label), *enabled, None)),
        MenuItem::Item {
            id,
            label,
            enabled,
            checked: Some(checked),
        } => Box::new(CheckMenuItem::with_id(
            id.as_str(),
            plain(label),
            *enabled,
            *checked,
            None,
        )),
    })
}

/// A label whose ampersands are ampersands: the menu library takes them for access keys on every system.
fn plain(label: &str) -> String {
    label.replace('&', "&&")
}
