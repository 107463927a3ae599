//! Amazon SQS.

pub mod queue;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&queue::SPEC];
