//! Internet gateways, each with its attachments.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{AttachmentStatus, InternetGateway, InternetGatewayAttachment};

use super::{account, tags, vpc};
use crate::aws::{Call, Cx, Hands};
use crate::catalog::steps::{each_of, texts_of};
use crate::catalog::{Created, Delete, Draft, Listed, Made, Progress, Props, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::{Resource, Step, Switches};

/// `AWS::EC2::InternetGateway`, with `AWS::EC2::VPCGatewayAttachment` folded in as `attachments`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::InternetGateway",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("EC2 does not report when an internet gateway was created"),
    sets: &["attachments"],
    secrets: &[],
    left_out: &[],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    // The VPCs say which gateway is the default VPC's.
    read_actions: &["ec2:DescribeInternetGateways", "ec2:DescribeVpcs"],
    delete: Delete::Call(Recipe {
        operation: "DeleteInternetGateway",
        actions: &["ec2:DetachInternetGateway", "ec2:DeleteInternetGateway"],
        gone: &["InvalidInternetGatewayID.NotFound"],
        steps: Some(deletion),
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 7,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let ec2: Client = cx.client();
    let pages = ec2.describe_internet_gateways().max_results(1000).into_paginator().items().send();
    let (gateways, vpcs) = tokio::join!(pages.try_collect(), vpc::all(cx));
    let gateways: Vec<InternetGateway> = gateways.at("ec2:DescribeInternetGateways")?;
    let vpcs = vpcs?;
    let default = vpcs.iter().find(|vpc| vpc.is_default() == Some(true)).and_then(|vpc| vpc.vpc_id());
    Ok(gateways.iter().map(|gateway| map(cx, gateway, default)).collect())
}

fn map(cx: &Cx, gateway: &InternetGateway, default_vpc: Option<&str>) -> Draft {
    let id = gateway.internet_gateway_id().unwrap_or_default();
    let attached: Vec<&InternetGatewayAttachment> =
        gateway.attachments().iter().filter(|at| at.state() != Some(&AttachmentStatus::Detached)).collect();
    let of_default_vpc = default_vpc.is_some() && attached.iter().any(|at| at.vpc_id() == default_vpc);
    Draft::new(id)
        .arn(account::arn(cx, gateway.owner_id(), &format!("internet-gateway/{id}")).as_str())
        .name(tags::name_tag(gateway.tags()))
        .tags(tags::pairs(gateway.tags()))
        .aws_made(of_default_vpc, "internet gateway of the default VPC")
        .owner(account::SHARED, account::other_account(cx, gateway.owner_id()))
        .with("attachments", attached.iter().map(|at| Props::new().with("VpcId", at.vpc_id())).collect::<Vec<_>>())
        .observed("State", attached.first().and_then(|at| at.state()).map(AttachmentStatus::as_str))
}

fn deletion(gateway: &Resource, _: &Switches) -> Vec<Step> {
    let detach = each_of("ec2:DetachInternetGateway", texts_of(&gateway.properties, "attachments", "VpcId"));
    detach.chain([Step::on_resource("ec2:DeleteInternetGateway")]).collect()
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let ec2: Client = hands.client();
    let gateway = hands.id();
    match step.call.as_str() {
        "ec2:DetachInternetGateway" => {
            let call = ec2.detach_internet_gateway().internet_gateway_id(gateway).vpc_id(&step.target).send();
            // With its VPC an attachment is gone as well.
            hands.call_unless(step, &["Gateway.NotAttached", "InvalidVpcID.NotFound"], call).await?;
            Ok(Progress::Done)
        }
        "ec2:DeleteInternetGateway" => {
            hands.at_once(step, ec2.delete_internet_gateway().internet_gateway_id(gateway).send()).await
        }
        _ => Err(hands.unknown(step)),
    }
}
