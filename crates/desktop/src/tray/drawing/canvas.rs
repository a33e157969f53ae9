//! A small canvas: lines with round ends, polygons and rectangles, smoothed by distance, laid over one another.

/// Red, green, blue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Colour(pub(super) u8, pub(super) u8, pub(super) u8);

/// Right and down from the top left corner, in pixels.
pub(super) type Point = (f32, f32);

pub(super) struct Canvas {
    side: u32,
    /// Premultiplied red, green, blue, alpha from 0 to 1.
    pixels: Vec<[f32; 4]>,
}

impl Canvas {
    pub(super) fn new(side: u32) -> Self {
        let count = usize::try_from(side.saturating_mul(side)).unwrap_or(0);
        Self {
            side,
            pixels: vec![[0.0; 4]; count],
        }
    }

    /// Lays a colour over every pixel, as much of it as `inside` (signed distance to the edge, negative within) says.
    fn lay(&mut self, colour: Colour, alpha: f32, distance: impl Fn(Point) -> f32) {
        let rgb = [
            f32::from(colour.0) / 255.0,
            f32::from(colour.1) / 255.0,
            f32::from(colour.2) / 255.0,
        ];
        let (mut x, mut y) = (0u32, 0u32);
        for pixel in &mut self.pixels {
            // At most 64: exact in f32.
            #[expect(clippy::cast_precision_loss)]
            let centre = (x as f32 + 0.5, y as f32 + 0.5);
            let cover = (0.5 - distance(centre)).clamp(0.0, 1.0) * alpha;
            if cover > 0.0 {
                let [red, green, blue] = rgb;
                for (under, over) in pixel.iter_mut().zip([red, green, blue, 1.0]) {
                    *under = over * cover + *under * (1.0 - cover);
                }
            }
            x = x.saturating_add(1);
            if x >= self.side {
                (x, y) = (0, y.saturating_add(1));
            }
        }
    }

    /// A line through points, with round joints and ends; one point is a disc.
    pub(super) fn line(&mut self, points: &[Point], half_width: f32, colour: Colour, alpha: f32) {
        self.lay(colour, alpha, |p| {
            let first = points.first().map_or(f32::MAX, |only| segment(p, *only, *only));
            points.windows(2).fold(first, |near, pair| match pair {
                [a, b] => near.min(segment(p, *a, *b)),
                _ => near,
            }) - half_width
        });
    }

    /// A filled polygon.
    pub(super) fn polygon(&mut self, points: &[Point], colour: Colour) {
        self.lay(colour, 1.0, |p| polygon(p, points));
    }

    /// A filled rectangle, grown by `grow` on all sides.
    pub(super) fn rectangle(&mut self, from: Point, to: Point, grow: f32, colour: Colour, alpha: f32) {
        self.lay(colour, alpha, |(x, y)| {
            let dx = (from.0 - grow - x).max(x - to.0 - grow);
            let dy = (from.1 - grow - y).max(y - to.1 - grow);
            dx.max(dy)
        });
    }

    /// Four bytes a pixel: red, green, blue, alpha, not premultiplied.
    pub(super) fn into_rgba(self) -> Vec<u8> {
        // Held between 0 and 255 before.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let byte = |v: f32| (v * 255.0).round().clamp(0.0, 255.0) as u8;
        let mut out = Vec::with_capacity(self.pixels.len().saturating_mul(4));
        for [r, g, b, a] in self.pixels {
            let whole = if a > 0.0 { a } else { 1.0 };
            out.extend([byte(r / whole), byte(g / whole), byte(b / whole), byte(a)]);
        }
        out
    }
}

fn segment(p: Point, a: Point, b: Point) -> f32 {
    let (px, py) = (p.0 - a.0, p.1 - a.1);
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 {
        ((px * dx + py * dy) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (px - dx * along).hypot(py - dy * along)
}

fn polygon(p: Point, points: &[Point]) -> f32 {
    let mut near = f32::MAX;
    let mut inside = false;
    let mut before = points.last().copied().unwrap_or_default();
    for &point in points {
        near = near.min(segment(p, before, point));
        let crosses = (point.1 > p.1) != (before.1 > p.1);
        if crosses && p.0 < (before.0 - point.0) * (p.1 - point.1) / (before.1 - point.1) + point.0 {
            inside = !inside;
        }
        before = point;
    }
    if inside { -near } else { near }
}
