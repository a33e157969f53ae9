//! The real window under WebKit's own driver: what a person sees and touches.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use fantoccini::elements::Element;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use qiyou_testkit::desktop::Session;
use serde_json::{Value, json};

use crate::house::{House, PATIENCE, program};
use crate::screen::xdotool;

/// Between two looks at the page; `WebDriver` tells of no changes by itself.
const LOOK: Duration = Duration::from_millis(60);

/// A window of a house, driven.
pub struct Touch {
    page: Client,
    driver: Child,
}

impl Touch {
    /// Opens the window of `house` on the display of `session`.
    pub async fn open(session: &Session, house: &House, arguments: &[&str]) -> Result<Self> {
        for _ in 0..5 {
            let port = free_port()?;
            let mut command = session.command("WebKitWebDriver");
            command
                .arg(format!("--port={port}"))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                // What the window has to complain of is worth reading when a test fails.
                .stderr(Stdio::inherit());
            command
                // The window finds what the driver found: the house's home, and the programs that a test put before others.
                .envs(house.environment())
                .env("TAURI_WEBVIEW_AUTOMATION", "true");
            // Xvfb has no graphics card to share buffers with.
            command.env("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
            let driver = command
                .spawn()
                .context("starting WebKitWebDriver (package webkit2gtk-driver)")?;
            let mut touch = Guard(Some(driver));
            if let Some(page) = connect(port, arguments, &mut touch).await? {
                let driver = touch.0.take().context("the driver is there")?;
                return Ok(Self { page, driver });
            }
        }
        bail!("WebKitWebDriver found no free port")
    }

    /// The page itself, for whatever is not here.
    pub fn page(&self) -> &Client {
        &self.page
    }

    /// Waits until an element that matches this CSS selector can be seen.
    pub async fn see(&self, css: &str) -> Result<Element> {
        self.wait(Locator::Css(css), css).await
    }

    /// Waits until an element with exactly this `XPath` can be seen.
    pub async fn see_path(&self, xpath: &str) -> Result<Element> {
        self.wait(Locator::XPath(xpath), xpath).await
    }

    /// Clicks an element that matches this CSS selector, once it can be seen.
    pub async fn tap(&self, css: &str) -> Result<()> {
        self.click_on(Locator::Css(css), css).await
    }

    /// Clicks an element with exactly this `XPath`, once it can be seen.
    pub async fn tap_path(&self, xpath: &str) -> Result<()> {
        self.click_on(Locator::XPath(xpath), xpath).await
    }

    /// The page may draw itself anew between the look and the click: then it looks again.
    async fn click_on(&self, locator: Locator<'_>, what: &str) -> Result<()> {
        let clicking = async {
            loop {
                match self.wait(locator, what).await?.click().await {
                    Err(error) if error.is_stale_element_reference() => {}
                    clicked => return Ok(clicked?),
                }
            }
        };
        tokio::time::timeout(PATIENCE, clicking)
            .await
            .with_context(|| format!("never clicked: {what}"))?
    }

    /// Waits until these words stand somewhere on the page.
    pub async fn read(&self, words: &str) -> Result<Element> {
        self.see_path(&format!("//*[text()[contains(normalize-space(.), {})]]", quoted(words)))
            .await
    }

    /// Waits until these words stand nowhere on the page any more.
    pub async fn gone(&self, words: &str) -> Result<()> {
        let path = format!("//*[text()[contains(normalize-space(.), {})]]", quoted(words));
        let gone = async {
            loop {
                let found = self.page.find_all(Locator::XPath(&path)).await?;
                let mut seen = false;
                for element in found {
                    seen |= self.shown(&element).await;
                }
                if !seen {
                    return Ok(());
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(PATIENCE, gone)
            .await
            .with_context(|| format!("still there: {words}"))?
    }

    /// Clicks a button by its words or its name.
    pub async fn press(&self, name: &str) -> Result<()> {
        let name = quoted(name);
        let path = format!(
            "//*[self::button or @role='button' or @role='menuitem' or @role='treeitem'][normalize-space(.)={name} or @aria-label={name} or @title={name}]"
        );
        self.tap_path(&path).await
    }

    /// Waits until `script` (an expression of the page) is something other than false, null or an empty string.
    pub async fn until(&self, script: &str) -> Result<Value> {
        let found = async {
            loop {
                let value = self.page.execute(&format!("return {script}"), vec![]).await?;
                let nothing = matches!(&value, Value::Null | Value::Bool(false)) || value.as_str() == Some("");
                if !nothing {
                    return Ok(value);
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        if let Ok(found) = tokio::time::timeout(PATIENCE, found).await {
            return found;
        }
        bail!("never true: {script}; {}", self.says().await)
    }

    /// What the page says, for whoever has to find out why a test failed.
    async fn says(&self) -> String {
        let asked = self.page.execute("return document.body.innerText", vec![]);
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(text)) => format!("the page says:\n{}", text.as_str().unwrap_or_default()),
            Ok(Err(error)) => format!("the page says nothing: {error}"),
            Err(_) => "the page does not answer".to_owned(),
        }
    }

    /// The text inside the sealed frame of the mail that is open, once there is some.
    pub async fn mail_text(&self) -> Result<String> {
        let read = async {
            loop {
                if let Ok(text) = self.frame_text().await
                    && !text.trim().is_empty()
                {
                    return Ok(text);
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(PATIENCE, read)
            .await
            .context("no text in the mail's frame")?
    }

    async fn frame_text(&self) -> Result<String> {
        let frame = self.page.find(Locator::Css("iframe.now")).await?;
        frame.enter_frame().await?;
        let text = async { self.page.find(Locator::Css("main")).await?.text().await }.await;
        self.page.enter_parent_frame().await?;
        Ok(text?)
    }

    /// Clicks something inside the sealed frame, once, with the left button.
    pub async fn follow(&self, session: &Session, css: &str) -> Result<()> {
        self.click_in_mail(session, css, 1).await
    }

    /// Clicks something inside the sealed frame, once, with a button of the session's mouse (1 left, 2 middle): the
    /// driver's own clicks do not reach every frame.
    pub async fn click_in_mail(&self, session: &Session, css: &str, button: u8) -> Result<()> {
        let (x, y) = self.place_in_mail(css).await?;
        xdotool(session, &["mousemove", "--sync", &x, &y, "click", &button.to_string()])?;
        Ok(())
    }

    /// Drags something inside the sealed frame to a place of the page.
    pub async fn drag_from_mail(&self, session: &Session, css: &str, to: &str) -> Result<()> {
        let (x, y) = self.place_in_mail(css).await?;
        let (left, top, width, height) = self.see(to).await?.rectangle().await?;
        let at = |number: f64| format!("{number:.0}");
        let (end_x, end_y) = (at(left + width / 2.0), at(top + height / 2.0));
        xdotool(session, &["mousemove", "--sync", &x, &y, "mousedown", "1"])?;
        // A drag begins with small steps, as a hand makes them.
        for step in ["4", "6", "8", "12"] {
            xdotool(session, &["mousemove_relative", "--sync", "--", step, step])?;
        }
        xdotool(session, &["mousemove", "--sync", &end_x, &end_y, "mouseup", "1"])?;
        Ok(())
    }

    /// Where the middle of something inside the sealed frame is on the screen. The window must lie in the upper left
    /// corner, as it does without a window manager.
    async fn place_in_mail(&self, css: &str) -> Result<(String, String)> {
        let frame = self.see("iframe.now").await?;
        let (left, top, ..) = frame.rectangle().await?;
        frame.enter_frame().await?;
        let place = async { self.page.find(Locator::Css(css)).await?.rectangle().await }.await;
        self.page.clone().enter_parent_frame().await?;
        let (x, y, width, height) = place?;
        let at = |number: f64| format!("{number:.0}");
        Ok((at(left + x + width / 2.0), at(top + y + height / 2.0)))
    }

    /// A picture of the page.
    pub async fn picture(&self, path: &Path) -> Result<()> {
        let png = self.page.screenshot().await?;
        std::fs::write(path, png).with_context(|| format!("writing {}", path.display()))
    }

    /// Closes the window and ends the driver.
    pub async fn close(mut self) -> Result<()> {
        let closed = self.page.clone().close().await;
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        Ok(closed?)
    }

    /// Whether an element has a place on the page. The driver's own answer calls the rows of a virtual list hidden.
    async fn shown(&self, element: &Element) -> bool {
        const SHOWN: &str = "const box = arguments[0].getBoundingClientRect(); \
             return box.width > 0 && box.height > 0 && getComputedStyle(arguments[0]).visibility === 'visible'";
        let Ok(element) = serde_json::to_value(element) else {
            return false;
        };
        self.page
            .execute(SHOWN, vec![element])
            .await
            .is_ok_and(|shown| shown == Value::Bool(true))
    }

    async fn wait(&self, locator: Locator<'_>, what: &str) -> Result<Element> {
        let found = async {
            loop {
                for element in self.page.find_all(locator).await? {
                    if self.shown(&element).await {
                        return Ok(element);
                    }
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        if let Ok(found) = tokio::time::timeout(PATIENCE, found).await {
            return found;
        }
        bail!("not seen: {what}; {}", self.says().await)
    }
}

impl Drop for Touch {
    fn drop(&mut self) {
        // The window first: left alone, it would start another agent for a house that is gone.
        end_children(self.driver.id());
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Ends a driver that nobody took over.
struct Guard(Option<Child>);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(mut driver) = self.0.take() {
            let _ = driver.kill();
            let _ = driver.wait();
        }
    }
}

/// A session with a driver; nothing when the driver ended, because somebody else took its port.
async fn connect(port: u16, arguments: &[&str], driver: &mut Guard) -> Result<Option<Client>> {
    let options = json!({ "binary": program("qiyou")?, "args": arguments });
    let mut capabilities = Capabilities::new();
    capabilities.insert("webkitgtk:browserOptions".to_owned(), options);
    let address = format!("http://127.0.0.1:{port}");
    let connected = async {
        loop {
            if driver.0.as_mut().map(Child::try_wait).transpose()?.flatten().is_some() {
                return Ok(None);
            }
            // The driver says nothing when it is ready; a window that cannot be opened is an error of its own.
            if tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port))
                .await
                .is_ok()
            {
                let client = ClientBuilder::new(HttpConnector::new())
                    .capabilities(capabilities.clone())
                    .connect(&address)
                    .await;
                return client.map(Some).context("opening the window");
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(PATIENCE, connected)
        .await
        .context("WebKitWebDriver does not answer")?
}

/// Ends the programs that `parent` started.
fn end_children(parent: u32) {
    let _ = std::process::Command::new("pkill")
        .args(["-KILL", "-P", &parent.to_string()])
        .status();
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// A string of `XPath` 1.0, which knows no escapes.
fn quoted(text: &str) -> String {
    if text.contains('\'') {
        format!("\"{text}\"")
    } else {
        format!("'{text}'")
    }
}
