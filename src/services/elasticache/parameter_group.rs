//! Parameter groups of caches, each with the parameters that users set.

use std::collections::BTreeMap;

use aws_sdk_elasticache::Client;
use aws_sdk_elasticache::operation::describe_cache_parameters::DescribeCacheParametersOutput;
use aws_sdk_elasticache::types::CacheParameterGroup;

use super::tags;
use crate::aws::{Call, CallError, Cx, Hands, vanished};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Progress, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::ElastiCache::ParameterGroup`. Two calls each; none for the default groups of AWS, which nobody can change.
///
/// Parameters that nobody set change with releases of the engine and are not kept. The schema has no place for
/// `isGlobal`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ElastiCache::ParameterGroup",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("ElastiCache does not report when a parameter group was created"),
    sets: &[],
    secrets: &[],
    left_out: &[
        LeftOut { path: "Parameters[].Description", why: "belongs to the engine" },
        LeftOut { path: "Parameters[].Source", why: "only what users set is asked for" },
        LeftOut { path: "Parameters[].DataType", why: "belongs to the engine" },
        LeftOut { path: "Parameters[].AllowedValues", why: "belongs to the engine" },
        LeftOut { path: "Parameters[].IsModifiable", why: "belongs to the engine" },
        LeftOut { path: "Parameters[].MinimumEngineVersion", why: "belongs to the engine" },
        LeftOut { path: "Parameters[].ChangeType", why: "belongs to the engine" },
        LeftOut { path: "CacheNodeTypeSpecificParameters*", why: "belongs to the engine: by type of node, never set" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &[
        "elasticache:DescribeCacheParameterGroups",
        "elasticache:DescribeCacheParameters",
        "elasticache:ListTagsForResource",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteCacheParameterGroup",
        actions: &["elasticache:DeleteCacheParameterGroup"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 4,
        holds_data: false,
        reversible: None,
    }),
};

/// How `ElastiCache` says that a parameter group was deleted since it was listed.
const GONE: &[&str] = &["CacheParameterGroupNotFound"];

async fn list(cx: &Cx) -> Listed {
    let elasticache: Client = cx.client();
    let pages = elasticache.describe_cache_parameter_groups().max_records(100).into_paginator().items().send();
    let mut groups: Vec<CacheParameterGroup> =
        pages.try_collect().await.at("elasticache:DescribeCacheParameterGroups")?;
    groups.retain(|group| cx.wants(group.cache_parameter_group_name().unwrap_or_default()));
    cx.each(groups, |group| describe(&elasticache, group)).await
}

async fn describe(elasticache: &Client, group: CacheParameterGroup) -> Result<Option<Draft>, CallError> {
    let name = group.cache_parameter_group_name().unwrap_or_default();
    let draft = map(&group, name);
    if is_default(name) {
        return Ok(Some(draft));
    }
    let (tags, parameters) = tokio::join!(tags(elasticache, group.arn()), user_set(elasticache, name));
    let again = elasticache.describe_cache_parameter_groups().cache_parameter_group_name(name).send();
    let again = async { again.await.at("elasticache:DescribeCacheParameterGroups") };
    if vanished([tags.as_ref().err(), parameters.as_ref().err()], GONE, again).await? {
        return Ok(None);
    }
    draft.sub("Properties", parameters)?.sub_tags(tags).map(Some)
}

/// The parameters that users set.
async fn user_set(elasticache: &Client, group: &str) -> Result<BTreeMap<String, String>, CallError> {
    let pages = elasticache.describe_cache_parameters().cache_parameter_group_name(group).source("user");
    let pages = pages.max_records(100).into_paginator().send();
    let pages: Vec<DescribeCacheParametersOutput> =
        pages.try_collect().await.at("elasticache:DescribeCacheParameters")?;
    let parameters = pages.into_iter().flat_map(|page| page.parameters.unwrap_or_default());
    Ok(parameters.filter_map(|parameter| Some((parameter.parameter_name?, parameter.parameter_value?))).collect())
}

fn is_default(name: &str) -> bool {
    name.starts_with("default.")
}

fn map(group: &CacheParameterGroup, name: &str) -> Draft {
    Draft::new(name)
        .arn(group.arn())
        .name(name)
        .aws_made(is_default(name), "a default parameter group")
        .with("CacheParameterGroupFamily", group.cache_parameter_group_family())
        .with("Description", group.description())
        .with("isGlobal", group.is_global())
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let elasticache: Client = hands.client();
    hands.call(step, elasticache.delete_cache_parameter_group().cache_parameter_group_name(hands.id()).send()).await?;
    Ok(Progress::Done)
}
