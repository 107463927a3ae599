//! Alarms on metrics.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{
    ComparisonOperator, Dimension, EvaluationCriteria, EvaluationState, EvaluationWindow, MetricAlarm, MetricDataQuery,
    StandardUnit, StateValue, Statistic, WarmUpConfiguration,
};
use serde_json::{Value, json};

use super::shared::{GONE, action_configuration, alarms, exists, tags};
use crate::aws::{CallError, Cx, Hands, gone_unless};
use crate::catalog::{
    Created, Delete, Draft, Edge, IntoProperty, LeftOut, Listed, Made, Order, Props, Recipe, Scope, TypeSpec, Unmapped,
    each,
};
use crate::model::Step;

/// `AWS::CloudWatch::Alarm`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::CloudWatch::Alarm",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("only the time of the last change is answered"),
    sets: &[
        "ActionConfiguration.AlarmTagsPropagation.ExcludedTagKeys",
        "ActionConfiguration.AlarmTagsPropagation.IncludedTagKeys",
        "AlarmActions",
        "Dimensions",
        "InsufficientDataActions",
        "Metrics",
        "Metrics.*.MetricStat.Metric.Dimensions",
        "OKActions",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "MetricAlarms[].StateReasonData", why: "StateReason for machines" },
        LeftOut { path: "LogAlarms[]*", why: "another type of alarm, which is not asked for" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[
        watched("AWS::AutoScaling::AutoScalingGroup"),
        watched("AWS::DynamoDB::Table"),
        watched("AWS::EC2::Instance"),
        watched("AWS::Lambda::Function"),
        watched("AWS::RDS::DBInstance"),
        watched("AWS::SQS::Queue"),
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

/// A dimension names a resource without its type.
const fn watched(to: &'static str) -> Edge {
    Edge {
        path: "Dimensions.*.Value",
        to,
        target: "{}",
        order: Order::None,
        why: "what the alarm watches may go before the alarm",
    }
}

async fn list(cx: &Cx) -> Listed {
    let cloudwatch: Client = cx.client();
    let alarms = alarms(cx).await?;
    let alarms = cx.wanted(alarms.metric.clone(), |alarm| alarm.alarm_name().unwrap_or_default());
    cx.each(alarms, |alarm| {
        let cloudwatch = &cloudwatch;
        async move {
            let exists = exists(cloudwatch, alarm.alarm_name().unwrap_or_default());
            gone_unless(describe(cloudwatch, &alarm).await, GONE, exists).await
        }
    })
    .await
}

async fn describe(cloudwatch: &Client, alarm: &MetricAlarm) -> Result<Draft, CallError> {
    let name = alarm.alarm_name().unwrap_or_default();
    let arn = alarm.alarm_arn().unwrap_or_default();
    Draft::new(name)
        .arn(arn)
        .name(name)
        .owner("scaling-policy", scaling_policy(alarm))
        .with("AlarmName", name)
        .with("AlarmDescription", alarm.alarm_description())
        .with("ActionConfiguration", alarm.action_configuration().map(action_configuration))
        .with("ActionsEnabled", alarm.actions_enabled())
        .with("AlarmActions", alarm.alarm_actions())
        .with("ComparisonOperator", alarm.comparison_operator().map(ComparisonOperator::as_str))
        .with("DatapointsToAlarm", alarm.datapoints_to_alarm())
        .with("Dimensions", each(alarm.dimensions(), dimension))
        .with("EvaluateLowSampleCountPercentile", alarm.evaluate_low_sample_count_percentile())
        .with("EvaluationCriteria", alarm.evaluation_criteria().and_then(criteria))
        .with("EvaluationInterval", alarm.evaluation_interval())
        .with("EvaluationPeriods", alarm.evaluation_periods())
        .with("EvaluationWindow", alarm.evaluation_window().and_then(window))
        .with("ExtendedStatistic", alarm.extended_statistic())
        .with("InsufficientDataActions", alarm.insufficient_data_actions())
        .with("MetricName", alarm.metric_name())
        .with("Metrics", each(alarm.metrics(), query))
        .with("Namespace", alarm.namespace())
        .with("OKActions", alarm.ok_actions())
        .with("Period", alarm.period())
        .with("Statistic", alarm.statistic().map(Statistic::as_str))
        .with("Threshold", alarm.threshold())
        .with("ThresholdMetricId", alarm.threshold_metric_id())
        .with("TreatMissingData", alarm.treat_missing_data())
        .with("Unit", alarm.unit().map(StandardUnit::as_str))
        .with("WarmUpConfiguration", alarm.warm_up_configuration().map(warm_up))
        .observed("AlarmConfigurationUpdatedTimestamp", alarm.alarm_configuration_updated_timestamp())
        .observed("EvaluationState", alarm.evaluation_state().map(EvaluationState::as_str))
        .observed("StateReason", alarm.state_reason())
        .observed("StateTransitionedTimestamp", alarm.state_transitioned_timestamp())
        .observed("StateUpdatedTimestamp", alarm.state_updated_timestamp())
        .observed("StateValue", alarm.state_value().map(StateValue::as_str))
        .sub_tags(tags(cloudwatch, arn).await)
}

/// The policy that made an alarm. Target tracking makes its own alarms, names them so and changes them as it likes.
fn scaling_policy(alarm: &MetricAlarm) -> Option<&str> {
    let name = alarm.alarm_name().filter(|name| name.starts_with("TargetTracking-"))?;
    let policy = alarm.alarm_actions().iter().find(|action| action.contains(":scalingPolicy:"));
    Some(policy.map_or(name, String::as_str))
}

fn dimension(dimension: &Dimension) -> Props {
    Props::new().with("Name", dimension.name()).with("Value", dimension.value())
}

fn query(query: &MetricDataQuery) -> Props {
    let stat = query.metric_stat().map(|stat| {
        let metric = stat.metric().map(|metric| {
            Props::new()
                .with("Dimensions", each(metric.dimensions(), dimension))
                .with("MetricName", metric.metric_name())
                .with("Namespace", metric.namespace())
        });
        Props::new()
            .with("Metric", metric)
            .with("Period", stat.period())
            .with("Stat", stat.stat())
            .with("Unit", stat.unit().map(StandardUnit::as_str))
    });
    Props::new()
        .with("AccountId", query.account_id())
        .with("Expression", query.expression())
        .with("Id", query.id())
        .with("Label", query.label())
        .with("MetricStat", stat)
        .with("Period", query.period())
        .with("ReturnData", query.return_data())
}

fn criteria(criteria: &EvaluationCriteria) -> Option<Props> {
    let criteria = criteria.as_prom_ql_criteria().ok()?;
    let criteria = Props::new()
        .with("PendingPeriod", criteria.pending_period())
        .with("Query", criteria.query())
        .with("RecoveryPeriod", criteria.recovery_period());
    Some(Props::new().with("PromQLCriteria", criteria))
}

fn window(window: &EvaluationWindow) -> Option<Value> {
    match window {
        // Its presence is all that there is to say.
        EvaluationWindow::SlidingWindow(_) => Some(json!({ "SlidingWindow": {} })),
        EvaluationWindow::WallClockWindow(clock) => {
            let clock = Props::new().with("Timezone", clock.timezone());
            Props::new().with("WallClockWindow", clock).into_property()
        }
        _ => None,
    }
}

fn warm_up(configuration: &WarmUpConfiguration) -> Props {
    Props::new()
        .with(
            "OnlyStartEvaluatingAfterWarmUpPeriodEnds",
            configuration.only_start_evaluating_after_warm_up_period_ends(),
        )
        .with("WarmUpPeriodDurationInMinutes", configuration.warm_up_period_duration_in_minutes())
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let cloudwatch: Client = hands.client();
    hands.at_once(step, cloudwatch.delete_alarms().alarm_names(hands.id()).send()).await
}
