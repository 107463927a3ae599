//! Elastic Load Balancing, version 2: application, network and gateway load balancers.

mod action;
mod listener;
pub mod load_balancer;
mod rule;
mod tags;
pub mod target_group;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&load_balancer::SPEC, &target_group::SPEC];
