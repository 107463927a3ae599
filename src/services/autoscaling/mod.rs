//! Amazon EC2 Auto Scaling.

use crate::catalog::TypeSpec;

pub mod auto_scaling_group;
mod delete;
mod group_props;
mod instance_requirements;
pub mod launch_configuration;
mod mixed_instances;
mod scaling_metrics;
pub mod scaling_policy;
pub mod scheduled_action;

/// The types of this service.
pub const TYPES: &[&TypeSpec] =
    &[&auto_scaling_group::SPEC, &launch_configuration::SPEC, &scaling_policy::SPEC, &scheduled_action::SPEC];
