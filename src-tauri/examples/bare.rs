//! The least window there is: one HTML file in a web view of the system, nothing around it. What `cargo xtask bench ui`
//! holds the real window against.

use tauri::http::Response;
use tauri::{WebviewUrl, WebviewWindowBuilder};

fn main() -> anyhow::Result<()> {
    let file = std::env::args_os()
        .nth(1)
        .ok_or_else(|| anyhow::anyhow!("which file?"))?;
    let page = std::fs::read(file)?;
    tauri::Builder::default()
        .register_uri_scheme_protocol("bare", move |_, _| {
            Response::builder()
                .header("content-type", "text/html; charset=utf-8")
                .body(page.clone())
                .unwrap_or_default()
        })
        .setup(|app| {
            let url = WebviewUrl::CustomProtocol("bare://localhost/".parse()?);
            WebviewWindowBuilder::new(app, "bare", url)
                .title("bare")
                .inner_size(1180.0, 720.0)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!())?;
    Ok(())
}
