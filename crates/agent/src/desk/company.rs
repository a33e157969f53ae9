//! Sign-in by WeCom in the system's browser, and the link that comes back from there.

use qiyou_api::{ApiError, CompanyCard, CompanyReminders, CompanySignInStarted, DeepLink, ErrorCode, Event};
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

/// What the member wants WeCom to tell of, in the language that the app speaks.
pub(crate) async fn company_set_reminders(
    core: &Core,
    engine: &Engine,
    wanted: CompanyReminders,
) -> Result<CompanyReminders, ApiError> {
    let lang = match core.words() {
        Language::En => "en",
        Language::ZhTw => "zh-TW",
        Language::ZhCn => "zh",
    };
    engine.company_set_reminders(wanted, lang).await
}

/// The language of pages elsewhere.
pub(super) fn lang(core: &Core) -> &'static str {
    if core.words() == Language::En { "en" } else { "zh" }
}

/// A link that the system handed over. One of `qiyou:` shows something or ends a sign-in of this device; any other is
/// a bubble's, for the desk to judge.
pub(crate) async fn link(core: &Core, link: String) -> Result<(), ApiError> {
    match Url::parse(&link).ok().as_ref().and_then(DeepLink::parse) {
        Some(DeepLink::SignIn(code)) => redeem(core, code).await,
        Some(DeepLink::Card(id)) => card(core, &id).await,
        _ => order(core, Order::Link(link)).await,
    }
}

async fn order(core: &Core, order: Order) -> Result<(), ApiError> {
    let sent = core.orders.send(order).await;
    sent.map_err(|_| ApiError::new(ErrorCode::Internal))
}

async fn redeem(core: &Core, code: String) -> Result<(), ApiError> {
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

/// The mail of a card; else the window, or the webmail where the mailbox is not on this computer.
async fn card(core: &Core, id: &str) -> Result<(), ApiError> {
    let engine = core.engine_soon().await?;
    match engine.company_card(id).await {
        Ok(CompanyCard { mail: Some(mail), .. }) => order(core, Order::Open(Some(mail))).await,
        Ok(CompanyCard { folder: None, .. }) if engine.has_webmail().await => company_webmail(core, &engine).await,
        Ok(_) => order(core, Order::Open(None)).await,
        Err(error) => {
            tracing::info!(code = ?error.code, "nobody knows which mail a card is about");
            order(core, Order::Open(None)).await
        }
    }
}
