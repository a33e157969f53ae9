//! Draws every state of the tray at every size on five panels into one picture: `tray-sheet.ppm` in the folder given,
//! to be looked at.
//!
//! `cargo run -p qiyou-desktop --example tray_sheet -- FOLDER`

use std::{env, fs, io, path::PathBuf};

use qiyou_desktop::tray::{TrayKind, drawing};

const SIZES: [u32; 5] = [16, 22, 24, 32, 48];
const PANELS: [u8; 5] = [255, 240, 128, 48, 24];
const ZOOM: usize = 4;
const CELL: usize = 56;

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::args_os().nth(1).unwrap_or_else(|| ".".into()));
    let kinds = [
        TrayKind::Connected,
        TrayKind::Unread(1),
        TrayKind::Unread(8),
        TrayKind::Unread(27),
        TrayKind::Unread(140),
        TrayKind::Paused,
        TrayKind::Offline,
        TrayKind::SignIn,
    ];
    for panel in PANELS {
        let (width, height) = (CELL * SIZES.len(), CELL * kinds.len());
        let mut sheet = vec![panel; width * height * 3];
        for (row, kind) in kinds.iter().enumerate() {
            for (column, size) in SIZES.iter().enumerate() {
                let picture = drawing::draw(*kind, *size);
                let side = picture.side as usize;
                for (at, pixel) in picture.rgba.chunks_exact(4).enumerate() {
                    let (x, y) = (column * CELL + 4 + at % side, row * CELL + 4 + at / side);
                    for (colour, value) in pixel.iter().take(3).enumerate() {
                        if let Some(under) = sheet.get_mut((y * width + x) * 3 + colour) {
                            let alpha = u32::from(pixel.get(3).copied().unwrap_or(0));
                            let mixed = (u32::from(*value) * alpha + u32::from(*under) * (255 - alpha)) / 255;
                            *under = u8::try_from(mixed).unwrap_or(255);
                        }
                    }
                }
            }
        }
        let mut out = format!("P6\n{} {}\n255\n", width * ZOOM, height * ZOOM).into_bytes();
        for y in 0..height * ZOOM {
            for x in 0..width * ZOOM {
                let from = (y / ZOOM * width + x / ZOOM) * 3;
                out.extend_from_slice(sheet.get(from..from + 3).unwrap_or(&[0; 3]));
            }
        }
        fs::write(folder.join(format!("tray-sheet-{panel}.ppm")), out)?;
    }
    Ok(())
}
