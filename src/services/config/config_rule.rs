//! Rules of AWS Config, each with its remediation.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_config::Client;
use aws_sdk_config::types::{
    ConfigRule, ConfigRuleState, CustomPolicyDetails, EvaluationMode, EvaluationModeConfiguration, EventSource,
    ExecutionControls, MaximumExecutionFrequency, MessageType, Owner, RemediationConfiguration,
    RemediationParameterValue, RuleEvaluationVisibility, Source, SourceDetail, SsmControls,
};
use serde_json::Value;

use super::tags;
use crate::aws::{Call, CallError, Cx, Hands, gone_with};
use crate::catalog::{
    Created, Delete, Draft, IntoProperty, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, each,
    json_document,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::Config::ConfigRule`, with `AWS::Config::RemediationConfiguration` folded in as `remediation`.
///
/// The schema has no place for `servicePrincipals`, whose resources alone are looked at, and `ruleEvaluationVisibility`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Config::ConfigRule",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("AWS Config does not report it"),
    sets: &[
        "EvaluationModes",
        "Scope.ComplianceResourceTypes",
        "Source.SourceDetails",
        "remediation.Parameters.*.StaticValue.Value",
        "servicePrincipals",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "ConfigRules[].Source.CustomPolicyDetails.PolicyText", why: "as in GetCustomRulePolicy" },
        LeftOut { path: "RemediationConfigurations[].Arn", why: "of a part of the rule" },
    ],
    unmapped: &[],
    edges: &[],
    read_actions: &[
        "config:DescribeConfigRules",
        "config:DescribeRemediationConfigurations",
        "config:GetCustomRulePolicy",
        "config:ListTagsForResource",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteConfigRule",
        actions: &["config:DeleteConfigRule", "config:DeleteRemediationConfiguration"],
        gone: &["NoSuchConfigRuleException", "NoSuchRemediationConfigurationException"],
        steps: Some(steps),
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 9,
        holds_data: false,
        reversible: None,
    }),
};

/// How AWS Config says that a rule was deleted since it was listed, and how its tags say so.
const GONE: &[&str] = &["NoSuchConfigRuleException", "ResourceNotFoundException"];

/// Remediations of this many rules come with one call.
const RULES_PER_CALL: usize = 25;

/// Remediations by the name of the rule.
type Remediations = HashMap<String, RemediationConfiguration>;

async fn list(cx: &Cx) -> Listed {
    let config: Client = cx.client();
    let pages = config.describe_config_rules().into_paginator().items().send();
    let rules: Vec<ConfigRule> = pages.try_collect().await.at("config:DescribeConfigRules")?;
    let wanted =
        rules.into_iter().filter(|rule| !is_ending(rule) && cx.wants(rule.config_rule_name().unwrap_or_default()));
    let rules: Vec<ConfigRule> = wanted.collect();
    let remediations = remediations(&config, &rules).await;
    cx.each(rules, |rule| {
        let (config, remediations) = (&config, &remediations);
        async move { gone_with(describe(config, &rule, remediations).await, GONE, listed(config, &rule)).await }
    })
    .await
}

/// Whether the rule is still there.
async fn listed(config: &Client, rule: &ConfigRule) -> Result<(), CallError> {
    let name = rule.config_rule_name().unwrap_or_default();
    let answer = config.describe_config_rules().config_rule_names(name).send().await;
    answer.at("config:DescribeConfigRules").map(|_| ())
}

fn is_ending(rule: &ConfigRule) -> bool {
    matches!(rule.config_rule_state(), Some(ConfigRuleState::Deleting | ConfigRuleState::DeletingResults))
}

async fn remediations(config: &Client, rules: &[ConfigRule]) -> Result<Remediations, CallError> {
    let names: Vec<String> = rules.iter().filter_map(|rule| rule.config_rule_name.clone()).collect();
    let mut remediations = Remediations::new();
    for some in names.chunks(RULES_PER_CALL) {
        let request = config.describe_remediation_configurations().set_config_rule_names(Some(some.to_vec()));
        let answer = request.send().await.at("config:DescribeRemediationConfigurations")?;
        let found = answer.remediation_configurations.unwrap_or_default();
        remediations.extend(found.into_iter().map(|remediation| (remediation.config_rule_name.clone(), remediation)));
    }
    Ok(remediations)
}

async fn describe(
    config: &Client,
    rule: &ConfigRule,
    remediations: &Result<Remediations, CallError>,
) -> Result<Draft, CallError> {
    let name = rule.config_rule_name().unwrap_or_default();
    let (tags, policy) = tokio::join!(tags(config, rule.config_rule_arn().unwrap_or_default()), policy(config, rule));
    let remediation = remediations.as_ref().map_err(Clone::clone);
    let remediation = remediation.map(|remediations| remediations.get(name).map(self::remediation));
    let source = policy.map(|policy| rule.source().map(|from| source(from, policy)));
    configured(rule).sub("Source", source)?.sub("remediation", remediation)?.sub_tags(tags)
}

/// The text of a rule that is written as a policy, which the list leaves out; empty for others.
async fn policy(config: &Client, rule: &ConfigRule) -> Result<String, CallError> {
    if rule.source().map(Source::owner) != Some(&Owner::CustomPolicy) {
        return Ok(String::new());
    }
    let answer = config.get_custom_rule_policy().set_config_rule_name(rule.config_rule_name.clone()).send().await;
    Ok(answer.at("config:GetCustomRulePolicy")?.policy_text.unwrap_or_default())
}

fn configured(rule: &ConfigRule) -> Draft {
    let name = rule.config_rule_name().unwrap_or_default();
    let of_security_hub = name.starts_with("securityhub-").then_some(name);
    let of_control_tower = name.starts_with("AWSControlTower_").then_some(name);
    let frequency = rule.maximum_execution_frequency().map(MaximumExecutionFrequency::as_str);
    let mode = |mode: &EvaluationModeConfiguration| Props::new().with("Mode", mode.mode().map(EvaluationMode::as_str));
    let visibility = rule.rule_evaluation_visibility().map(RuleEvaluationVisibility::as_str);
    Draft::new(name)
        .arn(rule.config_rule_arn())
        .name(name)
        .with("ConfigRuleName", name)
        .with("Description", rule.description())
        .with("EvaluationModes", each(rule.evaluation_modes(), mode))
        .with("InputParameters", json_document(rule.input_parameters()))
        .with("MaximumExecutionFrequency", frequency)
        .with("Scope", rule.scope().map(scope))
        .with("ruleEvaluationVisibility", visibility)
        .with("servicePrincipals", rule.scope().map(aws_sdk_config::types::Scope::service_principals))
        .observed("ConfigRuleId", rule.config_rule_id())
        .observed("ConfigRuleState", rule.config_rule_state().map(ConfigRuleState::as_str))
        .owner("control-tower", of_control_tower)
        .owner("security-hub", of_security_hub)
        .owner("aws-service", rule.created_by())
}

fn scope(scope: &aws_sdk_config::types::Scope) -> Props {
    Props::new()
        .with("ComplianceResourceId", scope.compliance_resource_id())
        .with("ComplianceResourceTypes", scope.compliance_resource_types())
        .with("TagKey", scope.tag_key())
        .with("TagValue", scope.tag_value())
}

fn source(source: &Source, policy: String) -> Props {
    let detail = |detail: &SourceDetail| {
        let frequency = detail.maximum_execution_frequency().map(MaximumExecutionFrequency::as_str);
        Props::new()
            .with("EventSource", detail.event_source().map(EventSource::as_str))
            .with("MaximumExecutionFrequency", frequency)
            .with("MessageType", detail.message_type().map(MessageType::as_str))
    };
    Props::new()
        .with("CustomPolicyDetails", source.custom_policy_details().map(|details| custom_policy(details, policy)))
        .with("Owner", source.owner().as_str())
        .with("SourceDetails", each(source.source_details(), detail))
        .with("SourceIdentifier", source.source_identifier())
}

fn custom_policy(details: &CustomPolicyDetails, policy: String) -> Props {
    Props::new()
        .with("EnableDebugLogDelivery", details.enable_debug_log_delivery())
        .with("PolicyRuntime", details.policy_runtime())
        .with("PolicyText", Some(policy).filter(|text| !text.is_empty()))
}

fn remediation(remediation: &RemediationConfiguration) -> Props {
    Props::new()
        .with("Automatic", remediation.automatic())
        .with("CreatedByService", remediation.created_by_service())
        .with("ExecutionControls", remediation.execution_controls().map(execution_controls))
        .with("MaximumAutomaticAttempts", remediation.maximum_automatic_attempts())
        .with("Parameters", remediation.parameters().and_then(parameters))
        .with("ResourceType", remediation.resource_type())
        .with("RetryAttemptSeconds", remediation.retry_attempt_seconds())
        .with("TargetId", remediation.target_id())
        .with("TargetType", remediation.target_type().as_str())
        .with("TargetVersion", remediation.target_version())
}

fn execution_controls(controls: &ExecutionControls) -> Props {
    let ssm = |ssm: &SsmControls| {
        Props::new()
            .with("ConcurrentExecutionRatePercentage", ssm.concurrent_execution_rate_percentage())
            .with("ErrorPercentage", ssm.error_percentage())
    };
    Props::new().with("SsmControls", controls.ssm_controls().map(ssm))
}

fn parameters(parameters: &HashMap<String, RemediationParameterValue>) -> Option<Value> {
    let one = |value: &RemediationParameterValue| {
        let resource = value.resource_value().map(|resource| Props::new().with("Value", resource.value().as_str()));
        let fixed = value.static_value().map(|fixed| Props::new().with("Value", fixed.values()));
        Props::new().with("ResourceValue", resource).with("StaticValue", fixed).into_property()
    };
    let parameters: BTreeMap<&String, Value> =
        parameters.iter().filter_map(|(name, value)| Some((name, one(value)?))).collect();
    let parameters: serde_json::Map<String, Value> =
        parameters.into_iter().map(|(name, value)| (name.clone(), value)).collect();
    (!parameters.is_empty()).then_some(Value::Object(parameters))
}

fn steps(rule: &Resource, _: &Switches) -> Vec<Step> {
    let remediation = rule.properties.contains_key("remediation").then_some("config:DeleteRemediationConfiguration");
    remediation.into_iter().chain(["config:DeleteConfigRule"]).map(Step::on_resource).collect()
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let config: Client = hands.client();
    let name = hands.id();
    if step.call == "config:DeleteRemediationConfiguration" {
        let resource_type = hands.resource.properties.get("remediation");
        let resource_type = resource_type.and_then(|remediation| remediation.get("ResourceType")?.as_str());
        let request = config.delete_remediation_configuration().config_rule_name(name);
        let request = request.set_resource_type(resource_type.map(str::to_owned));
        hands.call(step, request.send()).await?;
        return Ok(Progress::Done);
    }
    let look = config.describe_config_rules().config_rule_names(name).send();
    let answer = hands.look("config:DescribeConfigRules", look).await?;
    match answer.and_then(|answer| answer.config_rules.unwrap_or_default().into_iter().next()) {
        None => Ok(Progress::Done),
        Some(rule) if is_ending(&rule) => {
            Ok(Progress::Waiting("the rule and its results are being deleted".to_owned()))
        }
        Some(_) => {
            let deleted = hands.call(step, config.delete_config_rule().config_rule_name(name).send()).await?;
            Ok(match deleted {
                Some(_) => Progress::Waiting("the rule is being deleted".to_owned()),
                None => Progress::Done,
            })
        }
    }
}
