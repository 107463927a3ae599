//! Parameter groups of DB instances.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::DbParameterGroup;

use super::parameters::{self, Parameters, is_default, is_rds_family};
use super::tag;
use crate::aws::{Call, CallError, Cx, gone_with};
use crate::catalog::{Created, Delete, Draft, Listed, Progress, Recipe, Running, Scope, TypeSpec, Unmapped};

/// `AWS::RDS::DBParameterGroup`, with `applyMethods` beside the values of `Parameters`: when each takes effect.
///
/// Only what somebody set is kept; the rest is the engine's and changes with its releases.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::RDS::DBParameterGroup",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("RDS does not report it"),
    sets: &["applyMethods"],
    secrets: &[],
    left_out: parameters::LEFT_OUT,
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["rds:DescribeDBParameterGroups", "rds:DescribeDBParameters", "rds:ListTagsForResource"],
    delete: Delete::Call(Recipe {
        operation: "DeleteDBParameterGroup",
        actions: &["rds:DeleteDBParameterGroup"],
        gone: GONE,
        steps: None,
        run: |hands, step| -> Running<'_> {
            Box::pin(async move {
                let rds: Client = hands.client();
                let request = rds.delete_db_parameter_group().db_parameter_group_name(hands.id()).send();
                hands.call(step, request).await.map(|_| Progress::Done)
            })
        },
        protection: None,
        rank: 4,
        holds_data: false,
        reversible: None,
    }),
};

/// How RDS says that a parameter group does not exist.
const GONE: &[&str] = &["DBParameterGroupNotFound"];

async fn list(cx: &Cx) -> Listed {
    let rds: Client = cx.client();
    let pages = rds.describe_db_parameter_groups().max_records(100).into_paginator().items().send();
    let mut groups: Vec<DbParameterGroup> = pages.try_collect().await.at("rds:DescribeDBParameterGroups")?;
    groups.retain(|group| is_rds_family(group.db_parameter_group_family()));
    groups.retain(|group| cx.wants(group.db_parameter_group_name().unwrap_or_default()));
    cx.each(groups, |group| describe(&rds, group)).await
}

async fn describe(rds: &Client, group: DbParameterGroup) -> Result<Option<Draft>, CallError> {
    let name = group.db_parameter_group_name().unwrap_or_default();
    let arn = group.db_parameter_group_arn().unwrap_or_default();
    let (parameters, tags) =
        tokio::join!(parameters(rds, name), rds.list_tags_for_resource().resource_name(arn).send());
    let tags = tags.at("rds:ListTagsForResource").map(|answer| answer.tag_list.unwrap_or_default());
    let again = async || {
        let answer = rds.describe_db_parameter_groups().db_parameter_group_name(name).send().await;
        answer.at("rds:DescribeDBParameterGroups")
    };
    let draft = match gone_with(parameters, GONE, again()).await {
        Ok(Some(parameters)) => parameters.put(map(&group)),
        Ok(None) => return Ok(None),
        Err(error) => map(&group).sub::<()>("Parameters", Err(error.clone()))?.sub::<()>("applyMethods", Err(error))?,
    };
    match gone_with(tags, GONE, again()).await.transpose() {
        Some(tags) => draft.sub_tags(tags.as_ref().map(|tags| tags.iter().map(tag)).map_err(Clone::clone)).map(Some),
        None => Ok(None),
    }
}

async fn parameters(rds: &Client, name: &str) -> Result<Parameters, CallError> {
    if is_default(name) {
        return Ok(Parameters::default());
    }
    let request = rds.describe_db_parameters().db_parameter_group_name(name).source("user").max_records(100);
    let found = request.into_paginator().items().send().try_collect().await;
    found.at("rds:DescribeDBParameters").map(Parameters::of)
}

fn map(group: &DbParameterGroup) -> Draft {
    let name = group.db_parameter_group_name().unwrap_or_default();
    Draft::new(name)
        .arn(group.db_parameter_group_arn())
        .name(name)
        .with("DBParameterGroupName", name)
        .with("Description", group.description())
        .with("Family", group.db_parameter_group_family())
        .aws_made(is_default(name), "default parameter group")
}
