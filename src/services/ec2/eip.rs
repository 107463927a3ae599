//! Elastic IP addresses, each with what it is associated with and its reverse DNS name.

use std::collections::HashMap;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Address, AddressAttribute, AddressAttributeName, DomainType, ServiceManaged};

use super::tags;
use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Made, Progress, Props, Recipe, Scope, TypeSpec, Unmapped,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::EC2::EIP`, with `AWS::EC2::EIPAssociation` folded in as `association`, the reverse DNS name as `ptrRecord`
/// and the pool of an Outpost as `customerOwnedIpv4Pool`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::EIP",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("EC2 does not report when an address was allocated"),
    sets: &[],
    secrets: &[],
    left_out: &[
        LeftOut { path: "Addresses[].AssociationId", why: "changes with every new association" },
        LeftOut { path: "Addresses[].NetworkInterfaceOwnerId", why: "belongs to the network interface" },
        LeftOut { path: "DescribeAddressesAttribute:Addresses[].PublicIp", why: "the address itself" },
        LeftOut { path: "Addresses[].PtrRecordUpdate.*", why: "progress of a change" },
    ],
    unmapped: &[
        Unmapped { path: "Tags", why: "kept in `tags`" },
        Unmapped { path: "Address", why: "write-only: the address is part of the id" },
        Unmapped { path: "IpamPoolId", why: "write-only: where the address was taken from" },
        Unmapped { path: "TransferAddress", why: "write-only: the address is part of the id" },
    ],
    edges: &[],
    read_actions: &["ec2:DescribeAddresses", "ec2:DescribeAddressesAttribute"],
    delete: Delete::Call(Recipe {
        operation: "ReleaseAddress",
        actions: &["ec2:DisassociateAddress", "ec2:ReleaseAddress"],
        gone: &["InvalidAllocationID.NotFound", "InvalidAddress.NotFound"],
        steps: Some(deletion),
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 6,
        holds_data: false,
        reversible: None,
    }),
};

/// Reverse DNS names by allocation.
type Names = HashMap<String, AddressAttribute>;

async fn list(cx: &Cx) -> Listed {
    let ec2: Client = cx.client();
    // This call has no pages.
    let addresses = ec2.describe_addresses().send().await.at("ec2:DescribeAddresses")?;
    if addresses.addresses().is_empty() {
        return Ok(Vec::new());
    }
    let names = names(&ec2).await;
    addresses.addresses().iter().map(|address| map(cx, address, &names)).collect()
}

async fn names(ec2: &Client) -> Result<Names, CallError> {
    let asked = ec2.describe_addresses_attribute().attribute(AddressAttributeName::DomainName).max_results(1000);
    let all: Vec<AddressAttribute> =
        asked.into_paginator().items().send().try_collect().await.at("ec2:DescribeAddressesAttribute")?;
    Ok(all.into_iter().filter_map(|name| Some((name.allocation_id.clone()?, name))).collect())
}

fn map(cx: &Cx, address: &Address, names: &Result<Names, CallError>) -> Result<Draft, CallError> {
    let allocation = address.allocation_id().unwrap_or_default();
    // An address of an Outpost or a carrier is not a public one.
    let ip = address.public_ip().or(address.customer_owned_ip()).or(address.carrier_ip()).unwrap_or_default();
    let name_of_this = |names: &Names| names.get(allocation).and_then(|name| name.ptr_record.clone());
    let association = Props::new()
        .with("NetworkInterfaceId", address.network_interface_id())
        .with("PrivateIpAddress", address.private_ip_address());
    Draft::new(format!("{ip}|{allocation}"))
        .arn(cx.arn("ec2", &format!("elastic-ip/{allocation}")).as_str())
        .name(tags::name_tag(address.tags()))
        .tags(tags::pairs(address.tags()))
        .owner("aws-service", address.service_managed().map(ServiceManaged::as_str))
        .with("Domain", address.domain().map(DomainType::as_str))
        .with("InstanceId", address.instance_id())
        .with("NetworkBorderGroup", address.network_border_group())
        .with("PublicIpv4Pool", address.public_ipv4_pool())
        .with("association", association)
        .with("customerOwnedIpv4Pool", address.customer_owned_ipv4_pool())
        .observed("AllocationId", address.allocation_id())
        .observed("PublicIp", address.public_ip())
        .observed("CustomerOwnedIp", address.customer_owned_ip())
        .observed("CarrierIp", address.carrier_ip())
        .observed("SubnetId", address.subnet_id())
        .sub("ptrRecord", names.as_ref().map(name_of_this).map_err(Clone::clone))
}

fn deletion(address: &Resource, _: &Switches) -> Vec<Step> {
    let associated = ["association", "InstanceId"].iter().any(|name| address.properties.contains_key(*name));
    let disassociate = associated.then(|| Step::on_resource("ec2:DisassociateAddress"));
    disassociate.into_iter().chain([Step::on_resource("ec2:ReleaseAddress")]).collect()
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let ec2: Client = hands.client();
    let allocation = hands.part(1);
    match step.call.as_str() {
        "ec2:DisassociateAddress" => {
            // What used the address may have taken the association with it.
            let found = ec2.describe_addresses().allocation_ids(allocation).send();
            let found = hands.look("ec2:DescribeAddresses", found).await?;
            let association = found.and_then(|found| found.addresses?.into_iter().find_map(|one| one.association_id));
            let Some(association) = association else { return Ok(Progress::Done) };
            let call = ec2.disassociate_address().association_id(association).send();
            hands.call_unless(step, &["InvalidAssociationID.NotFound"], call).await?;
            Ok(Progress::Done)
        }
        "ec2:ReleaseAddress" => hands.at_once(step, ec2.release_address().allocation_id(allocation).send()).await,
        _ => Err(hands.unknown(step)),
    }
}
