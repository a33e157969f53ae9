//! The tray icon's pictures, drawn by ourselves: five states and a number at any size from 16 to 64 pixels.
//!
//! An open envelope whose flap is the roof of 企. Panels are light or dark and do not say which, so nothing relies on
//! the ground: dark strokes carry the shape on light panels, the white paper inside and a pale rim around it on dark
//! ones. Straight edges lie on whole pixels at every size; slants and curves are smoothed by their distance.

use super::TrayKind;

mod canvas;
mod digits;
#[cfg(test)]
mod tests;

use canvas::{Canvas, Colour, Point};

/// A square picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels on a side.
    pub side: u32,
    /// Rows top to bottom, four bytes a pixel: red, green, blue, alpha, not premultiplied.
    pub rgba: Vec<u8>,
}

const INK: Colour = Colour(11, 96, 89);
const ACCENT: Colour = Colour(11, 116, 108);
const PAPER: Colour = Colour(255, 255, 255);
const GREY: Colour = Colour(62, 74, 72);
const PALE: Colour = Colour(222, 228, 226);
const AMBER: Colour = Colour(217, 125, 0);

/// Draws a state. `side` is held between 16 and 64.
pub fn draw(kind: TrayKind, side: u32) -> Picture {
    let side = side.clamp(16, 64);
    let mut canvas = Canvas::new(side);
    let sheet = Sheet::new(side);
    match kind {
        TrayKind::Connected | TrayKind::Unread(0) => {
            sheet.envelope(&mut canvas, PAPER, INK);
            sheet.fold(&mut canvas, INK);
        }
        TrayKind::Unread(count) => {
            sheet.envelope(&mut canvas, ACCENT, ACCENT);
            sheet.number(&mut canvas, count);
        }
        TrayKind::Paused => {
            sheet.envelope(&mut canvas, PAPER, GREY);
            sheet.pause(&mut canvas, GREY);
        }
        TrayKind::Offline => {
            sheet.envelope(&mut canvas, PALE, GREY);
            sheet.fold(&mut canvas, GREY);
            sheet.bar(&mut canvas, GREY);
        }
        TrayKind::SignIn => {
            sheet.envelope(&mut canvas, PAPER, INK);
            sheet.fold(&mut canvas, INK);
            sheet.dot(&mut canvas, AMBER);
        }
    }
    Picture {
        side,
        rgba: canvas.into_rgba(),
    }
}

/// Where things lie at one size, in pixels.
struct Sheet {
    side: f32,
    /// Width of strokes: whole pixels, so that straight ones are sharp.
    stroke: f32,
    /// The rim that parts the shape from a panel of its own colour.
    rim: f32,
    left: f32,
    right: f32,
    /// Where flap and body meet.
    eaves: f32,
    bottom: f32,
    apex: f32,
}

impl Sheet {
    fn new(pixels: u32) -> Self {
        // At most 64: exact in f32.
        #[expect(clippy::cast_precision_loss)]
        let side = pixels as f32;
        let unit = side / 16.0;
        let at = |v: f32| (v * unit).round();
        let stroke = at(1.2).max(1.0);
        let rim = (0.6 * unit).clamp(0.8, 2.0);
        let left = at(0.9).max(1.0);
        let bottom = side - at(1.2).max(1.0);
        Self {
            side,
            stroke,
            rim,
            left,
            right: side - left,
            eaves: at(5.6),
            bottom,
            apex: at(1.1).max(1.0),
        }
    }

    fn unit(&self) -> f32 {
        self.side / 16.0
    }

    /// Middle line of the outer strokes, from the left eave over the roof and round the body.
    fn outline(&self) -> [Point; 10] {
        let half = self.stroke / 2.0;
        let (left, right, bottom) = (self.left + half, self.right - half, self.bottom - half);
        // Cut corners, smoothed by the strokes' round joints.
        let cut = 0.9 * self.unit();
        let middle = self.side / 2.0;
        [
            (left, self.eaves + cut * 0.6),
            (left + cut * 0.5, self.eaves - cut * 0.2),
            (middle, self.apex + half),
            (right - cut * 0.5, self.eaves - cut * 0.2),
            (right, self.eaves + cut * 0.6),
            (right, bottom - cut),
            (right - cut, bottom),
            (left + cut, bottom),
            (left, bottom - cut),
            (left, self.eaves + cut * 0.6),
        ]
    }

    fn envelope(&self, canvas: &mut Canvas, fill: Colour, ink: Colour) {
        let outline = self.outline();
        let half = self.stroke / 2.0;
        canvas.line(&outline, half + self.rim, PAPER, 0.85);
        canvas.polygon(&outline, fill);
        canvas.line(&outline, half, ink, 1.0);
    }

    /// The pocket's edge: with it the shape is an open envelope and no house.
    fn fold(&self, canvas: &mut Canvas, ink: Colour) {
        let half = self.stroke / 2.0;
        let fold = [
            (self.left + half, self.eaves + 0.9 * self.unit()),
            (self.side / 2.0, self.eaves + 4.9 * self.unit()),
            (self.right - half, self.eaves + 0.9 * self.unit()),
        ];
        canvas.line(&fold, half, ink, 1.0);
    }

    /// The number on the body, and the line where the flap is turned up.
    fn number(&self, canvas: &mut Canvas, count: u32) {
        let thick = (0.55 * self.unit()).round().max(1.0);
        let seam = self.eaves - thick;
        canvas.rectangle(
            (self.left + self.stroke, seam),
            (self.right - self.stroke, self.eaves),
            0.0,
            PAPER,
            1.0,
        );
        let inset = (0.7 * self.unit()).round().max(1.0);
        let (from, to) = (
            (self.left + inset, self.eaves + inset),
            (self.right - inset, self.bottom - inset),
        );
        digits::draw(canvas, count, from, to, PAPER);
    }

    fn pause(&self, canvas: &mut Canvas, ink: Colour) {
        let width = (1.7 * self.unit()).round();
        let gap = (1.9 * self.unit()).round();
        let gap = if (self.side - gap).rem_euclid(2.0) == 0.0 {
            gap
        } else {
            gap + 1.0
        };
        let left = (self.side - 2.0 * width - gap) / 2.0;
        let (top, bottom) = (
            (self.eaves + 0.6 * self.unit()).round(),
            (self.bottom - 2.8 * self.unit()).round(),
        );
        for x in [left, left + width + gap] {
            canvas.rectangle((x, top), (x + width, bottom), 0.0, ink, 1.0);
        }
    }

    fn bar(&self, canvas: &mut Canvas, ink: Colour) {
        let half = self.stroke / 2.0;
        let edge = 1.0 * self.unit();
        let bar = [(edge, edge), (self.side - edge, self.side - edge)];
        canvas.line(&bar, half + self.rim * 1.4, PAPER, 1.0);
        canvas.line(&bar, half, ink, 1.0);
    }

    fn dot(&self, canvas: &mut Canvas, ink: Colour) {
        let radius = 3.2 * self.unit();
        let centre = (
            self.side - radius - 0.2 * self.unit(),
            self.side - radius - 0.2 * self.unit(),
        );
        canvas.line(&[centre], radius + self.rim, PAPER, 1.0);
        canvas.line(&[centre], radius, ink, 1.0);
    }
}
