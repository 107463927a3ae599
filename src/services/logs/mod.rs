//! Amazon `CloudWatch` Logs.

pub mod log_group;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&log_group::SPEC];
