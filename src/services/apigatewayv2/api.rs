//! HTTP and `WebSocket` APIs, each with its routes, integrations, stages and authorizers.

use aws_sdk_apigatewayv2::Client;
use aws_sdk_apigatewayv2::types::{Api, Cors, IpAddressType, ProtocolType};

use super::{GONE, PAGE, READ, api_parts as parts, arn};
use crate::aws::{Call, CallError, Cx, Hands, pages, vanished};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped,
};
use crate::model::Step;

/// `AWS::ApiGatewayV2::Api`, with what `Route`, `Integration`, `Stage`, `Authorizer` and `Model` hold as `routes`,
/// `integrations`, `stages`, `authorizers` and `models`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ApiGatewayV2::Api",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreatedDate"),
    sets: &[
        "CorsConfiguration.AllowHeaders",
        "CorsConfiguration.AllowMethods",
        "CorsConfiguration.AllowOrigins",
        "CorsConfiguration.ExposeHeaders",
        "authorizers",
        "authorizers.*.IdentitySource",
        "authorizers.*.JwtConfiguration.Audience",
        "integrations",
        "integrations.*.ResponseParameters.*.ResponseParameters",
        "models",
        "routes",
        "routes.*.AuthorizationScopes",
        "stages",
    ],
    // Constants in them are where people put keys of backends.
    secrets: &[
        "integrations.*.RequestParameters.*",
        "integrations.*.ResponseParameters.*.ResponseParameters.*.Source",
        "stages.*.StageVariables.*",
    ],
    left_out: &[
        LeftOut { path: "GetApis:Items[].ImportInfo[]", why: "remarks on an import" },
        LeftOut { path: "GetApis:Items[].Warnings[]", why: "remarks on an import" },
        LeftOut { path: "Items[].ApiGatewayManaged", why: "how it was made" },
        LeftOut { path: "GetRoutes:Items[].RouteId", why: "chosen at random: a route is known by its key" },
        LeftOut { path: "GetModels:Items[].ModelId", why: "chosen at random: a model is known by its name" },
        LeftOut { path: "GetStages:Items[].CreatedDate", why: "of a part" },
        LeftOut { path: "GetStages:Items[].LastUpdatedDate", why: "no configuration" },
        LeftOut { path: "GetStages:Items[].LastDeploymentStatusMessage", why: "text about a state" },
    ],
    unmapped: &[
        Unmapped { path: "BasePath", why: "how it is made; never answered" },
        Unmapped { path: "Body", why: "how it is made; AWS answers its parts" },
        Unmapped { path: "BodyS3Location", why: "how it is made; AWS answers its parts" },
        Unmapped { path: "CredentialsArn", why: "how it is made; the integration has it" },
        Unmapped { path: "FailOnWarnings", why: "how it is made; never answered" },
        Unmapped { path: "RouteKey", why: "how it is made; the route has it" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
        Unmapped { path: "Target", why: "how it is made; the integration has it" },
    ],
    edges: &[Edge {
        path: "integrations.*.ConnectionId",
        to: "AWS::ApiGatewayV2::VpcLink",
        target: "{}",
        order: Order::HolderFirst,
        why: "reaches its targets through it, by id",
    }],
    read_actions: &["apigateway:GET"],
    delete: Delete::Call(Recipe {
        operation: "DeleteApi",
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
    let gateway: Client = cx.client();
    let apis = pages(READ, async |token| {
        let page = gateway.get_apis().max_results(PAGE).set_next_token(token).send().await.at(READ)?;
        Ok((page.items.unwrap_or_default(), page.next_token))
    });
    let mut apis: Vec<Api> = apis.await?;
    apis.retain(|api| cx.wants(api.api_id().unwrap_or_default()));
    cx.each(apis, async |api| describe(cx, &gateway, &api).await).await
}

async fn describe(cx: &Cx, gateway: &Client, api: &Api) -> Result<Option<Draft>, CallError> {
    let id = api.api_id().unwrap_or_default();
    let models = async {
        // Only these have any.
        if api.protocol_type() == Some(&ProtocolType::Websocket) {
            parts::models(gateway, id).await
        } else {
            Ok(Vec::new())
        }
    };
    let (routes, integrations, stages, authorizers, models) = tokio::join!(
        parts::routes(gateway, id),
        parts::integrations(gateway, id),
        parts::stages(gateway, id),
        parts::authorizers(gateway, id),
        models,
    );
    let parts = [
        ("routes", routes),
        ("integrations", integrations),
        ("stages", stages),
        ("authorizers", authorizers),
        ("models", models),
    ];
    let again = gateway.get_api().api_id(id).send();
    let errors = parts.iter().map(|(_, part)| part.as_ref().err());
    if vanished(errors, GONE, async { again.await.at(READ) }).await? {
        return Ok(None);
    }
    parts.into_iter().try_fold(map(cx, api), |draft, (name, part)| draft.sub(name, part)).map(Some)
}

fn map(cx: &Cx, api: &Api) -> Draft {
    let id = api.api_id().unwrap_or_default();
    Draft::new(id)
        .arn(arn(cx, &format!("/apis/{id}")).as_str())
        .name(api.name())
        .created(api.created_date())
        .tags(api.tags().into_iter().flatten())
        .with("ApiKeySelectionExpression", api.api_key_selection_expression())
        .with("CorsConfiguration", api.cors_configuration().map(cors))
        .with("Description", api.description())
        .with("DisableExecuteApiEndpoint", api.disable_execute_api_endpoint())
        .with("DisableSchemaValidation", api.disable_schema_validation())
        .with("IpAddressType", api.ip_address_type().map(IpAddressType::as_str))
        .with("Name", api.name())
        .with("ProtocolType", api.protocol_type().map(ProtocolType::as_str))
        .with("RouteSelectionExpression", api.route_selection_expression())
        .with("Version", api.version())
        .observed("ApiEndpoint", api.api_endpoint())
}

fn cors(cors: &Cors) -> Props {
    Props::new()
        .with("AllowCredentials", cors.allow_credentials())
        .with("AllowHeaders", cors.allow_headers())
        .with("AllowMethods", cors.allow_methods())
        .with("AllowOrigins", cors.allow_origins())
        .with("ExposeHeaders", cors.expose_headers())
        .with("MaxAge", cors.max_age())
}

async fn delete(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let gateway: Client = hands.client();
    hands.call(step, gateway.delete_api().api_id(hands.id()).send()).await?;
    Ok(Progress::Done)
}
