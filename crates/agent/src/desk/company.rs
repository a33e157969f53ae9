//! Sign-in by WeCom in the system's browser, and the link that comes back from there.

use qiyou_api::{ApiError, CompanySignInStarted, DeepLink, ErrorCode, Event};
use qiyou_engine::Engine;
use qiyou_words::Language;
use secrecy::SecretString;
use url::Url;

use super::Order;
use crate::run::Core;

/// Begins a sign-in and opens its page.
pub(crate) async fn company_sign_in(
    core: &Core,
    engine: &Engine,
    bridge: &str,
) -> Result<CompanySignInStarted, ApiError> {
    engine.company_sign_in(bridge, lang(core), super::open_page).await
}

/// Opens the webmail, signed in.
pub(crate) async fn company_webmail(core: &Core, engine: &Engine) -> Result<(), ApiError> {
    engine.company_webmail(lang(core), super::open_page).await
}

/// The language of pages elsewhere.
pub(super) fn lang(core: &Core) -> &'static str {
    if core.words() == Language::En { "en" } else { "zh" }
}

/// A link that the system handed over. One of `qiyou:` shows something or ends a sign-in of this device; any other is
/// a bubble's, for the desk to judge.
pub(crate) async fn link(core: &Core, link: String) -> Result<(), ApiError> {
    let deep = Url::parse(&link).ok().as_ref().and_then(DeepLink::parse);
    let Some(DeepLink::SignIn(code)) = deep else {
        let sent = core.orders.send(Order::Link(link)).await;
        return sent.map_err(|_| ApiError::new(ErrorCode::Internal));
    };
    let engine = core.engine_soon().await?;
    let redeemed = engine.company_redeem(SecretString::from(code)).await;
    if let Err(error) = &redeemed {
        // Whoever looks at the sign-in should hear why nothing comes of it.
        engine.emit(Event::CompanySignIn {
            progress: qiyou_api::CompanySignIn::Failed { error: error.clone() },
        });
    }
    redeemed.map(drop)
}
