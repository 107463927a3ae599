//! Alarms on the state of other alarms.

use std::sync::LazyLock;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{ActionsSuppressedBy, CompositeAlarm, StateValue};
use regex::Regex;

use super::shared::{GONE, action_configuration, alarms, exists, tags};
use crate::aws::{CallError, Cx, Hands, gone_unless};
use crate::catalog::{Created, Delete, Draft, Edge, LeftOut, Listed, Made, Order, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::CloudWatch::CompositeAlarm`. `ruleAlarms` are the alarms that `AlarmRule` names, so that references resolve.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::CloudWatch::CompositeAlarm",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("only the time of the last change is answered"),
    sets: &[
        "ActionConfiguration.AlarmTagsPropagation.ExcludedTagKeys",
        "ActionConfiguration.AlarmTagsPropagation.IncludedTagKeys",
        "AlarmActions",
        "InsufficientDataActions",
        "OKActions",
        "ruleAlarms",
    ],
    secrets: &[],
    left_out: &[LeftOut { path: "CompositeAlarms[].StateReasonData", why: "StateReason for machines" }],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[
        uses("ruleAlarms.*", "AWS::CloudWatch::Alarm"),
        uses("ruleAlarms.*", "AWS::CloudWatch::CompositeAlarm"),
        uses("ActionsSuppressor", "AWS::CloudWatch::Alarm"),
        uses("ActionsSuppressor", "AWS::CloudWatch::CompositeAlarm"),
    ],
    read_actions: &["cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"],
    delete: Delete::Call(Recipe {
        operation: "DeleteAlarms",
        actions: &["cloudwatch:DeleteAlarms"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 4,
        holds_data: false,
        reversible: None,
    }),
};

const fn uses(path: &'static str, to: &'static str) -> Edge {
    Edge {
        path,
        to,
        target: "{}",
        order: Order::HolderFirst,
        why: "an alarm's name or ARN; an alarm that a composite one uses cannot be deleted",
    }
}

async fn list(cx: &Cx) -> Listed {
    let cloudwatch: Client = cx.client();
    let alarms = alarms(cx).await?;
    let alarms = cx.wanted(alarms.composite.clone(), |alarm| alarm.alarm_name().unwrap_or_default());
    cx.each(alarms, |alarm| {
        let cloudwatch = &cloudwatch;
        async move {
            let exists = exists(cloudwatch, alarm.alarm_name().unwrap_or_default());
            gone_unless(describe(cloudwatch, &alarm).await, GONE, exists).await
        }
    })
    .await
}

async fn describe(cloudwatch: &Client, alarm: &CompositeAlarm) -> Result<Draft, CallError> {
    let name = alarm.alarm_name().unwrap_or_default();
    let arn = alarm.alarm_arn().unwrap_or_default();
    Draft::new(name)
        .arn(arn)
        .name(name)
        .with("AlarmName", name)
        .with("AlarmDescription", alarm.alarm_description())
        .with("AlarmRule", alarm.alarm_rule())
        .with("ActionConfiguration", alarm.action_configuration().map(action_configuration))
        .with("ActionsEnabled", alarm.actions_enabled())
        .with("ActionsSuppressor", alarm.actions_suppressor())
        .with("ActionsSuppressorExtensionPeriod", alarm.actions_suppressor_extension_period())
        .with("ActionsSuppressorWaitPeriod", alarm.actions_suppressor_wait_period())
        .with("AlarmActions", alarm.alarm_actions())
        .with("InsufficientDataActions", alarm.insufficient_data_actions())
        .with("OKActions", alarm.ok_actions())
        .with("ruleAlarms", alarm.alarm_rule().map(rule_alarms))
        .observed("ActionsSuppressedBy", alarm.actions_suppressed_by().map(ActionsSuppressedBy::as_str))
        .observed("ActionsSuppressedReason", alarm.actions_suppressed_reason())
        .observed("AlarmConfigurationUpdatedTimestamp", alarm.alarm_configuration_updated_timestamp())
        .observed("StateReason", alarm.state_reason())
        .observed("StateTransitionedTimestamp", alarm.state_transitioned_timestamp())
        .observed("StateUpdatedTimestamp", alarm.state_updated_timestamp())
        .observed("StateValue", alarm.state_value().map(StateValue::as_str))
        .sub_tags(tags(cloudwatch, arn).await)
}

/// `ALARM("my alarm")`, `OK(name)`, `INSUFFICIENT_DATA(arn)`: a name with a space or a parenthesis stands in quotes.
static STATE_OF: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]*)"|'([^']*)'|([^\s()"']+))\s*\)"#)
        .expect("the pattern is a constant")
});

fn rule_alarms(rule: &str) -> Vec<String> {
    let name = |found: regex::Captures<'_>| found.iter().skip(1).flatten().next().map(|name| name.as_str().to_owned());
    STATE_OF.captures_iter(rule).filter_map(name).collect()
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let cloudwatch: Client = hands.client();
    hands.at_once(step, cloudwatch.delete_alarms().alarm_names(hands.id()).send()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_of_a_rule_in_every_spelling() {
        let rule = r#"(ALARM("CPU (high)") OR ALARM(disk)) AND NOT OK('net in') AND TRUE
            AND INSUFFICIENT_DATA( arn:aws:cloudwatch:eu-west-1:123456789012:alarm:queue )"#;
        let arn = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:queue";
        assert_eq!(rule_alarms(rule), ["CPU (high)", "disk", "net in", arn]);
        assert!(rule_alarms("FALSE").is_empty());
    }
}
