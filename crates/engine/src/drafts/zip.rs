//! A folder as one file.

use std::io::{self, PipeReader, Write};
use std::path::{Path, PathBuf};

use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// Files and folders within one.
const MOST: usize = 20_000;

type Stream = ZipWriter<StreamWriter<io::BufWriter<io::PipeWriter>>>;

/// A folder's zip, to be read while it is made. What cannot be read in it ends the reading with an error.
pub(super) fn zipped(folder: PathBuf) -> io::Result<Zipped> {
    let (reader, writer) = io::pipe()?;
    let thread = std::thread::Builder::new().name("zip".into()).spawn(move || {
        let mut zip = ZipWriter::new_stream(io::BufWriter::with_capacity(64 << 10, writer));
        let mut count = 0;
        add(&mut zip, &folder, "", &mut count)?;
        zip.finish().map_err(io::Error::other)?.into_inner().flush()
    })?;
    Ok(Zipped {
        reader,
        thread: Some(thread),
    })
}

pub(super) struct Zipped {
    reader: PipeReader,
    thread: Option<std::thread::JoinHandle<io::Result<()>>>,
}

impl io::Read for Zipped {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        if read == 0
            && !buffer.is_empty()
            && let Some(thread) = self.thread.take()
        {
            thread.join().map_err(|_| io::Error::other("zip"))??;
        }
        Ok(read)
    }
}

fn add(zip: &mut Stream, folder: &Path, prefix: &str, count: &mut usize) -> io::Result<()> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .large_file(false);
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        *count = count.saturating_add(1);
        if *count > MOST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        // A link may lead out of the folder, or round in it.
        let kind = entry.file_type()?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if kind.is_dir() {
            zip.add_directory(format!("{name}/"), options)
                .map_err(io::Error::other)?;
            add(zip, &entry.path(), &format!("{name}/"), count)?;
        } else if kind.is_file() {
            zip.start_file(name, options).map_err(io::Error::other)?;
            io::copy(&mut std::fs::File::open(entry.path())?, zip)?;
        }
    }
    Ok(())
}
