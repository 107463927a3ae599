//! Egress-only internet gateways.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{AttachmentStatus, EgressOnlyInternetGateway};

use super::tags;
use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, Listed, Progress, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::EC2::EgressOnlyInternetGateway`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::EgressOnlyInternetGateway",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("EC2 does not report when an egress-only internet gateway was created"),
    sets: &[],
    secrets: &[],
    left_out: &[],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["ec2:DescribeEgressOnlyInternetGateways"],
    delete: Delete::Call(Recipe {
        operation: "DeleteEgressOnlyInternetGateway",
        actions: &["ec2:DeleteEgressOnlyInternetGateway"],
        gone: &["InvalidGatewayID.NotFound", "InvalidEgressOnlyInternetGatewayId.NotFound"],
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 7,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let ec2: Client = cx.client();
    let pages = ec2.describe_egress_only_internet_gateways().max_results(255).into_paginator().items().send();
    let gateways = pages.try_collect().await.at("ec2:DescribeEgressOnlyInternetGateways")?;
    Ok(gateways.iter().map(|gateway| map(cx, gateway)).collect())
}

fn map(cx: &Cx, gateway: &EgressOnlyInternetGateway) -> Draft {
    let id = gateway.egress_only_internet_gateway_id().unwrap_or_default();
    // It has exactly one VPC, from its creation to its end.
    let attachment = gateway.attachments().first();
    Draft::new(id)
        .arn(cx.arn("ec2", &format!("egress-only-internet-gateway/{id}")).as_str())
        .name(tags::name_tag(gateway.tags()))
        .tags(tags::pairs(gateway.tags()))
        .with("VpcId", attachment.and_then(|at| at.vpc_id()))
        .observed("State", attachment.and_then(|at| at.state()).map(AttachmentStatus::as_str))
}

async fn delete(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let ec2: Client = hands.client();
    let request = ec2.delete_egress_only_internet_gateway().egress_only_internet_gateway_id(hands.id());
    hands.call(step, request.send()).await?;
    Ok(Progress::Done)
}
