//! Virtual private gateways, each with its attachments.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{AttachmentStatus, GatewayType, VpcAttachment, VpnGateway, VpnState};

use super::tags;
use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::{Resource, Step, Switches};

/// `AWS::EC2::VPNGateway`, with `AWS::EC2::VPCGatewayAttachment` folded in as `attachments`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::VPNGateway",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("EC2 does not report when a virtual private gateway was created"),
    sets: &["attachments"],
    secrets: &[],
    left_out: &[LeftOut { path: "VpnGateways[].AvailabilityZone", why: "of old gateways only, and not to be chosen" }],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["ec2:DescribeVpnGateways"],
    delete: Delete::Call(Recipe {
        operation: "DeleteVpnGateway",
        actions: &["ec2:DeleteVpnGateway", "ec2:DetachVpnGateway"],
        gone: &["InvalidVpnGatewayID.NotFound"],
        steps: Some(steps),
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 5,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let ec2: Client = cx.client();
    let gateways = ec2.describe_vpn_gateways().send().await.at("ec2:DescribeVpnGateways")?;
    // Deleted gateways are listed for a while.
    let gateways = gateways.vpn_gateways().iter().filter(|gateway| !is_ending(gateway));
    Ok(gateways.map(|gateway| map(cx, gateway)).collect())
}

fn is_ending(gateway: &VpnGateway) -> bool {
    matches!(gateway.state(), Some(VpnState::Deleted | VpnState::Deleting))
}

/// The attachments that hold, or will.
fn attached(gateway: &VpnGateway) -> impl Iterator<Item = &VpcAttachment> {
    gateway.vpc_attachments().iter().filter(|at| at.state() != Some(&AttachmentStatus::Detached))
}

fn map(cx: &Cx, gateway: &VpnGateway) -> Draft {
    let id = gateway.vpn_gateway_id().unwrap_or_default();
    let attachments: Vec<_> = attached(gateway).map(|at| Props::new().with("VpcId", at.vpc_id())).collect();
    let states: Vec<_> = attached(gateway).filter_map(|at| at.state()).map(AttachmentStatus::as_str).collect();
    Draft::new(id)
        .arn(cx.arn("ec2", &format!("vpn-gateway/{id}")).as_str())
        .name(tags::name_tag(gateway.tags()))
        .tags(tags::pairs(gateway.tags()))
        .with("AmazonSideAsn", gateway.amazon_side_asn())
        .with("Type", gateway.r#type().map(GatewayType::as_str))
        .with("attachments", attachments)
        .observed("State", gateway.state().map(VpnState::as_str))
        .observed("attachmentStates", states)
}

fn steps(gateway: &Resource, _: &Switches) -> Vec<Step> {
    let attachments = gateway.properties.get("attachments").and_then(|list| list.as_array()).into_iter().flatten();
    let vpcs = attachments.filter_map(|at| at.get("VpcId")?.as_str());
    vpcs.map(|vpc| Step::on("ec2:DetachVpnGateway", vpc)).chain([Step::on_resource("ec2:DeleteVpnGateway")]).collect()
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let ec2: Client = hands.client();
    let look = ec2.describe_vpn_gateways().vpn_gateway_ids(hands.id()).send();
    let answer = hands.look("ec2:DescribeVpnGateways", look).await?;
    let Some(gateway) = answer.and_then(|answer| answer.vpn_gateways.unwrap_or_default().into_iter().next()) else {
        return Ok(Progress::Done);
    };
    match (step.call.as_str(), gateway.state()) {
        (_, Some(VpnState::Deleted)) => Ok(Progress::Done),
        (_, Some(VpnState::Deleting)) => Ok(Progress::Waiting("virtual private gateway is deleting".to_owned())),
        ("ec2:DetachVpnGateway", _) => detach(hands, step, &ec2, &gateway).await,
        _ => {
            hands.call(step, ec2.delete_vpn_gateway().vpn_gateway_id(hands.id()).send()).await?;
            Ok(Progress::Done)
        }
    }
}

async fn detach(hands: &Hands, step: &Step, ec2: &Client, gateway: &VpnGateway) -> Result<Progress, CallError> {
    let Some(attachment) = attached(gateway).find(|at| at.vpc_id() == Some(step.target.as_str())) else {
        return Ok(Progress::Done);
    };
    if attachment.state() != Some(&AttachmentStatus::Detaching) {
        let request = ec2.detach_vpn_gateway().vpn_gateway_id(hands.id()).vpc_id(&step.target);
        hands.call(step, request.send()).await?;
    }
    Ok(Progress::Waiting(format!("detaching from {}", step.target)))
}
