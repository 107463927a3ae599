//! DB subnet groups, those of Neptune and `DocumentDB` included.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::{DbSubnetGroup, Subnet};

use super::tag;
use crate::aws::{Call, CallError, Cx, Hands, gone_with};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Made, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::RDS::DBSubnetGroup`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::RDS::DBSubnetGroup",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("RDS does not report it"),
    sets: &["SubnetIds"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "DBSubnetGroups[].Subnets[].SubnetAvailabilityZone*", why: "belongs to the subnet" },
        LeftOut { path: "DBSubnetGroups[].Subnets[].SubnetOutpost*", why: "belongs to the subnet" },
        LeftOut { path: "DBSubnetGroups[].Subnets[].SubnetStatus", why: "run state" },
        LeftOut { path: "DBSubnetGroups[].SupportedNetworkTypes[]", why: "follows from the subnets" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["rds:DescribeDBSubnetGroups", "rds:ListTagsForResource"],
    delete: Delete::Call(Recipe {
        operation: "DeleteDBSubnetGroup",
        actions: &["rds:DeleteDBSubnetGroup"],
        gone: &["DBSubnetGroupNotFoundFault"],
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 4,
        holds_data: false,
        reversible: None,
    }),
};

/// How RDS says that a subnet group does not exist.
const GONE: &[&str] = &["DBSubnetGroupNotFoundFault"];

async fn list(cx: &Cx) -> Listed {
    let rds: Client = cx.client();
    let pages = rds.describe_db_subnet_groups().max_records(100).into_paginator().items().send();
    let groups = pages.try_collect().await.at("rds:DescribeDBSubnetGroups")?;
    let groups = cx.wanted(groups, |group: &DbSubnetGroup| group.db_subnet_group_name().unwrap_or_default());
    cx.each(groups, |group| describe(&rds, group)).await
}

async fn describe(rds: &Client, group: DbSubnetGroup) -> Result<Option<Draft>, CallError> {
    let tags = rds.list_tags_for_resource().resource_name(group.db_subnet_group_arn().unwrap_or_default()).send();
    let tags = tags.await.at("rds:ListTagsForResource");
    let again = async {
        let name = group.db_subnet_group_name().unwrap_or_default();
        rds.describe_db_subnet_groups().db_subnet_group_name(name).send().await.at("rds:DescribeDBSubnetGroups")
    };
    let Some(tags) = gone_with(tags, GONE, again).await.transpose() else { return Ok(None) };
    let tags = tags.map(|answer| answer.tag_list.unwrap_or_default());
    map(&group).sub_tags(tags.as_ref().map(|tags| tags.iter().map(tag)).map_err(Clone::clone)).map(Some)
}

fn map(group: &DbSubnetGroup) -> Draft {
    let name = group.db_subnet_group_name().unwrap_or_default();
    let subnets: Vec<_> = group.subnets().iter().map(Subnet::subnet_identifier).collect();
    Draft::new(name)
        .arn(group.db_subnet_group_arn())
        .name(name)
        .with("DBSubnetGroupName", name)
        .with("DBSubnetGroupDescription", group.db_subnet_group_description())
        .with("SubnetIds", subnets)
        .observed("VpcId", group.vpc_id())
        .observed("SubnetGroupStatus", group.subnet_group_status())
        .aws_made(name == "default" || name.starts_with("default-vpc-"), "default DB subnet group")
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let rds: Client = hands.client();
    hands.at_once(step, rds.delete_db_subnet_group().db_subnet_group_name(hands.id()).send()).await
}
