//! Amazon `CloudWatch`.

pub mod alarm;
pub mod composite_alarm;
pub mod dashboard;
mod shared;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&alarm::SPEC, &composite_alarm::SPEC, &dashboard::SPEC];
