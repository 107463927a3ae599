//! Snapshots on disk.
//!
//! ```text
//! DIR/NAME.yaml        a snapshot           DIR/mask.key     the masking key, never committed
//! DIR/NAME.yaml.zst    the same, compressed DIR/.lock        held for moments by writers
//! DIR/NAME.jsonl.zst   a large one          DIR/.gitignore   keeps key and lock out of git
//! DIR/active           the baseline's name  DIR/active.log   when it was which
//! ```
//!
//! Every file appears whole or not at all; every load checks version, digest and hashes. Where several forms of one
//! name exist (a process died between two steps of a replacement), the first in [`Form::ALL`] counts.
//! `docs/snapshot-format.md` is the promise to users.

mod audit;
mod error;
mod files;
mod format;
mod history;
mod key;
pub mod ledger;
mod lines;
mod plans;
mod stream;
mod syntax;
pub mod yaml;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use audit::digest;
use chrono::{DateTime, Utc};

pub use error::{Damage, StoreError};
pub use format::FORMAT;
pub use plans::{PlanFileError, load_plan, save_plan};
pub use stream::{Passing, Stream};
pub use syntax::SyntaxError;

use crate::catalog::mask::Masker;
use crate::model::{Header, Snapshot, SnapshotName};
use error::At;
use files::{Staged, Step};
use format::Refused;
use lines::Reader;

/// From this number of resources on, a snapshot is stored as [`Form::Lines`]: YAML of that size takes seconds to load.
pub const LARGE: usize = 10_000;
const LOG: &str = "active.log";
/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(5);
/// Snapshots are text with much repetition: higher levels cost time and win little.
const LEVEL: i32 = 3;

/// How a snapshot is written down. All forms hold the same, with the same digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// YAML, to be read by people and compared by git.
    Yaml,
    /// The same text, compressed.
    PackedYaml,
    /// Compressed lines of JSON, which need not be in memory as a whole: for large snapshots.
    Lines,
}

impl Form {
    /// All forms. Where a name exists in several, the first counts.
    pub const ALL: [Form; 3] = [Form::Yaml, Form::PackedYaml, Form::Lines];

    /// What follows the name.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Form::Yaml => ".yaml",
            Form::PackedYaml => ".yaml.zst",
            Form::Lines => ".jsonl.zst",
        }
    }
}

/// A directory of snapshots.
#[derive(Debug, Clone)]
pub struct Store {
    dir: PathBuf,
    patience: Duration,
    large: usize,
}

/// How to store a snapshot.
#[derive(Debug, Clone, Copy, Default)]
pub struct CreateOptions {
    /// As `NAME.yaml.zst`; a large snapshot always is compressed, as `NAME.jsonl.zst`.
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
    /// Whether it is a compressed form.
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
        Store { dir: dir.into(), patience: PATIENCE, large: LARGE }
    }

    /// Waits this long, instead of five seconds, for another writer.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Store { patience, ..self }
    }

    /// Stores snapshots of this many resources and more, instead of [`LARGE`], as [`Form::Lines`].
    #[must_use]
    pub fn with_large(self, large: usize) -> Self {
        Store { large, ..self }
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
        let form = self.form(snapshot, options.compress);
        let path = self.path(name, form);
        let digest = audit::examine(snapshot).map_err(|damage| StoreError::Invalid {
            name: name.clone(),
            path: path.clone(),
            source: Box::new(damage),
        })?;
        files::ensure_dir(&self.dir)?;
        let staged = self.stage(snapshot, &digest, form)?;
        let bytes = staged.len()?;

        let _lock = files::lock(&self.dir, self.patience)?;
        files::sweep(&self.dir);
        // Somebody else may have been faster.
        self.check_free(name, options.force)?;
        files::take(&self.replacement(&staged, name, form))?;
        if options.set_active {
            self.point_to(name).map_err(|error| StoreError::StoredNotActive {
                name: name.clone(),
                path: path.clone(),
                source: Box::new(error),
            })?;
            self.note_activation(name, snapshot.header.completed_at)?;
        }
        Ok(Stored { path, bytes, digest })
    }

    /// Reads a snapshot and checks it. Hashes of an older normaliser are brought up to date in memory.
    pub fn load(&self, name: &SnapshotName) -> Result<Snapshot, StoreError> {
        let (path, form) = self.require(name)?;
        match form {
            Form::Lines => Ok(Reader::open(&path, name)?.load()?.0),
            _ => Ok(parse(&path, form, name)?.snapshot),
        }
    }

    /// Reads a snapshot resource by resource, a large one without ever having all of it in memory.
    ///
    /// The checks of [`Store::load`] are made on the way, and their result comes last.
    pub fn stream(&self, name: &SnapshotName) -> Result<Stream, StoreError> {
        let (path, form) = self.require(name)?;
        match form {
            Form::Lines => Ok(Stream::of_lines(Reader::open(&path, name)?)),
            _ => Ok(parse(&path, form, name)?.snapshot.into()),
        }
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
        self.activate(name, None)
    }

    /// The same, and notes when that was, for [`Store::activations`].
    pub fn set_active_at(&self, name: &SnapshotName, at: DateTime<Utc>) -> Result<(), StoreError> {
        self.activate(name, Some(at))
    }

    fn activate(&self, name: &SnapshotName, at: Option<DateTime<Utc>>) -> Result<(), StoreError> {
        self.verify(name)?;
        let _lock = files::lock(&self.dir, self.patience)?;
        files::sweep(&self.dir);
        // It may have been deleted while it was read.
        self.require(name)?;
        self.point_to(name)?;
        at.map_or(Ok(()), |at| self.note_activation(name, at))
    }

    /// Whether a snapshot can be deleted as things stand: it is there, and it is not the active one.
    pub fn may_delete(&self, name: &SnapshotName) -> Result<(), StoreError> {
        self.require(name)?;
        if self.pointer()?.as_ref() == Some(name) {
            return Err(StoreError::IsActive { name: name.clone(), dir: self.dir.clone() });
        }
        Ok(())
    }

    /// Deletes a snapshot, sound or not. Never the active one, nor any while nobody can tell which one is active.
    pub fn delete(&self, name: &SnapshotName) -> Result<(), StoreError> {
        self.require(name)?;
        let _lock = files::lock(&self.dir, self.patience)?;
        files::sweep(&self.dir);
        self.may_delete(name)?;
        // The forms that do not count go first, so that the name never comes back with an older content.
        let paths: Vec<_> = Form::ALL.iter().rev().map(|form| self.path(name, *form)).collect();
        for path in &paths {
            files::regular(path)?;
        }
        let mut steps: Vec<_> = paths.into_iter().map(Step::Remove).collect();
        steps.push(Step::Flush(self.dir.clone()));
        files::take(&steps)
    }

    /// Checks a snapshot: format, digest, every hash.
    pub fn verify(&self, name: &SnapshotName) -> Result<Summary, StoreError> {
        let (path, form) = self.require(name)?;
        if form == Form::Lines {
            return Reader::open(&path, name)?.verify();
        }
        let format::Parsed { snapshot, digest } = parse(&path, form, name)?;
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
        let (path, form) = self.require(name)?;
        let summary = match form {
            Form::Lines => lines::glance(&path, name)?,
            _ => format::glance(&read(&path, form)?, name),
        };
        summary.map_or_else(|| self.verify(name), Ok)
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
            let (path, bytes, form) =
                self.find(&name).ok().flatten().unwrap_or_else(|| (self.path(&name, Form::Yaml), 0, Form::Yaml));
            let active = active.as_ref() == Some(&name);
            Entry { path, bytes, compressed: form != Form::Yaml, active, summary: look(self, &name), name }
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
            let name = Form::ALL.iter().find_map(|form| file.strip_suffix(form.suffix()));
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

    /// The form for a snapshot.
    fn form(&self, snapshot: &Snapshot, compress: bool) -> Form {
        match compress {
            _ if snapshot.resources.len() >= self.large => Form::Lines,
            true => Form::PackedYaml,
            false => Form::Yaml,
        }
    }

    fn path(&self, name: &SnapshotName, form: Form) -> PathBuf {
        self.dir.join(format!("{name}{}", form.suffix()))
    }

    fn pointer_path(&self) -> PathBuf {
        self.dir.join("active")
    }

    /// The file that counts, its length, and its form.
    fn find(&self, name: &SnapshotName) -> Result<Option<(PathBuf, u64, Form)>, StoreError> {
        for form in Form::ALL {
            let path = self.path(name, form);
            if let Some(bytes) = files::regular(&path)? {
                return Ok(Some((path, bytes, form)));
            }
        }
        Ok(None)
    }

    fn require(&self, name: &SnapshotName) -> Result<(PathBuf, Form), StoreError> {
        match self.find(name)? {
            Some((path, _, form)) => Ok((path, form)),
            None => Err(StoreError::NotFound { name: name.clone(), dir: self.dir.clone() }),
        }
    }

    /// Refuses a name that is taken, and to write over what a newer program wrote.
    fn check_free(&self, name: &SnapshotName, force: bool) -> Result<(), StoreError> {
        for form in Form::ALL {
            let path = self.path(name, form);
            if files::regular(&path)?.is_none() {
                continue;
            }
            if !force {
                return Err(StoreError::NameTaken { name: name.clone(), path });
            }
            // What is damaged may be replaced: that is what --force is for.
            let newer = match form {
                Form::Lines => lines::newer(&path)?,
                _ => match read(&path, form) {
                    Err(StoreError::Corrupt { .. }) => None,
                    other => format::newer(&other?).map(|refused| explain(refused, &path)),
                },
            };
            if let Some(newer) = newer {
                return Err(newer);
            }
        }
        Ok(())
    }

    fn stage(&self, snapshot: &Snapshot, digest: &str, form: Form) -> Result<Staged, StoreError> {
        files::stage(&self.dir, |file| match form {
            Form::Yaml => format::write(file, snapshot, digest),
            Form::Lines => lines::write(file, snapshot, digest),
            Form::PackedYaml => {
                let mut packer = zstd::Encoder::new(file, LEVEL)?;
                packer.include_checksum(true)?;
                format::write(&mut packer, snapshot, digest)?;
                packer.finish()?.flush()
            }
        })
    }

    /// Puts a staged snapshot in the place of all forms.
    ///
    /// The new form takes over with the first step, or with the removal of the last one that counts before it. The
    /// removals begin with those that count least: at no moment is there neither, a doubt, or something older.
    fn replacement(&self, staged: &Staged, name: &SnapshotName, form: Form) -> Vec<Step> {
        let mut steps = vec![staged.place(&self.path(name, form)), Step::Flush(self.dir.clone())];
        let others = Form::ALL.iter().rev().filter(|other| **other != form);
        steps.extend(others.map(|other| Step::Remove(self.path(name, *other))));
        steps.push(Step::Flush(self.dir.clone()));
        steps
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

/// Reads and checks YAML.
fn parse(path: &Path, form: Form, name: &SnapshotName) -> Result<format::Parsed, StoreError> {
    format::read(&read(path, form)?, name).map_err(|refused| explain(refused, path))
}

/// The text of YAML.
fn read(path: &Path, form: Form) -> Result<Vec<u8>, StoreError> {
    let bytes = fs::read(path).at("read", path)?;
    if form == Form::Yaml || bytes.is_empty() {
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
