//! Subscription filters of log groups.

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::{Distribution, SubscriptionFilter};

use super::{GONE, groups, is_limited};
use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Recipe, Scope, TypeSpec};
use crate::model::Step;

/// `AWS::Logs::SubscriptionFilter`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Logs::SubscriptionFilter",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("creationTime"),
    sets: &["EmitSystemFields"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "DescribeLogGroups:logGroups[].*", why: "tells of the log group" },
        LeftOut { path: "subscriptionFilters[].logGroupName", why: "repeats the request" },
    ],
    unmapped: &[],
    edges: &[Edge {
        path: "LogGroupName",
        to: "AWS::Logs::LogGroup",
        target: "{}",
        order: Order::HolderFirst,
        why: "a filter is a part of its log group",
    }],
    read_actions: &["logs:DescribeLogGroups", "logs:DescribeSubscriptionFilters"],
    delete: Delete::Call(Recipe {
        operation: "DeleteSubscriptionFilter",
        actions: &["logs:DeleteSubscriptionFilter"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 0,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let logs: Client = cx.client();
    let groups = groups(cx).await?;
    let names = groups.iter().filter(|group| !is_limited(group)).filter_map(|group| group.log_group_name.clone());
    let drafts = cx.gather(names.collect(), |group| of_group(&logs, group)).await?;
    Ok(drafts.into_iter().flatten().collect())
}

/// There is no call for all groups. None when the group was deleted meanwhile.
async fn of_group(logs: &Client, group: String) -> Result<Vec<Draft>, CallError> {
    let pages = logs.describe_subscription_filters().log_group_name(&group).limit(50).into_paginator().items().send();
    let filters: Result<Vec<SubscriptionFilter>, _> = pages.try_collect().await.at("logs:DescribeSubscriptionFilters");
    let filters = filters.absent_if(GONE)?.unwrap_or_default();
    Ok(filters.iter().map(|filter| map(&group, filter)).collect())
}

fn map(group: &str, filter: &SubscriptionFilter) -> Draft {
    let name = filter.filter_name().unwrap_or_default();
    Draft::new(format!("{name}|{group}"))
        .name(name)
        .created_millis(filter.creation_time())
        .with("ApplyOnTransformedLogs", filter.apply_on_transformed_logs())
        .with("DestinationArn", filter.destination_arn())
        .with("Distribution", filter.distribution().map(Distribution::as_str))
        .with("EmitSystemFields", filter.emit_system_fields())
        .with("FieldSelectionCriteria", filter.field_selection_criteria())
        .with("FilterName", name)
        .with("FilterPattern", filter.filter_pattern())
        .with("LogGroupName", group)
        .with("RoleArn", filter.role_arn())
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let logs: Client = hands.client();
    let request = logs.delete_subscription_filter().filter_name(hands.part(0)).log_group_name(hands.part(1));
    hands.call(step, request.send()).await?;
    Ok(Progress::Done)
}
