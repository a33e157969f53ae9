//! `cargo xtask windows`: everything without GTK, cross-built for Windows on Debian, its tests run under wine.
//!
//! rustup has no Windows toolchain on every machine that builds Qiyou, so the parts come from Debian: its compiler, the
//! source of its standard library, mingw's linker, wine. They are prepared once in a folder that may be deleted.

mod toolchain;
mod wine;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};

use crate::command::{self, built, cargo, status, succeed, target};
use crate::progress::Progress;
use crate::setup;

pub(crate) const TARGET: &str = "x86_64-pc-windows-gnu";

const PACKAGES: &[&str] = &[
    "build-essential",
    "perl",
    "rustc-web",
    "libstd-rust-web-dev",
    "rust-web-src",
    "gcc-mingw-w64-x86-64-win32",
    "wine64",
    // The mail server of the agent's main job.
    "dovecot-imapd",
    "dovecot-lmtpd",
    "dovecot-submissiond",
];

/// The crates of the agent; the window needs `WebView2`, which wine does not have.
const CRATES: &[&str] = &[
    "qiyou-api",
    "qiyou-words",
    "qiyou-frame",
    "qiyou-mime",
    "qiyou-people",
    "qiyou-net",
    "qiyou-imap",
    "qiyou-smtp",
    "qiyou-signin",
    "qiyou-store",
    "qiyou-desktop",
    "qiyou-engine",
    "qiyou-agent",
];

/// A prepared folder.
pub(crate) struct Cross {
    pub(crate) folder: PathBuf,
}

pub(crate) fn command(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let (prepare_only, only) = match arguments {
        [] => (false, None),
        [flag] if flag == "--prepare" => (true, None),
        [flag, name] if flag == "--package" => (false, Some(name.as_str())),
        _ => bail!("cargo xtask windows [--prepare | --package NAME]"),
    };
    if !cfg!(target_os = "linux") {
        bail!("the cross-build runs on Debian 12; on Windows itself cargo test does");
    }
    let progress = Progress::new();
    setup::install(PACKAGES, &progress)?;
    let cross = prepare(&folder()?, &progress)?;
    if prepare_only {
        return Ok(ExitCode::SUCCESS);
    }
    let crates: Vec<&str> = only.map_or_else(|| CRATES.to_vec(), |name| vec![name]);
    let mut failed = Vec::new();
    if only.is_none() {
        progress.say("building the agent");
    }
    if only.is_none() && !status(&mut cross.cargo(["build", "--package", "qiyou-agent", "--bins"]))?.success() {
        bail!("the agent does not build for Windows");
    }
    for name in crates {
        progress.say(&format!("{name}: tests under wine"));
        let mut well = false;
        // Now and then wine loses its server at the start of a program; a second run tells that from a failed test.
        for _ in 0..2 {
            let mut tests = cross.cargo(["test", "--package", name, "--tests", "--no-fail-fast"]);
            well = status(&mut tests)?.success();
            if well {
                break;
            }
            progress.say(&format!("{name}: failed"));
        }
        if !well {
            failed.push(name);
        }
    }
    if only.is_none() {
        progress.say("the agent under wine");
        let driver = ["build", "--locked", "--package", "qiyou-tests", "--bin", "qiyou-wine"];
        succeed(&mut cargo(driver)).context("building the driver")?;
        let agent = target().join(TARGET).join("debug/qiyou-agent.exe");
        let mut job = command::command(built("qiyou-wine"), [cross.folder.join("bin/wine-run").as_os_str()]);
        job.arg(agent);
        // Once more, as with the tests above.
        if !status(&mut job)?.success() && !status(&mut job)?.success() {
            failed.push("the agent's main job");
        }
    }
    if failed.is_empty() {
        progress.say("Windows: all well");
        return Ok(ExitCode::SUCCESS);
    }
    progress.say(&format!("Windows: failed: {}", failed.join(", ")));
    Ok(ExitCode::FAILURE)
}

/// Outside the project, so that every clone shares it: `$QIYOU_WINDOWS_DIR`, or the user's cache.
fn folder() -> anyhow::Result<PathBuf> {
    let from = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let folder = from("QIYOU_WINDOWS_DIR")
        .or_else(|| from("XDG_CACHE_HOME").map(|cache| cache.join("qiyou-windows")))
        .or_else(|| from("HOME").map(|home| home.join(".cache/qiyou-windows")))
        .context("no home directory for the toolchain; set QIYOU_WINDOWS_DIR")?;
    if folder
        .to_string_lossy()
        .contains(|c: char| c.is_whitespace() || "'\":".contains(c))
    {
        bail!("no space, quote or colon in {}", folder.display());
    }
    Ok(folder)
}

fn prepare(folder: &Path, progress: &Progress) -> anyhow::Result<Cross> {
    std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    // Two at once would tear each other's work; the lock ends with this process.
    let lock = std::fs::File::create(folder.join("lock"))?;
    lock.lock()?;
    let cross = Cross {
        folder: folder.to_owned(),
    };
    toolchain::prepare(&cross, progress)?;
    wine::prepare(&cross, progress)?;
    Ok(cross)
}

/// Runs `make` unless it ran for the same versions of these packages; remembers it when it went well.
pub(crate) fn once(
    cross: &Cross,
    name: &str,
    packages: &[&str],
    make: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut query = Command::new("dpkg-query");
    query.args(["-W", "-f", "${Package}=${Version} "]).args(packages);
    let versions = crate::command::output(&mut query).context("asking for the versions of packages")?;
    let stamp = cross.folder.join(format!("{name}.stamp"));
    if std::fs::read_to_string(&stamp).is_ok_and(|known| known == versions) {
        return Ok(());
    }
    let _ = std::fs::remove_file(&stamp);
    make()?;
    std::fs::write(stamp, versions)?;
    Ok(())
}

impl Cross {
    /// cargo for the Windows target. rustup's own cargo is kept, the compiler is Debian's.
    fn cargo<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut cargo = cargo(arguments);
        cargo.args(["--locked", "--target", TARGET]);
        cargo.env("RUSTC", self.folder.join("toolchain/bin/rustc"));
        cargo.env("RUSTDOC", self.folder.join("toolchain/bin/rustdoc"));
        cargo.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", "x86_64-w64-mingw32-gcc");
        cargo.env(
            "CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER",
            self.folder.join("bin/wine-run"),
        );
        cargo.env("CC_x86_64_pc_windows_gnu", "x86_64-w64-mingw32-gcc");
        cargo.env("AR_x86_64_pc_windows_gnu", "x86_64-w64-mingw32-ar");
        cargo
    }

    /// Writes an executable file in one step: another process may be running the old one.
    pub(crate) fn script(&self, path: &str, text: &str) -> anyhow::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let path = self.folder.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let new = path.with_extension("new");
        std::fs::write(&new, text)?;
        std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o755))?;
        std::fs::rename(new, path)?;
        Ok(())
    }
}
