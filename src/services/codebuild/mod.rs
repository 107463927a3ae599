//! AWS `CodeBuild`.

pub mod project;
mod project_parts;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&project::SPEC];
