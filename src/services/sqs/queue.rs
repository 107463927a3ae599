//! Queues, each with its access policy.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Attribute;

use crate::aws::{Call, CallError, Cx, Fate, Hands, gone_with};
use crate::catalog::{
    Created, Delete, Draft, Listed, Made, Recipe, Scope, TypeSpec, Unmapped, json_document, policy_document,
};
use crate::model::Step;

/// `AWS::SQS::Queue`, with `AWS::SQS::QueuePolicy` folded in as `queuePolicy`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::SQS::Queue",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreatedTimestamp"),
    sets: &["RedriveAllowPolicy.sourceQueueArns"],
    secrets: &[],
    left_out: &[],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["sqs:ListQueues", "sqs:GetQueueAttributes", "sqs:ListQueueTags"],
    delete: Delete::Call(Recipe {
        operation: "DeleteQueue",
        actions: &["sqs:DeleteQueue"],
        gone: &["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"],
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 4,
        holds_data: true,
        reversible: None,
    }),
};

/// How SQS says that a queue was deleted since it was listed.
const GONE: &[&str] = &["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"];

async fn list(cx: &Cx) -> Listed {
    let sqs: Client = cx.client();
    let pages = sqs.list_queues().max_results(1000).into_paginator().items().send();
    let urls = pages.try_collect().await.at("sqs:ListQueues")?;
    let urls: Vec<String> = urls;
    let urls = urls.into_iter().filter(|url| cx.wants(&id(cx, url))).collect();
    cx.each(urls, |url: String| {
        let sqs = &sqs;
        async move {
            let again = async { sqs.get_queue_attributes().queue_url(&url).send().await.at("sqs:GetQueueAttributes") };
            gone_with(describe(cx, sqs, &url).await, GONE, again).await
        }
    })
    .await
}

/// The URL of a queue in the form that `CloudFormation` has, whatever host was asked.
///
/// SQS answers with the host of the endpoint that is used: the regional one, the older `queue.amazonaws.com`, one of a VPC
/// endpoint. The same queue must not look like another one for that. <https://docs.aws.amazon.com/general/latest/gr/sqs-service.html>
fn id(cx: &Cx, url: &str) -> String {
    let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path);
    let domain = match cx.partition() {
        "aws-cn" => "amazonaws.com.cn",
        "aws-eusc" => "amazonaws.eu",
        "aws-iso" => "c2s.ic.gov",
        "aws-iso-b" => "sc2s.sgov.gov",
        _ => "amazonaws.com",
    };
    path.map_or_else(|| url.to_owned(), |path| format!("https://sqs.{}.{domain}/{path}", cx.region()))
}

async fn describe(cx: &Cx, sqs: &Client, url: &str) -> Result<Draft, CallError> {
    let (attributes, tags) = tokio::join!(
        sqs.get_queue_attributes().queue_url(url).attribute_names(Attribute::All).send(),
        sqs.list_queue_tags().queue_url(url).send(),
    );
    let attributes = attributes.at("sqs:GetQueueAttributes")?;
    let text = |name: Attribute| attributes.attributes()?.get(&name).map(String::as_str);
    let number = |name| text(name)?.parse::<i64>().ok();
    let flag = |name| text(name)?.parse::<bool>().ok();

    let draft = Draft::new(id(cx, url))
        .arn(text(Attribute::QueueArn))
        .name(url.rsplit('/').next())
        .created_text(text(Attribute::CreatedTimestamp))
        .with("QueueName", url.rsplit('/').next())
        .with("DelaySeconds", number(Attribute::DelaySeconds))
        .with("MaximumMessageSize", number(Attribute::MaximumMessageSize))
        .with("MessageRetentionPeriod", number(Attribute::MessageRetentionPeriod))
        .with("ReceiveMessageWaitTimeSeconds", number(Attribute::ReceiveMessageWaitTimeSeconds))
        .with("VisibilityTimeout", number(Attribute::VisibilityTimeout))
        .with("RedrivePolicy", json_document(text(Attribute::RedrivePolicy)))
        .with("RedriveAllowPolicy", json_document(text(Attribute::RedriveAllowPolicy)))
        .with("FifoQueue", flag(Attribute::FifoQueue))
        .with("ContentBasedDeduplication", flag(Attribute::ContentBasedDeduplication))
        .with("DeduplicationScope", text(Attribute::DeduplicationScope))
        .with("FifoThroughputLimit", text(Attribute::FifoThroughputLimit))
        .with("KmsMasterKeyId", text(Attribute::KmsMasterKeyId))
        .with("KmsDataKeyReusePeriodSeconds", number(Attribute::KmsDataKeyReusePeriodSeconds))
        .with("SqsManagedSseEnabled", flag(Attribute::SqsManagedSseEnabled))
        .with("queuePolicy", policy_document(text(Attribute::Policy)))
        .observed("ApproximateNumberOfMessages", number(Attribute::ApproximateNumberOfMessages))
        .observed("ApproximateNumberOfMessagesDelayed", number(Attribute::ApproximateNumberOfMessagesDelayed))
        .observed("ApproximateNumberOfMessagesNotVisible", number(Attribute::ApproximateNumberOfMessagesNotVisible))
        .observed("LastModifiedTimestamp", number(Attribute::LastModifiedTimestamp));

    draft.sub_tags(tags.at("sqs:ListQueueTags").map(|answer| answer.tags.unwrap_or_default()))
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let sqs: Client = hands.client();
    let request = async { sqs.delete_queue().queue_url(hands.id()).send().await.at(&step.call) };
    hands.until_gone(step, || fate(hands, &sqs), request).await
}

/// A queue that was deleted still answers for up to a minute.
async fn fate(hands: &Hands, sqs: &Client) -> Result<Fate, CallError> {
    let call = sqs.get_queue_attributes().queue_url(hands.id()).attribute_names(Attribute::QueueArn);
    let found = hands.look("sqs:GetQueueAttributes", call.send()).await?;
    Ok(if found.is_some() { Fate::There } else { Fate::Gone })
}
