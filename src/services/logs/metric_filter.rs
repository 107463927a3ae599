//! Metric filters of log groups.

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::{MetricFilter, MetricTransformation, StandardUnit};

use super::GONE;
use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, Edge, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec, each};
use crate::model::Step;

/// `AWS::Logs::MetricFilter`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Logs::MetricFilter",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("creationTime"),
    sets: &["EmitSystemFieldDimensions", "MetricTransformations", "MetricTransformations.*.Dimensions"],
    secrets: &[],
    left_out: &[],
    unmapped: &[],
    edges: &[Edge {
        path: "LogGroupName",
        to: "AWS::Logs::LogGroup",
        target: "{}",
        order: Order::HolderFirst,
        why: "a filter is a part of its log group",
    }],
    read_actions: &["logs:DescribeMetricFilters"],
    delete: Delete::Call(Recipe {
        operation: "DeleteMetricFilter",
        actions: &["logs:DeleteMetricFilter"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 4,
        holds_data: false,
        reversible: None,
    }),
};

/// All of the region with one call, where asking by group would take one call each.
async fn list(cx: &Cx) -> Listed {
    let logs: Client = cx.client();
    let pages = logs.describe_metric_filters().limit(50).into_paginator().items().send();
    let filters: Vec<MetricFilter> = pages.try_collect().await.at("logs:DescribeMetricFilters")?;
    Ok(filters.iter().map(map).collect())
}

fn map(filter: &MetricFilter) -> Draft {
    let (group, name) = (filter.log_group_name().unwrap_or_default(), filter.filter_name().unwrap_or_default());
    Draft::new(format!("{group}|{name}"))
        .name(name)
        .created_millis(filter.creation_time())
        .with("ApplyOnTransformedLogs", filter.apply_on_transformed_logs())
        .with("EmitSystemFieldDimensions", filter.emit_system_field_dimensions())
        .with("FieldSelectionCriteria", filter.field_selection_criteria())
        .with("FilterName", name)
        .with("FilterPattern", filter.filter_pattern())
        .with("LogGroupName", group)
        .with("MetricTransformations", each(filter.metric_transformations(), transformation))
}

fn transformation(transformation: &MetricTransformation) -> Props {
    let dimensions: Option<Vec<Props>> = transformation.dimensions().map(|dimensions| {
        dimensions.iter().map(|(key, value)| Props::new().with("Key", key).with("Value", value)).collect()
    });
    Props::new()
        .with("DefaultValue", transformation.default_value())
        .with("Dimensions", dimensions)
        .with("MetricName", transformation.metric_name())
        .with("MetricNamespace", transformation.metric_namespace())
        .with("MetricValue", transformation.metric_value())
        .with("Unit", transformation.unit().map(StandardUnit::as_str))
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let logs: Client = hands.client();
    let request = logs.delete_metric_filter().log_group_name(hands.part(0)).filter_name(hands.part(1));
    hands.call(step, request.send()).await?;
    Ok(Progress::Done)
}
