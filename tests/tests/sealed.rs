//! 李四 sends what mails are abused for; 张三 reads it in the real window.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result, ensure};
use qiyou_tests::desk::{Desk, mail};
use qiyou_tests::screen::xdotool;
use qiyou_tests::touch::Touch;
use serde_json::json;

/// A place on this machine that mails call at, and that counts who comes.
struct Lure {
    address: String,
    calls: Arc<AtomicUsize>,
}

impl Lure {
    fn lay() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = format!("http://{}", listener.local_addr()?);
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        std::thread::spawn(move || {
            for _ in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        Ok(Self { address, calls })
    }
}

/// Every way that is known to act or to call from a mail.
fn planted(lure: &str) -> String {
    const ACT: &str = "top.planted=1;parent.document.title='planted';fetch('LURE/fetch')";
    r#"<html><head><title>x</title><meta http-equiv="refresh" content="0; url=LURE/refresh"><base href="LURE/base/" target="_top">
<link rel="stylesheet" href="LURE/sheet.css"><link rel="preload" as="image" href="LURE/preload"><link rel="prefetch" href="LURE/prefetch">
<link rel="dns-prefetch" href="LURE"><link rel="icon" href="LURE/icon"><link rel="manifest" href="LURE/manifest">
<style>@import url(LURE/import.css); @font-face{font-family:f;src:url(LURE/font)} p{font-family:f;background:url(LURE/rule.png);list-style:url(LURE/list.png)}
body{position:fixed;inset:0} #shown::after{content:url(LURE/content.png)} </style><script>ACT</script><script src="LURE/script.js"></script></head>
<body onload="ACT" background="LURE/body.png" style="background-image:url(LURE/inline.png)">
<p id="shown" onclick="ACT" onmouseover="ACT" style="animation:x 1s" onanimationstart="ACT">What is shown.</p>
<img src="LURE/picture.png" srcset="LURE/2x.png 2x" onerror="ACT"><picture><source srcset="LURE/source.png"><img src="x" onerror="ACT"></picture>
<svg onload="ACT"><image href="LURE/svg.png"/><use href="LURE/use.svg#a"/><script>ACT</script><animate onbegin="ACT" attributeName="x"/></svg>
<math><mtext><style><img src=x onerror="ACT"></style></mtext></math><iframe src="LURE/frame" srcdoc="&lt;script>ACT&lt;/script>"></iframe>
<object data="LURE/object"></object><embed src="LURE/embed"><video src="LURE/video" poster="LURE/poster" autoplay onloadstart="ACT"></video>
<audio src="LURE/audio" autoplay></audio><form action="LURE/form" method="post"><input type="image" src="LURE/image"><input name="a" autofocus onfocus="ACT">
<button id="send">send</button></form><table background="LURE/table.png"><tr><td background="LURE/cell.png">cell</td></tr></table>
<p><a id="script" href="javascript:ACT">a script</a> · <a id="data" href="data:text/html,<script>ACT</script>">data</a> · <a id="file" href="file:///etc/passwd">a file</a></p>
<p><a id="left" href="https://example.com/left" ping="LURE/ping" onclick="ACT">left</a></p>
<p><a id="middle" target="_blank" href="https://example.com/middle">middle</a></p>
<p><a id="key" target="_top" href="https://example.com/key">key</a></p>
<p><a id="drag" href="https://example.com/drag">drag</a></p></body></html>"#
        .replace("ACT", ACT)
        .replace("LURE", lure)
}

/// The link of that name: the sanitiser takes the names away, the words stay.
fn link(name: &str) -> String {
    format!("a[title='https://example.com/{name}']")
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_planted_acts_and_every_click_opens_the_browser_once() -> Result<()> {
    let lure = Lure::lay()?;
    let desk = Desk::with(&[
        mail("plain", "<p>Plain words.</p>"),
        mail("planted", &planted(&lure.address)),
    ])
    .await?;
    let touch = Touch::open(&desk.session, &desk.house, &[]).await?;
    let title = "document.title";
    touch.tap_path("//*[@role='option'][contains(., 'planted')]").await?;
    ensure!(touch.mail_text().await?.contains("What is shown."));
    let before = touch.until(title).await?;

    // Over it and into it; onto what is no web address, and onto a button if one was left.
    touch.follow(&desk.session, "main p").await?;
    for (number, words) in ["a script", "data", "a file", "send"].iter().enumerate() {
        let mark = "const [words, number] = arguments; const text = document.querySelector('iframe.now')?.contentDocument; \
                    const found = [...text.querySelectorAll('a, button, span, p, td, div')].filter((each) => \
                    each.textContent.includes(words)).at(-1); if (found) found.id = `planted-${number}`; return !!found";
        let found = touch.page().execute(mark, vec![json!(words), json!(number)]).await?;
        if found.as_bool() == Some(true) {
            touch.follow(&desk.session, &format!("#planted-{number}")).await?;
        }
    }

    // Left, middle, and by keyboard; a drag is no click.
    touch.follow(&desk.session, &link("left")).await?;
    desk.asked_for(1).await?;
    touch.click_in_mail(&desk.session, &link("middle"), 2).await?;
    desk.asked_for(2).await?;
    touch
        .drag_from_mail(&desk.session, &link("drag"), "[role='listbox']")
        .await?;
    let on_key = "document.activeElement?.tagName === 'IFRAME' && \
                  document.activeElement.contentDocument.activeElement?.title === 'https://example.com/key'";
    for _ in 0..60 {
        if touch
            .page()
            .execute(&format!("return {on_key}"), vec![])
            .await?
            .as_bool()
            == Some(true)
        {
            break;
        }
        xdotool(&desk.session, &["key", "--delay", "30", "Tab"])?;
    }
    touch
        .until(on_key)
        .await
        .context("the keyboard reaches the links of a mail")?;
    xdotool(&desk.session, &["key", "Return"])?;
    desk.asked_for(3).await?;

    // Another mail and this one again; then one more link, before which a second opening of the others would stand.
    touch.tap_path("//*[@role='option'][contains(., 'plain')]").await?;
    touch
        .until("document.querySelector('iframe.now')?.contentDocument?.body?.innerText?.includes('Plain words')")
        .await?;
    touch.tap_path("//*[@role='option'][contains(., 'planted')]").await?;
    touch
        .until("document.querySelector('iframe.now')?.contentDocument?.body?.innerText?.includes('What is shown')")
        .await?;
    touch.follow(&desk.session, &link("left")).await?;
    let asked = desk.asked_for(4).await?;
    ensure!(
        asked == ["left", "middle", "key", "left"].map(|name| format!("https://example.com/{name}")),
        "the browser was asked for {asked:?}"
    );

    let after = touch.until(title).await?;
    ensure!(before == after, "the title became {after}");
    ensure!(
        touch
            .page()
            .execute("return top.planted ?? null", vec![])
            .await?
            .is_null(),
        "a script ran"
    );
    touch
        .until("document.querySelector('iframe.now')?.contentWindow.location.href === 'about:srcdoc'")
        .await?;
    ensure!(touch.page().windows().await?.len() == 1, "one window, as before");
    let calls = lure.calls.load(Ordering::SeqCst);
    ensure!(calls == 0, "the mail called {calls} times");
    touch.close().await
}

/// A picture of one pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

fn with_picture() -> Vec<u8> {
    let head = String::from_utf8_lossy(&mail("picture", "")).replace(
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n",
        "Content-Type: multipart/related; boundary=b\r\n",
    );
    format!(
        "{}--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>The seal: <img src=\"cid:seal@qiyou\" width=40 height=40></p>\r\n\
         --b\r\nContent-Type: image/png\r\nContent-ID: <seal@qiyou>\r\nContent-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\n{PNG}\r\n--b--\r\n",
        head.trim_end().to_owned() + "\r\n\r\n"
    )
    .into_bytes()
}

/// Twenty megabytes of a table, as reports of programs are.
fn endless() -> Vec<u8> {
    let mut html = String::from("<h1>The report</h1><table>");
    for row in 0.. {
        if html.len() >= 20 * 1024 * 1024 {
            break;
        }
        let _ = write!(
            html,
            "<tr><td>{row}</td><td style=\"padding:2px 8px\">采购与发货进度</td>\
             <td><a href=\"https://example.com/{row}\">查看</a></td></tr>\r\n"
        );
    }
    mail("endless", &(html + "</table>"))
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_of_the_mail_are_shown_and_one_of_20_mb_stops_nobody() -> Result<()> {
    let desk = Desk::with(&[endless(), with_picture(), mail("plain", "<p>Plain words.</p>")]).await?;
    let touch = Touch::open(&desk.session, &desk.house, &[]).await?;
    let open = async |subject: &str| -> Result<()> {
        let path = format!("//*[@role='option'][contains(., '{subject}')]");
        touch.tap_path(&path).await?;
        touch
            .see_path(&format!("//h1[contains(normalize-space(.), '{subject}')]"))
            .await?;
        Ok(())
    };
    let says = |words: &str| {
        format!(
            "document.querySelector('iframe.now')?.contentDocument?.body?.innerText.slice(0, 400).includes('{words}')"
        )
    };
    open("picture").await?;
    touch
        .until("document.querySelector('iframe.now')?.contentDocument?.querySelector('img')?.naturalWidth === 1")
        .await?;
    open("endless").await?;
    // While it comes, another one can be read.
    open("plain").await?;
    touch.until(&says("Plain words")).await?;
    open("endless").await?;
    touch.until(&says("The report")).await?;
    touch.press("显示全部").await?;
    // All of it takes its time; meanwhile another one can be read, and the account is well.
    open("plain").await?;
    touch.until(&says("Plain words")).await?;
    touch.close().await
}
