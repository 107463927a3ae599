//! Subnet groups of caches.

use aws_sdk_elasticache::Client;
use aws_sdk_elasticache::types::CacheSubnetGroup;

use super::tags;
use crate::aws::{Call, CallError, Cx, Hands, vanished};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Progress, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::ElastiCache::SubnetGroup`. One call each for the tags.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ElastiCache::SubnetGroup",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("ElastiCache does not report when a subnet group was created"),
    sets: &["SubnetIds"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "CacheSubnetGroups[].VpcId", why: "its subnets say it" },
        LeftOut { path: "CacheSubnetGroups[].SupportedNetworkTypes*", why: "its subnets say it" },
        LeftOut { path: "CacheSubnetGroups[].Subnets[].SubnetAvailabilityZone.*", why: "belongs to the subnet" },
        LeftOut { path: "CacheSubnetGroups[].Subnets[].SubnetOutpost.*", why: "belongs to the subnet" },
        LeftOut { path: "CacheSubnetGroups[].Subnets[].SupportedNetworkTypes*", why: "belongs to the subnet" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["elasticache:DescribeCacheSubnetGroups", "elasticache:ListTagsForResource"],
    delete: Delete::Call(Recipe {
        operation: "DeleteCacheSubnetGroup",
        actions: &["elasticache:DeleteCacheSubnetGroup"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 4,
        holds_data: false,
        reversible: None,
    }),
};

/// How `ElastiCache` says that a subnet group was deleted since it was listed.
const GONE: &[&str] = &["CacheSubnetGroupNotFoundFault"];

async fn list(cx: &Cx) -> Listed {
    let elasticache: Client = cx.client();
    let pages = elasticache.describe_cache_subnet_groups().max_records(100).into_paginator().items().send();
    let mut groups: Vec<CacheSubnetGroup> = pages.try_collect().await.at("elasticache:DescribeCacheSubnetGroups")?;
    groups.retain(|group| cx.wants(group.cache_subnet_group_name().unwrap_or_default()));
    cx.each(groups, |group| describe(&elasticache, group)).await
}

async fn describe(elasticache: &Client, group: CacheSubnetGroup) -> Result<Option<Draft>, CallError> {
    let name = group.cache_subnet_group_name();
    let tags = tags(elasticache, group.arn()).await;
    let again = elasticache.describe_cache_subnet_groups().set_cache_subnet_group_name(name.map(str::to_owned)).send();
    if vanished([tags.as_ref().err()], GONE, async { again.await.at("elasticache:DescribeCacheSubnetGroups") }).await? {
        return Ok(None);
    }
    let subnets: Vec<&str> = group.subnets().iter().filter_map(|subnet| subnet.subnet_identifier()).collect();
    let draft = Draft::new(name.unwrap_or_default())
        .arn(group.arn())
        .name(name)
        .aws_made(name == Some("default"), "the default subnet group")
        .with("CacheSubnetGroupName", name)
        .with("Description", group.cache_subnet_group_description())
        .with("SubnetIds", subnets);
    draft.sub_tags(tags).map(Some)
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let elasticache: Client = hands.client();
    hands.call(step, elasticache.delete_cache_subnet_group().cache_subnet_group_name(hands.id()).send()).await?;
    Ok(Progress::Done)
}
