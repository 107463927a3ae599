//! What an HTTP or `WebSocket` API is made of.

use std::collections::HashMap;

use aws_sdk_apigatewayv2::Client;
use aws_sdk_apigatewayv2::types::{
    AccessLogSettings, AuthorizationType, Authorizer, AuthorizerType, ConnectionType, ContentHandlingStrategy,
    Integration, IntegrationType, JwtConfiguration, LoggingLevel, Model, PassthroughBehavior, Route, RouteSettings,
    Stage, TlsConfig,
};

use super::{PAGE, READ};
use crate::aws::{Call, CallError, pages};
use crate::catalog::{Props, each, json_document, keyed};

type Parts = Result<Vec<Props>, CallError>;

/// One list of parts: the call, its builder's method and the mapping.
macro_rules! list {
    ($(#[$doc:meta])* $name:ident, $call:ident, $map:ident) => {
        $(#[$doc])*
        pub(super) async fn $name(gateway: &Client, api: &str) -> Parts {
            let found = pages(READ, async |token| {
                let page = gateway.$call().api_id(api).max_results(PAGE).set_next_token(token).send().await;
                page.at(READ).map(|page| (page.items.unwrap_or_default(), page.next_token))
            });
            Ok(each(&found.await?, $map))
        }
    };
}

list!(
    /// The routes.
    routes,
    get_routes,
    route
);
list!(
    /// The integrations.
    integrations,
    get_integrations,
    integration
);
list!(
    /// The stages.
    stages,
    get_stages,
    stage
);
list!(
    /// The authorizers.
    authorizers,
    get_authorizers,
    authorizer
);
list!(
    /// The models.
    models,
    get_models,
    model
);

fn route(route: &Route) -> Props {
    Props::new()
        .with("ApiKeyRequired", route.api_key_required())
        .with("AuthorizationScopes", route.authorization_scopes())
        .with("AuthorizationType", route.authorization_type().map(AuthorizationType::as_str))
        .with("AuthorizerId", route.authorizer_id())
        .with("ModelSelectionExpression", route.model_selection_expression())
        .with("OperationName", route.operation_name())
        .with("RequestModels", route.request_models())
        .with(
            "RequestParameters",
            keyed(route.request_parameters(), |parameter| Props::new().with("Required", parameter.required())),
        )
        .with("RouteKey", route.route_key())
        .with("RouteResponseSelectionExpression", route.route_response_selection_expression())
        .with("Target", route.target())
}

fn integration(integration: &Integration) -> Props {
    let selection = integration.integration_response_selection_expression();
    let strategy = integration.content_handling_strategy();
    Props::new()
        .with("ConnectionId", integration.connection_id())
        .with("ConnectionType", integration.connection_type().map(ConnectionType::as_str))
        .with("ContentHandlingStrategy", strategy.map(ContentHandlingStrategy::as_str))
        .with("CredentialsArn", integration.credentials_arn())
        .with("Description", integration.description())
        // Routes name it as their target.
        .with("IntegrationId", integration.integration_id())
        .with("IntegrationMethod", integration.integration_method())
        .with("IntegrationSubtype", integration.integration_subtype())
        .with("IntegrationType", integration.integration_type().map(IntegrationType::as_str))
        .with("IntegrationUri", integration.integration_uri())
        .with("PassthroughBehavior", integration.passthrough_behavior().map(PassthroughBehavior::as_str))
        .with("PayloadFormatVersion", integration.payload_format_version())
        .with("RequestParameters", integration.request_parameters())
        .with("RequestTemplates", integration.request_templates())
        .with("ResponseParameters", keyed(integration.response_parameters(), response_parameters))
        .with("TemplateSelectionExpression", integration.template_selection_expression())
        .with("TimeoutInMillis", integration.timeout_in_millis())
        .with("TlsConfig", integration.tls_config().map(tls))
        // The schema has no place for it.
        .with("integrationResponseSelectionExpression", selection)
}

/// The service answers a map from destination to source, the schema has a list.
fn response_parameters(parameters: &HashMap<String, String>) -> Props {
    let list = parameters.iter().map(|(to, from)| Props::new().with("Destination", to).with("Source", from));
    Props::new().with("ResponseParameters", list.collect::<Vec<_>>())
}

fn tls(tls: &TlsConfig) -> Props {
    Props::new().with("ServerNameToVerify", tls.server_name_to_verify())
}

fn stage(stage: &Stage) -> Props {
    // Where each change is deployed at once, the deployment is no one's choice.
    let deployment = stage.deployment_id().filter(|_| stage.auto_deploy() != Some(true));
    let tags = stage.tags().into_iter().flatten().filter(|(key, _)| !key.starts_with("aws:"));
    Props::new()
        .with("AccessLogSettings", stage.access_log_settings().map(access_log))
        .with("AutoDeploy", stage.auto_deploy())
        .with("ClientCertificateId", stage.client_certificate_id())
        .with("DefaultRouteSettings", stage.default_route_settings().map(route_settings))
        .with("DeploymentId", deployment)
        .with("Description", stage.description())
        .with("RouteSettings", keyed(stage.route_settings(), route_settings))
        .with("StageName", stage.stage_name())
        .with("StageVariables", stage.stage_variables())
        .with("Tags", tags.fold(Props::new(), |props, (key, value)| props.with(key, value)))
}

fn access_log(log: &AccessLogSettings) -> Props {
    Props::new().with("DestinationArn", log.destination_arn()).with("Format", log.format())
}

fn route_settings(settings: &RouteSettings) -> Props {
    Props::new()
        .with("DataTraceEnabled", settings.data_trace_enabled())
        .with("DetailedMetricsEnabled", settings.detailed_metrics_enabled())
        .with("LoggingLevel", settings.logging_level().map(LoggingLevel::as_str))
        .with("ThrottlingBurstLimit", settings.throttling_burst_limit())
        .with("ThrottlingRateLimit", settings.throttling_rate_limit())
}

fn authorizer(authorizer: &Authorizer) -> Props {
    Props::new()
        .with("AuthorizerCredentialsArn", authorizer.authorizer_credentials_arn())
        // Routes name it.
        .with("AuthorizerId", authorizer.authorizer_id())
        .with("AuthorizerPayloadFormatVersion", authorizer.authorizer_payload_format_version())
        .with("AuthorizerResultTtlInSeconds", authorizer.authorizer_result_ttl_in_seconds())
        .with("AuthorizerType", authorizer.authorizer_type().map(AuthorizerType::as_str))
        .with("AuthorizerUri", authorizer.authorizer_uri())
        .with("EnableSimpleResponses", authorizer.enable_simple_responses())
        .with("IdentitySource", authorizer.identity_source())
        .with("IdentityValidationExpression", authorizer.identity_validation_expression())
        .with("JwtConfiguration", authorizer.jwt_configuration().map(jwt))
        .with("Name", authorizer.name())
}

fn jwt(jwt: &JwtConfiguration) -> Props {
    Props::new().with("Audience", jwt.audience()).with("Issuer", jwt.issuer())
}

fn model(model: &Model) -> Props {
    Props::new()
        .with("ContentType", model.content_type())
        .with("Description", model.description())
        .with("Name", model.name())
        .with("Schema", json_document(model.schema()))
}
