//! AWS `CloudFormation`.

pub mod stack;
mod template;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&stack::SPEC];
