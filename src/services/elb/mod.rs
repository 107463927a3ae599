//! Classic load balancers.

use crate::catalog::TypeSpec;

pub mod load_balancer;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&load_balancer::SPEC];
