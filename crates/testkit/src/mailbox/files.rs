//! Attachments that open: pictures, spreadsheets and PDFs of a few kilobytes, made without a library.

use std::fmt::Write as _;

use super::dice::Dice;

/// A file's content, extension and type.
pub(super) struct File {
    pub(super) extension: &'static str,
    pub(super) mime_type: &'static str,
    pub(super) content: Vec<u8>,
}

/// A spreadsheet of so many rows (ECMA-376, strings inline, stored without compression).
pub(super) fn xlsx(dice: &mut Dice, rows: u32) -> File {
    let mut sheet = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>",
    );
    sheet.push_str(&row(1, &["序号", "设备", "数量", "金额（元）"]));
    for number in 2..=rows + 1 {
        let device = dice.word(&["服务器", "交换机", "显示器", "投影仪", "会议平板", "UPS"]);
        sheet.push_str(&row(
            number,
            &[
                &(number - 1).to_string(),
                device,
                &dice.between(1, 40).to_string(),
                &dice.between(800, 90_000).to_string(),
            ],
        ));
    }
    sheet.push_str("</sheetData></worksheet>");
    let package = "http://schemas.openxmlformats.org/package/2006";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let main = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let parts = [
        (
            "[Content_Types].xml",
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Types xmlns=\"{package}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"{main}.sheet.main+xml\"/><Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"{main}.worksheet+xml\"/></Types>"
            ),
        ),
        (
            "_rels/.rels",
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"{office}\"><sheets><sheet name=\"清单\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    File {
        extension: "xlsx",
        mime_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        content: zip(&parts),
    }
}

fn row(number: u32, cells: &[&str]) -> String {
    let mut out = format!("<row r=\"{number}\">");
    for (cell, column) in cells.iter().zip(["A", "B", "C", "D"]) {
        if cell.bytes().all(|b| b.is_ascii_digit()) {
            let _ = write!(out, "<c r=\"{column}{number}\"><v>{cell}</v></c>");
        } else {
            let _ = write!(
                out,
                "<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>"
            );
        }
    }
    out.push_str("</row>");
    out
}

/// A zip archive of stored files.
fn zip(parts: &[(&str, String)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for (name, content) in parts {
        let offset = u32::try_from(out.len()).unwrap_or(0);
        let size = u32::try_from(content.len()).unwrap_or(0);
        let length = u16::try_from(name.len()).unwrap_or(0);
        // Version 2.0, names in UTF-8, stored, 2026-01-01 00:00.
        let mut shared = Vec::new();
        shared.extend_from_slice(&[20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0x5C]);
        shared.extend_from_slice(&crc32(content.as_bytes()).to_le_bytes());
        shared.extend_from_slice(&size.to_le_bytes());
        shared.extend_from_slice(&size.to_le_bytes());
        shared.extend_from_slice(&length.to_le_bytes());
        shared.extend_from_slice(&[0, 0]);
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&shared);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(content.as_bytes());
        directory.extend_from_slice(b"PK\x01\x02\x14\x00");
        directory.extend_from_slice(&shared);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let start = u32::try_from(out.len()).unwrap_or(0);
    let size = u32::try_from(directory.len()).unwrap_or(0);
    let count = u16::try_from(parts.len()).unwrap_or(0);
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&size.to_le_bytes());
    out.extend_from_slice(&start.to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out
}

/// A PDF of one page with a line of text and so many bytes of a drawing.
pub(super) fn pdf(dice: &mut Dice, bytes: u32) -> File {
    let mut drawing = format!(
        "BT /F1 18 Tf 60 780 Td (Contract {}) Tj ET\n",
        dice.between(100_000, 999_999)
    );
    while drawing.len() < bytes as usize {
        let mut at = || dice.between(40, 750);
        let _ = writeln!(drawing, "{} {} m {} {} l S", at(), at(), at(), at());
    }
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{drawing}endstream", drawing.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut out = String::from("%PDF-1.4\n");
    let mut offsets = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        let _ = writeln!(out, "{} 0 obj\n{object}\nendobj", number + 1);
    }
    let start = out.len();
    let _ = writeln!(out, "xref\n0 {}\n0000000000 65535 f ", objects.len() + 1);
    for offset in offsets {
        let _ = writeln!(out, "{offset:010} 00000 n ");
    }
    let _ = writeln!(
        out,
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF",
        objects.len() + 1
    );
    File {
        extension: "pdf",
        mime_type: "application/pdf",
        content: out.into_bytes(),
    }
}

/// A picture of coloured bands (PNG, RGB, stored without compression).
pub(super) fn png(dice: &mut Dice, width: u16, height: u16) -> File {
    let colours: Vec<[u8; 3]> = (0..4)
        .map(|_| [0, 0, 0].map(|_: u8| u8::try_from(dice.between(60, 240)).unwrap_or(128)))
        .collect();
    let mut raw = Vec::new();
    for y in 0..height {
        raw.push(0);
        for x in 0..width {
            let band = usize::from((x / 8 + y / 8) % 4);
            raw.extend_from_slice(colours.get(band).unwrap_or(&[0; 3]));
        }
    }
    let mut data = vec![0x78, 0x01];
    let mut blocks = raw.chunks(65_535).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(0);
        data.push(u8::from(blocks.peek().is_none()));
        data.extend_from_slice(&length.to_le_bytes());
        data.extend_from_slice(&(!length).to_le_bytes());
        data.extend_from_slice(block);
    }
    data.extend_from_slice(&adler32(&raw).to_be_bytes());
    let mut header = Vec::new();
    header.extend_from_slice(&u32::from(width).to_be_bytes());
    header.extend_from_slice(&u32::from(height).to_be_bytes());
    header.extend_from_slice(&[8, 2, 0, 0, 0]);
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, content) in [(b"IHDR", header), (b"IDAT", data), (b"IEND", Vec::new())] {
        out.extend_from_slice(&u32::try_from(content.len()).unwrap_or(0).to_be_bytes());
        let chunk = [kind.as_slice(), &content].concat();
        out.extend_from_slice(&chunk);
        out.extend_from_slice(&crc32(&chunk).to_be_bytes());
    }
    File {
        extension: "png",
        mime_type: "image/png",
        content: out,
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xEDB8_8320
            } else {
                crc >> 1
            };
        }
    }
    !crc
}

fn adler32(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1u32, 0u32);
    for byte in bytes {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    (b << 16) | a
}
