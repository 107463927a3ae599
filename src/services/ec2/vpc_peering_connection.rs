//! VPC peering connections.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    VpcPeeringConnection, VpcPeeringConnectionOptionsDescription, VpcPeeringConnectionStateReason,
    VpcPeeringConnectionStateReasonCode as StatusCode, VpcPeeringConnectionVpcInfo,
};

use super::tags;
use crate::aws::{Call, CallError, Cx, Fate, Hands};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Made, Props, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::EC2::VPCPeeringConnection`, with what each side lets the other do and reach as `requester` and `accepter`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::VPCPeeringConnection",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("EC2 does not report when a peering connection was created"),
    sets: &["accepter.CidrBlocks", "accepter.Ipv6CidrBlocks", "requester.CidrBlocks", "requester.Ipv6CidrBlocks"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "VpcPeeringConnections[].Status.Message", why: "text about a state" },
        LeftOut { path: "VpcPeeringConnections[].AccepterVpcInfo.CidrBlock", why: "one of the blocks" },
        LeftOut { path: "VpcPeeringConnections[].RequesterVpcInfo.CidrBlock", why: "one of the blocks" },
        LeftOut {
            path: "VpcPeeringConnections[].AccepterVpcInfo.PeeringOptions.AllowEgressFromLocalClassicLinkToRemoteVpc",
            why: CLASSIC,
        },
        LeftOut {
            path: "VpcPeeringConnections[].AccepterVpcInfo.PeeringOptions.AllowEgressFromLocalVpcToRemoteClassicLink",
            why: CLASSIC,
        },
        LeftOut {
            path: "VpcPeeringConnections[].RequesterVpcInfo.PeeringOptions.AllowEgressFromLocalClassicLinkToRemoteVpc",
            why: CLASSIC,
        },
        LeftOut {
            path: "VpcPeeringConnections[].RequesterVpcInfo.PeeringOptions.AllowEgressFromLocalVpcToRemoteClassicLink",
            why: CLASSIC,
        },
    ],
    unmapped: &[
        Unmapped { path: "Tags", why: "kept in `tags`" },
        Unmapped { path: "AssumeRoleRegion", why: "write-only: how the other account's role was assumed" },
        Unmapped { path: "PeerRoleArn", why: "write-only: how the other account accepted" },
    ],
    edges: &[],
    read_actions: &["ec2:DescribeVpcPeeringConnections"],
    delete: Delete::Call(Recipe {
        operation: "DeleteVpcPeeringConnection",
        actions: &["ec2:DeleteVpcPeeringConnection"],
        gone: &["InvalidVpcPeeringConnectionID.NotFound"],
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 5,
        holds_data: false,
        reversible: None,
    }),
};

const CLASSIC: &str = "ClassicLink was retired";

async fn list(cx: &Cx) -> Listed {
    let ec2: Client = cx.client();
    let pages = ec2.describe_vpc_peering_connections().max_results(1000).into_paginator().items().send();
    let connections: Vec<VpcPeeringConnection> = pages.try_collect().await.at("ec2:DescribeVpcPeeringConnections")?;
    Ok(connections.iter().filter(|connection| !is_gone(connection)).map(|connection| map(cx, connection)).collect())
}

/// Connections that ended are listed for a while.
fn is_gone(connection: &VpcPeeringConnection) -> bool {
    let code = connection.status().and_then(VpcPeeringConnectionStateReason::code);
    matches!(code, Some(StatusCode::Deleted | StatusCode::Expired | StatusCode::Failed | StatusCode::Rejected))
}

fn map(cx: &Cx, connection: &VpcPeeringConnection) -> Draft {
    let id = connection.vpc_peering_connection_id().unwrap_or_default();
    let (requester, accepter) = (connection.requester_vpc_info(), connection.accepter_vpc_info());
    let status = connection.status().and_then(VpcPeeringConnectionStateReason::code);
    Draft::new(id)
        .arn(cx.arn("ec2", &format!("vpc-peering-connection/{id}")).as_str())
        .name(tags::name_tag(connection.tags()))
        .tags(tags::pairs(connection.tags()))
        .with("VpcId", requester.and_then(VpcPeeringConnectionVpcInfo::vpc_id))
        .with("PeerVpcId", accepter.and_then(VpcPeeringConnectionVpcInfo::vpc_id))
        .with("PeerOwnerId", accepter.and_then(VpcPeeringConnectionVpcInfo::owner_id))
        .with("PeerRegion", accepter.and_then(VpcPeeringConnectionVpcInfo::region))
        .with("requester", requester.map(side))
        .with("accepter", accepter.map(side))
        .observed("Status", status.map(StatusCode::as_str))
        .observed("ExpirationTime", connection.expiration_time())
}

fn side(vpc: &VpcPeeringConnectionVpcInfo) -> Props {
    let ipv4 = vpc.cidr_block_set().iter().filter_map(|block| block.cidr_block());
    let ipv6 = vpc.ipv6_cidr_block_set().iter().filter_map(|block| block.ipv6_cidr_block());
    let options = vpc.peering_options();
    let allows_dns = options.and_then(VpcPeeringConnectionOptionsDescription::allow_dns_resolution_from_remote_vpc);
    Props::new()
        .with("OwnerId", vpc.owner_id())
        .with("Region", vpc.region())
        .with("CidrBlocks", ipv4.map(str::to_owned).collect::<Vec<_>>())
        .with("Ipv6CidrBlocks", ipv6.map(str::to_owned).collect::<Vec<_>>())
        .with("AllowDnsResolutionFromRemoteVpc", allows_dns)
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let ec2: Client = hands.client();
    let call = ec2.delete_vpc_peering_connection().vpc_peering_connection_id(hands.id());
    let request = async { call.send().await.at(&step.call) };
    hands.until_gone(step, || fate(hands, &ec2), request).await
}

async fn fate(hands: &Hands, ec2: &Client) -> Result<Fate, CallError> {
    let found = ec2.describe_vpc_peering_connections().vpc_peering_connection_ids(hands.id()).send();
    let found = hands.look("ec2:DescribeVpcPeeringConnections", found).await?;
    let connection = found.and_then(|found| found.vpc_peering_connections?.into_iter().next());
    let Some(connection) = connection.filter(|connection| !is_gone(connection)) else { return Ok(Fate::Gone) };
    let deleting = connection.status().and_then(|status| status.code()) == Some(&StatusCode::Deleting);
    Ok(if deleting { Fate::going("deleting") } else { Fate::There })
}
