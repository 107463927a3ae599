//! Route tables of transit gateways, each with its static routes and propagations.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    Filter, TransitGatewayAssociationState, TransitGatewayPrefixListReference, TransitGatewayPropagationState,
    TransitGatewayRoute, TransitGatewayRouteState, TransitGatewayRouteTable, TransitGatewayRouteTableAssociation,
    TransitGatewayRouteTablePropagation, TransitGatewayRouteTableState,
};
use serde_json::Value;

use super::going::{self, Left};
use super::tags;
use crate::aws::{Absent, Call, CallError, Cx, Hands, gone_with};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Running, Scope, TypeSpec, Unmapped, each,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::EC2::TransitGatewayRouteTable`, with `AWS::EC2::TransitGatewayRoute` folded in as `routes`,
/// `AWS::EC2::TransitGatewayRouteTablePropagation` as `propagations`, and references to prefix lists, for which there is
/// no type, as `prefixListReferences`.
///
/// Which table an attachment uses is told by the attachment, with its gateway; here `associations` are only shown.
/// Four calls per table.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::TransitGatewayRouteTable",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationTime"),
    sets: &["associations", "prefixListReferences", "propagations", "routes"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "Associations[].ResourceId", why: OF_ATTACHMENT },
        LeftOut { path: "Associations[].ResourceType", why: OF_ATTACHMENT },
        LeftOut { path: "TransitGatewayRouteTablePropagations[].ResourceId", why: OF_ATTACHMENT },
        LeftOut { path: "TransitGatewayRouteTablePropagations[].ResourceType", why: OF_ATTACHMENT },
        LeftOut {
            path: "TransitGatewayPrefixListReferences[].TransitGatewayRouteTableId",
            why: "the table that was asked about",
        },
        LeftOut { path: "TransitGatewayPrefixListReferences[].PrefixListOwnerId", why: "belongs to the prefix list" },
        LeftOut { path: "TransitGatewayPrefixListReferences[].State", why: "run state" },
        LeftOut {
            path: "TransitGatewayPrefixListReferences[].TransitGatewayAttachment.ResourceId",
            why: OF_ATTACHMENT,
        },
        LeftOut {
            path: "TransitGatewayPrefixListReferences[].TransitGatewayAttachment.ResourceType",
            why: OF_ATTACHMENT,
        },
        LeftOut { path: "Routes[].TransitGatewayAttachments[].ResourceId", why: OF_ATTACHMENT },
        LeftOut { path: "Routes[].TransitGatewayAttachments[].ResourceType", why: OF_ATTACHMENT },
        LeftOut { path: "Routes[].TransitGatewayRouteTableAnnouncementId", why: "of propagated routes" },
        LeftOut { path: "Routes[].Type", why: "always static, which is what was asked for" },
        LeftOut { path: "TransitGatewayRouteTablePropagations[].State", why: "run state" },
        LeftOut {
            path: "SearchTransitGatewayRoutes:Routes[].State",
            why: "run state, where a route has an attachment",
        },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &[
        "ec2:DescribeTransitGatewayRouteTables",
        "ec2:GetTransitGatewayPrefixListReferences",
        "ec2:GetTransitGatewayRouteTableAssociations",
        "ec2:GetTransitGatewayRouteTablePropagations",
        "ec2:SearchTransitGatewayRoutes",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteTransitGatewayRouteTable",
        actions: &["ec2:DisassociateTransitGatewayRouteTable", "ec2:DeleteTransitGatewayRouteTable"],
        gone: GONE,
        // What is associated must be taken off first; routes and propagations go along.
        steps: Some(steps),
        run: |hands, step| -> Running<'_> { Box::pin(run(hands, step)) },
        protection: None,
        rank: 5,
        holds_data: false,
        reversible: None,
    }),
};

/// How EC2 says that a table, or an association, does not exist.
const GONE: &[&str] = &[
    "InvalidRouteTableID.NotFound",
    "InvalidRouteTableId.NotFound",
    "InvalidTransitGatewayRouteTableId.NotFound",
    "InvalidAssociation.NotFound",
];

const OF_ATTACHMENT: &str = "belongs to the attachment";
const DISASSOCIATE: &str = "ec2:DisassociateTransitGatewayRouteTable";

fn steps(resource: &Resource, _: &Switches) -> Vec<Step> {
    let associations = resource.observed.get("associations").and_then(Value::as_array);
    let attachments = associations.into_iter().flatten().filter_map(|one| one["TransitGatewayAttachmentId"].as_str());
    let mut steps: Vec<_> = attachments.map(|attachment| Step::on(DISASSOCIATE, attachment)).collect();
    steps.push(Step::on_resource("ec2:DeleteTransitGatewayRouteTable"));
    steps
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let ec2: Client = hands.client();
    if step.call == DISASSOCIATE {
        let left = async {
            let found = associations(&ec2, hands.id()).await.absent_if(GONE)?.unwrap_or_default();
            let of_this = |one: &&TransitGatewayRouteTableAssociation| {
                one.transit_gateway_attachment_id() == Some(step.target.as_str())
            };
            let state = found.iter().find(of_this).and_then(|one| one.state());
            Ok(match state {
                None | Some(TransitGatewayAssociationState::Disassociated) => Left::None,
                Some(TransitGatewayAssociationState::Disassociating) => Left::Some,
                Some(_) => Left::All,
            })
        };
        let request = ec2
            .disassociate_transit_gateway_route_table()
            .transit_gateway_route_table_id(hands.id())
            .transit_gateway_attachment_id(&step.target);
        return going::delete(hands, step, left, request.send()).await;
    }
    let left = async {
        let request = ec2.describe_transit_gateway_route_tables().transit_gateway_route_table_ids(hands.id());
        let answer = hands.look("ec2:DescribeTransitGatewayRouteTables", request.send()).await?;
        let table = answer.and_then(|answer| answer.transit_gateway_route_tables?.pop());
        Ok(Left::of(table.as_ref().and_then(|table| table.state()).map(TransitGatewayRouteTableState::as_str)))
    };
    let request = ec2.delete_transit_gateway_route_table().transit_gateway_route_table_id(hands.id());
    going::delete(hands, step, left, request.send()).await
}

async fn list(cx: &Cx) -> Listed {
    let ec2: Client = cx.client();
    let pages = ec2.describe_transit_gateway_route_tables().max_results(1000).into_paginator().items().send();
    let mut tables: Vec<TransitGatewayRouteTable> =
        pages.try_collect().await.at("ec2:DescribeTransitGatewayRouteTables")?;
    tables.retain(|table| table.state() != Some(&TransitGatewayRouteTableState::Deleted));
    let tables = cx.wanted(tables, |table| table.transit_gateway_route_table_id().unwrap_or_default());
    cx.each(tables, |table| {
        let ec2 = &ec2;
        async move {
            let id = table.transit_gateway_route_table_id().unwrap_or_default();
            let again = async {
                let request = ec2.describe_transit_gateway_route_tables().transit_gateway_route_table_ids(id);
                request.send().await.at("ec2:DescribeTransitGatewayRouteTables")
            };
            gone_with(describe(cx, ec2, &table).await, GONE, again).await
        }
    })
    .await
}

async fn describe(cx: &Cx, ec2: &Client, table: &TransitGatewayRouteTable) -> Result<Draft, CallError> {
    let id = table.transit_gateway_route_table_id().unwrap_or_default();
    let (associations, propagations, references, routes) =
        tokio::join!(associations(ec2, id), propagations(ec2, id), references(ec2, id), routes(ec2, id));
    // What is only shown can be missing, but not in silence.
    let (shown, unread) = match associations {
        Ok(associations) => (each(&associations, association), Ok(())),
        Err(error) => (Vec::new(), Err(error)),
    };
    map(cx, table)
        .observed("associations", shown)
        .sub("associations", unread)?
        .sub("propagations", propagations)?
        .sub("prefixListReferences", references)?
        .sub("routes", routes)
}

async fn associations(ec2: &Client, id: &str) -> Result<Vec<TransitGatewayRouteTableAssociation>, CallError> {
    let request = ec2.get_transit_gateway_route_table_associations().transit_gateway_route_table_id(id);
    let pages = request.max_results(1000).into_paginator().items().send();
    pages.try_collect().await.at("ec2:GetTransitGatewayRouteTableAssociations")
}

fn association(association: &TransitGatewayRouteTableAssociation) -> Props {
    Props::new()
        .with("State", association.state().map(TransitGatewayAssociationState::as_str))
        .with("TransitGatewayAttachmentId", association.transit_gateway_attachment_id())
}

async fn propagations(ec2: &Client, id: &str) -> Result<Vec<Props>, CallError> {
    let request = ec2.get_transit_gateway_route_table_propagations().transit_gateway_route_table_id(id);
    let pages = request.max_results(1000).into_paginator().items().send();
    let found: Vec<TransitGatewayRouteTablePropagation> =
        pages.try_collect().await.at("ec2:GetTransitGatewayRouteTablePropagations")?;
    let on = |one: &&TransitGatewayRouteTablePropagation| {
        use TransitGatewayPropagationState::{Disabled, Disabling};
        !matches!(one.state(), Some(Disabled | Disabling))
    };
    Ok(found.iter().filter(on).map(propagation).collect())
}

fn propagation(one: &TransitGatewayRouteTablePropagation) -> Props {
    Props::new()
        .with("TransitGatewayAttachmentId", one.transit_gateway_attachment_id())
        .with("TransitGatewayRouteTableAnnouncementId", one.transit_gateway_route_table_announcement_id())
}

async fn references(ec2: &Client, id: &str) -> Result<Vec<Props>, CallError> {
    let request = ec2.get_transit_gateway_prefix_list_references().transit_gateway_route_table_id(id);
    let pages = request.max_results(1000).into_paginator().items().send();
    let found: Vec<TransitGatewayPrefixListReference> =
        pages.try_collect().await.at("ec2:GetTransitGatewayPrefixListReferences")?;
    Ok(each(&found, |one| {
        let attachment = one.transit_gateway_attachment().and_then(|to| to.transit_gateway_attachment_id());
        Props::new()
            .with("Blackhole", one.blackhole())
            .with("PrefixListId", one.prefix_list_id())
            .with("TransitGatewayAttachmentId", attachment)
    }))
}

/// Static routes. The SDK has no paginator for this one.
async fn routes(ec2: &Client, id: &str) -> Result<Vec<Props>, CallError> {
    let mut routes = Vec::new();
    let mut token = None;
    loop {
        // Without a page size a page has a thousand.
        let request = ec2.search_transit_gateway_routes().transit_gateway_route_table_id(id);
        let request = request.filters(Filter::builder().name("type").values("static").build());
        let page = request.set_next_token(token).send().await.at("ec2:SearchTransitGatewayRoutes")?;
        // Routes to the entries of a prefix list are told by the reference to it.
        let own = page.routes().iter().filter(|route| route.prefix_list_id().is_none());
        routes.extend(own.map(route));
        token = page.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
        if token.is_none() {
            return Ok(routes);
        }
    }
}

fn route(route: &TransitGatewayRoute) -> Props {
    let attachment = route.transit_gateway_attachments().first();
    // A static route with an attachment becomes a black hole when the attachment goes, which is state.
    let blackhole = attachment.is_none() && route.state() == Some(&TransitGatewayRouteState::Blackhole);
    Props::new()
        .with("Blackhole", blackhole)
        .with("DestinationCidrBlock", route.destination_cidr_block())
        .with("TransitGatewayAttachmentId", attachment.and_then(|to| to.transit_gateway_attachment_id()))
}

fn map(cx: &Cx, table: &TransitGatewayRouteTable) -> Draft {
    let id = table.transit_gateway_route_table_id().unwrap_or_default();
    let default = [table.default_association_route_table(), table.default_propagation_route_table()];
    Draft::new(id)
        .arn(cx.arn("ec2", &format!("transit-gateway-route-table/{id}")).as_str())
        .name(tags::name_tag(table.tags()))
        .tags(tags::pairs(table.tags()))
        .created(table.creation_time())
        .aws_made(default.contains(&Some(true)), "default route table, which goes with its transit gateway")
        .with("TransitGatewayId", table.transit_gateway_id())
        .observed("DefaultAssociationRouteTable", table.default_association_route_table())
        .observed("DefaultPropagationRouteTable", table.default_propagation_route_table())
        .observed("State", table.state().map(TransitGatewayRouteTableState::as_str))
}
