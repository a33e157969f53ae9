//! Where the agent's program lies, and how it is started so that it outlives the window.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const NAME: &str = if cfg!(windows) {
    "qiyou-agent.exe"
} else {
    "qiyou-agent"
};

/// The agent's program: beside `window`, or in the login item of a macOS bundle.
fn program(window: &Path) -> Option<PathBuf> {
    let folder = window.parent()?;
    let in_bundle = || {
        let item = folder
            .parent()?
            .join("Library/LoginItems/Qiyou Agent.app/Contents/MacOS");
        Some(item.join(NAME))
    };
    let places = [
        if cfg!(target_os = "macos") { in_bundle() } else { None },
        Some(folder.join(NAME)),
    ];
    places.into_iter().flatten().find(|place| place.is_file())
}

/// Starts the agent in a session of its own: a Ctrl-C in the window's terminal, or its end, is not the agent's end.
pub(crate) fn start() -> io::Result<()> {
    let program = program(&std::env::current_exe()?)
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "qiyou-agent does not lie beside this program"))?;
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        command.process_group(0);
    }
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt;
        const DETACHED_PROCESS: u32 = 0x0000_0008;
        const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
        command.creation_flags(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP);
    }
    let mut child = command.spawn()?;
    tracing::info!(pid = child.id(), "the agent was started");
    // An ended child stays in the table of processes until somebody waits for it.
    std::thread::spawn(move || child.wait());
    Ok(())
}
