use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// One place that was looked at: a type in a region (or `global`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CellKey {
    /// `CloudFormation` type name.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Region code or `global`.
    pub region: String,
}

/// A cell and how looking at it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// `CloudFormation` type name.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Region code or `global`.
    pub region: String,
    /// How it went.
    pub outcome: Outcome,
}

/// How looking at a cell went. Only `Complete` says anything about what is *not* there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Outcome {
    /// Every page was read; `count` resources before filters.
    Complete {
        /// Resources found, before any date or tag filter.
        count: usize,
    },
    /// The caller may not look.
    Denied {
        /// The IAM action that is missing: `sqs:ListQueues`.
        action: String,
    },
    /// The service does not exist in this region, or the account never enabled it.
    NotOffered,
    /// The account has not opted in to the region.
    RegionDisabled,
    /// Looking failed after all retries.
    Failed {
        /// AWS error code, or our word for it: `timeout`, `connection`, `panic`.
        code: String,
        /// What AWS said, sanitised, for people.
        message: String,
    },
    /// The run was stopped before the cell was read.
    Cancelled,
}

impl Outcome {
    /// Whether the cell was read to its end.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        matches!(self, Outcome::Complete { .. })
    }

    /// Whether this outcome leaves a hole in the picture. A service that is not offered has nothing to hide.
    #[must_use]
    pub fn is_gap(&self) -> bool {
        matches!(self, Outcome::Denied { .. } | Outcome::RegionDisabled | Outcome::Failed { .. } | Outcome::Cancelled)
    }

    /// The status word as it stands in files and tables.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self {
            Outcome::Complete { .. } => "complete",
            Outcome::Denied { .. } => "denied",
            Outcome::NotOffered => "not-offered",
            Outcome::RegionDisabled => "region-disabled",
            Outcome::Failed { .. } => "failed",
            Outcome::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Complete { count } => write!(f, "complete ({count})"),
            Outcome::Denied { action } => write!(f, "denied ({action})"),
            Outcome::Failed { code, .. } => write!(f, "failed ({code})"),
            other => f.write_str(other.status()),
        }
    }
}

/// All cells of a snapshot, sorted by type and region.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage(BTreeMap<CellKey, Outcome>);

impl Coverage {
    /// Records how looking at a cell went.
    pub fn set(&mut self, type_name: &str, region: &str, outcome: Outcome) {
        self.0.insert(CellKey { type_name: type_name.to_owned(), region: region.to_owned() }, outcome);
    }

    /// The outcome of a cell; `None` means that nobody looked: out of scope.
    #[must_use]
    pub fn get(&self, type_name: &str, region: &str) -> Option<&Outcome> {
        self.0.get(&CellKey { type_name: type_name.to_owned(), region: region.to_owned() })
    }

    /// All cells in the order of type and region.
    pub fn iter(&self) -> impl Iterator<Item = (&CellKey, &Outcome)> {
        self.0.iter()
    }

    /// The cells that leave a hole in the picture.
    pub fn gaps(&self) -> impl Iterator<Item = (&CellKey, &Outcome)> {
        self.iter().filter(|(_, outcome)| outcome.is_gap())
    }

    /// Number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was looked at.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Coverage {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(key, outcome)| Cell {
            type_name: key.type_name.clone(),
            region: key.region.clone(),
            outcome: outcome.clone(),
        }))
    }
}

impl<'de> Deserialize<'de> for Coverage {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut coverage = Coverage::default();
        for cell in Vec::<Cell>::deserialize(deserializer)? {
            if coverage.get(&cell.type_name, &cell.region).is_some() {
                return Err(serde::de::Error::custom(format!(
                    "the cell {} {} stands twice in the coverage",
                    cell.type_name, cell.region
                )));
            }
            coverage.set(&cell.type_name, &cell.region, cell.outcome);
        }
        Ok(coverage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_looked_is_not_complete() {
        let mut coverage = Coverage::default();
        coverage.set("AWS::SQS::Queue", "eu-west-1", Outcome::Complete { count: 0 });
        assert_eq!(coverage.get("AWS::SQS::Queue", "us-east-1"), None);
        assert!(coverage.get("AWS::SQS::Queue", "eu-west-1").is_some_and(Outcome::is_complete));
    }

    #[test]
    fn only_what_could_not_be_looked_at_is_a_gap() {
        let gap = |outcome: Outcome| outcome.is_gap();
        assert!(!gap(Outcome::Complete { count: 3 }));
        assert!(!gap(Outcome::NotOffered));
        assert!(gap(Outcome::Denied { action: "sqs:ListQueues".into() }));
        assert!(gap(Outcome::RegionDisabled));
        assert!(gap(Outcome::Cancelled));
        assert!(gap(Outcome::Failed { code: "timeout".into(), message: String::new() }));
    }

    #[test]
    fn a_cell_that_stands_twice_is_refused() {
        let cell = r#"{"type":"AWS::SQS::Queue","region":"x","outcome":{"status":"not-offered"}}"#;
        assert!(serde_json::from_str::<Coverage>(&format!("[{cell}]")).is_ok());
        assert!(serde_json::from_str::<Coverage>(&format!("[{cell},{cell}]")).is_err());
    }
}
