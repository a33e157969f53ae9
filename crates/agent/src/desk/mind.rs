//! Where a desk's knowledge comes from: the engine of this process, or that of the agent in another session.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use qiyou_api::{
    ActParams, ApiError, Client, DeskView, Event, MailId, Nothing, QuickReplyParams, Settings, SyncParams, call,
};
use qiyou_engine::Engine;
use qiyou_store::bubbles::{self, ShownBubble};
use qiyou_store::{Durability, settings as notes};

/// See the module.
#[derive(Clone)]
pub(crate) enum Mind {
    Here(Engine),
    There(Arc<Guest>),
}

/// A client of the agent that owns the store.
pub(crate) struct Guest {
    client: Client,
    /// As it was when last asked for.
    view: Mutex<DeskView>,
    /// Bubbles of this session; the store remembers those of the owner's.
    shown: Mutex<HashMap<MailId, ShownBubble>>,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Guest {
    /// Asks the owner how everything stands.
    pub(crate) async fn of(client: Client) -> Result<Self, ApiError> {
        let view = client.call(call::Desk, Nothing {}).await?;
        Ok(Self {
            client,
            view: Mutex::new(view),
            shown: Mutex::default(),
        })
    }
}

impl Mind {
    /// What the tray shows.
    pub(super) async fn view(&self) -> DeskView {
        match self {
            Self::Here(engine) => view(engine).await,
            Self::There(guest) => {
                if let Ok(view) = guest.client.call(call::Desk, Nothing {}).await {
                    locked(&guest.view).clone_from(&view);
                    return view;
                }
                locked(&guest.view).clone()
            }
        }
    }

    pub(super) fn settings(&self) -> Arc<Settings> {
        match self {
            Self::Here(engine) => engine.settings(),
            Self::There(guest) => Arc::new(locked(&guest.view).settings.clone()),
        }
    }

    pub(super) async fn set_settings(&self, settings: Settings) -> Result<Settings, ApiError> {
        match self {
            Self::Here(engine) => engine.set_settings(settings).await,
            Self::There(guest) => guest.client.call(call::SettingsSet, settings).await,
        }
    }

    pub(super) async fn act(&self, params: ActParams) -> Result<(), ApiError> {
        match self {
            Self::Here(engine) => engine.act(params).await.map(drop),
            Self::There(guest) => guest.client.call(call::MailAct, params).await.map(drop),
        }
    }

    pub(super) async fn reply(&self, params: QuickReplyParams) -> Result<(), ApiError> {
        match self {
            Self::Here(engine) => engine.mail_reply(params).await.map(drop),
            Self::There(guest) => guest.client.call(call::MailReply, params).await.map(drop),
        }
    }

    /// Opens the webmail, signed in: in this session's browser, if the engine is here.
    pub(super) async fn webmail(&self, lang: &str) -> Result<(), ApiError> {
        match self {
            Self::Here(engine) => engine.company_webmail(lang, super::open_page).await,
            Self::There(guest) => guest.client.call(call::CompanyWebmail, Nothing {}).await.map(drop),
        }
    }

    pub(super) async fn sync(&self) {
        let _ = match self {
            Self::Here(engine) => engine.sync(None, false).await,
            Self::There(guest) => {
                let now = SyncParams {
                    account: None,
                    wait: false,
                };
                guest.client.call(call::Sync, now).await.map(drop)
            }
        };
    }

    /// The network or the clock of this computer changed; the owner hears of it by itself.
    pub(super) fn network_changed(&self) {
        if let Self::Here(engine) = self {
            engine.network_changed();
        }
    }

    /// Tells the clients of this process's agent.
    pub(super) fn emit(&self, event: Event) {
        if let Self::Here(engine) = self {
            engine.emit(event);
        }
    }

    /// Every bubble that was shown since then (unix seconds).
    pub(super) async fn shown(&self, since: i64) -> Vec<ShownBubble> {
        match self {
            Self::Here(engine) => engine
                .store()
                .write(Durability::Normal, move |tx| bubbles::all(tx, since))
                .await
                .unwrap_or_default(),
            Self::There(guest) => {
                let mut shown = locked(&guest.shown);
                shown.retain(|_, bubble| bubble.shown >= since);
                shown.values().cloned().collect()
            }
        }
    }

    pub(super) async fn remember(&self, bubble: ShownBubble) {
        match self {
            Self::Here(engine) => {
                let kept = engine
                    .store()
                    .write(Durability::Normal, move |tx| bubbles::put(tx, &bubble))
                    .await;
                if let Err(error) = kept {
                    tracing::warn!(%error, "a bubble was not remembered");
                }
            }
            Self::There(guest) => drop(locked(&guest.shown).insert(bubble.mail, bubble)),
        }
    }

    /// Forgets the bubbles of mails and returns what they were.
    pub(super) async fn take(&self, mails: Vec<MailId>) -> Vec<ShownBubble> {
        match self {
            Self::Here(engine) => engine
                .store()
                .write(Durability::Normal, move |tx| bubbles::take(tx, &mails))
                .await
                .unwrap_or_default(),
            Self::There(guest) => {
                let mut shown = locked(&guest.shown);
                mails.iter().filter_map(|mail| shown.remove(mail)).collect()
            }
        }
    }

    /// Whether something that is said once for all sessions is said now.
    pub(super) async fn first_time(&self, what: &'static str) -> bool {
        let Self::Here(engine) = self else { return false };
        let said = engine
            .store()
            .write(Durability::Normal, move |tx| {
                let said = notes::note(tx, what)?.is_some();
                notes::set_note(tx, what, "1")?;
                Ok(said)
            })
            .await;
        said.is_ok_and(|said| !said)
    }
}

/// What a tray shows, from the engine.
pub(crate) async fn view(engine: &Engine) -> DeskView {
    DeskView {
        accounts: engine.accounts().await.unwrap_or_default(),
        newest: engine.newest_unread(crate::tray::NEWEST).await.unwrap_or_default(),
        settings: engine.settings().as_ref().clone(),
        trouble: engine.trouble(),
        webmail: engine.has_webmail().await,
    }
}
