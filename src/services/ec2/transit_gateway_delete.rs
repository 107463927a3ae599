//! Taking a transit gateway away, from the outside in: peers of appliances, attachments, route tables, the gateway.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    Filter, TransitGatewayAttachmentState, TransitGatewayConnectPeer, TransitGatewayConnectPeerState,
    TransitGatewayRouteTable, TransitGatewayRouteTableState, TransitGatewayState,
};

use crate::aws::{Absent, Call, CallError, Fate, Hands};
use crate::catalog::steps::{EVERY, elements};
use crate::catalog::{Made, Progress};
use crate::model::{Resource, Step, Switches};

/// By the kind of an attachment, what ends it. Attachments of VPN connections and of Direct Connect go with these.
const ENDS: &[(&str, &str)] = &[
    ("connect", "ec2:DeleteTransitGatewayConnect"),
    ("vpc", "ec2:DeleteTransitGatewayVpcAttachment"),
    ("peering", "ec2:DeleteTransitGatewayPeeringAttachment"),
];

/// An attachment that is gone by now.
const NO_ATTACHMENT: &[&str] = &["InvalidTransitGatewayAttachmentID.NotFound"];

/// Connect attachments stand on attachments of VPCs, so they go before these. Route tables are not in the snapshot.
pub(super) fn steps(gateway: &Resource, _: &Switches) -> Vec<Step> {
    let of_kind = |wanted: &'static str| {
        elements(&gateway.properties, "attachments")
            .filter(move |one| one.get("ResourceType").and_then(|kind| kind.as_str()) == Some(wanted))
            .filter_map(|one| one.get("Id")?.as_str())
    };
    let peers = of_kind("connect").map(|id| Step::on("ec2:DeleteTransitGatewayConnectPeer", id));
    let ends = ENDS.iter().flat_map(|(kind, call)| of_kind(kind).map(|id| Step::on(call, id)));
    peers
        .chain(ends)
        .chain([Step::on("ec2:DeleteTransitGatewayRouteTable", EVERY), Step::on_resource("ec2:DeleteTransitGateway")])
        .collect()
}

pub(super) async fn run(hands: &Hands, step: &Step) -> Made {
    let ec2: Client = hands.client();
    let target = &step.target;
    match step.call.as_str() {
        "ec2:DeleteTransitGatewayConnectPeer" => peers(hands, &ec2, step).await,
        "ec2:DeleteTransitGatewayConnect" => {
            let call = ec2.delete_transit_gateway_connect().transit_gateway_attachment_id(target);
            let request = async { call.send().await.at(&step.call).absent_if(NO_ATTACHMENT) };
            hands.until_gone(step, || attachment(&ec2, target), request).await
        }
        "ec2:DeleteTransitGatewayVpcAttachment" => {
            let call = ec2.delete_transit_gateway_vpc_attachment().transit_gateway_attachment_id(target);
            let request = async { call.send().await.at(&step.call).absent_if(NO_ATTACHMENT) };
            hands.until_gone(step, || attachment(&ec2, target), request).await
        }
        "ec2:DeleteTransitGatewayPeeringAttachment" => {
            let call = ec2.delete_transit_gateway_peering_attachment().transit_gateway_attachment_id(target);
            let request = async { call.send().await.at(&step.call).absent_if(NO_ATTACHMENT) };
            hands.until_gone(step, || attachment(&ec2, target), request).await
        }
        "ec2:DeleteTransitGatewayRouteTable" => tables(hands, &ec2, step).await,
        "ec2:DeleteTransitGateway" => {
            let call = ec2.delete_transit_gateway().transit_gateway_id(hands.id());
            let request = async { call.send().await.at(&step.call) };
            hands.until_gone(step, || gateway(hands, &ec2), request).await
        }
        _ => Err(hands.unknown(step)),
    }
}

/// Parts of a kind, each with whether AWS is deleting it.
type Parts = Vec<(String, bool)>;

/// Asks for each part to be deleted, and waits until none is left.
async fn peers(hands: &Hands, ec2: &Client, step: &Step) -> Made {
    for (peer, deleting) in connect_peers(ec2, &step.target).await? {
        let one = Step::on(&step.call, &peer);
        if !deleting && !hands.has_taken(&one) {
            let call = ec2.delete_transit_gateway_connect_peer().transit_gateway_connect_peer_id(&peer).send();
            hands.call_unless(&one, &["InvalidTransitGatewayConnectPeerID.NotFound"], call).await?;
        }
    }
    Ok(left(&connect_peers(ec2, &step.target).await?, "Connect peers"))
}

async fn connect_peers(ec2: &Client, attachment: &str) -> Result<Parts, CallError> {
    use TransitGatewayConnectPeerState::{Deleted, Deleting};
    let of_attachment = Filter::builder().name("transit-gateway-attachment-id").values(attachment).build();
    let pages = ec2.describe_transit_gateway_connect_peers().filters(of_attachment).max_results(1000).into_paginator();
    let peers: Vec<TransitGatewayConnectPeer> =
        pages.items().send().try_collect().await.at("ec2:DescribeTransitGatewayConnectPeers")?;
    let live = peers.into_iter().filter(|peer| peer.state != Some(Deleted));
    Ok(live.filter_map(|peer| Some((peer.transit_gateway_connect_peer_id?, peer.state == Some(Deleting)))).collect())
}

/// The default tables go with the gateway.
async fn tables(hands: &Hands, ec2: &Client, step: &Step) -> Made {
    for (table, deleting) in route_tables(hands, ec2).await? {
        let one = Step::on(&step.call, &table);
        if !deleting && !hands.has_taken(&one) {
            let call = ec2.delete_transit_gateway_route_table().transit_gateway_route_table_id(&table).send();
            hands.call_unless(&one, &["InvalidRouteTableID.NotFound", "InvalidRouteTableId.NotFound"], call).await?;
        }
    }
    Ok(left(&route_tables(hands, ec2).await?, "route tables"))
}

async fn route_tables(hands: &Hands, ec2: &Client) -> Result<Parts, CallError> {
    use TransitGatewayRouteTableState::{Deleted, Deleting};
    let of_gateway = Filter::builder().name("transit-gateway-id").values(hands.id()).build();
    let pages = ec2.describe_transit_gateway_route_tables().filters(of_gateway).max_results(1000).into_paginator();
    let tables: Vec<TransitGatewayRouteTable> =
        pages.items().send().try_collect().await.at("ec2:DescribeTransitGatewayRouteTables")?;
    let is_default = |table: &TransitGatewayRouteTable| {
        table.default_association_route_table == Some(true) || table.default_propagation_route_table == Some(true)
    };
    let own = tables.into_iter().filter(|table| !is_default(table) && table.state != Some(Deleted));
    Ok(own.filter_map(|table| Some((table.transit_gateway_route_table_id?, table.state == Some(Deleting)))).collect())
}

fn left(parts: &Parts, what: &str) -> Progress {
    if parts.is_empty() { Progress::Done } else { Progress::Waiting(format!("{} {what} are left", parts.len())) }
}

async fn attachment(ec2: &Client, id: &str) -> Result<Fate, CallError> {
    use TransitGatewayAttachmentState::{Deleted, Deleting};
    let found = ec2.describe_transit_gateway_attachments().transit_gateway_attachment_ids(id).send().await;
    let found = found.at("ec2:DescribeTransitGatewayAttachments").absent_if(NO_ATTACHMENT)?;
    let attachment = found.and_then(|found| found.transit_gateway_attachments?.into_iter().next());
    Ok(match attachment.map(|attachment| attachment.state) {
        None | Some(Some(Deleted)) => Fate::Gone,
        Some(Some(Deleting)) => Fate::going("deleting"),
        Some(_) => Fate::There,
    })
}

async fn gateway(hands: &Hands, ec2: &Client) -> Result<Fate, CallError> {
    use TransitGatewayState::{Deleted, Deleting};
    let found = ec2.describe_transit_gateways().transit_gateway_ids(hands.id()).send();
    let found = hands.look("ec2:DescribeTransitGateways", found).await?;
    let gateway = found.and_then(|found| found.transit_gateways?.into_iter().next());
    Ok(match gateway.map(|gateway| gateway.state) {
        None | Some(Some(Deleted)) => Fate::Gone,
        Some(Some(Deleting)) => Fate::going("deleting"),
        Some(_) => Fate::There,
    })
}
