//! Amazon EC2 and VPC.

use aws_sdk_ec2::types::UnsuccessfulItem;

use crate::aws::{CallError, classify};
use crate::catalog::TypeSpec;

mod account;
pub mod customer_gateway;
pub mod dhcp_options;
pub mod egress_only_internet_gateway;
pub mod eip;
pub mod flow_log;
mod going;
pub mod image;
pub mod instance;
mod instance_left_out;
mod instance_props;
mod instance_requirements;
mod interfaces;
pub mod internet_gateway;
pub mod key_pair;
pub mod launch_template;
mod launch_template_data;
mod launch_template_more;
pub mod nat_gateway;
pub mod network_acl;
pub mod network_interface;
mod operator;
pub mod placement_group;
pub mod prefix_list;
pub mod route_table;
pub mod security_group;
pub mod snapshot;
pub mod subnet;
mod tags;
pub mod transit_gateway;
pub mod transit_gateway_attachment;
mod transit_gateway_delete;
pub mod transit_gateway_route_table;
pub mod volume;
pub mod vpc;
pub mod vpc_endpoint;
pub mod vpc_endpoint_service;
pub mod vpc_peering_connection;
pub mod vpn_connection;
pub mod vpn_gateway;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[
    &customer_gateway::SPEC,
    &dhcp_options::SPEC,
    &egress_only_internet_gateway::SPEC,
    &eip::SPEC,
    &flow_log::SPEC,
    &image::SPEC,
    &instance::SPEC,
    &internet_gateway::SPEC,
    &key_pair::SPEC,
    &launch_template::SPEC,
    &nat_gateway::SPEC,
    &network_acl::SPEC,
    &network_interface::SPEC,
    &placement_group::SPEC,
    &prefix_list::SPEC,
    &route_table::SPEC,
    &security_group::SPEC,
    &snapshot::SPEC,
    &subnet::SPEC,
    &transit_gateway::SPEC,
    &transit_gateway_attachment::SPEC,
    &transit_gateway_route_table::SPEC,
    &volume::SPEC,
    &vpc::SPEC,
    &vpc_endpoint::SPEC,
    &vpc_endpoint_service::SPEC,
    &vpc_peering_connection::SPEC,
    &vpn_connection::SPEC,
    &vpn_gateway::SPEC,
];

/// Some calls answer 200 and say inside what they did not do.
fn all_done(unsuccessful: &[UnsuccessfulItem], action: &str) -> Result<(), CallError> {
    let Some(item) = unsuccessful.first() else { return Ok(()) };
    let code = item.error().and_then(|error| error.code()).unwrap_or("unsuccessful");
    let message = item.error().and_then(|error| error.message()).unwrap_or_default();
    Err(CallError::new(classify(code, message), code, message, action))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ErrorClass;
    use aws_sdk_ec2::types::UnsuccessfulItemError;

    #[test]
    fn a_failure_inside_an_answer_is_a_failure() {
        assert_eq!(all_done(&[], "ec2:DeleteFlowLogs"), Ok(()));
        let error = UnsuccessfulItemError::builder().code("UnauthorizedOperation").message("no").build();
        let item = UnsuccessfulItem::builder().resource_id("fl-1").error(error).build();
        let refused = all_done(&[item], "ec2:DeleteFlowLogs").expect_err("one failed");
        assert_eq!((refused.class, refused.code.as_str()), (ErrorClass::Denied, "UnauthorizedOperation"));
    }
}
