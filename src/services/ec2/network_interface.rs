//! Network interfaces. Most are made by AWS services or with an instance; each such one names its owner.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    AttachmentEnaSrdSpecification, AttachmentEnaSrdUdpSpecification, AttachmentStatus, ConnectionTrackingConfiguration,
    NetworkInterface, NetworkInterfaceAttachment, NetworkInterfaceStatus, NetworkInterfaceType, OperatorResponse,
};

use super::{account, tags};
use crate::aws::{Call, CallError, Cx, ErrorClass, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Made, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped,
    each,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::EC2::NetworkInterface`, with `AWS::EC2::NetworkInterfaceAttachment` folded in as `attachment`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::NetworkInterface",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("EC2 reports when an interface was attached, which may happen again and again"),
    sets: &["AssociatedSubnets", "GroupSet", "Ipv4Prefixes", "Ipv6Addresses", "Ipv6Prefixes", "PrivateIpAddresses"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "NetworkInterfaces[].Association.AllocationId", why: OF_THE_ADDRESS },
        LeftOut { path: "NetworkInterfaces[].Association.AssociationId", why: OF_THE_ADDRESS },
        LeftOut { path: "NetworkInterfaces[].Association.IpOwnerId", why: OF_THE_ADDRESS },
        LeftOut { path: "NetworkInterfaces[].Association.PublicDnsName", why: "follows from the public address" },
        LeftOut { path: "NetworkInterfaces[].Association.CustomerOwnedIp", why: OF_THE_ADDRESS },
        LeftOut { path: "NetworkInterfaces[].Association.CarrierIp", why: OF_THE_ADDRESS },
        LeftOut { path: "NetworkInterfaces[].Attachment.AttachTime", why: "changes with every attachment" },
        LeftOut { path: "NetworkInterfaces[].Attachment.InstanceOwnerId", why: "belongs to the instance" },
        LeftOut { path: "NetworkInterfaces[].AvailabilityZone", why: "follows from the subnet" },
        LeftOut { path: "NetworkInterfaces[].AvailabilityZoneId", why: "follows from the subnet" },
        LeftOut { path: "NetworkInterfaces[].OutpostArn", why: "follows from the subnet" },
        LeftOut { path: "NetworkInterfaces[].VpcId", why: "follows from the subnet" },
        LeftOut { path: "NetworkInterfaces[].Ipv6Native", why: "follows from the subnet" },
        LeftOut { path: "NetworkInterfaces[].Groups[].GroupName", why: "belongs to the group" },
        LeftOut { path: "NetworkInterfaces[].Ipv6Address", why: "one of the IPv6 addresses" },
        LeftOut { path: "NetworkInterfaces[].Ipv6Addresses[].PublicIpv6DnsName", why: "follows from the address" },
        LeftOut { path: "NetworkInterfaces[].PrivateDnsName", why: "follows from the address" },
        LeftOut { path: "NetworkInterfaces[].PublicDnsName", why: "follows from the address" },
        LeftOut {
            path: "NetworkInterfaces[].PublicIpDnsNameOptions.PublicIpv4DnsName",
            why: "follows from the address",
        },
        LeftOut {
            path: "NetworkInterfaces[].PublicIpDnsNameOptions.PublicIpv6DnsName",
            why: "follows from the address",
        },
        LeftOut {
            path: "NetworkInterfaces[].PublicIpDnsNameOptions.PublicDualStackDnsName",
            why: "follows from the address",
        },
        LeftOut { path: "NetworkInterfaces[].PrivateIpAddresses[].PrivateDnsName", why: "follows from the address" },
        LeftOut { path: "NetworkInterfaces[].PrivateIpAddresses[].Association.*", why: OF_THE_ADDRESS },
        LeftOut { path: "NetworkInterfaces[].RequesterId", why: "who made it, kept for what a service manages" },
        LeftOut { path: "NetworkInterfaces[].Operator.HiddenByDefault", why: "a matter of display" },
    ],
    unmapped: &[
        Unmapped { path: "Tags", why: "kept in `tags`" },
        Unmapped { path: "Ipv4PrefixCount", why: "`Ipv4Prefixes` holds the prefixes" },
        Unmapped { path: "Ipv6AddressCount", why: "`Ipv6Addresses` holds the addresses" },
        Unmapped { path: "Ipv6PrefixCount", why: "`Ipv6Prefixes` holds the prefixes" },
        Unmapped { path: "SecondaryPrivateIpAddressCount", why: "`PrivateIpAddresses` holds the addresses" },
    ],
    edges: &[Edge {
        path: "attachment.InstanceId",
        to: "AWS::EC2::Instance",
        target: "{}",
        order: Order::TargetFirst,
        why: "an interface is in use until its instance is gone",
    }],
    read_actions: &["ec2:DescribeNetworkInterfaces"],
    delete: Delete::Call(Recipe {
        operation: "DeleteNetworkInterface",
        actions: &["ec2:DetachNetworkInterface", "ec2:DeleteNetworkInterface"],
        gone: &["InvalidNetworkInterfaceID.NotFound"],
        steps: Some(deletion),
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 6,
        holds_data: false,
        reversible: None,
    }),
};

const OF_THE_ADDRESS: &str = "belongs to the address";

async fn list(cx: &Cx) -> Listed {
    let pages = cx.client::<Client>().describe_network_interfaces().max_results(1000).into_paginator().items().send();
    let interfaces: Vec<NetworkInterface> = pages.try_collect().await.at("ec2:DescribeNetworkInterfaces")?;
    Ok(interfaces.iter().map(|interface| map(cx, interface)).collect())
}

fn map(cx: &Cx, interface: &NetworkInterface) -> Draft {
    let id = interface.network_interface_id().unwrap_or_default();
    let operator = interface.operator();
    let ipv6 = interface.ipv6_addresses();
    let primary_ipv6 = ipv6.iter().any(|address| address.is_primary_ipv6() == Some(true));
    let dns_names = interface.public_ip_dns_name_options();
    let public = interface.association().and_then(|association| association.public_ip());
    let draft = Draft::new(id)
        .arn(account::arn(cx, interface.owner_id(), &format!("network-interface/{id}")).as_str())
        .name(tags::name_tag(interface.tag_set()))
        .tags(tags::pairs(interface.tag_set()))
        .owner(account::SHARED, account::other_account(cx, interface.owner_id()))
        .owner("aws-service", service(interface))
        .with("SubnetId", interface.subnet_id())
        .with("Description", interface.description())
        .with("InterfaceType", interface.interface_type().map(NetworkInterfaceType::as_str))
        .with("SourceDestCheck", interface.source_dest_check())
        .with("ConnectionTrackingSpecification", interface.connection_tracking_configuration().map(tracking))
        .with("EnablePrimaryIpv6", (!ipv6.is_empty()).then_some(primary_ipv6))
        .with("PublicIpDnsHostnameTypeSpecification", dns_names.and_then(|names| names.dns_hostname_type()))
        .with("attachment", interface.attachment().map(attachment))
        .with("GroupSet", groups(interface))
        .observed("Status", interface.status().map(NetworkInterfaceStatus::as_str))
        .observed("AttachmentId", interface.attachment().and_then(|attachment| attachment.attachment_id()))
        .observed("AttachmentStatus", attachment_status(interface))
        .observed("AssociatedSubnets", interface.associated_subnets())
        .observed("DenyAllIgwTraffic", interface.deny_all_igw_traffic())
        .observed("MacAddress", interface.mac_address())
        .observed("OperatorManaged", operator.and_then(OperatorResponse::managed))
        .observed("PublicIp", public)
        .observed("RequesterManaged", interface.requester_managed());
    addresses(draft, interface)
}

fn groups(interface: &NetworkInterface) -> Vec<String> {
    interface.groups().iter().filter_map(|group| group.group_id()).map(str::to_owned).collect()
}

fn addresses(draft: Draft, interface: &NetworkInterface) -> Draft {
    draft
        .with("PrivateIpAddress", interface.private_ip_address())
        .with(
            "PrivateIpAddresses",
            each(interface.private_ip_addresses(), |address| {
                Props::new().with("PrivateIpAddress", address.private_ip_address()).with("Primary", address.primary())
            }),
        )
        .with(
            "Ipv6Addresses",
            each(interface.ipv6_addresses(), |address| Props::new().with("Ipv6Address", address.ipv6_address())),
        )
        .with(
            "Ipv4Prefixes",
            each(interface.ipv4_prefixes(), |prefix| Props::new().with("Ipv4Prefix", prefix.ipv4_prefix())),
        )
        .with(
            "Ipv6Prefixes",
            each(interface.ipv6_prefixes(), |prefix| Props::new().with("Ipv6Prefix", prefix.ipv6_prefix())),
        )
}

fn tracking(tracking: &ConnectionTrackingConfiguration) -> Props {
    Props::new()
        .with("TcpEstablishedTimeout", tracking.tcp_established_timeout())
        .with("UdpStreamTimeout", tracking.udp_stream_timeout())
        .with("UdpTimeout", tracking.udp_timeout())
}

fn attachment(attachment: &NetworkInterfaceAttachment) -> Props {
    Props::new()
        .with("InstanceId", attachment.instance_id())
        // A text in the schema.
        .with("DeviceIndex", attachment.device_index().map(|index| index.to_string()))
        .with("DeleteOnTermination", attachment.delete_on_termination())
        .with("EnaQueueCount", attachment.ena_queue_count())
        .with("EnaSrdSpecification", attachment.ena_srd_specification().map(ena_srd))
        .with("networkCardIndex", attachment.network_card_index())
}

fn ena_srd(ena_srd: &AttachmentEnaSrdSpecification) -> Props {
    let udp = ena_srd.ena_srd_udp_specification().and_then(AttachmentEnaSrdUdpSpecification::ena_srd_udp_enabled);
    Props::new()
        .with("EnaSrdEnabled", ena_srd.ena_srd_enabled())
        .with("EnaSrdUdpSpecification", Props::new().with("EnaSrdUdpEnabled", udp))
}

fn attachment_status(interface: &NetworkInterface) -> Option<&str> {
    interface.attachment().and_then(|attachment| attachment.status()).map(AttachmentStatus::as_str)
}

/// How services describe interfaces that EC2 does not report as theirs.
const DESCRIPTIONS: &[&str] = &[
    "AWS Lambda VPC ENI-",
    "Amazon EKS ",
    "EFS mount target for fs-",
    "ELB ",
    "Interface for NAT Gateway ",
    "RDSNetworkInterface",
    "VPC Endpoint Interface ",
    "aws-K8S-",
];

/// The service that made an interface and will delete it.
fn service(interface: &NetworkInterface) -> Option<&str> {
    use NetworkInterfaceType::{Efa, EfaOnly, Interface, Trunk};
    let operator = interface.operator().filter(|operator| operator.managed() == Some(true));
    if let Some(operator) = operator {
        return operator.principal().or(interface.requester_id()).or(Some("unknown"));
    }
    if interface.requester_managed() == Some(true) {
        return interface.requester_id().or(Some("unknown"));
    }
    match interface.interface_type() {
        Some(Interface | Efa | EfaOnly | Trunk) | None => interface.description().filter(|description| {
            DESCRIPTIONS.iter().any(|start| description.starts_with(start)) || is_ecs_attachment(description)
        }),
        Some(of_a_service) => Some(of_a_service.as_str()),
    }
}

/// ECS describes the interface of a task by an ARN: `arn:aws:ecs:eu-west-1:123456789012:attachment/…`.
fn is_ecs_attachment(description: &str) -> bool {
    description.starts_with("arn:") && description.contains(":ecs:") && description.contains(":attachment/")
}

/// The interface that an instance was launched with never comes off; it goes with the instance.
fn deletion(interface: &Resource, _: &Switches) -> Vec<Step> {
    let attachment = interface.properties.get("attachment");
    let index = attachment.and_then(|attachment| attachment.get("DeviceIndex")?.as_str());
    let detach = (attachment.is_some() && index != Some("0")).then(|| Step::on_resource("ec2:DetachNetworkInterface"));
    detach.into_iter().chain([Step::on_resource("ec2:DeleteNetworkInterface")]).collect()
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let ec2: Client = hands.client();
    let id = hands.id();
    match step.call.as_str() {
        "ec2:DetachNetworkInterface" => {
            let Some(attachment) = attached(hands, &ec2).await? else { return Ok(Progress::Done) };
            if attachment.status() == Some(&AttachmentStatus::Detaching) || hands.has_taken(step) {
                return Ok(Progress::Waiting("it is detaching".to_owned()));
            }
            let attachment = attachment.attachment_id().unwrap_or_default();
            // What a service attached (`ela-attach-…`), only the service takes off.
            if !attachment.starts_with("eni-attach-") {
                let text = format!("{attachment} is an attachment of a service, which alone can end it");
                return Err(CallError::new(ErrorClass::Conflict, "service-managed", &text, &step.call));
            }
            let call = ec2.detach_network_interface().attachment_id(attachment).send();
            hands.call_unless(step, &["InvalidAttachmentID.NotFound"], call).await?;
            Ok(match attached(hands, &ec2).await? {
                None => Progress::Done,
                Some(_) => Progress::Waiting("it is detaching".to_owned()),
            })
        }
        "ec2:DeleteNetworkInterface" => {
            hands.at_once(step, ec2.delete_network_interface().network_interface_id(id).send()).await
        }
        _ => Err(hands.unknown(step)),
    }
}

/// What holds the interface now.
async fn attached(hands: &Hands, ec2: &Client) -> Result<Option<NetworkInterfaceAttachment>, CallError> {
    let found = ec2.describe_network_interfaces().network_interface_ids(hands.id()).send();
    let found = hands.look("ec2:DescribeNetworkInterfaces", found).await?;
    let attachment = found.and_then(|found| found.network_interfaces?.into_iter().next()?.attachment);
    Ok(attachment.filter(|attachment| attachment.status() != Some(&AttachmentStatus::Detached)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_service_made_names_the_service() {
        let plain = NetworkInterface::builder().interface_type(NetworkInterfaceType::Interface).requester_id("AIDA1");
        assert_eq!(service(&plain.clone().description("mine").build()), None);
        assert_eq!(
            service(&plain.clone().requester_managed(true).requester_id("amazon-elb").build()),
            Some("amazon-elb")
        );
        let lambda = NetworkInterface::builder().interface_type(NetworkInterfaceType::Lambda).build();
        assert_eq!(service(&lambda), Some("lambda"));
        let task = "arn:aws-cn:ecs:cn-north-1:123456789012:attachment/0";
        assert_eq!(service(&plain.description(task).build()), Some(task));
    }
}
