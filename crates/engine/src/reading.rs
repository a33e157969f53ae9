//! The opened mail: its head, its text made safe, its source.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;

use qiyou_api::{
    AccountId, ApiError, Attachment, Body, BodyParams, ErrorCode, Fate, Mail, MailId, MailReport, ReceiptAsked, Role,
    Source, Warning,
};
use qiyou_mime::Sanitise;
use qiyou_store::{accounts, bodies, folders, mails, reports};

use crate::engine::{Engine, locked, store_error};
use crate::texts::{HTML, SOURCE, TEXT, Wish, blob_of};

/// Bytes of a source that are shown.
const MOST_SOURCE: usize = 2 * 1024 * 1024;
/// Bytes of a text that are shown unless all of it is asked for: a web view draws as much at once.
const SHOWN: usize = 512 * 1024;
/// Bytes of pictures that are put into one text by their content ids.
const MOST_INLINE: u64 = 8 * 1024 * 1024;

/// The first `most` bytes of a text; a letter that is cut there goes.
fn beginning(raw: &[u8], most: usize) -> Cow<'_, str> {
    match raw.get(..most) {
        Some(begin) => {
            let whole = begin.utf8_chunks().next().map_or("", |chunk| chunk.valid());
            // What was stored is UTF-8, so only the last letter can be broken.
            if whole.len().saturating_add(4) > begin.len() {
                Cow::Borrowed(whole)
            } else {
                String::from_utf8_lossy(begin)
            }
        }
        None => String::from_utf8_lossy(raw),
    }
}

/// What others tell of a mail, and ask.
struct Told {
    fates: Vec<Fate>,
    report: Option<MailReport>,
    receipt: Option<ReceiptAsked>,
}

impl Engine {
    /// The opened mail without its body.
    pub async fn mail(&self, id: MailId) -> Result<Mail, ApiError> {
        let settings = self.inner.settings();
        let (stored, folder, told) = self
            .inner
            .store
            .read(move |conn| {
                let stored = mails::get(conn, id)?;
                let folder = folders::get(conn, stored.row.folder)?.folder;
                let own = crate::own::addresses(&accounts::list(conn)?, &settings);
                let written_here = folder.role == Role::Sent || crate::own::is_own(&own, &stored.row.from.address);
                let told = Told {
                    fates: if written_here {
                        crate::reports::fates(conn, &stored)?
                    } else {
                        Vec::new()
                    },
                    report: reports::by_mail(conn, id)?.map(|report| MailReport {
                        about: report.sent,
                        fates: report.fates,
                    }),
                    receipt: crate::receipts::asked(&stored, folder.role, &own),
                };
                Ok((stored, folder, told))
            })
            .await
            .map_err(store_error)?;
        let attachments = stored
            .parts
            .attachments
            .iter()
            .enumerate()
            .map(|(index, part)| Attachment {
                program: qiyou_mime::is_program(&part.name),
                index: u32::try_from(index).unwrap_or(u32::MAX),
                name: qiyou_mime::safe_file_name(if part.name.is_empty() {
                    &part.mime_type
                } else {
                    &part.name
                }),
                mime_type: part.mime_type.clone(),
                // Base64 takes four bytes for three.
                size: if part.encoding == "base64" {
                    part.size.saturating_mul(3) / 4
                } else {
                    part.size
                },
                inline: part.inline && stored.parts.html.is_some(),
            })
            .collect();
        let from = if stored.envelope.from.is_empty() {
            vec![stored.row.from.clone()]
        } else {
            stored.envelope.from
        };
        Ok(Mail {
            from,
            reply_to: stored.envelope.reply_to,
            to: stored.envelope.to,
            cc: stored.envelope.cc,
            sent_at: stored.envelope.sent_at,
            message_id: stored.message_id,
            attachments,
            folder_path: folder.path,
            fates: told.fates,
            report: told.report,
            receipt: told.receipt,
            row: stored.row,
        })
    }

    /// The text, made safe. What is not here is fetched; a `body_arrived` event follows.
    pub async fn body(&self, mut params: BodyParams) -> Result<Body, ApiError> {
        params.remote &= locked(&self.inner.settings).allows_pictures().is_ok();
        let id = params.mail;
        let now = self.inner.clock.now();
        let stored = self
            .inner
            .store
            .read(move |conn| mails::get(conn, id))
            .await
            .map_err(store_error)?;
        let texts = self
            .texts(stored.row.account)
            .ok_or_else(|| ApiError::new(ErrorCode::NotFound))?;
        let most = if params.whole { usize::MAX } else { SHOWN };
        // One more than is shown tells whether there is more.
        let limit = most.saturating_add(1);
        let (html, text) = self
            .inner
            .store
            .bodies(move |tx| {
                Ok((
                    bodies::get(tx, id, HTML, limit, now)?,
                    bodies::get(tx, id, TEXT, limit, now)?,
                ))
            })
            .await
            .map_err(store_error)?;
        if html.is_none() && text.is_none() {
            if let Some(error) = texts.take_failure(id) {
                return Ok(Body::Failed { error });
            }
            drop(texts.wish(Wish::Text(id)));
            return Ok(Body::Fetching);
        }
        let mut warnings = self::warnings(&stored);
        let inline = match &html {
            Some(html) if html.windows(4).any(|w| w.eq_ignore_ascii_case(b"cid:")) => self.inline(&stored).await,
            _ => Vec::new(),
        };
        let inner = std::sync::Arc::clone(&self.inner);
        let fetched_cut = crate::texts::is_cut(&stored.parts);
        tokio::task::spawn_blocking(move || {
            let plain = html.is_none();
            let raw = html.or(text).unwrap_or_default();
            let cut = fetched_cut || raw.len() > most;
            let begin = beginning(&raw, most);
            let source = if plain {
                qiyou_mime::text_to_html(&begin)
            } else {
                begin.into_owned()
            };
            let carried = RefCell::new(BTreeSet::new());
            let safe = qiyou_mime::sanitise(
                &source,
                &Sanitise {
                    picture: params.remote.then_some(&|n| format!("picture:{n}")),
                    link: &|n| format!("link:{n}"),
                    cid: &|wanted| {
                        inline.iter().find(|(cid, _)| cid == wanted).map(|(_, data)| {
                            carried.borrow_mut().insert(wanted.to_owned());
                            data.clone()
                        })
                    },
                },
            );
            let mut remote_pictures = safe.blocked_remote;
            if params.remote {
                remote_pictures = safe.pictures.len();
                inner.pictures.know(id, safe.pictures);
            }
            let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            warnings.extend(
                safe.elsewhere
                    .into_iter()
                    .map(|(shown, host)| Warning::LinkElsewhere { shown, host }),
            );
            Body::Ready {
                warnings,
                html: safe.html,
                plain,
                cut,
                remote_pictures: count(remote_pictures),
                carried: count(carried.borrow().len()),
                links: safe.links,
                language: safe.language.map(str::to_owned),
            }
        })
        .await
        .map_err(|e| ApiError::new(ErrorCode::Internal).with("detail", e.to_string()))
    }

    /// Pictures that a text shows by content id, as `data:` addresses: those that are here. The others are fetched,
    /// and a `body_arrived` event tells when they are.
    async fn inline(&self, stored: &mails::StoredMail) -> Vec<(String, String)> {
        use base64::Engine as _;
        let mut room = MOST_INLINE;
        let mut out = Vec::new();
        let mail = stored.row.id;
        let now = self.inner.clock.now();
        let mut missing = Vec::new();
        for part in &stored.parts.attachments {
            let Some(cid) = &part.content_id else { continue };
            if !part.mime_type.starts_with("image/") || part.mime_type == "image/svg+xml" {
                continue;
            }
            if u64::from(part.size) > room {
                continue;
            }
            room = room.saturating_sub(u64::from(part.size));
            match self.attachment_bytes(mail, part, now).await {
                Ok(Some(bytes)) => {
                    let data = base64::engine::general_purpose::STANDARD.encode(bytes);
                    out.push((cid.clone(), format!("data:{};base64,{data}", part.mime_type)));
                }
                Ok(None) => missing.push(part.section.clone()),
                Err(error) => tracing::debug!(mail, ?error, "an inline picture cannot be read"),
            }
        }
        if let (false, Some(texts)) = (missing.is_empty(), self.texts(stored.row.account)) {
            let events = self.inner.events.clone();
            let waits: Vec<_> = missing
                .into_iter()
                .map(|section| texts.wish(Wish::Part(mail, section)))
                .collect();
            tokio::spawn(async move {
                let mut any = false;
                for waiting in waits {
                    any |= matches!(waiting.await, Ok(Ok(())));
                }
                if any {
                    events.emit(qiyou_api::Event::BodyArrived { mail });
                }
            });
        }
        out
    }

    /// Decoded bytes of an attachment that is here.
    pub(crate) async fn attachment_bytes(
        &self,
        mail: MailId,
        part: &mails::Part,
        now: i64,
    ) -> Result<Option<Vec<u8>>, qiyou_store::Error> {
        if let Some(index) = part.section.strip_prefix("raw:") {
            let index: usize = index.parse().unwrap_or(usize::MAX);
            let raw = self
                .inner
                .store
                .bodies(move |tx| bodies::get(tx, mail, SOURCE, usize::MAX, now))
                .await?;
            return Ok(raw.and_then(|raw| qiyou_mime::attachment(&raw, index)));
        }
        let blob = blob_of(&part.section);
        let raw = self
            .inner
            .store
            .bodies(move |tx| bodies::get(tx, mail, &blob, usize::MAX, now))
            .await?;
        Ok(raw.map(|raw| qiyou_mime::decode_transfer(&raw, &part.encoding)))
    }

    /// The mail as the server has it.
    pub async fn source(&self, id: MailId) -> Result<Source, ApiError> {
        let now = self.inner.clock.now();
        let stored = self
            .inner
            .store
            .read(move |conn| mails::get(conn, id))
            .await
            .map_err(store_error)?;
        let read = move |tx: &qiyou_store::Transaction<'_>| {
            Ok(match bodies::size(tx, id, SOURCE)? {
                Some(size) => bodies::get(tx, id, SOURCE, MOST_SOURCE, now)?.map(|raw| (size, raw)),
                None => None,
            })
        };
        let mut found = self.inner.store.bodies(read).await.map_err(store_error)?;
        if found.is_none() {
            self.wish(stored.row.account, Wish::Source(id)).await?;
            found = self.inner.store.bodies(read).await.map_err(store_error)?;
        }
        let (size, raw) = found.ok_or_else(|| ApiError::new(ErrorCode::NotFound))?;
        Ok(Source {
            text: qiyou_mime::decode_text(&raw, "8bit", None),
            truncated: size > u64::try_from(MOST_SOURCE).unwrap_or(u64::MAX),
        })
    }

    pub(crate) async fn wish(&self, account: AccountId, wish: Wish) -> Result<(), ApiError> {
        let texts = self.texts(account).ok_or_else(|| ApiError::new(ErrorCode::NotFound))?;
        texts.wish(wish).await.map_err(|_| ApiError::new(ErrorCode::Offline))?
    }
}

/// What the head and the attachments of a mail give reason to look at twice.
fn warnings(stored: &mails::StoredMail) -> Vec<Warning> {
    let mut out = Vec::new();
    let from = &stored.row.from;
    if let Some(other) = other_address(&from.name, &from.address) {
        out.push(Warning::NameIsOtherAddress {
            name: other.to_owned(),
            address: from.address.clone(),
        });
    }
    let programs = stored
        .parts
        .attachments
        .iter()
        .filter(|part| qiyou_mime::is_program(&part.name));
    out.extend(programs.take(3).map(|part| Warning::ProgramAttached {
        name: qiyou_mime::safe_file_name(&part.name),
    }));
    out
}

/// The address that a name pretends to be, where its domain is another than the true one's.
fn other_address<'n>(name: &'n str, address: &str) -> Option<&'n str> {
    let shown = name
        .split(|c: char| c.is_whitespace() || "<>()\"'，；,;（）".contains(c))
        .find(|word| {
            word.split_once('@')
                .is_some_and(|(user, domain)| !user.is_empty() && domain.contains('.'))
        })?;
    let domain = |address: &str| address.rsplit('@').next().map(str::to_ascii_lowercase);
    (domain(shown) != domain(address)).then_some(shown)
}
