//! Pictures from the network that a mail shows. The agent fetches them: by the person's proxy, without cookies, referrer
//! or a name that tells of the program, bounded, and once.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use qiyou_api::{ApiError, Body, BodyParams, ErrorCode, MailId, Picture, PictureParams};
use qiyou_net::HttpLimits;
use qiyou_store::bodies;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use url::Url;

use crate::engine::{Engine, locked, store_error};

/// Mails whose pictures' addresses are remembered.
const MOST_MAILS: usize = 64;
/// Pictures fetched at once.
const AT_ONCE: usize = 6;
const LIMITS: HttpLimits = HttpLimits {
    body: 10 * 1024 * 1024,
    time: std::time::Duration::from_secs(20),
};

/// Which pictures which mail shows.
pub(crate) struct Pictures {
    known: Mutex<VecDeque<(MailId, Arc<[String]>)>>,
    places: Semaphore,
    near: bool,
}

impl Pictures {
    pub(crate) fn new(near: bool) -> Self {
        Self {
            known: Mutex::default(),
            places: Semaphore::new(AT_ONCE),
            near,
        }
    }

    /// Remembers the addresses, by number.
    pub(crate) fn know(&self, mail: MailId, addresses: Vec<String>) {
        let mut known = locked(&self.known);
        known.retain(|(other, _)| *other != mail);
        known.push_back((mail, addresses.into()));
        if known.len() > MOST_MAILS {
            known.pop_front();
        }
    }

    pub(crate) fn forget(&self) {
        locked(&self.known).clear();
    }

    fn of(&self, mail: MailId) -> Option<Arc<[String]>> {
        let known = locked(&self.known);
        known
            .iter()
            .find(|(other, _)| *other == mail)
            .map(|(_, all)| Arc::clone(all))
    }
}

impl Engine {
    /// A picture of a text that was asked for with its pictures.
    pub async fn picture(&self, params: PictureParams) -> Result<Picture, ApiError> {
        locked(&self.inner.settings).allows_pictures()?;
        let PictureParams { mail, number } = params;
        let gone = || ApiError::new(ErrorCode::NotFound);
        let mut known = self.inner.pictures.of(mail);
        if known.is_none() {
            // Forgotten meanwhile, as after a restart: the text tells it again.
            let params = BodyParams {
                remote: true,
                whole: true,
                ..BodyParams::of(mail)
            };
            if let Body::Ready { .. } = self.body(params).await? {
                known = self.inner.pictures.of(mail);
            }
        }
        let address = known
            .and_then(|all| all.get(usize::try_from(number).ok()?).cloned())
            .ok_or_else(gone)?;
        let now = self.inner.clock.now();
        let part = part_of(&address);
        let name = part.clone();
        let here = self
            .inner
            .store
            .bodies(move |tx| bodies::get(tx, mail, &name, LIMITS.body, now));
        if let Some(bytes) = here.await.map_err(store_error)? {
            return picture(&bytes).ok_or_else(gone);
        }
        let _place = self.inner.pictures.places.acquire().await.map_err(|_| gone())?;
        let url = Url::parse(&address).map_err(|_| gone())?;
        let near = self.inner.pictures.near;
        let fetched = qiyou_net::picture(&self.inner.dialer(), &url, LIMITS, near).await;
        let answer = fetched.map_err(|error| {
            let code = match error {
                qiyou_net::HttpError::TooLarge { .. } => ErrorCode::TooLarge,
                _ => ErrorCode::Offline,
            };
            ApiError::new(code).with("detail", error.to_string())
        })?;
        let shown = (answer.status == 200)
            .then(|| picture(&answer.body))
            .flatten()
            .ok_or_else(gone)?;
        let bytes = answer.body;
        let keep = self
            .inner
            .store
            .bodies(move |tx| bodies::put(tx, mail, &part, &bytes, now));
        keep.await.map_err(store_error)?;
        Ok(shown)
    }
}

/// The name under which a picture lies beside the mail's text.
fn part_of(address: &str) -> String {
    let digest = Sha256::digest(address.as_bytes());
    digest.iter().take(12).fold("picture:".to_owned(), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    })
}

/// The picture that these bytes are; nothing when they are none that is shown. What a server calls it does not count:
/// an SVG is a document that can act.
fn picture(bytes: &[u8]) -> Option<Picture> {
    let mime_type = match bytes {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [b'G', b'I', b'F', b'8', ..] => "image/gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        [b'B', b'M', ..] => "image/bmp",
        _ => return None,
    };
    Some(Picture {
        mime_type: mime_type.to_owned(),
        data: base64::engine::general_purpose::STANDARD.encode(bytes),
    })
}

#[cfg(test)]
mod tests {
    use super::{part_of, picture};

    #[test]
    fn bytes_tell_what_they_are() {
        assert_eq!(picture(b"\x89PNG\r\n\x1a\n").unwrap().mime_type, "image/png");
        assert_eq!(picture(b"RIFF\0\0\0\0WEBPVP8 ").unwrap().mime_type, "image/webp");
        for other in [
            &b"<svg onload=alert(1)>"[..],
            b"<html>",
            b"",
            b"RIFF\0\0\0\0WAVE",
            b"%PDF-1.7",
        ] {
            assert_eq!(picture(other), None);
        }
    }

    #[test]
    fn each_address_has_a_name_of_its_own() {
        assert_ne!(part_of("https://a.example/1.png"), part_of("https://a.example/2.png"));
        assert_eq!(part_of("https://a.example/1.png").len(), "picture:".len() + 24);
    }
}
