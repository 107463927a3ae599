//! What a rule looks for.

use aws_sdk_wafv2::types;

use super::action::{captcha_config, challenge_config, override_action, rule_action, visibility_config};
use super::empty;
use super::field::{field_to_match, pre_parse_text_transformation, text_transformation};
use super::managed::managed_rule_group_config;
use crate::catalog::{Props, each};

/// A rule in the shape of the schema.
pub(super) fn rule(rule: &types::Rule) -> Props {
    Props::new()
        .with("Action", rule.action().map(rule_action))
        .with("CaptchaConfig", rule.captcha_config().map(captcha_config))
        .with("ChallengeConfig", rule.challenge_config().map(challenge_config))
        .with("Name", rule.name())
        .with("OverrideAction", rule.override_action().map(override_action))
        .with("Priority", rule.priority())
        .with("RuleLabels", each(rule.rule_labels(), label))
        .with("Statement", rule.statement().map(statement))
        .with("VisibilityConfig", rule.visibility_config().map(visibility_config))
}

fn statement(statement: &types::Statement) -> Props {
    Props::new()
        .with("AndStatement", statement.and_statement().map(and_statement))
        .with("AsnMatchStatement", statement.asn_match_statement().map(asn_match_statement))
        .with("ByteMatchStatement", statement.byte_match_statement().map(byte_match_statement))
        .with("GeoMatchStatement", statement.geo_match_statement().map(geo_match_statement))
        .with("IPSetReferenceStatement", statement.ip_set_reference_statement().map(ip_set_reference_statement))
        .with("LabelMatchStatement", statement.label_match_statement().map(label_match_statement))
        .with("ManagedRuleGroupStatement", statement.managed_rule_group_statement().map(managed_rule_group_statement))
        .with("NotStatement", statement.not_statement().map(not_statement))
        .with("OrStatement", statement.or_statement().map(or_statement))
        .with("RateBasedStatement", statement.rate_based_statement().map(rate_based_statement))
        .with("RegexMatchStatement", statement.regex_match_statement().map(regex_match_statement))
        .with(
            "RegexPatternSetReferenceStatement",
            statement.regex_pattern_set_reference_statement().map(regex_pattern_set_reference_statement),
        )
        .with(
            "RuleGroupReferenceStatement",
            statement.rule_group_reference_statement().map(rule_group_reference_statement),
        )
        .with("SizeConstraintStatement", statement.size_constraint_statement().map(size_constraint_statement))
        .with("SqliMatchStatement", statement.sqli_match_statement().map(sqli_match_statement))
        .with("XssMatchStatement", statement.xss_match_statement().map(xss_match_statement))
}

fn byte_match_statement(statement: &types::ByteMatchStatement) -> Props {
    let bytes = statement.search_string().as_ref();
    let string = match std::str::from_utf8(bytes) {
        Ok(text) => ("SearchString", text.to_owned()),
        Err(_) => ("SearchStringBase64", aws_smithy_types::base64::encode(bytes)),
    };
    Props::new()
        .with("FieldToMatch", statement.field_to_match().map(field_to_match))
        .with("PositionalConstraint", statement.positional_constraint().as_str())
        .with(
            "PreParseTextTransformations",
            each(statement.pre_parse_text_transformations(), pre_parse_text_transformation),
        )
        .with(string.0, string.1)
        .with("TextTransformations", each(statement.text_transformations(), text_transformation))
}

fn sqli_match_statement(statement: &types::SqliMatchStatement) -> Props {
    Props::new()
        .with("FieldToMatch", statement.field_to_match().map(field_to_match))
        .with(
            "PreParseTextTransformations",
            each(statement.pre_parse_text_transformations(), pre_parse_text_transformation),
        )
        .with("SensitivityLevel", statement.sensitivity_level().map(types::SensitivityLevel::as_str))
        .with("TextTransformations", each(statement.text_transformations(), text_transformation))
}

fn xss_match_statement(statement: &types::XssMatchStatement) -> Props {
    Props::new()
        .with("FieldToMatch", statement.field_to_match().map(field_to_match))
        .with(
            "PreParseTextTransformations",
            each(statement.pre_parse_text_transformations(), pre_parse_text_transformation),
        )
        .with("TextTransformations", each(statement.text_transformations(), text_transformation))
}

fn size_constraint_statement(statement: &types::SizeConstraintStatement) -> Props {
    Props::new()
        .with("ComparisonOperator", statement.comparison_operator().as_str())
        .with("FieldToMatch", statement.field_to_match().map(field_to_match))
        .with(
            "PreParseTextTransformations",
            each(statement.pre_parse_text_transformations(), pre_parse_text_transformation),
        )
        .with("Size", statement.size())
        .with("TextTransformations", each(statement.text_transformations(), text_transformation))
}

fn geo_match_statement(statement: &types::GeoMatchStatement) -> Props {
    Props::new()
        .with("CountryCodes", statement.country_codes().iter().map(types::CountryCode::as_str).collect::<Vec<_>>())
        .with("ForwardedIPConfig", statement.forwarded_ip_config().map(forwarded_ip_config))
}

fn forwarded_ip_config(config: &types::ForwardedIpConfig) -> Props {
    Props::new().with("FallbackBehavior", config.fallback_behavior().as_str()).with("HeaderName", config.header_name())
}

fn rule_group_reference_statement(statement: &types::RuleGroupReferenceStatement) -> Props {
    Props::new()
        .with("Arn", statement.arn())
        .with("ExcludedRules", each(statement.excluded_rules(), excluded_rule))
        .with("RuleActionOverrides", each(statement.rule_action_overrides(), rule_action_override))
}

fn excluded_rule(rule: &types::ExcludedRule) -> Props {
    Props::new().with("Name", rule.name())
}

fn rule_action_override(of_rule: &types::RuleActionOverride) -> Props {
    Props::new().with("ActionToUse", of_rule.action_to_use().map(rule_action)).with("Name", of_rule.name())
}

fn ip_set_reference_statement(statement: &types::IpSetReferenceStatement) -> Props {
    Props::new()
        .with("Arn", statement.arn())
        .with("IPSetForwardedIPConfig", statement.ip_set_forwarded_ip_config().map(ip_set_forwarded_ip_config))
}

fn ip_set_forwarded_ip_config(config: &types::IpSetForwardedIpConfig) -> Props {
    Props::new()
        .with("FallbackBehavior", config.fallback_behavior().as_str())
        .with("HeaderName", config.header_name())
        .with("Position", config.position().as_str())
}

fn regex_pattern_set_reference_statement(statement: &types::RegexPatternSetReferenceStatement) -> Props {
    Props::new()
        .with("Arn", statement.arn())
        .with("FieldToMatch", statement.field_to_match().map(field_to_match))
        .with(
            "PreParseTextTransformations",
            each(statement.pre_parse_text_transformations(), pre_parse_text_transformation),
        )
        .with("TextTransformations", each(statement.text_transformations(), text_transformation))
}

fn rate_based_statement(rate: &types::RateBasedStatement) -> Props {
    Props::new()
        .with("AggregateKeyType", rate.aggregate_key_type().as_str())
        .with("CustomKeys", each(rate.custom_keys(), rate_based_statement_custom_key))
        .with("EvaluationWindowSec", rate.evaluation_window_sec())
        .with("ForwardedIPConfig", rate.forwarded_ip_config().map(forwarded_ip_config))
        .with("Limit", rate.limit())
        .with("ScopeDownStatement", rate.scope_down_statement().map(statement))
}

fn rate_based_statement_custom_key(key: &types::RateBasedStatementCustomKey) -> Props {
    Props::new()
        .with("ASN", key.asn().map(|_| empty()))
        .with("Cookie", key.cookie().map(rate_limit_cookie))
        .with("ForwardedIP", key.forwarded_ip().map(|_| empty()))
        .with("HTTPMethod", key.http_method().map(|_| empty()))
        .with("Header", key.header().map(rate_limit_header))
        .with("IP", key.ip().map(|_| empty()))
        .with("JA3Fingerprint", key.ja3_fingerprint().map(rate_limit_ja3_fingerprint))
        .with("JA4Fingerprint", key.ja4_fingerprint().map(rate_limit_ja4_fingerprint))
        .with("LabelNamespace", key.label_namespace().map(rate_limit_label_namespace))
        .with("QueryArgument", key.query_argument().map(rate_limit_query_argument))
        .with("QueryString", key.query_string().map(rate_limit_query_string))
        .with("UriPath", key.uri_path().map(rate_limit_uri_path))
}

fn rate_limit_header(header: &types::RateLimitHeader) -> Props {
    Props::new()
        .with("Name", header.name())
        .with("TextTransformations", each(header.text_transformations(), text_transformation))
}

fn rate_limit_cookie(cookie: &types::RateLimitCookie) -> Props {
    Props::new()
        .with("Name", cookie.name())
        .with("TextTransformations", each(cookie.text_transformations(), text_transformation))
}

fn rate_limit_query_argument(argument: &types::RateLimitQueryArgument) -> Props {
    Props::new()
        .with("Name", argument.name())
        .with("TextTransformations", each(argument.text_transformations(), text_transformation))
}

fn rate_limit_query_string(string: &types::RateLimitQueryString) -> Props {
    Props::new().with("TextTransformations", each(string.text_transformations(), text_transformation))
}

fn rate_limit_label_namespace(namespace: &types::RateLimitLabelNamespace) -> Props {
    Props::new().with("Namespace", namespace.namespace())
}

fn rate_limit_uri_path(path: &types::RateLimitUriPath) -> Props {
    Props::new().with("TextTransformations", each(path.text_transformations(), text_transformation))
}

fn rate_limit_ja3_fingerprint(fingerprint: &types::RateLimitJa3Fingerprint) -> Props {
    Props::new().with("FallbackBehavior", fingerprint.fallback_behavior().as_str())
}

fn rate_limit_ja4_fingerprint(fingerprint: &types::RateLimitJa4Fingerprint) -> Props {
    Props::new().with("FallbackBehavior", fingerprint.fallback_behavior().as_str())
}

fn and_statement(and: &types::AndStatement) -> Props {
    Props::new().with("Statements", each(and.statements(), statement))
}

fn or_statement(or: &types::OrStatement) -> Props {
    Props::new().with("Statements", each(or.statements(), statement))
}

fn not_statement(not: &types::NotStatement) -> Props {
    Props::new().with("Statement", not.statement().map(statement))
}

fn managed_rule_group_statement(managed: &types::ManagedRuleGroupStatement) -> Props {
    Props::new()
        .with("ExcludedRules", each(managed.excluded_rules(), excluded_rule))
        .with("ManagedRuleGroupConfigs", each(managed.managed_rule_group_configs(), managed_rule_group_config))
        .with("Name", managed.name())
        .with("RuleActionOverrides", each(managed.rule_action_overrides(), rule_action_override))
        .with("ScopeDownStatement", managed.scope_down_statement().map(statement))
        .with("VendorName", managed.vendor_name())
        .with("Version", managed.version())
}

fn label_match_statement(statement: &types::LabelMatchStatement) -> Props {
    Props::new().with("Key", statement.key()).with("Scope", statement.scope().as_str())
}

fn regex_match_statement(statement: &types::RegexMatchStatement) -> Props {
    Props::new()
        .with("FieldToMatch", statement.field_to_match().map(field_to_match))
        .with(
            "PreParseTextTransformations",
            each(statement.pre_parse_text_transformations(), pre_parse_text_transformation),
        )
        .with("RegexString", statement.regex_string())
        .with("TextTransformations", each(statement.text_transformations(), text_transformation))
}

fn asn_match_statement(statement: &types::AsnMatchStatement) -> Props {
    Props::new()
        .with("AsnList", statement.asn_list().to_vec())
        .with("ForwardedIPConfig", statement.forwarded_ip_config().map(forwarded_ip_config))
}

fn label(label: &types::Label) -> Props {
    Props::new().with("Name", label.name())
}
