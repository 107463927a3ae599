//! Route tables, each with its routes, associations and propagating gateways.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Route, RouteOrigin, RouteState, RouteTable, RouteTableAssociation};

use super::{account, tags};
use crate::aws::{Call, Cx, Hands};
use crate::catalog::steps::{each_of, texts_of};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Made, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped,
    each,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::EC2::RouteTable`, with `AWS::EC2::Route` folded in as `routes`, `AWS::EC2::SubnetRouteTableAssociation` and
/// `AWS::EC2::GatewayRouteTableAssociation` as `associations`, `AWS::EC2::VPNGatewayRoutePropagation` as
/// `propagations`; `main` says whether it is the table of every subnet without one.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::RouteTable",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("EC2 does not report when a route table was created"),
    sets: &["associations", "blackholes", "derivedRoutes", "propagations", "routes"],
    secrets: &[],
    left_out: &[
        LeftOut {
            path: "RouteTables[].Associations[].RouteTableAssociationId",
            why: "id of a part that its subnet or gateway identifies",
        },
        LeftOut { path: "RouteTables[].Associations[].RouteTableId", why: "the route table itself" },
        LeftOut { path: "RouteTables[].Associations[].AssociationState.*", why: "progress of an association" },
        LeftOut { path: "RouteTables[].Routes[].InstanceId", why: "follows from the network interface of the route" },
        LeftOut { path: "RouteTables[].Routes[].Origin", why: "only tells the routes that AWS keeps from the others" },
        LeftOut { path: "RouteTables[].Routes[].InstanceOwnerId", why: "belongs to the instance" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[Edge {
        path: "routes.*.GatewayId",
        to: "AWS::EC2::VPCEndpoint",
        target: "{}",
        order: Order::None,
        why: "a gateway endpoint adds and removes its own routes",
    }],
    read_actions: &["ec2:DescribeRouteTables"],
    delete: Delete::Call(Recipe {
        operation: "DeleteRouteTable",
        actions: &["ec2:DisassociateRouteTable", "ec2:DeleteRouteTable"],
        gone: &["InvalidRouteTableID.NotFound"],
        steps: Some(deletion),
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 6,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    // 100 is the most that this call takes.
    let pages = cx.client::<Client>().describe_route_tables().max_results(100).into_paginator().items().send();
    let tables: Vec<RouteTable> = pages.try_collect().await.at("ec2:DescribeRouteTables")?;
    Ok(tables.iter().map(|table| map(cx, table)).collect())
}

fn map(cx: &Cx, table: &RouteTable) -> Draft {
    let id = table.route_table_id().unwrap_or_default();
    let main = table.associations().iter().any(|association| association.main() == Some(true));
    let (derived, own): (Vec<&Route>, Vec<&Route>) = table.routes().iter().partition(|route| is_derived(route));
    let blackholes = table.routes().iter().filter(|route| route.state() == Some(&RouteState::Blackhole));
    Draft::new(id)
        .arn(account::arn(cx, table.owner_id(), &format!("route-table/{id}")).as_str())
        .name(tags::name_tag(table.tags()))
        .tags(tags::pairs(table.tags()))
        .aws_made(main, "main route table of its VPC")
        .owner(account::SHARED, account::other_account(cx, table.owner_id()))
        .with("VpcId", table.vpc_id())
        .with("main", main)
        .with("routes", each(&own, |route| map_route(route)))
        .with("associations", table.associations().iter().filter_map(association).collect::<Vec<_>>())
        .with("propagations", each(table.propagating_vgws(), |vgw| Props::new().with("VpnGatewayId", vgw.gateway_id())))
        .observed("derivedRoutes", each(&derived, |route| map_route(route)))
        .observed("blackholes", blackholes.map(destination).collect::<Vec<_>>())
}

/// Whether AWS keeps the route: learned from a VPN gateway, or the way to a block of the VPC itself.
fn is_derived(route: &Route) -> bool {
    match route.origin() {
        Some(RouteOrigin::EnableVgwRoutePropagation) => true,
        Some(RouteOrigin::CreateRouteTable) => route.gateway_id() == Some("local"),
        _ => false,
    }
}

fn destination(route: &Route) -> Option<&str> {
    route.destination_cidr_block().or(route.destination_ipv6_cidr_block()).or(route.destination_prefix_list_id())
}

fn map_route(route: &Route) -> Props {
    // EC2 answers a Gateway Load Balancer endpoint as a gateway. One with a prefix list for its destination is a
    // gateway endpoint (S3, DynamoDB), which made the route itself.
    let by_endpoint =
        route.gateway_id().is_some_and(|id| id.starts_with("vpce-")) && route.destination_prefix_list_id().is_none();
    let (gateway, endpoint) = if by_endpoint { (None, route.gateway_id()) } else { (route.gateway_id(), None) };
    // The interface is the target, and the instance is where it is attached today.
    let instance = route.instance_id().filter(|_| route.network_interface_id().is_none());
    Props::new()
        .with("DestinationCidrBlock", route.destination_cidr_block())
        .with("DestinationIpv6CidrBlock", route.destination_ipv6_cidr_block())
        .with("DestinationPrefixListId", route.destination_prefix_list_id())
        .with("CarrierGatewayId", route.carrier_gateway_id())
        .with("CoreNetworkArn", route.core_network_arn())
        .with("EgressOnlyInternetGatewayId", route.egress_only_internet_gateway_id())
        .with("GatewayId", gateway)
        .with("InstanceId", instance)
        .with("LocalGatewayId", route.local_gateway_id())
        .with("NatGatewayId", route.nat_gateway_id())
        .with("NetworkInterfaceId", route.network_interface_id())
        .with("OdbNetworkArn", route.odb_network_arn())
        .with("TransitGatewayId", route.transit_gateway_id())
        .with("VpcEndpointId", endpoint)
        .with("VpcPeeringConnectionId", route.vpc_peering_connection_id())
        .with("ipAddress", route.ip_address())
}

/// An association that people made; being the main table is none.
fn association(association: &RouteTableAssociation) -> Option<Props> {
    (association.main() != Some(true)).then(|| {
        Props::new()
            .with("SubnetId", association.subnet_id())
            .with("GatewayId", association.gateway_id())
            .with("PublicIpv4Pool", association.public_ipv4_pool())
    })
}

/// The other ends of an association, one of which it has.
const ENDS: &[&str] = &["SubnetId", "GatewayId", "PublicIpv4Pool"];

fn deletion(table: &Resource, _: &Switches) -> Vec<Step> {
    let ends = ENDS.iter().flat_map(|end| texts_of(&table.properties, "associations", end));
    each_of("ec2:DisassociateRouteTable", ends).chain([Step::on_resource("ec2:DeleteRouteTable")]).collect()
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let ec2: Client = hands.client();
    match step.call.as_str() {
        "ec2:DisassociateRouteTable" => {
            let found = ec2.describe_route_tables().route_table_ids(hands.id()).send();
            let found = hands.look("ec2:DescribeRouteTables", found).await?;
            let tables = found.and_then(|found| found.route_tables).unwrap_or_default();
            let association = tables.iter().flat_map(RouteTable::associations).find(|at| ends_at(at, &step.target));
            // A subnet takes its association with it.
            let Some(association) = association.and_then(|at| at.route_table_association_id()) else {
                return Ok(Progress::Done);
            };
            let call = ec2.disassociate_route_table().association_id(association).send();
            hands.call_unless(step, &["InvalidAssociationID.NotFound"], call).await?;
            Ok(Progress::Done)
        }
        "ec2:DeleteRouteTable" => hands.at_once(step, ec2.delete_route_table().route_table_id(hands.id()).send()).await,
        _ => Err(hands.unknown(step)),
    }
}

fn ends_at(association: &RouteTableAssociation, end: &str) -> bool {
    association.main() != Some(true)
        && [association.subnet_id(), association.gateway_id(), association.public_ipv4_pool()].contains(&Some(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_keeps_is_no_route_of_the_table() {
        let route = |gateway: &str, origin| Route::builder().gateway_id(gateway).origin(origin).build();
        assert!(is_derived(&route("local", RouteOrigin::CreateRouteTable)));
        assert!(is_derived(&route("vgw-1", RouteOrigin::EnableVgwRoutePropagation)));
        assert!(!is_derived(&route("igw-1", RouteOrigin::CreateRoute)));
        // The way to the VPC's own block was turned to an appliance.
        assert!(!is_derived(&route("vpce-1", RouteOrigin::CreateRouteTable)));
    }
}
