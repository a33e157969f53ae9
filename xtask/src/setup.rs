//! `cargo xtask setup`: what building and testing need from the system.

use std::process::{Command, ExitCode};

use anyhow::{Context, bail};

use crate::command::{self, exists, npm, output, succeed};
use crate::progress::Progress;

/// To build the window.
const BUILD: &[&str] = &[
    "build-essential",
    "pkg-config",
    "perl",
    "libwebkit2gtk-4.1-dev",
    "libdbus-1-dev",
    "librsvg2-dev",
    "desktop-file-utils",
    "shared-mime-info",
    "xdg-utils",
    "file",
];
/// The mail server of the demo and the tests.
const SANDBOX: &[&str] = &[
    "dovecot-imapd",
    "dovecot-lmtpd",
    "dovecot-submissiond",
    "fonts-noto-cjk",
    "procps",
    "python3",
];
/// Servers of the tests alone.
const TESTS: &[&str] = &["postgresql"];
/// A desktop without a screen.
const HEADLESS: &[&str] = &[
    "xvfb",
    "xauth",
    "x11-utils",
    "dbus-x11",
    "dbus-user-session",
    "gnome-keyring",
    "libsecret-tools",
    "webkit2gtk-driver",
    "xfce4-panel",
    "xfconf",
    "xfce4-notifyd",
    "xfwm4",
    "xdotool",
    "ibus",
    "ibus-gtk3",
    "ibus-libpinyin",
    "imagemagick",
    "libglib2.0-bin",
    "at-spi2-core",
    "chromium",
];
/// The oldest node that vite 6 runs on; Debian 12 has 18.20.
const NODE: (u32, u32) = (18, 0);

/// How much is needed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Building and showing.
    Window,
    /// And a mail server.
    Sandbox,
    /// And what tests need: more servers, a desktop without a screen.
    Everything,
}

pub(crate) fn command() -> anyhow::Result<ExitCode> {
    let progress = Progress::new();
    setup(Need::Everything, &progress)?;
    progress.say("everything is there");
    Ok(ExitCode::SUCCESS)
}

/// Installs what is missing. Asks nobody, and does nothing when everything is there.
pub(crate) fn setup(need: Need, progress: &Progress) -> anyhow::Result<()> {
    match std::env::consts::OS {
        "linux" => linux(need, progress)?,
        "macos" => {
            if !exists("npm") || output(Command::new("xcode-select").arg("-p")).is_none() {
                bail!("needed: Xcode's command line tools (xcode-select --install) and Node.js 20 (brew install node)");
            }
        }
        "windows" => {
            if output(&mut npm(["--version"])).is_none() {
                bail!(
                    "needed: Visual Studio Build Tools with \"Desktop development with C++\", Strawberry Perl (for OpenSSL), Node.js 20, and the WebView2 runtime (part of Windows 11)"
                );
            }
        }
        other => bail!("{other} is not a system that Qiyou runs on"),
    }
    node(progress)?;
    modules(progress)
}

fn linux(need: Need, progress: &Progress) -> anyhow::Result<()> {
    if !exists("dpkg-query") || !exists("apt-get") {
        progress.say("neither Debian nor Ubuntu: please install what these packages hold, where it is missing:");
        progress.say(&[BUILD, SANDBOX, TESTS, HEADLESS].concat().join(" "));
        return Ok(());
    }
    let mut wanted: Vec<&str> = BUILD.to_vec();
    if need != Need::Window {
        wanted.extend(SANDBOX);
    }
    if need == Need::Everything {
        wanted.extend(TESTS);
        wanted.extend(HEADLESS);
    }
    // Whoever has a node of another source has npm with it, and Debian's npm would conflict with it.
    if !exists("node") {
        wanted.push("nodejs");
    }
    if !exists("npm") {
        wanted.push("npm");
    }
    install(&wanted, progress)
}

/// Installs packages of Debian that are not there yet.
pub(crate) fn install(wanted: &[&str], progress: &Progress) -> anyhow::Result<()> {
    let missing: Vec<&str> = wanted.iter().copied().filter(|package| !installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    progress.say(&format!("installing {}", missing.join(" ")));
    if let Err(error) = succeed(&mut apt(["-qq", "update"])?) {
        progress.say(&format!("{error:#}; going on with the old lists"));
    }
    let install = ["-qq", "-y", "--no-install-recommends", "install"];
    succeed(&mut apt(install.into_iter().chain(missing))?).context("installing packages")
}

fn installed(package: &str) -> bool {
    let query = ["-W", "-f", "${db:Status-Status}", package];
    output(Command::new("dpkg-query").args(query)).is_some_and(|status| status == "installed")
}

/// apt-get as root, waiting for another apt to finish.
fn apt<'a>(arguments: impl IntoIterator<Item = &'a str>) -> anyhow::Result<Command> {
    let root = output(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    let mut apt = if root {
        Command::new("env")
    } else if exists("sudo") {
        let mut sudo = Command::new("sudo");
        sudo.arg("env");
        sudo
    } else {
        bail!(
            "packages are missing, and neither are you root nor is there sudo: run `apt-get install` for the packages above"
        );
    };
    apt.args([
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-o",
        "DPkg::Lock::Timeout=900",
    ])
    .args(arguments);
    // Hundreds of lines that say nothing; what goes wrong is on stderr.
    apt.stdout(std::process::Stdio::null());
    Ok(apt)
}

fn node(progress: &Progress) -> anyhow::Result<()> {
    let version = output(Command::new("node").arg("--version")).context("node is not installed")?;
    let numbers = version_of(&version).with_context(|| format!("node says {version}"))?;
    if numbers < NODE {
        bail!(
            "node {} is too old: {}.{} or newer is needed",
            version.trim(),
            NODE.0,
            NODE.1
        );
    }
    progress.say(&format!("node {}", version.trim()));
    Ok(())
}

fn version_of(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// The ui's packages, when the lock file changed since they were installed.
fn modules(progress: &Progress) -> anyhow::Result<()> {
    let ui = command::root().join("ui");
    let lock = std::fs::read(ui.join("package-lock.json")).context("reading ui/package-lock.json")?;
    let stamp = ui.join("node_modules/.qiyou-lock");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    progress.say("installing the ui's packages");
    succeed(npm(["ci", "--no-audit", "--no-fund"]).stdout(std::io::stderr()))?;
    std::fs::write(stamp, lock).context("writing the stamp of the ui's packages")
}

#[cfg(test)]
mod tests {
    use super::version_of;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(version_of("v18.20.4\n"), Some((18, 20)));
        assert!(version_of("v9.11.2") < version_of("v18.0.0"));
        assert_eq!(version_of("none"), None);
    }
}
