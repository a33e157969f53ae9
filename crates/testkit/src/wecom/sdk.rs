//! The JS-SDK inside WeCom's own browser (reference A8): it takes the signature over the very page, or refuses.

use std::sync::Arc;

use axum::extract::State as Extract;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::Shared;

/// `wx.config`, `wx.ready`, `wx.error`, `wx.invoke`. Where another browser was opened is left on the page as
/// `data-opened`.
const CORP: &str = "
(() => {
  const ready = [], failed = [];
  let configured = null, granted = [];
  const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const sign = async (ticket, { nonceStr, timestamp }) => hex(await crypto.subtle.digest('SHA-1', new TextEncoder().encode(
    `jsapi_ticket=${ticket}&noncestr=${nonceStr}&timestamp=${timestamp}&url=${location.href.split('#')[0]}`)));
  const refusal = async (id, ticket, given) => {
    if (id !== sim.corp_id) return 'invalid corpid';
    if (location.host !== sim.domain) return 'invalid url domain';
    if (!ticket || (await sign(ticket, given)) !== given.signature) return 'invalid signature';
    return null;
  };
  const isComputer = /wxwork\\//.test(navigator.userAgent) && !/Mobile|Android|iPhone/.test(navigator.userAgent);
  window.wx = {
    ready(then) { if (configured === true) then(); else ready.push(then); },
    error(then) { if (typeof configured === 'string') then({ errMsg: configured }); else failed.push(then); },
    async config(given) {
      const why = given.beta === true ? await refusal(given.appId, sim.corp_ticket, given) : 'beta is not set';
      configured = why ?? true;
      if (why) failed.forEach((then) => then({ errMsg: why })); else ready.forEach((then) => then());
    },
    invoke(api, { url }, then) {
      if (!granted.includes(api)) return then({ err_msg: `${api}:permission denied` });
      if (api !== 'openDefaultBrowser' || !isComputer) return then({ err_msg: `${api}:fail_nosupport` });
      document.documentElement.dataset.opened = url;
      then({ err_msg: `${api}:ok` });
    },
    grant: async (given) => {
      const why = configured !== true ? 'config first'
        : String(given.agentid) !== String(sim.agent_id) ? 'invalid agentid'
        : await refusal(given.corpid, sim.agent_ticket, given);
      if (why) return given.fail?.({ errMsg: why });
      granted = given.jsApiList;
      given.success?.({});
    },
  };
})();";

/// `wx.agentConfig`.
const AGENT: &str = "wx.agentConfig = wx.grant;";

fn script(text: String) -> Response {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], text).into_response()
}

pub(super) async fn corp(Extract(shared): Extract<Arc<Shared>>) -> Response {
    let sim = {
        let state = shared.lock();
        let ticket = |kind| state.jsapi.get(kind).map(|(ticket, _)| ticket.clone());
        json!({
            "corp_id": state.company.corp_id,
            "agent_id": state.company.agent_id,
            "domain": state.company.oauth_domain,
            "corp_ticket": ticket("corp"),
            "agent_ticket": ticket("agent"),
        })
    };
    script(format!("const sim = {sim};{CORP}"))
}

pub(super) async fn agent() -> Response {
    script(AGENT.to_owned())
}
