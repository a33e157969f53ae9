//! Sign-in by a provider's page in the system's browser.

use qiyou_api::{ApiError, ErrorCode, OauthGrant, OauthParams};
use qiyou_engine::{Engine, OauthPage};
use qiyou_words::say;

use super::open_page;
use crate::run::Core;

/// Signs in by the provider's page, opened in the system's browser.
pub(crate) async fn oauth(core: &Core, engine: &Engine, params: OauthParams) -> Result<OauthGrant, ApiError> {
    let language = core.words();
    let words = |key: &str| say(language, key, &[]);
    let page = OauthPage {
        language: language.tag().to_owned(),
        done_title: words("oauth.page.done.title"),
        done_text: words("oauth.page.done.text"),
        failed_title: words("oauth.page.failed.title"),
        failed_text: words("oauth.page.failed.text"),
    };
    let failed = |detail: String| ApiError::new(ErrorCode::OauthFailed).with("detail", detail);
    engine
        .oauth(params, page, move |url| {
            open_page(url);
            Ok(())
        })
        .await
        .map_err(|e| {
            if e.code == ErrorCode::Internal {
                failed(format!("{:?}", e.args))
            } else {
                e
            }
        })
}
