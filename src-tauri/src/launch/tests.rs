use super::Launch;

#[test]
fn a_mail_is_named_by_its_number() {
    assert_eq!(Launch::of(["--mail", "42"]).mail, Some(42));
    assert_eq!(Launch::of(["--mail", "x"]).mail, None);
    assert_eq!(Launch::of(["--mail"]).mail, None);
    assert_eq!(Launch::of([] as [&str; 0]), Launch::default());
}

#[test]
fn addresses_of_our_scheme_are_kept_and_others_left_out() {
    let launch = Launch::of([
        "--automation",
        "qiyou://signin?c=aB3",
        "qiyou://delete?id=1",
        "https://example.com/",
        "file:///etc/passwd",
    ]);
    assert_eq!(
        launch.links.iter().map(url::Url::as_str).collect::<Vec<_>>(),
        ["qiyou://signin?c=aB3"]
    );
    assert_eq!(Launch::of([format!("qiyou://{}", "x".repeat(3000))]).links, []);
}

#[test]
fn a_link_to_a_mail_names_its_number() {
    assert_eq!(Launch::of(["qiyou://mail?id=7"]).mail, Some(7));
    assert_eq!(Launch::of(["qiyou://mail?id=x"]), Launch::default());
}

#[test]
fn an_address_to_write_to_is_handed_on() {
    let launch = Launch::of(["mailto:li.si@example.com?subject=%E4%BD%A0%E5%A5%BD"]);
    assert_eq!(
        launch.mailto.as_deref(),
        Some("mailto:li.si@example.com?subject=%E4%BD%A0%E5%A5%BD")
    );
    assert_eq!(launch.links, []);
}

#[test]
fn a_link_to_write_is_an_address_to_write_to() {
    let launch = Launch::of(["qiyou://compose?to=li.si@example.com&subject=x&attach=/etc/passwd"]);
    let mailto = launch.mailto.unwrap();
    assert!(mailto.starts_with("mailto:?to=li.si@example.com&subject=x"), "{mailto}");
    assert_eq!(launch.links, [], "the agent has nothing to judge");
}

/// What the packages put among the programs of a desktop: by it a link to write to, or one of our own, finds the window.
#[cfg(target_os = "linux")]
#[test]
fn the_desktop_s_entry_takes_addresses_and_is_valid() {
    let template = include_str!("../../linux/qiyou.desktop");
    let config: serde_json::Value = serde_json::from_str(include_str!("../../../tauri.conf.json")).unwrap();
    let schemes = config["plugins"]["deep-link"]["desktop"]["schemes"].as_array().unwrap();
    let handled: String = schemes
        .iter()
        .flat_map(|scheme| ["x-scheme-handler/", scheme.as_str().unwrap(), ";"])
        .collect();
    assert!(handled.contains("x-scheme-handler/mailto;"));
    let mut entry: String = template
        .lines()
        .filter(|line| !line.starts_with("{{#") && !line.starts_with("{{/"))
        .flat_map(|line| [line, "\n"])
        .collect();
    for (name, value) in [
        ("name", "Qiyou"),
        ("comment", config["bundle"]["shortDescription"].as_str().unwrap()),
        ("exec", "qiyou"),
        ("icon", "qiyou"),
        ("mime_type", &handled),
    ] {
        entry = entry.replace(&format!("{{{{{name}}}}}"), value);
    }
    assert!(entry.contains("\nExec=qiyou %u\n"), "{entry}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("qiyou.desktop");
    std::fs::write(&file, &entry).unwrap();
    let checked = std::process::Command::new("desktop-file-validate")
        .arg(&file)
        .output()
        .expect("desktop-file-validate (package desktop-file-utils)");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    assert!(
        checked.stdout.is_empty(),
        "{}",
        String::from_utf8_lossy(&checked.stdout)
    );
}

#[test]
fn a_draft_is_named_by_its_number_and_by_nothing_else() {
    assert_eq!(Launch::of(["--draft", "7"]).draft, Some(7));
    assert_eq!(Launch::of(["--draft", "7; rm"]).draft, None);
    assert_eq!(Launch::of(["--draft"]).draft, None);
}

/// The entries of the file managers' menus: each that the packages carry is there, and hands files to the command line.
#[cfg(target_os = "linux")]
#[test]
fn the_file_managers_menus_hand_files_to_a_new_mail() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let config: serde_json::Value = serde_json::from_str(include_str!("../../../tauri.conf.json")).unwrap();
    for package in ["deb", "rpm"] {
        let files = config["bundle"]["linux"][package]["files"].as_object().unwrap();
        assert_eq!(files.len(), 3, "KDE, Deepin, Nemo");
        for file in files.values() {
            let entry = std::fs::read_to_string(root.join(file.as_str().unwrap())).unwrap();
            assert!(entry.contains("Exec=qiyou-agent compose --attach %F"), "{file}");
            assert!(entry.contains("Name[zh_CN]=用企邮发送"), "{file}");
        }
    }
}
