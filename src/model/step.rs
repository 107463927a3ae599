use std::fmt;

use serde::{Deserialize, Serialize};

/// One mutating call of a deletion, as it stands in a plan and in the ledger.
///
/// A step says everything that its call needs beyond the resource itself, so that what was printed is what is done.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// IAM action of the call: `iam:DetachRolePolicy`.
    pub call: String,
    /// What it acts on beside the resource: ARN of a policy, id of a rule; empty for the resource itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub target: String,
}

impl Step {
    /// A call on the resource itself.
    #[must_use]
    pub fn on_resource(call: &str) -> Self {
        Step { call: call.to_owned(), target: String::new() }
    }

    /// A call on a part of the resource, or on something beside it.
    #[must_use]
    pub fn on(call: &str, target: impl Into<String>) -> Self {
        Step { call: call.to_owned(), target: target.into() }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.call)?;
        if self.target.is_empty() { Ok(()) } else { write!(f, " {}", self.target) }
    }
}

/// What the user opted in to, beyond deleting.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switches {
    /// Content that cannot be had back may go (`--allow-data-loss`).
    pub data_loss: bool,
    /// Deletion protection may be turned off (`--disable-protection`).
    pub disable_protection: bool,
    /// Name of the final snapshots to take, before the resource's own name; `None` takes none
    /// (`--final-snapshots=false`).
    pub final_snapshot: Option<String>,
}
