//! An entry of Explorer's menu "Send to": a link in the user's own folder of them.

use std::path::{Path, PathBuf};

use windows::{
    Win32::{
        System::Com::{
            CLSCTX_INPROC_SERVER, COINIT_APARTMENTTHREADED, CoCreateInstance, CoInitializeEx, CoTaskMemFree,
            CoUninitialize, IPersistFile,
        },
        UI::Shell::{FOLDERID_SendTo, IShellLinkW, KF_FLAG_CREATE, SHGetKnownFolderPath, ShellLink},
    },
    core::{HSTRING, Interface, w},
};

/// Where Explorer looks.
fn folder() -> windows::core::Result<PathBuf> {
    // SAFETY: the id is a constant of the system; the path that comes back is freed once it was copied.
    unsafe {
        let path = SHGetKnownFolderPath(&FOLDERID_SendTo, KF_FLAG_CREATE, None)?;
        let copied = path.to_string();
        CoTaskMemFree(Some(path.0.cast::<std::ffi::c_void>().cast_const()));
        Ok(PathBuf::from(copied.unwrap_or_default()))
    }
}

/// Puts the entry there; gives its place. Runs on a thread of its own, as COM belongs to threads.
pub(super) fn put(name: &str, agent: &Path, icon: &Path) -> windows::core::Result<PathBuf> {
    let place = folder()?.join(format!("{name}.lnk"));
    let (file, agent, icon) = (
        HSTRING::from(place.as_path()),
        HSTRING::from(agent),
        HSTRING::from(icon),
    );
    let made = std::thread::spawn(move || {
        // SAFETY: COM is begun and ended on this thread alone, and all strings live until the calls are over.
        unsafe {
            CoInitializeEx(None, COINIT_APARTMENTTHREADED).ok()?;
            let saved = (|| -> windows::core::Result<()> {
                let link: IShellLinkW = CoCreateInstance(&ShellLink, None, CLSCTX_INPROC_SERVER)?;
                link.SetPath(&agent)?;
                // Explorer puts the files behind it.
                link.SetArguments(w!("compose --attach"))?;
                link.SetIconLocation(&icon, 0)?;
                link.cast::<IPersistFile>()?.Save(&file, true)
            })();
            CoUninitialize();
            saved
        }
    });
    made.join().unwrap_or_else(|_| {
        Err(windows::core::Error::from_hresult(
            windows::Win32::Foundation::E_UNEXPECTED,
        ))
    })?;
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_hands_files_to_the_agent() {
        let agent = Path::new(r"C:\Program Files\Qiyou\qiyou-agent.exe");
        let place = put("qiyou-test", agent, agent).unwrap();
        let bytes = std::fs::read(&place).unwrap();
        std::fs::remove_file(&place).unwrap();
        let wide: Vec<u8> = "compose --attach".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(
            bytes.windows(wide.len()).any(|window| window == wide),
            "{}",
            bytes.len()
        );
    }
}
