//! AWS Secrets Manager.

pub mod secret;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&secret::SPEC];
