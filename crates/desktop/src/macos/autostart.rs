//! Autostart by a property list in `~/Library/LaunchAgents`. (`SMAppService` wants a signed bundle that holds the agent
//! as a login item; the installer's work, see `docs/adr/0004-bubbles.md`.)

use std::{io::ErrorKind, path::PathBuf};

use crate::{App, Autostart, Error, bubbles::escape};

const WHAT: &str = "autostart";

pub(super) struct LaunchAgent {
    file: Option<PathBuf>,
    text: String,
}

impl LaunchAgent {
    pub(super) fn new(app: &App) -> Self {
        let label = format!("{}.agent", app.id);
        let home = || Some(PathBuf::from(std::env::var_os("HOME").filter(|h| !h.is_empty())?).join("Library"));
        let library = app.config_home.clone().or_else(home);
        let program = escape(&app.executable.to_string_lossy());
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
             <plist version=\"1.0\"><dict>\n\
             <key>Label</key><string>{}</string>\n\
             <key>ProgramArguments</key><array><string>{program}</string></array>\n\
             <key>RunAtLoad</key><true/>\n\
             <key>ProcessType</key><string>Interactive</string>\n\
             <key>LimitLoadToSessionType</key><string>Aqua</string>\n\
             </dict></plist>\n",
            escape(&label)
        );
        Self {
            file: library.map(|folder| folder.join("LaunchAgents").join(format!("{label}.plist"))),
            text,
        }
    }

    fn file(&self) -> Result<&PathBuf, Error> {
        self.file.as_ref().ok_or_else(|| Error::absent(WHAT, "no home folder"))
    }
}

impl Autostart for LaunchAgent {
    fn is_on(&self) -> Result<bool, Error> {
        self.file()?
            .try_exists()
            .map_err(|source| Error::File { what: WHAT, source })
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
            std::fs::create_dir_all(file.parent().ok_or(ErrorKind::NotFound)?)?;
            let half = file.with_extension("new");
            std::fs::write(&half, &self.text)?;
            std::fs::rename(half, file)
        };
        write().map_err(|source| Error::File { what: WHAT, source })
    }
}
