//! The words of a letter between people, and their two shapes.

use std::fmt::Write as _;

use super::super::NEEDLE;
use super::super::date::Civil;
use super::super::dice::Dice;
use super::super::people::Person;
use super::super::words::{CHINESE, Words};
use super::Order;

/// What an answer quotes.
pub(super) struct Quote {
    pub(super) of: Person,
    pub(super) subject: String,
    pub(super) time: i64,
}

/// The words of a letter, before they have a shape.
pub(super) struct Text {
    pub(super) words: &'static Words,
    pub(super) from: Person,
    lines: Vec<String>,
    signature: Vec<String>,
    quote: Vec<String>,
}

impl Text {
    pub(super) fn write(
        dice: &mut Dice,
        words: &'static Words,
        from: &Person,
        order: &Order,
        quote: Option<&Quote>,
    ) -> Self {
        let mut lines = vec![dice.word(words.greetings).to_owned()];
        for _ in 0..dice.between(2, 8) {
            let template = dice.word(words.sentences);
            lines.push(words.fill(dice, template));
        }
        lines.extend(order.extra.iter().cloned());
        lines.push(dice.word(words.endings).to_owned());
        let chinese = std::ptr::eq(words, &raw const CHINESE);
        let phone = dice.between(1000, 9999);
        let signature = vec![
            from.name.clone(),
            if chinese {
                format!("华东科技（示例）有限公司 | 电话 021-5555{phone}")
            } else {
                format!("Example Ltd. | +86 21 5555 {phone}")
            },
        ];
        let quote = quote.map_or_else(Vec::new, |quote| {
            let when = Civil::in_china(quote.time);
            let template = dice.word(words.sentences);
            let said = words.fill(dice, template);
            if chinese {
                vec![
                    "------------------ 原始邮件 ------------------".to_owned(),
                    format!("发件人: \"{}\" <{}>;", quote.of.name, quote.of.address),
                    format!("发送时间: {}", when.chinese()),
                    format!("主题: {}", quote.subject),
                    String::new(),
                    said,
                ]
            } else {
                vec![
                    format!("On {}, {} wrote:", when.rfc5322(), quote.of.name),
                    format!("> {said}"),
                ]
            }
        });
        Self {
            words,
            from: from.clone(),
            lines,
            signature,
            quote,
        }
    }

    pub(super) fn subject_line(&self) -> &str {
        // A line that a meeting can be called by; a needle is counted where it is text.
        self.lines
            .iter()
            .rev()
            .find(|line| !line.contains(NEEDLE))
            .map_or("", String::as_str)
    }

    pub(super) fn plain(&self) -> String {
        let mut out = self.lines.join("\n");
        out.push_str("\n\n--\n");
        out.push_str(&self.signature.join("\n"));
        out.push('\n');
        if !self.quote.is_empty() {
            out.push('\n');
            out.push_str(&self.quote.join("\n"));
            out.push('\n');
        }
        out
    }

    /// As Outlook and web mailers write it.
    pub(super) fn html(&self, dice: &mut Dice, picture: Option<&str>) -> String {
        let escaped = |line: &str| line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let mut out = String::from(
            "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><head><meta http-equiv=\"Content-Type\" content=\"text/html\"><style>p.MsoNormal{margin:0cm;font-size:10.5pt;font-family:等线}.t td{border:1px solid #ccc;padding:3px}</style></head><body style=\"font-family:'Microsoft YaHei',Arial\">",
        );
        for line in &self.lines {
            let _ = writeln!(out, "<p class=\"MsoNormal\">{}<o:p></o:p></p>", escaped(line));
        }
        if let Some(cid) = picture {
            let _ = writeln!(
                out,
                "<p><img src=\"cid:{cid}\" width=\"64\" height=\"24\" alt=\"图\"></p>"
            );
        }
        let rows = dice.below(6);
        if rows > 0 {
            out.push_str("<table class=\"t\" cellspacing=\"0\">");
            for row in 1..=rows {
                let template = dice.word(self.words.files);
                let name = self.words.fill(dice, template);
                let _ = write!(
                    out,
                    "<tr><td>{row}</td><td>{}</td><td style=\"color:#{:06x};text-align:right\">{}</td></tr>",
                    escaped(&name),
                    dice.below(0xFF_FFFF),
                    dice.between(10, 99_999)
                );
            }
            out.push_str("</table>\n");
        }
        let _ = write!(
            out,
            "<p style=\"color:#888\">{}</p>",
            self.signature
                .iter()
                .map(|line| escaped(line))
                .collect::<Vec<_>>()
                .join("<br>")
        );
        if !self.quote.is_empty() {
            let _ = write!(
                out,
                "<blockquote style=\"border-left:2px solid #ccc;padding-left:8px\">{}</blockquote>",
                self.quote
                    .iter()
                    .map(|line| escaped(line))
                    .collect::<Vec<_>>()
                    .join("<br>")
            );
        }
        out.push_str("</body></html>\n");
        out
    }
}
