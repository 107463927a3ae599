//! Origin access controls: how `CloudFront` signs its requests to origins.

use aws_sdk_cloudfront::Client;
use aws_sdk_cloudfront::types::OriginAccessControlSummary;

use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec};
use crate::model::Step;

/// `AWS::CloudFront::OriginAccessControl`. It has no tags.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::CloudFront::OriginAccessControl",
    scope: Scope::Global,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("CloudFront does not report when an origin access control was created"),
    sets: &[],
    secrets: &[],
    left_out: &[
        LeftOut { path: "OriginAccessControlList.IsTruncated", why: "about the page" },
        LeftOut { path: "OriginAccessControlList.Marker", why: "about the page" },
        LeftOut { path: "OriginAccessControlList.MaxItems", why: "about the page" },
        LeftOut { path: "OriginAccessControlList.Quantity", why: "about the page" },
    ],
    unmapped: &[],
    edges: &[],
    read_actions: &["cloudfront:ListOriginAccessControls"],
    delete: Delete::Call(Recipe {
        operation: "DeleteOriginAccessControl",
        actions: &["cloudfront:DeleteOriginAccessControl", "cloudfront:GetOriginAccessControl"],
        gone: &["NoSuchOriginAccessControl"],
        steps: Some(|_, _| vec![Step::on_resource("cloudfront:DeleteOriginAccessControl")]),
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 8,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let cloudfront: Client = cx.client();
    let pages = cloudfront.list_origin_access_controls().max_items(100).into_paginator().items().send();
    let controls = pages.try_collect().await.at("cloudfront:ListOriginAccessControls")?;
    Ok(controls.iter().map(|control| map(cx, control)).collect())
}

fn map(cx: &Cx, control: &OriginAccessControlSummary) -> Draft {
    let id = control.id();
    let config = Props::new()
        .with("Description", control.description())
        .with("Name", control.name())
        .with("OriginAccessControlOriginType", control.origin_access_control_origin_type().as_str())
        .with("SigningBehavior", control.signing_behavior().as_str())
        .with("SigningProtocol", control.signing_protocol().as_str());
    Draft::new(id)
        .arn(format!("arn:{}:cloudfront::{}:origin-access-control/{id}", cx.partition(), cx.account()).as_str())
        .name(control.name())
        .with("OriginAccessControlConfig", config)
}

async fn delete(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    if step.call != "cloudfront:DeleteOriginAccessControl" {
        return Err(hands.unknown(step));
    }
    let cloudfront: Client = hands.client();
    let look = cloudfront.get_origin_access_control().id(hands.id()).send();
    let Some(now) = hands.look("cloudfront:GetOriginAccessControl", look).await? else { return Ok(Progress::Done) };
    let request = cloudfront.delete_origin_access_control().id(hands.id()).set_if_match(now.e_tag);
    hands.call(step, request.send()).await?;
    Ok(Progress::Done)
}
