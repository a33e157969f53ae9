//! The unread number: digits from two small pixel alphabets, enlarged by whole factors, so that they stay sharp.

use super::canvas::{Canvas, Colour, Point};

/// An alphabet: 0 to 9 and `+`, rows top to bottom, the leftmost column in the highest bit of `width`.
struct Alphabet {
    width: u32,
    height: u32,
    glyphs: [&'static [u8]; 11],
}

const SMALL: Alphabet = Alphabet {
    width: 3,
    height: 5,
    glyphs: [
        &[0b111, 0b101, 0b101, 0b101, 0b111],
        &[0b010, 0b110, 0b010, 0b010, 0b111],
        &[0b111, 0b001, 0b111, 0b100, 0b111],
        &[0b111, 0b001, 0b011, 0b001, 0b111],
        &[0b101, 0b101, 0b111, 0b001, 0b001],
        &[0b111, 0b100, 0b111, 0b001, 0b111],
        &[0b111, 0b100, 0b111, 0b101, 0b111],
        &[0b111, 0b001, 0b001, 0b010, 0b010],
        &[0b111, 0b101, 0b111, 0b101, 0b111],
        &[0b111, 0b101, 0b111, 0b001, 0b111],
        &[0b000, 0b010, 0b111, 0b010, 0b000],
    ],
};

const TALL: Alphabet = Alphabet {
    width: 4,
    height: 7,
    glyphs: [
        &[0b0110, 0b1001, 0b1001, 0b1001, 0b1001, 0b1001, 0b0110],
        &[0b0010, 0b0110, 0b1010, 0b0010, 0b0010, 0b0010, 0b0111],
        &[0b0110, 0b1001, 0b0001, 0b0010, 0b0100, 0b1000, 0b1111],
        &[0b1110, 0b0001, 0b0001, 0b0110, 0b0001, 0b0001, 0b1110],
        &[0b0010, 0b0110, 0b1010, 0b1010, 0b1111, 0b0010, 0b0010],
        &[0b1111, 0b1000, 0b1110, 0b0001, 0b0001, 0b1001, 0b0110],
        &[0b0110, 0b1000, 0b1000, 0b1110, 0b1001, 0b1001, 0b0110],
        &[0b1111, 0b0001, 0b0010, 0b0010, 0b0100, 0b0100, 0b0100],
        &[0b0110, 0b1001, 0b1001, 0b0110, 0b1001, 0b1001, 0b0110],
        &[0b0110, 0b1001, 0b1001, 0b0111, 0b0001, 0b0001, 0b0110],
        &[0b0000, 0b0000, 0b0100, 0b1110, 0b0100, 0b0000, 0b0000],
    ],
};

/// Draws a number as large as it fits between two corners; above 99 it is `99+`, or `+` alone where even that is too
/// wide.
pub(super) fn draw(canvas: &mut Canvas, count: u32, from: Point, to: Point, colour: Colour) {
    let room = (to.0 - from.0, to.1 - from.1);
    let Some((alphabet, signs, scale)) = fit(count, room) else { return };
    let (width, height) = extent(alphabet, signs.len(), scale);
    let left = (from.0 + (room.0 - width) / 2.0).round();
    let top = (from.1 + (room.1 - height) / 2.0).round();
    for (place, sign) in signs.iter().enumerate() {
        let Some(glyph) = alphabet.glyphs.get(*sign) else { continue };
        let step = number(alphabet.width.saturating_add(1)) * scale;
        let at = left + number(u32::try_from(place).unwrap_or(0)) * step;
        for (row, bits) in (0u32..).zip(glyph.iter()) {
            for column in 0..alphabet.width {
                let bit = alphabet.width.saturating_sub(column).saturating_sub(1);
                if bits.checked_shr(bit).unwrap_or(0) & 1 == 1 {
                    let corner = (at + number(column) * scale, top + number(row) * scale);
                    canvas.rectangle(corner, (corner.0 + scale, corner.1 + scale), 0.0, colour, 1.0);
                }
            }
        }
    }
}

/// The largest writing that fits.
fn fit(count: u32, room: Point) -> Option<(&'static Alphabet, Vec<usize>, f32)> {
    let plus = 10;
    let digit = |v: u32| usize::try_from(v).unwrap_or(plus);
    let signs = match count {
        0..10 => vec![digit(count)],
        10..100 => vec![digit(count / 10), digit(count % 10)],
        _ => vec![9, 9, plus],
    };
    let mut best: Option<(&'static Alphabet, Vec<usize>, f32)> = None;
    for alphabet in [&SMALL, &TALL] {
        for scale in 1u8..=6 {
            let scale = f32::from(scale);
            let (width, height) = extent(alphabet, signs.len(), scale);
            let taller = best.as_ref().is_none_or(|(a, _, s)| height > number(a.height) * s);
            if width <= room.0 && height <= room.1 && taller {
                best = Some((alphabet, signs.clone(), scale));
            }
        }
    }
    best
}

fn extent(alphabet: &Alphabet, signs: usize, scale: f32) -> (f32, f32) {
    let signs = u32::try_from(signs).unwrap_or(u32::MAX);
    let columns = alphabet.width.saturating_add(1).saturating_mul(signs).saturating_sub(1);
    (number(columns) * scale, number(alphabet.height) * scale)
}

/// A small whole number, exact in f32.
#[expect(clippy::cast_precision_loss)]
fn number(v: u32) -> f32 {
    v as f32
}
