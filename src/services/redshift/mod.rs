//! Redshift.

use crate::catalog::TypeSpec;

mod cluster;
mod cluster_left_out;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&cluster::SPEC];
