use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The name of a snapshot: `[A-Za-z0-9._-]+`, at most 128 bytes, not starting with a dot.
///
/// A name becomes a file name, so it is checked where it enters the program and again when it is read from a
/// file: a path part can never get through.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SnapshotName(String);

/// The text cannot name a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a snapshot name")]
pub struct InvalidName(String);

impl SnapshotName {
    /// The name of a picture of the account as it is now, which is compared and never stored.
    #[must_use]
    pub fn live() -> Self {
        SnapshotName("live".to_owned())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SnapshotName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        // `active` and `ledger` are the store's own files; a leading dash would read as an option.
        let reserved = matches!(text, "active" | "ledger" | "README.md" | "mask.key");
        if text.is_empty() || text.len() > 128 || text.starts_with(['.', '-']) || reserved || !text.chars().all(allowed)
        {
            return Err(InvalidName(text.to_owned()));
        }
        Ok(SnapshotName(text.to_owned()))
    }
}

impl TryFrom<String> for SnapshotName {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<SnapshotName> for String {
    fn from(name: SnapshotName) -> Self {
        name.0
    }
}

impl fmt::Display for SnapshotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_documented_alphabet() {
        for name in ["a", "baseline-20261121-101500", "v1.2_x", "A.B-C"] {
            assert!(name.parse::<SnapshotName>().is_ok(), "{name}");
        }
    }

    #[test]
    fn refuses_paths_and_reserved_names() {
        let long = "x".repeat(129);
        for name in ["", "..", ".x", "a/b", "../a", "a\\b", "a b", "ä", "-x", "active", "ledger", "a\0", long.as_str()]
        {
            assert!(name.parse::<SnapshotName>().is_err(), "{name}");
        }
    }
}
