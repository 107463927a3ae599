//! What a distribution is configured to do.

use aws_sdk_cloudfront::types;

use crate::catalog::{Props, each};

/// The configuration in the shape of the schema: lists without their counts.
pub(super) fn config(config: &types::DistributionConfig) -> Props {
    let errors = config.custom_error_responses();
    let groups = config.origin_groups().filter(|groups| !groups.items().is_empty());
    Props::new()
        .with("Aliases", config.aliases().map(types::Aliases::items))
        .with("AnycastIpListId", config.anycast_ip_list_id())
        .with("CacheBehaviors", config.cache_behaviors().map(|all| each(all.items(), cache_behavior)))
        .with("CacheTagConfig", config.cache_tag_config().map(cache_tag_config))
        .with("Comment", config.comment())
        .with(
            "ConnectionFunctionAssociation",
            config.connection_function_association().map(connection_function_association),
        )
        .with("ConnectionMode", config.connection_mode().map(types::ConnectionMode::as_str))
        .with("ContinuousDeploymentPolicyId", config.continuous_deployment_policy_id())
        .with("CustomErrorResponses", errors.map(|all| each(all.items(), custom_error_response)))
        .with("DefaultCacheBehavior", config.default_cache_behavior().map(default_cache_behavior))
        .with("DefaultRootObject", config.default_root_object())
        .with("Enabled", config.enabled())
        .with("HttpVersion", config.http_version().map(types::HttpVersion::as_str))
        .with("IPV6Enabled", config.is_ipv6_enabled())
        .with("Logging", config.logging().and_then(logging))
        .with("OriginGroups", groups.map(origin_groups))
        .with("Origins", config.origins().map(|all| each(all.items(), origin)))
        .with("PriceClass", config.price_class().map(types::PriceClass::as_str))
        .with("Restrictions", config.restrictions().map(restrictions))
        .with("Staging", config.staging())
        .with("TenantConfig", config.tenant_config().map(tenant_config))
        .with("ViewerCertificate", config.viewer_certificate().map(viewer_certificate))
        .with("ViewerMtlsConfig", config.viewer_mtls_config().map(viewer_mtls_config))
        .with("WebACLId", config.web_acl_id())
}

/// The default behaviour and the others are two types with the same fields.
macro_rules! behavior {
    ($behavior:expr) => {{
        let behavior = $behavior;
        let methods = behavior.allowed_methods();
        let cached = methods.and_then(types::AllowedMethods::cached_methods).map(types::CachedMethods::items);
        let functions = behavior.function_associations();
        let lambdas = behavior.lambda_function_associations();
        Props::new()
            .with("AllowedMethods", methods.map(types::AllowedMethods::items).map(methods_of))
            .with("CachePolicyId", behavior.cache_policy_id())
            .with("CachedMethods", cached.map(methods_of))
            .with("Compress", behavior.compress())
            .with("FieldLevelEncryptionId", behavior.field_level_encryption_id())
            .with("FunctionAssociations", functions.map(|all| each(all.items(), function_association)))
            .with("GrpcConfig", behavior.grpc_config().map(grpc_config))
            .with("LambdaFunctionAssociations", lambdas.map(|all| each(all.items(), lambda_function_association)))
            .with("OriginRequestPolicyId", behavior.origin_request_policy_id())
            .with("RealtimeLogConfigArn", behavior.realtime_log_config_arn())
            .with("ResponseHeadersPolicyId", behavior.response_headers_policy_id())
            .with("SmoothStreaming", behavior.smooth_streaming())
            .with("TargetOriginId", behavior.target_origin_id())
            .with("TrustedKeyGroups", behavior.trusted_key_groups().map(types::TrustedKeyGroups::items))
            .with("TrustedSigners", behavior.trusted_signers().map(types::TrustedSigners::items))
            .with("ViewerProtocolPolicy", behavior.viewer_protocol_policy().as_str())
    }};
}

#[expect(deprecated, reason = "old distributions have these settings instead of a cache policy")]
fn default_cache_behavior(behavior: &types::DefaultCacheBehavior) -> Props {
    behavior!(behavior)
        .with("DefaultTTL", behavior.default_ttl())
        .with("ForwardedValues", behavior.forwarded_values().map(forwarded_values))
        .with("MaxTTL", behavior.max_ttl())
        .with("MinTTL", behavior.min_ttl())
}

#[expect(deprecated, reason = "old distributions have these settings instead of a cache policy")]
fn cache_behavior(behavior: &types::CacheBehavior) -> Props {
    behavior!(behavior)
        .with("DefaultTTL", behavior.default_ttl())
        .with("ForwardedValues", behavior.forwarded_values().map(forwarded_values))
        .with("MaxTTL", behavior.max_ttl())
        .with("MinTTL", behavior.min_ttl())
        .with("PathPattern", behavior.path_pattern())
}

fn methods_of(methods: &[types::Method]) -> Vec<&str> {
    methods.iter().map(types::Method::as_str).collect()
}

/// The schema has no switch: what does not log has no settings.
fn logging(logging: &types::LoggingConfig) -> Option<Props> {
    let settings = Props::new()
        .with("Bucket", logging.bucket())
        .with("IncludeCookies", logging.include_cookies())
        .with("Prefix", logging.prefix());
    logging.enabled().then_some(settings)
}

fn origin_groups(groups: &types::OriginGroups) -> Props {
    Props::new().with("Items", each(groups.items(), origin_group)).with("Quantity", groups.quantity())
}

fn origin_group(group: &types::OriginGroup) -> Props {
    let codes = group.failover_criteria().and_then(types::OriginGroupFailoverCriteria::status_codes);
    Props::new()
        .with("FailoverCriteria", Props::new().with("StatusCodes", codes.map(status_codes)))
        .with("Id", group.id())
        .with("Members", group.members().map(members))
        .with("SelectionCriteria", group.selection_criteria().map(types::OriginGroupSelectionCriteria::as_str))
}

fn status_codes(codes: &types::StatusCodes) -> Props {
    Props::new().with("Items", codes.items().to_vec()).with("Quantity", codes.quantity())
}

/// The first is asked first.
fn members(members: &types::OriginGroupMembers) -> Props {
    let items = members.items().iter().map(|member| Props::new().with("OriginId", member.origin_id()));
    Props::new().with("Items", items.collect::<Vec<_>>()).with("Quantity", members.quantity())
}

fn viewer_certificate(certificate: &types::ViewerCertificate) -> Props {
    let protocol = certificate.minimum_protocol_version();
    Props::new()
        .with("AcmCertificateArn", certificate.acm_certificate_arn())
        .with("CloudFrontDefaultCertificate", certificate.cloud_front_default_certificate())
        .with("IamCertificateId", certificate.iam_certificate_id())
        .with("MinimumProtocolVersion", protocol.map(types::MinimumProtocolVersion::as_str))
        .with("SslSupportMethod", certificate.ssl_support_method().map(types::SslSupportMethod::as_str))
}

fn geo_restriction(restriction: &types::GeoRestriction) -> Props {
    Props::new().with("Locations", restriction.items()).with("RestrictionType", restriction.restriction_type().as_str())
}

fn s3_origin_config(config: &types::S3OriginConfig) -> Props {
    Props::new()
        .with("OriginAccessIdentity", config.origin_access_identity())
        .with("OriginReadTimeout", config.origin_read_timeout())
}

fn origin(origin: &types::Origin) -> Props {
    Props::new()
        .with("Id", origin.id())
        .with("DomainName", origin.domain_name())
        .with("OriginPath", origin.origin_path())
        .with("OriginCustomHeaders", origin.custom_headers().map(|list| each(list.items(), origin_custom_header)))
        .with("S3OriginConfig", origin.s3_origin_config().map(s3_origin_config))
        .with("CustomOriginConfig", origin.custom_origin_config().map(custom_origin_config))
        .with("VpcOriginConfig", origin.vpc_origin_config().map(vpc_origin_config))
        .with("ConnectionAttempts", origin.connection_attempts())
        .with("ConnectionTimeout", origin.connection_timeout())
        .with("ResponseCompletionTimeout", origin.response_completion_timeout())
        .with("OriginShield", origin.origin_shield().map(origin_shield))
        .with("OriginAccessControlId", origin.origin_access_control_id())
}

fn origin_custom_header(header: &types::OriginCustomHeader) -> Props {
    Props::new().with("HeaderName", header.header_name()).with("HeaderValue", header.header_value())
}

fn custom_origin_config(config: &types::CustomOriginConfig) -> Props {
    Props::new()
        .with("HTTPPort", config.http_port())
        .with("HTTPSPort", config.https_port())
        .with("OriginProtocolPolicy", config.origin_protocol_policy().as_str())
        .with(
            "OriginSSLProtocols",
            config
                .origin_ssl_protocols()
                .map(|all| all.items().iter().map(types::SslProtocol::as_str).collect::<Vec<_>>()),
        )
        .with("OriginReadTimeout", config.origin_read_timeout())
        .with("OriginKeepaliveTimeout", config.origin_keepalive_timeout())
        .with("IpAddressType", config.ip_address_type().map(types::IpAddressType::as_str))
        .with("OriginMtlsConfig", config.origin_mtls_config().map(origin_mtls_config))
}

fn origin_mtls_config(config: &types::OriginMtlsConfig) -> Props {
    Props::new().with("ClientCertificateArn", config.client_certificate_arn())
}

fn vpc_origin_config(config: &types::VpcOriginConfig) -> Props {
    Props::new()
        .with("VpcOriginId", config.vpc_origin_id())
        .with("OwnerAccountId", config.owner_account_id())
        .with("OriginReadTimeout", config.origin_read_timeout())
        .with("OriginKeepaliveTimeout", config.origin_keepalive_timeout())
}

fn origin_shield(shield: &types::OriginShield) -> Props {
    Props::new().with("Enabled", shield.enabled()).with("OriginShieldRegion", shield.origin_shield_region())
}

fn lambda_function_association(association: &types::LambdaFunctionAssociation) -> Props {
    Props::new()
        .with("LambdaFunctionARN", association.lambda_function_arn())
        .with("EventType", association.event_type().as_str())
        .with("IncludeBody", association.include_body())
}

fn function_association(association: &types::FunctionAssociation) -> Props {
    Props::new().with("FunctionARN", association.function_arn()).with("EventType", association.event_type().as_str())
}

fn grpc_config(config: &types::GrpcConfig) -> Props {
    Props::new().with("Enabled", config.enabled())
}

fn forwarded_values(values: &types::ForwardedValues) -> Props {
    Props::new()
        .with("QueryString", values.query_string())
        .with("Cookies", values.cookies().map(cookie_preference))
        .with("Headers", values.headers().map(types::Headers::items))
        .with("QueryStringCacheKeys", values.query_string_cache_keys().map(types::QueryStringCacheKeys::items))
}

fn cookie_preference(preference: &types::CookiePreference) -> Props {
    Props::new()
        .with("Forward", preference.forward().as_str())
        .with("WhitelistedNames", preference.whitelisted_names().map(types::CookieNames::items))
}

fn custom_error_response(response: &types::CustomErrorResponse) -> Props {
    Props::new()
        .with("ErrorCode", response.error_code())
        .with("ResponsePagePath", response.response_page_path())
        // The schema has it as a number.
        .with("ResponseCode", response.response_code().and_then(|code| code.parse::<i64>().ok()))
        .with("ErrorCachingMinTTL", response.error_caching_min_ttl())
}

fn restrictions(restrictions: &types::Restrictions) -> Props {
    Props::new().with("GeoRestriction", restrictions.geo_restriction().map(geo_restriction))
}

fn tenant_config(config: &types::TenantConfig) -> Props {
    Props::new().with("ParameterDefinitions", each(config.parameter_definitions(), parameter_definition))
}

fn parameter_definition(definition: &types::ParameterDefinition) -> Props {
    Props::new()
        .with("Name", definition.name())
        .with("Definition", definition.definition().map(parameter_definition_schema))
}

fn parameter_definition_schema(schema: &types::ParameterDefinitionSchema) -> Props {
    Props::new().with("StringSchema", schema.string_schema().map(string_schema_config))
}

fn string_schema_config(config: &types::StringSchemaConfig) -> Props {
    Props::new()
        .with("Comment", config.comment())
        .with("DefaultValue", config.default_value())
        .with("Required", config.required())
}

fn viewer_mtls_config(config: &types::ViewerMtlsConfig) -> Props {
    Props::new()
        .with("Mode", config.mode().as_str())
        .with("TrustStoreConfig", config.trust_store_config().map(trust_store_config))
}

fn trust_store_config(config: &types::TrustStoreConfig) -> Props {
    Props::new()
        .with("TrustStoreId", config.trust_store_id())
        .with("AdvertiseTrustStoreCaNames", config.advertise_trust_store_ca_names())
        .with("IgnoreCertificateExpiry", config.ignore_certificate_expiry())
}

fn connection_function_association(association: &types::ConnectionFunctionAssociation) -> Props {
    Props::new().with("Id", association.id())
}

fn cache_tag_config(config: &types::CacheTagConfig) -> Props {
    Props::new().with("HeaderName", config.header_name())
}
