//! Amazon `GuardDuty`.

pub mod detector;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&detector::SPEC];
