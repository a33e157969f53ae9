//! Sleep, lock and clock by messages to a hidden window; routes by a callback of the IP Helper.

use std::ffi::c_void;

use tokio::sync::mpsc;
use windows::Win32::{
    Foundation::HANDLE,
    NetworkManagement::IpHelper::{
        CancelMibChangeNotify2, MIB_IPFORWARD_ROW2, MIB_NOTIFICATION_TYPE, NotifyRouteChange2,
    },
    Networking::WinSock::AF_UNSPEC,
    System::RemoteDesktop::{NOTIFY_FOR_THIS_SESSION, WTSRegisterSessionNotification},
    UI::WindowsAndMessaging::{
        PBT_APMRESUMEAUTOMATIC, PBT_APMSUSPEND, WM_POWERBROADCAST, WM_TIMECHANGE, WM_WTSSESSION_CHANGE,
        WTS_SESSION_LOCK, WTS_SESSION_UNLOCK,
    },
};

use super::window::{self, Hear};
use crate::SystemEvent;

pub(super) fn start(events: mpsc::Sender<SystemEvent>) {
    watch_routes(events.clone());
    let listen = move || {
        let ready = move |poke: window::Poke| -> Hear {
            // SAFETY: the window is this thread's own and lives as long as the thread.
            if let Err(e) = unsafe { WTSRegisterSessionNotification(poke.window(), NOTIFY_FOR_THIS_SESSION) } {
                tracing::info!("locking cannot be watched: {e}");
            }
            Box::new(move |message, kind, _| {
                let kind = u32::try_from(kind.0).unwrap_or(0);
                let event = match (message, kind) {
                    (WM_POWERBROADCAST, PBT_APMSUSPEND) => SystemEvent::Suspend,
                    (WM_POWERBROADCAST, PBT_APMRESUMEAUTOMATIC) => SystemEvent::Resume,
                    (WM_WTSSESSION_CHANGE, WTS_SESSION_LOCK) => SystemEvent::SessionLocked(true),
                    (WM_WTSSESSION_CHANGE, WTS_SESSION_UNLOCK) => SystemEvent::SessionLocked(false),
                    (WM_TIMECHANGE, _) => SystemEvent::ClockJump,
                    _ => return,
                };
                let _ = events.try_send(event);
            })
        };
        if let Err(e) = window::serve("QiyouEvents", ready) {
            tracing::info!("sleep and locking cannot be watched: {e}");
        }
    };
    if let Err(e) = std::thread::Builder::new()
        .name("events".into())
        .stack_size(256 * 1024)
        .spawn(listen)
    {
        tracing::info!("sleep and locking cannot be watched: {e}");
    }
}

fn watch_routes(events: mpsc::Sender<SystemEvent>) {
    // Lives as long as the program: the callback may come at any time, and there is one such watch.
    let context = Box::into_raw(Box::new(events.clone()));
    let mut handle = HANDLE::default();
    // SAFETY: the context is never freed while the callback is registered, and the handle lives here.
    let asked = unsafe {
        NotifyRouteChange2(
            AF_UNSPEC,
            Some(route_changed),
            context.cast::<c_void>().cast_const(),
            false,
            &raw mut handle,
        )
    };
    if asked.is_err() {
        // SAFETY: it was not registered, so that nobody else has the box.
        drop(unsafe { Box::from_raw(context) });
        tracing::info!("routes cannot be watched: {asked:?}");
        return;
    }
    let handle = handle.0.expose_provenance();
    let context = context.expose_provenance();
    tokio::spawn(async move {
        events.closed().await;
        let handle = HANDLE(std::ptr::with_exposed_provenance_mut(handle));
        // SAFETY: the handle is of the registration above; when this returns no callback runs any more.
        if unsafe { CancelMibChangeNotify2(handle) }.is_ok() {
            let context = std::ptr::with_exposed_provenance_mut::<mpsc::Sender<SystemEvent>>(context);
            // SAFETY: the callback was the other user of the box, and is gone.
            drop(unsafe { Box::from_raw(context) });
        }
    });
}

/// Called by the system on a thread of its own.
unsafe extern "system" fn route_changed(
    context: *const c_void,
    row: *const MIB_IPFORWARD_ROW2,
    _kind: MIB_NOTIFICATION_TYPE,
) {
    // SAFETY: the system hands over a row for the time of the call, or null.
    let to_everywhere = unsafe { row.as_ref() }.is_none_or(|row| row.DestinationPrefix.PrefixLength == 0);
    // SAFETY: the box that was registered, which lives as long as the registration.
    let events = unsafe { context.cast::<mpsc::Sender<SystemEvent>>().as_ref() };
    if to_everywhere && let Some(events) = events {
        let _ = events.try_send(SystemEvent::NetworkChanged { online: None });
    }
}
