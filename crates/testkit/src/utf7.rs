//! Modified UTF-7, in which IMAP writes names of mailboxes (RFC 3501 section 5.1.3).
use base64::Engine as _;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};

const ENGINE: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);

/// `已发送` becomes `&XfJT0ZAB-`.
pub fn encode(name: &str) -> String {
    fn flush(run: &mut String, out: &mut String) {
        if !run.is_empty() {
            let bytes: Vec<u8> = run.encode_utf16().flat_map(u16::to_be_bytes).collect();
            out.push('&');
            ENGINE.encode_string(bytes, out);
            out.push('-');
            run.clear();
        }
    }
    let mut out = String::with_capacity(name.len());
    let mut run = String::new();
    for character in name.chars() {
        if matches!(character, ' '..='~') {
            flush(&mut run, &mut out);
            out.push(character);
            if character == '&' {
                out.push('-');
            }
        } else {
            run.push(character);
        }
    }
    flush(&mut run, &mut out);
    out
}

/// `&XfJT0ZAB-` becomes `已发送`; `None` for what is not modified UTF-7.
pub fn decode(name: &str) -> Option<String> {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((plain, after)) = rest.split_once('&') {
        out.push_str(plain);
        let (run, tail) = after.split_once('-')?;
        if run.is_empty() {
            out.push('&');
        } else {
            let bytes = ENGINE.decode(run).ok()?;
            let units: Vec<u16> = bytes
                .chunks(2)
                .map(|pair| Some(u16::from_be_bytes([*pair.first()?, *pair.get(1)?])))
                .collect::<Option<_>>()?;
            out.push_str(&String::from_utf16(&units).ok()?);
        }
        rest = tail;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn the_names_of_netease_are_written_as_netease_writes_them() {
        for (name, wire) in [
            ("INBOX", "INBOX"),
            ("草稿箱", "&g0l6P3ux-"),
            ("已发送", "&XfJT0ZAB-"),
            ("病毒文件夹", "&dcVr0mWHTvZZOQ-"),
            ("A & B", "A &- B"),
            ("客户/供应商 & 合作方", "&W6JiNw-/&T5telFVG- &- &VAhPXGW5-"),
            ("😀", "&2D3eAA-"),
        ] {
            assert_eq!(encode(name), wire);
            assert_eq!(decode(wire).as_deref(), Some(name));
        }
        assert_eq!(decode("&XfJT0ZAB"), None, "an open run");
        assert_eq!(decode("&2D0-"), None, "half a surrogate pair");
    }
}
