use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{ActionId, CellKey, Identity, Owner, ResourceRef};

/// A resource that differs from the baseline and is left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// Which.
    pub resource: Identity,
    /// Why; never empty, the gravest first.
    pub reasons: Vec<Refusal>,
    /// The controller that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// The actions with which it goes all the same: those of its owner, or of what it is a part of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goes_with: Vec<ActionId>,
}

/// A resource that stands in the way, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blocker {
    /// Which.
    pub resource: ResourceRef,
    /// How it uses what it blocks.
    pub why: String,
}

/// Why a resource is left alone. The tag is the machine-readable code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Refusal {
    /// It stands in the baseline.
    InBaseline,
    /// Somebody deleted the baseline's resource and made this one under the same id. Whether this one is meant to be
    /// there nobody can tell, and the baseline's is gone either way.
    Replaced {
        /// When the baseline's was created.
        baseline_created_at: Option<DateTime<Utc>>,
    },
    /// Its cell was not read to the end on both sides, or it is not in the live inventory.
    Unknown {
        /// What is missing.
        what: String,
    },
    /// A date filter is on, and AWS reports no creation time.
    Undetermined,
    /// It belongs to the identity that runs this program, or to the program's own store.
    OwnIdentity {
        /// How.
        why: String,
    },
    /// It is another account's.
    OtherAccount {
        /// Whose.
        account: String,
    },
    /// AWS made it.
    AwsMade {
        /// As what.
        why: String,
    },
    /// Its name, path or tag is that of a service, a landing zone, or of things that must not be deleted.
    Reserved {
        /// Which mark it bears.
        why: String,
    },
    /// A standing rule protects it.
    Protected {
        /// Which.
        by: String,
    },
    /// The command line excludes it.
    Excluded {
        /// By what.
        by: String,
    },
    /// It is not among the types or regions that were asked for.
    NotSelected,
    /// A controller made it and would make it again: act on the owner.
    Owned,
    /// It was created before the baseline was taken, so it was not added since.
    PredatesBaseline {
        /// When.
        created_at: Option<DateTime<Utc>>,
    },
    /// It is younger than the minimum age.
    TooYoung {
        /// When it was created.
        created_at: DateTime<Utc>,
    },
    /// There is a minimum age, and AWS does not say how old it is.
    AgeUnknown,
    /// Its type is never deleted.
    CannotDelete {
        /// Why.
        why: String,
    },
    /// Its deletion protection is on.
    DeletionProtected {
        /// In AWS's words.
        protection: String,
    },
    /// Content would go that cannot be had back.
    HoldsData,
    /// AWS would delete it although it is in use, and those who may use it could not be looked at.
    UnseenUsers {
        /// The cells that could not be looked at.
        cells: Vec<CellKey>,
    },
    /// It is used by, or takes along, something that stays.
    PinnedBy {
        /// By what.
        by: Vec<Blocker>,
    },
    /// It is used by, or takes along, something that was refused.
    BlockedBy {
        /// By what.
        by: Vec<Blocker>,
    },
    /// It waits for itself, and no declared change cuts the circle.
    Cycle {
        /// The edges of the circle.
        edges: Vec<CycleEdge>,
    },
    /// Two declarations contradict each other about which of the two goes first.
    Contradiction {
        /// Both.
        edges: Vec<CycleEdge>,
    },
    /// The plan would delete more than the limits allow, so it deletes nothing.
    OverCap {
        /// How many resources it would delete.
        would_delete: usize,
        /// How many it may.
        allowed: usize,
    },
}

/// One edge of a circle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CycleEdge {
    /// What would have to go first.
    pub first: ResourceRef,
    /// What would have to go after it.
    pub then: ResourceRef,
    /// Why.
    pub why: String,
}

impl Refusal {
    /// The machine-readable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::InBaseline => "in-baseline",
            Refusal::Replaced { .. } => "replaced",
            Refusal::Unknown { .. } => "unknown",
            Refusal::Undetermined => "undetermined",
            Refusal::OwnIdentity { .. } => "own-identity",
            Refusal::OtherAccount { .. } => "other-account",
            Refusal::AwsMade { .. } => "aws-made",
            Refusal::Reserved { .. } => "reserved",
            Refusal::Protected { .. } => "protected",
            Refusal::Excluded { .. } => "excluded",
            Refusal::NotSelected => "not-selected",
            Refusal::Owned => "owned",
            Refusal::PredatesBaseline { .. } => "predates-baseline",
            Refusal::TooYoung { .. } => "too-young",
            Refusal::AgeUnknown => "age-unknown",
            Refusal::CannotDelete { .. } => "cannot-delete",
            Refusal::DeletionProtected { .. } => "deletion-protected",
            Refusal::HoldsData => "holds-data",
            Refusal::UnseenUsers { .. } => "unseen-users",
            Refusal::PinnedBy { .. } => "pinned-by",
            Refusal::BlockedBy { .. } => "blocked-by",
            Refusal::Cycle { .. } => "cycle",
            Refusal::Contradiction { .. } => "contradiction",
            Refusal::OverCap { .. } => "over-cap",
        }
    }
}

impl fmt::Display for Refusal {
    /// One line for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::InBaseline => f.write_str("it stands in the baseline"),
            Refusal::Replaced { .. } => f.write_str("the baseline's was deleted and this one made under the same id"),
            Refusal::Unknown { what } => write!(f, "unknown: {what}"),
            Refusal::Undetermined => f.write_str("a date filter is on and AWS reports no creation time"),
            Refusal::OwnIdentity { why } => write!(f, "own identity: {why}"),
            Refusal::OtherAccount { account } => write!(f, "it belongs to account {account}"),
            Refusal::AwsMade { why } => write!(f, "made by AWS: {why}"),
            Refusal::Reserved { why } => write!(f, "reserved: {why}"),
            Refusal::Protected { by } => write!(f, "protected by {by}"),
            Refusal::Excluded { by } => write!(f, "excluded by {by}"),
            Refusal::NotSelected => f.write_str("not among the types and regions that were asked for"),
            Refusal::Owned => f.write_str("its owner made it and would make it again"),
            Refusal::PredatesBaseline { created_at: Some(at) } => write!(f, "older than the baseline: created {at}"),
            Refusal::PredatesBaseline { created_at: None } => {
                f.write_str("the baseline is filtered by tags, and AWS does not say whether this is older")
            }
            Refusal::TooYoung { created_at } => write!(f, "younger than the minimum age: created {created_at}"),
            Refusal::AgeUnknown => f.write_str("there is a minimum age and AWS reports no creation time"),
            Refusal::CannotDelete { why } => write!(f, "never deleted: {why}"),
            Refusal::DeletionProtected { protection } => write!(f, "deletion protection is on: {protection}"),
            Refusal::HoldsData => f.write_str("it holds data that cannot be had back"),
            Refusal::UnseenUsers { cells } => {
                f.write_str("may be used by what could not be looked at: ")?;
                list(f, cells.iter().map(|cell| format!("{} {}", cell.type_name, cell.region)))
            }
            Refusal::PinnedBy { by } => {
                f.write_str("pinned by ")?;
                list(f, by.iter().map(|blocker| format!("{}: {}", blocker.resource, blocker.why)))
            }
            Refusal::BlockedBy { by } => {
                f.write_str("blocked by ")?;
                list(f, by.iter().map(|blocker| format!("{}: {}", blocker.resource, blocker.why)))
            }
            Refusal::Cycle { edges } => {
                f.write_str("in a circle: ")?;
                list(f, edges.iter().map(|edge| format!("{} before {}: {}", edge.first, edge.then, edge.why)))
            }
            Refusal::Contradiction { edges } => {
                f.write_str("contradiction: ")?;
                list(f, edges.iter().map(|edge| format!("{} before {}: {}", edge.first, edge.then, edge.why)))
            }
            Refusal::OverCap { would_delete, allowed } => {
                write!(f, "the plan would delete {would_delete} resources and may delete {allowed}")
            }
        }
    }
}

/// The first few, and how many more.
fn list(f: &mut fmt::Formatter<'_>, items: impl ExactSizeIterator<Item = String>) -> fmt::Result {
    const SHOWN: usize = 3;
    let more = items.len().saturating_sub(SHOWN);
    let shown: Vec<String> = items.take(SHOWN).collect();
    f.write_str(&shown.join("; "))?;
    if more > 0 { write!(f, "; and {more} more") } else { Ok(()) }
}
