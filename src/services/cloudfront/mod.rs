//! Amazon `CloudFront`.

use aws_sdk_cloudfront::Client;

use crate::aws::{Call, CallError};
use crate::catalog::TypeSpec;

pub mod distribution;
mod distribution_config;
mod distribution_left_out;
pub mod function;
pub mod origin_access_control;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&distribution::SPEC, &function::SPEC, &origin_access_control::SPEC];

/// The tags of a distribution or function.
async fn tags(cloudfront: &Client, arn: &str) -> Result<Vec<(String, String)>, CallError> {
    let answer = cloudfront.list_tags_for_resource().resource(arn).send().await;
    let tags = answer.at("cloudfront:ListTagsForResource")?.tags.and_then(|tags| tags.items).unwrap_or_default();
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())).collect())
}
