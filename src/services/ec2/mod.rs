//! Amazon EC2 and VPC.

use crate::catalog::TypeSpec;

mod tags;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[];
