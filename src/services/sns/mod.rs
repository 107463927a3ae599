//! Amazon SNS.

pub mod subscription;
pub mod topic;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&subscription::SPEC, &topic::SPEC];
