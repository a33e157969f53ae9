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
            sheet.envelope(&mut canvas, Some(PAPER), INK);
            sheet.fold(&mut canvas, INK);
        }
        TrayKind::Unread(count) => {
            sheet.envelope(&mut canvas, Some(ACCENT), ACCENT);
            sheet.number(&mut canvas, count);
        }
        TrayKind::Paused => {
            sheet.envelope(&mut canvas, None, GREY);
            sheet.pause(&mut canvas, GREY);
        }
        TrayKind::Offline => {
            sheet.envelope(&mut canvas, Some(PALE), GREY);
            sheet.fold(&mut canvas, GREY);
            sheet.bar(&mut canvas, GREY);
        }
        TrayKind::SignIn => {
            sheet.envelope(&mut canvas, Some(PAPER), INK);
            sheet.fold(&mut canvas, INK);
            sheet.dot(&mut canvas, AMBER);
        }
    }
    Picture { side, rgba: canvas.into_rgba() }
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
    top: f32,
    bottom: f32,
    apex: Point,
    /// Ends of the roof, beyond the walls as in 企.
    eaves: f32,
}

impl Sheet {
    fn new(pixels: u32) -> Self {
        // At most 64: exact in f32.
        #[expect(clippy::cast_precision_loss)]
        let side = pixels as f32;
        let unit = side / 16.0;
        let at = |v: f32| (v * unit).round();
        let stroke = (1.25 * unit).round().max(1.0);
        let rim = (0.6 * unit).max(0.8);
        let left = at(2.0);
        Self {
            side,
            stroke,
            rim,
            left,
            right: side - left,
            top: at(6.0),
            bottom: at(14.6).min(side - 1.0),
            apex: (side / 2.0, at(1.0) + stroke / 2.0),
            eaves: at(6.0) + stroke / 2.0,
        }
    }

    fn unit(&self) -> f32 {
        self.side / 16.0
    }

    /// Walls, bottom and roof; `fill` lies inside.
    fn envelope(&self, canvas: &mut Canvas, fill: Option<Colour>, ink: Colour) {
        let half = self.stroke / 2.0;
        let wall = [
            (self.left + half, self.top),
            (self.left + half, self.bottom - half),
            (self.right - half, self.bottom - half),
            (self.right - half, self.top),
        ];
        let roof = [(half + self.rim * 0.5, self.eaves), self.apex, (self.side - half - self.rim * 0.5, self.eaves)];
        canvas.line(&roof, half + self.rim, PAPER, 0.85);
        canvas.line(&wall, half + self.rim, PAPER, 0.85);
        if let Some(fill) = fill {
            let shape = [
                (self.left + half, self.eaves - half),
                self.apex,
                (self.right - half, self.eaves - half),
                (self.right - half, self.bottom - half),
                (self.left + half, self.bottom - half),
            ];
            canvas.polygon(&shape, fill, 1.0);
        }
        canvas.line(&wall, half, ink, 1.0);
        canvas.line(&roof, half, ink, 1.0);
    }

    /// The pocket's edge, below the roof.
    fn fold(&self, canvas: &mut Canvas, ink: Colour) {
        let half = self.stroke / 2.0;
        let fold = [
            (self.left + half, self.top + 1.2 * self.unit()),
            (self.side / 2.0, self.top + 4.6 * self.unit()),
            (self.right - half, self.top + 1.2 * self.unit()),
        ];
        canvas.line(&fold, half, ink, 1.0);
    }

    fn number(&self, canvas: &mut Canvas, count: u32) {
        let top = self.top - self.unit() * 0.2;
        let bottom = self.bottom - 1.0;
        digits::draw(canvas, count, (self.left + 1.0, top), (self.right - 1.0, bottom), PAPER);
    }

    fn pause(&self, canvas: &mut Canvas, ink: Colour) {
        let width = (1.9 * self.unit()).round();
        let gap = (1.6 * self.unit()).round();
        // Both bars and the gap centred on whole pixels.
        let left = ((self.side - 2.0 * width - gap) / 2.0).floor();
        let (top, bottom) = ((self.top + 1.2 * self.unit()).round(), (self.bottom - 2.4 * self.unit()).round());
        for x in [left, left + width + gap] {
            canvas.rectangle((x, top), (x + width, bottom), self.rim, PAPER, 0.85);
        }
        for x in [left, left + width + gap] {
            canvas.rectangle((x, top), (x + width, bottom), 0.0, ink, 1.0);
        }
    }

    fn bar(&self, canvas: &mut Canvas, ink: Colour) {
        let half = self.stroke / 2.0;
        let edge = 1.2 * self.unit();
        let bar = [(edge, edge), (self.side - edge, self.side - edge)];
        canvas.line(&bar, half + self.rim * 1.6, PAPER, 1.0);
        canvas.line(&bar, half, ink, 1.0);
    }

    fn dot(&self, canvas: &mut Canvas, ink: Colour) {
        let radius = 3.1 * self.unit();
        let centre = (self.side - radius - 0.4 * self.unit(), self.side - radius - 0.4 * self.unit());
        canvas.line(&[centre], radius + self.rim * 0.9, PAPER, 1.0);
        canvas.line(&[centre], radius, ink, 1.0);
    }
}
