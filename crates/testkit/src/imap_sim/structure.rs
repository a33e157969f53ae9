//! A mail's parts, as FETCH speaks of them: ENVELOPE, BODYSTRUCTURE and sections (RFC 3501 sections 6.4.5 and 7.4.2).
//!
//! Header fields are given as they stand, undecoded, as servers do.

const DEPTH: usize = 20;

/// One part of a mail; borrows the mail's bytes.
pub(super) struct Part<'a> {
    /// The header with the blank line behind it.
    pub(super) head: &'a [u8],
    pub(super) body: &'a [u8],
    kind: String,
    subtype: String,
    parameters: Vec<(String, String)>,
    /// Parts of a multipart, or the one mail inside message/rfc822.
    children: Vec<Part<'a>>,
}

impl<'a> Part<'a> {
    pub(super) fn parse(raw: &'a [u8]) -> Self {
        Self::parse_within(raw, DEPTH)
    }

    fn parse_within(raw: &'a [u8], depth: usize) -> Self {
        let (head, body) = split_head(raw);
        let content = field(head, "Content-Type").unwrap_or_else(|| "text/plain".to_owned());
        let (kind, parameters) = value_and_parameters(&content);
        let (kind, subtype) = kind.split_once('/').unwrap_or(("text", "plain"));
        let mut part = Self {
            head,
            body,
            kind: kind.trim().to_ascii_lowercase(),
            subtype: subtype.trim().to_ascii_lowercase(),
            parameters,
            children: Vec::new(),
        };
        let Some(depth) = depth.checked_sub(1) else { return part };
        if part.kind == "multipart" {
            if let Some((_, boundary)) = part
                .parameters
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case("boundary"))
            {
                part.children = split_parts(body, boundary)
                    .into_iter()
                    .map(|raw| Self::parse_within(raw, depth))
                    .collect();
            }
        } else if part.is_message() {
            part.children.push(Self::parse_within(body, depth));
        }
        part
    }

    fn is_message(&self) -> bool {
        self.kind == "message" && self.subtype == "rfc822"
    }

    /// Content of a section such as `1.2.MIME`, `HEADER.FIELDS (SUBJECT)` or nothing for the whole; `None` if there is
    /// no such part.
    pub(super) fn section(&self, whole: &[u8], name: &str) -> Option<Vec<u8>> {
        let (numbers, rest) = split_numbers(name);
        if numbers.is_empty() {
            return match rest {
                "" => Some(whole.to_vec()),
                _ => self.named(rest),
            };
        }
        let mut part = self;
        let mut inner_message = None;
        for number in numbers {
            let mail = inner_message.unwrap_or(part);
            part = if mail.kind == "multipart" {
                mail.children.get(number.checked_sub(1)?)?
            } else if number == 1 {
                mail
            } else {
                return None;
            };
            inner_message = part.is_message().then(|| part.children.first()).flatten();
        }
        match rest {
            "" => Some(part.body.to_vec()),
            "MIME" => Some(part.head.to_vec()),
            _ => inner_message?.named(rest),
        }
    }

    fn named(&self, name: &str) -> Option<Vec<u8>> {
        if name == "HEADER" {
            return Some(self.head.to_vec());
        }
        if name == "TEXT" {
            return Some(self.body.to_vec());
        }
        let (list, wanted) = match name.strip_prefix("HEADER.FIELDS.NOT ") {
            Some(list) => (list, false),
            None => (name.strip_prefix("HEADER.FIELDS ")?, true),
        };
        let list: Vec<&str> = list
            .trim_matches(['(', ')'])
            .split(' ')
            .map(|word| word.trim_matches('"'))
            .filter(|w| !w.is_empty())
            .collect();
        let mut out = Vec::new();
        for one in fields(self.head) {
            let name = one.split(|byte| *byte == b':').next().unwrap_or_default();
            let name = String::from_utf8_lossy(name);
            if list.iter().any(|word| word.eq_ignore_ascii_case(name.trim())) == wanted {
                out.extend_from_slice(one);
            }
        }
        out.extend_from_slice(b"\r\n");
        Some(out)
    }

    pub(super) fn envelope(&self) -> Vec<u8> {
        let mut out = vec![b'('];
        let value = |name: &str| field(self.head, name);
        string(&mut out, value("Date").as_deref());
        out.push(b' ');
        string(&mut out, value("Subject").as_deref());
        let from = value("From");
        for name in ["From", "Sender", "Reply-To", "To", "Cc", "Bcc"] {
            out.push(b' ');
            // RFC 3501: a server fills these two from From.
            let own = value(name).or_else(|| matches!(name, "Sender" | "Reply-To").then(|| from.clone()).flatten());
            addresses(&mut out, own.as_deref());
        }
        for name in ["In-Reply-To", "Message-ID"] {
            out.push(b' ');
            string(&mut out, value(name).as_deref());
        }
        out.push(b')');
        out
    }

    /// BODYSTRUCTURE; without extension data (BODY) where `short`. Where `broken`, multiparts with odd parts come
    /// without any part, as Exchange sends them.
    pub(super) fn structure(&self, short: bool, broken: bool) -> Vec<u8> {
        let mut out = vec![b'('];
        if self.kind == "multipart" {
            let odd = self.children.iter().any(Self::is_odd) || self.children.is_empty();
            if !(broken && odd) {
                for child in &self.children {
                    out.append(&mut child.structure(short, broken));
                }
                out.push(b' ');
            }
            string(&mut out, Some(&self.subtype));
            if !short {
                out.push(b' ');
                Self::write_parameters(&mut out, &self.parameters);
                self.write_tail(&mut out);
            }
            out.push(b')');
            return out;
        }
        string(&mut out, Some(&self.kind));
        out.push(b' ');
        string(&mut out, Some(&self.subtype));
        out.push(b' ');
        Self::write_parameters(&mut out, &self.parameters);
        for name in ["Content-ID", "Content-Description"] {
            out.push(b' ');
            string(&mut out, field(self.head, name).as_deref());
        }
        out.push(b' ');
        string(
            &mut out,
            Some(
                field(self.head, "Content-Transfer-Encoding")
                    .as_deref()
                    .unwrap_or("7bit"),
            ),
        );
        out.extend_from_slice(format!(" {}", self.body.len()).as_bytes());
        let lines = self.body.split(|byte| *byte == b'\n').count().saturating_sub(1);
        if let (true, Some(mail)) = (self.is_message(), self.children.first()) {
            out.push(b' ');
            out.append(&mut mail.envelope());
            out.push(b' ');
            out.append(&mut mail.structure(short, broken));
            out.extend_from_slice(format!(" {lines}").as_bytes());
        } else if self.kind == "text" {
            out.extend_from_slice(format!(" {lines}").as_bytes());
        }
        if !short {
            out.push(b' ');
            string(&mut out, field(self.head, "Content-MD5").as_deref());
            self.write_tail(&mut out);
        }
        out.push(b')');
        out
    }

    fn is_odd(&self) -> bool {
        !matches!(
            self.kind.as_str(),
            "text" | "image" | "audio" | "video" | "application" | "multipart"
        ) || self.subtype == "ms-tnef"
    }

    fn write_parameters(out: &mut Vec<u8>, list: &[(String, String)]) {
        if list.is_empty() {
            out.extend_from_slice(b"NIL");
            return;
        }
        out.push(b'(');
        for (at, (name, value)) in list.iter().enumerate() {
            if at > 0 {
                out.push(b' ');
            }
            string(out, Some(name));
            out.push(b' ');
            string(out, Some(value));
        }
        out.push(b')');
    }

    fn write_tail(&self, out: &mut Vec<u8>) {
        out.push(b' ');
        match field(self.head, "Content-Disposition") {
            Some(value) => {
                let (word, list) = value_and_parameters(&value);
                out.push(b'(');
                string(out, Some(word.trim()));
                out.push(b' ');
                Self::write_parameters(out, &list);
                out.push(b')');
            }
            None => out.extend_from_slice(b"NIL"),
        }
        out.extend_from_slice(b" NIL NIL");
    }
}

/// A string as short as it can be written: NIL, quoted, or a literal.
pub(super) fn string(out: &mut Vec<u8>, text: Option<&str>) {
    let Some(text) = text else {
        return out.extend_from_slice(b"NIL");
    };
    if text
        .bytes()
        .all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\')
    {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        out.extend_from_slice(format!("{{{}}}\r\n", text.len()).as_bytes());
        out.extend_from_slice(text.as_bytes());
    }
}

fn split_head(raw: &[u8]) -> (&[u8], &[u8]) {
    if raw.starts_with(b"\r\n") {
        return raw.split_at(2);
    }
    match raw.windows(4).position(|four| four == b"\r\n\r\n") {
        Some(at) => raw.split_at(at.saturating_add(4)),
        None => (raw, &[]),
    }
}

/// Raw header fields, each with its folds and line end.
fn fields(head: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let mut rest = head;
    while !rest.is_empty() && !rest.starts_with(b"\r\n") {
        let mut end = 0_usize;
        loop {
            let tail = rest.get(end..).unwrap_or_default();
            let line = tail
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(tail.len(), |at| at.saturating_add(1));
            end = end.saturating_add(line);
            if !matches!(rest.get(end), Some(b' ' | b'\t')) {
                break;
            }
        }
        let (one, after) = rest.split_at(end);
        out.push(one);
        rest = after;
    }
    out
}

/// The unfolded value of the first field of that name; bad bytes are replaced.
pub(super) fn field(head: &[u8], name: &str) -> Option<String> {
    fields(head).into_iter().find_map(|one| {
        let text = String::from_utf8_lossy(one);
        let (key, value) = text.split_once(':')?;
        key.trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.replace("\r\n", "").trim().to_owned())
    })
}

fn value_and_parameters(text: &str) -> (String, Vec<(String, String)>) {
    let mut pieces = split_outside_quotes(text, ';').into_iter();
    let value = pieces.next().unwrap_or_default();
    let parameters = pieces
        .filter_map(|piece| {
            let (name, value) = piece.split_once('=')?;
            Some((name.trim().to_owned(), value.trim().trim_matches('"').to_owned()))
        })
        .collect();
    (value, parameters)
}

fn split_outside_quotes(text: &str, separator: char) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quoted = false;
    for character in text.chars() {
        if character == '"' {
            quoted = !quoted;
        }
        if character == separator && !quoted {
            out.push(String::new());
        } else if let Some(last) = out.last_mut() {
            last.push(character);
        }
    }
    out
}

fn split_parts<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let dashes = format!("--{boundary}");
    let mut out = Vec::new();
    let mut start: Option<usize> = None;
    let mut at = 0_usize;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        if let Some(rest) = line.strip_prefix(dashes.as_bytes()) {
            if let Some(start) = start {
                // The line break before the boundary belongs to the boundary.
                let end = at.saturating_sub(2).max(start);
                out.push(body.get(start..end).unwrap_or_default());
            }
            if rest.starts_with(b"--") {
                return out;
            }
            start = Some(at.saturating_add(line.len()));
        }
        at = at.saturating_add(line.len());
    }
    if let Some(start) = start {
        out.push(body.get(start..).unwrap_or_default());
    }
    out
}

fn split_numbers(name: &str) -> (Vec<usize>, &str) {
    let mut numbers = Vec::new();
    let mut rest = name;
    loop {
        let (word, after) = rest.split_once('.').unwrap_or((rest, ""));
        let Ok(number) = word.parse() else {
            return (numbers, rest);
        };
        numbers.push(number);
        rest = after;
    }
}

fn addresses(out: &mut Vec<u8>, text: Option<&str>) {
    let list: Vec<String> = text
        .map(|text| split_outside_quotes(text, ','))
        .unwrap_or_default()
        .into_iter()
        .filter(|one| !one.trim().is_empty())
        .collect();
    if list.is_empty() {
        out.extend_from_slice(b"NIL");
        return;
    }
    out.push(b'(');
    for one in list {
        let (name, address) = match one.rsplit_once('<') {
            Some((name, address)) => (name.trim().trim_matches('"'), address.trim_end_matches(['>', ' '])),
            None => ("", one.trim()),
        };
        let (mailbox, host) = address.split_once('@').unwrap_or((address, ""));
        out.push(b'(');
        string(out, Some(name).filter(|name| !name.is_empty()));
        out.extend_from_slice(b" NIL ");
        string(out, Some(mailbox));
        out.push(b' ');
        string(out, Some(host).filter(|host| !host.is_empty()));
        out.push(b')');
    }
    out.push(b')');
}
