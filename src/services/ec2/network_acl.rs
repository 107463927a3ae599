//! Network ACLs, each with its entries and associations.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Filter, IcmpTypeCode, NetworkAcl, NetworkAclEntry, PortRange, RuleAction};
use serde_json::Value;

use super::{account, tags};
use crate::aws::{Call, Cx, Hands};
use crate::catalog::steps::{each_of, texts_of};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Made, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped,
    each,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::EC2::NetworkAcl`, with `AWS::EC2::NetworkAclEntry` folded in as `entries` and
/// `AWS::EC2::SubnetNetworkAclAssociation` as `associations`.
///
/// Every subnet without another ACL is associated with its VPC's default one. Those associations follow from the
/// others and are observed only.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::NetworkAcl",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("EC2 does not report when a network ACL was created"),
    sets: &["entries", "associations"],
    secrets: &[],
    left_out: &[
        LeftOut {
            path: "NetworkAcls[].Associations[].NetworkAclAssociationId",
            why: "id of a part that its subnet identifies",
        },
        LeftOut { path: "NetworkAcls[].Associations[].NetworkAclId", why: "the network ACL itself" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[Edge {
        path: "associations.*.SubnetId",
        to: "AWS::EC2::Subnet",
        target: "{}",
        order: Order::TargetFirst,
        why: "a subnet takes its association with it, and a network ACL with subnets cannot be deleted",
    }],
    read_actions: &["ec2:DescribeNetworkAcls"],
    delete: Delete::Call(Recipe {
        operation: "DeleteNetworkAcl",
        actions: &["ec2:ReplaceNetworkAclAssociation", "ec2:DeleteNetworkAcl"],
        gone: &["InvalidNetworkAclID.NotFound"],
        steps: Some(deletion),
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 6,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let pages = cx.client::<Client>().describe_network_acls().max_results(1000).into_paginator().items().send();
    let acls: Vec<NetworkAcl> = pages.try_collect().await.at("ec2:DescribeNetworkAcls")?;
    Ok(acls.iter().map(|acl| map(cx, acl)).collect())
}

fn map(cx: &Cx, acl: &NetworkAcl) -> Draft {
    let id = acl.network_acl_id().unwrap_or_default();
    let default = acl.is_default() == Some(true);
    let associations = each(acl.associations(), |association| Props::new().with("SubnetId", association.subnet_id()));
    let draft = Draft::new(id)
        .arn(account::arn(cx, acl.owner_id(), &format!("network-acl/{id}")).as_str())
        .name(tags::name_tag(acl.tags()))
        .tags(tags::pairs(acl.tags()))
        .aws_made(default, "default network ACL of its VPC")
        .owner(account::SHARED, account::other_account(cx, acl.owner_id()))
        .with("VpcId", acl.vpc_id())
        .with("entries", each(acl.entries(), entry));
    if default { draft.observed("associations", associations) } else { draft.with("associations", associations) }
}

fn entry(entry: &NetworkAclEntry) -> Props {
    Props::new()
        .with("RuleNumber", entry.rule_number())
        .with("Egress", entry.egress())
        .with("Protocol", entry.protocol().map(protocol))
        .with("RuleAction", entry.rule_action().map(RuleAction::as_str))
        .with("CidrBlock", entry.cidr_block())
        .with("Ipv6CidrBlock", entry.ipv6_cidr_block())
        .with("PortRange", entry.port_range().map(ports))
        .with("Icmp", entry.icmp_type_code().map(icmp))
}

/// A number in the schema and a text in the API.
fn protocol(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from)
}

fn ports(range: &PortRange) -> Props {
    Props::new().with("From", range.from()).with("To", range.to())
}

fn icmp(icmp: &IcmpTypeCode) -> Props {
    Props::new().with("Code", icmp.code()).with("Type", icmp.r#type())
}

fn deletion(acl: &Resource, _: &Switches) -> Vec<Step> {
    let replace = each_of("ec2:ReplaceNetworkAclAssociation", texts_of(&acl.properties, "associations", "SubnetId"));
    replace.chain([Step::on_resource("ec2:DeleteNetworkAcl")]).collect()
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let ec2: Client = hands.client();
    match step.call.as_str() {
        "ec2:ReplaceNetworkAclAssociation" => replace(hands, &ec2, step).await,
        "ec2:DeleteNetworkAcl" => hands.at_once(step, ec2.delete_network_acl().network_acl_id(hands.id()).send()).await,
        _ => Err(hands.unknown(step)),
    }
}

/// Gives one subnet the default ACL of its VPC, unless the subnet is gone or has another one by now.
async fn replace(hands: &Hands, ec2: &Client, step: &Step) -> Made {
    let vpc = Filter::builder().name("vpc-id").values(hands.text("VpcId").unwrap_or_default()).build();
    let acls = ec2.describe_network_acls().filters(vpc).max_results(1000).into_paginator().items().send();
    let acls: Vec<NetworkAcl> = acls.try_collect().await.at("ec2:DescribeNetworkAcls")?;
    let own = acls.iter().filter(|acl| acl.network_acl_id() == Some(hands.id()));
    let association = own.flat_map(NetworkAcl::associations).find(|at| at.subnet_id() == Some(&step.target));
    let Some(association) = association.and_then(|at| at.network_acl_association_id()) else {
        return Ok(Progress::Done);
    };
    let default = acls.iter().find(|acl| acl.is_default() == Some(true)).and_then(NetworkAcl::network_acl_id);
    let call = ec2
        .replace_network_acl_association()
        .association_id(association)
        .set_network_acl_id(default.map(str::to_owned));
    hands.call_unless(step, &["InvalidAssociationID.NotFound"], call.send()).await?;
    Ok(Progress::Done)
}
