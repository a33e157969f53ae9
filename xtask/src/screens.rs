//! `cargo xtask screens`: a picture of every state of the ui, zh-CN and en, light and dark.

use std::process::ExitCode;

use crate::command::{code, npm, status, target};
use crate::progress::Progress;
use crate::setup::{Need, setup};

pub(crate) fn command(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let progress = Progress::new();
    setup(Need::Everything, &progress)?;
    let folder = target().join("screens");
    std::fs::create_dir_all(&folder)?;
    let mut run = npm(["run", "--silent", "screens", "--"]);
    let ended = status(run.arg(&folder).args(arguments))?;
    progress.say(&format!("the pictures are in {}", folder.display()));
    Ok(code(ended))
}
