//! What a REST API is made of.

use std::collections::HashMap;

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::{
    Authorizer, AuthorizerType, ConnectionType, ContentHandlingStrategy, GatewayResponse, GatewayResponseType,
    Integration, IntegrationResponse, IntegrationType, Method, MethodResponse, Model, RequestValidator, Resource,
    ResponseTransferMode,
};

use super::{PAGE, READ};
use crate::aws::{Call, CallError, pages};
use crate::catalog::{Props, each, json_document};

type Parts = Result<Vec<Props>, CallError>;

/// The resources, each with its methods.
pub(super) async fn resources(gateway: &Client, api: &str) -> Parts {
    let call = gateway.get_resources().rest_api_id(api).embed("methods").limit(PAGE);
    let resources: Vec<_> = call.into_paginator().items().send().try_collect().await.at(READ)?;
    Ok(each(&resources, resource))
}

/// The models; AWS gives each new API two.
pub(super) async fn models(gateway: &Client, api: &str) -> Parts {
    let call = gateway.get_models().rest_api_id(api).limit(PAGE);
    let models: Vec<_> = call.into_paginator().items().send().try_collect().await.at(READ)?;
    Ok(each(&models, model))
}

/// The authorizers.
pub(super) async fn authorizers(gateway: &Client, api: &str) -> Parts {
    let found = pages(READ, async |position| {
        let page = gateway.get_authorizers().rest_api_id(api).limit(PAGE).set_position(position).send().await;
        page.at(READ).map(|page| (page.items.unwrap_or_default(), page.position))
    });
    Ok(each(&found.await?, authorizer))
}

/// The request validators.
pub(super) async fn validators(gateway: &Client, api: &str) -> Parts {
    let found = pages(READ, async |position| {
        let page = gateway.get_request_validators().rest_api_id(api).limit(PAGE).set_position(position).send().await;
        page.at(READ).map(|page| (page.items.unwrap_or_default(), page.position))
    });
    Ok(each(&found.await?, validator))
}

/// The gateway responses that someone changed. AWS lists the others as well, as they would be.
pub(super) async fn gateway_responses(gateway: &Client, api: &str) -> Parts {
    let found = pages(READ, async |position| {
        let page = gateway.get_gateway_responses().rest_api_id(api).limit(PAGE).set_position(position).send().await;
        page.at(READ).map(|page| (page.items.unwrap_or_default(), page.position))
    });
    let found = found.await?;
    Ok(found.iter().filter(|response| !response.default_response()).map(gateway_response).collect())
}

fn resource(resource: &Resource) -> Props {
    let methods = resource.resource_methods().into_iter().flatten();
    Props::new()
        .with("path", resource.path())
        .with("PathPart", resource.path_part())
        .with("methods", methods.map(|(verb, each)| method(verb, each)).collect::<Vec<_>>())
}

fn method(verb: &str, method: &Method) -> Props {
    Props::new()
        .with("ApiKeyRequired", method.api_key_required())
        .with("AuthorizationScopes", method.authorization_scopes())
        .with("AuthorizationType", method.authorization_type())
        .with("AuthorizerId", method.authorizer_id())
        .with("HttpMethod", verb)
        .with("Integration", method.method_integration().map(integration))
        .with("MethodResponses", all(method.method_responses(), method_response))
        .with("OperationName", method.operation_name())
        .with("RequestModels", method.request_models())
        .with("RequestParameters", method.request_parameters().map(flags))
        .with("RequestValidatorId", method.request_validator_id())
}

/// Responses come under their status codes, which they hold themselves.
fn all<T>(responses: Option<&HashMap<String, T>>, map: impl Fn(&T) -> Props) -> Vec<Props> {
    responses.into_iter().flat_map(HashMap::values).map(map).collect()
}

fn flags(flags: &HashMap<String, bool>) -> Props {
    flags.iter().fold(Props::new(), |props, (name, flag)| props.with(name, *flag))
}

fn method_response(response: &MethodResponse) -> Props {
    Props::new()
        .with("ResponseModels", response.response_models())
        .with("ResponseParameters", response.response_parameters().map(flags))
        .with("StatusCode", response.status_code())
}

fn integration(integration: &Integration) -> Props {
    let transfer = integration.response_transfer_mode();
    let tls = integration.tls_config();
    let tls = tls.map(|tls| Props::new().with("InsecureSkipVerification", tls.insecure_skip_verification()));
    Props::new()
        .with("CacheKeyParameters", integration.cache_key_parameters())
        .with("CacheNamespace", integration.cache_namespace())
        .with("ConnectionId", integration.connection_id())
        .with("ConnectionType", integration.connection_type().map(ConnectionType::as_str))
        .with("ContentHandling", integration.content_handling().map(ContentHandlingStrategy::as_str))
        .with("Credentials", integration.credentials())
        .with("IntegrationHttpMethod", integration.http_method())
        .with("IntegrationResponses", all(integration.integration_responses(), integration_response))
        .with("IntegrationTarget", integration.integration_target())
        .with("PassthroughBehavior", integration.passthrough_behavior())
        .with("RequestParameters", integration.request_parameters())
        .with("RequestTemplates", integration.request_templates())
        .with("ResponseTransferMode", transfer.map(ResponseTransferMode::as_str))
        .with("TimeoutInMillis", integration.timeout_in_millis())
        .with("Type", integration.r#type().map(IntegrationType::as_str))
        .with("Uri", integration.uri())
        // The schema has no place for it.
        .with("tlsConfig", tls)
}

fn integration_response(response: &IntegrationResponse) -> Props {
    Props::new()
        .with("ContentHandling", response.content_handling().map(ContentHandlingStrategy::as_str))
        .with("ResponseParameters", response.response_parameters())
        .with("ResponseTemplates", response.response_templates())
        .with("SelectionPattern", response.selection_pattern())
        .with("StatusCode", response.status_code())
}

fn authorizer(authorizer: &Authorizer) -> Props {
    Props::new()
        .with("AuthType", authorizer.auth_type())
        .with("AuthorizerCredentials", authorizer.authorizer_credentials())
        .with("AuthorizerId", authorizer.id())
        .with("AuthorizerResultTtlInSeconds", authorizer.authorizer_result_ttl_in_seconds())
        .with("AuthorizerUri", authorizer.authorizer_uri())
        .with("IdentitySource", authorizer.identity_source())
        .with("IdentityValidationExpression", authorizer.identity_validation_expression())
        .with("Name", authorizer.name())
        .with("ProviderARNs", authorizer.provider_arns())
        .with("Type", authorizer.r#type().map(AuthorizerType::as_str))
}

fn model(model: &Model) -> Props {
    Props::new()
        .with("ContentType", model.content_type())
        .with("Description", model.description())
        .with("Name", model.name())
        .with("Schema", json_document(model.schema()))
}

fn validator(validator: &RequestValidator) -> Props {
    Props::new()
        .with("Name", validator.name())
        .with("RequestValidatorId", validator.id())
        .with("ValidateRequestBody", validator.validate_request_body())
        .with("ValidateRequestParameters", validator.validate_request_parameters())
}

fn gateway_response(response: &GatewayResponse) -> Props {
    Props::new()
        .with("ResponseParameters", response.response_parameters())
        .with("ResponseTemplates", response.response_templates())
        .with("ResponseType", response.response_type().map(GatewayResponseType::as_str))
        .with("StatusCode", response.status_code())
}
