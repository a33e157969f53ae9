//! Beginning a mail by command line, and from the file manager's menu.

use std::path::PathBuf;

use clap::Args;
use qiyou_api::{ApiError, DraftAttachParams, DraftCreateParams, DraftParams, ErrorCode, call};

use super::Terminal;

#[derive(Debug, Args)]
pub(crate) struct Compose {
    /// Whom it goes to.
    #[arg(default_value = "mailto:")]
    address: String,
    /// Files that go with it, folders as zips. What is attached is copied at once.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "address")]
    attach: Vec<PathBuf>,
}

fn internal(error: &std::io::Error) -> ApiError {
    ApiError::new(ErrorCode::Internal).with("detail", error.to_string())
}

pub(super) async fn compose(terminal: &Terminal, compose: Compose) -> Result<(), ApiError> {
    let Compose { address, attach } = compose;
    if attach.is_empty() {
        let scheme = address
            .get(..7)
            .is_some_and(|head| head.eq_ignore_ascii_case("mailto:"));
        if !scheme {
            return Err(ApiError::new(ErrorCode::LinkRefused));
        }
        return crate::open::to_write(&address, None).map_err(|error| internal(&error));
    }
    let client = &terminal.client;
    let draft = client.call(call::DraftCreate, DraftCreateParams::default()).await?;
    for file in attach {
        // The agent has a working directory of its own.
        let path = std::path::absolute(&file)
            .map_err(|error| ApiError::new(ErrorCode::FileNotReadable).with("detail", error.to_string()))?;
        let params = DraftAttachParams {
            id: draft.id,
            path: path.to_string_lossy().into_owned(),
        };
        if let Err(error) = client.call(call::DraftAttach, params).await {
            // A mail without what it was begun for is none that anybody wants.
            client.call(call::DraftDiscard, DraftParams { id: draft.id }).await?;
            return Err(error);
        }
    }
    crate::open::draft(draft.id).map_err(|error| internal(&error))?;
    terminal.print(&draft.id, |_| draft.id.to_string());
    Ok(())
}
