//! What the program knows about resource types, and what follows from it for any resource: canonical form, hash,
//! masking, references, ownership.

pub mod canon;
mod draft;
pub mod edges;
pub mod mask;
pub mod ownership;
pub mod policy;
pub mod references;
pub mod schema;
pub mod seal;
mod select;
mod spec;
pub mod steps;

pub use draft::{Draft, IntoProperty, Props, each, encoded_policy, json_document, keyed, policy_document};
pub use select::{NoSuchType, select};
pub use spec::{
    Created, Delete, Edge, LeftOut, Listed, Listing, Made, Order, Progress, Recipe, Running, Scope, TypeSpec, Unmapped,
    unwritten,
};

use crate::services;

/// Every supported type, sorted by name.
#[must_use]
pub fn all() -> Vec<&'static TypeSpec> {
    let mut types: Vec<_> = services::TYPES.iter().flat_map(|service| service.iter().copied()).collect();
    types.sort_unstable_by_key(|spec| spec.name);
    types
}

/// The spec of a type.
#[must_use]
pub fn find(name: &str) -> Option<&'static TypeSpec> {
    services::TYPES.iter().flat_map(|service| service.iter()).find(|spec| spec.name == name).copied()
}

/// Whether a declared dotted path is the given one or stands above it; `*` stands for any one step.
#[must_use]
pub fn covers_path(declared: &str, path: &str) -> bool {
    let mut steps = path.split('.');
    declared.split('.').all(|declared| steps.next().is_some_and(|step| declared == "*" || declared == step))
}
