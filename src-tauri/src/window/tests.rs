use tauri::Url;

use super::may_go;

#[test]
fn no_frame_leaves_the_page_and_the_sealed_address() {
    let go = |address: &str| may_go(&Url::parse(address).unwrap());
    assert!(go("about:blank"));
    assert!(go(if cfg!(windows) {
        "http://tauri.localhost/"
    } else {
        "tauri://localhost/index.html"
    }));
    // The text of a mail, which the page puts into its frame.
    assert!(go("about:srcdoc"));
    for elsewhere in [
        "https://example.com/",
        "http://localhost/",
        "http://localhost:8080/",
        "http://tauri.localhost.example.com/",
        "qymail://localhost/",
        "qymail://elsewhere/body/5",
        "file:///etc/passwd",
        "data:text/html,x",
        "javascript:alert(1)",
        "qymail://localhost/picture/5/1",
        "about:config",
        "blob:tauri://localhost/x",
        "mailto:li.si@example.com",
    ] {
        assert!(!go(elsewhere), "{elsewhere}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_page_that_crashes_again_and_again_is_given_up() {
    use std::time::{Duration, Instant};

    let mut crashes = super::crash::Crashes::default();
    let now = Instant::now();
    let at = |seconds: u64| now + Duration::from_secs(seconds);
    assert!([0, 5, 10].into_iter().all(|second| crashes.again(at(second))));
    assert!(!crashes.again(at(15)), "four within a minute");
    assert!(crashes.again(at(90)), "long ago is forgotten");
}
