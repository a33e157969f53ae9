//! Which way the arrows run: a test over `cargo metadata`, so that the picture in docs/ARCHITECTURE.md cannot drift.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::Value;

use crate::command::{cargo, command, output};

/// What each crate may use of the others. Never upward, never sideways between leaves. A crate that is not listed here
/// has not been thought about, and fails the test.
const MAY_USE: &[(&str, &[&str])] = &[
    // What clients and agent say to each other; words; bytes.
    ("qiyou-api", &[]),
    ("qiyou-bridge-api", &[]),
    ("qiyou-words", &[]),
    ("qiyou-mime", &[]),
    ("qiyou-people", &[]),
    // The only dialer, and what speaks through it.
    ("qiyou-net", &[]),
    ("qiyou-imap", &["qiyou-net"]),
    ("qiyou-smtp", &["qiyou-net"]),
    (
        "qiyou-signin",
        &["qiyou-bridge-api", "qiyou-imap", "qiyou-net", "qiyou-smtp"],
    ),
    // WeCom's and NetEase's HTTP, and the bridge that stands before them. It tries mail servers out as the app does, and
    // hands in mails with codes.
    ("qiyou-wecom", &["qiyou-net"]),
    ("qiyou-netease", &["qiyou-net"]),
    (
        "qiyou-bridge",
        &[
            "qiyou-bridge-api",
            "qiyou-imap",
            "qiyou-net",
            "qiyou-netease",
            "qiyou-signin",
            "qiyou-smtp",
            "qiyou-wecom",
            "qiyou-words",
        ],
    ),
    // The database knows the types that it answers with, and no network.
    ("qiyou-store", &["qiyou-api", "qiyou-bridge-api"]),
    (
        "qiyou-engine",
        &[
            "qiyou-api",
            "qiyou-bridge-api",
            "qiyou-imap",
            "qiyou-mime",
            "qiyou-net",
            "qiyou-people",
            "qiyou-signin",
            "qiyou-smtp",
            "qiyou-store",
        ],
    ),
    // The system's side of telling: words, and nothing of mail.
    ("qiyou-desktop", &["qiyou-words"]),
    (
        "qiyou-agent",
        &[
            "qiyou-api",
            "qiyou-desktop",
            "qiyou-engine",
            "qiyou-net",
            "qiyou-store",
            "qiyou-words",
        ],
    ),
    // The window is a client: it gets no mail but by the api.
    ("qiyou-frame", &["qiyou-api"]),
    ("qiyou", &["qiyou-api", "qiyou-frame"]),
    // For tests and the demo.
    ("qiyou-testkit", &["qiyou-api", "qiyou-frame"]),
    ("qiyou-tests", &["qiyou-api", "qiyou-testkit"]),
    ("xtask", &[]),
];

fn metadata() -> &'static Value {
    static METADATA: OnceLock<Value> = OnceLock::new();
    METADATA.get_or_init(|| {
        // What another system's build would link is no business of this one's: the systems where the product runs are
        // looked at by their own builds.
        let host = output(&mut command("rustc", ["-vV"])).expect("rustc -vV");
        let host = host
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .expect("rustc names its host");
        let platform = [
            "metadata",
            "--locked",
            "--format-version",
            "1",
            "--filter-platform",
            host,
        ];
        let text = output(&mut cargo(platform)).expect("cargo metadata");
        serde_json::from_str(&text).expect("JSON of cargo metadata")
    })
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Names of the workspace's crates with their normal and build dependencies among each other.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let members: BTreeSet<&str> = list(metadata(), "workspace_members")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let ours: Vec<&Value> = list(metadata(), "packages")
        .iter()
        .filter(|package| members.contains(text(package, "id")))
        .collect();
    let names: BTreeSet<&str> = ours.iter().map(|package| text(package, "name")).collect();
    ours.iter()
        .map(|package| {
            let used = list(package, "dependencies")
                .iter()
                .filter(|dependency| text(dependency, "kind") != "dev" && names.contains(text(dependency, "name")))
                .map(|dependency| text(dependency, "name").to_owned());
            (text(package, "name").to_owned(), used.collect())
        })
        .collect()
}

#[test]
fn no_arrow_runs_upward_or_sideways() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let arrows = arrows();
    assert!(arrows.len() > 10, "the workspace was read: {arrows:?}");
    for (name, used) in &arrows {
        let may = allowed
            .get(name.as_str())
            .unwrap_or_else(|| panic!("{name} is not in the list of arrows"));
        for other in used {
            assert!(may.contains(&other.as_str()), "{name} must not use {other}");
        }
    }
    for (name, _) in MAY_USE {
        assert!(
            arrows.contains_key(*name),
            "{name} is in the list of arrows and not in the workspace"
        );
    }
}

#[test]
fn nothing_that_is_shipped_uses_the_testkit() {
    for (name, used) in arrows() {
        assert!(
            !used.contains("qiyou-testkit") || name == "qiyou-tests",
            "{name} uses the testkit"
        );
    }
}

/// Everything that a crate is linked from on this system, test and build dependencies left out.
fn linked(root: &str) -> BTreeSet<String> {
    let nodes: BTreeMap<&str, &Value> = metadata()
        .get("resolve")
        .map_or(&[][..], |resolve| list(resolve, "nodes"))
        .iter()
        .map(|node| (text(node, "id"), node))
        .collect();
    let names: BTreeMap<&str, &str> = list(metadata(), "packages")
        .iter()
        .map(|package| (text(package, "id"), text(package, "name")))
        .collect();
    let start = names
        .iter()
        .find(|(_, name)| **name == root)
        .map(|(id, _)| *id)
        .expect("the crate is there");
    let mut seen = BTreeSet::new();
    let mut open = vec![start];
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        let Some(node) = nodes.get(id) else { continue };
        for dependency in list(node, "deps") {
            if list(dependency, "dep_kinds")
                .iter()
                .any(|kind| kind.get("kind").is_some_and(Value::is_null))
            {
                open.push(text(dependency, "pkg"));
            }
        }
    }
    seen.into_iter()
        .filter_map(|id| names.get(id))
        .map(|name| (*name).to_owned())
        .collect()
}

#[test]
fn the_agent_links_no_web_view_and_no_toolkit() {
    let linked = linked("qiyou-agent");
    assert!(linked.contains("tokio"), "the graph was read");
    let heavy = [
        "tauri",
        "wry",
        "tao",
        "gtk",
        "gtk-sys",
        "webkit2gtk",
        "webkit2gtk-sys",
        "webview2-com",
        "winit",
        "native-tls",
        "aws-lc-rs",
        "aws-lc-sys",
    ];
    for name in heavy {
        assert!(!linked.contains(name), "qiyou-agent must not link {name}");
    }
}

#[test]
fn the_window_knows_no_mail_server_and_no_database() {
    let linked = linked("qiyou");
    assert!(linked.contains("tauri"), "the graph was read");
    for name in [
        "async-imap",
        "lettre",
        "rusqlite",
        "libsqlite3-sys",
        "keyring",
        "reqwest",
        "mail-parser",
    ] {
        assert!(!linked.contains(name), "qiyou must not link {name}");
    }
}

#[test]
fn one_crate_alone_dials() {
    // Whoever opens connections passes by the proxy settings, the trust store and the tests' fault proxy.
    let dialers: Vec<String> = list(metadata(), "packages")
        .iter()
        .filter(|package| text(package, "name").starts_with("qiyou-"))
        .filter(|package| !["qiyou-net", "qiyou-testkit", "qiyou-tests"].contains(&text(package, "name")))
        .filter(|package| {
            list(package, "dependencies").iter().any(|dependency| {
                // The bridge listens: that it speaks TLS to who comes is no dialing.
                let listens = text(package, "name") == "qiyou-bridge" && text(dependency, "name") == "tokio-rustls";
                text(dependency, "kind") != "dev"
                    && !listens
                    && ["reqwest", "hickory-resolver", "tokio-rustls", "socket2"].contains(&text(dependency, "name"))
            })
        })
        .map(|package| text(package, "name").to_owned())
        .collect();
    assert_eq!(dialers, [] as [&str; 0]);
}
