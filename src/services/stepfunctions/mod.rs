//! Step Functions.

use crate::catalog::TypeSpec;

mod state_machine;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&state_machine::SPEC];
