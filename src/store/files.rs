//! Files that appear whole or not at all.
//!
//! A file is staged beside its place (written and flushed to the disk), then the visible change is a short list of
//! [`Step`]s. Each step alone is atomic, and after any number of them the store holds the old state or the new one:
//! the order of the steps is the whole of the crash safety, so it is a value that tests can cut anywhere.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::{NamedTempFile, TempPath};

use super::error::{At, StoreError};

/// What temporary files start with; no snapshot name starts with a dot.
pub(super) const STAGED: &str = ".tmp-";
const PAUSE: Duration = Duration::from_millis(25);

/// One atomic change of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Moves a staged file to its place, over what is there.
    Place { staged: PathBuf, path: PathBuf },
    /// Removes a file; one that is gone already is fine.
    Remove(PathBuf),
    /// Makes all changes of the directory so far survive a crash of the machine.
    Flush(PathBuf),
}

/// Carries the steps out in order; the first failure ends it.
pub(super) fn take(steps: &[Step]) -> Result<(), StoreError> {
    steps.iter().try_for_each(|step| match step {
        Step::Place { staged, path } => fs::rename(staged, path).at("write", path),
        Step::Remove(path) => match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other.at("remove", path),
        },
        Step::Flush(dir) => flush_dir(dir).at("flush", dir),
    })
}

/// Windows flushes the entry with the file; some file systems cannot flush a directory, and then nothing better is left.
fn flush_dir(dir: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    match File::open(dir)?.sync_all() {
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        other => other,
    }
}

/// A file that is complete and on the disk, but not in its place yet. It goes away when dropped before it is placed.
pub(super) struct Staged {
    path: TempPath,
    // Its lock tells other processes that somebody still works on the file.
    file: File,
}

impl Staged {
    /// Bytes on the disk.
    pub fn len(&self) -> Result<u64, StoreError> {
        Ok(self.file.metadata().at("read", &self.path)?.len())
    }

    /// The step that puts it into its place.
    pub fn place(&self, path: &Path) -> Step {
        Step::Place { staged: self.path.to_path_buf(), path: path.to_owned() }
    }

    /// Puts it into its place unless something is there already; says whether it did.
    pub fn place_new(self, path: &Path) -> Result<bool, StoreError> {
        match self.path.persist_noclobber(path) {
            Ok(()) => Ok(true),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error.error).at("write", path),
        }
    }
}

/// Writes a file (mode 0600) next to its later place and flushes it to the disk.
pub(super) fn stage(
    dir: &Path,
    write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
) -> Result<Staged, StoreError> {
    let made = tempfile::Builder::new()
        .prefix(STAGED)
        .tempfile_in(dir)
        .map_err(|error| own_words(&error))
        .at("write into", dir)?;
    let (file, path) = NamedTempFile::into_parts(made);
    // A file system without locks only loses the sweeping of leftovers.
    let _ = file.try_lock();
    let mut writer = BufWriter::with_capacity(1 << 16, &file);
    write(&mut writer).and_then(|()| writer.flush()).and_then(|()| file.sync_all()).at("write", &path)?;
    drop(writer);
    Ok(Staged { path, file })
}

/// tempfile adds its own path to the text of an error; ours stands in front already.
fn own_words(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| io::Error::from(error.kind()), io::Error::from_raw_os_error)
}

/// Removes what killed processes left behind. Only under the store's lock.
///
/// A staged file is locked by whoever works on it, and the system drops that lock with its process.
pub(super) fn sweep(dir: &Path) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(STAGED);
        if ours && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            let idle = File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
            if idle {
                // What cannot be removed is swept next time.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Creates the directory (mode 0700) with what belongs into every store.
pub(super) fn ensure_dir(dir: &Path) -> Result<(), StoreError> {
    if !dir.is_dir() {
        if let Some(parent) = dir.parent() {
            fs::create_dir_all(parent).at("create", parent)?;
        }
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(dir) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => {}
            other => other.at("create", dir)?,
        }
    }
    let ignore = dir.join(".gitignore");
    if !ignore.exists() {
        let staged = stage(dir, |file| {
            file.write_all(b"# Written by aws-baseline: the masking key must never be committed.\n")?;
            writeln!(file, "mask.key\n.lock\n{STAGED}*")
        })?;
        staged.place_new(&ignore)?;
    }
    Ok(())
}

/// Locks the store until the file is dropped. Only for moments: never while AWS or a person is asked.
pub(super) fn lock(dir: &Path, patience: Duration) -> Result<File, StoreError> {
    let path = dir.join(".lock");
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).at("open", &path)?;
    let mut waited = Duration::ZERO;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error).at("lock", &path),
            Err(TryLockError::WouldBlock) if waited >= patience => {
                return Err(StoreError::Locked { path, waited_ms: waited.as_millis() });
            }
            Err(TryLockError::WouldBlock) => {
                std::thread::sleep(PAUSE);
                waited += PAUSE;
            }
        }
    }
}

/// Length of a regular file, `None` if nothing is there; anything else in its place is refused.
pub(super) fn regular(path: &Path) -> Result<Option<u64>, StoreError> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).at("read", path),
    };
    let kind = found.file_type();
    if kind.is_file() {
        return Ok(Some(found.len()));
    }
    let found = if kind.is_dir() {
        "a directory"
    } else if kind.is_symlink() {
        "a symbolic link"
    } else {
        "a device, pipe or socket"
    };
    Err(StoreError::NotAFile { path: path.to_owned(), found })
}
