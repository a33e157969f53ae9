//! Texts that mails are begun with.

use qiyou_api::{ApiError, ErrorCode, Event, Template, TemplateId, TemplateSaveParams};
use qiyou_store::{Durability, templates};

use crate::engine::{Engine, store_error};

/// Templates of one person.
const MOST: usize = 500;
/// Bytes of one.
const LONGEST: usize = 4 << 20;
/// Characters of a name.
const LONGEST_NAME: usize = 100;

impl Engine {
    /// All templates, the oldest first.
    pub async fn templates(&self) -> Result<Vec<Template>, ApiError> {
        self.inner.store.read(templates::list).await.map_err(store_error)
    }

    /// Keeps a template.
    ///
    /// # Errors
    /// [`ErrorCode::BadRequest`] for one without a name, [`ErrorCode::TooLarge`], [`ErrorCode::NotFound`] when it was
    /// removed meanwhile.
    pub async fn template_save(&self, params: TemplateSaveParams) -> Result<Template, ApiError> {
        let TemplateSaveParams { id, mut content } = params;
        content.name = content.name.trim().chars().take(LONGEST_NAME).collect();
        if content.name.is_empty() {
            return Err(ApiError::new(ErrorCode::BadRequest));
        }
        if content.html.len() > LONGEST || content.subject.len() > LONGEST {
            return Err(ApiError::new(ErrorCode::TooLarge));
        }
        let now = self.inner.clock.now();
        let kept = content.clone();
        let saved = self
            .inner
            .store
            .write(Durability::Full, move |tx| {
                if id.is_none() && templates::list(tx)?.len() >= MOST {
                    return Ok(None);
                }
                templates::save(tx, id, &kept, now).map(Some)
            })
            .await
            .map_err(store_error)?;
        let id = saved.ok_or_else(|| ApiError::new(ErrorCode::TooLarge))?;
        self.inner.events.emit(Event::TemplatesChanged);
        Ok(Template { id, content })
    }

    /// Removes a template.
    pub async fn template_remove(&self, id: TemplateId) -> Result<(), ApiError> {
        let removed = self
            .inner
            .store
            .write(Durability::Full, move |tx| templates::remove(tx, id))
            .await;
        removed.map_err(store_error)?;
        self.inner.events.emit(Event::TemplatesChanged);
        Ok(())
    }
}
