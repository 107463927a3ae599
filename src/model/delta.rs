use serde::Serialize;
use serde_json::Value;

use super::{CellKey, Outcome, Resource};

/// The field-level difference between two snapshots.
///
/// A resource is added or deleted only where both sides looked to the end; everything else is unknown.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Delta {
    /// In the second only.
    pub added: Vec<Resource>,
    /// In the first only.
    pub deleted: Vec<Resource>,
    /// In both, with other properties or tags.
    pub modified: Vec<Modified>,
    /// Same id, other creation time: somebody deleted it and made it again.
    pub replaced: Vec<Replaced>,
    /// In both and equal in all that could be compared.
    pub unchanged: usize,
    /// In one snapshot only, and a date filter could not tell whether it belongs to the other.
    pub undetermined: Vec<Resource>,
    /// Cells that one side could not look at.
    pub unknown: Vec<UnknownCell>,
    /// Properties that could not be compared because one side could not read them or has another masking key.
    pub not_compared: usize,
}

/// A resource that is in both snapshots with differences.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Modified {
    /// As it was.
    pub before: Resource,
    /// As it is.
    pub after: Resource,
    /// What differs, sorted by path.
    pub changes: Vec<FieldChange>,
}

/// A resource that was deleted and made again under the same id.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replaced {
    /// The old one.
    pub before: Resource,
    /// The new one.
    pub after: Resource,
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldChange {
    /// `properties.Policies[admin].PolicyDocument`, `tags.Team`; an element of a set is named by its key.
    pub path: String,
    /// What happened to it.
    pub change: Change,
    /// Old value; absent when the field is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// New value; absent when the field is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// What happened to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Only in the second.
    Added,
    /// Only in the first.
    Removed,
    /// In both, with other values.
    Changed,
}

/// A cell about which nothing can be said, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnknownCell {
    /// Which cell.
    #[serde(flatten)]
    pub cell: CellKey,
    /// How the first snapshot fared.
    pub before: Option<Outcome>,
    /// How the second snapshot fared.
    pub after: Option<Outcome>,
    /// Resources in either snapshot that fall into the cell.
    pub resources: usize,
}

impl Delta {
    /// Whether anything differs; cells that nobody could look at are no difference.
    #[must_use]
    pub fn has_drift(&self) -> bool {
        !(self.added.is_empty() && self.deleted.is_empty() && self.modified.is_empty() && self.replaced.is_empty())
    }
}
