//! The handle: one writer thread, a few reader threads, calls from async code.

use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use rusqlite::{Connection, Transaction};
use tokio::sync::oneshot;

use crate::error::{Error, Result};
use crate::open::{Key, Purpose, StoreFiles, connect, refuse_foreign};
use crate::schema;

/// What a commit waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The next checkpoint; lost by a power cut are rows that the server still has.
    Normal,
    /// The disk. For what cannot be fetched again: operations, later drafts and sends.
    Full,
}

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The open store. Cheap to clone; the last clone closes it, and returns when both files are closed.
#[derive(Clone, Debug)]
pub struct Store {
    files: Arc<StoreFiles>,
    queues: Arc<Queues>,
}

/// Where work is handed to the threads.
#[derive(Debug)]
struct Queues {
    writer: Option<mpsc::Sender<Job>>,
    reader: Option<mpsc::Sender<Job>>,
    bodies: Option<mpsc::Sender<Job>>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Drop for Queues {
    /// Waits for the threads: a program that ends while SQLCipher still closes a file takes the ground from under it.
    fn drop(&mut self) {
        (self.writer, self.reader, self.bodies) = (None, None, None);
        let own = std::thread::current().id();
        for thread in self.threads.drain(..) {
            // The last clone may have been held by a job.
            if thread.thread().id() != own {
                let _ = thread.join();
            }
        }
    }
}

const READERS: usize = 2;

/// A thread that owns one connection and does one job after the other. After 30 s without work it gives the
/// connection's memory back.
fn serve(
    name: &str,
    mut conn: Connection,
    jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
) -> Result<std::thread::JoinHandle<()>> {
    let run = move || {
        let mut rested = true;
        loop {
            let next = {
                let Ok(jobs) = jobs.lock() else { return };
                if rested {
                    jobs.recv().map_err(|_| mpsc::RecvTimeoutError::Disconnected)
                } else {
                    jobs.recv_timeout(Duration::from_secs(30))
                }
            };
            match next {
                Ok(job) => {
                    job(&mut conn);
                    rested = false;
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    conn.flush_prepared_statement_cache();
                    let _ = conn.execute_batch("PRAGMA shrink_memory;");
                    rested = true;
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
            }
        }
    };
    Ok(std::thread::Builder::new()
        .name(format!("store-{name}"))
        .stack_size(512 * 1024)
        .spawn(run)?)
}

impl Store {
    /// Opens the store below `home`, making it when there is none.
    pub fn open(home: &Path, key: &Key) -> Result<Self> {
        let files = StoreFiles::of_home(home);
        let near = !files.on_network();
        Self::open_files(files, key, near)
    }

    /// The same; `wal` says whether the disk can bear shared memory.
    pub(crate) fn open_files(files: StoreFiles, key: &Key, wal: bool) -> Result<Self> {
        refuse_foreign(&files.main)?;
        let main = connect(&files.main, key, Purpose::Write, schema::File::Main, wal)?;
        let bodies = match connect(&files.bodies, key, Purpose::Write, schema::File::Bodies, wal) {
            // Bodies can be fetched again: a damaged second file is set aside, never a reason not to start.
            Err(Error::Foreign | Error::Damaged(_)) => {
                tracing::warn!("the file of bodies is damaged and is made anew");
                let aside = files.bodies.with_extension("damaged");
                std::fs::rename(&files.bodies, aside)?;
                connect(&files.bodies, key, Purpose::Write, schema::File::Bodies, wal)?
            }
            other => other?,
        };
        let mut threads = Vec::new();
        let mut start = |name: &str, conns: Vec<Connection>| -> Result<Option<mpsc::Sender<Job>>> {
            let (sender, receiver) = mpsc::channel();
            let receiver = Arc::new(Mutex::new(receiver));
            for conn in conns {
                threads.push(serve(name, conn, Arc::clone(&receiver))?);
            }
            Ok(Some(sender))
        };
        let readers = (0..READERS)
            .map(|_| connect(&files.main, key, Purpose::Read, schema::File::Main, wal))
            .collect::<Result<Vec<_>>>()?;
        let (writer, reader) = (start("write", vec![main])?, start("read", readers)?);
        let bodies = start("bodies", vec![bodies])?;
        let queues = Queues {
            writer,
            reader,
            bodies,
            threads,
        };
        Ok(Self {
            files: Arc::new(files),
            queues: Arc::new(queues),
        })
    }

    /// Where the files lie.
    pub fn files(&self) -> &StoreFiles {
        &self.files
    }

    /// Reads; never waits for a writer.
    pub async fn read<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        submit(self.queues.reader.as_ref(), move |conn| job(conn)).await
    }

    /// Writes in one transaction, rolled back on an error.
    pub async fn write<T, F>(&self, durability: Durability, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    {
        submit(self.queues.writer.as_ref(), move |conn| {
            if durability == Durability::Full {
                conn.execute_batch("PRAGMA synchronous = FULL;")?;
            }
            let done = (|| {
                let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
                let value = job(&tx)?;
                tx.commit()?;
                Ok(value)
            })();
            if durability == Durability::Full {
                conn.execute_batch("PRAGMA synchronous = NORMAL;")?;
            }
            done
        })
        .await
    }

    /// Reads or writes the second file, in one transaction.
    pub async fn bodies<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    {
        submit(self.queues.bodies.as_ref(), move |conn| {
            let tx = conn.transaction()?;
            let value = job(&tx)?;
            tx.commit()?;
            Ok(value)
        })
        .await
    }

    /// Whether both files are whole (`SQLite`'s quick check and SQLCipher's page authentication).
    pub async fn check(&self) -> Result<()> {
        let verdict = |conn: &Connection| -> Result<()> {
            let said: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            if said == "ok" {
                Ok(())
            } else {
                Err(Error::Damaged(said))
            }
        };
        self.read(verdict).await?;
        self.bodies(move |tx| verdict(tx)).await
    }
}

async fn submit<T, F>(queue: Option<&mpsc::Sender<Job>>, job: F) -> Result<T>
where
    T: Send + 'static,
    F: FnOnce(&mut Connection) -> Result<T> + Send + 'static,
{
    let (sender, answer) = oneshot::channel();
    let run: Job = Box::new(move |conn| {
        let _ = sender.send(job(conn));
    });
    queue.and_then(|queue| queue.send(run).ok()).ok_or(Error::Closed)?;
    answer.await.map_err(|_| Error::Closed)?
}
