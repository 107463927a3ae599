//! NAT gateways, zonal and regional.

use std::collections::BTreeMap;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    AutoProvisionZonesState, AutoScalingIpsState, AvailabilityMode, ConnectivityType, NatGateway, NatGatewayAddress,
    NatGatewayAddressStatus, NatGatewayApplianceType, NatGatewayAttachedAppliance, NatGatewayState,
};

use super::tags;
use crate::aws::{Call, CallError, Cx, Fate, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Made, Order, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::Step;

/// `AWS::EC2::NatGateway`, with what intercepts its traffic as `attachedAppliances`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::NatGateway",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreateTime"),
    sets: &[
        "AvailabilityZoneAddresses",
        "AvailabilityZoneAddresses.*.AllocationIds",
        "NatGatewayAddresses",
        "SecondaryAllocationIds",
        "SecondaryPrivateIpAddresses",
        "attachedAppliances",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "NatGateways[].DeleteTime", why: "only of gateways that are gone" },
        LeftOut { path: "NatGateways[].FailureCode", why: "only of gateways that failed" },
        LeftOut { path: "NatGateways[].FailureMessage", why: "only of gateways that failed" },
        LeftOut { path: "NatGateways[].ProvisionedBandwidth.*", why: "reserved by AWS and unused" },
        LeftOut { path: "NatGateways[].NatGatewayAddresses[].AssociationId", why: "belongs to the address" },
        LeftOut { path: "NatGateways[].NatGatewayAddresses[].FailureMessage", why: "text about a state" },
        LeftOut { path: "NatGateways[].AttachedAppliances[].AttachmentState", why: "progress of a change" },
        LeftOut { path: "NatGateways[].AttachedAppliances[].ModificationState", why: "progress of a change" },
        LeftOut { path: "NatGateways[].AttachedAppliances[].FailureCode", why: "text about a state" },
        LeftOut { path: "NatGateways[].AttachedAppliances[].FailureMessage", why: "text about a state" },
    ],
    unmapped: &[
        Unmapped { path: "Tags", why: "kept in `tags`" },
        Unmapped { path: "MaxDrainDurationSeconds", why: "write-only: says how an address is taken away" },
        Unmapped { path: "SecondaryPrivateIpAddressCount", why: "`SecondaryPrivateIpAddresses` holds the addresses" },
    ],
    edges: &[
        address_edge("AllocationId"),
        address_edge("SecondaryAllocationIds.*"),
        address_edge("AvailabilityZoneAddresses.*.AllocationIds.*"),
    ],
    read_actions: &["ec2:DescribeNatGateways"],
    delete: Delete::Call(Recipe {
        operation: "DeleteNatGateway",
        actions: &["ec2:DeleteNatGateway"],
        gone: &["NatGatewayNotFound", "InvalidNatGatewayID.NotFound"],
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 5,
        holds_data: false,
        reversible: None,
    }),
};

/// An address is known by its allocation here, which is only a part of its id.
const fn address_edge(path: &'static str) -> Edge {
    Edge {
        path,
        to: "AWS::EC2::EIP",
        target: "{}",
        order: Order::HolderFirst,
        why: "an address cannot be released while a NAT gateway uses it",
    }
}

async fn list(cx: &Cx) -> Listed {
    let pages = cx.client::<Client>().describe_nat_gateways().max_results(1000).into_paginator().items().send();
    let gateways: Vec<NatGateway> = pages.try_collect().await.at("ec2:DescribeNatGateways")?;
    // Deleted and failed gateways are listed for about an hour.
    let gone =
        |gateway: &&NatGateway| matches!(gateway.state, Some(NatGatewayState::Deleted | NatGatewayState::Failed));
    Ok(gateways.iter().filter(|gateway| !gone(gateway)).map(|gateway| map(cx, gateway)).collect())
}

fn map(cx: &Cx, gateway: &NatGateway) -> Draft {
    let id = gateway.nat_gateway_id().unwrap_or_default();
    let draft = Draft::new(id)
        .arn(cx.arn("ec2", &format!("natgateway/{id}")).as_str())
        .name(tags::name_tag(gateway.tags()))
        .tags(tags::pairs(gateway.tags()))
        .created(gateway.create_time())
        .with("VpcId", gateway.vpc_id())
        .with("SubnetId", gateway.subnet_id())
        .with("ConnectivityType", gateway.connectivity_type().map(ConnectivityType::as_str))
        .with("AvailabilityMode", gateway.availability_mode().map(AvailabilityMode::as_str))
        .with("attachedAppliances", each(gateway.attached_appliances(), appliance))
        .observed("State", gateway.state().map(NatGatewayState::as_str))
        .observed("RouteTableId", gateway.route_table_id())
        .observed("AutoProvisionZones", gateway.auto_provision_zones().map(AutoProvisionZonesState::as_str))
        .observed("AutoScalingIps", gateway.auto_scaling_ips().map(AutoScalingIpsState::as_str))
        .observed("NatGatewayAddresses", each(gateway.nat_gateway_addresses(), observed_address));
    if gateway.availability_mode() == Some(&AvailabilityMode::Regional) {
        regional(draft, gateway)
    } else {
        zonal(draft, gateway.nat_gateway_addresses())
    }
}

/// A zonal gateway has one address, and more for more connections.
fn zonal(draft: Draft, addresses: &[NatGatewayAddress]) -> Draft {
    let (primary, secondary): (Vec<_>, Vec<_>) = addresses.iter().partition(|address| {
        // Gateways from before there were secondary addresses do not say which is which.
        address.is_primary().unwrap_or(true)
    });
    let of = |get: fn(&NatGatewayAddress) -> Option<&str>| -> Vec<String> {
        secondary.iter().filter_map(|address| get(address)).map(str::to_owned).collect()
    };
    draft
        .with("AllocationId", primary.first().and_then(|address| address.allocation_id()))
        .with("PrivateIpAddress", primary.first().and_then(|address| address.private_ip()))
        .with("SecondaryAllocationIds", of(NatGatewayAddress::allocation_id))
        .with("SecondaryPrivateIpAddresses", of(NatGatewayAddress::private_ip))
}

/// A regional gateway has addresses per zone. Where AWS adds and removes them by load, they are no configuration.
fn regional(draft: Draft, gateway: &NatGateway) -> Draft {
    let automatic = gateway.auto_provision_zones() == Some(&AutoProvisionZonesState::Enabled)
        || gateway.auto_scaling_ips() == Some(&AutoScalingIpsState::Enabled);
    if automatic {
        return draft;
    }
    let mut zones: BTreeMap<(Option<&str>, Option<&str>), Vec<String>> = BTreeMap::new();
    for address in gateway.nat_gateway_addresses() {
        let zone = zones.entry((address.availability_zone(), address.availability_zone_id())).or_default();
        zone.extend(address.allocation_id().map(str::to_owned));
    }
    let zones = zones.into_iter().map(|((zone, zone_id), allocations)| {
        Props::new()
            .with("AvailabilityZone", zone)
            .with("AvailabilityZoneId", zone_id)
            .with("AllocationIds", allocations)
    });
    draft.with("AvailabilityZoneAddresses", zones.collect::<Vec<_>>())
}

fn observed_address(address: &NatGatewayAddress) -> Props {
    Props::new()
        .with("AllocationId", address.allocation_id())
        .with("NetworkInterfaceId", address.network_interface_id())
        .with("PrivateIp", address.private_ip())
        .with("PublicIp", address.public_ip())
        .with("IsPrimary", address.is_primary())
        .with("AvailabilityZone", address.availability_zone())
        .with("AvailabilityZoneId", address.availability_zone_id())
        .with("Status", address.status().map(NatGatewayAddressStatus::as_str))
}

fn appliance(appliance: &NatGatewayAttachedAppliance) -> Props {
    Props::new()
        .with("Type", appliance.r#type().map(NatGatewayApplianceType::as_str))
        .with("ApplianceArn", appliance.appliance_arn())
        .with("VpcEndpointId", appliance.vpc_endpoint_id())
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let ec2: Client = hands.client();
    let request = async { ec2.delete_nat_gateway().nat_gateway_id(hands.id()).send().await.at(&step.call) };
    hands.until_gone(step, || fate(hands, &ec2), request).await
}

/// A deleted gateway is listed for about an hour; until then it holds its address and its place in the subnet.
async fn fate(hands: &Hands, ec2: &Client) -> Result<Fate, CallError> {
    use NatGatewayState::{Deleted, Deleting};
    let found = ec2.describe_nat_gateways().nat_gateway_ids(hands.id()).send();
    let found = hands.look("ec2:DescribeNatGateways", found).await?;
    let gateway = found.and_then(|found| found.nat_gateways?.into_iter().next());
    Ok(match gateway.map(|gateway| gateway.state) {
        None | Some(Some(Deleted)) => Fate::Gone,
        Some(Some(Deleting)) => Fate::going("deleting"),
        Some(_) => Fate::There,
    })
}
