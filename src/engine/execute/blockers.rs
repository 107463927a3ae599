//! What holds a thing that cannot be deleted.
//!
//! EC2 says only "has a dependent object". For security groups, subnets and VPCs the network interfaces in them tell who
//! that is: every service that lives in a VPC shows up as one.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Filter, NetworkInterface};

use crate::aws::{Call as _, Hands};

/// Interfaces that are named.
const SHOWN: usize = 5;

/// The reason that AWS gave, with the names of what holds the thing where they can be found out.
pub async fn named(hands: &Hands, why: &str) -> String {
    let filter = match hands.resource.type_name.as_str() {
        "AWS::EC2::SecurityGroup" => "group-id",
        "AWS::EC2::Subnet" => "subnet-id",
        "AWS::EC2::VPC" => "vpc-id",
        _ => return why.to_owned(),
    };
    let ec2: Client = hands.client();
    let filter = Filter::builder().name(filter).values(hands.id()).build();
    let answer = ec2.describe_network_interfaces().filters(filter).max_results(100).send().await;
    match answer.at("ec2:DescribeNetworkInterfaces") {
        Ok(answer) if answer.network_interfaces().is_empty() => why.to_owned(),
        Ok(answer) => {
            let interfaces = answer.network_interfaces();
            let names: Vec<String> = interfaces.iter().take(SHOWN).map(owner_of).collect();
            let more = interfaces.len().saturating_sub(SHOWN);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("{why}; held by {}{more}", names.join(", "))
        }
        Err(error) => format!("{why}; what holds it could not be found out: {error}"),
    }
}

fn owner_of(interface: &NetworkInterface) -> String {
    let id = interface.network_interface_id().unwrap_or_default();
    let instance = interface.attachment().and_then(|attachment| attachment.instance_id());
    match (instance, interface.description().filter(|text| !text.is_empty())) {
        (Some(instance), _) => format!("{id} of {instance}"),
        (None, Some(text)) => format!("{id} ({text})"),
        (None, None) => id.to_owned(),
    }
}
