//! The ledger: one append-only JSONL file per run of `restore`, flushed to the disk before and after each mutating call.
//!
//! Whatever happens to the process, the file says what was asked of AWS and what came of it. A last line that was cut
//! off is no damage: it is what a killed process leaves.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Store;
use crate::model::{ActionId, ResourceRef, Step};

/// Version of the ledger's form.
pub const LEDGER_SCHEMA: u32 = 1;

const FOLDER: &str = "ledger";

/// One line of a ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was written, UTC.
    pub at: DateTime<Utc>,
    /// What happened.
    #[serde(flatten)]
    pub what: Event,
}

/// What a ledger tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A run begins. The first line.
    Run {
        /// [`LEDGER_SCHEMA`].
        schema: u32,
        /// Hash of the plan, `b3p1:…`.
        plan: String,
        /// Name of the baseline.
        baseline: String,
        /// Twelve digits.
        account: String,
        /// ARN of the caller.
        caller: String,
        /// Number of actions in the plan.
        actions: usize,
    },
    /// An action begins: its resource was read again and is what the plan says.
    Begin {
        /// Which action of the plan.
        action: ActionId,
        /// On what.
        resource: ResourceRef,
    },
    /// A mutating call is about to be made.
    Call {
        /// Which action of the plan.
        action: ActionId,
        /// The call.
        step: Step,
    },
    /// A mutating call was answered.
    Answer {
        /// Which action of the plan.
        action: ActionId,
        /// The call.
        step: Step,
        /// AWS's error code; absent when AWS took the call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        /// What AWS said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// An action ended.
    End {
        /// Which action of the plan.
        action: ActionId,
        /// On what.
        resource: ResourceRef,
        /// `deleted`, `changed`, `already-gone`, `skipped`, `blocked`, `failed`, `not-started`.
        outcome: String,
        /// Why, where it is not done.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        why: String,
    },
    /// The run ended. The last line of a run that was not killed.
    Done {
        /// Whether every action was done.
        complete: bool,
    },
}

/// A ledger that is being written.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    file: Mutex<File>,
    /// Held until the run ends: two runs at a time would delete behind each other's back.
    _lock: File,
}

/// Why there is no ledger, or none that can be read.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The operating system refused.
    #[error("cannot write or read the ledger {path}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Another run is under way in this store.
    #[error("another restore is running on this store")]
    Busy,
    /// A line is no entry of a ledger.
    #[error("{path}, line {line}: not a ledger entry", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// There is no such file.
    #[error("there is no ledger '{path}'", path = path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// There is none.
    #[error("there is no ledger in {path}", path = path.display())]
    None {
        /// The folder.
        path: PathBuf,
    },
}

impl Ledger {
    /// Begins a ledger for a run.
    pub fn begin(store: &Store, first: Event, now: DateTime<Utc>) -> Result<Self, LedgerError> {
        let folder = store.dir().join(FOLDER);
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| LedgerError::Io { path, source }
        };
        make_folder(&folder).map_err(io(&folder))?;
        let lock_path = folder.join(".lock");
        let lock = private().write(true).create(true).truncate(false).open(&lock_path).map_err(io(&lock_path))?;
        hold(&lock).map_err(|error| match error {
            fs::TryLockError::WouldBlock => LedgerError::Busy,
            fs::TryLockError::Error(source) => LedgerError::Io { path: lock_path, source },
        })?;
        let stem = now.format("restore-%Y%m%dT%H%M%S%3fZ").to_string();
        let path = folder.join(format!("{stem}.jsonl"));
        let file = private().append(true).create_new(true).open(&path).map_err(io(&path))?;
        let ledger = Ledger { path: path.clone(), file: Mutex::new(file), _lock: lock };
        ledger.write(first).map_err(io(&path))?;
        Ok(ledger)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends an entry. When this returns, it is on the disk.
    pub fn write(&self, what: Event) -> io::Result<()> {
        let mut line = serde_json::to_vec(&Entry { at: Utc::now(), what })?;
        line.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&line)?;
        file.sync_data()
    }
}

/// Takes the lock, unless a run has it. Somebody who only asks whether one has it holds it for a moment.
fn hold(lock: &File) -> Result<(), fs::TryLockError> {
    for _ in 0..10 {
        match lock.try_lock() {
            Err(fs::TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(10)),
            other => return other,
        }
    }
    Err(fs::TryLockError::WouldBlock)
}

/// Whether a run is under way in this store: then the newest ledger is its.
pub fn is_running(store: &Store) -> Result<bool, LedgerError> {
    let path = store.dir().join(FOLDER).join(".lock");
    let lock = match File::open(&path) {
        Ok(lock) => lock,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(source) => return Err(LedgerError::Io { path, source }),
    };
    match lock.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(fs::TryLockError::WouldBlock) => Ok(true),
        Err(fs::TryLockError::Error(source)) => Err(LedgerError::Io { path, source }),
    }
}

/// Every ledger of a store, oldest first.
pub fn ledgers(store: &Store) -> Result<Vec<PathBuf>, LedgerError> {
    let folder = store.dir().join(FOLDER);
    let failed = |source| LedgerError::Io { path: folder.clone(), source };
    let files = match fs::read_dir(&folder) {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut paths = Vec::new();
    for file in files {
        let path = file.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Reads a ledger. A last line without an end was cut off by a crash and is left out.
pub fn read_ledger(path: &Path) -> Result<Vec<Entry>, LedgerError> {
    let text = fs::read_to_string(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => LedgerError::Missing { path: path.to_owned() },
        _ => LedgerError::Io { path: path.to_owned(), source },
    })?;
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let entry = |(at, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|source| LedgerError::Damaged {
            path: path.to_owned(),
            line: at + 1,
            source,
        })
    };
    whole.lines().enumerate().map(entry).collect()
}

/// The newest ledger of a store.
pub fn newest_ledger(store: &Store) -> Result<PathBuf, LedgerError> {
    ledgers(store)?.pop().ok_or_else(|| LedgerError::None { path: store.dir().join(FOLDER) })
}

#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    OpenOptions::new()
}

fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> Event {
        Event::Run {
            schema: LEDGER_SCHEMA,
            plan: "b3p1:0".into(),
            baseline: "monday".into(),
            account: "123456789012".into(),
            caller: "arn:aws:iam::123456789012:user/ann".into(),
            actions: 1,
        }
    }

    #[test]
    fn what_is_written_is_read_and_a_cut_line_is_left_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path());
        let ledger = Ledger::begin(&store, run(), Utc::now()).expect("begun");
        let call = Event::Call { action: ActionId("a0001".into()), step: Step::on_resource("sqs:DeleteQueue") };
        ledger.write(call.clone()).expect("written");
        let mut text = fs::read_to_string(ledger.path()).expect("read");
        let entries = read_ledger(ledger.path()).expect("whole");
        assert_eq!(entries.into_iter().map(|entry| entry.what).collect::<Vec<_>>(), [run(), call]);
        text.push_str("{\"at\":\"2026");
        fs::write(ledger.path(), &text).expect("written");
        assert_eq!(read_ledger(ledger.path()).expect("whole").len(), 2);
        fs::write(ledger.path(), text.replace("sqs:", "\"")).expect("written");
        assert!(matches!(read_ledger(ledger.path()), Err(LedgerError::Damaged { line: 2, .. })));
    }

    #[test]
    fn one_run_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path());
        let first = Ledger::begin(&store, run(), Utc::now()).expect("begun");
        assert!(matches!(Ledger::begin(&store, run(), Utc::now()), Err(LedgerError::Busy)));
        assert!(is_running(&store).expect("readable"));
        drop(first);
        assert!(!is_running(&store).expect("readable"));
        let later = Utc::now() + chrono::TimeDelta::seconds(1);
        Ledger::begin(&store, run(), later).expect("free again");
    }
}
