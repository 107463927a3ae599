//! Topics, each with its access policy.

use std::collections::HashMap;

use aws_sdk_sns::Client;
use aws_sdk_sns::types::Topic;

use crate::aws::{Absent, Call, CallError, Cx, Hands, gone_with};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Made, Order, Props, Recipe, Scope, TypeSpec, Unmapped,
    json_document, policy_document,
};
use crate::model::Step;

/// `AWS::SNS::Topic`, with the document of `AWS::SNS::TopicInlinePolicy` folded in as `topicPolicy`. The schema has no
/// place for the topic's `deliveryPolicy`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::SNS::Topic",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("no call of SNS answers it"),
    sets: &["DataProtectionPolicy.Statement.*.DataIdentifier", "DeliveryStatusLogging"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "Attributes.TopicArn", why: "as ListTopics answers it" },
        LeftOut { path: "Attributes.Owner", why: "the account of the snapshot" },
        LeftOut { path: "Attributes.EffectiveDeliveryPolicy", why: "derived from DeliveryPolicy and AWS's defaults" },
    ],
    unmapped: &[
        Unmapped { path: "Subscription", why: "subscriptions are resources of their own" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[Edge {
        path: "KmsMasterKeyId",
        to: "AWS::KMS::Key",
        target: "{}",
        order: Order::HolderFirst,
        why: "may be a bare key id, which has no prefix to know it by",
    }],
    read_actions: &[
        "sns:ListTopics",
        "sns:GetTopicAttributes",
        "sns:GetDataProtectionPolicy",
        "sns:ListTagsForResource",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteTopic",
        actions: &["sns:DeleteTopic"],
        gone: &["NotFound"],
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 4,
        holds_data: false,
        reversible: None,
    }),
};

/// How SNS says that a topic was deleted since it was listed; the tagging call has a code of its own.
const GONE: &[&str] = &["NotFound", "ResourceNotFound"];

/// The protocols whose deliveries can be logged, as the schema and as the attributes spell them.
const LOGGED: &[(&str, &str)] = &[
    ("application", "Application"),
    ("firehose", "Firehose"),
    ("http/s", "HTTP"),
    ("lambda", "Lambda"),
    ("sqs", "SQS"),
];

async fn list(cx: &Cx) -> Listed {
    let sns: Client = cx.client();
    let pages = sns.list_topics().into_paginator().items().send();
    let topics: Vec<Topic> = pages.try_collect().await.at("sns:ListTopics")?;
    let arns = cx.wanted(topics.into_iter().filter_map(|topic| topic.topic_arn).collect(), |arn| arn);
    cx.each(arns, |arn| {
        let sns = &sns;
        async move {
            let again = async { sns.get_topic_attributes().topic_arn(&arn).send().await.at("sns:GetTopicAttributes") };
            gone_with(describe(sns, &arn).await, GONE, again).await
        }
    })
    .await
}

async fn describe(sns: &Client, arn: &str) -> Result<Draft, CallError> {
    let protection = async {
        // FIFO topics cannot have one, and SNS refuses the question.
        if arn.strip_suffix(".fifo").is_some() {
            return Ok(None);
        }
        sns.get_data_protection_policy().resource_arn(arn).send().await.map(Some)
    };
    let (attributes, protection, tags) = tokio::join!(
        sns.get_topic_attributes().topic_arn(arn).send(),
        protection,
        sns.list_tags_for_resource().resource_arn(arn).send(),
    );
    let attributes = attributes.at("sns:GetTopicAttributes")?.attributes.unwrap_or_default();
    let protection = protection.at("sns:GetDataProtectionPolicy").absent_if(GONE).map(Option::flatten);
    let protection = protection.map(|answer| policy_document(answer.as_ref()?.data_protection_policy()));
    let tags = tags.at("sns:ListTagsForResource").map(|answer| answer.tags.unwrap_or_default());
    configured(arn, &attributes)
        .sub("DataProtectionPolicy", protection)?
        .sub_tags(tags.map(|tags| tags.into_iter().map(|tag| (tag.key, tag.value))))
}

fn configured(arn: &str, attributes: &HashMap<String, String>) -> Draft {
    let text = |name: &str| attributes.get(name).map(String::as_str);
    let number = |name| text(name)?.parse::<i64>().ok();
    let flag = |name| text(name)?.parse::<bool>().ok();
    let name = arn.rsplit(':').next().unwrap_or_default();
    let made_by_control_tower = name.starts_with("aws-controltower-").then_some(name);

    Draft::new(arn)
        .arn(arn)
        .name(name)
        .owner("control-tower", made_by_control_tower)
        .with("TopicName", name)
        .with("DisplayName", text("DisplayName"))
        .with("ArchivePolicy", json_document(text("ArchivePolicy")))
        .with("ContentBasedDeduplication", flag("ContentBasedDeduplication"))
        .with("DeliveryStatusLogging", delivery_logs(attributes))
        .with("FifoThroughputScope", text("FifoThroughputScope"))
        .with("FifoTopic", flag("FifoTopic"))
        .with("KmsMasterKeyId", text("KmsMasterKeyId"))
        .with("MaximumMessageSize", number("MaximumMessageSize"))
        .with("SignatureVersion", text("SignatureVersion"))
        .with("TracingConfig", text("TracingConfig"))
        .with("deliveryPolicy", json_document(text("DeliveryPolicy")))
        .with("topicPolicy", policy_document(text("Policy")))
        .observed("BeginningArchiveTime", text("BeginningArchiveTime"))
        .observed("SubscriptionsConfirmed", number("SubscriptionsConfirmed"))
        .observed("SubscriptionsDeleted", number("SubscriptionsDeleted"))
        .observed("SubscriptionsPending", number("SubscriptionsPending"))
}

/// The schema has one element per protocol where the API has three attributes.
fn delivery_logs(attributes: &HashMap<String, String>) -> Vec<Props> {
    let element = |(protocol, prefix): &(&str, &str)| {
        let of = |setting: &str| attributes.get(&format!("{prefix}{setting}"));
        let settings = [
            ("SuccessFeedbackRoleArn", of("SuccessFeedbackRoleArn")),
            ("SuccessFeedbackSampleRate", of("SuccessFeedbackSampleRate")),
            ("FailureFeedbackRoleArn", of("FailureFeedbackRoleArn")),
        ];
        let any = settings.iter().any(|(_, value)| value.is_some());
        let props = Props::new().with("Protocol", *protocol);
        any.then(|| settings.into_iter().fold(props, |props, (name, value)| props.with(name, value)))
    };
    LOGGED.iter().filter_map(element).collect()
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let sns: Client = hands.client();
    hands.at_once(step, sns.delete_topic().topic_arn(hands.id()).send()).await
}
