//! Amazon EC2 and VPC.

use crate::catalog::TypeSpec;

mod account;
pub mod security_group;
pub mod subnet;
mod tags;
pub mod vpc;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[
    &security_group::SPEC,
    &subnet::SPEC,
    &vpc::SPEC,
];
