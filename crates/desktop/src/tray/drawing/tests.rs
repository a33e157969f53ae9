use super::*;

const KINDS: [TrayKind; 8] = [
    TrayKind::Connected,
    TrayKind::Unread(1),
    TrayKind::Unread(8),
    TrayKind::Unread(42),
    TrayKind::Unread(1234),
    TrayKind::Paused,
    TrayKind::Offline,
    TrayKind::SignIn,
];

/// WCAG's relative luminance.
fn luminance(rgb: [f32; 3]) -> f32 {
    let [r, g, b] = rgb.map(|v| {
        if v <= 0.04045 {
            v / 12.92
        } else {
            ((v + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(a: f32, b: f32) -> f32 {
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_state_has_a_picture_of_its_own_at_every_size() {
    for side in [16, 22, 24, 32, 48] {
        let pictures: Vec<_> = KINDS.iter().map(|kind| draw(*kind, side)).collect();
        for (i, picture) in pictures.iter().enumerate() {
            assert_eq!(picture.rgba.len(), (side * side * 4) as usize);
            for other in &pictures[i + 1..] {
                let differing = picture
                    .rgba
                    .chunks(4)
                    .zip(other.rgba.chunks(4))
                    .filter(|(a, b)| a != b)
                    .count();
                assert!(differing >= 4, "two states look alike at {side}: {differing} pixels");
            }
        }
    }
}

#[test]
fn the_shape_can_be_seen_on_light_and_dark_panels() {
    for ground in [1.0f32, 0.95, 0.9, 0.75, 0.3, 0.2, 0.13, 0.0] {
        for kind in KINDS {
            for side in [16, 22, 24, 32, 48] {
                let seen = draw(kind, side)
                    .rgba
                    .chunks(4)
                    .filter(|p| {
                        let alpha = f32::from(p[3]) / 255.0;
                        let over = |c: u8| f32::from(c) / 255.0 * alpha + ground * (1.0 - alpha);
                        contrast(luminance([over(p[0]), over(p[1]), over(p[2])]), luminance([ground; 3])) >= 3.0
                    })
                    .count();
                let of = (side * side) as usize;
                assert!(
                    seen * 100 >= of * 8,
                    "{kind:?} at {side} on {ground}: {seen} of {of} pixels stand out"
                );
            }
        }
    }
}

#[test]
fn a_strange_size_is_drawn_all_the_same() {
    assert_eq!(draw(TrayKind::Unread(u32::MAX), 0).side, 16);
    assert_eq!(draw(TrayKind::Unread(7), 9999).side, 64);
    assert_eq!(draw(TrayKind::Unread(0), 22), draw(TrayKind::Connected, 22));
    assert_eq!(draw(TrayKind::Unread(100), 22), draw(TrayKind::Unread(5000), 22));
}
