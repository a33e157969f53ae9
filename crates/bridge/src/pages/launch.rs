//! The page that wakes the app, or says how to get there.

use axum::response::Response;
use http::StatusCode;
use maud::html;
use serde_json::json;
use url::Url;

use super::{Script, Words};
use crate::installer::Visitor;

/// What the page shows, and to whom.
pub struct Launch<'a> {
    pub company: &'a str,
    /// `qiyou://…`: letters, digits and `?=/:` alone.
    pub link: &'a str,
    /// Of the page itself.
    pub here: &'a str,
    pub visitor: Visitor,
    /// WeCom's own browser shows it.
    pub inside: bool,
    /// With which WeCom lets it open another browser.
    pub sdk: Option<Sdk>,
    /// Whether there is a webmail to go to.
    pub webmail: bool,
    /// Whether there is an installer to be had.
    pub installer: bool,
}

/// WeCom's JS-SDK: its scripts, and the page's signatures.
pub struct Sdk {
    pub scripts: [Url; 2],
    pub corp_id: String,
    pub agent_id: i64,
    pub corp: String,
    pub agent: String,
    pub timestamp: i64,
    pub nonce: String,
}

/// Waits for what the browser makes of the address: a program that takes it takes the focus, too.
const WAKE: &str = "
const state = document.body.dataset; state.state = 'trying';
let gone = false; const away = () => { gone = true };
addEventListener('blur', away); addEventListener('pagehide', away);
document.addEventListener('visibilitychange', () => { if (document.hidden) away() });
setTimeout(() => { state.state = gone ? 'taken' : 'missing' }, 3000);
location.href = way.link;";

/// Has WeCom open the computer's browser.
const LEAVE: &str = "
const state = document.body.dataset; state.state = 'trying';
const missing = () => { if (state.state === 'trying') state.state = 'missing' };
setTimeout(missing, 5000);
const common = { timestamp: way.timestamp, nonceStr: way.nonce, jsApiList: ['openDefaultBrowser'] };
try {
  wx.error(missing);
  wx.ready(() => wx.agentConfig({ ...common, corpid: way.corp_id, agentid: way.agent_id, signature: way.agent,
    success: () => wx.invoke('openDefaultBrowser', { url: way.here }, (answer) => {
      if (answer.err_msg === 'openDefaultBrowser:ok') state.state = 'taken'; else missing();
    }),
    fail: missing }));
  wx.config({ ...common, beta: true, debug: false, appId: way.corp_id, signature: way.corp });
} catch { missing() }";

/// The page.
pub fn page(words: Words, about: &Launch<'_>) -> Response {
    let say = |key: &str| words.say(&format!("open.{key}"), &[("company", about.company)]);
    let title = say("title");
    let phone = about.visitor == Visitor::Phone;
    let ways = html! {
        @if !phone {
            p { a.main href=(about.link) { (say("again")) } }
        }
        @if about.webmail {
            p { a.main[phone] href="/open/webmail" { (say("webmail")) } }
        }
        @if about.installer && !phone {
            p { a href="/get" { (say("install")) } }
        }
    };
    let body = html! {
        p.who { (about.company) }
        @if phone {
            h1 { (say("phone")) }
            @if about.webmail {
                p { (say("phone.webmail")) }
            } @else {
                p { (words.say("get.phone", &[])) }
                p.address { bdi { (about.here) } }
            }
            (ways)
        } @else {
            div.trying role="status" {
                h1 { (say("trying")) }
                p { (say(if about.inside { "trying.inside" } else { "trying.help" })) }
            }
            div.taken role="status" {
                h1 { (say(if about.inside { "taken.inside" } else { "taken" })) }
                p { (say("taken.help")) }
            }
            div.missing {
                h1 { (say("missing")) }
                @if about.inside {
                    p { (say("missing.inside")) }
                    p.address { bdi { (about.here) } }
                } @else {
                    p { (say("missing.help")) }
                }
            }
            div.ways { (ways) }
        }
    };
    let mut way = json!({ "link": about.link, "here": about.here });
    let mut scripts = Vec::new();
    if let Some(sdk) = &about.sdk {
        way = json!({
            "here": about.here, "corp_id": sdk.corp_id, "agent_id": sdk.agent_id, "corp": sdk.corp, "agent": sdk.agent,
            "timestamp": sdk.timestamp, "nonce": sdk.nonce,
        });
        scripts.extend(sdk.scripts.iter().cloned().map(Script::From));
    }
    // Inside JSON nothing may end the script.
    let way = way.to_string().replace('<', "\\u003c");
    if about.sdk.is_some() {
        scripts.push(Script::Here(format!("const way = {way};{LEAVE}")));
    } else if !phone && !about.inside {
        scripts.push(Script::Here(format!("const way = {way};{WAKE}")));
    }
    super::page(words, StatusCode::OK, &title, &scripts, &body)
}
