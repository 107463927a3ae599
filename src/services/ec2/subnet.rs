//! Subnets.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    BlockPublicAccessMode, HostnameType, PrivateDnsNameOptionsOnLaunch, Subnet, SubnetCidrBlockState,
    SubnetCidrBlockStateCode, SubnetState,
};

use super::{account, interfaces, tags};
use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::steps::EVERY;
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Made, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::EC2::Subnet`, with IPv6 blocks beyond the first (`AWS::EC2::SubnetCidrBlock`) folded in as `cidrBlocks`, and
/// what Outposts adds as `mapCustomerOwnedIpOnLaunch` and `customerOwnedIpv4Pool`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::Subnet",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("EC2 does not report when a subnet was created"),
    sets: &["cidrBlocks"],
    secrets: &[],
    left_out: &[
        LeftOut {
            path: "Subnets[].Ipv6CidrBlockAssociationSet[].AssociationId",
            why: "id of a part that its block identifies",
        },
        LeftOut {
            path: "Subnets[].Ipv6CidrBlockAssociationSet[].Ipv6CidrBlockState.*",
            why: "progress of an association",
        },
        LeftOut {
            path: "Subnets[].Ipv6CidrBlockAssociationSet[].Ipv6AddressAttribute",
            why: "follows from the block of the VPC",
        },
        LeftOut { path: "Subnets[].Ipv6CidrBlockAssociationSet[].IpSource", why: "follows from the block of the VPC" },
    ],
    unmapped: &[
        Unmapped { path: "Tags", why: "kept in `tags`" },
        Unmapped { path: "Ipv4IpamPoolId", why: "write-only: where the block was taken from" },
        Unmapped { path: "Ipv4NetmaskLength", why: "write-only: `CidrBlock` says it" },
        Unmapped { path: "Ipv6IpamPoolId", why: "write-only: where the block was taken from" },
        Unmapped { path: "Ipv6NetmaskLength", why: "write-only: `Ipv6CidrBlock` says it" },
    ],
    edges: &[],
    read_actions: &["ec2:DescribeSubnets"],
    delete: Delete::Call(Recipe {
        operation: "DeleteSubnet",
        actions: &[
            "ec2:GetSubnetCidrReservations",
            "ec2:DeleteSubnetCidrReservation",
            interfaces::LOOK,
            "ec2:DeleteSubnet",
        ],
        gone: &["InvalidSubnetID.NotFound"],
        steps: Some(deletion),
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 6,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let pages = cx.client::<Client>().describe_subnets().max_results(1000).into_paginator().items().send();
    let subnets: Vec<Subnet> = pages.try_collect().await.at("ec2:DescribeSubnets")?;
    Ok(subnets.iter().map(|subnet| map(cx, subnet)).collect())
}

fn map(cx: &Cx, subnet: &Subnet) -> Draft {
    let public_access = subnet.block_public_access_states().and_then(|states| states.internet_gateway_block_mode());
    let blocks = ipv6_blocks(subnet);
    let (first, rest) = blocks.split_first().map_or((None, [].as_slice()), |(first, rest)| (Some(*first), rest));
    Draft::new(subnet.subnet_id().unwrap_or_default())
        .arn(subnet.subnet_arn())
        .name(tags::name_tag(subnet.tags()))
        .tags(tags::pairs(subnet.tags()))
        .aws_made(subnet.default_for_az() == Some(true), "default subnet of its availability zone")
        .owner(account::SHARED, account::other_account(cx, subnet.owner_id()))
        .with("VpcId", subnet.vpc_id())
        .with("CidrBlock", subnet.cidr_block())
        .with("AvailabilityZone", subnet.availability_zone())
        .with("AvailabilityZoneId", subnet.availability_zone_id())
        .with("OutpostArn", subnet.outpost_arn())
        .with("AssignIpv6AddressOnCreation", subnet.assign_ipv6_address_on_creation())
        .with("MapPublicIpOnLaunch", subnet.map_public_ip_on_launch())
        .with("EnableDns64", subnet.enable_dns64())
        .with("EnableLniAtDeviceIndex", subnet.enable_lni_at_device_index())
        .with("Ipv6Native", subnet.ipv6_native())
        .with("Ipv6CidrBlock", first)
        .with("PrivateDnsNameOptionsOnLaunch", subnet.private_dns_name_options_on_launch().map(dns_names))
        .with("cidrBlocks", each(rest, |block| Props::new().with("Ipv6CidrBlock", *block)))
        .with("mapCustomerOwnedIpOnLaunch", subnet.map_customer_owned_ip_on_launch())
        .with("customerOwnedIpv4Pool", subnet.customer_owned_ipv4_pool())
        .observed("State", subnet.state().map(SubnetState::as_str))
        .observed("Type", subnet.r#type())
        .observed("AvailableIpAddressCount", subnet.available_ip_address_count())
        .observed("InternetGatewayBlockMode", public_access.map(BlockPublicAccessMode::as_str))
}

/// The IPv6 blocks in use, sorted, since EC2 answers them in any order and keeps those that were taken away for a while.
fn ipv6_blocks(subnet: &Subnet) -> Vec<&str> {
    use SubnetCidrBlockStateCode::{Disassociated, Disassociating, Failed, Failing};
    let mut blocks: Vec<&str> = subnet
        .ipv6_cidr_block_association_set()
        .iter()
        .filter(|block| {
            let code = block.ipv6_cidr_block_state().and_then(SubnetCidrBlockState::state);
            !matches!(code, Some(Disassociated | Disassociating | Failed | Failing))
        })
        .filter_map(|block| block.ipv6_cidr_block())
        .collect();
    blocks.sort_unstable();
    blocks
}

fn dns_names(options: &PrivateDnsNameOptionsOnLaunch) -> Props {
    Props::new()
        .with("HostnameType", options.hostname_type().map(HostnameType::as_str))
        .with("EnableResourceNameDnsARecord", options.enable_resource_name_dns_a_record())
        .with("EnableResourceNameDnsAAAARecord", options.enable_resource_name_dns_aaaa_record())
}

/// Which ranges are reserved is not in the snapshot.
fn deletion(_: &Resource, _: &Switches) -> Vec<Step> {
    vec![Step::on("ec2:DeleteSubnetCidrReservation", EVERY), Step::on_resource("ec2:DeleteSubnet")]
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let ec2: Client = hands.client();
    match step.call.as_str() {
        "ec2:DeleteSubnetCidrReservation" => {
            for reservation in reservations(hands, &ec2).await? {
                let call = ec2.delete_subnet_cidr_reservation().subnet_cidr_reservation_id(&reservation).send();
                let one = Step::on(&step.call, reservation);
                hands.call_unless(&one, &["InvalidSubnetCidrReservationID.NotFound"], call).await?;
            }
            Ok(Progress::Done)
        }
        "ec2:DeleteSubnet" => match interfaces::of_functions(hands, &ec2, "subnet-id").await? {
            Some(what) => Ok(Progress::Waiting(what)),
            None => hands.at_once(step, ec2.delete_subnet().subnet_id(hands.id()).send()).await,
        },
        _ => Err(hands.unknown(step)),
    }
}

async fn reservations(hands: &Hands, ec2: &Client) -> Result<Vec<String>, CallError> {
    let mut ids = Vec::new();
    let mut token = None;
    // The SDK has no paginator for this call.
    loop {
        let page = ec2.get_subnet_cidr_reservations().subnet_id(hands.id()).set_next_token(token).send();
        let Some(page) = hands.look("ec2:GetSubnetCidrReservations", page).await? else { return Ok(ids) };
        let found = page.subnet_ipv4_cidr_reservations().iter().chain(page.subnet_ipv6_cidr_reservations());
        ids.extend(found.filter_map(|found| found.subnet_cidr_reservation_id.clone()));
        token = page.next_token;
        if token.is_none() {
            return Ok(ids);
        }
    }
}
