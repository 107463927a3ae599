//! VPC links of HTTP APIs. Those of REST APIs are another type.

use aws_sdk_apigatewayv2::Client;
use aws_sdk_apigatewayv2::types::{VpcLink, VpcLinkStatus, VpcLinkVersion};

use super::{GONE, PAGE, READ, arn};
use crate::aws::{Call, CallError, Cx, Hands, pages};
use crate::catalog::{Created, Delete, Draft, Listed, Progress, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::ApiGatewayV2::VpcLink`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ApiGatewayV2::VpcLink",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreatedDate"),
    sets: &["SecurityGroupIds", "SubnetIds"],
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
    let links = pages(READ, async |token| {
        let page = gateway.get_vpc_links().max_results(PAGE).set_next_token(token).send().await.at(READ)?;
        Ok((page.items.unwrap_or_default(), page.next_token))
    });
    let links: Vec<VpcLink> = links.await?;
    let links = links.iter().filter(|link| link.vpc_link_status() != Some(&VpcLinkStatus::Deleting));
    Ok(links.map(|link| map(cx, link)).collect())
}

fn map(cx: &Cx, link: &VpcLink) -> Draft {
    let id = link.vpc_link_id().unwrap_or_default();
    Draft::new(id)
        .arn(arn(cx, &format!("/vpclinks/{id}")).as_str())
        .name(link.name())
        .created(link.created_date())
        .tags(link.tags().into_iter().flatten())
        .with("Name", link.name())
        .with("SecurityGroupIds", link.security_group_ids())
        .with("SubnetIds", link.subnet_ids())
        // Inactive means that it had no traffic for long.
        .observed("VpcLinkStatus", link.vpc_link_status().map(VpcLinkStatus::as_str))
        .observed("VpcLinkStatusMessage", link.vpc_link_status_message())
        .observed("VpcLinkVersion", link.vpc_link_version().map(VpcLinkVersion::as_str))
}

async fn delete(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let gateway: Client = hands.client();
    let look = gateway.get_vpc_link().vpc_link_id(hands.id()).send();
    let Some(link) = hands.look(READ, look).await? else { return Ok(Progress::Done) };
    if link.vpc_link_status() != Some(&VpcLinkStatus::Deleting) {
        hands.call(step, gateway.delete_vpc_link().vpc_link_id(hands.id()).send()).await?;
    }
    Ok(Progress::Waiting("VPC link is deleting".to_owned()))
}
