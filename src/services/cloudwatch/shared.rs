//! What metric alarms and composite alarms have in common.

use std::sync::Arc;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{ActionConfiguration, AlarmType, CompositeAlarm, MetricAlarm, Tag};

use crate::aws::{Call, CallError, Cx};
use crate::catalog::Props;

/// How `CloudWatch` says that an alarm was deleted since it was listed.
pub(super) const GONE: &[&str] = &["ResourceNotFound", "ResourceNotFoundException"];

/// The alarms of one region.
#[derive(Debug, Default)]
pub(super) struct Alarms {
    pub(super) metric: Vec<MetricAlarm>,
    pub(super) composite: Vec<CompositeAlarm>,
}

/// Both kinds come with one call, asked once.
pub(super) async fn alarms(cx: &Cx) -> Result<Arc<Alarms>, CallError> {
    let ask = async || {
        let cloudwatch: Client = cx.client();
        let request = cloudwatch.describe_alarms().max_records(100);
        let request = request.alarm_types(AlarmType::MetricAlarm).alarm_types(AlarmType::CompositeAlarm);
        let pages: Vec<_> = request.into_paginator().send().try_collect().await.at("cloudwatch:DescribeAlarms")?;
        let mut alarms = Alarms::default();
        for page in pages {
            alarms.metric.extend(page.metric_alarms.unwrap_or_default());
            alarms.composite.extend(page.composite_alarms.unwrap_or_default());
        }
        Ok(alarms)
    };
    cx.once(&format!("cloudwatch:DescribeAlarms {}", cx.region()), ask).await
}

/// Whether an alarm of either kind is still there.
pub(super) async fn exists(cloudwatch: &Client, name: &str) -> Result<bool, CallError> {
    let request = cloudwatch.describe_alarms().alarm_names(name);
    let request = request.alarm_types(AlarmType::MetricAlarm).alarm_types(AlarmType::CompositeAlarm);
    let found = request.send().await.at("cloudwatch:DescribeAlarms")?;
    Ok(!found.metric_alarms().is_empty() || !found.composite_alarms().is_empty())
}

/// The tags of an alarm.
pub(super) async fn tags(cloudwatch: &Client, arn: &str) -> Result<Vec<(String, String)>, CallError> {
    let answer = cloudwatch.list_tags_for_resource().resource_arn(arn).send().await;
    let answer = answer.at("cloudwatch:ListTagsForResource")?;
    let pair = |tag: Tag| Some((tag.key?, tag.value?));
    Ok(answer.tags.unwrap_or_default().into_iter().filter_map(pair).collect())
}

/// What goes along with the alarm's actions.
pub(super) fn action_configuration(configuration: &ActionConfiguration) -> Props {
    let propagation = configuration.alarm_tags_propagation().map(|tags| {
        Props::new()
            .with("Enabled", tags.enabled())
            .with("ExcludedTagKeys", tags.excluded_tag_keys())
            .with("IncludedTagKeys", tags.included_tag_keys())
    });
    Props::new().with("AlarmTagsPropagation", propagation)
}
