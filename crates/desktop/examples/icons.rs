//! Renders `icons/` from its SVG files: PNG in the sizes that Tauri and the icon theme want, `icon.ico`, `icon.icns`,
//! and the tray's states as they are drawn at run time.
//!
//! `cargo run -p qiyou-desktop --features draw-icons --example icons [-- FOLDER]`

use std::{
    env,
    error::Error,
    fs::{self, File},
    io::BufWriter,
    path::{Path, PathBuf},
};

use qiyou_desktop::tray::{TrayKind, drawing};
use resvg::{
    tiny_skia::{IntSize, Pixmap, Transform},
    usvg::{Options, Tree},
};

/// Up to this size the drawing with less in it is used.
const SMALL_UP_TO: u32 = 40;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from("icons"), PathBuf::from);
    let load = |name: &str| -> Result<Tree, Box<dyn Error>> {
        Ok(Tree::from_data(&fs::read(folder.join(name))?, &Options::default())?)
    };
    let (large, small) = (load("app.svg")?, load("app-small.svg")?);
    let app = |side: u32| render(if side <= SMALL_UP_TO { &small } else { &large }, side);

    for (name, side) in [
        ("32x32", 32),
        ("64x64", 64),
        ("128x128", 128),
        ("128x128@2x", 256),
        ("icon", 512),
    ] {
        app(side)?.save_png(folder.join(format!("{name}.png")))?;
    }
    write_ico(&folder.join("icon.ico"), app)?;
    write_icns(&folder.join("icon.icns"), app)?;

    let tray = folder.join("tray");
    fs::create_dir_all(&tray)?;
    let states = [
        ("connected", TrayKind::Connected),
        ("unread-3", TrayKind::Unread(3)),
        ("unread-42", TrayKind::Unread(42)),
        ("paused", TrayKind::Paused),
        ("offline", TrayKind::Offline),
        ("sign-in", TrayKind::SignIn),
    ];
    for (name, kind) in states {
        for side in [16, 22, 24, 32, 48] {
            let picture = drawing::draw(kind, side);
            let mut pixmap = Pixmap::new(side, side).ok_or("no memory")?;
            for (to, from) in pixmap.pixels_mut().iter_mut().zip(picture.rgba.chunks_exact(4)) {
                if let [r, g, b, a] = *from {
                    *to = resvg::tiny_skia::ColorU8::from_rgba(r, g, b, a).premultiply();
                }
            }
            pixmap.save_png(tray.join(format!("{name}-{side}.png")))?;
        }
    }
    Ok(())
}

fn render(tree: &Tree, side: u32) -> Result<Pixmap, Box<dyn Error>> {
    let size = IntSize::from_wh(side, side).ok_or("no size")?;
    let mut pixmap = Pixmap::new(size.width(), size.height()).ok_or("no memory")?;
    let scale = f32::from(u16::try_from(side)?) / tree.size().width();
    resvg::render(tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    Ok(pixmap)
}

/// Red, green, blue, alpha, not premultiplied.
fn straight(pixmap: &Pixmap) -> Vec<u8> {
    pixmap
        .pixels()
        .iter()
        .flat_map(|p| {
            let c = p.demultiply();
            [c.red(), c.green(), c.blue(), c.alpha()]
        })
        .collect()
}

fn write_ico(path: &Path, app: impl Fn(u32) -> Result<Pixmap, Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    let mut icon = ico::IconDir::new(ico::ResourceType::Icon);
    for side in [16, 20, 24, 32, 40, 48, 64, 256] {
        let image = ico::IconImage::from_rgba_data(side, side, straight(&app(side)?));
        icon.add_entry(ico::IconDirEntry::encode(&image)?);
    }
    Ok(icon.write(BufWriter::new(File::create(path)?))?)
}

fn write_icns(path: &Path, app: impl Fn(u32) -> Result<Pixmap, Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    let mut family = icns::IconFamily::new();
    for (side, density) in [
        (16, 1),
        (16, 2),
        (32, 1),
        (32, 2),
        (128, 1),
        (128, 2),
        (256, 1),
        (256, 2),
        (512, 1),
        (512, 2),
    ] {
        let pixels = side * density;
        let image = icns::Image::from_data(icns::PixelFormat::RGBA, pixels, pixels, straight(&app(pixels)?))?;
        let kind = icns::IconType::from_pixel_size_and_density(pixels, pixels, density).ok_or("no such icon")?;
        family.add_icon_with_type(&image, kind)?;
    }
    Ok(family.write(BufWriter::new(File::create(path)?))?)
}
