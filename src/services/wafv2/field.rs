//! Which part of a request a rule looks at, and how it is read.

use aws_sdk_wafv2::types;
use serde_json::Value;

use super::{empty, kept};
use crate::catalog::Props;

pub(super) fn field_to_match(it: &types::FieldToMatch) -> Props {
    Props::new()
        .with("AllQueryArguments", it.all_query_arguments().map(|_| empty()))
        .with("Body", it.body().map(body))
        .with("Cookies", it.cookies().map(cookies))
        .with("HeaderOrder", it.header_order().map(header_order))
        .with("Headers", it.headers().map(headers))
        .with("JA3Fingerprint", it.ja3_fingerprint().map(ja3_fingerprint))
        .with("JA4Fingerprint", it.ja4_fingerprint().map(ja4_fingerprint))
        .with("JsonBody", it.json_body().map(json_body))
        .with("Method", it.method().map(|_| empty()))
        .with("QueryString", it.query_string().map(|_| empty()))
        .with("SingleHeader", it.single_header().map(single_header))
        .with("SingleQueryArgument", it.single_query_argument().map(single_query_argument))
        .with("UriFragment", it.uri_fragment().map(uri_fragment))
        .with("UriPath", it.uri_path().map(|_| empty()))
}

fn single_header(header: &types::SingleHeader) -> Props {
    Props::new().with("Name", header.name())
}

fn single_query_argument(argument: &types::SingleQueryArgument) -> Props {
    Props::new().with("Name", argument.name())
}

fn body(body: &types::Body) -> Value {
    kept(Props::new().with("OversizeHandling", body.oversize_handling().map(types::OversizeHandling::as_str)))
}

fn json_body(body: &types::JsonBody) -> Props {
    Props::new()
        .with(
            "InvalidFallbackBehavior",
            body.invalid_fallback_behavior().map(types::BodyParsingFallbackBehavior::as_str),
        )
        .with("MatchPattern", body.match_pattern().map(json_match_pattern))
        .with("MatchScope", body.match_scope().as_str())
        .with("OversizeHandling", body.oversize_handling().map(types::OversizeHandling::as_str))
}

fn json_match_pattern(pattern: &types::JsonMatchPattern) -> Props {
    Props::new().with("All", pattern.all().map(|_| empty())).with("IncludedPaths", pattern.included_paths())
}

fn headers(headers: &types::Headers) -> Props {
    Props::new()
        .with("MatchPattern", headers.match_pattern().map(header_match_pattern))
        .with("MatchScope", headers.match_scope().as_str())
        .with("OversizeHandling", headers.oversize_handling().as_str())
}

fn header_match_pattern(pattern: &types::HeaderMatchPattern) -> Props {
    Props::new()
        .with("All", pattern.all().map(|_| empty()))
        .with("ExcludedHeaders", pattern.excluded_headers())
        .with("IncludedHeaders", pattern.included_headers())
}

fn cookies(cookies: &types::Cookies) -> Props {
    Props::new()
        .with("MatchPattern", cookies.match_pattern().map(cookie_match_pattern))
        .with("MatchScope", cookies.match_scope().as_str())
        .with("OversizeHandling", cookies.oversize_handling().as_str())
}

fn cookie_match_pattern(pattern: &types::CookieMatchPattern) -> Props {
    Props::new()
        .with("All", pattern.all().map(|_| empty()))
        .with("ExcludedCookies", pattern.excluded_cookies())
        .with("IncludedCookies", pattern.included_cookies())
}

fn header_order(order: &types::HeaderOrder) -> Props {
    Props::new().with("OversizeHandling", order.oversize_handling().as_str())
}

fn ja3_fingerprint(fingerprint: &types::Ja3Fingerprint) -> Props {
    Props::new().with("FallbackBehavior", fingerprint.fallback_behavior().as_str())
}

fn ja4_fingerprint(fingerprint: &types::Ja4Fingerprint) -> Props {
    Props::new().with("FallbackBehavior", fingerprint.fallback_behavior().as_str())
}

fn uri_fragment(fragment: &types::UriFragment) -> Value {
    kept(Props::new().with("FallbackBehavior", fragment.fallback_behavior().map(types::FallbackBehavior::as_str)))
}

pub(super) fn text_transformation(transformation: &types::TextTransformation) -> Props {
    Props::new().with("Priority", transformation.priority()).with("Type", transformation.r#type().as_str())
}

pub(super) fn pre_parse_text_transformation(transformation: &types::PreParseTextTransformation) -> Props {
    Props::new().with("Priority", transformation.priority()).with("Type", transformation.r#type().as_str())
}
