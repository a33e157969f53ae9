//! The unread number. Where there is little room (16 pixels) digits are whole pixels of a 3 × 5 alphabet; else they are
//! lines, drawn as large as they fit.

use super::canvas::{Canvas, Colour, Point};

/// A sign of the small alphabet: five rows of three pixels, top to bottom, the leftmost in the highest bit.
const SMALL: [[u8; 5]; 11] = [
    [0b111, 0b101, 0b101, 0b101, 0b111],
    [0b010, 0b110, 0b010, 0b010, 0b111],
    [0b111, 0b001, 0b111, 0b100, 0b111],
    [0b111, 0b001, 0b011, 0b001, 0b111],
    [0b101, 0b101, 0b111, 0b001, 0b001],
    [0b111, 0b100, 0b111, 0b001, 0b111],
    [0b111, 0b100, 0b111, 0b101, 0b111],
    [0b111, 0b001, 0b001, 0b010, 0b010],
    [0b111, 0b101, 0b111, 0b101, 0b111],
    [0b111, 0b101, 0b111, 0b001, 0b111],
    [0b000, 0b010, 0b111, 0b010, 0b000],
];

/// A sign as lines through points in a box of 6 × 10.
const LINES: [&[&[Point]]; 11] = [
    &[&[
        (3.0, 0.0),
        (4.9, 0.7),
        (5.8, 2.8),
        (6.0, 5.0),
        (5.8, 7.2),
        (4.9, 9.3),
        (3.0, 10.0),
        (1.1, 9.3),
        (0.2, 7.2),
        (0.0, 5.0),
        (0.2, 2.8),
        (1.1, 0.7),
        (3.0, 0.0),
    ]],
    &[&[(0.9, 1.9), (3.4, 0.0), (3.4, 10.0)]],
    &[&[
        (0.2, 2.5),
        (0.9, 0.8),
        (3.0, 0.0),
        (5.0, 0.7),
        (5.8, 2.6),
        (5.2, 4.5),
        (3.4, 6.4),
        (0.0, 10.0),
        (6.0, 10.0),
    ]],
    &[&[
        (0.3, 1.7),
        (1.4, 0.4),
        (3.0, 0.0),
        (4.9, 0.7),
        (5.6, 2.4),
        (4.9, 4.1),
        (2.8, 4.8),
        (5.0, 5.5),
        (6.0, 7.4),
        (5.1, 9.3),
        (3.0, 10.0),
        (1.2, 9.6),
        (0.0, 8.2),
    ]],
    &[&[(4.4, 10.0), (4.4, 0.0), (0.0, 7.0), (6.2, 7.0)]],
    &[&[
        (5.5, 0.0),
        (0.9, 0.0),
        (0.5, 4.7),
        (3.0, 3.8),
        (5.1, 4.6),
        (6.0, 6.8),
        (5.1, 9.2),
        (3.0, 10.0),
        (1.0, 9.5),
        (0.0, 8.3),
    ]],
    &[&[
        (5.2, 1.0),
        (3.6, 0.0),
        (1.6, 0.8),
        (0.4, 3.2),
        (0.0, 6.6),
        (0.9, 9.2),
        (3.0, 10.0),
        (5.1, 9.2),
        (6.0, 7.0),
        (5.1, 4.8),
        (3.0, 4.0),
        (1.0, 4.9),
        (0.0, 6.6),
    ]],
    &[&[(0.0, 0.0), (6.0, 0.0), (2.2, 10.0)]],
    &[&[
        (3.0, 4.7),
        (1.1, 4.0),
        (0.5, 2.4),
        (1.2, 0.7),
        (3.0, 0.0),
        (4.8, 0.7),
        (5.5, 2.4),
        (4.9, 4.0),
        (3.0, 4.7),
        (5.2, 5.6),
        (6.0, 7.4),
        (5.2, 9.3),
        (3.0, 10.0),
        (0.8, 9.3),
        (0.0, 7.4),
        (0.8, 5.6),
        (3.0, 4.7),
    ]],
    &[&[
        (0.8, 9.0),
        (2.4, 10.0),
        (4.4, 9.2),
        (5.6, 6.8),
        (6.0, 3.4),
        (5.1, 0.8),
        (3.0, 0.0),
        (0.9, 0.8),
        (0.0, 3.0),
        (0.9, 5.2),
        (3.0, 6.0),
        (5.0, 5.1),
        (6.0, 3.4),
    ]],
    &[&[(3.0, 2.6), (3.0, 8.6)], &[(0.0, 5.6), (6.0, 5.6)]],
];

/// Room below this, in pixels, is for the small alphabet.
const LINES_FROM: f32 = 9.0;

/// Draws a number between two corners; above 99 it is `99+`.
pub(super) fn draw(canvas: &mut Canvas, count: u32, from: Point, to: Point, colour: Colour) {
    let plus = 10;
    let digit = |v: u32| usize::try_from(v).unwrap_or(plus);
    let signs = match count {
        0..10 => vec![digit(count)],
        10..100 => vec![digit(count / 10), digit(count % 10)],
        _ => vec![9, 9, plus],
    };
    let middle = (f32::midpoint(from.0, to.0), f32::midpoint(from.1, to.1));
    let room = (to.0 - from.0, to.1 - from.1);
    if room.1 < LINES_FROM {
        pixels(canvas, &signs, middle, colour);
    } else {
        lines(canvas, &signs, middle, room, colour);
    }
}

fn pixels(canvas: &mut Canvas, signs: &[usize], middle: Point, colour: Colour) {
    let width = small(signs.len()) * 4.0 - 1.0;
    let (left, top) = ((middle.0 - width / 2.0).round(), (middle.1 - 2.5).round());
    for (place, sign) in signs.iter().enumerate() {
        for (row, bits) in SMALL.get(*sign).into_iter().flatten().enumerate() {
            for column in 0..3u8 {
                if bits >> (2u8.saturating_sub(column)) & 1 == 1 {
                    let corner = (left + small(place) * 4.0 + f32::from(column), top + small(row));
                    canvas.rectangle(corner, (corner.0 + 1.0, corner.1 + 1.0), 0.0, colour, 1.0);
                }
            }
        }
    }
}

fn lines(canvas: &mut Canvas, signs: &[usize], middle: Point, room: Point, colour: Colour) {
    // In units of the box: strokes of 1.9, and 1.3 between signs.
    let (stroke, gap) = (1.9, 1.3);
    let step = 6.0 + stroke + gap;
    let wide = small(signs.len()) * step - gap;
    let scale = (room.0 / wide).min(room.1 / (10.0 + stroke)).min(room.1 * 0.092);
    let (left, top) = (middle.0 - (wide - stroke) * scale / 2.0, middle.1 - 5.0 * scale);
    for (place, sign) in signs.iter().enumerate() {
        for line in LINES.get(*sign).copied().unwrap_or_default() {
            let points: Vec<Point> = line
                .iter()
                .map(|(x, y)| (left + (small(place) * step + x) * scale, top + y * scale))
                .collect();
            canvas.line(&points, (stroke * scale / 2.0).max(0.6), colour, 1.0);
        }
    }
}

/// A small whole number, exact in f32.
fn small(v: usize) -> f32 {
    f32::from(u16::try_from(v).unwrap_or(0))
}
