//! Attachments of VPCs to transit gateways.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    ApplianceModeSupportValue, DnsSupportValue, Ipv6SupportValue, SecurityGroupReferencingSupportValue,
    TransitGatewayAttachment, TransitGatewayAttachmentResourceType, TransitGatewayAttachmentState as State,
    TransitGatewayVpcAttachment, TransitGatewayVpcAttachmentOptions,
};

use super::{account, tags};
use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::EC2::TransitGatewayAttachment`: those of VPCs. Other kinds are part of their transit gateway.
///
/// `association` has the route or policy table that the attachment uses, which the schema has no place for.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::TransitGatewayAttachment",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationTime"),
    sets: &["SubnetIds"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "TransitGatewayAttachments[].TransitGatewayId", why: "the list of VPC attachments says it" },
        LeftOut { path: "TransitGatewayAttachments[].TransitGatewayOwnerId", why: "belongs to the transit gateway" },
        LeftOut { path: "TransitGatewayAttachments[].Resource*", why: "the list of VPC attachments says it" },
        LeftOut { path: "TransitGatewayAttachments[].State", why: "the list of VPC attachments says it" },
        LeftOut { path: "TransitGatewayAttachments[].CreationTime", why: "the list of VPC attachments says it" },
        LeftOut { path: "TransitGatewayAttachments[].Association.State", why: "progress of an association" },
        LeftOut { path: "TransitGatewayAttachments[].NatGatewaySupport", why: "of attachments of other kinds" },
        LeftOut { path: "TransitGatewayAttachments[].Tags[].*", why: "the list of VPC attachments says it" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["ec2:DescribeTransitGatewayAttachments", "ec2:DescribeTransitGatewayVpcAttachments"],
    delete: Delete::Call(Recipe {
        operation: "DeleteTransitGatewayVpcAttachment",
        actions: &["ec2:DeleteTransitGatewayVpcAttachment"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 5,
        holds_data: false,
        reversible: None,
    }),
};

/// How EC2 says that there is no such attachment.
const GONE: &[&str] = &["InvalidTransitGatewayAttachmentID.NotFound"];

/// Attachments of all kinds in this region, without those that ended; asked once for this type and the gateways.
pub(super) async fn of_all_kinds(cx: &Cx) -> Result<Arc<Vec<TransitGatewayAttachment>>, CallError> {
    let key = format!("ec2 transit gateway attachments {}", cx.region());
    cx.once(&key, async || {
        let ec2: Client = cx.client();
        let pages = ec2.describe_transit_gateway_attachments().max_results(1000).into_paginator().items().send();
        let mut all: Vec<TransitGatewayAttachment> =
            pages.try_collect().await.at("ec2:DescribeTransitGatewayAttachments")?;
        all.retain(|attachment| !attachment.state().is_some_and(is_over));
        Ok(all)
    })
    .await
}

/// Attachments that ended are listed for a while.
fn is_over(state: &State) -> bool {
    matches!(state, State::Deleted | State::Deleting | State::Failed | State::Failing | State::Rejected)
}

async fn list(cx: &Cx) -> Listed {
    let ec2: Client = cx.client();
    let pages = ec2.describe_transit_gateway_vpc_attachments().max_results(1000).into_paginator().items().send();
    let attachments: Vec<TransitGatewayVpcAttachment> =
        pages.try_collect().await.at("ec2:DescribeTransitGatewayVpcAttachments")?;
    if attachments.is_empty() {
        return Ok(Vec::new());
    }
    let associations = of_all_kinds(cx).await.map(|all| associations(&all));
    let here = attachments.iter().filter(|attachment| !attachment.state().is_some_and(is_over));
    here.map(|attachment| map(cx, attachment, &associations)).collect()
}

/// What each attachment is associated with.
fn associations(all: &[TransitGatewayAttachment]) -> HashMap<String, Props> {
    let of_vpcs = all.iter().filter(|one| one.resource_type() == Some(&TransitGatewayAttachmentResourceType::Vpc));
    of_vpcs.filter_map(|one| Some((one.transit_gateway_attachment_id()?.to_owned(), association(one)))).collect()
}

/// The route or policy table that an attachment uses.
pub(super) fn association(attachment: &TransitGatewayAttachment) -> Props {
    let association = attachment.association();
    Props::new()
        .with("TransitGatewayRouteTableId", association.and_then(|to| to.transit_gateway_route_table_id()))
        .with("TransitGatewayPolicyTableId", association.and_then(|to| to.transit_gateway_policy_table_id()))
}

fn map(
    cx: &Cx,
    attachment: &TransitGatewayVpcAttachment,
    associations: &Result<HashMap<String, Props>, CallError>,
) -> Result<Draft, CallError> {
    let id = attachment.transit_gateway_attachment_id().unwrap_or_default();
    let owner = attachment.vpc_owner_id();
    Draft::new(id)
        .arn(account::arn(cx, owner, &format!("transit-gateway-attachment/{id}")).as_str())
        .name(tags::name_tag(attachment.tags()))
        .tags(tags::pairs(attachment.tags()))
        .created(attachment.creation_time())
        .owner(account::SHARED, account::other_account(cx, owner))
        .with("Options", attachment.options().map(options))
        .with("SubnetIds", attachment.subnet_ids())
        .with("TransitGatewayId", attachment.transit_gateway_id())
        .with("VpcId", attachment.vpc_id())
        .observed("State", attachment.state().map(State::as_str))
        .sub("association", associations.as_ref().map(|all| all.get(id).cloned()).map_err(Clone::clone))
}

fn options(options: &TransitGatewayVpcAttachmentOptions) -> Props {
    let references = options.security_group_referencing_support();
    Props::new()
        .with("ApplianceModeSupport", options.appliance_mode_support().map(ApplianceModeSupportValue::as_str))
        .with("DnsSupport", options.dns_support().map(DnsSupportValue::as_str))
        .with("Ipv6Support", options.ipv6_support().map(Ipv6SupportValue::as_str))
        .with("SecurityGroupReferencingSupport", references.map(SecurityGroupReferencingSupportValue::as_str))
}

async fn delete(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let ec2: Client = hands.client();
    let look = ec2.describe_transit_gateway_vpc_attachments().transit_gateway_attachment_ids(hands.id()).send();
    let answer = hands.look("ec2:DescribeTransitGatewayVpcAttachments", look).await?;
    let attachment = answer.and_then(|answer| answer.transit_gateway_vpc_attachments.unwrap_or_default().pop());
    match attachment.as_ref().map(TransitGatewayVpcAttachment::state) {
        None | Some(Some(State::Deleted)) => return Ok(Progress::Done),
        Some(Some(State::Deleting)) => {}
        Some(_) => {
            let request = ec2.delete_transit_gateway_vpc_attachment().transit_gateway_attachment_id(hands.id());
            hands.call(step, request.send()).await?;
        }
    }
    Ok(Progress::Waiting("attachment is deleting".to_owned()))
}
