//! Amazon EC2 and VPC.

use crate::catalog::TypeSpec;

mod account;
pub mod eip;
pub mod flow_log;
pub mod internet_gateway;
pub mod nat_gateway;
pub mod network_acl;
pub mod network_interface;
pub mod route_table;
pub mod security_group;
pub mod subnet;
mod tags;
pub mod transit_gateway;
pub mod vpc;
pub mod vpc_endpoint;
pub mod vpc_peering_connection;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[
    &eip::SPEC,
    &flow_log::SPEC,
    &internet_gateway::SPEC,
    &nat_gateway::SPEC,
    &network_acl::SPEC,
    &network_interface::SPEC,
    &route_table::SPEC,
    &security_group::SPEC,
    &subnet::SPEC,
    &transit_gateway::SPEC,
    &vpc::SPEC,
    &vpc_endpoint::SPEC,
    &vpc_peering_connection::SPEC,
];
