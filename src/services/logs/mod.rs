//! Amazon `CloudWatch` Logs.

pub mod log_group;
pub mod metric_filter;
pub mod subscription_filter;

use std::sync::Arc;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::{LogGroup, LogGroupClass};

use crate::aws::{Call, CallError, Cx};
use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&log_group::SPEC, &metric_filter::SPEC, &subscription_filter::SPEC];

/// How `CloudWatch` Logs says that a group or a filter was deleted since it was listed.
const GONE: &[&str] = &["ResourceNotFoundException"];

/// The groups of a region, asked once for groups and subscription filters.
async fn groups(cx: &Cx) -> Result<Arc<Vec<LogGroup>>, CallError> {
    cx.once(&format!("logs:DescribeLogGroups {}", cx.region()), || async {
        let logs: Client = cx.client();
        let pages = logs.describe_log_groups().limit(50).into_paginator().items().send();
        pages.try_collect().await.at("logs:DescribeLogGroups")
    })
    .await
}

/// The classes that cost less can neither be indexed nor subscribed to.
fn is_limited(group: &LogGroup) -> bool {
    matches!(group.log_group_class(), Some(LogGroupClass::InfrequentAccess | LogGroupClass::Delivery))
}
