use std::fmt;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::cost::Saving;
use super::plan_options::Options;
use super::plan_refusal::Refused;
use super::{Arn, Outcome, Owner, Resource, ResourceKey, SnapshotName, Step};

/// Version of the plan's form, in files and in JSON output.
pub const PLAN_SCHEMA: u32 = 1;

/// What takes the drift away: ordered actions with a reason for each, and what is left alone with the reason why.
///
/// A plan is a value: what is printed is what is executed. Each resource that was added since the baseline stands in it
/// exactly once, as an action that deletes it or as a refusal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// [`PLAN_SCHEMA`].
    pub schema: u32,
    /// `b3p1:` and 64 hex digits over all else that stands here; see `catalog::seal`.
    pub hash: String,
    /// What was compared with.
    pub baseline: BaselineRef,
    /// Twelve digits.
    pub account: String,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// ARN of who asked AWS for the live inventory, and is to execute the plan.
    pub caller: String,
    /// When the live inventory was complete.
    pub inventory_at: DateTime<Utc>,
    /// When the plan was made.
    pub created_at: DateTime<Utc>,
    /// From this moment on the plan is not executed any more.
    pub expires_at: DateTime<Utc>,
    /// Filters, protections and switches under which it was made.
    pub options: Options,
    /// What is done, sorted by wave, rank, type, region and id.
    pub actions: Vec<Action>,
    /// What is not done although it differs, sorted by type, region and id.
    pub refused: Vec<Refused>,
    /// Cells of which nothing is known, so that nothing in them is touched.
    pub unknown: Vec<Unseen>,
    /// Resources that a date filter leaves undecided, so that they are not touched.
    pub undetermined: Vec<ResourceRef>,
    /// What all of it saves in a month, where a bill was at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saving: Option<Saving>,
}

/// The baseline of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineRef {
    /// Its name.
    pub name: SnapshotName,
    /// Its digest, `b3d1:…`.
    pub digest: String,
}

/// Names an action inside its plan: `a0001`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActionId(pub String);

impl fmt::Display for ActionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a resource must be when its action starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// `CloudFormation` type name.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Region code or `global`.
    pub region: String,
    /// Primary identifier.
    pub id: String,
    /// The ARN, where the type has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When AWS says it was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<DateTime<Utc>>,
    /// `b3v1:…` over properties and tags.
    pub hash: String,
}

/// Names a resource that is spoken of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceRef {
    /// `CloudFormation` type name.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Region code or `global`.
    pub region: String,
    /// Primary identifier.
    pub id: String,
    /// What people call it, where that is not the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// One thing that is done to one resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Its name in this plan.
    pub id: ActionId,
    /// What kind of thing.
    pub kind: ActionKind,
    /// To what.
    pub resource: Identity,
    /// Why.
    pub reason: String,
    /// Every mutating call, in order. For [`ActionKind::Delete`] the delete itself is the last.
    pub steps: Vec<Step>,
    /// 1 for what waits for nothing, else one more than the highest wave of what it waits for.
    pub wave: u32,
    /// Order among what is ready: 0 stops producers, 9 is logs and audit.
    pub rank: u8,
    /// What must be done before, sorted by action.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waits_for: Vec<Wait>,
    /// It starts only when every action without this mark has ended, for this reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_all: Option<String>,
    /// Top-level properties that the plan's own earlier actions change: they may differ when this action starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may_change: Vec<String>,
    /// `b3v1:…` over tags and all properties but those of `may_change`.
    pub stable_hash: String,
    /// How much attention it deserves.
    pub risk: Risk,
    /// How it can be had back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversible: Option<String>,
    /// Whether content goes that cannot be had back.
    pub data_loss: bool,
    /// The protection that is turned off first, in AWS's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disables_protection: Option<String>,
    /// The controller that made it, and may make it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// What goes with it without an action of its own: members of a stack, instances of a group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub takes_along: Vec<ResourceRef>,
    /// Of the resource and of what goes with it, in the currency of [`Plan::saving`], where a bill has lines for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_monthly_saving: Option<Decimal>,
}

/// What kind of thing an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionKind {
    /// Changes a resource that a later action deletes, to cut a circle: revokes rules of a security group.
    Prepare,
    /// Changes a resource that stays, so that another can go. Only with [`Options::modify_kept`].
    Modify,
    /// Deletes a resource.
    Delete,
}

impl fmt::Display for ActionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            ActionKind::Prepare => "prepare",
            ActionKind::Modify => "modify",
            ActionKind::Delete => "delete",
        })
    }
}

/// Another action that must be done before, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    /// Which.
    pub action: ActionId,
    /// Why.
    pub why: String,
}

/// How much attention an action deserves, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    /// The highest of its reasons.
    pub level: RiskLevel,
    /// Why it is not low.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// How much attention an action deserves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RiskLevel {
    /// Nothing speaks against it.
    Low,
    /// Look at it.
    Medium,
    /// Think about it.
    High,
}

impl fmt::Display for RiskLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            RiskLevel::Low => "low",
            RiskLevel::Medium => "medium",
            RiskLevel::High => "high",
        })
    }
}

/// A cell of which nothing is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unseen {
    /// `CloudFormation` type name.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Region code or `global`.
    pub region: String,
    /// How the baseline fared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Outcome>,
    /// How the live inventory fared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Outcome>,
    /// Resources on either side that fall into the cell.
    pub resources: usize,
}

impl Identity {
    /// The identity of a resource as it was read.
    #[must_use]
    pub fn of(resource: &Resource) -> Self {
        Identity {
            type_name: resource.type_name.clone(),
            region: resource.region.clone(),
            id: resource.id.clone(),
            arn: resource.arn.clone(),
            name: resource.name.clone(),
            created_at: resource.created_at,
            hash: resource.hash.clone(),
        }
    }

    /// The key under which snapshots are sorted and compared.
    #[must_use]
    pub fn key(&self) -> ResourceKey<'_> {
        ResourceKey { type_name: &self.type_name, region: &self.region, id: &self.id }
    }

    /// What people call it: the name, else the id.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

impl ResourceRef {
    /// Names a resource.
    #[must_use]
    pub fn of(resource: &Resource) -> Self {
        ResourceRef {
            type_name: resource.type_name.clone(),
            region: resource.region.clone(),
            id: resource.id.clone(),
            name: resource.name.clone().filter(|name| *name != resource.id),
        }
    }
}

impl fmt::Display for ResourceRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.type_name, self.id)?;
        self.name.as_ref().map_or(Ok(()), |name| write!(f, " ({name})"))
    }
}

impl Plan {
    /// Looks an action up. `None` for an id of another plan.
    #[must_use]
    pub fn action(&self, id: &ActionId) -> Option<&Action> {
        // The ids count the actions in their order.
        let at: usize = id.0.strip_prefix('a')?.parse().ok()?;
        self.actions.get(at.checked_sub(1)?).filter(|action| action.id == *id)
    }

    /// The actions that delete.
    pub fn deletes(&self) -> impl Iterator<Item = &Action> {
        self.actions.iter().filter(|action| action.kind == ActionKind::Delete)
    }

    /// The number of waves.
    #[must_use]
    pub fn waves(&self) -> u32 {
        self.actions.iter().map(|action| action.wave).max().unwrap_or(0)
    }

    /// The account in an ARN of the caller, where it is one.
    #[must_use]
    pub fn caller_account(&self) -> Option<String> {
        self.caller.parse::<Arn>().ok().map(|arn| arn.account)
    }
}
