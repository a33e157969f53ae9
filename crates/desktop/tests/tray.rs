//! The tray against a recording host on a bus of the test's own.
#![cfg(target_os = "linux")]

use std::{collections::HashSet, time::Duration};

use anyhow::{Context as _, Result};
use qiyou_desktop::{App, MenuItem, TrayEvent, TrayKind, TrayState, system};
use qiyou_testkit::desktop::{Options, Session, TrayHost};
use tokio::sync::{Mutex, MutexGuard, mpsc::Receiver};

/// The tray takes its bus from the environment, which all tests of a process share.
static ENVIRONMENT: Mutex<()> = Mutex::const_new(());

struct Desk {
    _turn: MutexGuard<'static, ()>,
    session: Session,
    app: App,
}

impl Desk {
    async fn new() -> Result<Self> {
        let turn = ENVIRONMENT.lock().await;
        let session = Session::start_with(Options::bus_only()).await?;
        // SAFETY: only tests that hold the lock touch the environment; the runtime's other threads wait.
        unsafe { std::env::set_var("DBUS_SESSION_BUS_ADDRESS", session.bus()) };
        Ok(Self {
            _turn: turn,
            session,
            app: App::new("qiyou", "企邮", "/usr/bin/qiyou-agent"),
        })
    }
}

fn state(kind: TrayKind) -> TrayState {
    TrayState {
        kind,
        tooltip: vec!["企邮".into(), "3 封未读".into(), "<zhangsan> 已连接".into()],
        menu: vec![
            MenuItem::new("open", "打开企邮"),
            MenuItem::new("mail:17", "张三：周报_第3周"),
            MenuItem::Separator,
            MenuItem::note("zhangsan@example.cn · 已连接"),
            MenuItem::submenu(
                "暂停提醒",
                vec![
                    MenuItem::new("pause:1h", "一小时"),
                    MenuItem::new("pause:day", "到明天"),
                ],
            ),
            MenuItem::check("private", "隐私模式", true),
            MenuItem::new("quit", "退出"),
        ],
    }
}

async fn next(events: &mut Receiver<TrayEvent>) -> Result<TrayEvent> {
    let event = tokio::time::timeout(Duration::from_secs(10), events.recv())
        .await
        .context("no event")?;
    event.context("the events ended")
}

#[tokio::test]
async fn each_state_has_its_picture_tooltip_and_menu() -> Result<()> {
    let desk = Desk::new().await?;
    let host = TrayHost::start(desk.session.bus()).await?;
    let (tray, _events) = system::tray(&desk.app, state(TrayKind::Offline)).await?;
    let item = host.item().await?;
    assert_eq!(item.title().await?, "企邮");
    assert_eq!(
        item.tooltip().await?,
        ("企邮".into(), "3 封未读\n&lt;zhangsan&gt; 已连接".into())
    );

    let mut pictures = HashSet::new();
    let kinds = [
        TrayKind::Connected,
        TrayKind::Unread(3),
        TrayKind::Unread(42),
        TrayKind::Paused,
        TrayKind::SignIn,
        TrayKind::Offline,
    ];
    for kind in kinds {
        tray.set(state(kind)).await?;
        let pixmaps = item.pixmaps().await?;
        assert_eq!(
            pixmaps.iter().map(|p| (p.width, p.height)).collect::<Vec<_>>(),
            [16, 22, 24, 32, 48].map(|s| (s, s))
        );
        for pixmap in &pixmaps {
            assert_eq!(pixmap.argb.len(), usize::try_from(pixmap.width * pixmap.height * 4)?);
            assert!(
                pixmap.argb.chunks(4).filter(|p| p[0] == 255).count() > 20,
                "{kind:?} is empty"
            );
            // Alpha comes first, and the top right corner is always free.
            assert_eq!(pixmap.argb[(usize::try_from(pixmap.width)? - 1) * 4], 0);
        }
        assert!(
            pictures.insert(pixmaps[1].argb.clone()),
            "{kind:?} looks like another state"
        );
        let status = if kind == TrayKind::SignIn {
            "NeedsAttention"
        } else {
            "Active"
        };
        assert_eq!(item.status().await?, status);
    }

    let menu = item.menu().await?;
    let labels: Vec<_> = menu.iter().map(|line| line.label.as_str()).collect();
    assert_eq!(
        labels,
        [
            "打开企邮",
            "张三：周报_第3周",
            "",
            "zhangsan@example.cn · 已连接",
            "暂停提醒",
            "隐私模式",
            "退出"
        ]
    );
    assert!(menu[2].separator && !menu[3].enabled && menu[0].enabled);
    assert_eq!(menu[4].children.len(), 2);
    assert_eq!(menu[5].checked, Some(true));
    Ok(())
}

#[tokio::test]
async fn clicks_come_back() -> Result<()> {
    let desk = Desk::new().await?;
    let host = TrayHost::start(desk.session.bus()).await?;
    let (tray, mut events) = system::tray(&desk.app, state(TrayKind::Connected)).await?;
    let item = host.item().await?;
    item.activate().await?;
    assert_eq!(next(&mut events).await?, TrayEvent::Activate { activation_token: None });
    item.activate_with_token("token-7").await?;
    assert_eq!(
        next(&mut events).await?,
        TrayEvent::Activate {
            activation_token: Some("token-7".into())
        }
    );
    for (label, id) in [
        ("张三：周报_第3周", "mail:17"),
        ("到明天", "pause:day"),
        ("隐私模式", "private"),
    ] {
        item.click(label).await?;
        match next(&mut events).await? {
            TrayEvent::Menu { id: clicked, .. } => assert_eq!(clicked, id),
            other => panic!("{other:?}"),
        }
    }
    // A menu that changed while it was open clicks what it says now.
    let mut changed = state(TrayKind::Connected);
    changed.menu.remove(0);
    tray.set(changed).await?;
    item.click("退出").await?;
    assert!(matches!(next(&mut events).await?, TrayEvent::Menu { id, .. } if id == "quit"));
    tray.remove().await;
    host.wait_empty().await
}

#[tokio::test]
async fn a_desktop_without_a_tray_is_said_once_and_a_later_host_finds_us() -> Result<()> {
    let desk = Desk::new().await?;
    let (tray, mut events) = system::tray(&desk.app, state(TrayKind::Connected)).await?;
    assert_eq!(next(&mut events).await?, TrayEvent::NoHost);
    tray.set(state(TrayKind::Unread(1))).await?;

    let host = TrayHost::start(desk.session.bus()).await?;
    assert_eq!(host.item().await?.title().await?, "企邮");
    assert_eq!(next(&mut events).await?, TrayEvent::HostAppeared);

    // A panel that crashes and comes again is no news of "no tray".
    host.stop().await?;
    let host = TrayHost::start(desk.session.bus()).await?;
    host.item().await?.activate().await?;
    assert_eq!(next(&mut events).await?, TrayEvent::HostAppeared);
    assert_eq!(next(&mut events).await?, TrayEvent::Activate { activation_token: None });
    Ok(())
}
