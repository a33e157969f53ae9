//! The app's side of the bridge: sign-in, sessions. No storage: who calls keeps key and tokens.
//!
//! Each request proves the device's key (RFC 9449) over the nonce that the bridge gave last, so a clock that is wrong
//! by days does no harm.

mod events;
mod key;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use qiyou_bridge_api::{
    Arrived, BridgeError, Card, ClaimAddress, CodeMailed, DIRECTORY, Device, DirectoryPart, MailedCode, Member, NONCE,
    POLICY, POLL, PROOF, Policy, Redeem, Refresh, Refusal, Reminders, RemindersState, Report, SCHEME, Session,
    SessionLine, Signed, SigninProgress, SigninStarted, SigninState, StartSignin, Unread, Webmail, signed_bytes,
};
use qiyou_net::{Answer, HeaderMap, HttpClient, HttpError, HttpLimits, Method, send_json};
use rand::RngCore as _;
use ring::signature::{ED25519, UnparsedPublicKey};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use url::Url;

pub use events::Events;
pub use key::DeviceKey;

/// Beyond the time that a poll is held open.
const MARGIN: Duration = Duration::from_secs(10);
/// The longest answer, in bytes.
const LONGEST: usize = 1024 * 1024;
/// The longest part of the directory, in bytes.
const LONGEST_PART: usize = 16 * 1024 * 1024;

/// Why the bridge did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It was not reached: mail goes on without.
    #[error(transparent)]
    Away(#[from] HttpError),
    /// It refused.
    #[error("the bridge refused: {:?} {}", .0.error, .0.detail)]
    Refused(BridgeError),
    /// What answered is no bridge, or one of another time.
    #[error("{host} answered with {status}, not as a bridge does")]
    Strange { host: String, status: u16 },
    /// What it answered is not signed by the key that the session named.
    #[error("what {host} answered has no valid signature")]
    Unsigned { host: String },
    /// The address is none of a bridge.
    #[error("{0} is not the address of a bridge: it begins with https://")]
    Address(String),
}

impl Error {
    /// Whether the bridge refused for this reason.
    pub fn is(&self, refusal: Refusal) -> bool {
        matches!(self, Self::Refused(error) if error.error == refusal)
    }
}

/// What a sign-in needs to be redeemed. Never leaves this computer before that.
pub struct Verifier(SecretString);

impl Verifier {
    /// 32 random bytes (RFC 7636 4.1).
    pub fn random() -> Self {
        let mut bytes = [0; 32];
        rand::rng().fill_bytes(&mut bytes);
        Self(SecretString::from(BASE64.encode(bytes)))
    }

    fn challenge(&self) -> String {
        BASE64.encode(Sha256::digest(self.0.expose_secret().as_bytes()))
    }
}

/// One bridge, as one device meets it. Cheap to clone.
#[derive(Clone)]
pub struct Bridge {
    http: HttpClient,
    base: Url,
    key: Arc<DeviceKey>,
    nonce: Arc<Mutex<Option<String>>>,
}

/// The address of a bridge as people write it: with or without `https://`, with whatever stands behind the host.
pub fn address(text: &str) -> Result<Url, Error> {
    let text = text.trim();
    let wrong = || Error::Address(text.chars().take(200).collect());
    let whole = if text.contains("://") {
        text.to_owned()
    } else {
        format!("https://{text}")
    };
    let mut url = Url::parse(&whole).map_err(|_| wrong())?;
    let loopback = qiyou_net::Endpoint::new(url.host_str().ok_or_else(wrong)?, 0).is_loopback();
    if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
        return Err(wrong());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong());
    }
    url.set_path("/");
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

fn is_signed(key: &str, context: &str, signed: &Signed) -> bool {
    let (Ok(key), Ok(signature)) = (BASE64.decode(key), BASE64.decode(&signed.signature)) else {
        return false;
    };
    UnparsedPublicKey::new(&ED25519, key)
        .verify(&signed_bytes(context, &signed.payload), &signature)
        .is_ok()
}

impl Bridge {
    /// `base` is what [`address`] made.
    pub fn new(http: HttpClient, base: Url, key: Arc<DeviceKey>) -> Self {
        Self {
            http,
            base,
            key,
            nonce: Arc::default(),
        }
    }

    /// Where it is.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Begins a sign-in: the browser opens the answer's `url`.
    pub async fn start(&self, device: Device, verifier: &Verifier, lang: &str) -> Result<SigninStarted, Error> {
        let start = StartSignin {
            device,
            challenge: verifier.challenge(),
            lang: lang.to_owned(),
        };
        let started: SigninStarted = self.call(Method::POST, "signin", Some(&start), None).await?;
        // What the browser will open is on the bridge, whatever it says.
        match Url::parse(&started.url) {
            Ok(url) if url.origin() == self.base.origin() => Ok(started),
            _ => Err(self.strange(200)),
        }
    }

    /// Waits for another state than `seen`, or a while.
    pub async fn poll(&self, id: &str, seen: SigninState) -> Result<SigninState, Error> {
        let seen = serde_json::to_value(seen).unwrap_or_default();
        let path = format!("signin/{id}?seen={}", seen.as_str().unwrap_or_default());
        let progress: SigninProgress = self.call(Method::GET, &path, None::<&()>, None).await?;
        Ok(progress.state)
    }

    /// Turns what the browser brought into a session.
    pub async fn redeem(&self, id: &str, code: SecretString, verifier: &Verifier) -> Result<Session, Error> {
        let redeem = Redeem {
            code,
            verifier: verifier.0.clone(),
        };
        self.call(Method::POST, &format!("signin/{id}/redeem"), Some(&redeem), None)
            .await
    }

    /// The person thought otherwise.
    pub async fn cancel(&self, id: &str) -> Result<(), Error> {
        self.tell(Method::DELETE, &format!("signin/{id}"), None).await
    }

    /// A new access token, and the next refresh token: to be kept before it is used.
    pub async fn refresh(&self, refresh_token: &SecretString) -> Result<Session, Error> {
        let refresh = Refresh {
            refresh_token: refresh_token.clone(),
        };
        self.call(Method::POST, "session/refresh", Some(&refresh), None).await
    }

    /// Who one is.
    pub async fn member(&self, access: &SecretString) -> Result<Member, Error> {
        self.call(Method::GET, "session", None::<&()>, Some(access)).await
    }

    /// Signs this device out.
    pub async fn sign_out(&self, access: &SecretString) -> Result<(), Error> {
        self.tell(Method::DELETE, "session", Some(access)).await
    }

    /// The member's devices.
    pub async fn sessions(&self, access: &SecretString) -> Result<Vec<SessionLine>, Error> {
        self.call(Method::GET, "sessions", None::<&()>, Some(access)).await
    }

    /// Signs another device out.
    pub async fn revoke(&self, access: &SecretString, id: &str) -> Result<(), Error> {
        self.tell(Method::DELETE, &format!("sessions/{id}"), Some(access)).await
    }

    async fn claim<A: DeserializeOwned>(&self, access: &SecretString, way: &str, address: &str) -> Result<A, Error> {
        let claim = ClaimAddress {
            address: address.to_owned(),
        };
        self.call(Method::POST, &format!("address/{way}"), Some(&claim), Some(access))
            .await
    }

    /// Has WeCom asked whether an address is the member's.
    pub async fn look_address_up(&self, access: &SecretString, address: &str) -> Result<Member, Error> {
        self.claim(access, "lookup", address).await
    }

    /// Has a code mailed to an address.
    pub async fn mail_code(&self, access: &SecretString, address: &str) -> Result<CodeMailed, Error> {
        self.claim(access, "code", address).await
    }

    /// Brings the code that was mailed.
    pub async fn redeem_code(&self, access: &SecretString, code: SecretString) -> Result<Member, Error> {
        let code = MailedCode { code };
        self.call(Method::POST, "address/code/redeem", Some(&code), Some(access))
            .await
    }

    /// Asks the admin to confirm an address.
    pub async fn ask_admin(&self, access: &SecretString, address: &str) -> Result<Member, Error> {
        self.claim(access, "request", address).await
    }

    /// Asks the admin no more.
    pub async fn ask_admin_no_more(&self, access: &SecretString) -> Result<(), Error> {
        self.tell(Method::DELETE, "address/request", Some(access)).await
    }

    /// The address that opens the webmail, once and not for long.
    pub async fn webmail(&self, access: &SecretString, lang: &str) -> Result<SecretString, Error> {
        let path = format!("webmail?lang={lang}");
        let webmail: Webmail = self.call(Method::POST, &path, None::<&()>, Some(access)).await?;
        Ok(webmail.url)
    }

    /// What the member wants WeCom to tell of.
    pub async fn reminders(&self, access: &SecretString) -> Result<RemindersState, Error> {
        self.call(Method::GET, "reminders", None::<&()>, Some(access)).await
    }

    /// The member wants this from now on.
    pub async fn set_reminders(&self, access: &SecretString, wanted: &Reminders) -> Result<RemindersState, Error> {
        self.call(Method::PUT, "reminders", Some(wanted), Some(access)).await
    }

    /// Mails came just now.
    pub async fn arrived(&self, access: &SecretString, arrived: &Arrived) -> Result<(), Error> {
        self.say("reminders/arrived", arrived, access).await
    }

    /// So many mails of the inbox are unread.
    pub async fn unread(&self, access: &SecretString, unread: Unread) -> Result<(), Error> {
        self.say("reminders/unread", &unread, access).await
    }

    /// By what the mail of a card is found; nothing when the bridge knows none of the member's.
    pub async fn card(&self, access: &SecretString, id: &str) -> Result<Option<Card>, Error> {
        match self
            .call(Method::GET, &format!("cards/{id}"), None::<&()>, Some(access))
            .await
        {
            Err(Error::Strange { status: 404, .. }) => Ok(None),
            other => other.map(Some),
        }
    }

    /// One part of the directory since a revision; `after` is empty, or what the part before named as `more`. The
    /// signature holds by `signing_key`, base64url.
    pub async fn directory(
        &self,
        access: &SecretString,
        signing_key: &str,
        since: i64,
        after: &str,
    ) -> Result<DirectoryPart, Error> {
        let after: String = url::form_urlencoded::byte_serialize(after.as_bytes()).collect();
        let path = format!("directory?since={since}&after={after}");
        let answer = self
            .exchange(Method::GET, &path, None::<&()>, Some(access), LONGEST_PART)
            .await?;
        let signed: Signed = serde_json::from_slice(&answer.body).map_err(|_| self.strange(answer.status))?;
        self.opened(&signed, signing_key, DIRECTORY)
    }

    /// What the company fixes, unless it is the revision that is here. The signature holds by `signing_key`, base64url.
    pub async fn policy(&self, access: &SecretString, signing_key: &str, have: &str) -> Result<Option<Policy>, Error> {
        let have: String = url::form_urlencoded::byte_serialize(have.as_bytes()).collect();
        let path = format!("policy?have={have}");
        let answer = self
            .exchange(Method::GET, &path, None::<&()>, Some(access), LONGEST)
            .await?;
        if answer.status == 204 {
            return Ok(None);
        }
        let signed: Signed = serde_json::from_slice(&answer.body).map_err(|_| self.strange(answer.status))?;
        self.opened(&signed, signing_key, POLICY).map(Some)
    }

    /// How the app on this device stands.
    pub async fn report(&self, access: &SecretString, report: &Report) -> Result<(), Error> {
        self.exchange(Method::POST, "session/report", Some(report), Some(access), LONGEST)
            .await
            .map(drop)
    }

    /// Has the member's own account opened for mail programs.
    pub async fn allow_clients(&self, access: &SecretString) -> Result<(), Error> {
        self.tell(Method::POST, "clients", Some(access)).await
    }

    /// What is signed for this purpose by the bridge's key.
    fn opened<T: DeserializeOwned>(&self, signed: &Signed, signing_key: &str, context: &str) -> Result<T, Error> {
        if !is_signed(signing_key, context, signed) {
            return Err(Error::Unsigned { host: self.host() });
        }
        serde_json::from_str(&signed.payload).map_err(|_| self.strange(200))
    }

    fn host(&self) -> String {
        self.base.host_str().unwrap_or_default().to_owned()
    }

    fn strange(&self, status: u16) -> Error {
        Error::Strange {
            host: self.host(),
            status,
        }
    }

    async fn call<B: Serialize, A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
        access: Option<&SecretString>,
    ) -> Result<A, Error> {
        let answer = self.exchange(method, path, body, access, LONGEST).await?;
        serde_json::from_slice(&answer.body).map_err(|_| self.strange(answer.status))
    }

    async fn tell(&self, method: Method, path: &str, access: Option<&SecretString>) -> Result<(), Error> {
        self.exchange(method, path, None::<&()>, access, LONGEST)
            .await
            .map(drop)
    }

    async fn say<B: Serialize>(&self, path: &str, body: &B, access: &SecretString) -> Result<(), Error> {
        self.exchange(Method::POST, path, Some(body), Some(access), LONGEST)
            .await
            .map(drop)
    }

    fn url(&self, path: &str) -> Result<Url, Error> {
        self.base.join(&format!("api/{path}")).map_err(|_| self.strange(0))
    }

    /// Who asks, and the proof. Without a nonce no proof would be taken: the first answer gives one.
    fn headers(&self, method: &Method, url: &Url, access: Option<&str>) -> Vec<(&'static str, String)> {
        let nonce = self.nonce.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let proof = nonce.map(|nonce| (PROOF, self.key.proof(method.as_str(), url, &nonce, access)));
        let bearer = access.map(|access| ("authorization", format!("{SCHEME} {access}")));
        proof.into_iter().chain(bearer).collect()
    }

    /// The nonce for the next proof.
    fn remember(&self, headers: &HeaderMap) {
        if let Some(next) = headers.get(NONCE).and_then(|value| value.to_str().ok()) {
            *self.nonce.lock().unwrap_or_else(PoisonError::into_inner) = Some(next.to_owned());
        }
    }

    /// What a refusal comes to. The first for want of a nonce is none: the answer gave one, and it is asked again.
    fn refused(&self, status: u16, body: &[u8], again: &mut bool) -> Result<(), Error> {
        match serde_json::from_slice::<BridgeError>(body) {
            Ok(error) if *again && error.error == Refusal::UseNonce => {
                *again = false;
                Ok(())
            }
            Ok(error) => Err(Error::Refused(error)),
            Err(_) => Err(self.strange(status)),
        }
    }

    /// One request, and once more with the nonce that the first answer gave.
    async fn exchange<B: Serialize>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
        access: Option<&SecretString>,
        longest: usize,
    ) -> Result<Answer, Error> {
        let url = self.url(path)?;
        let access = access.map(SecretString::expose_secret);
        let limits = HttpLimits {
            body: longest,
            time: Duration::from_secs(u64::from(POLL)).saturating_add(MARGIN),
        };
        let mut again = true;
        loop {
            let headers = self.headers(&method, &url, access);
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = send_json(&self.http, method.clone(), &url, &headers, body, limits).await?;
            self.remember(&answer.headers);
            if answer.status < 300 {
                return Ok(answer);
            }
            self.refused(answer.status, &answer.body, &mut again)?;
        }
    }
}

#[cfg(test)]
mod tests;
