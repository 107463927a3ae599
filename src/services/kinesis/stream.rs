//! Data streams, each with its policy and its consumers.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::types::{
    Consumer, EncryptionType, MetricsName, RecordDistributionStrategy, StreamDescriptionSummary, StreamMode,
    StreamModeDetails, StreamStatus, StreamSummary, WarmThroughputObject,
};
use serde_json::Value;

use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, policy_document,
};
use crate::model::Step;

/// `AWS::Kinesis::Stream`, with `AWS::Kinesis::ResourcePolicy` and `AWS::Kinesis::StreamConsumer` folded in as
/// `resourcePolicy` and `consumers`.
///
/// `ShardCount` is configuration of provisioned streams only: an on-demand stream gets and loses shards by itself.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Kinesis::Stream",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("StreamCreationTimestamp"),
    sets: &["DesiredShardLevelMetrics", "consumers"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "ListStreams:StreamNames[]", why: "as in the summaries" },
        LeftOut { path: "ListStreams:StreamSummaries[].StreamARN", why: "as in DescribeStreamSummary" },
        LeftOut { path: "ListStreams:StreamSummaries[].StreamCreationTimestamp", why: "as in DescribeStreamSummary" },
        LeftOut { path: "ListStreams:StreamSummaries[].StreamModeDetails.*", why: "as in DescribeStreamSummary" },
        LeftOut { path: "StreamDescriptionSummary.StreamName", why: "as in ListStreams" },
        LeftOut { path: "StreamDescriptionSummary.StreamId", why: "another name of the stream" },
        LeftOut { path: "StreamDescriptionSummary.ChannelCount", why: "activity" },
        LeftOut { path: "Consumers[].ConsumerCreationTimestamp", why: "of a part of the stream" },
        LeftOut { path: "Consumers[].ConsumerStatus", why: "state" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &[
        "kinesis:ListStreams",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetResourcePolicy",
        "kinesis:ListStreamConsumers",
        "kinesis:ListTagsForStream",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteStream",
        actions: &["kinesis:DeleteStream"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 3,
        holds_data: true,
        reversible: None,
    }),
};

/// How Kinesis says that a stream was deleted since it was listed, and that a stream has no policy.
const GONE: &[&str] = &["ResourceNotFoundException"];

async fn list(cx: &Cx) -> Listed {
    let kinesis: Client = cx.client();
    let pages = kinesis.list_streams().limit(100).into_paginator().send();
    let pages: Vec<_> = pages.try_collect().await.at("kinesis:ListStreams")?;
    let streams = pages.into_iter().flat_map(|page| page.stream_summaries.unwrap_or_default());
    let alive = |stream: &StreamSummary| *stream.stream_status() != StreamStatus::Deleting;
    let names = streams.filter(alive).map(|stream| stream.stream_name).filter(|name| cx.wants(name));
    cx.each(names.collect(), |name| describe(&kinesis, name)).await
}

async fn describe(kinesis: &Client, name: String) -> Result<Option<Draft>, CallError> {
    let answer = kinesis.describe_stream_summary().stream_name(&name).send().await;
    let Some(answer) = answer.at("kinesis:DescribeStreamSummary").absent_if(GONE)? else { return Ok(None) };
    let Some(stream) = answer.stream_description_summary else { return Ok(None) };
    let (policy, consumers, tags) =
        tokio::join!(resource_policy(kinesis, &stream), consumers(kinesis, &stream), tags(kinesis, &name));
    let tags = tags.absent_if(GONE).map(Option::unwrap_or_default);
    let consumers = consumers.absent_if(GONE);
    configured(&name, &stream).sub("resourcePolicy", policy)?.sub("consumers", consumers)?.sub_tags(tags).map(Some)
}

async fn resource_policy(kinesis: &Client, stream: &StreamDescriptionSummary) -> Result<Option<Value>, CallError> {
    let answer = kinesis.get_resource_policy().resource_arn(stream.stream_arn()).send().await;
    let answer = answer.at("kinesis:GetResourcePolicy").absent_if(GONE)?;
    // "No policy" is also answered as an empty document.
    Ok(answer.and_then(|answer| policy_document(Some(answer.policy()).filter(|text| *text != "{}"))))
}

async fn consumers(kinesis: &Client, stream: &StreamDescriptionSummary) -> Result<Vec<Props>, CallError> {
    if stream.consumer_count().unwrap_or_default() == 0 {
        return Ok(Vec::new());
    }
    let request = kinesis.list_stream_consumers().stream_arn(stream.stream_arn()).max_results(100);
    let pages: Vec<_> = request.into_paginator().send().try_collect().await.at("kinesis:ListStreamConsumers")?;
    let found =
        pages.iter().flat_map(aws_sdk_kinesis::operation::list_stream_consumers::ListStreamConsumersOutput::consumers);
    let consumer = |consumer: &Consumer| {
        Props::new().with("ConsumerARN", consumer.consumer_arn()).with("ConsumerName", consumer.consumer_name())
    };
    Ok(found.map(consumer).collect())
}

/// A page begins after the last key of the one before.
async fn tags(kinesis: &Client, name: &str) -> Result<Vec<(String, String)>, CallError> {
    let mut tags: Vec<(String, String)> = Vec::new();
    loop {
        let last = tags.last().map(|(key, _)| key.clone());
        let request = kinesis.list_tags_for_stream().stream_name(name).set_exclusive_start_tag_key(last.clone());
        let page = request.send().await.at("kinesis:ListTagsForStream")?;
        tags.extend(page.tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())));
        if !page.has_more_tags {
            return Ok(tags);
        }
        if tags.last().map(|(key, _)| key) == last.as_ref() {
            return Err(CallError::same_page("kinesis:ListTagsForStream"));
        }
    }
}

fn configured(name: &str, stream: &StreamDescriptionSummary) -> Draft {
    let mode = stream.stream_mode_details().map(StreamModeDetails::stream_mode);
    let on_demand = mode == Some(&StreamMode::OnDemand);
    let shards = stream.open_shard_count();
    let metrics =
        stream.enhanced_monitoring().iter().flat_map(aws_sdk_kinesis::types::EnhancedMetrics::shard_level_metrics);
    let metrics: Vec<&str> = metrics.map(MetricsName::as_str).collect();
    let warm = stream.warm_throughput();
    Draft::new(name)
        .arn(stream.stream_arn())
        .name(name)
        .created(stream.stream_creation_timestamp())
        .with("Name", name)
        .with("DesiredShardLevelMetrics", metrics)
        .with("MaxRecordSizeInKiB", stream.max_record_size_in_kib())
        .with(
            "RecordDistributionStrategy",
            stream.record_distribution_strategy().map(RecordDistributionStrategy::as_str),
        )
        .with("RetentionPeriodHours", stream.retention_period_hours())
        .with("ShardCount", (!on_demand).then_some(shards))
        .with("StreamEncryption", encryption(stream))
        .with("StreamModeDetails", mode.map(|mode| Props::new().with("StreamMode", mode.as_str())))
        .with("WarmThroughputMiBps", warm.and_then(WarmThroughputObject::target_mibps))
        .observed("ConsumerCount", stream.consumer_count())
        .observed("CurrentWarmThroughputMiBps", warm.and_then(WarmThroughputObject::current_mibps))
        .observed("OpenShardCount", on_demand.then_some(shards))
        .observed("StreamStatus", stream.stream_status().as_str())
}

/// The schema knows no encryption `NONE`.
fn encryption(stream: &StreamDescriptionSummary) -> Option<Props> {
    let kind = stream.encryption_type().filter(|kind| **kind != EncryptionType::None)?;
    Some(Props::new().with("EncryptionType", kind.as_str()).with("KeyId", stream.key_id()))
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let kinesis: Client = hands.client();
    let look = kinesis.describe_stream_summary().stream_name(hands.id()).send();
    let answer = hands.look("kinesis:DescribeStreamSummary", look).await?;
    let Some(stream) = answer.and_then(|answer| answer.stream_description_summary) else {
        return Ok(Progress::Done);
    };
    if *stream.stream_status() != StreamStatus::Deleting {
        let request = kinesis.delete_stream().stream_name(hands.id()).enforce_consumer_deletion(true);
        if hands.call(step, request.send()).await?.is_none() {
            return Ok(Progress::Done);
        }
    }
    Ok(Progress::Waiting("the stream is being deleted".to_owned()))
}
