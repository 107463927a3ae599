//! Amazon `DynamoDB`.

mod scaling;
pub mod table;
mod table_config;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&table::SPEC];
