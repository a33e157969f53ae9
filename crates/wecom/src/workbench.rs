//! The application's profile and its card on the workbench (reference A7).

use serde_json::{Value, json};
use url::Url;

use crate::client::{Ask, Wecom};
use crate::cut::cut;
use crate::error::Error;
use crate::json::{integer, integers, objects, string};

/// The most items of a card.
const MOST_ITEMS: usize = 4;
/// Of an item's two texts; WeCom shows less.
const LONGEST: usize = 64;

/// The application as WeCom knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agent {
    pub id: i64,
    pub name: String,
    pub description: String,
    pub home_url: String,
    /// The trusted domain of OAuth2 and JS-SDK.
    pub redirect_domain: String,
    /// Whether an admin stopped it.
    pub closed: bool,
    /// Who may use it: userids.
    pub users: Vec<String>,
    /// Who may use it: departments.
    pub departments: Vec<i64>,
    /// Who may use it: tags.
    pub tags: Vec<i64>,
}

/// One item of the workbench card: a number and what it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyData {
    /// What is counted (未读邮件).
    pub key: String,
    pub data: String,
    /// Opens in WeCom's own browser.
    pub jump_url: Option<Url>,
}

impl Wecom {
    /// The application's profile (`agent/get`, document 90227).
    pub async fn agent(&self) -> Result<Agent, Error> {
        let id = self.app().agent_id.to_string();
        let answer = self.call_for_list("agent/get", Ask::Get(&[("agentid", &id)])).await?;
        let inner = |of: &str, name: &str| answer.get(of).and_then(|inner| inner.get(name));
        Ok(Agent {
            id: integer(answer.get("agentid")),
            name: string(answer.get("name")),
            description: string(answer.get("description")),
            home_url: string(answer.get("home_url")),
            redirect_domain: string(answer.get("redirect_domain")),
            closed: integer(answer.get("close")) != 0,
            users: objects(inner("allow_userinfos", "user"))
                .map(|user| string(user.get("userid")))
                .filter(|userid| !userid.is_empty())
                .collect(),
            departments: integers(inner("allow_partys", "partyid")),
            tags: integers(inner("allow_tags", "tagid")),
        })
    }

    /// Shows `items` (at most four) to `userid` on the workbench (`agent/set_workbench_data`, document 92535). They
    /// are seen where the application has the template of [`Self::set_workbench_template`].
    pub async fn set_workbench(&self, userid: &str, items: &[KeyData]) -> Result<(), Error> {
        let mut body = self.card(items);
        if let Some(body) = body.as_object_mut() {
            body.insert("userid".to_owned(), userid.into());
        }
        self.call("agent/set_workbench_data", Ask::Post(&body)).await.map(drop)
    }

    /// Makes the application's place on the workbench a card of numbers, with `items` for whom none were set
    /// (`agent/set_workbench_template`, document 92535). Replaces what an admin may have chosen; once is enough.
    pub async fn set_workbench_template(&self, items: &[KeyData]) -> Result<(), Error> {
        let mut body = self.card(items);
        if let Some(body) = body.as_object_mut() {
            body.insert("replace_user_data".to_owned(), false.into());
        }
        let answer = self.call("agent/set_workbench_template", Ask::Post(&body)).await;
        answer.map(drop)
    }

    fn card(&self, items: &[KeyData]) -> Value {
        let items: Vec<Value> = items
            .iter()
            .take(MOST_ITEMS)
            .map(|item| {
                json!({
                    "key": cut(&item.key, LONGEST),
                    "data": cut(&item.data, LONGEST),
                    "jump_url": item.jump_url.as_ref().map_or("", Url::as_str),
                    "pagepath": "",
                })
            })
            .collect();
        json!({ "agentid": self.app().agent_id, "type": "keydata", "keydata": { "items": items } })
    }
}
