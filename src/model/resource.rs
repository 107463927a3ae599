use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Properties in the shape of the `CloudFormation` resource schema, plus our folded sub-resources in lower case.
pub type Properties = serde_json::Map<String, serde_json::Value>;

/// One AWS resource as it was at one moment.
///
/// `properties` and `tags` are hashed; `observed` is shown and never hashed; `unreadable` names the properties
/// that are neither value nor absent because the account would not let us look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// `CloudFormation` type name, `AWS::SQS::Queue`.
    #[serde(rename = "type")]
    pub type_name: String,
    /// `CloudFormation` primary identifier; several parts are joined by `|`.
    pub id: String,
    /// The ARN, where the type has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// A name for people; never used as an API identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Region code, or [`super::GLOBAL`].
    pub region: String,
    /// When AWS says it was created, UTC; absent when AWS has no such field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<DateTime<Utc>>,
    /// The tags that users set. `aws:*` tags are in `observed.systemTags`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Configuration: hashed, masked.
    #[serde(default)]
    pub properties: Properties,
    /// Top-level property → error code and IAM action (`AccessDenied: s3:GetBucketPolicy`), for what could not be read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unreadable: BTreeMap<String, String>,
    /// State, counters, endpoints, last-modified: shown, never hashed.
    #[serde(default, skip_serializing_if = "Properties::is_empty")]
    pub observed: Properties,
    /// The controller that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// Why this counts as made by AWS (default VPC, service-linked role): collected so that references resolve,
    /// never offered for deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws_made: Option<String>,
    /// A date filter was on and AWS reports no creation time: never drift.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undetermined: bool,
    /// `b3v1:` and 64 hex digits, over properties and tags.
    pub hash: String,
}

/// The controller that made a resource and would make it again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// `cloudformation-stack`, `auto-scaling-group`, `eks-cluster`, …
    pub kind: String,
    /// ARN, name or id, as the marker gives it.
    pub id: String,
}

/// What a resource is looked up by: type, region, id. Creation time completes the identity where it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceKey<'a> {
    /// `CloudFormation` type name.
    pub type_name: &'a str,
    /// Region code or `global`.
    pub region: &'a str,
    /// Primary identifier.
    pub id: &'a str,
}

impl Resource {
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

impl fmt::Display for ResourceKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.type_name, self.region, self.id)
    }
}
