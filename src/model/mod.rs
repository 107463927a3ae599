//! Plain data: what a snapshot holds and what a comparison yields.
//!
//! Nothing here is asynchronous, knows the AWS SDK, or imports another module of this crate; every type
//! can be built in a test without an account.

mod arn;
pub mod cost;
mod coverage;
mod delta;
mod name;
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
pub use resource::{Owner, Properties, Resource, ResourceKey};
pub use snapshot::{Caller, Filters, Header, Scope, Snapshot, Tool};
pub use step::{Step, Switches};

/// The region under which resources of global services (IAM, STS) are filed.
pub const GLOBAL: &str = "global";
