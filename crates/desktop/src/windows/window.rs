//! A hidden window on a thread of its own, for what Windows says only to windows.

use std::cell::RefCell;

use windows::{
    Win32::{
        Foundation::{HINSTANCE, HWND, LPARAM, LRESULT, WPARAM},
        System::LibraryLoader::GetModuleHandleW,
        UI::WindowsAndMessaging::{
            CreateWindowExW, DefWindowProcW, DispatchMessageW, GetMessageW, MSG, PostMessageW, PostQuitMessage,
            RegisterClassW, TranslateMessage, WINDOW_EX_STYLE, WM_APP, WM_DESTROY, WNDCLASSW, WS_OVERLAPPED,
        },
    },
    core::{HSTRING, PCWSTR, Result},
};

/// The message by which [`Poke`] wakes the window's thread.
pub(super) const POKED: u32 = WM_APP;

/// Hears a message of the window, on its thread.
pub(super) type Hear = Box<dyn FnMut(u32, WPARAM, LPARAM)>;

thread_local! {
    static HEAR: RefCell<Option<Hear>> = const { RefCell::new(None) };
}

/// Wakes a window's thread from any other.
#[derive(Clone, Copy)]
pub(super) struct Poke(isize);

impl Poke {
    /// False if the window is gone.
    pub(super) fn poke(self) -> bool {
        // SAFETY: a handle of a window that is gone is refused, not followed.
        unsafe { PostMessageW(Some(self.window()), POKED, WPARAM(0), LPARAM(0)) }.is_ok()
    }

    pub(super) fn window(self) -> HWND {
        HWND(std::ptr::with_exposed_provenance_mut(self.0.cast_unsigned()))
    }
}

/// Makes a window and serves it until it is destroyed. `ready` gets the window before the first message, and gives
/// who hears its messages. Not a message-only window: those are left out of broadcasts.
pub(super) fn serve(class: &str, ready: impl FnOnce(Poke) -> Hear) -> Result<()> {
    let name = HSTRING::from(class);
    // SAFETY: no name asks for the program itself, which stays loaded.
    let program = HINSTANCE::from(unsafe { GetModuleHandleW(PCWSTR::null()) }?);
    let class = WNDCLASSW {
        lpfnWndProc: Some(procedure),
        hInstance: program,
        lpszClassName: PCWSTR(name.as_ptr()),
        ..WNDCLASSW::default()
    };
    // SAFETY: the class's name lives until the end of this function, and a copy is taken. A second registration of
    // the same name fails and leaves the first one in use.
    let _ = unsafe { RegisterClassW(&raw const class) };
    // SAFETY: the strings are valid, the class is registered, and nothing else is handed over.
    let window = unsafe {
        CreateWindowExW(
            WINDOW_EX_STYLE(0),
            &name,
            &name,
            WS_OVERLAPPED,
            0,
            0,
            0,
            0,
            None,
            None,
            Some(program),
            None,
        )
    }?;
    let hear = ready(Poke(window.0.expose_provenance().cast_signed()));
    HEAR.with(|slot| *slot.borrow_mut() = Some(hear));
    let mut message = MSG::default();
    // SAFETY: the message lives here; 0 is the end, -1 an error.
    while unsafe { GetMessageW(&raw mut message, None, 0, 0) }.0 > 0 {
        // SAFETY: the message was just filled by the system.
        unsafe {
            let _ = TranslateMessage(&raw const message);
            DispatchMessageW(&raw const message);
        }
    }
    HEAR.with(|slot| slot.borrow_mut().take());
    Ok(())
}

/// Called by the system on the window's own thread.
unsafe extern "system" fn procedure(window: HWND, message: u32, first: WPARAM, second: LPARAM) -> LRESULT {
    if message == WM_DESTROY {
        // SAFETY: ends this thread's own loop.
        unsafe { PostQuitMessage(0) };
        return LRESULT(0);
    }
    HEAR.with(|slot| {
        // Menus serve messages inside of a call of ours: what comes then is not heard twice.
        if let Ok(mut slot) = slot.try_borrow_mut()
            && let Some(hear) = slot.as_mut()
        {
            hear(message, first, second);
        }
    });
    // SAFETY: handed on as it came.
    unsafe { DefWindowProcW(window, message, first, second) }
}
