//! A compiler that knows two standard libraries: Debian's own for Linux (build scripts, procedural macros), and one for
//! Windows that is built here from Debian's source package.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

use super::{Cross, TARGET, once};
use crate::command::{output, succeed};
use crate::progress::Progress;

const HOST: &str = "x86_64-unknown-linux-gnu";

/// Settings of the caller that must not reach the build of the standard library.
const FOREIGN: &[&str] = &[
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTUP_TOOLCHAIN",
];

pub(super) fn prepare(cross: &Cross, progress: &Progress) -> anyhow::Result<()> {
    once(
        cross,
        "toolchain",
        &["rustc-web", "rust-web-src", "gcc-mingw-w64-x86-64-win32"],
        || build(cross, progress),
    )?;
    let sysroot = cross.folder.join("toolchain");
    for tool in ["rustc", "rustdoc"] {
        let text = format!(
            "#!/bin/sh\nexec /usr/bin/{tool} --sysroot \"{}\" \"$@\"\n",
            sysroot.display()
        );
        cross.script(&format!("toolchain/bin/{tool}"), &text)?;
    }
    Ok(())
}

fn build(cross: &Cross, progress: &Progress) -> anyhow::Result<()> {
    let version = output(Command::new("/usr/bin/rustc").arg("-vV")).context("Debian's rustc")?;
    let release = version
        .lines()
        .find_map(|line| line.strip_prefix("release: "))
        .context("its release")?
        .to_owned();
    progress.say(&format!("building the standard library of Rust {release} for Windows"));
    let build = cross.folder.join("build");
    let lib = cross.folder.join("toolchain/lib/rustlib");
    for old in [&build, &lib] {
        if old.exists() {
            fs::remove_dir_all(old)?;
        }
    }
    let library = build.join("library");
    fs::create_dir_all(&build)?;
    let source = format!("/usr/src/rustc-{release}/library");
    succeed(Command::new("cp").arg("-r").arg(&source).arg(&library)).context("copying the source")?;

    let target = build.join("target");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for name in FOREIGN {
        cargo.env_remove(name);
    }
    let remap = format!(
        "-Zforce-unstable-if-unmarked -Cembed-bitcode=yes --remap-path-prefix={}=/rustc/{release}/library",
        library.display()
    );
    cargo
        .args(["build", "--quiet", "--locked", "--release", "--target", TARGET])
        .args([
            "--manifest-path",
            "sysroot/Cargo.toml",
            "--features",
            "panic-unwind,backtrace",
        ])
        .current_dir(&library)
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_INCREMENTAL", "0")
        .env("RUSTFLAGS", remap)
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", "x86_64-w64-mingw32-gcc");
    succeed(&mut cargo).context("building the standard library")?;

    let into = lib.join(TARGET).join("lib");
    fs::create_dir_all(&into)?;
    if copy_libraries(&target.join(TARGET).join("release/deps"), &into)? == 0 {
        bail!("the build left no libraries");
    }
    std::os::unix::fs::symlink(format!("/usr/lib/rustlib/{HOST}"), lib.join(HOST))?;
    fs::remove_dir_all(build)?;
    Ok(())
}

fn copy_libraries(from: &Path, into: &Path) -> anyhow::Result<usize> {
    let mut copied = 0_usize;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rlib") {
            fs::copy(&path, into.join(path.file_name().context("a name")?))?;
            copied = copied.saturating_add(1);
        }
    }
    Ok(copied)
}
