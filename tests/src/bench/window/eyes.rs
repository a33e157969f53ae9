//! The display of a session, looked at and touched without any help of the program that is measured.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use qiyou_testkit::desktop::Session;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, ImageFormat, KEY_PRESS_EVENT, KEY_RELEASE_EVENT,
    MOTION_NOTIFY_EVENT,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use crate::house::PATIENCE;

/// Between two looks; a look at a narrow strip costs a tenth of that.
const LOOK: Duration = Duration::from_millis(2);

/// A part of the screen, in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    pub(super) x: i16,
    pub(super) y: i16,
    pub(super) width: u16,
    pub(super) height: u16,
}

/// What an area holds: four bytes a pixel.
pub(super) type Pixels = Vec<u8>;

pub(super) struct Eyes {
    display: RustConnection,
    root: u32,
}

impl Eyes {
    pub(super) fn open(session: &Session) -> Result<Self> {
        let (display, screen) = RustConnection::connect(session.display()).context("the session's display")?;
        let root = display.setup().roots.get(screen).context("no screen")?.root;
        Ok(Self { display, root })
    }

    pub(super) fn look(&self, area: Area) -> Result<Pixels> {
        let Area { x, y, width, height } = area;
        let image = self
            .display
            .get_image(ImageFormat::Z_PIXMAP, self.root, x, y, width, height, u32::MAX)?;
        Ok(image.reply()?.data)
    }

    /// Looks until the area satisfies `wanted`; how long that took since `from`.
    pub(super) async fn until(&self, area: Area, from: Instant, wanted: impl Fn(&Pixels) -> bool) -> Result<Duration> {
        loop {
            let seen = self.look(area)?;
            let at = from.elapsed();
            if wanted(&seen) {
                return Ok(at);
            }
            if at > PATIENCE {
                bail!("never seen in {area:?}");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until an area is more than one colour and has not changed for a while; what it then holds.
    pub(super) async fn rest(&self, area: Area) -> Result<Pixels> {
        let start = Instant::now();
        let (mut seen, mut since) = (self.look(area)?, Instant::now());
        while start.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let now = self.look(area)?;
            if now != seen {
                (seen, since) = (now, Instant::now());
            } else if since.elapsed() > Duration::from_millis(1500) && colours(&seen) > 1 {
                return Ok(seen);
            }
        }
        bail!("{area:?} never came to rest, or stayed empty")
    }

    pub(super) fn click(&self, x: i16, y: i16) -> Result<()> {
        self.fake(MOTION_NOTIFY_EVENT, 0, (x, y))?;
        self.fake(BUTTON_PRESS_EVENT, 1, (x, y))?;
        self.fake(BUTTON_RELEASE_EVENT, 1, (x, y))?;
        Ok(self.display.flush()?)
    }

    pub(super) fn point(&self, x: i16, y: i16) -> Result<()> {
        self.fake(MOTION_NOTIFY_EVENT, 0, (x, y))?;
        Ok(self.display.flush()?)
    }

    /// Takes the pointer off the window.
    pub(super) fn leave(&self) -> Result<()> {
        self.point(1270, 790)
    }

    pub(super) fn press(&self, letter: char) -> Result<()> {
        let code = self.code(letter)?;
        self.fake(KEY_PRESS_EVENT, code, (0, 0))?;
        self.fake(KEY_RELEASE_EVENT, code, (0, 0))?;
        Ok(self.display.flush()?)
    }

    fn fake(&self, kind: u8, detail: u8, (x, y): (i16, i16)) -> Result<()> {
        self.display
            .xtest_fake_input(kind, detail, x11rb::CURRENT_TIME, self.root, x, y, 0)?;
        Ok(())
    }

    /// The key that writes a letter; of Latin letters the symbol is the code point.
    fn code(&self, letter: char) -> Result<u8> {
        let setup = self.display.setup();
        let (first, count) = (setup.min_keycode, setup.max_keycode - setup.min_keycode + 1);
        let map = self.display.get_keyboard_mapping(first, count)?.reply()?;
        let per_key = usize::from(map.keysyms_per_keycode);
        let place = map
            .keysyms
            .chunks(per_key)
            .position(|symbols| symbols.first() == Some(&u32::from(letter)))
            .with_context(|| format!("no key writes {letter}"))?;
        Ok(first + u8::try_from(place)?)
    }
}

fn colours(pixels: &Pixels) -> usize {
    pixels.chunks(4).collect::<std::collections::BTreeSet<_>>().len()
}
