//! Amazon EC2 Auto Scaling.

use crate::catalog::TypeSpec;

pub mod auto_scaling_group;
mod group_props;
mod instance_requirements;
mod mixed_instances;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&auto_scaling_group::SPEC];
