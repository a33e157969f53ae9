//! One of the mail programs that Windows knows: what its settings page lists. Which one is the default only the person
//! chooses there; the keys of that choice (`UserChoice`) are never touched.

use std::path::{Path, PathBuf};

use futures::{FutureExt, future::BoxFuture};
use windows::core::HSTRING;
use windows_registry::CURRENT_USER;

use crate::{App, Chosen, Error, MailProgram};

const WHAT: &str = "mail program";

pub(super) struct Registered {
    /// Also the name of the program on the settings page.
    name: String,
    id: String,
    window: String,
    agent: PathBuf,
}

impl Registered {
    pub(super) fn new(app: &App) -> Self {
        let window = app.executable.with_file_name(format!("{}.exe", app.id));
        Self {
            name: app.name.clone(),
            id: app.id.clone(),
            window: window.display().to_string(),
            agent: app.executable.clone(),
        }
    }

    fn capabilities(&self) -> String {
        format!(r"Software\Clients\Mail\{}\Capabilities", self.id)
    }

    fn class(&self) -> String {
        format!("{}.Url.mailto", self.id)
    }

    /// Once: who takes the entry out of the menu does not find it there again.
    fn put_into_send_to(&self) -> Result<(), Error> {
        const ONCE: &str = "SendTo";
        let refused = |e: &dyn std::fmt::Display| Error::refused(WHAT, e);
        let key = CURRENT_USER
            .create(format!(r"Software\Clients\Mail\{}", self.id))
            .map_err(|e| refused(&e))?;
        if key.get_u32(ONCE).is_ok() {
            return Ok(());
        }
        super::send_to::put(&self.name, &self.agent, Path::new(&self.window)).map_err(|e| refused(&e))?;
        key.set_u32(ONCE, 1).map_err(|e| refused(&e))
    }
}

impl MailProgram for Registered {
    fn offer(&self) -> Result<(), Error> {
        let offer = || -> windows_registry::Result<()> {
            let class = format!(r"Software\Classes\{}", self.class());
            let key = CURRENT_USER.create(&class)?;
            key.set_string("", "URL:mailto")?;
            key.set_string("URL Protocol", "")?;
            CURRENT_USER
                .create(format!(r"{class}\DefaultIcon"))?
                .set_string("", format!("\"{}\",0", self.window))?;
            CURRENT_USER
                .create(format!(r"{class}\shell\open\command"))?
                .set_string("", format!("\"{}\" \"%1\"", self.window))?;
            let capabilities = self.capabilities();
            CURRENT_USER
                .create(format!(r"Software\Clients\Mail\{}", self.id))?
                .set_string("", &self.name)?;
            let key = CURRENT_USER.create(&capabilities)?;
            key.set_string("ApplicationName", &self.name)?;
            key.set_string("ApplicationDescription", &self.name)?;
            key.set_string("ApplicationIcon", format!("\"{}\",0", self.window))?;
            CURRENT_USER
                .create(format!(r"{capabilities}\URLAssociations"))?
                .set_string("mailto", self.class())?;
            CURRENT_USER
                .create(r"Software\RegisteredApplications")?
                .set_string(&self.id, &capabilities)
        };
        offer().map_err(|e| Error::refused(WHAT, e))?;
        self.put_into_send_to()
    }

    fn choose(&self) -> BoxFuture<'_, Result<Chosen, Error>> {
        async move {
            self.offer()?;
            let page = format!("ms-settings:defaultapps?registeredAppUser={}", self.id);
            super::shell_open(HSTRING::from(page)).await?;
            Ok(Chosen::Asked)
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs under wine, too: its registry is one.
    #[test]
    fn the_settings_page_finds_us_and_nobody_s_choice_is_touched() {
        let app = App::new("qiyou-test", "企邮", r"C:\Program Files\Qiyou\qiyou-agent.exe");
        let program = Registered::new(&app);
        program.offer().unwrap();
        program.offer().unwrap();
        let read = |key: &str, name: &str| CURRENT_USER.open(key).unwrap().get_string(name).unwrap();
        let capabilities = read(r"Software\RegisteredApplications", "qiyou-test");
        assert_eq!(read(&capabilities, "ApplicationName"), "企邮");
        let class = read(&format!(r"{capabilities}\URLAssociations"), "mailto");
        let command = read(&format!(r"Software\Classes\{class}\shell\open\command"), "");
        assert_eq!(command, "\"C:\\Program Files\\Qiyou\\qiyou-test.exe\" \"%1\"");
        let choice = r"Software\Microsoft\Windows\Shell\Associations\UrlAssociations\mailto\UserChoice";
        assert!(CURRENT_USER.open(choice).is_err());
    }
}
