//! Plain data: what a snapshot holds, what a comparison yields, and what a plan is.
//!
//! Nothing here is asynchronous, knows the AWS SDK, or imports another module of this crate; every type
//! can be built in a test without an account.

mod arn;
pub mod cost;
mod coverage;
mod delta;
mod name;
mod plan;
#[cfg(test)]
pub(crate) mod plan_example;
mod plan_options;
mod plan_refusal;
mod resource;
mod snapshot;
mod step;

pub use arn::{Arn, ParseArnError};
pub use coverage::{Cell, CellKey, Coverage, Outcome};
pub use delta::{
    Actor, Change, Delta, FieldChange, Ignored, Impact, Kind, Modified, Parent, Replaced, Security, Settled,
    UnknownCell,
};
pub use name::{InvalidName, SnapshotName};
pub use plan::{
    Action, ActionId, ActionKind, BaselineRef, Identity, PLAN_SCHEMA, Plan, ResourceRef, Risk, RiskLevel, Unseen, Wait,
};
pub use plan_options::{MAX_DELETES, MAX_PERCENT, Options, ProtectRule, TagRule};
pub use plan_refusal::{Blocker, CycleEdge, Refusal, Refused};
pub use resource::{Owner, Properties, Resource, ResourceKey};
pub use snapshot::{Caller, Filters, Header, Scope, Snapshot, Tool};
pub use step::{Step, Switches};

/// The region under which resources of global services (IAM, STS) are filed.
pub const GLOBAL: &str = "global";
