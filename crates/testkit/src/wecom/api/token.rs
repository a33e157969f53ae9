//! Tokens and JS-SDK tickets (reference A1, A8).

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{Answer, Ask};
use crate::wecom::state::{Credential, State, Token, secret};

impl State {
    /// `gettoken`: the same token as long as it lives.
    pub(super) fn token(&mut self, query: &HashMap<String, String>) -> Answer {
        let text = |name: &str| query.get(name).map_or("", String::as_str);
        if text("corpid").is_empty() {
            return Err(41002);
        }
        if text("corpsecret").is_empty() {
            return Err(41004);
        }
        if text("corpid") != self.company.corp_id {
            return Err(40013);
        }
        let given = text("corpsecret");
        let credential = if given == self.company.secret {
            Credential::App(self.company.agent_id)
        } else if given == self.company.other_app.1 {
            Credential::App(self.company.other_app.0)
        } else if given == self.company.sync_secret {
            Credential::Sync
        } else {
            return Err(40001);
        };
        let now = self.now();
        let alive = self
            .tokens
            .iter()
            .find(|(_, token)| token.credential == credential && !token.dead && token.ends > now);
        if let Some((token, known)) = alive {
            return Ok(json!({ "access_token": token, "expires_in": known.ends.saturating_sub(now) }));
        }
        let token = secret("token");
        let life = self.company.token_life;
        self.tokens.insert(
            token.clone(),
            Token {
                credential,
                ends: now.saturating_add(life),
                dead: false,
            },
        );
        Ok(json!({ "access_token": token, "expires_in": life }))
    }

    fn jsapi_ticket(&mut self, kind: &'static str, now: i64) -> Value {
        let fresh = (secret("ticket"), now.saturating_add(7200));
        let kept = self.jsapi.entry(kind).or_insert_with(|| fresh.clone());
        if kept.1 <= now {
            *kept = fresh;
        }
        json!({ "ticket": kept.0, "expires_in": kept.1.saturating_sub(now) })
    }
}

pub(super) fn corp_ticket(state: &mut State, ask: &Ask<'_>) -> Answer {
    match ask.credential {
        Credential::App(_) => Ok(state.jsapi_ticket("corp", ask.now)),
        Credential::Sync => Err(48002),
    }
}

pub(super) fn app_ticket(state: &mut State, ask: &Ask<'_>) -> Answer {
    if ask.text("type") != "agent_config" {
        return Err(40058);
    }
    match ask.credential {
        Credential::App(_) => Ok(state.jsapi_ticket("agent", ask.now)),
        Credential::Sync => Err(48002),
    }
}
