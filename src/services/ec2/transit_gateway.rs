//! Transit gateways, each with its attachments of VPNs, Direct Connect and peers.

use std::collections::HashMap;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    AutoAcceptSharedAttachmentsValue, DefaultRouteTableAssociationValue, DefaultRouteTablePropagationValue,
    DnsSupportValue, EncryptionStateValue, EncryptionSupport, MulticastSupportValue,
    SecurityGroupReferencingSupportValue, TransitGateway, TransitGatewayAttachment,
    TransitGatewayAttachmentNatGatewaySupportState, TransitGatewayAttachmentResourceType, TransitGatewayOptions,
    TransitGatewayState, VpnEcmpSupportValue,
};

use super::{account, tags, transit_gateway_attachment, transit_gateway_delete};
use crate::aws::{Call, CallError, Cx};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Props, Recipe, Scope, TypeSpec, Unmapped};

/// `AWS::EC2::TransitGateway`, with the attachments of VPNs, Direct Connect and peers folded in as `attachments`.
/// Those of VPCs are resources of their own.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::TransitGateway",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationTime"),
    sets: &["TransitGatewayCidrBlocks", "attachments", "attachments.*.Tags"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "TransitGateways[].Options.EncryptionSupport.StateMessage", why: "text about a state" },
        LeftOut { path: "TransitGatewayAttachments[].TransitGatewayOwnerId", why: "belongs to the transit gateway" },
        LeftOut { path: "TransitGatewayAttachments[].State", why: "run state of a part" },
        LeftOut { path: "TransitGatewayAttachments[].Association.State", why: "progress of an association" },
        LeftOut {
            path: "TransitGatewayAttachments[].CreationTime",
            why: "the id of an attachment is never used again",
        },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["ec2:DescribeTransitGateways", "ec2:DescribeTransitGatewayAttachments"],
    delete: Delete::Call(Recipe {
        operation: "DeleteTransitGateway",
        actions: &[
            "ec2:DescribeTransitGatewayConnectPeers",
            "ec2:DeleteTransitGatewayConnectPeer",
            "ec2:DeleteTransitGatewayConnect",
            "ec2:DeleteTransitGatewayVpcAttachment",
            "ec2:DeleteTransitGatewayPeeringAttachment",
            "ec2:DescribeTransitGatewayRouteTables",
            "ec2:DeleteTransitGatewayRouteTable",
            "ec2:DeleteTransitGateway",
        ],
        gone: &["InvalidTransitGatewayID.NotFound"],
        steps: Some(transit_gateway_delete::steps),
        run: |hands, step| Box::pin(transit_gateway_delete::run(hands, step)),
        protection: None,
        rank: 5,
        holds_data: false,
        reversible: None,
    }),
};

/// Attachments by transit gateway.
type Attachments = HashMap<String, Vec<Props>>;

async fn list(cx: &Cx) -> Listed {
    let ec2: Client = cx.client();
    let pages = ec2.describe_transit_gateways().max_results(1000).into_paginator().items().send();
    let mut gateways: Vec<TransitGateway> = pages.try_collect().await.at("ec2:DescribeTransitGateways")?;
    gateways.retain(|gateway| gateway.state != Some(TransitGatewayState::Deleted));
    if gateways.is_empty() {
        return Ok(Vec::new());
    }
    let attachments = transit_gateway_attachment::of_all_kinds(cx).await.map(|all| attachments(&all));
    gateways.iter().map(|gateway| map(cx, gateway, &attachments)).collect()
}

/// Attachments by gateway. Those of VPCs are a type of their own.
fn attachments(all: &[TransitGatewayAttachment]) -> Attachments {
    let mut by_gateway = Attachments::new();
    for one in all.iter().filter(|one| one.resource_type() != Some(&TransitGatewayAttachmentResourceType::Vpc)) {
        let gateway = one.transit_gateway_id().unwrap_or_default();
        by_gateway.entry(gateway.to_owned()).or_default().push(attachment(one));
    }
    by_gateway
}

fn map(cx: &Cx, gateway: &TransitGateway, attachments: &Result<Attachments, CallError>) -> Result<Draft, CallError> {
    let id = gateway.transit_gateway_id().unwrap_or_default();
    let of_this = |all: &Attachments| all.get(id).cloned();
    let draft = Draft::new(id)
        .arn(gateway.transit_gateway_arn())
        .name(tags::name_tag(gateway.tags()))
        .tags(tags::pairs(gateway.tags()))
        .created(gateway.creation_time())
        .owner(account::SHARED, account::other_account(cx, gateway.owner_id()))
        .with("Description", gateway.description())
        .observed("State", gateway.state().map(TransitGatewayState::as_str))
        .sub("attachments", attachments.as_ref().map(of_this).map_err(Clone::clone))?;
    Ok(match gateway.options() {
        Some(options) => map_options(draft, options),
        None => draft,
    })
}

fn map_options(draft: Draft, options: &TransitGatewayOptions) -> Draft {
    let encryption = options.encryption_support().and_then(EncryptionSupport::encryption_state);
    let associates = options.default_route_table_association().map(DefaultRouteTableAssociationValue::as_str);
    let propagates = options.default_route_table_propagation().map(DefaultRouteTablePropagationValue::as_str);
    let references = options.security_group_referencing_support();
    draft
        .with("AmazonSideAsn", options.amazon_side_asn())
        .with("TransitGatewayCidrBlocks", options.transit_gateway_cidr_blocks())
        .with(
            "AutoAcceptSharedAttachments",
            options.auto_accept_shared_attachments().map(AutoAcceptSharedAttachmentsValue::as_str),
        )
        .with("DefaultRouteTableAssociation", associates)
        .with("AssociationDefaultRouteTableId", options.association_default_route_table_id())
        .with("DefaultRouteTablePropagation", propagates)
        .with("PropagationDefaultRouteTableId", options.propagation_default_route_table_id())
        .with("VpnEcmpSupport", options.vpn_ecmp_support().map(VpnEcmpSupportValue::as_str))
        .with("DnsSupport", options.dns_support().map(DnsSupportValue::as_str))
        .with("SecurityGroupReferencingSupport", references.map(SecurityGroupReferencingSupportValue::as_str))
        .with("MulticastSupport", options.multicast_support().map(MulticastSupportValue::as_str))
        .with("EncryptionSupport", encryption.map(encryption_setting))
        .observed("EncryptionSupportState", encryption.map(EncryptionStateValue::as_str))
}

/// The setting that leads to a state: the API takes `enable` and answers `enabled` or `enabling`.
fn encryption_setting(state: &EncryptionStateValue) -> &str {
    use EncryptionStateValue::{Disabled, Disabling, Enabled, Enabling};
    match state {
        Enabled | Enabling => "enable",
        Disabled | Disabling => "disable",
        other => other.as_str(),
    }
}

fn attachment(attachment: &TransitGatewayAttachment) -> Props {
    let nat_gateways = attachment.nat_gateway_support();
    let own_tags = tags::pairs(attachment.tags()).filter(|(key, _)| !key.starts_with("aws:"));
    let own_tags = own_tags.map(|(key, value)| Props::new().with("Key", key).with("Value", value));
    transit_gateway_attachment::association(attachment)
        .with("Id", attachment.transit_gateway_attachment_id())
        .with("ResourceType", attachment.resource_type().map(TransitGatewayAttachmentResourceType::as_str))
        .with("ResourceId", attachment.resource_id())
        .with("ResourceOwnerId", attachment.resource_owner_id())
        .with("NatGatewaySupport", nat_gateways.map(TransitGatewayAttachmentNatGatewaySupportState::as_str))
        .with("Tags", own_tags.collect::<Vec<_>>())
}
