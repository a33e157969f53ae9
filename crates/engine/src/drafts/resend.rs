//! Mails that go without a composer: one that went goes once more, to those who did not get it; an answer of a few words.

use std::time::Duration;

use qiyou_api::{
    ApiError, Draft, DraftCreateParams, DraftId, DraftKind, DraftSendParams, ErrorCode, Event, FileState, OutboxEntry,
    QuickReplyParams, ResendParams,
};
use qiyou_store::Durability;
use qiyou_store::mails::{self, flag};

use crate::engine::{Engine, store_error};

/// So long its text and files are waited for.
const PATIENCE: Duration = Duration::from_mins(1);
const GLANCE: Duration = Duration::from_millis(100);

impl Engine {
    /// Sends a mail once more. Its text and files are fetched where they are not here.
    ///
    /// # Errors
    /// Those of [`Engine::draft_create`] and [`Engine::draft_send`]; [`ErrorCode::Offline`] when its text does not come.
    /// Nothing went then.
    pub async fn mail_resend(&self, params: ResendParams) -> Result<OutboxEntry, ApiError> {
        let mail = params.mail;
        if params.to.is_empty() {
            return Err(ApiError::new(ErrorCode::NoRecipient));
        }
        let begun = self
            .draft_create(DraftCreateParams {
                kind: DraftKind::EditAsNew,
                mails: vec![mail],
                to: params.to,
                ..DraftCreateParams::default()
            })
            .await?;
        let sent = match tokio::time::timeout(PATIENCE, self.whole_draft(begun.id)).await {
            Ok(Ok(draft)) => {
                let send = DraftSendParams {
                    id: draft.id,
                    content: draft.content,
                    at: None,
                };
                self.draft_send(send).await
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Err(ApiError::new(ErrorCode::Offline)),
        };
        let Ok(entry) = sent else {
            // What nobody began nobody shall find among the drafts.
            let _ = self.draft_discard(begun.id).await;
            return sent;
        };
        // Somebody has seen to it.
        let rows = self
            .inner
            .store
            .write(Durability::Normal, move |tx| {
                mails::set_own_flags(tx, mail, 0, flag::UNDELIVERED)?;
                mails::rows(tx, &[mail])
            })
            .await
            .map_err(store_error)?;
        self.inner.events.emit(Event::MailChanged { rows });
        Ok(entry)
    }

    /// Answers a mail in a few words, without the original below them.
    ///
    /// # Errors
    /// Those of [`Engine::draft_create`] and [`Engine::draft_send`]. What was written is a draft then.
    pub async fn mail_reply(&self, params: QuickReplyParams) -> Result<OutboxEntry, ApiError> {
        let QuickReplyParams { mail, text, prefix } = params;
        if text.trim().is_empty() {
            return Err(ApiError::new(ErrorCode::BadRequest));
        }
        let (id, _) = self
            .begin_draft(DraftCreateParams {
                kind: DraftKind::Reply,
                mails: vec![mail],
                prefix,
                text,
                ..DraftCreateParams::default()
            })
            .await?;
        let mut content = self.draft(id).await?.content;
        content.quote = false;
        let sent = self.draft_send(DraftSendParams { id, content, at: None }).await;
        if sent.is_err() {
            self.inner.draft_changed(id).await;
        }
        sent
    }

    /// The draft once all that it takes over is here.
    async fn whole_draft(&self, id: DraftId) -> Result<Draft, ApiError> {
        loop {
            let draft = self.draft(id).await?;
            let coming = draft.files.iter().any(|file| file.state == FileState::Coming);
            if draft.quoted.is_none() && !coming {
                return Ok(draft);
            }
            tokio::time::sleep(GLANCE).await;
        }
    }
}
