use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Switches;

/// Filters, protections and switches of a plan. They stand in the plan, so that the executor can apply them again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Only these types, by full name; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// Only these regions; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// ARNs, ids or names, or globs of them, that are left alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// Tags whose resources are left alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_tags: Vec<TagRule>,
    /// Standing protections, from the configuration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protect: Vec<ProtectRule>,
    /// Younger resources are left alone, and those of unknown age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_age_seconds: Option<u64>,
    /// Most resources that one plan may delete.
    pub max_deletes: usize,
    /// Most of the live inventory that one plan may delete, in percent.
    pub max_percent: u8,
    /// What is opted in to in the deletion of a resource.
    pub switches: Switches,
    /// Resources whose owner stays may be deleted without it.
    pub delete_owned: bool,
    /// Resources that stay may be changed (a rule revoked, a policy detached) so that drift can go.
    pub modify_kept: bool,
}

/// A tag that decides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagRule {
    /// The key, exactly.
    pub key: String,
    /// The value, exactly; any value where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// What is never deleted. All conditions that are given must hold; a rule without any protects everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProtectRule {
    /// A type, a service or a glob, in any case.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_name: Option<String>,
    /// A glob that the ARN must match, or the id of what has no ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// A glob that the name must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Tags that must all be there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagRule>,
    /// Why, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Default of `--max-deletes`.
pub const MAX_DELETES: usize = 200;
/// Default of `--max-percent`.
pub const MAX_PERCENT: u8 = 50;

impl Default for Options {
    /// Everything that was added, and nothing that needs an opt-in; final snapshots are taken.
    fn default() -> Self {
        Options {
            types: Vec::new(),
            regions: Vec::new(),
            exclude: Vec::new(),
            exclude_tags: Vec::new(),
            protect: Vec::new(),
            min_age_seconds: None,
            max_deletes: MAX_DELETES,
            max_percent: MAX_PERCENT,
            switches: Switches { final_snapshot: Some("aws-baseline-final".to_owned()), ..Switches::default() },
            delete_owned: false,
            modify_kept: false,
        }
    }
}

impl Options {
    /// The minimum age as a duration.
    #[must_use]
    pub fn min_age(&self) -> Option<TimeDelta> {
        // Whoever asks for more years than fit means "nothing".
        self.min_age_seconds
            .map(|seconds| i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds).unwrap_or(TimeDelta::MAX))
    }
}
