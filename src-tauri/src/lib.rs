//! The window of Qiyou: connects to the agent, relays the api to the page, makes the sealed documents of mails.
//!
//! The only place that knows Tauri. It holds no truth and no mail: closing it loses nothing, and a crash of the web
//! view loses a picture.

mod agent;
mod bodies;
mod commands;
mod launch;
mod outside;
mod pages;
mod window;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::process::ExitCode;

use tauri::{AppHandle, Manager};
use tauri_plugin_deep_link::DeepLinkExt;
use tracing_subscriber::EnvFilter;

use crate::agent::Agent;
use crate::launch::Launch;

/// No core of this process or of the page's, which inherits the limit: passwords are typed there, and mails read.
fn without_cores() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let nothing = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        let _ = setrlimit(Resource::Core, nothing);
    }
}

/// Lets the page's process clean up after itself before it is big: `WebKit`'s script engine takes a large machine for
/// leave to fill 32 MB before it looks for the first time at what is still needed, and a window in the tray lives for
/// weeks. What the environment says already stays.
fn with_small_heaps() {
    #[cfg(target_os = "linux")]
    for (name, bytes) in [("JSC_largeHeapSize", "4194304"), ("JSC_smallHeapSize", "1048576")] {
        if std::env::var_os(name).is_none() {
            // SAFETY: the program has just begun, and no other thread that could read the environment runs yet.
            unsafe { std::env::set_var(name, bytes) };
        }
    }
}

/// Runs the window until it is closed.
pub fn run() -> ExitCode {
    with_small_heaps();
    without_cores();
    let filter = EnvFilter::try_from_env("QIYOU_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let Some(home) = qiyou_api::home() else {
        tracing::error!("neither QIYOU_HOME nor a home directory is known");
        return ExitCode::FAILURE;
    };
    let builder = tauri::Builder::default();
    #[cfg(target_os = "macos")]
    let builder = builder.on_web_content_process_terminate(|webview| {
        tracing::error!("the page's process died");
        let _ = webview.reload();
    });
    let built = builder
        .plugin(
            tauri_plugin_single_instance::Builder::new()
                .dbus_id(instance(&home))
                .callback(|app, arguments, _| arrive(app, Launch::of(arguments.into_iter().skip(1))))
                .build(),
        )
        .plugin(tauri_plugin_deep_link::init())
        .register_asynchronous_uri_scheme_protocol(bodies::SCHEME, bodies::answer)
        .invoke_handler(tauri::generate_handler![
            commands::start,
            commands::call,
            commands::subscribe,
            commands::body,
            commands::open_external,
            commands::open_mail,
            commands::save_dialog,
            commands::folder_dialog,
            commands::print,
            commands::draft_quote,
            commands::attach_dialog,
            commands::import_contacts,
            commands::open_draft,
            commands::window_title,
            commands::window_badge,
            commands::window_zoom,
            commands::window_close,
        ])
        .setup(move |app| {
            let launch = Launch::of(std::env::args().skip(1));
            let agent = tauri::async_runtime::block_on(async { Agent::keep(&home, agent::start) });
            app.manage(pages::Pages::default());
            app.manage(window::Linger::default());
            app.manage(window::Places::of_home(&home));
            app.manage(agent);
            let handle = app.handle().clone();
            app.deep_link().on_open_url(move |event| {
                let mut launch = Launch::default();
                event.urls().into_iter().for_each(|url| launch.take(url));
                arrive(&handle, launch);
            });
            window::open(app.handle())?;
            tauri::async_runtime::spawn(window::follow(app.handle().clone()));
            arrive(app.handle(), launch);
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(|_, _| {});
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "the window cannot be shown");
            ExitCode::FAILURE
        }
    }
}

/// The window was called once more, or by an address of its scheme.
fn arrive(app: &AppHandle, launch: Launch) {
    match (launch.mail, launch.mailto) {
        (Some(mail), _) => window::raise_on(app, mail),
        (None, Some(address)) => window::raise_to_write(app, address),
        (None, None) if launch.draft.is_some() => {}
        (None, None) => window::raise(app),
    }
    if let Some(draft) = launch.draft
        && let Err(error) = window::open_draft(app, draft)
    {
        tracing::error!(draft, %error, "a draft's window does not open");
    }
    hand_over(app, launch.links);
}

/// Addresses of our scheme are the agent's to judge: they may carry the token of a bubble's button.
fn hand_over(app: &AppHandle, links: Vec<url::Url>) {
    if links.is_empty() {
        return;
    }
    let agent = app.state::<Agent>().inner().clone();
    tauri::async_runtime::spawn(async move {
        for link in links.into_iter().take(8) {
            let params = qiyou_api::LinkParams { url: link.into() };
            let asked = match agent.client().await {
                Ok(client) => client.call(qiyou_api::call::Link, params).await,
                Err(error) => Err(error),
            };
            if let Err(error) = asked {
                tracing::warn!(code = ?error.code, "the agent refused a link");
            }
        }
    });
}

/// Name under which a second start finds this window: one window for each home, so that a trial beside the real
/// thing stays a trial.
fn instance(home: &Path) -> String {
    const IDENTIFIER: &str = "com.qiyou.mail";
    if std::env::var_os("QIYOU_HOME").is_none() {
        return IDENTIFIER.to_owned();
    }
    let mut hasher = DefaultHasher::new();
    home.hash(&mut hasher);
    format!("{IDENTIFIER}.h{:016x}", hasher.finish())
}
