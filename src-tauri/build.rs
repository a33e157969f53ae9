//! Reads `tauri.conf.json` and the capabilities. The commands listed here are the only ones that exist for the page.

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    let commands = tauri_build::AppManifest::new().commands(&[
        "start",
        "call",
        "subscribe",
        "open_external",
        "save_dialog",
        "window_title",
        "window_badge",
        "window_zoom",
        "window_close",
        "body",
        "folder_dialog",
        "open_mail",
        "print",
        "draft_quote",
        "attach_dialog",
        "import_contacts",
        "open_draft",
    ]);
    let attributes = tauri_build::Attributes::new()
        .app_manifest(commands)
        .capabilities_path_pattern("./src-tauri/capabilities/**/*");
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
    }
}
