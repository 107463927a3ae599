//! ECR.

use crate::catalog::TypeSpec;

mod repository;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&repository::SPEC];
