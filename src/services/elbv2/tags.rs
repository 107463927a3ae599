//! Tags, which one call answers for twenty resources.

use std::collections::HashMap;

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::TagDescription;

use crate::aws::{Call, CallError, Cx};

/// Most resources that one call takes.
const BATCH: usize = 20;

/// The tags of each ARN.
pub(super) type Tags = HashMap<String, Vec<(String, String)>>;

/// Asks for the tags of all these ARNs. `gone` are the codes for one that does not exist any more.
pub(super) async fn read(cx: &Cx, elb: &Client, arns: Vec<String>, gone: &[&str]) -> Result<Tags, CallError> {
    let found = cx.in_batches(&arns, BATCH, gone, |batch| ask(elb, batch)).await?;
    Ok(found.into_iter().filter_map(of_one).collect())
}

/// The tags of one ARN, out of those of all.
pub(super) fn of(tags: &Result<Tags, CallError>, arn: &str) -> Result<Vec<(String, String)>, CallError> {
    match tags {
        Ok(tags) => Ok(tags.get(arn).cloned().unwrap_or_default()),
        Err(error) => Err(error.clone()),
    }
}

async fn ask(elb: &Client, arns: Vec<String>) -> Result<Vec<TagDescription>, CallError> {
    let answer = elb.describe_tags().set_resource_arns(Some(arns)).send().await;
    Ok(answer.at("elasticloadbalancing:DescribeTags")?.tag_descriptions.unwrap_or_default())
}

fn of_one(found: TagDescription) -> Option<(String, Vec<(String, String)>)> {
    let tags = found.tags.unwrap_or_default().into_iter();
    let tags = tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect();
    Some((found.resource_arn?, tags))
}
