//! The page on which the browser ends.

/// The words of that page, in the person's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// BCP 47, for the browser's choice of glyphs.
    pub language: String,
    pub done_title: String,
    pub done_text: String,
    pub failed_title: String,
    pub failed_text: String,
}

impl Page {
    pub(super) fn done(&self) -> Vec<u8> {
        self.render("200 OK", &self.done_title, &self.done_text)
    }

    pub(super) fn failed(&self) -> Vec<u8> {
        self.render("400 Bad Request", &self.failed_title, &self.failed_text)
    }

    /// A whole HTTP answer: no script, nothing kept, nothing told to other pages.
    fn render(&self, status: &str, title: &str, text: &str) -> Vec<u8> {
        let (language, title, text) = (escape(&self.language), escape(title), escape(text));
        let body = format!(
            "<!doctype html><html lang=\"{language}\"><meta charset=\"utf-8\"><title>{title}</title>\
             <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\">\
             <style>body{{font:16px/1.6 system-ui,sans-serif;max-width:32em;margin:18vh auto;padding:0 1.5em;\
             text-align:center}}h1{{font-size:1.4em;font-weight:600}}</style><h1>{title}</h1><p>{text}</p></html>"
        );
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
             Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\nReferrer-Policy: no-referrer\r\n\
             X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The answer to what a browser asks besides: an icon, mostly.
pub(super) const NOTHING_HERE: &[u8] = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
