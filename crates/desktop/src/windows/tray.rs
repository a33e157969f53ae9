//! The icon in the notification area, by `tray-icon`, on a thread with a message loop.

use std::sync::{Arc, Mutex, PoisonError};

use futures::{FutureExt, future::BoxFuture};
use tokio::sync::{mpsc, oneshot};
use tray_icon::{
    Icon, MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent,
    menu::{CheckMenuItem, ContextMenu, IsMenuItem, Menu, MenuEvent, MenuItem as Line, PredefinedMenuItem, Submenu},
};
use windows::Win32::UI::WindowsAndMessaging::{DestroyWindow, GetSystemMetrics, SM_CXSMICON};

use super::window::{self, Hear, POKED, Poke};
use crate::{App, Error, MenuItem, Tray, TrayEvent, TrayState, tray::drawing};

const WHAT: &str = "tray";

/// What the thread is to do when it is woken.
enum Order {
    Set(TrayState),
    Remove,
}

pub(super) struct NotificationArea {
    poke: Poke,
    order: Arc<Mutex<Option<Order>>>,
}

impl NotificationArea {
    pub(super) async fn start(app: &App, state: TrayState, events: mpsc::Sender<TrayEvent>) -> Result<Self, Error> {
        let (ready, started) = oneshot::channel();
        let name = app.name.clone();
        let order: Arc<Mutex<Option<Order>>> = Arc::default();
        let orders = Arc::clone(&order);
        let thread = move || {
            let served = window::serve("QiyouTray", move |poke| {
                hear_clicks(events);
                let icon = Shown::new(&name, state);
                let answer = icon.as_ref().map(|_| poke).map_err(ToString::to_string);
                let _ = ready.send(answer);
                serve(icon.ok(), poke, orders)
            });
            if let Err(e) = served {
                tracing::warn!("no window for the tray: {e}");
            }
        };
        std::thread::Builder::new()
            .name("tray".into())
            .stack_size(512 * 1024)
            .spawn(thread)
            .map_err(|e| Error::absent(WHAT, e))?;
        let poke = started
            .await
            .map_err(|e| Error::absent(WHAT, e))?
            .map_err(|e| Error::absent(WHAT, e))?;
        Ok(Self { poke, order })
    }

    fn order(&self, order: Order) -> Result<(), Error> {
        *self.order.lock().unwrap_or_else(PoisonError::into_inner) = Some(order);
        if self.poke.poke() {
            Ok(())
        } else {
            Err(Error::absent(WHAT, "its window is gone"))
        }
    }
}

impl Tray for NotificationArea {
    fn set(&self, state: TrayState) -> BoxFuture<'_, Result<(), Error>> {
        async move { self.order(Order::Set(state)) }.boxed()
    }

    fn remove(&self) -> BoxFuture<'_, ()> {
        async move { drop(self.order(Order::Remove)) }.boxed()
    }
}

fn serve(mut icon: Option<Shown>, poke: Poke, orders: Arc<Mutex<Option<Order>>>) -> Hear {
    Box::new(move |message, _, _| {
        if message != POKED {
            return;
        }
        match orders.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(Order::Set(state)) => {
                if let Some(Err(e)) = icon.as_mut().map(|icon| icon.set(state)) {
                    tracing::warn!("the tray cannot be set: {e}");
                }
            }
            Some(Order::Remove) => {
                icon = None;
                // SAFETY: the window is this thread's own.
                let _ = unsafe { DestroyWindow(poke.window()) };
            }
            None => {}
        }
    })
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

/// The icon as it is shown now.
struct Shown {
    icon: TrayIcon,
    state: TrayState,
}

impl Shown {
    fn new(name: &str, state: TrayState) -> Result<Self, Box<dyn std::error::Error>> {
        let tooltip = state.tooltip.join("\n");
        let icon = TrayIconBuilder::new()
            .with_icon(picture(&state)?)
            .with_tooltip(if tooltip.is_empty() { name } else { tooltip.as_str() })
            .with_menu(menu(&state.menu)?)
            .with_menu_on_left_click(false)
            .build()?;
        Ok(Self { icon, state })
    }

    fn set(&mut self, state: TrayState) -> Result<(), Box<dyn std::error::Error>> {
        if state.kind != self.state.kind {
            self.icon.set_icon(Some(picture(&state)?))?;
        }
        if state.tooltip != self.state.tooltip {
            self.icon.set_tooltip(Some(state.tooltip.join("\n")))?;
        }
        if state.menu != self.state.menu {
            self.icon.set_menu(Some(menu(&state.menu)?));
        }
        self.state = state;
        Ok(())
    }
}

fn picture(state: &TrayState) -> Result<Icon, tray_icon::BadIcon> {
    // SAFETY: takes and gives numbers.
    let side = unsafe { GetSystemMetrics(SM_CXSMICON) };
    let picture = drawing::draw(state.kind, u32::try_from(side).unwrap_or(16));
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

/// A label whose ampersands are ampersands, not access keys.
fn plain(label: &str) -> String {
    label.replace('&', "&&")
}
