//! AWS Config.

pub mod config_rule;
pub mod configuration_recorder;

use aws_sdk_config::Client;

use crate::aws::{Call, CallError};
use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&config_rule::SPEC, &configuration_recorder::SPEC];

/// The tags of a rule or a recorder.
async fn tags(config: &Client, arn: &str) -> Result<Vec<(String, String)>, CallError> {
    let pages = config.list_tags_for_resource().resource_arn(arn).limit(100).into_paginator().items().send();
    let tags: Vec<_> = pages.try_collect().await.at("config:ListTagsForResource")?;
    let pair = |tag: aws_sdk_config::types::Tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
    Ok(tags.into_iter().map(pair).collect())
}
