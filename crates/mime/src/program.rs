//! Attachments that act when they are opened.

/// Endings of files that are programs, scripts, shortcuts, or carriers of them on one of the systems Qiyou runs on.
const ENDINGS: [&str; 72] = [
    "ade",
    "adp",
    "app",
    "appimage",
    "application",
    "appref-ms",
    "apk",
    "bat",
    "bash",
    "bin",
    "chm",
    "cmd",
    "com",
    "command",
    "cpl",
    "csh",
    "deb",
    "desktop",
    "diagcab",
    "dll",
    "dmg",
    "exe",
    "gadget",
    "hlp",
    "hta",
    "img",
    "inf",
    "ins",
    "iso",
    "isp",
    "jar",
    "jnlp",
    "js",
    "jse",
    "ksh",
    "lnk",
    "mde",
    "mobileconfig",
    "msc",
    "msh",
    "msi",
    "msix",
    "msp",
    "mst",
    "ocx",
    "pif",
    "pkg",
    "pl",
    "prg",
    "ps1",
    "psm1",
    "py",
    "pyw",
    "rb",
    "reg",
    "rpm",
    "run",
    "scf",
    "scr",
    "sct",
    "settingcontent-ms",
    "sh",
    "sys",
    "terminal",
    "url",
    "vb",
    "vbe",
    "vbs",
    "vhd",
    "wsc",
    "wsf",
    "xll",
];

/// Whether a file of that name could act on the computer when it is opened.
pub fn is_program(name: &str) -> bool {
    let ending = name
        .trim_end_matches([' ', '.'])
        .rsplit_once('.')
        .map(|(_, ending)| ending);
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests {
    use super::is_program;

    #[test]
    fn programs_and_what_starts_them_are_known_by_their_ending() {
        for name in [
            "发票.pdf.exe",
            "setup.MSI",
            "a.js",
            "x.lnk",
            "报价.scr ",
            "run.sh",
            "a.hta.",
            "x.desktop",
        ] {
            assert!(is_program(name), "{name}");
        }
        for name in [
            "合同.pdf",
            "表.xlsx",
            "exe",
            "照片.jpg",
            "a.zip",
            "readme",
            "",
            "会议.ics",
        ] {
            assert!(!is_program(name), "{name}");
        }
    }
}
