//! Amazon EC2 and VPC.

use crate::catalog::TypeSpec;

pub mod image;
pub mod instance;
mod instance_left_out;
mod instance_props;
mod instance_requirements;
pub mod key_pair;
pub mod launch_template;
mod launch_template_data;
mod launch_template_more;
mod operator;
pub mod snapshot;
mod tags;
pub mod volume;

/// The types of this service.
pub const TYPES: &[&TypeSpec] =
    &[&image::SPEC, &instance::SPEC, &key_pair::SPEC, &launch_template::SPEC, &snapshot::SPEC, &volume::SPEC];
