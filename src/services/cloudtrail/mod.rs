//! AWS `CloudTrail`.

pub mod trail;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&trail::SPEC];
