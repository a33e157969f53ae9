//! What people see: our icon in a real panel (xfce4-panel) and our bubble from a real server (xfce4-notifyd), by the
//! pixels of the screen. The pictures stay in the target directory's `tmp`, to be looked at.
#![cfg(target_os = "linux")]

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use qiyou_desktop::{App, Bubble, Buses, Button, MenuItem, TrayEvent, TrayKind, TrayState, system};
use qiyou_testkit::desktop::{Options, Session};

/// Takes pictures until one satisfies, and keeps that one.
async fn picture_with(session: &Session, name: &str, satisfies: impl Fn(&Picture) -> bool) -> Result<PathBuf> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}.ppm", std::process::id()));
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
    for _ in 0..100 {
        session.screenshot(&file)?;
        if satisfies(&Picture::read(&file)?) {
            session.screenshot(&kept)?;
            std::fs::remove_file(&file)?;
            return Ok(kept);
        }
        tokio::task::yield_now().await;
    }
    session.screenshot(&kept)?;
    anyhow::bail!("{} does not show it", kept.display())
}

/// Height of the panel, at the top of the screen.
const PANEL: usize = 30;

/// A binary PPM.
struct Picture {
    width: usize,
    rgb: Vec<u8>,
}

impl Picture {
    fn read(file: &Path) -> Result<Self> {
        let bytes = std::fs::read(file)?;
        let mut head = bytes.splitn(4, |b| *b == b'\n');
        ensure!(head.next() == Some(b"P6".as_slice()));
        let size = String::from_utf8(head.next().context("no size")?.to_vec())?;
        let width = size.split(' ').next().context("no width")?.parse()?;
        ensure!(head.next() == Some(b"255".as_slice()), "not eight bits a colour");
        Ok(Self {
            width,
            rgb: head.next().context("no pixels")?.to_vec(),
        })
    }

    /// Where the pixels of our teal are: the panel scales and smooths, so nearly the colour counts.
    fn teal(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let near = |p: &[u8]| matches!(*p, [r, g, b] if r < 60 && (80..150).contains(&g) && g.abs_diff(b) < 25);
        let places = self.rgb.chunks_exact(3).enumerate().filter(move |(_, p)| near(p));
        places.filter_map(|(at, _)| Some((at.checked_rem(self.width)?, at.checked_div(self.width)?)))
    }

    fn in_panel(&self) -> usize {
        self.teal().filter(|(_, y)| *y < PANEL).count()
    }

    fn below_panel(&self) -> usize {
        self.teal().filter(|(_, y)| *y >= PANEL).count()
    }
}

#[tokio::test]
async fn a_real_panel_shows_the_icon_and_a_real_server_the_bubble() -> Result<()> {
    let session = Session::start_with(Options {
        keyring: false,
        size: (800, 400),
        ..Options::whole()
    })
    .await?;
    // SAFETY: the only test of this program.
    unsafe { std::env::set_var("DBUS_SESSION_BUS_ADDRESS", session.bus()) };
    let icon = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../icons/128x128.png");
    let app = App {
        icon: Some(icon.canonicalize()?.to_string_lossy().into_owned()),
        buses: Buses::at(Some(session.bus().to_owned()), None),
        ..App::new("qiyou", "企邮", "/usr/bin/qiyou-agent")
    };
    let menu = vec![MenuItem::new("open", "打开企邮"), MenuItem::new("quit", "退出")];
    let state = |kind| TrayState {
        kind,
        tooltip: vec!["企邮".into()],
        menu: menu.clone(),
    };

    let (tray, mut clicks) = system::tray(&app, state(TrayKind::Connected)).await?;
    picture_with(&session, "panel-connected", |p| p.in_panel() >= 40).await?;
    tray.set(state(TrayKind::Unread(3))).await?;
    picture_with(&session, "panel-unread", |p| p.in_panel() >= 150).await?;

    let (bubbles, _events) = system::bubbles(&app, Vec::new()).await?;
    let bubble = Bubble {
        buttons: vec![
            Button::new("read", "标为已读"),
            Button::new("archive", "归档"),
            Button::new("delete", "删除"),
        ],
        open_label: "打开".into(),
        ..Bubble::new("1", "张三", "第 47 周周报\n各位好，本周完成了 <接口> 联调 & 测试……")
    };
    let id = bubbles.show(&bubble).await?;
    // The app's icon on the bubble, below the panel.
    let shown = |p: &Picture| p.below_panel() >= 200;
    picture_with(&session, "bubble", shown).await?;
    bubbles.withdraw(&id).await?;
    picture_with(&session, "bubble-withdrawn", |p| !shown(p)).await?;

    // A left click on the icon, with a real pointer.
    let ppm = Path::new(env!("CARGO_TARGET_TMPDIR")).join("panel-click.ppm");
    session.screenshot(&ppm)?;
    let (x, y) = Picture::read(&ppm)?.teal().next().context("no icon")?;
    let status = session
        .command("xdotool")
        .args(["mousemove", &x.to_string(), &(y + 6).to_string(), "click", "1"])
        .status()?;
    ensure!(status.success());
    let event = tokio::time::timeout(Duration::from_secs(10), clicks.recv())
        .await?
        .context("no click")?;
    ensure!(matches!(event, TrayEvent::Activate { .. }), "{event:?}");
    Ok(())
}
