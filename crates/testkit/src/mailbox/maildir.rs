//! The tree of a Maildir++ as Dovecot keeps it: folders beside each other, levels divided by dots, names in modified
//! UTF-7, flags in the names of the files.

use std::collections::BTreeMap;
use std::fs::{self, FileTimes, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, ensure};

use crate::utf7;

pub(super) struct Tree {
    folders: BTreeMap<String, Place>,
}

struct Place {
    path: PathBuf,
    count: usize,
}

impl Tree {
    pub(super) fn create<'a>(dir: &Path, names: impl Iterator<Item = &'a str>) -> Result<Self> {
        fs::create_dir_all(dir)?;
        ensure!(fs::read_dir(dir)?.next().is_none(), "the directory is not empty");
        let mut folders = BTreeMap::new();
        for name in names {
            ensure!(
                !name.contains('.') && !name.is_empty(),
                "a folder cannot be called {name:?}"
            );
            let mut path = String::new();
            for level in name.split('/') {
                if !path.is_empty() {
                    path.push('/');
                }
                path.push_str(level);
                folders.entry(path.clone()).or_insert_with(|| Place {
                    path: directory(dir, &path),
                    count: 0,
                });
            }
        }
        for (name, place) in &folders {
            for part in ["cur", "new", "tmp"] {
                fs::create_dir_all(place.path.join(part))?;
            }
            if name != "INBOX" {
                fs::write(place.path.join("maildirfolder"), "")?;
            }
            fs::write(place.path.join("dovecot-keywords"), "0 $Forwarded\n1 $Label1\n")?;
        }
        let subscribed: String = folders
            .keys()
            .filter(|name| *name != "INBOX")
            .flat_map(|name| [on_disk(name), "\n".to_owned()])
            .collect();
        fs::write(dir.join("subscriptions"), subscribed)?;
        Ok(Self { folders })
    }

    /// Stores a mail as already seen by the server (in `cur`), received at `time`.
    pub(super) fn add(&mut self, folder: &str, time: i64, number: usize, flags: &str, mail: &[u8]) -> Result<()> {
        let place = self
            .folders
            .get_mut(folder)
            .context("a mail for a folder that was not made")?;
        // The size spares the server a look into the file.
        let name = format!(
            "{time}.M{:06}P1Q{number}.qiyou,S={}:2,{flags}",
            number % 1_000_000,
            mail.len()
        );
        let path = place.path.join("cur").join(name);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .with_context(|| format!("write {}", path.display()))?;
        file.write_all(mail)?;
        let received = SystemTime::UNIX_EPOCH + Duration::from_secs(time.unsigned_abs());
        file.set_times(FileTimes::new().set_modified(received).set_accessed(received))?;
        place.count += 1;
        Ok(())
    }

    pub(super) fn counts(&self) -> Vec<(String, usize)> {
        self.folders
            .iter()
            .map(|(name, place)| (name.clone(), place.count))
            .collect()
    }
}

fn on_disk(name: &str) -> String {
    name.split('/').map(utf7::encode).collect::<Vec<_>>().join(".")
}

fn directory(dir: &Path, name: &str) -> PathBuf {
    if name == "INBOX" {
        dir.to_owned()
    } else {
        dir.join(format!(".{}", on_disk(name)))
    }
}
