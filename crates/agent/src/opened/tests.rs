use super::*;

fn put(folder: &Path, name: &str, age: Duration) -> PathBuf {
    let own = folder.join(name);
    std::fs::create_dir_all(&own).unwrap();
    let file = own.join("合同.pdf");
    std::fs::write(&file, "x").unwrap();
    set_read_only(&file, true);
    let made = SystemTime::now().checked_sub(age).unwrap();
    std::fs::File::open(&own).unwrap().set_modified(made).unwrap();
    own
}

#[cfg(unix)]
#[test]
fn what_is_older_than_a_day_goes_and_the_rest_at_the_end() {
    let home = tempfile::tempdir().unwrap();
    let opened = Opened::of_home(home.path());
    let old = put(&opened.folder, "old", LIFE + Duration::from_mins(1));
    let fresh = put(&opened.folder, "fresh", Duration::from_mins(1));
    assert!(
        std::fs::metadata(fresh.join("合同.pdf"))
            .unwrap()
            .permissions()
            .readonly()
    );
    assert_eq!(clear(&opened.folder, LIFE), 1);
    assert!(!old.exists() && fresh.exists());
    opened.clear();
    assert!(!opened.folder.exists());
}
