//! Snapshots on disk.
//!
//! ```text
//! DIR/NAME.yaml        a snapshot           DIR/mask.key     the masking key, never committed
//! DIR/NAME.yaml.zst    the same, compressed DIR/.lock        held for moments by writers
//! DIR/active           the baseline's name  DIR/.gitignore   keeps key and lock out of git
//! ```
//!
//! Every file appears whole or not at all; every load checks version, digest and hashes. Where both forms of one
//! name exist (a process died between two steps of a replacement), `.yaml` counts and `.yaml.zst` does not.
//! `docs/snapshot-format.md` is the promise to users.

mod error;
mod files;
mod format;
mod key;
mod plans;
pub mod yaml;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use error::{Damage, StoreError};
pub use format::{FORMAT, digest};
pub use plans::{PlanFileError, load_plan, save_plan};

use crate::catalog::mask::Masker;
use crate::model::{Header, Snapshot, SnapshotName};
use error::At;
use files::{Staged, Step};
use format::Refused;

const PLAIN: &str = ".yaml";
const PACKED: &str = ".yaml.zst";
/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(5);
/// Snapshots are text with much repetition: higher levels cost time and win little.
const LEVEL: i32 = 3;

/// A directory of snapshots.
#[derive(Debug, Clone)]
pub struct Store {
    dir: PathBuf,
    patience: Duration,
}

/// How to store a snapshot.
#[derive(Debug, Clone, Copy, Default)]
pub struct CreateOptions {
    /// As `NAME.yaml.zst`.
    pub compress: bool,
    /// Also over a snapshot of the same name.
    pub force: bool,
    /// Make it the active one.
    pub set_active: bool,
}

/// Where a snapshot was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The file.
    pub path: PathBuf,
    /// Bytes on disk.
    pub bytes: u64,
    /// `b3d1:` and 64 hex digits.
    pub digest: String,
}

/// What a list shows of a snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Who took it, of what, when.
    pub header: Header,
    /// Resources it holds, after filters.
    pub resources: usize,
    /// Cells that leave a hole in the picture.
    pub gaps: usize,
    /// Resources with properties that could not be read.
    pub unreadable: usize,
    /// `b3d1:` and 64 hex digits.
    pub digest: String,
}

/// One snapshot of a list.
#[derive(Debug)]
pub struct Entry {
    /// From the file name.
    pub name: SnapshotName,
    /// The file.
    pub path: PathBuf,
    /// Bytes on disk.
    pub bytes: u64,
    /// Whether it is the compressed form.
    pub compressed: bool,
    /// Whether it is the active one.
    pub active: bool,
    /// What it holds, or why it cannot be read.
    pub summary: Result<Summary, StoreError>,
}

impl Store {
    /// A store in this directory, which need not exist: only writing creates it.
    #[must_use]
    pub fn open(dir: impl Into<PathBuf>) -> Self {
        Store { dir: dir.into(), patience: PATIENCE }
    }

    /// Waits this long, instead of five seconds, for another writer.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Store { patience, ..self }
    }

    /// The directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Finds out, before an account is read for minutes, whether [`Store::create`] would refuse.
    ///
    /// Creates the directory, to know that it can be written to.
    pub fn prepare(&self, name: &SnapshotName, force: bool) -> Result<(), StoreError> {
        self.check_free(name, force)?;
        files::ensure_dir(&self.dir)?;
        files::stage(&self.dir, |_| Ok(())).map(drop)
    }

    /// Stores a snapshot under the name in its header: all of it, or nothing.
    pub fn create(&self, snapshot: &Snapshot, options: CreateOptions) -> Result<Stored, StoreError> {
        let name = &snapshot.header.name;
        self.check_free(name, options.force)?;
        let path = self.path(name, options.compress);
        format::check(snapshot, name).map_err(|damage| StoreError::Invalid {
            name: name.clone(),
            path: path.clone(),
            source: Box::new(damage),
        })?;
        files::ensure_dir(&self.dir)?;
        let digest = format::digest(snapshot);
        let staged = self.stage(snapshot, &digest, options.compress)?;
        let bytes = staged.len()?;

        let _lock = files::lock(&self.dir, self.patience)?;
        files::sweep(&self.dir);
        // Somebody else may have been faster.
        self.check_free(name, options.force)?;
        files::take(&self.replacement(&staged, name, options.compress))?;
        if options.set_active {
            self.point_to(name).map_err(|error| StoreError::StoredNotActive {
                name: name.clone(),
                path: path.clone(),
                source: Box::new(error),
            })?;
        }
        Ok(Stored { path, bytes, digest })
    }

    /// Reads a snapshot and checks it. Hashes of an older normaliser are brought up to date in memory.
    pub fn load(&self, name: &SnapshotName) -> Result<Snapshot, StoreError> {
        Ok(self.parse(name)?.snapshot)
    }

    /// Reads the active snapshot and checks it.
    pub fn load_active(&self) -> Result<Snapshot, StoreError> {
        self.load(&self.active()?.ok_or_else(|| StoreError::NoActive { dir: self.dir.clone() })?)
    }

    /// The name of the active snapshot, which exists; `None` if none was ever made active.
    pub fn active(&self) -> Result<Option<SnapshotName>, StoreError> {
        let Some(name) = self.pointer()? else { return Ok(None) };
        if self.find(&name)?.is_none() {
            return Err(StoreError::ActiveDangling { path: self.pointer_path(), name });
        }
        Ok(Some(name))
    }

    /// Makes a snapshot the active one; it must exist and be sound.
    pub fn set_active(&self, name: &SnapshotName) -> Result<(), StoreError> {
        self.load(name)?;
        let _lock = files::lock(&self.dir, self.patience)?;
        files::sweep(&self.dir);
        // It may have been deleted while it was read.
        self.require(name)?;
        self.point_to(name)
    }

    /// Deletes a snapshot, sound or not. Never the active one, nor any while nobody can tell which one is active.
    pub fn delete(&self, name: &SnapshotName) -> Result<(), StoreError> {
        self.require(name)?;
        let _lock = files::lock(&self.dir, self.patience)?;
        files::sweep(&self.dir);
        self.require(name)?;
        if self.pointer()?.as_ref() == Some(name) {
            return Err(StoreError::IsActive { name: name.clone(), dir: self.dir.clone() });
        }
        // The form that does not count goes first, so that the name never comes back with an older content.
        let (packed, plain) = (self.path(name, true), self.path(name, false));
        for path in [&packed, &plain] {
            files::regular(path)?;
        }
        files::take(&[Step::Remove(packed), Step::Remove(plain), Step::Flush(self.dir.clone())])
    }

    /// Checks a snapshot: format, digest, every hash.
    pub fn verify(&self, name: &SnapshotName) -> Result<Summary, StoreError> {
        let format::Parsed { snapshot, digest } = self.parse(name)?;
        Ok(Summary {
            resources: snapshot.resources.len(),
            gaps: snapshot.coverage.gaps().count(),
            unreadable: snapshot.resources.iter().filter(|resource| !resource.unreadable.is_empty()).count(),
            header: snapshot.header,
            digest,
        })
    }

    /// What a list shows of a snapshot, without a check of its resources, hashes and digest: fast for large ones.
    pub fn glance(&self, name: &SnapshotName) -> Result<Summary, StoreError> {
        let (path, compressed) = self.require(name)?;
        match format::glance(&read(&path, compressed)?, name) {
            Some(summary) => Ok(summary),
            None => self.verify(name),
        }
    }

    /// All snapshots by name, at a [`Store::glance`]; one that is damaged does not hide the others.
    ///
    /// A pointer that cannot be read leaves all of them inactive here: [`Store::active`] says why.
    pub fn list(&self) -> Result<Vec<Entry>, StoreError> {
        self.entries(Self::glance)
    }

    /// All snapshots by name, each checked as by [`Store::verify`]; one that is damaged does not hide the others.
    pub fn verify_all(&self) -> Result<Vec<Entry>, StoreError> {
        self.entries(Self::verify)
    }

    fn entries(&self, look: fn(&Self, &SnapshotName) -> Result<Summary, StoreError>) -> Result<Vec<Entry>, StoreError> {
        let active = self.pointer().ok().flatten();
        let entry = |name: SnapshotName| {
            let (path, bytes, compressed) =
                self.find(&name).ok().flatten().unwrap_or_else(|| (self.path(&name, false), 0, false));
            let active = active.as_ref() == Some(&name);
            Entry { path, bytes, compressed, active, summary: look(self, &name), name }
        };
        Ok(self.names()?.into_iter().map(entry).collect())
    }

    /// The names of all snapshots, sorted, without a look at their content.
    pub fn names(&self) -> Result<Vec<SnapshotName>, StoreError> {
        let entries = match fs::read_dir(&self.dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.at("read", &self.dir)?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let file = entry.at("read", &self.dir)?.file_name();
            let Some(file) = file.to_str() else { continue };
            let name = file.strip_suffix(PACKED).or_else(|| file.strip_suffix(PLAIN));
            names.extend(name.and_then(|name| name.parse().ok()));
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// Masks with this store's key, which is created if there is none.
    pub fn masker(&self) -> Result<Masker, StoreError> {
        key::load_or_create(&self.dir)
    }

    /// Masks with this store's key, if there is one.
    pub fn existing_masker(&self) -> Result<Option<Masker>, StoreError> {
        key::load(&self.dir)
    }

    fn path(&self, name: &SnapshotName, compressed: bool) -> PathBuf {
        self.dir.join(format!("{name}{}", if compressed { PACKED } else { PLAIN }))
    }

    fn pointer_path(&self) -> PathBuf {
        self.dir.join("active")
    }

    /// The file that counts, its length, and whether it is compressed.
    fn find(&self, name: &SnapshotName) -> Result<Option<(PathBuf, u64, bool)>, StoreError> {
        for compressed in [false, true] {
            let path = self.path(name, compressed);
            if let Some(bytes) = files::regular(&path)? {
                return Ok(Some((path, bytes, compressed)));
            }
        }
        Ok(None)
    }

    fn require(&self, name: &SnapshotName) -> Result<(PathBuf, bool), StoreError> {
        match self.find(name)? {
            Some((path, _, compressed)) => Ok((path, compressed)),
            None => Err(StoreError::NotFound { name: name.clone(), dir: self.dir.clone() }),
        }
    }

    fn parse(&self, name: &SnapshotName) -> Result<format::Parsed, StoreError> {
        let (path, compressed) = self.require(name)?;
        read(&path, compressed).and_then(|bytes| format::read(&bytes, name).map_err(|refused| explain(refused, &path)))
    }

    /// Refuses a name that is taken, and to write over what a newer program wrote.
    fn check_free(&self, name: &SnapshotName, force: bool) -> Result<(), StoreError> {
        for compressed in [false, true] {
            let path = self.path(name, compressed);
            if files::regular(&path)?.is_none() {
                continue;
            }
            if !force {
                return Err(StoreError::NameTaken { name: name.clone(), path });
            }
            // What is damaged may be replaced: that is what --force is for.
            let bytes = match read(&path, compressed) {
                Err(StoreError::Corrupt { .. }) => continue,
                other => other?,
            };
            if let Some(refused) = format::newer(&bytes) {
                return Err(explain(refused, &path));
            }
        }
        Ok(())
    }

    fn stage(&self, snapshot: &Snapshot, digest: &str, compress: bool) -> Result<Staged, StoreError> {
        files::stage(&self.dir, |file| {
            if !compress {
                return format::write(file, snapshot, digest);
            }
            let mut packer = zstd::Encoder::new(file, LEVEL)?;
            packer.include_checksum(true)?;
            format::write(&mut packer, snapshot, digest)?;
            packer.finish()?.flush()
        })
    }

    /// Puts a staged snapshot in the place of both forms.
    ///
    /// `.yaml` counts where both exist. So a new `.yaml` takes over with the first step, and a new `.yaml.zst` with
    /// the removal of the old `.yaml`: at no moment is there neither, nor a doubt.
    fn replacement(&self, staged: &Staged, name: &SnapshotName, compressed: bool) -> Vec<Step> {
        vec![
            staged.place(&self.path(name, compressed)),
            Step::Flush(self.dir.clone()),
            Step::Remove(self.path(name, !compressed)),
            Step::Flush(self.dir.clone()),
        ]
    }

    fn pointer(&self) -> Result<Option<SnapshotName>, StoreError> {
        let path = self.pointer_path();
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.at("read", &path)?,
        };
        let name = std::str::from_utf8(&bytes).ok().and_then(|text| text.trim_end_matches(['\r', '\n']).parse().ok());
        name.map(Some).ok_or(StoreError::ActiveMalformed { path })
    }

    /// Only under the lock.
    fn point_to(&self, name: &SnapshotName) -> Result<(), StoreError> {
        let staged = files::stage(&self.dir, |file| writeln!(file, "{name}"))?;
        files::take(&[staged.place(&self.pointer_path()), Step::Flush(self.dir.clone())])
    }
}

fn read(path: &Path, compressed: bool) -> Result<Vec<u8>, StoreError> {
    let bytes = fs::read(path).at("read", path)?;
    if !compressed || bytes.is_empty() {
        return Ok(bytes);
    }
    zstd::decode_all(bytes.as_slice()).map_err(|error| explain(Damage::Zstd(error).into(), path))
}

fn explain(refused: Refused, path: &Path) -> StoreError {
    let path = path.to_owned();
    match refused {
        Refused::Damaged(damage) => StoreError::Corrupt { path, source: Box::new(damage) },
        Refused::Newer { found, written_by } => StoreError::NewerFormat { path, found, known: FORMAT, written_by },
    }
}

#[cfg(test)]
mod tests;
