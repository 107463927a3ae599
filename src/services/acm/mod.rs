//! AWS Certificate Manager.

use crate::catalog::TypeSpec;

pub mod certificate;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&certificate::SPEC];
