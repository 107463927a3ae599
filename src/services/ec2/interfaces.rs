//! Interfaces that AWS takes back late.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::describe_network_interfaces::DescribeNetworkInterfacesOutput;
use aws_sdk_ec2::types::{Filter, NetworkInterface};

use crate::aws::{CallError, ErrorClass, Hands};

/// The action that looking needs.
pub(super) const LOOK: &str = "ec2:DescribeNetworkInterfaces";

/// What is waited for where interfaces of functions are still in a subnet or a security group. AWS takes them back up to
/// 40 minutes after the function is gone, and refuses the deletion until then.
///
/// `filter` is `subnet-id` or `group-id`. Who may not look asks AWS to delete, and is told.
/// Source: Lambda Developer Guide, "Understanding Hyperplane Elastic Network Interfaces".
pub(super) async fn of_functions(hands: &Hands, ec2: &Client, filter: &str) -> Result<Option<String>, CallError> {
    let filter = Filter::builder().name(filter).values(hands.id()).build();
    let found = match hands.look(LOOK, ec2.describe_network_interfaces().filters(filter).send()).await {
        Err(error) if error.class == ErrorClass::Denied => return Ok(None),
        found => found?,
    };
    let late = |interface: &&NetworkInterface| {
        interface.description().is_some_and(|text| text.starts_with("AWS Lambda VPC ENI"))
    };
    let interfaces = found.as_ref().map(DescribeNetworkInterfacesOutput::network_interfaces).unwrap_or_default();
    let ids: Vec<&str> = interfaces.iter().filter(late).filter_map(NetworkInterface::network_interface_id).collect();
    Ok((!ids.is_empty()).then(|| format!("AWS still takes back the interfaces of a function: {}", ids.join(", "))))
}
