//! `cargo xtask demo`: from a fresh clone to a window with mail in it.

use std::process::ExitCode;

use anyhow::bail;

use crate::command::{self, built, code, status, target};
use crate::progress::Progress;
use crate::setup::{Need, setup};

pub(crate) fn command(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let headless = match arguments {
        [] => false,
        [flag] if flag == "--headless" => true,
        _ => bail!("cargo xtask demo [--headless]"),
    };
    let progress = Progress::new();
    progress.say("a first build takes 10 to 20 minutes on two cores; later ones seconds");
    setup(if headless { Need::Everything } else { Need::Sandbox }, &progress)?;
    crate::build::programs(&progress)?;
    progress.say("starting");
    let mut demo = command::command(built("qiyou-demo"), [] as [&str; 0]);
    if headless {
        demo.arg("--headless").arg(target().join("demo"));
    }
    Ok(code(status(&mut demo)?))
}
