//! Log groups, each with its filters.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::{
    DataProtectionStatus, Distribution, IndexSource, InheritedProperty, LogGroup, LogGroupClass, MetricFilter,
    MetricTransformation, StandardUnit, SubscriptionFilter,
};
use serde_json::Value;

use crate::aws::{Absent, Call, CallError, Cx, Hands, gone_unless};
use crate::catalog::steps::flag;
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Made, Props, Recipe, Scope, TypeSpec, Unmapped, each, json_document,
    policy_document,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::Logs::LogGroup`, with `AWS::Logs::MetricFilter` and `AWS::Logs::SubscriptionFilter` folded in as
/// `metricFilters` and `subscriptionFilters`. The schema has no place for `retentionPolicyName`, the account's policy
/// that decides `RetentionInDays` where there is one.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Logs::LogGroup",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("creationTime"),
    sets: &[
        "DataProtectionPolicy.Statement.*.DataIdentifier",
        "FieldIndexPolicies",
        "FieldIndexPolicies.*.Fields",
        "metricFilters",
        "metricFilters.*.EmitSystemFieldDimensions",
        "metricFilters.*.MetricTransformations",
        "metricFilters.*.MetricTransformations.*.Dimensions",
        "subscriptionFilters",
        "subscriptionFilters.*.EmitSystemFields",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "logGroups[].arn", why: "logGroupArn with `:*` at its end" },
        LeftOut { path: "logGroups[].metricFilterCount", why: "the filters themselves are kept" },
        LeftOut { path: "GetDataProtectionPolicy:logGroupIdentifier", why: "repeats the request" },
        LeftOut { path: "GetDataProtectionPolicy:lastUpdatedTime", why: "time of the last change" },
        LeftOut { path: "indexPolicies[].logGroupIdentifier", why: "repeats the request" },
        LeftOut { path: "indexPolicies[].lastUpdateTime", why: "time of the last change" },
        LeftOut { path: "indexPolicies[].policyName", why: "only policies of the account have names" },
        LeftOut { path: "metricFilters[].creationTime", why: "of a part of the group" },
        LeftOut { path: "subscriptionFilters[].creationTime", why: "of a part of the group" },
        LeftOut { path: "subscriptionFilters[].logGroupName", why: "repeats the request" },
    ],
    unmapped: &[
        Unmapped { path: "ResourcePolicyDocument", why: "one more call for each group, for a policy that few have" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[],
    read_actions: &[
        "logs:DescribeLogGroups",
        "logs:DescribeMetricFilters",
        "logs:DescribeSubscriptionFilters",
        "logs:DescribeIndexPolicies",
        "logs:GetDataProtectionPolicy",
        "logs:ListTagsForResource",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteLogGroup",
        actions: &["logs:PutLogGroupDeletionProtection", "logs:DeleteLogGroup"],
        gone: GONE,
        steps: Some(deletion),
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: Some(protection),
        rank: 9,
        holds_data: true,
        reversible: None,
    }),
};

/// How `CloudWatch` Logs says that a group was deleted since it was listed.
const GONE: &[&str] = &["ResourceNotFoundException"];

/// The metric filters of a region by log group.
type Filters = BTreeMap<String, Vec<MetricFilter>>;

async fn list(cx: &Cx) -> Listed {
    let logs: Client = cx.client();
    let groups = logs.describe_log_groups().limit(50).into_paginator().items().send();
    let (groups, filters) = tokio::join!(groups.try_collect(), metric_filters(&logs));
    let groups: Vec<LogGroup> = groups.at("logs:DescribeLogGroups")?;
    let groups = cx.wanted(groups, |group| group.log_group_name().unwrap_or_default());
    cx.each(groups, |group| {
        let (logs, filters) = (&logs, &filters);
        async move {
            let exists = exists(logs, group.log_group_name().unwrap_or_default());
            gone_unless(describe(logs, &group, filters).await, GONE, exists).await
        }
    })
    .await
}

async fn exists(logs: &Client, name: &str) -> Result<bool, CallError> {
    let mut groups = logs.describe_log_groups().log_group_name_prefix(name).into_paginator().items().send();
    while let Some(group) = groups.next().await {
        if group.at("logs:DescribeLogGroups")?.log_group_name() == Some(name) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// All of the region with one call, where asking by group would take one call each.
async fn metric_filters(logs: &Client) -> Result<Filters, CallError> {
    let pages = logs.describe_metric_filters().limit(50).into_paginator().items().send();
    let all: Vec<MetricFilter> = pages.try_collect().await.at("logs:DescribeMetricFilters")?;
    let mut filters = Filters::new();
    for filter in all {
        filters.entry(filter.log_group_name().unwrap_or_default().to_owned()).or_default().push(filter);
    }
    Ok(filters)
}

async fn describe(logs: &Client, group: &LogGroup, filters: &Result<Filters, CallError>) -> Result<Draft, CallError> {
    let name = group.log_group_name().unwrap_or_default();
    let (tags, protection, indexes, subscriptions) = tokio::join!(
        tags(logs, arn(group)),
        data_protection(logs, group),
        index_policies(logs, group),
        subscription_filters(logs, group),
    );
    let metrics = filters.as_ref().map_err(Clone::clone);
    let metrics = metrics.map(|filters| filters.get(name).map(|filters| each(filters, metric_filter)));
    configured(group)
        .sub("DataProtectionPolicy", protection)?
        .sub("FieldIndexPolicies", indexes)?
        .sub("metricFilters", metrics)?
        .sub("subscriptionFilters", subscriptions)?
        .sub_tags(tags)
}

/// The ARN without `:*`, as the tagging call wants it.
fn arn(group: &LogGroup) -> &str {
    group.log_group_arn().or_else(|| group.arn()?.strip_suffix(":*")).unwrap_or_default()
}

async fn tags(logs: &Client, arn: &str) -> Result<HashMap<String, String>, CallError> {
    let answer = logs.list_tags_for_resource().resource_arn(arn).send().await.at("logs:ListTagsForResource")?;
    Ok(answer.tags.unwrap_or_default())
}

fn configured(group: &LogGroup) -> Draft {
    let name = group.log_group_name().unwrap_or_default();
    let of_control_tower = name.starts_with("/aws/controltower/") || name.starts_with("aws-controltower/");
    Draft::new(name)
        .arn(arn(group))
        .name(name)
        .created_millis(group.creation_time())
        .owner("control-tower", of_control_tower.then_some(name))
        .with("LogGroupName", name)
        .with("BearerTokenAuthenticationEnabled", group.bearer_token_authentication_enabled())
        .with("DeletionProtectionEnabled", group.deletion_protection_enabled())
        .with("KmsKeyId", group.kms_key_id())
        .with("LogGroupClass", group.log_group_class().map(LogGroupClass::as_str))
        .with("RetentionInDays", group.retention_in_days())
        .with("retentionPolicyName", group.retention_policy_name())
        .observed("dataProtectionStatus", group.data_protection_status().map(DataProtectionStatus::as_str))
        .observed("inheritedProperties", inherited(group))
        .observed("storedBytes", group.stored_bytes())
}

fn inherited(group: &LogGroup) -> Vec<&str> {
    group.inherited_properties().iter().map(InheritedProperty::as_str).collect()
}

/// The classes that cost less can neither be indexed nor subscribed to.
fn is_limited(group: &LogGroup) -> bool {
    matches!(group.log_group_class(), Some(LogGroupClass::InfrequentAccess | LogGroupClass::Delivery))
}

async fn data_protection(logs: &Client, group: &LogGroup) -> Result<Option<Value>, CallError> {
    // Without a status the group never had a policy, which spares most groups the call.
    if matches!(group.data_protection_status(), None | Some(DataProtectionStatus::Deleted)) {
        return Ok(None);
    }
    let request = logs.get_data_protection_policy().set_log_group_identifier(group.log_group_name.clone());
    let answer = request.send().await.at("logs:GetDataProtectionPolicy").absent_if(GONE)?;
    Ok(answer.and_then(|answer| policy_document(answer.policy_document())))
}

/// The group's own index policies; where it has none, AWS answers the account's in their place.
async fn index_policies(logs: &Client, group: &LogGroup) -> Result<Vec<Value>, CallError> {
    let mut policies = Vec::new();
    if is_limited(group) {
        return Ok(policies);
    }
    let mut token = None;
    loop {
        let request = logs.describe_index_policies().set_next_token(token);
        let request = request.log_group_identifiers(group.log_group_name().unwrap_or_default());
        let page = request.send().await.at("logs:DescribeIndexPolicies")?;
        let own = page.index_policies().iter().filter(|policy| policy.source() != Some(&IndexSource::Account));
        policies.extend(own.filter_map(|policy| json_document(policy.policy_document())));
        token = page.next_token;
        if token.is_none() {
            return Ok(policies);
        }
    }
}

async fn subscription_filters(logs: &Client, group: &LogGroup) -> Result<Vec<Props>, CallError> {
    if is_limited(group) {
        return Ok(Vec::new());
    }
    let request = logs.describe_subscription_filters().set_log_group_name(group.log_group_name.clone());
    let pages = request.limit(50).into_paginator().items().send();
    let filters: Vec<SubscriptionFilter> = pages.try_collect().await.at("logs:DescribeSubscriptionFilters")?;
    Ok(each(&filters, subscription_filter))
}

fn subscription_filter(filter: &SubscriptionFilter) -> Props {
    Props::new()
        .with("ApplyOnTransformedLogs", filter.apply_on_transformed_logs())
        .with("DestinationArn", filter.destination_arn())
        .with("Distribution", filter.distribution().map(Distribution::as_str))
        .with("EmitSystemFields", filter.emit_system_fields())
        .with("FieldSelectionCriteria", filter.field_selection_criteria())
        .with("FilterName", filter.filter_name())
        .with("FilterPattern", filter.filter_pattern())
        .with("RoleArn", filter.role_arn())
}

fn metric_filter(filter: &MetricFilter) -> Props {
    Props::new()
        .with("ApplyOnTransformedLogs", filter.apply_on_transformed_logs())
        .with("EmitSystemFieldDimensions", filter.emit_system_field_dimensions())
        .with("FieldSelectionCriteria", filter.field_selection_criteria())
        .with("FilterName", filter.filter_name())
        .with("FilterPattern", filter.filter_pattern())
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

fn protection(group: &Resource) -> Option<String> {
    flag(&group.properties, "DeletionProtectionEnabled").then(|| "DeletionProtectionEnabled".to_owned())
}

fn deletion(group: &Resource, switches: &Switches) -> Vec<Step> {
    let unprotect = switches.disable_protection && protection(group).is_some();
    let unprotect = unprotect.then(|| Step::on("logs:PutLogGroupDeletionProtection", "off"));
    unprotect.into_iter().chain([Step::on_resource("logs:DeleteLogGroup")]).collect()
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let logs: Client = hands.client();
    let group = hands.id();
    match step.call.as_str() {
        "logs:PutLogGroupDeletionProtection" => {
            let call = logs.put_log_group_deletion_protection().log_group_identifier(group);
            hands.at_once(step, call.deletion_protection_enabled(false).send()).await
        }
        "logs:DeleteLogGroup" => hands.at_once(step, logs.delete_log_group().log_group_name(group).send()).await,
        _ => Err(hands.unknown(step)),
    }
}
