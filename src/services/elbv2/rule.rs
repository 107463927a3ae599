//! The rules of a listener: conditions, actions, transforms.

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types;

use super::action::{self, Timeout};
use super::load_balancer::PAGE;
use crate::aws::{Call, CallError};
use crate::catalog::{Props, each};

/// Reads the rules of a listener, without the default rule: that is the listener's default actions once more.
pub(super) async fn read(elb: &Client, listener: &str) -> Result<Vec<Props>, CallError> {
    let pages = elb.describe_rules().listener_arn(listener).page_size(PAGE).into_paginator().items();
    let rules = pages.send().try_collect().await.at("elasticloadbalancing:DescribeRules")?;
    Ok(rules.iter().filter(|rule| rule.is_default() != Some(true)).map(mapped).collect())
}

fn mapped(rule: &types::Rule) -> Props {
    Props::new()
        .with("Actions", action::all(rule.actions(), Timeout::Number))
        .with("Conditions", each(rule.conditions(), condition))
        .with("Priority", rule.priority().and_then(|priority| priority.parse::<i64>().ok()))
        .with("Transforms", each(rule.transforms(), transform))
}

fn condition(condition: &types::RuleCondition) -> Props {
    let host = condition
        .host_header_config()
        .map(|host| Props::new().with("RegexValues", host.regex_values()).with("Values", host.values()));
    let header = condition.http_header_config().map(|header| {
        Props::new()
            .with("HttpHeaderName", header.http_header_name())
            .with("RegexValues", header.regex_values())
            .with("Values", header.values())
    });
    let method = condition.http_request_method_config().map(|method| Props::new().with("Values", method.values()));
    let path = condition
        .path_pattern_config()
        .map(|path| Props::new().with("RegexValues", path.regex_values()).with("Values", path.values()));
    let pair = |pair: &types::QueryStringKeyValuePair| Props::new().with("Key", pair.key()).with("Value", pair.value());
    let query = condition.query_string_config().map(|query| Props::new().with("Values", each(query.values(), pair)));
    let source = condition.source_ip_config().map(|source| {
        let kind = source.ip_address_type().map(types::SourceIpAddressTypeEnum::as_str);
        Props::new().with("IpAddressType", kind).with("Values", source.values())
    });
    Props::new()
        .with("Field", condition.field())
        .with("HostHeaderConfig", host)
        .with("HttpHeaderConfig", header)
        .with("HttpRequestMethodConfig", method)
        .with("PathPatternConfig", path)
        .with("QueryStringConfig", query)
        .with("RegexValues", condition.regex_values())
        .with("SourceIpConfig", source)
        .with("Values", condition.values())
}

fn transform(transform: &types::RuleTransform) -> Props {
    let rewrite =
        |rewrite: &types::RewriteConfig| Props::new().with("Regex", rewrite.regex()).with("Replace", rewrite.replace());
    let host = transform
        .host_header_rewrite_config()
        .map(|config| Props::new().with("Rewrites", each(config.rewrites(), rewrite)));
    let url =
        transform.url_rewrite_config().map(|config| Props::new().with("Rewrites", each(config.rewrites(), rewrite)));
    Props::new()
        .with("HostHeaderRewriteConfig", host)
        .with("Type", transform.r#type().map(types::TransformTypeEnum::as_str))
        .with("UrlRewriteConfig", url)
}
