//! When which snapshot was made active: `active.log`, one line each, so that a bill can be split by the baseline of its day.
//!
//! ```text
//! 2026-10-01T08:15:00Z web-2026-10
//! ```

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use chrono::{DateTime, SecondsFormat, Utc};

use super::error::{At, StoreError};
use super::files::{self, Step};
use super::{LOG, Store};
use crate::model::SnapshotName;

impl Store {
    /// The moments at which snapshots were made active, in order.
    ///
    /// A line that is no entry is skipped: the log says more than is needed, and a bill must not fail over it. Where the
    /// pointer says something else than the last entry (it came from git, or the log is younger than the store), the
    /// active snapshot counts from the time at which it was taken.
    pub fn activations(&self) -> Result<Vec<(DateTime<Utc>, SnapshotName)>, StoreError> {
        let mut entries = self.log_entries()?;
        let Some(active) = self.active()? else { return Ok(entries) };
        if entries.last().is_none_or(|(_, last)| *last != active) {
            let taken = self.glance(&active)?.header.created_at;
            let after = entries.last().map_or(taken, |(at, _)| taken.max(*at));
            entries.push((after, active));
        }
        Ok(entries)
    }

    fn log_entries(&self) -> Result<Vec<(DateTime<Utc>, SnapshotName)>, StoreError> {
        let path = self.log_path();
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.at("read", &path)?,
        };
        let text = String::from_utf8_lossy(&bytes);
        let entry = |line: &str| {
            let (at, name) = line.split_once(' ')?;
            Some((DateTime::parse_from_rfc3339(at).ok()?.to_utc(), name.trim_end().parse().ok()?))
        };
        let mut entries: Vec<_> = text.lines().filter_map(entry).collect();
        entries.sort_by_key(|(at, _)| *at);
        Ok(entries)
    }

    /// Adds an entry; only under the lock, after the pointer was moved. The file appears whole or not at all.
    pub(super) fn note_activation(&self, name: &SnapshotName, at: DateTime<Utc>) -> Result<(), StoreError> {
        let path = self.log_path();
        let before = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            other => other.at("read", &path)?,
        };
        let staged = files::stage(&self.dir, |file| {
            file.write_all(&before)?;
            if !before.is_empty() && !before.ends_with(b"\n") {
                file.write_all(b"\n")?;
            }
            writeln!(file, "{} {name}", at.to_rfc3339_opts(SecondsFormat::Secs, true))
        })?;
        files::take(&[staged.place(&path), Step::Flush(self.dir.clone())])
    }

    fn log_path(&self) -> PathBuf {
        self.dir.join(LOG)
    }
}
