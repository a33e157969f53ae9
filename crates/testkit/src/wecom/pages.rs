//! The pages, as people see them in the demo: WeCom-like, in plain words of both languages.

use qrcode::QrCode;
use qrcode::render::svg;
use url::Url;

use super::company::Company;
use super::state::Scan;

/// The most members that the phone offers.
const MOST: usize = 200;

const STYLE: &str = "body{font:16px/1.6 system-ui,'Noto Sans CJK SC',sans-serif;margin:0;background:#f5f6f7;\
    color:#222;display:flex;min-height:100vh;align-items:center;justify-content:center}\
    main{background:#fff;border-radius:12px;padding:32px 40px;box-shadow:0 2px 12px #0001;text-align:center;\
    max-width:24em}h1{font-size:20px;margin:0 0 12px}svg{width:240px;height:240px}small,.soft{color:#666}\
    button{font:inherit;display:block;width:100%;margin:8px 0;padding:10px;border:1px solid #ccd;border-radius:8px;\
    background:#fff;cursor:pointer}button.yes{background:#2b7cff;border-color:#2b7cff;color:#fff}a{color:#2b7cff}";

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <style>{STYLE}</style><main>{body}</main></html>"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// A page of words.
pub(super) fn notice(words: &str) -> String {
    page("企业微信", &format!("<h1>{}</h1>", escape(words)))
}

/// What the picture encodes.
pub(super) fn confirm_address(base: &Url, key: &str) -> String {
    format!("{base}wwopen/sso/confirm2?k={key}")
}

/// The log-in page. `back` lacks the code alone.
pub(super) fn login(base: &Url, company: &str, key: &str, back: &Url) -> String {
    let address = confirm_address(base, key);
    let picture = QrCode::new(address.as_bytes()).map_or_else(
        |_| String::new(),
        |code| {
            let picture = code.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
            // The XML declaration has no place inside a page.
            picture
                .find("<svg")
                .and_then(|at| picture.get(at..))
                .unwrap_or_default()
                .to_owned()
        },
    );
    let body = format!(
        "<h1>企业微信登录 <small>WeCom</small></h1>{picture}\
         <p id=\"said\" role=\"status\">请使用企业微信扫码 · scan with WeCom</p>\
         <p class=\"soft\">{company}</p><p><a href=\"{address}\" target=\"_blank\">演示用手机 · the demo's phone</a></p>\
         <script type=\"application/json\" id=\"way\">{way}</script><script>{SCRIPT}</script>",
        company = escape(company),
        address = escape(&address),
        way = serde_json::json!({ "key": key, "back": back.as_str() })
            .to_string()
            .replace('<', "\\u003c"),
    );
    page("企业微信登录", &body)
}

const SCRIPT: &str = r"
const { key, back } = JSON.parse(document.getElementById('way').textContent);
const said = document.getElementById('said');
const words = {
  QRCODE_SCAN_ING: '已扫码，请在手机上确认 · scanned, confirm on the phone',
  QRCODE_SCAN_SUCC: '登录成功 · signed in',
  QRCODE_SCAN_ERR: '二维码已失效，请刷新 · expired, reload the page',
};
(async () => {
  let last = 'QRCODE_SCAN_NEVER';
  for (;;) {
    const answer = await fetch('/wwopen/sso/l/qrConnect?callback=cb&key=' + key + '&last=' + last);
    const text = await answer.text();
    const { status, auth_code } = JSON.parse(text.slice(text.indexOf('(') + 1, text.lastIndexOf(')')));
    if (status !== last && words[status]) said.textContent = words[status];
    last = status;
    if (status === 'QRCODE_SCAN_ERR') return;
    if (status === 'QRCODE_SCAN_SUCC') {
      const at = back.indexOf('?') + 1;
      location.href = back.slice(0, at) + 'code=' + encodeURIComponent(auth_code) + '&' + back.slice(at);
      return;
    }
  }
})();
";

/// The phone: who scans, and then whether they confirm.
pub(super) fn phone(company: &Company, key: &str, scan: Scan, who: &str) -> String {
    let key = escape(key);
    let form = |action: &str, user: &str, class: &str, words: &str| {
        format!(
            "<form method=\"post\" action=\"/phone/{action}\"><input type=\"hidden\" name=\"k\" value=\"{key}\">\
             <input type=\"hidden\" name=\"user\" value=\"{}\"><button class=\"{class}\">{}</button></form>",
            escape(user),
            escape(words)
        )
    };
    let body = match scan {
        Scan::Never => {
            let members: String = company
                .members
                .iter()
                .filter(|member| member.status != 5)
                .take(MOST)
                .map(|member| {
                    let words = format!("{} 扫码 · {} scans", member.name, member.userid);
                    form("scan", &member.userid, "", &words)
                })
                .collect();
            format!("<h1>谁的手机？ <small>whose phone?</small></h1>{members}")
        }
        Scan::Scanning => {
            let name = company.member(who).map_or(who, |member| &member.name);
            format!(
                "<h1>{} · {}</h1><p>确认登录？ <small>sign in?</small></p>{}{}",
                escape(&company.name),
                escape(name),
                form("confirm", "", "yes", "确认登录 · confirm"),
                form("cancel", "", "", "取消 · cancel")
            )
        }
        Scan::Success => "<h1>已确认 <small>confirmed</small></h1>".to_owned(),
        Scan::Error => "<h1>二维码已失效 <small>expired</small></h1>".to_owned(),
    };
    page("手机", &body)
}
