use std::io;
use std::path::{Path, PathBuf};

use super::SyntaxError;
use crate::model::SnapshotName;

/// Why something with the store went wrong. Each variant is a kind of its own: the command line adds the hint.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused: disk full, no permission, …
    #[error("cannot {doing} {path}", path = path.display())]
    Io {
        /// What was tried: `read`, `write`, `rename`, …
        doing: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A snapshot of this name exists already and was not to be replaced.
    #[error("the snapshot '{name}' exists already, in {path}", path = path.display())]
    NameTaken {
        /// The name.
        name: SnapshotName,
        /// The file that holds it.
        path: PathBuf,
    },
    /// There is no snapshot of this name.
    #[error("there is no snapshot '{name}' in {dir}", dir = dir.display())]
    NotFound {
        /// The name.
        name: SnapshotName,
        /// The store.
        dir: PathBuf,
    },
    /// No snapshot was ever made active.
    #[error("no snapshot is active in {dir}", dir = dir.display())]
    NoActive {
        /// The store.
        dir: PathBuf,
    },
    /// The pointer to the active snapshot does not hold a name.
    #[error("{path} does not hold the name of a snapshot", path = path.display())]
    ActiveMalformed {
        /// The pointer.
        path: PathBuf,
    },
    /// The pointer to the active snapshot names one that does not exist.
    #[error("{path} names the snapshot '{name}', which does not exist", path = path.display())]
    ActiveDangling {
        /// The pointer.
        path: PathBuf,
        /// What it names.
        name: SnapshotName,
    },
    /// The active snapshot is never deleted.
    #[error("the snapshot '{name}' is the active one, in {dir}", dir = dir.display())]
    IsActive {
        /// The name.
        name: SnapshotName,
        /// The store.
        dir: PathBuf,
    },
    /// Another process is writing to the store and did not finish in time.
    #[error("the store is locked by another process: waited {waited_ms} ms for {path}", path = path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// For how long.
        waited_ms: u128,
    },
    /// A newer program wrote the file: it is neither read nor replaced.
    #[error(
        "{path} has format {found}, written by {by}; this program knows formats up to {known}",
        path = path.display(),
        by = written_by.as_ref().map_or_else(|| "a newer aws-baseline".to_owned(), |version| format!("aws-baseline {version}"))
    )]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u64,
        /// The newest format that this program knows.
        known: u64,
        /// Version of the program that wrote it, where the file tells.
        written_by: Option<String>,
    },
    /// The file is damaged, was edited, or is no snapshot at all.
    #[error("the snapshot file {path} cannot be trusted", path = path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<Damage>,
    },
    /// Something that is no regular file stands where a snapshot should: it is neither read, replaced nor deleted.
    #[error("{path} is {found}, not a regular file", path = path.display())]
    NotAFile {
        /// The place.
        path: PathBuf,
        /// `a directory`, `a symbolic link`, …
        found: &'static str,
    },
    /// The snapshot to be stored contradicts itself: a bug in the caller.
    #[error("the snapshot '{name}' cannot be stored as {path}", path = path.display())]
    Invalid {
        /// The name.
        name: SnapshotName,
        /// The file that was not written.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<Damage>,
    },
    /// The snapshot is stored, but could not be made the active one.
    #[error("the snapshot '{name}' is stored as {path}, but is not active", path = path.display())]
    StoredNotActive {
        /// The name.
        name: SnapshotName,
        /// The file that holds it.
        path: PathBuf,
        /// Why.
        source: Box<StoreError>,
    },
    /// The masking key is not 64 hex digits.
    #[error("{path} does not hold a masking key of 64 hex digits", path = path.display())]
    BadMaskKey {
        /// The key file.
        path: PathBuf,
    },
}

/// What is wrong with a snapshot file.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// Nothing, or nothing but zeros and blanks: what a crash of the machine may leave.
    #[error("the file is empty")]
    Empty,
    /// The compressed form cannot be unpacked: broken off or changed.
    #[error("the zstd data cannot be unpacked")]
    Zstd(#[source] io::Error),
    /// Not text.
    #[error("the file is not UTF-8 text, from byte {at} on")]
    NotText {
        /// Offset of the first byte that is no text.
        at: usize,
    },
    /// YAML or JSON, but not of ours.
    #[error("the file is not an aws-baseline snapshot: it has no `schema` number")]
    Foreign,
    /// The file ends before its digest.
    #[error("the file is cut off: it ends before its digest")]
    Truncated(#[source] Option<SyntaxError>),
    /// Neither YAML nor JSON, or not of the shape of a snapshot; the cause has line and column.
    #[error("the file does not have the shape of a snapshot")]
    Shape(#[source] SyntaxError),
    /// The header names another snapshot than the file does: the file was renamed by hand.
    #[error("the file holds the snapshot '{inside}', not '{expected}'")]
    OtherName {
        /// What the header says.
        inside: SnapshotName,
        /// What the file name says.
        expected: SnapshotName,
    },
    /// The account is not twelve digits.
    #[error("'{0}' is not an account id of twelve digits")]
    Account(String),
    /// Resources are not sorted by type, region and id.
    #[error("the resources are not sorted: {0}")]
    Unsorted(String),
    /// A resource stands twice.
    #[error("a resource stands twice: {0}")]
    Twice(String),
    /// A resource does not match its own hash.
    #[error("the resource {key} does not match its hash: stored {stored}, computed {computed}")]
    Hash {
        /// Type, region and id.
        key: String,
        /// What the file says.
        stored: String,
        /// What its properties and tags give.
        computed: String,
    },
    /// The file does not match its digest.
    #[error("the content does not match the digest: stored {stored}, computed {computed}")]
    Digest {
        /// What the file says.
        stored: String,
        /// What the content gives.
        computed: String,
    },
    /// The file holds more or fewer resources than its first line says.
    #[error("the first line announces {stored} {what}, the file holds {found}")]
    Count {
        /// `resources`, or `resources with unreadable properties`.
        what: &'static str,
        /// What the first line says.
        stored: usize,
        /// What stands in the file.
        found: usize,
    },
    /// A property is nested deeper than readers follow.
    #[error("a property of the resource {0} is nested too deep")]
    TooDeep(String),
}

impl Damage {
    /// Line and column of the trouble in the text, both counted from 1, where they are known.
    #[must_use]
    pub fn place(&self) -> Option<(usize, usize)> {
        match self {
            Damage::Shape(error) | Damage::Truncated(Some(error)) => error.at,
            _ => None,
        }
    }
}

/// Attaches what was tried and where to an error of the operating system.
pub(super) trait At<T> {
    fn at(self, doing: &'static str, path: &Path) -> Result<T, StoreError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, doing: &'static str, path: &Path) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Io { doing, path: path.to_owned(), source })
    }
}
