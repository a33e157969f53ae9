//! Names of attachments, made fit to be written to a disk.

use crate::display::{clip, is_deceptive, one_line};

/// The longest name in bytes: file systems take 255, and a download may have " (2)" and ".part" added.
const LONGEST: usize = 200;

/// A base name that no system misreads: no folders, no reserved characters or device names, no leading or trailing dots
/// and blanks, no bidirectional marks, at most 200 bytes of UTF-8 with the extension kept. `file` if nothing is left.
pub fn safe_file_name(name: &str) -> String {
    let base = name
        .rsplit(['/', '\\'])
        .map(str::trim)
        .find(|part| !part.trim_matches(['.', ' ']).is_empty())
        .unwrap_or_default();
    let clean: String = base
        .chars()
        .filter(|c| !is_deceptive(*c))
        .map(|c| {
            if c.is_control() || r#"<>:"|?*"#.contains(c) {
                '_'
            } else {
                c
            }
        })
        .collect();
    let clean = one_line(&clean, 4 * LONGEST);
    let clean = clean.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let mut safe = shortened(clean);
    if is_device(&safe) {
        safe.insert(0, '_');
    }
    if safe.is_empty() { "file".to_owned() } else { safe }
}

fn shortened(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 20 => {
            let room = LONGEST.saturating_sub(extension.len()).saturating_sub(1);
            format!("{}.{extension}", clip(stem, room).trim_end_matches([' ', '.']))
        }
        // The cut may fall behind a blank or a dot.
        _ => clip(name, LONGEST)
            .trim_end_matches(|c: char| c == '.' || c.is_whitespace())
            .to_owned(),
    }
}

/// Names that open a device on Windows, with any extension.
fn is_device(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_ascii_uppercase();
    match stem.as_str() {
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" => true,
        _ => stem
            .strip_prefix("COM")
            .or_else(|| stem.strip_prefix("LPT"))
            .is_some_and(|n| {
                let mut chars = n.chars();
                matches!((chars.next(), chars.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
            }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_reduced_to_what_every_disk_takes() {
        for (given, safe) in [
            ("2026年度合同（最终版）.xlsx", "2026年度合同（最终版）.xlsx"),
            ("../../etc/passwd", "passwd"),
            ("..\\..\\Windows\\恶意.exe", "恶意.exe"),
            ("C:\\Users\\a\\报价.doc", "报价.doc"),
            ("发票\u{202E}fdp.exe", "发票fdp.exe"),
            ("a<b>c:d|e?f*g\"h.txt", "a_b_c_d_e_f_g_h.txt"),
            ("nul.txt", "_nul.txt"),
            ("COM1", "_COM1"),
            ("company.doc", "company.doc"),
            (" .bashrc. ", "bashrc"),
            ("a\r\nb\0.txt", "a__b_.txt"),
            ("", "file"),
            ("...", "file"),
            ("dir/", "dir"),
        ] {
            assert_eq!(safe_file_name(given), safe, "{given:?}");
        }
    }

    #[test]
    fn long_names_keep_their_extension() {
        let safe = safe_file_name(&format!("{}.xlsx", "合同".repeat(200)));
        assert!(
            safe.len() <= LONGEST && safe.len() > 150 && safe.rsplit('.').next() == Some("xlsx"),
            "{safe}"
        );
        let safe = safe_file_name(&format!("{} .{}", "字".repeat(66), "x".repeat(300)));
        assert_eq!(safe, "字".repeat(66));
    }
}
