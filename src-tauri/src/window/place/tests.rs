use super::*;

const LAPTOP: Screen = Screen {
    x: 0,
    y: 0,
    width: 1920,
    height: 1080,
    scale: 150,
};
const DESK: Screen = Screen {
    x: 1920,
    y: 0,
    width: 2560,
    height: 1440,
    scale: 100,
};

fn place(x: i32, y: i32) -> Place {
    Place {
        x,
        y,
        width: 1180.0,
        height: 720.0,
        maximised: false,
    }
}

#[test]
fn each_arrangement_of_screens_has_a_place_of_its_own_that_outlives_the_program() {
    let home = tempfile::tempdir().unwrap();
    let places = Places::of_home(home.path());
    places.keep(&[LAPTOP, DESK], place(2000, 100));
    places.keep(&[LAPTOP], place(40, 30));
    let places = Places::of_home(home.path());
    assert_eq!(places.of(&[DESK, LAPTOP]), Some(place(2000, 100)), "in whatever order");
    assert_eq!(places.of(&[LAPTOP]), Some(place(40, 30)));
    assert_eq!(places.of(&[DESK]), None);
    let other_scale = Screen { scale: 100, ..LAPTOP };
    assert_eq!(places.of(&[other_scale]), None, "another scale is another arrangement");
}

#[test]
fn a_window_never_comes_up_where_it_cannot_be_got_hold_of() {
    let home = tempfile::tempdir().unwrap();
    let places = Places::of_home(home.path());
    for (x, y, seen) in [
        (0, 0, true),
        (1800, 50, true),
        (1900, 50, false),
        (-1700, 50, false),
        (-1600, 50, true),
        (100, 1070, false),
        (100, -50, false),
        (100, -8, true),
    ] {
        places.keep(&[LAPTOP], place(x, y));
        assert_eq!(places.of(&[LAPTOP]).is_some(), seen, "{x} {y}");
    }
    let tiny = Place {
        width: 3.0,
        ..place(10, 10)
    };
    places.keep(&[LAPTOP], tiny);
    assert_eq!(places.of(&[LAPTOP]), None);
}

#[test]
fn a_file_of_nonsense_is_as_none() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("window.json"), "{\"a\":").unwrap();
    let places = Places::of_home(home.path());
    assert_eq!(places.of(&[LAPTOP]), None);
    places.keep(&[LAPTOP], place(5, 5));
    assert_eq!(Places::of_home(home.path()).of(&[LAPTOP]), Some(place(5, 5)));
}
