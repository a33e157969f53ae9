//! Autostart by the Desktop Application Autostart Specification: a file in `$XDG_CONFIG_HOME/autostart`.

use std::{
    io::{ErrorKind, Write as _},
    path::PathBuf,
};

use crate::{App, Autostart, Error};

const WHAT: &str = "autostart";

/// More of an entry is not read: it is a few lines.
const ENTRY_MAX: u64 = 64 * 1024;

pub(super) struct DesktopEntry {
    file: Option<PathBuf>,
    text: String,
}

impl DesktopEntry {
    pub(super) fn new(app: &App) -> Self {
        let home = || Some(PathBuf::from(std::env::var_os("HOME").filter(|h| !h.is_empty())?).join(".config"));
        let named = std::env::var_os("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute());
        let config = app.config_home.clone().or(named).or_else(home);
        Self {
            file: config.map(|folder| folder.join("autostart").join(format!("{}-agent.desktop", app.id))),
            text: entry(app),
        }
    }

    fn file(&self) -> Result<&PathBuf, Error> {
        self.file.as_ref().ok_or_else(|| Error::absent(WHAT, "no home folder"))
    }
}

impl Autostart for DesktopEntry {
    fn is_on(&self) -> Result<bool, Error> {
        use std::io::Read as _;
        let file = match std::fs::File::open(self.file()?) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(false),
            Err(source) => return Err(Error::File { what: WHAT, source }),
        };
        let mut text = String::new();
        file.take(ENTRY_MAX)
            .read_to_string(&mut text)
            .map_err(|source| Error::File { what: WHAT, source })?;
        // Desktops switch an entry off by one of these lines instead of removing it.
        let off = text.lines().map(str::trim).any(|line| {
            let Some((key, value)) = line.split_once('=') else {
                return false;
            };
            matches!(
                (key.trim(), value.trim()),
                ("Hidden", "true") | ("X-GNOME-Autostart-enabled" | "X-MATE-Autostart-enabled", "false")
            )
        });
        Ok(!off)
    }

    fn set(&self, on: bool) -> Result<(), Error> {
        let file = self.file()?;
        let write = || -> std::io::Result<()> {
            if !on {
                return match std::fs::remove_file(file) {
                    Err(e) if e.kind() != ErrorKind::NotFound => Err(e),
                    _ => Ok(()),
                };
            }
            let folder = file.parent().ok_or(ErrorKind::NotFound)?;
            std::fs::create_dir_all(folder)?;
            // In one step: a half-written entry would start nothing, and nobody would know why.
            let half = file.with_extension("desktop.new");
            let mut out = std::fs::File::create(&half)?;
            out.write_all(self.text.as_bytes())?;
            out.sync_all()?;
            std::fs::rename(half, file)
        };
        write().map_err(|source| Error::File { what: WHAT, source })
    }
}

fn entry(app: &App) -> String {
    format!(
        "[Desktop Entry]\nType=Application\nVersion=1.0\nName={}\nExec={}\nIcon={}\nTerminal=false\nNoDisplay=true\n\
         StartupNotify=false\nX-GNOME-Autostart-enabled=true\nX-GNOME-Autostart-Phase=Applications\n",
        value(&app.name),
        quoted(&app.executable.to_string_lossy()),
        value(app.icon.as_deref().unwrap_or(&app.id)),
    )
}

/// A string value: line feeds would begin a new key.
fn value(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
}

/// An argument of `Exec`: quoted, with the quoting's own escapes, `%` doubled, and then escaped as a string value.
fn quoted(argument: &str) -> String {
    let mut out = String::from("\"");
    for c in argument.chars() {
        match c {
            '"' | '`' | '$' | '\\' => out.extend(['\\', c]),
            '%' => out.push_str("%%"),
            c => out.push(c),
        }
    }
    out.push('"');
    value(&out)
}
