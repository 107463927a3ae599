//! Answers for closed months on disk: they never change, and asking again costs money.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::answer::Answer;

/// A directory of answers, each readable by its owner only: a bill is nobody else's business.
#[derive(Debug, Clone)]
pub struct Cache {
    dir: PathBuf,
}

/// The id of a query, from everything that its answer depends on.
pub(super) fn id(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("aws-baseline 2026 cost explorer query v1");
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

impl Cache {
    /// A cache in this directory, which need not exist.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Cache { dir: dir.into() }
    }

    /// The directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    fn path(&self, id: &str) -> PathBuf {
        self.dir.join(format!("{id}.json"))
    }

    /// An answer that was kept. What cannot be read is asked for again.
    pub(super) fn load(&self, id: &str) -> Option<Answer> {
        serde_json::from_slice(&fs::read(self.path(id)).ok()?).ok()
    }

    /// Keeps an answer. What cannot be written is asked for again.
    pub(super) fn store(&self, id: &str, answer: &Answer) {
        let write = || -> std::io::Result<()> {
            fs::create_dir_all(&self.dir)?;
            // A temporary file is made with mode 0600 and keeps it.
            let mut file = tempfile::NamedTempFile::new_in(&self.dir)?;
            serde_json::to_writer(&mut file, answer)?;
            file.flush()?;
            file.persist(self.path(id)).map_err(|error| error.error)?;
            Ok(())
        };
        if let Err(error) = write() {
            tracing::warn!(%error, dir = %self.dir.display(), "the answer of Cost Explorer was not kept");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_kept_for_their_owner_only() {
        let dir = tempfile::tempdir().expect("a directory");
        let cache = Cache::new(dir.path().join("sub"));
        let id = id(&["a", "b"]);
        assert_eq!(cache.load(&id), None);
        cache.store(&id, &Answer::default());
        assert_eq!(cache.load(&id), Some(Answer::default()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(cache.path(&id)).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_ne!(super::id(&["ab", ""]), super::id(&["a", "b"]));
    }
}
