//! Autostart by the user's `Run` key; Windows keeps a person's "off" from the task manager beside it.

use windows_registry::CURRENT_USER;

use crate::{App, Autostart, Error};

const WHAT: &str = "autostart";
const RUN: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";
const APPROVED: &str = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run";

pub(super) struct RunKey {
    name: String,
    command: String,
}

impl RunKey {
    pub(super) fn new(app: &App) -> Self {
        Self {
            name: format!("{}-agent", app.id),
            command: format!("\"{}\"", app.executable.display()),
        }
    }
}

impl Autostart for RunKey {
    fn is_on(&self) -> Result<bool, Error> {
        let Ok(run) = CURRENT_USER.open(RUN) else {
            return Ok(false);
        };
        if run.get_string(&self.name).is_err() {
            return Ok(false);
        }
        // The first byte is odd for what a person switched off.
        let approved = CURRENT_USER.open(APPROVED).and_then(|key| key.get_value(&self.name));
        let off = approved.is_ok_and(|value| value.first().is_some_and(|byte| byte & 1 == 1));
        Ok(!off)
    }

    fn set(&self, on: bool) -> Result<(), Error> {
        let set = || -> windows_registry::Result<()> {
            let run = CURRENT_USER.create(RUN)?;
            if !on {
                return if run.get_string(&self.name).is_ok() {
                    run.remove_value(&self.name)
                } else {
                    Ok(())
                };
            }
            run.set_string(&self.name, &self.command)?;
            match CURRENT_USER.options().write().open(APPROVED) {
                Ok(approved) if approved.get_value(&self.name).is_ok() => approved.remove_value(&self.name),
                _ => Ok(()),
            }
        };
        set().map_err(|e| Error::refused(WHAT, e))
    }
}
