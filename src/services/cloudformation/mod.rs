//! AWS `CloudFormation`.

pub mod stack;
pub mod stack_set;
mod template;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&stack::SPEC, &stack_set::SPEC];
