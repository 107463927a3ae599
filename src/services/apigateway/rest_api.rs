//! REST APIs, each with its resources and methods, authorizers, models, validators and gateway responses.

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::{
    ApiKeySourceType, ApiStatus, EndpointAccessMode, EndpointConfiguration, EndpointType, IpAddressType, RestApi,
    SecurityPolicy,
};
use serde_json::Value;

use super::rest_api_parts as parts;
use super::{GONE, READ, arn};
use crate::aws::{Call, CallError, Cx, Hands, vanished};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, policy_document,
};
use crate::model::Step;

/// `AWS::ApiGateway::RestApi`, with its `Resource`s (as `resources`, by path), their `Method`s (as `methods` in them),
/// and as `authorizers`, `models`, `requestValidators` and `gatewayResponses` what these types hold.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ApiGateway::RestApi",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("createdDate"),
    sets: &[
        "BinaryMediaTypes",
        "EndpointConfiguration.Types",
        "EndpointConfiguration.VpcEndpointIds",
        "authorizers",
        "authorizers.*.ProviderARNs",
        "gatewayResponses",
        "models",
        "requestValidators",
        "resources",
        "resources.*.methods",
        "resources.*.methods.*.AuthorizationScopes",
        "resources.*.methods.*.Integration.CacheKeyParameters",
        "resources.*.methods.*.Integration.IntegrationResponses",
        "resources.*.methods.*.MethodResponses",
    ],
    // Constants in them are where people put keys of backends.
    secrets: &[
        "resources.*.methods.*.Integration.RequestParameters.*",
        "resources.*.methods.*.Integration.IntegrationResponses.*.ResponseParameters.*",
    ],
    left_out: &[
        LeftOut { path: "items[].warnings[]", why: "remarks on a request" },
        LeftOut { path: "GetResources:items[].id", why: "chosen at random: a resource is known by its path" },
        LeftOut { path: "GetResources:items[].parentId", why: "chosen at random: the path says it" },
        LeftOut { path: "GetResources:items[].resourceMethods.*.httpMethod", why: "the key of the method says it" },
        LeftOut { path: "GetModels:items[].id", why: "chosen at random: a model is known by its name" },
    ],
    unmapped: &[
        Unmapped { path: "Body", why: "how it is made; AWS answers its parts" },
        Unmapped { path: "BodyS3Location", why: "how it is made; AWS answers its parts" },
        Unmapped { path: "CloneFrom", why: "how it is made; never answered" },
        Unmapped { path: "FailOnWarnings", why: "how it is made; never answered" },
        Unmapped { path: "Mode", why: "how it is made; never answered" },
        Unmapped { path: "Parameters", why: "how it is made; never answered" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[],
    read_actions: &["apigateway:GET"],
    delete: Delete::Call(Recipe {
        operation: "DeleteRestApi",
        actions: &["apigateway:DELETE"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 2,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let apis = super::apis(cx).await?;
    let wanted = apis.iter().filter(|api| cx.wants(api.id().unwrap_or_default())).cloned().collect();
    cx.each(wanted, async |api| describe(cx, &api).await).await
}

async fn describe(cx: &Cx, api: &RestApi) -> Result<Option<Draft>, CallError> {
    let gateway: Client = cx.client();
    let id = api.id().unwrap_or_default();
    let (resources, authorizers, models, validators, responses) = tokio::join!(
        parts::resources(&gateway, id),
        parts::authorizers(&gateway, id),
        parts::models(&gateway, id),
        parts::validators(&gateway, id),
        parts::gateway_responses(&gateway, id),
    );
    let errors = [
        resources.as_ref().err(),
        authorizers.as_ref().err(),
        models.as_ref().err(),
        validators.as_ref().err(),
        responses.as_ref().err(),
    ];
    let again = gateway.get_rest_api().rest_api_id(id).send();
    if vanished(errors, GONE, async { again.await.at(READ) }).await? {
        return Ok(None);
    }
    let draft = map(cx, api)
        .sub("resources", resources)?
        .sub("authorizers", authorizers)?
        .sub("models", models)?
        .sub("requestValidators", validators)?
        .sub("gatewayResponses", responses)?;
    Ok(Some(draft))
}

fn map(cx: &Cx, api: &RestApi) -> Draft {
    let id = api.id().unwrap_or_default();
    Draft::new(id)
        .arn(arn(cx, &format!("/restapis/{id}")).as_str())
        .name(api.name())
        .created(api.created_date())
        .tags(api.tags().into_iter().flatten())
        .with("ApiKeySourceType", api.api_key_source().map(ApiKeySourceType::as_str))
        .with("BinaryMediaTypes", api.binary_media_types())
        .with("Description", api.description())
        .with("DisableExecuteApiEndpoint", api.disable_execute_api_endpoint())
        .with("EndpointAccessMode", api.endpoint_access_mode().map(EndpointAccessMode::as_str))
        .with("EndpointConfiguration", api.endpoint_configuration().map(api_endpoint))
        .with("MinimumCompressionSize", api.minimum_compression_size())
        .with("Name", api.name())
        .with("Policy", policy_document(api.policy().map(unescaped).as_deref()))
        .with("SecurityPolicy", api.security_policy().map(SecurityPolicy::as_str))
        .with("Version", api.version())
        .observed("RootResourceId", api.root_resource_id())
        .observed("ApiStatus", api.api_status().map(ApiStatus::as_str))
        .observed("ApiStatusMessage", api.api_status_message())
}

pub(super) fn endpoint(endpoint: &EndpointConfiguration) -> Props {
    Props::new()
        .with("IpAddressType", endpoint.ip_address_type().map(IpAddressType::as_str))
        .with("Types", endpoint.types().iter().map(EndpointType::as_str).collect::<Vec<_>>())
}

fn api_endpoint(of_api: &EndpointConfiguration) -> Props {
    endpoint(of_api).with("VpcEndpointIds", of_api.vpc_endpoint_ids())
}

/// The service answers a policy as the inside of a JSON text: every quote has a backslash.
pub(super) fn unescaped(policy: &str) -> String {
    match serde_json::from_str::<Value>(&format!("\"{policy}\"")) {
        Ok(Value::String(document)) => document,
        _ => policy.to_owned(),
    }
}

async fn delete(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let gateway: Client = hands.client();
    hands.call(step, gateway.delete_rest_api().rest_api_id(hands.id()).send()).await?;
    Ok(Progress::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read_escaped_or_not() {
        let document = r#"{"Version":"2012-10-17"}"#;
        assert_eq!(unescaped(r#"{\"Version\":\"2012-10-17\"}"#), document);
        assert_eq!(unescaped(document), document);
    }
}
