//! The push of new mails: what is said, and how it is carried.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::Mail;
use super::wire::request;

/// Every value is text. Neither a message id nor a signature is among them.
pub(super) fn payload(to: &str, mail: &Mail) -> Value {
    let files = mail.files.iter().enumerate().map(|(at, (name, size))| {
        json!({
            "fileName": name,
            "offsetInMail": "3095",
            "mimeType": "application/octet-stream",
            "encoding": "base64",
            "storedSize": size.to_string(),
            "partId": at.saturating_add(1).to_string(),
        })
    });
    let size = mail
        .files
        .iter()
        .fold(mail.text.len() as u64, |sum, (_, size)| sum.saturating_add(*size));
    json!({
        "From": mail.from,
        "To": to,
        "Subject": mail.subject,
        "Content-Type": if mail.html { "text/html" } else { "text/plain" },
        "Content": mail.text,
        "mailsizebyte": size.to_string(),
        "SentDate": mail.sent_at.to_string(),
        "charset": "UTF-8",
        "attachment": if mail.files.is_empty() { "0" } else { "1" },
        "AttachmentEx": files.collect::<Value>(),
    })
}

/// Posts `body` to a url on loopback, and wants the answer "success".
pub(super) async fn send(url: &str, body: &str) -> anyhow::Result<()> {
    let url = url::Url::parse(url).context("the push's url")?;
    let headers = ["Content-Type: application/json;charset=UTF-8".to_owned()];
    let reply = request("POST", &url, &headers, body).await.context("the push")?;
    let (status, said) = (reply.status, reply.body);
    ensure!(status == 200, "the push was answered with {status}: {said}");
    // A body that comes in pieces has its lengths between the lines.
    let success = said.lines().any(|line| line.trim() == "success");
    ensure!(success, "the push was answered with {said:?}");
    Ok(())
}
