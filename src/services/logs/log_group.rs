//! Log groups.

use std::collections::HashMap;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::{DataProtectionStatus, IndexSource, InheritedProperty, LogGroup, LogGroupClass};
use serde_json::Value;

use super::{GONE, groups, is_limited};
use crate::aws::{Absent, Call, CallError, Cx, Hands, gone_unless};
use crate::catalog::steps::flag;
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Made, Recipe, Scope, TypeSpec, Unmapped, json_document, policy_document,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::Logs::LogGroup`. The schema has no place for `retentionPolicyName`, the account's policy that decides
/// `RetentionInDays` where there is one.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Logs::LogGroup",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("creationTime"),
    sets: &["DataProtectionPolicy.Statement.*.DataIdentifier", "FieldIndexPolicies", "FieldIndexPolicies.*.Fields"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "logGroups[].arn", why: "logGroupArn with `:*` at its end" },
        LeftOut { path: "logGroups[].metricFilterCount", why: "the filters are resources of their own" },
        LeftOut { path: "GetDataProtectionPolicy:logGroupIdentifier", why: "repeats the request" },
        LeftOut { path: "GetDataProtectionPolicy:lastUpdatedTime", why: "time of the last change" },
        LeftOut { path: "indexPolicies[].logGroupIdentifier", why: "repeats the request" },
        LeftOut { path: "indexPolicies[].lastUpdateTime", why: "time of the last change" },
        LeftOut { path: "indexPolicies[].policyName", why: "only policies of the account have names" },
    ],
    unmapped: &[
        Unmapped { path: "ResourcePolicyDocument", why: "one more call for each group, for a policy that few have" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[],
    read_actions: &[
        "logs:DescribeLogGroups",
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

async fn list(cx: &Cx) -> Listed {
    let logs: Client = cx.client();
    let groups = groups(cx).await?;
    let groups = cx.wanted(groups.to_vec(), |group: &LogGroup| group.log_group_name().unwrap_or_default());
    cx.each(groups, |group: LogGroup| {
        let logs = &logs;
        async move {
            let exists = exists(logs, group.log_group_name().unwrap_or_default());
            gone_unless(describe(logs, &group).await, GONE, exists).await
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

async fn describe(logs: &Client, group: &LogGroup) -> Result<Draft, CallError> {
    let (tags, protection, indexes) =
        tokio::join!(tags(logs, arn(group)), data_protection(logs, group), index_policies(logs, group));
    configured(group).sub("DataProtectionPolicy", protection)?.sub("FieldIndexPolicies", indexes)?.sub_tags(tags)
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
