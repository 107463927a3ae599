//! AWS Glue.

pub mod database;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&database::SPEC];
