//! `ElastiCache`.

use std::sync::Arc;

use aws_sdk_elasticache::Client;
use aws_sdk_elasticache::types::{
    CacheCluster, CloudWatchLogsDestinationDetails, DestinationDetails, DestinationType,
    KinesisFirehoseDestinationDetails, LogDeliveryConfiguration, LogFormat, LogType,
};

use crate::aws::{Call, CallError, Cx};
use crate::catalog::{Draft, Props, TypeSpec};
use crate::model::Switches;

mod cache_cluster;
mod parameter_group;
mod replication_group;
mod subnet_group;

/// The types of this service.
pub const TYPES: &[&TypeSpec] =
    &[&cache_cluster::SPEC, &parameter_group::SPEC, &replication_group::SPEC, &subnet_group::SPEC];

/// All cache clusters of the region with their nodes, asked once per run.
///
/// Most of what is set on a replication group is answered by its members only.
async fn cache_clusters(cx: &Cx) -> Result<Arc<Vec<CacheCluster>>, CallError> {
    let ask = async || {
        let elasticache: Client = cx.client();
        let pages = elasticache.describe_cache_clusters().show_cache_node_info(true).max_records(100);
        pages.into_paginator().items().send().try_collect().await.at("elasticache:DescribeCacheClusters")
    };
    cx.once(&format!("elasticache clusters {}", cx.region()), ask).await
}

/// The tags of a resource.
async fn tags(elasticache: &Client, arn: Option<&str>) -> Result<Vec<(String, String)>, CallError> {
    let answer = elasticache.list_tags_for_resource().set_resource_name(arn.map(str::to_owned)).send().await;
    let tags = answer.at("elasticache:ListTagsForResource")?.tag_list.unwrap_or_default().into_iter();
    Ok(tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect())
}

/// Puts the tags in. While AWS is still making a resource, it may answer that there is none to have tags.
fn with_tags(
    draft: Draft,
    tags: Result<Vec<(String, String)>, CallError>,
    gone: &[&str],
) -> Result<Option<Draft>, CallError> {
    match tags {
        Err(error) if gone.contains(&error.code.as_str()) => {
            Ok(Some(draft.unreadable("tags", &format!("{}: {}", error.code, error.action))))
        }
        tags => draft.sub_tags(tags).map(Some),
    }
}

/// The ids of the security groups of a cluster.
fn security_groups(cluster: &CacheCluster) -> Vec<&str> {
    cluster.security_groups().iter().filter_map(|group| group.security_group_id()).collect()
}

/// The names of the security groups of EC2-Classic of a cluster.
fn classic_groups(cluster: &CacheCluster) -> Vec<&str> {
    cluster.cache_security_groups().iter().filter_map(|group| group.cache_security_group_name()).collect()
}

fn cloud_watch_logs(details: &CloudWatchLogsDestinationDetails) -> Props {
    Props::new().with("LogGroup", details.log_group())
}

fn kinesis_firehose(details: &KinesisFirehoseDestinationDetails) -> Props {
    Props::new().with("DeliveryStream", details.delivery_stream())
}

fn destination_details(details: &DestinationDetails) -> Props {
    Props::new()
        .with("CloudWatchLogsDetails", details.cloud_watch_logs_details().map(cloud_watch_logs))
        .with("KinesisFirehoseDetails", details.kinesis_firehose_details().map(kinesis_firehose))
}

fn log_delivery(config: &LogDeliveryConfiguration) -> Props {
    Props::new()
        .with("DestinationDetails", config.destination_details().map(destination_details))
        .with("DestinationType", config.destination_type().map(DestinationType::as_str))
        .with("LogFormat", config.log_format().map(LogFormat::as_str))
        .with("LogType", config.log_type().map(LogType::as_str))
}

/// The name of the final snapshot of a resource; `None` where the user wants none.
///
/// AWS takes 255 letters, digits and hyphens, neither two hyphens in a row nor one at the end.
fn final_snapshot(switches: &Switches, id: &str) -> Option<String> {
    const LONGEST: usize = 255;
    let mut name = String::new();
    for letter in format!("{}-{id}", switches.final_snapshot.as_deref()?).chars() {
        let letter = if letter.is_ascii_alphanumeric() { letter } else { '-' };
        if letter != '-' || !name.ends_with('-') {
            name.push(letter);
        }
    }
    let name = name.trim_start_matches(|first: char| !first.is_ascii_alphabetic());
    Some(name[..name.len().min(LONGEST)].trim_end_matches('-').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_final_snapshot_has_a_limit() {
        let switches = |name: Option<String>| Switches { final_snapshot: name, ..Switches::default() };
        assert_eq!(final_snapshot(&switches(None), "orders"), None);
        assert_eq!(final_snapshot(&switches(Some("last".to_owned())), "orders").as_deref(), Some("last-orders"));
        assert_eq!(final_snapshot(&switches(Some("2026_01--x-".to_owned())), "a-").as_deref(), Some("x-a"));
        let long = final_snapshot(&switches(Some("a".repeat(300))), "orders");
        assert_eq!(long.map(|name| name.len()), Some(255));
    }
}
