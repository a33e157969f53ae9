//! WeCom calls back: the check of an address, and directory events (reference A6).

use anyhow::Result;
use rand::Rng as _;
use url::Url;

use super::WecomSim;
use super::browser::{Page, request};
use super::company::{Department, Member};
use super::crypto::CallbackKeys;

/// How often an event is tried in all when the receiver does not answer 200.
const ATTEMPTS: usize = 3;

/// What changed, as the elements that follow `ChangeType`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub kind: String,
    pub fields: Vec<(String, String)>,
}

fn joined(numbers: impl Iterator<Item = i64>) -> String {
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(",")
}

impl Change {
    /// A change of any kind.
    pub fn new(kind: &str, fields: &[(&str, &str)]) -> Self {
        Self {
            kind: kind.to_owned(),
            fields: fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }

    /// Somebody came.
    pub fn create_user(member: &Member) -> Self {
        let departments = joined(member.departments.iter().map(|(id, _)| *id));
        let leads = joined(member.departments.iter().map(|_| 0));
        Self::new(
            "create_user",
            &[
                ("UserID", &member.userid),
                ("Name", &member.name),
                ("Department", &departments),
                ("MainDepartment", &member.main_department.to_string()),
                ("IsLeaderInDept", &leads),
                ("Position", &member.position),
                ("Mobile", &member.mobile),
                ("Gender", "1"),
                ("Email", &member.email),
                ("BizMail", &member.biz_mail),
                ("Status", &member.status.to_string()),
                ("Alias", &member.alias),
                ("Telephone", &member.telephone),
            ],
        )
    }

    /// Somebody changed: `fields` are the changed elements (`Name`, `Department`, `NewUserID` ...).
    pub fn update_user(userid: &str, fields: &[(&str, &str)]) -> Self {
        let mut change = Self::new("update_user", &[("UserID", userid)]);
        change.fields.extend(Self::new("", fields).fields);
        change
    }

    /// Somebody left.
    pub fn delete_user(userid: &str) -> Self {
        Self::new("delete_user", &[("UserID", userid)])
    }

    /// A department came.
    pub fn create_party(department: &Department) -> Self {
        Self::new(
            "create_party",
            &[
                ("Id", &department.id.to_string()),
                ("Name", &department.name),
                ("ParentId", &department.parent.to_string()),
                ("Order", &department.order.to_string()),
            ],
        )
    }

    /// A department changed: `fields` are of `Name` and `ParentId`.
    pub fn update_party(id: i64, fields: &[(&str, &str)]) -> Self {
        let mut change = Self::new("update_party", &[("Id", &id.to_string())]);
        change.fields.extend(Self::new("", fields).fields);
        change
    }

    /// A department is gone.
    pub fn delete_party(id: i64) -> Self {
        Self::new("delete_party", &[("Id", &id.to_string())])
    }

    /// A tag has other members. The lists are separated by commas.
    pub fn update_tag(id: i64, added: &str, removed: &str) -> Self {
        Self::new(
            "update_tag",
            &[
                ("TagId", &id.to_string()),
                ("AddUserItems", added),
                ("DelUserItems", removed),
            ],
        )
    }

    fn xml(&self, corp_id: &str, at: i64) -> String {
        let mut elements = format!(
            "<ToUserName>{}</ToUserName><FromUserName>{}</FromUserName><CreateTime>{at}</CreateTime>\
             <MsgType>{}</MsgType><Event>{}</Event><ChangeType>{}</ChangeType>",
            cdata(corp_id),
            cdata("sys"),
            cdata("event"),
            cdata("change_contact"),
            cdata(&self.kind)
        );
        for (name, value) in &self.fields {
            elements.extend(["<", name, ">", &cdata(value), "</", name, ">"]);
        }
        format!("<xml>{elements}</xml>")
    }
}

fn cdata(text: &str) -> String {
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}

/// What is wrong with a call on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tamper {
    #[default]
    No,
    /// The signature is that of another token.
    Signature,
    /// All is signed, but meant for another company.
    Receiver,
    /// All is signed, but the encrypted text was cut.
    Cut,
}

/// A call as it went, and its answer.
#[derive(Clone, Debug)]
pub struct Pushed {
    pub answer: Page,
    /// How often it was tried.
    pub attempts: usize,
    url: Url,
    body: String,
}

struct Sealed {
    encrypted: String,
    timestamp: String,
    nonce: String,
    signature: String,
}

impl WecomSim {
    fn seal(&self, keys: &CallbackKeys, message: &str, tamper: Tamper) -> Result<Sealed> {
        let mut meant = keys.clone();
        if tamper == Tamper::Receiver {
            "wwsomebodyelse".clone_into(&mut meant.receive_id);
        }
        let mut encrypted = meant.encrypt(rand::rng().random(), message.as_bytes())?;
        if tamper == Tamper::Cut {
            encrypted.truncate(encrypted.len() / 2);
        }
        let timestamp = self.now().to_string();
        let nonce = rand::rng().random_range(100_000_000_u32..u32::MAX).to_string();
        if tamper == Tamper::Signature {
            "AnotherToken".clone_into(&mut meant.token);
        }
        let signature = meant.sign(&timestamp, &nonce, &encrypted);
        Ok(Sealed {
            encrypted,
            timestamp,
            nonce,
            signature,
        })
    }

    /// Tells `url` of a change as WeCom does, and tries again where the receiver does not answer 200.
    pub async fn push_event(&self, url: &Url, keys: &CallbackKeys, change: &Change) -> Result<Pushed> {
        self.push_tampered(url, keys, change, Tamper::No).await
    }

    /// [`Self::push_event`] with something wrong.
    pub async fn push_tampered(
        &self,
        url: &Url,
        keys: &CallbackKeys,
        change: &Change,
        tamper: Tamper,
    ) -> Result<Pushed> {
        let xml = change.xml(&keys.receive_id, self.now());
        self.push(url, keys, &xml, tamper).await
    }

    /// [`Self::push_event`] with a message of one's own.
    pub async fn push_xml(&self, url: &Url, keys: &CallbackKeys, xml: &str) -> Result<Pushed> {
        self.push(url, keys, xml, Tamper::No).await
    }

    async fn push(&self, url: &Url, keys: &CallbackKeys, xml: &str, tamper: Tamper) -> Result<Pushed> {
        let sealed = self.seal(keys, xml, tamper)?;
        let mut url = url.clone();
        url.query_pairs_mut()
            .append_pair("msg_signature", &sealed.signature)
            .append_pair("timestamp", &sealed.timestamp)
            .append_pair("nonce", &sealed.nonce);
        let body = format!(
            "<xml><ToUserName>{}</ToUserName><AgentID>{}</AgentID><Encrypt>{}</Encrypt></xml>",
            cdata(&keys.receive_id),
            cdata(""),
            cdata(&sealed.encrypted)
        );
        post(url, body).await
    }

    /// The same call once more, byte by byte: a retry that came late, or somebody who listened.
    pub async fn replay(&self, pushed: &Pushed) -> Result<Pushed> {
        post(pushed.url.clone(), pushed.body.clone()).await
    }

    /// What the admin console does when an address is saved: whether `url` could read the echo.
    pub async fn verify_url(&self, url: &Url, keys: &CallbackKeys) -> Result<bool> {
        self.verify_tampered(url, keys, Tamper::No).await
    }

    /// [`Self::verify_url`] with something wrong.
    pub async fn verify_tampered(&self, url: &Url, keys: &CallbackKeys, tamper: Tamper) -> Result<bool> {
        let echo = rand::rng().random::<u64>().to_string();
        let sealed = self.seal(keys, &echo, tamper)?;
        let mut url = url.clone();
        url.query_pairs_mut()
            .append_pair("msg_signature", &sealed.signature)
            .append_pair("timestamp", &sealed.timestamp)
            .append_pair("nonce", &sealed.nonce)
            .append_pair("echostr", &sealed.encrypted);
        let answer = request("GET", &url, &[], &[]).await?;
        Ok(answer.status == 200 && answer.body == echo)
    }
}

async fn post(url: Url, body: String) -> Result<Pushed> {
    let mut attempts = 0_usize;
    loop {
        attempts = attempts.saturating_add(1);
        let headers = [("Content-Type", "text/xml; charset=utf-8")];
        let answer = request("POST", &url, &headers, body.as_bytes()).await?;
        if answer.status == 200 || attempts >= ATTEMPTS {
            return Ok(Pushed {
                answer,
                attempts,
                url,
                body,
            });
        }
    }
}
