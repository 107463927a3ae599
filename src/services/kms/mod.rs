//! AWS Key Management Service.

pub mod alias;
pub mod key;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&alias::SPEC, &key::SPEC];
