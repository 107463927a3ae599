//! AWS Systems Manager.

pub mod parameter;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&parameter::SPEC];
