//! Application Auto Scaling.

use crate::catalog::TypeSpec;

pub mod scalable_target;
mod scaling_policy;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&scalable_target::SPEC];
