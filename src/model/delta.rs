use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value;

use super::cost::{MonthlyCosts, Saving};
use super::{CellKey, Outcome, Resource, ResourceKey};

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
    /// What comes and goes with a controller of the baseline, and what AWS makes by itself: no drift.
    pub settled: Vec<Settled>,
    /// What the rules of the user leave out.
    pub ignored: Vec<Ignored>,
    /// Who did it, where that was asked for and is known.
    pub actors: Vec<Actor>,
    /// What the added resources cost in a month, where a bill is at hand and has lines for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub costs: Option<MonthlyCosts>,
    /// Child → owner, both as [`super::ResourceKey`] prints, for everything above whose owner is in one of the snapshots.
    #[serde(skip)]
    pub owners: BTreeMap<String, Parent>,
}

/// A resource that is in both snapshots with differences.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Modified {
    /// As it was.
    pub before: Resource,
    /// As it is.
    pub after: Resource,
    /// What the changes mean together.
    pub impact: Impact,
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
    /// The resource cannot be changed back in place: the schema calls the property create-only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub replacement: bool,
    /// Why security people should look at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security: Option<Security>,
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

/// What the changes of one resource mean together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Impact {
    /// One of the changes is to a create-only property: undoing it means a new resource.
    pub replacement: bool,
    /// Kinds of security-relevant changes, each once.
    pub security: BTreeSet<Security>,
    /// Nothing but tags differs.
    pub tags_only: bool,
}

/// Kinds of changes that bear on security.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Security {
    /// Who may assume a role.
    Trust,
    /// What somebody may do, or who may use a thing.
    Policy,
    /// Whether the world can reach it.
    PublicAccess,
    /// What may come in from the network.
    Ingress,
    /// What may go out to the network.
    Egress,
    /// Encryption at rest or under way, and its keys.
    Encryption,
    /// Passwords, access keys, second factors, tokens of instances.
    Credentials,
    /// As whom it runs.
    Role,
    /// Whether others see what happens: trails, logs, detectors.
    Audit,
}

impl Security {
    /// The word in tables and files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Security::Trust => "trust",
            Security::Policy => "policy",
            Security::PublicAccess => "public-access",
            Security::Ingress => "ingress",
            Security::Egress => "egress",
            Security::Encryption => "encryption",
            Security::Credentials => "credentials",
            Security::Role => "role",
            Security::Audit => "audit",
        }
    }
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

/// What a resource went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// In the second only.
    Added,
    /// In the first only.
    Deleted,
    /// In both, with differences.
    Modified,
    /// Deleted and made again.
    Replaced,
}

impl Kind {
    /// The word in tables and files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::Added => "added",
            Kind::Deleted => "deleted",
            Kind::Modified => "modified",
            Kind::Replaced => "replaced",
        }
    }
}

/// A difference that is no drift, because whoever made the resource keeps remaking it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settled {
    /// What happened.
    pub kind: Kind,
    /// To whom; the newer side.
    pub resource: Resource,
    /// Why it is no drift: `kept by auto-scaling-group web`, `made by AWS: default VPC`.
    pub why: String,
}

/// A difference that a rule of the user leaves out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ignored {
    /// What happened.
    pub kind: Kind,
    /// To whom; the newer side.
    pub resource: Resource,
    /// The changes that the rule covers; empty when it covers the resource whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FieldChange>,
    /// Position of the rule in the configuration, from 1.
    pub rule: usize,
    /// What the rule says.
    pub reason: String,
    /// The last day on which the rule holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

/// The owner of a resource of a delta.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// Its key, as [`super::ResourceKey`] prints it.
    pub key: String,
    /// Its type.
    pub type_name: String,
    /// Its region.
    pub region: String,
    /// What people call it.
    pub label: String,
}

/// Who changed a resource, from `CloudTrail`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Actor {
    /// `CloudFormation` type name.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Region code or `global`.
    pub region: String,
    /// Primary identifier.
    pub id: String,
    /// When, UTC.
    pub at: DateTime<Utc>,
    /// The API call: `RunInstances`.
    pub event: String,
    /// Who: the user's ARN, the role session's ARN, an AWS service.
    pub principal: String,
    /// The role that the session was of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The AWS service that called in the principal's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
}

impl Delta {
    /// Everything that is in the second only, be it drift or kept by its owner or made by AWS.
    pub fn newcomers(&self) -> impl Iterator<Item = &Resource> {
        let settled = self.settled.iter().filter(|settled| settled.kind == Kind::Added);
        self.added.iter().chain(settled.map(|settled| &settled.resource))
    }

    /// Drops what is known of the costs of all but the added resources.
    pub fn keep_costs_of_added(&mut self) {
        let added: BTreeSet<ResourceKey<'_>> = self.added.iter().map(Resource::key).collect();
        if let Some(costs) = &mut self.costs {
            costs.resources.retain(|cost| added.contains(&cost.key()));
        }
    }

    /// What the added resources cost in a month, and of how many that is known.
    #[must_use]
    pub fn cost_of_added(&self) -> Option<Saving> {
        self.costs.as_ref().map(|costs| costs.saving(self.added.iter().map(Resource::key)))
    }

    /// Whether anything differs; cells that nobody could look at are no difference.
    #[must_use]
    pub fn has_drift(&self) -> bool {
        !(self.added.is_empty() && self.deleted.is_empty() && self.modified.is_empty() && self.replaced.is_empty())
    }

    /// Whether something could not be looked at or not be compared.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        !self.unknown.is_empty() || self.not_compared > 0
    }
}
