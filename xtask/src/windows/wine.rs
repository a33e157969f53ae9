//! A Windows of our own: a wine prefix that nothing else uses.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context;

use super::{Cross, once};
use crate::command::succeed;
use crate::progress::Progress;

/// wine 8 lacks the library from which Rust takes its random numbers; this passes the call on to one that it has. It
/// lies in the prefix only, nothing of it ships.
const SHIM: &str = r"
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
    while (length > 0) {
        ULONG part = length > 0x10000000 ? 0x10000000 : (ULONG)length;
        if (!SystemFunction036(data, part)) return FALSE;
        data += part;
        length -= part;
    }
    return TRUE;
}
";

pub(super) fn prepare(cross: &Cross, progress: &Progress) -> anyhow::Result<()> {
    let prefix = cross.folder.join("prefix");
    cross.script(
        "bin/wine-run",
        &format!(
            "#!/bin/sh\n# wine-run PROGRAM.exe [ARGUMENTS]\n\
             export WINEPREFIX=\"{}\" WINEARCH=win64 WINEDEBUG=\"${{WINEDEBUG:--all}}\"\n\
             export WINEDLLOVERRIDES=\"mscoree,mshtml,winemenubuilder.exe=\"\n\
             exec /usr/lib/wine/wine64 \"$@\"\n",
            prefix.display()
        ),
    )?;
    once(cross, "wine", &["wine64"], || make(cross, &prefix, progress))
}

fn make(cross: &Cross, prefix: &Path, progress: &Progress) -> anyhow::Result<()> {
    progress.say("preparing wine");
    if prefix.exists() {
        fs::remove_dir_all(prefix)?;
    }
    // Without a display: nothing of it is to be seen.
    let run = |arguments: &[&str]| {
        let mut wine = Command::new(cross.folder.join("bin/wine-run"));
        wine.args(arguments)
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .stdout(std::io::stderr());
        succeed(&mut wine)
    };
    run(&["wineboot.exe", "--init"]).context("making the prefix")?;
    run(&["winecfg.exe", "/v", "win10"]).context("choosing the version")?;
    succeed(
        Command::new("/usr/lib/wine/wineserver")
            .arg("-w")
            .env("WINEPREFIX", prefix),
    )?;

    let source = cross.folder.join("shim.c");
    fs::write(&source, SHIM)?;
    let library = prefix.join("drive_c/windows/system32/bcryptprimitives.dll");
    if !library.exists() {
        let mut gcc = Command::new("x86_64-w64-mingw32-gcc");
        gcc.args(["-O2", "-s", "-shared", "-o"])
            .arg(&library)
            .arg(&source)
            .arg("-ladvapi32");
        succeed(&mut gcc).context("building the shim")?;
    }
    Ok(())
}
