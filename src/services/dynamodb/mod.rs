//! Amazon `DynamoDB`.

mod scaling;
pub mod table;
mod table_config;
mod table_delete;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&table::SPEC];
