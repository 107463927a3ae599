//! How a bucket faces the outside: web site, cross-origin rules, acceleration, notifications.

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_bucket_notification_configuration::GetBucketNotificationConfigurationOutput;
use aws_sdk_s3::operation::get_bucket_website::GetBucketWebsiteOutput;
use aws_sdk_s3::types;

use super::parts::{Part, all, part};
use crate::aws::{Absent, Call};
use crate::catalog::{Props, each};

/// Asks how a bucket faces the outside.
pub(super) async fn read(s3: &Client, bucket: &str) -> Vec<Part> {
    let (website, cors, accelerate, notification) = tokio::join!(
        s3.get_bucket_website().bucket(bucket).send(),
        s3.get_bucket_cors().bucket(bucket).send(),
        s3.get_bucket_accelerate_configuration().bucket(bucket).send(),
        s3.get_bucket_notification_configuration().bucket(bucket).send(),
    );
    let website = website.at("s3:GetBucketWebsite").absent_if(&["NoSuchWebsiteConfiguration"]);
    let cors = cors.at("s3:GetBucketCORS").absent_if(&["NoSuchCORSConfiguration"]);
    // Some regions do not have it and say so with this code.
    let accelerate = accelerate.at("s3:GetAccelerateConfiguration").absent_if(&["UnsupportedArgument"]);
    let notification = notification.at("s3:GetBucketNotification").map(Some);
    vec![
        part("WebsiteConfiguration", &website, website_configuration),
        part("CorsConfiguration", &cors, |answer| {
            Props::new().with("CorsRules", all(answer.cors_rules.as_ref(), cors_rule))
        }),
        part("AccelerateConfiguration", &accelerate, |answer| {
            answer.status().map(|status| Props::new().with("AccelerationStatus", status.as_str()))
        }),
        part("NotificationConfiguration", &notification, notification_configuration),
    ]
}

fn website_configuration(site: &GetBucketWebsiteOutput) -> Props {
    let redirect = site.redirect_all_requests_to().map(|redirect| {
        Props::new()
            .with("HostName", redirect.host_name())
            .with("Protocol", redirect.protocol().map(types::Protocol::as_str))
    });
    Props::new()
        .with("ErrorDocument", site.error_document().map(types::ErrorDocument::key))
        .with("IndexDocument", site.index_document().map(types::IndexDocument::suffix))
        .with("RedirectAllRequestsTo", redirect)
        .with("RoutingRules", each(site.routing_rules(), routing_rule))
}

fn routing_rule(rule: &types::RoutingRule) -> Props {
    let condition = rule.condition().map(|condition| {
        Props::new()
            .with("HttpErrorCodeReturnedEquals", condition.http_error_code_returned_equals())
            .with("KeyPrefixEquals", condition.key_prefix_equals())
    });
    let redirect = rule.redirect().map(|redirect| {
        Props::new()
            .with("HostName", redirect.host_name())
            .with("HttpRedirectCode", redirect.http_redirect_code())
            .with("Protocol", redirect.protocol().map(types::Protocol::as_str))
            .with("ReplaceKeyPrefixWith", redirect.replace_key_prefix_with())
            .with("ReplaceKeyWith", redirect.replace_key_with())
    });
    Props::new().with("RedirectRule", redirect).with("RoutingRuleCondition", condition)
}

/// The first rule that fits a request counts, so the rules keep their order.
fn cors_rule(rule: &types::CorsRule) -> Props {
    Props::new()
        .with("AllowedHeaders", rule.allowed_headers())
        .with("AllowedMethods", rule.allowed_methods())
        .with("AllowedOrigins", rule.allowed_origins())
        .with("ExposedHeaders", rule.expose_headers())
        .with("Id", rule.id())
        .with("MaxAge", rule.max_age_seconds())
}

fn notification_configuration(answer: &GetBucketNotificationConfigurationOutput) -> Props {
    let topics =
        answer.topic_configurations().iter().flat_map(|to| by_event("Topic", to.topic_arn(), to.events(), to.filter()));
    let queues =
        answer.queue_configurations().iter().flat_map(|to| by_event("Queue", to.queue_arn(), to.events(), to.filter()));
    let functions = answer
        .lambda_function_configurations()
        .iter()
        .flat_map(|to| by_event("Function", to.lambda_function_arn(), to.events(), to.filter()));
    let bridge = answer.event_bridge_configuration().map(|_| Props::new().with("EventBridgeEnabled", true));
    Props::new()
        .with("EventBridgeConfiguration", bridge)
        .with("LambdaConfigurations", functions.collect::<Vec<_>>())
        .with("QueueConfigurations", queues.collect::<Vec<_>>())
        .with("TopicConfigurations", topics.collect::<Vec<_>>())
}

/// The API has a list of events per target, the schema an element per event.
fn by_event(
    kind: &str,
    target: &str,
    events: &[types::Event],
    filter: Option<&types::NotificationConfigurationFilter>,
) -> Vec<Props> {
    let rules = filter.and_then(types::NotificationConfigurationFilter::key).map(types::S3KeyFilter::filter_rules);
    let notify = |event: &types::Event| {
        let key = Props::new().with("Rules", each(rules.unwrap_or_default(), filter_rule));
        Props::new().with("Event", event.as_str()).with("Filter", Props::new().with("S3Key", key)).with(kind, target)
    };
    each(events, notify)
}

fn filter_rule(rule: &types::FilterRule) -> Props {
    // S3 answers `Prefix` for what was sent as `prefix`.
    let name = rule.name().map(|name| name.as_str().to_ascii_lowercase());
    Props::new().with("Name", name).with("Value", rule.value())
}
