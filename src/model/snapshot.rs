use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Coverage, Resource, SnapshotName};

/// An immutable, hashed inventory of one account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// Who, where, when, with what scope.
    pub header: Header,
    /// How looking at each cell went.
    pub coverage: Coverage,
    /// Sorted by type, region and id.
    pub resources: Vec<Resource>,
}

/// Who took the snapshot, of what, when and with what scope.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The snapshot's name, as in its file name.
    pub name: SnapshotName,
    /// Start of the run, UTC; the cut-off of date filters.
    pub created_at: DateTime<Utc>,
    /// End of the run, UTC.
    pub completed_at: DateTime<Utc>,
    /// Twelve digits.
    pub account: String,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// Who was asking, from STS `GetCallerIdentity`.
    pub caller: Caller,
    /// What was looked at.
    pub scope: Scope,
    /// What was kept of it.
    #[serde(default, skip_serializing_if = "Filters::is_empty")]
    pub filters: Filters,
    /// What the user wrote with `--metadata`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// Identifies the masking key, without giving it away: masked values compare only under the same key.
    pub mask_key: String,
    /// The program that took it.
    pub tool: Tool,
    /// Resources found before filters.
    pub found: usize,
}

/// The caller, from STS `GetCallerIdentity`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caller {
    /// ARN of the user, role session or root.
    pub arn: String,
    /// Unique id, `AROA…:session`.
    pub user_id: String,
}

/// Regions and types that were looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Region codes, sorted.
    pub regions: Vec<String>,
    /// `CloudFormation` type names, sorted.
    pub types: Vec<String>,
}

/// Filters on what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filters {
    /// Keep what was created at or after this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_from: Option<DateTime<Utc>>,
    /// Keep what was created before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_before: Option<DateTime<Utc>>,
    /// Keep what carries all of these tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// The program that took a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Version of aws-baseline.
    pub version: String,
    /// Version of the normaliser, as in the prefix of each hash.
    pub normaliser: String,
}

impl Filters {
    /// Whether everything found was kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Filters::default()
    }

    /// Whether creation dates decide what is kept.
    #[must_use]
    pub fn by_date(&self) -> bool {
        self.created_from.is_some() || self.created_before.is_some()
    }
}

impl Snapshot {
    /// Looks a resource up by its key.
    #[must_use]
    pub fn find(&self, key: super::ResourceKey<'_>) -> Option<&Resource> {
        self.resources.binary_search_by(|resource| resource.key().cmp(&key)).ok().map(|at| &self.resources[at])
    }

    /// Number of properties, over all resources, that could not be read.
    #[must_use]
    pub fn unreadable(&self) -> usize {
        self.resources.iter().map(|resource| resource.unreadable.len()).sum()
    }

    /// Whether something could not be looked at.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.coverage.gaps().next().is_some() || self.unreadable() > 0
    }
}
