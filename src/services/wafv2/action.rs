//! What a rule does with a request.

use aws_sdk_wafv2::types;
use serde_json::Value;

use super::{empty, kept};
use crate::catalog::{Props, each};

pub(super) fn default_action(action: &types::DefaultAction) -> Value {
    kept(Props::new().with("Allow", action.allow().map(allow_action)).with("Block", action.block().map(block_action)))
}

fn block_action(action: &types::BlockAction) -> Value {
    kept(Props::new().with("CustomResponse", action.custom_response().map(custom_response)))
}

fn custom_response(response: &types::CustomResponse) -> Props {
    Props::new()
        .with("CustomResponseBodyKey", response.custom_response_body_key())
        .with("ResponseCode", response.response_code())
        .with("ResponseHeaders", each(response.response_headers(), custom_http_header))
}

fn custom_http_header(header: &types::CustomHttpHeader) -> Props {
    Props::new().with("Name", header.name()).with("Value", header.value())
}

fn allow_action(action: &types::AllowAction) -> Value {
    kept(Props::new().with("CustomRequestHandling", action.custom_request_handling().map(custom_request_handling)))
}

fn custom_request_handling(handling: &types::CustomRequestHandling) -> Props {
    Props::new().with("InsertHeaders", each(handling.insert_headers(), custom_http_header))
}

pub(super) fn rule_action(action: &types::RuleAction) -> Props {
    Props::new()
        .with("Allow", action.allow().map(allow_action))
        .with("Block", action.block().map(block_action))
        .with("Captcha", action.captcha().map(captcha_action))
        .with("Challenge", action.challenge().map(challenge_action))
        .with("Count", action.count().map(count_action))
        .with("Monetize", action.monetize().map(monetize_action))
}

fn count_action(action: &types::CountAction) -> Value {
    kept(Props::new().with("CustomRequestHandling", action.custom_request_handling().map(custom_request_handling)))
}

fn captcha_action(action: &types::CaptchaAction) -> Value {
    kept(Props::new().with("CustomRequestHandling", action.custom_request_handling().map(custom_request_handling)))
}

fn challenge_action(action: &types::ChallengeAction) -> Value {
    kept(Props::new().with("CustomRequestHandling", action.custom_request_handling().map(custom_request_handling)))
}

fn monetize_action(action: &types::MonetizeAction) -> Value {
    kept(Props::new().with("PriceMultiplier", action.price_multiplier()))
}

pub(super) fn override_action(action: &types::OverrideAction) -> Props {
    Props::new().with("Count", action.count().map(count_action)).with("None", action.none().map(|_| empty()))
}

pub(super) fn custom_response_body(body: &types::CustomResponseBody) -> Props {
    Props::new().with("Content", body.content()).with("ContentType", body.content_type().as_str())
}

pub(super) fn visibility_config(config: &types::VisibilityConfig) -> Props {
    Props::new()
        .with("CloudWatchMetricsEnabled", config.cloud_watch_metrics_enabled())
        .with("MetricName", config.metric_name())
        .with("SampledRequestsEnabled", config.sampled_requests_enabled())
}

pub(super) fn captcha_config(config: &types::CaptchaConfig) -> Props {
    Props::new().with("ImmunityTimeProperty", config.immunity_time_property().map(immunity_time_property))
}

fn immunity_time_property(property: &types::ImmunityTimeProperty) -> Props {
    Props::new().with("ImmunityTime", property.immunity_time())
}

pub(super) fn challenge_config(config: &types::ChallengeConfig) -> Props {
    Props::new().with("ImmunityTimeProperty", config.immunity_time_property().map(immunity_time_property))
}
