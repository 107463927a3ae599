//! Subscriptions of topics.

use std::collections::HashMap;

use aws_sdk_sns::Client;
use aws_sdk_sns::types::Subscription;

use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Made, Recipe, Scope, TypeSpec, Unmapped, json_document};
use crate::model::Step;

/// `AWS::SNS::Subscription`.
///
/// One that waits for its confirmation has no ARN, cannot be addressed and vanishes by itself after some days, so it is
/// no resource yet. It is counted where people look for it: as `SubscriptionsPending` among what is observed of its topic.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::SNS::Subscription",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("no call of SNS answers it"),
    sets: &["FilterPolicy.*"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "Subscriptions[].Owner", why: "the account of the snapshot" },
        LeftOut { path: "Attributes.ConfirmationWasAuthenticated", why: "how it was once confirmed" },
        LeftOut { path: "Attributes.EffectiveDeliveryPolicy", why: "derived from both delivery policies" },
        LeftOut { path: "Attributes.Endpoint", why: "as ListSubscriptions answers it" },
        LeftOut { path: "Attributes.Owner", why: "the account of the snapshot" },
        LeftOut { path: "Attributes.PendingConfirmation", why: "those that wait are not listed" },
        LeftOut { path: "Attributes.Protocol", why: "as ListSubscriptions answers it" },
        LeftOut { path: "Attributes.SubscriptionArn", why: "as ListSubscriptions answers it" },
        LeftOut { path: "Attributes.TopicArn", why: "as ListSubscriptions answers it" },
    ],
    unmapped: &[Unmapped { path: "Region", why: "an option of a request; TopicArn says it" }],
    edges: &[],
    read_actions: &["sns:ListSubscriptions", "sns:GetSubscriptionAttributes"],
    delete: Delete::Call(Recipe {
        operation: "Unsubscribe",
        actions: &["sns:Unsubscribe"],
        gone: &["NotFound"],
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 4,
        holds_data: false,
        reversible: None,
    }),
};

/// How SNS says that a subscription was deleted since it was listed.
const GONE: &[&str] = &["NotFound"];

/// What only `GetSubscriptionAttributes` answers.
const DETAILS: &[&str] = &[
    "DeliveryPolicy",
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
    "ReplayPolicy",
    "SubscriptionRoleArn",
];

async fn list(cx: &Cx) -> Listed {
    let sns: Client = cx.client();
    let pages = sns.list_subscriptions().into_paginator().items().send();
    let mut subscriptions: Vec<Subscription> = pages.try_collect().await.at("sns:ListSubscriptions")?;
    // In place of an ARN stands `PendingConfirmation`, or `Deleted` for what is gone and still listed.
    subscriptions.retain(|subscription| subscription.subscription_arn().is_some_and(|arn| arn.starts_with("arn:")));
    let subscriptions = cx.wanted(subscriptions, |subscription| subscription.subscription_arn().unwrap_or_default());
    cx.each(subscriptions, |subscription| describe(&sns, subscription)).await
}

async fn describe(sns: &Client, subscription: Subscription) -> Result<Option<Draft>, CallError> {
    let arn = subscription.subscription_arn().unwrap_or_default();
    let draft = Draft::new(arn)
        .arn(arn)
        .with("Endpoint", subscription.endpoint())
        .with("Protocol", subscription.protocol())
        .with("TopicArn", subscription.topic_arn());
    let answer = sns.get_subscription_attributes().subscription_arn(arn).send().await;
    match answer.at("sns:GetSubscriptionAttributes").absent_if(GONE) {
        Ok(answer) => Ok(answer.map(|answer| detailed(draft, &answer.attributes.unwrap_or_default()))),
        // The topic may belong to another account, which may keep us from the details of our own subscription.
        Err(error) => DETAILS.iter().try_fold(draft, |draft, name| draft.sub::<()>(name, Err(error.clone()))).map(Some),
    }
}

fn detailed(draft: Draft, attributes: &HashMap<String, String>) -> Draft {
    let text = |name: &str| attributes.get(name).map(String::as_str);
    draft
        .with("DeliveryPolicy", json_document(text("DeliveryPolicy")))
        .with("FilterPolicy", json_document(text("FilterPolicy")))
        .with("FilterPolicyScope", text("FilterPolicyScope"))
        .with("RawMessageDelivery", text("RawMessageDelivery").and_then(|flag| flag.parse::<bool>().ok()))
        .with("RedrivePolicy", json_document(text("RedrivePolicy")))
        .with("ReplayPolicy", json_document(text("ReplayPolicy")))
        .with("SubscriptionRoleArn", text("SubscriptionRoleArn"))
        .observed("ReplayStatus", text("ReplayStatus"))
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let sns: Client = hands.client();
    hands.at_once(step, sns.unsubscribe().subscription_arn(hands.id()).send()).await
}
