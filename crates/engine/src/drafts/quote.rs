//! The original under an answer: kept as it will be sent, shown sealed; and what a draft takes over of its mails.

use qiyou_api::{ApiError, Body, Draft, DraftAttachMailsParams, DraftId, DraftKind, DraftQuoteParams, MailId};
use qiyou_mime::Sanitise;
use qiyou_store::mails::{Part, StoredMail};
use qiyou_store::{Durability, bodies, drafts};

use super::files::Source;
use crate::engine::{Engine, store_error};
use crate::texts::{HTML, TEXT, Wish};

/// Bytes of an original's text that are taken over.
const LONGEST: usize = 20 << 20;
/// Mails that are attached at once.
const MOST_MAILS: usize = 100;
/// Bytes of pictures that are put into one shown quote.
const MOST_INLINE: usize = 8 << 20;

impl Engine {
    /// Takes over what a draft begins with: the original's text and files. What is here is there when this returns; the
    /// rest is fetched, and events tell.
    pub(super) async fn carry_over(&self, draft: &Draft, mails: Vec<StoredMail>) -> Result<(), ApiError> {
        let kind = draft.kind;
        let Some(first) = mails.first().cloned() else {
            return Ok(());
        };
        if kind == DraftKind::ForwardAttached {
            return self.attach_whole(draft.id, &mails).await;
        }
        if kind == DraftKind::Redirect {
            self.attach_whole(draft.id, &mails).await?;
        }
        let id = draft.id;
        let engine = self.clone();
        if self.take_over(id, kind, &first).await? {
            return Ok(());
        }
        tokio::spawn(async move {
            let fetched = engine.wish(first.row.account, Wish::Text(first.row.id)).await;
            // Where its parts are may be known only now.
            let mail = first.row.id;
            let again = engine
                .inner
                .store
                .read(move |conn| qiyou_store::mails::get(conn, mail))
                .await;
            let done = async {
                fetched?;
                let mail = again.map_err(store_error)?;
                engine.take_over(id, kind, &mail).await
            };
            if let Err(error) = done.await {
                tracing::warn!(draft = id, code = ?error.code, "an original could not be taken over");
            }
            engine.inner.draft_changed(id).await;
        });
        Ok(())
    }

    async fn attach_whole(&self, draft: DraftId, mails: &[StoredMail]) -> Result<(), ApiError> {
        for mail in mails {
            let source = Source::Mail(mail);
            let file = self.begin_copy(draft, source).await?;
            self.copy_later(draft, file, mail.row.account, source.wish(mail.row.id), None);
        }
        Ok(())
    }

    /// Attaches mails whole.
    pub async fn draft_attach_mails(&self, params: DraftAttachMailsParams) -> Result<Draft, ApiError> {
        let DraftAttachMailsParams { id, mails } = params;
        let found = self
            .inner
            .store
            .read(move |conn| {
                mails
                    .iter()
                    .take(MOST_MAILS)
                    .map(|mail| qiyou_store::mails::get(conn, *mail))
                    .collect::<Result<Vec<_>, _>>()
            })
            .await
            .map_err(store_error)?;
        self.attach_whole(id, &found).await?;
        self.inner.draft_changed(id).await;
        self.draft(id).await
    }

    /// The original's text as it would be sent; nothing when it is not here.
    async fn original(&self, mail: &StoredMail) -> Result<Option<String>, ApiError> {
        let (id, now) = (mail.row.id, self.inner.clock.now());
        let (html, text) = self
            .inner
            .store
            .bodies(move |tx| {
                let html = bodies::get(tx, id, HTML, LONGEST, now)?;
                Ok(match html {
                    Some(html) => (Some(html), None),
                    None => (None, bodies::get(tx, id, TEXT, LONGEST, now)?),
                })
            })
            .await
            .map_err(store_error)?;
        if html.is_none() && text.is_none() {
            return Ok(None);
        }
        let cids: Vec<String> = mail
            .parts
            .attachments
            .iter()
            .filter_map(|part| part.content_id.clone())
            .collect();
        let made = tokio::task::spawn_blocking(move || {
            let source = match html {
                Some(html) => String::from_utf8_lossy(&html).into_owned(),
                None => qiyou_mime::text_to_html(&String::from_utf8_lossy(&text.unwrap_or_default())),
            };
            let (sheet, body) = qiyou_mime::sanitise_to_send(&source, &|cid| {
                cids.iter().any(|known| known == cid).then(|| format!("cid:{cid}"))
            });
            if sheet.is_empty() {
                body
            } else {
                format!("<style>{sheet}</style>{body}")
            }
        });
        made.await
            .map(Some)
            .map_err(|error| ApiError::new(qiyou_api::ErrorCode::Internal).with("detail", error.to_string()))
    }

    async fn take_text(&self, draft: DraftId, kind: DraftKind, mail: &StoredMail) -> Result<bool, ApiError> {
        let Some(text) = self.original(mail).await? else {
            return Ok(false);
        };
        let now = self.inner.clock.now();
        self.inner
            .store
            .write(Durability::Full, move |tx| {
                let mut stored = drafts::get(tx, draft)?;
                if kind == DraftKind::EditAsNew {
                    stored.origin.quoted = None;
                    drafts::set_origin(tx, draft, &stored.origin)?;
                    stored.content.html = text;
                    drafts::save(tx, draft, &stored.content, now)?;
                } else {
                    drafts::set_quote(tx, draft, &text)?;
                }
                Ok(true)
            })
            .await
            .map_err(store_error)
    }

    /// Takes over text and files of an original whose text is here; false when it is not. The text counts as here only
    /// when its files are known: what is sent before waits for them.
    async fn take_over(&self, draft: DraftId, kind: DraftKind, mail: &StoredMail) -> Result<bool, ApiError> {
        if !self.take_text(draft, kind, mail).await? {
            return Ok(false);
        }
        let taken = match kind {
            // It goes whole.
            DraftKind::Redirect => Ok(()),
            _ => self.take_files(draft, kind, mail).await,
        };
        self.inner
            .store
            .write(Durability::Full, move |tx| {
                let mut stored = drafts::get(tx, draft)?;
                if let Some(quoted) = &mut stored.origin.quoted {
                    quoted.here = true;
                    drafts::set_origin(tx, draft, &stored.origin)?;
                }
                Ok(())
            })
            .await
            .map_err(store_error)?;
        taken.map(|()| true)
    }

    /// The files that go on: all of a mail that is passed on, and else the pictures that its text shows.
    async fn take_files(&self, draft: DraftId, kind: DraftKind, mail: &StoredMail) -> Result<(), ApiError> {
        let quote = self
            .inner
            .store
            .read(move |conn| Ok((drafts::quote(conn, draft)?, drafts::get(conn, draft)?.content.html)))
            .await
            .map_err(store_error)?;
        let all = matches!(kind, DraftKind::Forward | DraftKind::EditAsNew);
        let shown = |part: &Part| {
            part.content_id.as_ref().is_some_and(|cid| {
                [&quote.0, &quote.1]
                    .iter()
                    .any(|html| html.contains(&format!("cid:{cid}")))
            })
        };
        for part in mail.parts.attachments.iter().filter(|part| all || shown(part)) {
            let source = Source::Part(part, shown(part));
            let file = self.begin_copy(draft, source).await?;
            self.copy_later(
                draft,
                file,
                mail.row.account,
                source.wish(mail.row.id),
                Some(part.clone()),
            );
        }
        Ok(())
    }

    /// The original of a draft as it is shown: sealed like the text of any mail.
    pub async fn draft_quote(&self, params: DraftQuoteParams) -> Result<Body, ApiError> {
        use base64::Engine as _;
        let id = params.id;
        let (stored, quote, files) = self
            .inner
            .store
            .read(move |conn| {
                let mut files = Vec::new();
                let mut room = MOST_INLINE;
                for file in drafts::files(conn, id)? {
                    let size = usize::try_from(file.size).unwrap_or(usize::MAX);
                    if let Some(cid) = file.content_id
                        && file.mime_type.starts_with("image/")
                        && size <= room
                    {
                        room = room.saturating_sub(size);
                        let bytes = drafts::bytes(conn, file.id, size)?;
                        files.push((cid, file.mime_type, bytes));
                    }
                }
                Ok((drafts::get(conn, id)?, drafts::quote(conn, id)?, files))
            })
            .await
            .map_err(store_error)?;
        if quote.is_empty() {
            return Ok(match stored.origin.quoted {
                Some(quoted) if !quoted.here => Body::Fetching,
                _ => Body::Failed {
                    error: ApiError::new(qiyou_api::ErrorCode::NotFound),
                },
            });
        }
        let mail: MailId = stored.origin.mails.first().copied().unwrap_or(0);
        let inner = std::sync::Arc::clone(&self.inner);
        let made = tokio::task::spawn_blocking(move || {
            let safe = qiyou_mime::sanitise(
                &quote,
                &Sanitise {
                    picture: params.remote.then_some(&|n| format!("picture:{n}")),
                    link: &|n| format!("link:{n}"),
                    cid: &|wanted| {
                        files.iter().find(|(cid, ..)| cid == wanted).map(|(_, kind, bytes)| {
                            let data = base64::engine::general_purpose::STANDARD.encode(bytes);
                            format!("data:{kind};base64,{data}")
                        })
                    },
                },
            );
            let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            let mut remote_pictures = safe.blocked_remote;
            if params.remote {
                remote_pictures = safe.pictures.len();
                inner.pictures.know(mail, safe.pictures);
            }
            Body::Ready {
                warnings: Vec::new(),
                html: safe.html,
                plain: false,
                cut: safe.cut,
                remote_pictures: count(remote_pictures),
                carried: 0,
                links: safe.links,
                language: safe.language.map(str::to_owned),
            }
        });
        made.await
            .map_err(|error| ApiError::new(qiyou_api::ErrorCode::Internal).with("detail", error.to_string()))
    }

    /// The original's text as the editor may take it.
    pub async fn draft_open_quote(&self, id: DraftId) -> Result<String, ApiError> {
        let quote = self
            .inner
            .store
            .read(move |conn| drafts::quote(conn, id))
            .await
            .map_err(store_error)?;
        // The editor knows no style sheets.
        Ok(match quote.split_once("</style>") {
            Some((sheet, body)) if sheet.starts_with("<style>") => body.to_owned(),
            _ => quote,
        })
    }
}
