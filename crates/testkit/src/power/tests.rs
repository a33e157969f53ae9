use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rusqlite::Connection;

use super::{Disk, Left};

fn write(conn: &Connection, synchronous: &str, word: &str) {
    conn.execute_batch(&format!(
        "PRAGMA synchronous = {synchronous}; INSERT INTO word VALUES ('{word}');"
    ))
    .unwrap();
}

/// One process has one disk: all is told in one test.
#[test]
fn what_was_synced_is_kept_and_what_was_not_is_forgotten() {
    let disk = Disk::install().unwrap();
    for left in [Left::Nothing, Left::Prefix, Left::Sectors] {
        for seed in 0..20 {
            let mut dice = StdRng::seed_from_u64(seed);
            let (home, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            disk.go_dark_after(u64::MAX);
            let conn = Connection::open(home.path().join("words.db")).unwrap();
            conn.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).unwrap();
            conn.execute_batch("PRAGMA synchronous = FULL; CREATE TABLE word (text TEXT);")
                .unwrap();
            write(&conn, "FULL", "kept");
            write(&conn, "NORMAL", "not waited for");
            disk.go_dark();
            write(&conn, "FULL", "in the dark");
            disk.survivors(home.path(), after.path(), left, &mut dice).unwrap();
            drop(conn);

            disk.go_dark_after(u64::MAX);
            let conn = Connection::open(after.path().join("words.db")).unwrap();
            let words: Vec<String> = conn
                .prepare("SELECT text FROM word")
                .unwrap()
                .query_map([], |row| row.get(0))
                .unwrap()
                .map(Result::unwrap)
                .collect();
            assert_eq!(words.first().map(String::as_str), Some("kept"), "{left:?} {seed}");
            assert!(!words.contains(&"in the dark".to_owned()));
            if left == Left::Nothing {
                assert_eq!(words, ["kept"]);
            }
        }
    }
}
