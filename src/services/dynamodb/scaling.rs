//! Which capacities Application Auto Scaling sets, and we therefore must not take for configuration.
//!
//! `DynamoDB` does not say it. But each scaled capacity has alarms of a fixed form (Developer Guide, "Managing throughput
//! capacity automatically"), and one call finds those of all tables.

use aws_sdk_cloudwatch::operation::describe_alarms::DescribeAlarmsOutput;
use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{AlarmType, MetricAlarm};

use crate::aws::{Call, CallError, Cx};

/// One of the two capacities of a table or index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Capacity {
    Read,
    Write,
}

/// The capacities that are scaled: table, index, which.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scaled(BTreeSet<(String, Option<String>, Capacity)>);

impl Scaled {
    /// Those of the region, asked once and only by a table with provisioned capacity.
    pub(super) async fn of_region(cx: &Cx) -> Result<Arc<Scaled>, CallError> {
        let ask = async || {
            let cloudwatch: Client = cx.client();
            let request = cloudwatch.describe_alarms().alarm_name_prefix("TargetTracking-table/");
            let request = request.alarm_types(AlarmType::MetricAlarm).max_records(100);
            let pages: Vec<_> = request.into_paginator().send().try_collect().await.at("cloudwatch:DescribeAlarms")?;
            Ok(Scaled(pages.iter().flat_map(DescribeAlarmsOutput::metric_alarms).filter_map(capacity).collect()))
        };
        cx.once(&format!("dynamodb scaled capacities {}", cx.region()), ask).await
    }

    /// Whether this capacity of a table, or of one of its indexes, is scaled.
    pub(super) fn has(&self, table: &str, index: Option<&str>, capacity: Capacity) -> bool {
        self.0.contains(&(table.to_owned(), index.map(str::to_owned), capacity))
    }
}

/// The capacity that an alarm watches: `ConsumedReadCapacityUnits`, `ProvisionedWriteCapacityUnits`, ….
fn capacity(alarm: &MetricAlarm) -> Option<(String, Option<String>, Capacity)> {
    let metric = alarm.metric_name().filter(|_| alarm.namespace() == Some("AWS/DynamoDB"))?;
    let capacity = if metric.ends_with("ReadCapacityUnits") {
        Capacity::Read
    } else if metric.ends_with("WriteCapacityUnits") {
        Capacity::Write
    } else {
        return None;
    };
    let dimension = |name: &str| {
        let dimension = alarm.dimensions().iter().find(|dimension| dimension.name() == Some(name))?;
        dimension.value().map(str::to_owned)
    };
    Some((dimension("TableName")?, dimension("GlobalSecondaryIndexName"), capacity))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_cloudwatch::types::Dimension;

    fn alarm(namespace: &str, metric: &str, dimensions: &[(&str, &str)]) -> MetricAlarm {
        let dimensions = dimensions.iter().map(|(name, value)| Dimension::builder().name(*name).value(*value).build());
        MetricAlarm::builder()
            .namespace(namespace)
            .metric_name(metric)
            .set_dimensions(Some(dimensions.collect()))
            .build()
    }

    #[test]
    fn an_alarm_tells_what_is_scaled() {
        let alarms = [
            alarm("AWS/DynamoDB", "ConsumedReadCapacityUnits", &[("TableName", "orders")]),
            alarm(
                "AWS/DynamoDB",
                "ProvisionedWriteCapacityUnits",
                &[("TableName", "orders"), ("GlobalSecondaryIndexName", "by-day")],
            ),
            alarm("AWS/DynamoDB", "ThrottledRequests", &[("TableName", "other")]),
            alarm("Mine", "ConsumedReadCapacityUnits", &[("TableName", "other")]),
        ];
        let scaled = Scaled(alarms.iter().filter_map(capacity).collect());
        assert!(scaled.has("orders", None, Capacity::Read));
        assert!(!scaled.has("orders", None, Capacity::Write));
        assert!(scaled.has("orders", Some("by-day"), Capacity::Write));
        assert!(!scaled.has("orders", Some("by-day"), Capacity::Read));
        assert_eq!(scaled.0.len(), 2);
    }
}
