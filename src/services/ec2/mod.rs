//! Amazon EC2 and VPC.

use crate::catalog::TypeSpec;

mod account;
pub mod eip;
pub mod internet_gateway;
pub mod nat_gateway;
pub mod network_acl;
pub mod route_table;
pub mod security_group;
pub mod subnet;
mod tags;
pub mod vpc;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[
    &eip::SPEC,
    &internet_gateway::SPEC,
    &nat_gateway::SPEC,
    &network_acl::SPEC,
    &route_table::SPEC,
    &security_group::SPEC,
    &subnet::SPEC,
    &vpc::SPEC,
];
