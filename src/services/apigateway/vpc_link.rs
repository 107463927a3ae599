//! VPC links of REST APIs. Those of HTTP APIs are another type.

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::{VpcLink, VpcLinkStatus};

use super::{GONE, PAGE, READ, arn};
use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, Listed, Progress, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::ApiGateway::VpcLink`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ApiGateway::VpcLink",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("API Gateway does not report when a VPC link was created"),
    sets: &["TargetArns"],
    secrets: &[],
    left_out: &[],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["apigateway:GET"],
    delete: Delete::Call(Recipe {
        operation: "DeleteVpcLink",
        actions: &["apigateway:DELETE"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 2,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let gateway: Client = cx.client();
    let pages = gateway.get_vpc_links().limit(PAGE).into_paginator().items().send();
    let links: Vec<VpcLink> = pages.try_collect().await.at(READ)?;
    let links = links.iter().filter(|link| link.status() != Some(&VpcLinkStatus::Deleting));
    Ok(links.map(|link| map(cx, link)).collect())
}

fn map(cx: &Cx, link: &VpcLink) -> Draft {
    let id = link.id().unwrap_or_default();
    Draft::new(id)
        .arn(arn(cx, &format!("/vpclinks/{id}")).as_str())
        .name(link.name())
        .tags(link.tags().into_iter().flatten())
        .with("Description", link.description())
        .with("Name", link.name())
        .with("TargetArns", link.target_arns())
        .observed("Status", link.status().map(VpcLinkStatus::as_str))
        .observed("StatusMessage", link.status_message())
}

async fn delete(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let gateway: Client = hands.client();
    let look = gateway.get_vpc_link().vpc_link_id(hands.id()).send();
    let Some(link) = hands.look(READ, look).await? else { return Ok(Progress::Done) };
    if link.status() != Some(&VpcLinkStatus::Deleting) {
        hands.call(step, gateway.delete_vpc_link().vpc_link_id(hands.id()).send()).await?;
    }
    Ok(Progress::Waiting("VPC link is deleting".to_owned()))
}
