//! Amazon `SageMaker`.

pub mod notebook_instance;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&notebook_instance::SPEC];
