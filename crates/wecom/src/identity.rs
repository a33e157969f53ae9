//! Who brought a code back (reference A4).

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use crate::client::{Ask, Wecom};
use crate::error::Error;
use crate::json::string;

/// Whom a code stands for.
#[derive(Clone, Debug)]
pub enum Identity {
    /// A member of the company. The ticket comes with [`crate::Scope::PrivateInfo`] alone, and is good for 1800 s.
    Member {
        userid: String,
        ticket: Option<SecretString>,
    },
    /// Somebody else: to be refused.
    Outsider,
}

/// What a member agreed to tell. What they or the admin keep back is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    pub userid: String,
    /// The member's own mail address.
    pub email: String,
    /// The company's.
    pub biz_mail: String,
    pub mobile: String,
}

impl Wecom {
    /// Whom `code` stands for (`auth/getuserinfo`, document 98176). A code is good once, for five minutes.
    pub async fn identity(&self, code: &str) -> Result<Identity, Error> {
        const API: &str = "auth/getuserinfo";
        let answer = self.call(API, Ask::Get(&[("code", code)])).await?;
        // The older endpoint, to which gateways may still lead, capitalises.
        let either = |name: &str, old: &str| {
            let text = string(answer.get(name));
            if text.is_empty() { string(answer.get(old)) } else { text }
        };
        let userid = either("userid", "UserId");
        if !userid.is_empty() {
            let ticket = string(answer.get("user_ticket"));
            return Ok(Identity::Member {
                userid,
                ticket: (!ticket.is_empty()).then(|| ticket.into()),
            });
        }
        let outsider = !either("openid", "OpenId").is_empty() || answer.get("external_userid").is_some();
        if outsider {
            return Ok(Identity::Outsider);
        }
        Err(Error::Answer {
            api: API,
            status: 200,
            what: "names nobody",
        })
    }

    /// What the member of `ticket` agreed to tell (`auth/getuserdetail`, document 95833).
    pub async fn detail(&self, ticket: &SecretString) -> Result<Detail, Error> {
        const API: &str = "auth/getuserdetail";
        let body = json!({ "user_ticket": ticket.expose_secret() });
        let answer = self.call(API, Ask::Post(&body)).await?;
        let detail = Detail {
            userid: string(answer.get("userid")),
            email: string(answer.get("email")),
            biz_mail: string(answer.get("biz_mail")),
            mobile: string(answer.get("mobile")),
        };
        if detail.userid.is_empty() {
            return Err(Error::Answer {
                api: API,
                status: 200,
                what: "names nobody",
            });
        }
        Ok(detail)
    }
}
