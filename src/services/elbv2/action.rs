//! What a listener or a rule does with a request. The order of actions is their meaning.

use aws_sdk_elasticloadbalancingv2::types;
use serde_json::Value;

use crate::catalog::{Props, each};

/// How the schema writes a session timeout: text in a listener, a number in a rule.
#[derive(Debug, Clone, Copy)]
pub(super) enum Timeout {
    /// As text.
    Text,
    /// As a number.
    Number,
}

impl Timeout {
    fn of(self, seconds: Option<i64>) -> Option<Value> {
        seconds.map(|seconds| match self {
            Timeout::Text => Value::from(seconds.to_string()),
            Timeout::Number => Value::from(seconds),
        })
    }
}

/// Maps actions, in their order.
pub(super) fn all(actions: &[types::Action], timeout: Timeout) -> Vec<Props> {
    each(actions, |action| mapped(action, timeout))
}

fn mapped(action: &types::Action, timeout: Timeout) -> Props {
    let cognito = action.authenticate_cognito_config().map(|config| cognito(config, timeout));
    let oidc = action.authenticate_oidc_config().map(|config| oidc(config, timeout));
    Props::new()
        .with("AuthenticateCognitoConfig", cognito)
        .with("AuthenticateOidcConfig", oidc)
        .with("FixedResponseConfig", action.fixed_response_config().map(fixed_response))
        .with("ForwardConfig", action.forward_config().map(forward))
        .with("JwtValidationConfig", action.jwt_validation_config().map(jwt_validation))
        .with("Order", action.order())
        .with("RedirectConfig", action.redirect_config().map(redirect))
        .with("TargetGroupArn", action.target_group_arn())
        .with("Type", action.r#type().map(types::ActionTypeEnum::as_str))
}

fn cognito(config: &types::AuthenticateCognitoActionConfig, timeout: Timeout) -> Props {
    let otherwise = config.on_unauthenticated_request();
    Props::new()
        .with("AuthenticationRequestExtraParams", config.authentication_request_extra_params())
        .with(
            "OnUnauthenticatedRequest",
            otherwise.map(types::AuthenticateCognitoActionConditionalBehaviorEnum::as_str),
        )
        .with("Scope", config.scope())
        .with("SessionCookieName", config.session_cookie_name())
        .with("SessionTimeout", timeout.of(config.session_timeout()))
        .with("UserPoolArn", config.user_pool_arn())
        .with("UserPoolClientId", config.user_pool_client_id())
        .with("UserPoolDomain", config.user_pool_domain())
}

/// The client secret is never answered, and would not be kept.
fn oidc(config: &types::AuthenticateOidcActionConfig, timeout: Timeout) -> Props {
    let otherwise = config.on_unauthenticated_request();
    Props::new()
        .with("AuthenticationRequestExtraParams", config.authentication_request_extra_params())
        .with("AuthorizationEndpoint", config.authorization_endpoint())
        .with("ClientId", config.client_id())
        .with("Issuer", config.issuer())
        .with("OnUnauthenticatedRequest", otherwise.map(types::AuthenticateOidcActionConditionalBehaviorEnum::as_str))
        .with("Scope", config.scope())
        .with("SessionCookieName", config.session_cookie_name())
        .with("SessionTimeout", timeout.of(config.session_timeout()))
        .with("TokenEndpoint", config.token_endpoint())
        .with("UserInfoEndpoint", config.user_info_endpoint())
}

fn fixed_response(config: &types::FixedResponseActionConfig) -> Props {
    Props::new()
        .with("ContentType", config.content_type())
        .with("MessageBody", config.message_body())
        .with("StatusCode", config.status_code())
}

fn forward(config: &types::ForwardActionConfig) -> Props {
    let group = |group: &types::TargetGroupTuple| {
        Props::new().with("TargetGroupArn", group.target_group_arn()).with("Weight", group.weight())
    };
    let stickiness = config.target_group_stickiness_config().map(|stickiness| {
        Props::new().with("DurationSeconds", stickiness.duration_seconds()).with("Enabled", stickiness.enabled())
    });
    Props::new()
        .with("TargetGroupStickinessConfig", stickiness)
        .with("TargetGroups", each(config.target_groups(), group))
}

fn jwt_validation(config: &types::JwtValidationActionConfig) -> Props {
    let claim = |claim: &types::JwtValidationActionAdditionalClaim| {
        let format = claim.format().map(types::JwtValidationActionAdditionalClaimFormatEnum::as_str);
        Props::new().with("Format", format).with("Name", claim.name()).with("Values", claim.values())
    };
    Props::new()
        .with("AdditionalClaims", each(config.additional_claims(), claim))
        .with("Issuer", config.issuer())
        .with("JwksEndpoint", config.jwks_endpoint())
}

fn redirect(config: &types::RedirectActionConfig) -> Props {
    Props::new()
        .with("Host", config.host())
        .with("Path", config.path())
        .with("Port", config.port())
        .with("Protocol", config.protocol())
        .with("Query", config.query())
        .with("StatusCode", config.status_code().map(types::RedirectActionStatusCodeEnum::as_str))
}
