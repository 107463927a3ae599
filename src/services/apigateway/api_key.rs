//! API keys, without their values.

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::ApiKey;

use super::{GONE, arn};
use crate::aws::{CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::ApiGateway::ApiKey`. The key itself is never asked for.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ApiGateway::ApiKey",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("createdDate"),
    sets: &["StageKeys"],
    secrets: &[],
    left_out: &[LeftOut { path: "warnings[]", why: "remarks on an import" }],
    unmapped: &[
        Unmapped { path: "GenerateDistinctId", why: "how it is made; never answered" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
        Unmapped { path: "Value", why: "the secret itself, which is never asked for" },
    ],
    edges: &[],
    read_actions: &["apigateway:GET"],
    delete: Delete::Call(Recipe {
        operation: "DeleteApiKey",
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
    Ok(super::api_keys(cx).await?.iter().map(|key| map(cx, key)).collect())
}

fn map(cx: &Cx, key: &ApiKey) -> Draft {
    let id = key.id().unwrap_or_default();
    Draft::new(id)
        .arn(arn(cx, &format!("/apikeys/{id}")).as_str())
        .name(key.name())
        .created(key.created_date())
        .tags(key.tags().into_iter().flatten())
        .with("CustomerId", key.customer_id())
        .with("Description", key.description())
        .with("Enabled", key.enabled())
        .with("Name", key.name())
        .with("StageKeys", key.stage_keys().iter().map(|stage| stage_key(stage)).collect::<Vec<_>>())
        .observed("LastUpdatedDate", key.last_updated_date())
}

/// A stage comes as `api/stage`.
fn stage_key(text: &str) -> Props {
    let (api, stage) = text.split_once('/').unwrap_or((text, ""));
    Props::new().with("RestApiId", api).with("StageName", stage)
}

async fn delete(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let gateway: Client = hands.client();
    hands.call(step, gateway.delete_api_key().api_key(hands.id()).send()).await?;
    Ok(Progress::Done)
}
