//! AWS `CodePipeline`.

pub mod pipeline;
mod pipeline_stages;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&pipeline::SPEC];
