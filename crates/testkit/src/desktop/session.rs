//! The session: display, bus, home, keyring, panel.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use futures::StreamExt as _;
use tempfile::TempDir;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, fdo::DBusProxy, names::BusName};

use super::process::{Running, first_line, require};

/// Programs on a loaded machine may take this long to be ready.
const PATIENCE: Duration = Duration::from_secs(30);

/// Variables of the real desktop that would lead a program out of the test's one.
const FOREIGN: [&str; 9] = [
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_SESSION_ID",
    "XDG_SESSION_TYPE",
    "XDG_CURRENT_DESKTOP",
    "DESKTOP_SESSION",
    "SESSION_MANAGER",
    "GNOME_KEYRING_CONTROL",
    "DBUS_SYSTEM_BUS_ADDRESS",
];

/// What unlocks the keyring.
const KEYRING_PASSWORD: &[u8] = b"qiyou";

/// What a session has.
#[derive(Debug, Clone)]
pub struct Options {
    /// An X display (Xvfb).
    pub display: bool,
    /// Its width and height in pixels.
    pub size: (u32, u32),
    /// An unlocked keyring (Secret Service).
    pub keyring: bool,
    /// A window manager and a panel with a tray (xfwm4, xfce4-panel).
    pub panel: bool,
    /// Light panel instead of a dark one.
    pub light_panel: bool,
    /// The real notification server (xfce4-notifyd).
    pub notifyd: bool,
    /// A real input method for Chinese (ibus with libpinyin), which programs of the session type by.
    pub input_method: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            display: true,
            size: (1280, 800),
            keyring: true,
            panel: false,
            light_panel: false,
            notifyd: false,
            input_method: false,
        }
    }
}

impl Options {
    /// Only a bus and a home.
    pub fn bus_only() -> Self {
        Self {
            display: false,
            keyring: false,
            ..Self::default()
        }
    }

    /// Everything, to look at.
    pub fn whole() -> Self {
        Self {
            panel: true,
            notifyd: true,
            ..Self::default()
        }
    }
}

/// A desktop session in a temporary directory.
#[derive(Debug)]
pub struct Session {
    // In this order they end: who uses something before what it uses.
    programs: Vec<Running>,
    home: TempDir,
    bus: String,
    display: Option<String>,
    environment: BTreeMap<String, String>,
}

impl Session {
    /// A display, a bus and an unlocked keyring.
    pub async fn start() -> Result<Self> {
        Self::start_with(Options::default()).await
    }

    /// A session as it is asked for.
    pub async fn start_with(options: Options) -> Result<Self> {
        require(&["setpriv", "dbus-daemon"])?;
        let home = tempfile::Builder::new().prefix("qiyou-session-").tempdir()?;
        let mut session = Self {
            programs: Vec::new(),
            environment: environment(home.path())?,
            home,
            bus: String::new(),
            display: None,
        };
        if options.display {
            session.start_display(options.size).await.context("Xvfb")?;
        }
        let (daemon, bus) = start_bus(session.home.path(), "session", options.panel).await?;
        session.programs.insert(0, daemon);
        session
            .environment
            .insert("DBUS_SESSION_BUS_ADDRESS".into(), bus.clone());
        session.bus = bus;
        if options.keyring {
            session.start_keyring().await.context("gnome-keyring-daemon")?;
        }
        if options.panel {
            session.start_panel(options.light_panel).await.context("xfce4-panel")?;
        }
        if options.notifyd {
            session.start_notifyd().await.context("xfce4-notifyd")?;
        }
        if options.input_method {
            session.start_input_method().await.context("ibus")?;
        }
        Ok(session)
    }

    /// Address of the session bus.
    pub fn bus(&self) -> &str {
        &self.bus
    }

    /// Name of the display, such as `:7`.
    pub fn display(&self) -> Option<&str> {
        self.display.as_deref()
    }

    /// The home directory.
    pub fn home(&self) -> PathBuf {
        self.home.path().join("home")
    }

    /// What a program of this session must find in its environment.
    pub fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    /// A program of this session, to be started.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        self.prepare(&mut command);
        command
    }

    fn prepare(&self, command: &mut Command) {
        for name in FOREIGN {
            command.env_remove(name);
        }
        if self.display.is_none() {
            command.env_remove("DISPLAY");
        }
        command.envs(&self.environment);
    }

    /// Takes a picture of the whole screen (PNG).
    pub fn screenshot(&self, path: impl AsRef<Path>) -> Result<()> {
        require(&["/usr/bin/import"])?;
        ensure!(self.display.is_some(), "this session has no display");
        let status = self
            .command("/usr/bin/import")
            .args(["-window", "root", "-depth", "8"])
            .arg(path.as_ref())
            .status()?;
        ensure!(status.success(), "import ended with {status}");
        Ok(())
    }

    /// Waits until somebody on the session bus has a name.
    pub async fn wait_for_name(&self, name: &str) -> Result<()> {
        let connection = zbus::connection::Builder::address(self.bus.as_str())?.build().await?;
        wait_for_name(&connection, name).await
    }

    /// Locks the keyring, as a person does who leaves the computer.
    pub async fn lock_keyring(&self) -> Result<()> {
        let (service, keyring) = self.keyring().await?;
        let (locked, _prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) =
            service.call("Lock", &(vec![&keyring],)).await?;
        ensure!(locked.contains(&keyring), "the keyring was not locked: {locked:?}");
        Ok(())
    }

    /// Unlocks it again, as its prompt does once the password was typed.
    pub async fn unlock_keyring(&self) -> Result<()> {
        let (service, keyring) = self.keyring().await?;
        let (_, session): (OwnedValue, OwnedObjectPath) =
            service.call("OpenSession", &("plain", Value::from(""))).await?;
        let prompt = zbus::Proxy::new(
            service.connection(),
            "org.freedesktop.secrets",
            "/org/freedesktop/secrets",
            "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
        )
        .await?;
        let secret = (&session, Vec::<u8>::new(), KEYRING_PASSWORD, "text/plain");
        prompt
            .call::<_, _, ()>("UnlockWithMasterPassword", &(&keyring, secret))
            .await?;
        Ok(())
    }

    /// Copies what lies in this session's keyring into that of another one: a person has one keyring on disk, whatever
    /// the session.
    pub async fn share_keyring(&self, with: &Self) -> Result<()> {
        const ITEM: &str = "org.freedesktop.Secret.Item";
        type Secret = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);
        let ((ours, _), (theirs, keyring)) = (self.keyring().await?, with.keyring().await?);
        let (_, from): (OwnedValue, OwnedObjectPath) = ours.call("OpenSession", &("plain", Value::from(""))).await?;
        let (_, to): (OwnedValue, OwnedObjectPath) = theirs.call("OpenSession", &("plain", Value::from(""))).await?;
        let everything = std::collections::HashMap::<&str, &str>::new();
        let (items, _): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) = ours.call("SearchItems", &(everything,)).await?;
        let collection = zbus::Proxy::new(
            theirs.connection(),
            "org.freedesktop.secrets",
            keyring,
            "org.freedesktop.Secret.Collection",
        )
        .await?;
        for path in items {
            let item = zbus::Proxy::new(ours.connection(), "org.freedesktop.secrets", path, ITEM).await?;
            let attributes: std::collections::HashMap<String, String> = item.get_property("Attributes").await?;
            let label: String = item.get_property("Label").await?;
            let (_, parameters, value, kind): Secret = item.call("GetSecret", &(&from,)).await?;
            let properties = std::collections::HashMap::from([
                ("org.freedesktop.Secret.Item.Label", Value::from(label)),
                ("org.freedesktop.Secret.Item.Attributes", Value::from(attributes)),
            ]);
            let secret = (&to, parameters, value, kind);
            let _: (OwnedObjectPath, OwnedObjectPath) =
                collection.call("CreateItem", &(properties, secret, true)).await?;
        }
        Ok(())
    }

    /// The Secret Service and the path of the default keyring.
    async fn keyring(&self) -> Result<(zbus::Proxy<'static>, OwnedObjectPath)> {
        let connection = zbus::connection::Builder::address(self.bus.as_str())?.build().await?;
        let service = zbus::Proxy::new(
            &connection,
            "org.freedesktop.secrets",
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service",
        )
        .await?;
        let keyring: OwnedObjectPath = service.call("ReadAlias", &("default",)).await?;
        ensure!(keyring.as_str() != "/", "there is no default keyring");
        Ok((service, keyring))
    }

    /// Starts a program that ends with the session.
    fn run(&mut self, program: &str, prepare: impl FnOnce(&mut Command)) -> Result<&mut Running> {
        let running = Running::start(program, |command| {
            self.prepare(command);
            prepare(command);
        })?;
        self.programs.insert(0, running);
        self.programs.first_mut().context("it was just put there")
    }

    async fn start_display(&mut self, (width, height): (u32, u32)) -> Result<()> {
        require(&["Xvfb"])?;
        let screen = format!("{width}x{height}x24");
        let server = self.run("Xvfb", |command| {
            // It looks for a free display by itself and says which when it is ready.
            command.args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                &screen,
                "-nolisten",
                "tcp",
                "-noreset",
            ]);
            command.stdout(Stdio::piped());
        })?;
        let output = server.stdout()?;
        let display = format!(":{}", first_line(output, PATIENCE).await?);
        self.environment.insert("DISPLAY".into(), display.clone());
        self.display = Some(display);
        Ok(())
    }

    async fn start_keyring(&mut self) -> Result<()> {
        require(&["gnome-keyring-daemon"])?;
        let keyring = self.run("gnome-keyring-daemon", |command| {
            command.args(["--foreground", "--unlock", "--components=secrets"]);
            command.stdin(Stdio::piped());
        })?;
        // The password of the new keyring, up to the end of the input.
        keyring.stdin()?.write_all(KEYRING_PASSWORD)?;
        self.wait_for_name("org.freedesktop.secrets").await
    }

    async fn start_panel(&mut self, light: bool) -> Result<()> {
        require(&["xfwm4", "xfce4-panel"])?;
        let folder = self.home.path().join("home/.config/xfce4/xfconf/xfce-perchannel-xml");
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("xfce4-panel.xml"), panel(light))?;
        fs::write(folder.join("xsettings.xml"), XSETTINGS)?;
        self.run("xfwm4", |command| {
            command.arg("--compositor=off");
        })?;
        self.run("xfce4-panel", |command| {
            command.arg("--disable-wm-check");
        })?;
        self.wait_for_name("org.kde.StatusNotifierWatcher").await
    }

    async fn start_notifyd(&mut self) -> Result<()> {
        let program = "/usr/lib/x86_64-linux-gnu/xfce4/notifyd/xfce4-notifyd";
        require(&[program])?;
        self.run(program, |_| {})?;
        self.wait_for_name("org.freedesktop.Notifications").await
    }

    async fn start_input_method(&mut self) -> Result<()> {
        require(&["ibus-daemon", "/usr/libexec/ibus-engine-libpinyin"])?;
        for (name, value) in [("GTK_IM_MODULE", "ibus"), ("XMODIFIERS", "@im=ibus")] {
            self.environment.insert(name.into(), value.into());
        }
        self.run("ibus-daemon", |command| {
            // Nobody has to see the candidates: the first one is known.
            command.args([
                "--xim",
                "--panel=disable",
                "--config=/usr/libexec/ibus-memconf",
                "--cache=none",
            ]);
        })?;
        self.wait_for_name("org.freedesktop.IBus").await?;
        let start = std::time::Instant::now();
        // Its name is there before it knows its engines, and nothing tells when it does.
        loop {
            self.command("ibus").args(["engine", "libpinyin"]).output()?;
            if self
                .command("ibus")
                .arg("engine")
                .output()?
                .stdout
                .starts_with(b"libpinyin")
            {
                return Ok(());
            }
            ensure!(start.elapsed() < PATIENCE, "libpinyin does not start");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// A bus daemon of our own. `activation`: programs that are installed may be started through it.
pub(super) async fn start_bus(folder: &Path, kind: &str, activation: bool) -> Result<(Running, String)> {
    require(&["setpriv", "dbus-daemon"])?;
    let config = folder.join(format!("{kind}.conf"));
    let services = if activation {
        "<standard_session_servicedirs/>"
    } else {
        ""
    };
    fs::write(
        &config,
        format!(
            r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  {services}
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
            folder.join(format!("{kind}.bus")).display()
        ),
    )?;
    let environment = environment(folder)?;
    let mut daemon = Running::start("dbus-daemon", |command| {
        command.arg(format!("--config-file={}", config.display()));
        command.args(["--nofork", "--nopidfile", "--print-address=1"]);
        command.envs(environment).stdout(Stdio::piped());
    })?;
    let output = daemon.stdout()?;
    let address = first_line(output, PATIENCE).await.context("dbus-daemon")?;
    Ok((daemon, address))
}

/// Waits until somebody has a name.
pub(super) async fn wait_for_name(connection: &Connection, name: &str) -> Result<()> {
    let proxy = DBusProxy::new(connection).await?;
    let mut changes = proxy.receive_name_owner_changed_with_args(&[(0, name)]).await?;
    if proxy.name_has_owner(BusName::try_from(name)?).await? {
        return Ok(());
    }
    let owned = async {
        while let Some(change) = changes.next().await {
            if change.args()?.new_owner().is_some() {
                return Ok(());
            }
        }
        bail!("the bus ended")
    };
    tokio::time::timeout(PATIENCE, owned)
        .await
        .with_context(|| format!("nobody took the name {name}"))?
}

fn environment(folder: &Path) -> Result<BTreeMap<String, String>> {
    let home = folder.join("home");
    let runtime = folder.join("run");
    let folders = [
        ("HOME", home.clone()),
        ("XDG_CONFIG_HOME", home.join(".config")),
        ("XDG_DATA_HOME", home.join(".local/share")),
        ("XDG_STATE_HOME", home.join(".local/state")),
        ("XDG_CACHE_HOME", home.join(".cache")),
        ("XDG_RUNTIME_DIR", runtime.clone()),
    ];
    let mut environment = BTreeMap::new();
    for (name, path) in folders {
        fs::create_dir_all(&path)?;
        environment.insert(
            name.to_owned(),
            path.to_str().context("the path is not UTF-8")?.to_owned(),
        );
    }
    fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700))?;
    for (name, value) in [
        ("GTK_USE_PORTAL", "0"),
        ("NO_AT_BRIDGE", "1"),
        ("LANG", "C.UTF-8"),
        ("LC_ALL", "C.UTF-8"),
    ] {
        environment.insert(name.into(), value.into());
    }
    Ok(environment)
}

const XSETTINGS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xsettings" version="1.0">
  <property name="Net" type="empty"><property name="ThemeName" type="string" value="Adwaita"/></property>
  <property name="Gtk" type="empty"><property name="FontName" type="string" value="Noto Sans CJK SC 10"/></property>
</channel>
"#;

/// One panel at the top: a tray and a clock.
fn panel(light: bool) -> String {
    let (dark, grey) = if light { ("false", "0.95") } else { ("true", "0.13") };
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="{dark}"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="30"/>
      <property name="icon-size" type="uint" value="22"/>
      <property name="background-style" type="uint" value="1"/>
      <property name="background-rgba" type="array">
        <value type="double" value="{grey}"/><value type="double" value="{grey}"/>
        <value type="double" value="{grey}"/><value type="double" value="1"/>
      </property>
      <property name="plugin-ids" type="array"><value type="int" value="1"/><value type="int" value="2"/><value type="int" value="3"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator"><property name="expand" type="bool" value="true"/><property name="style" type="uint" value="0"/></property>
    <property name="plugin-2" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
      <property name="icon-size" type="int" value="22"/>
      <property name="hide-new-items" type="bool" value="false"/>
    </property>
    <property name="plugin-3" type="string" value="separator"><property name="style" type="uint" value="0"/></property>
  </property>
</channel>
"#
    )
}
