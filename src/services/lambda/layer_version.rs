//! Layer versions, each with its policy.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::{Architecture, LayerVersionsListItem, LayersListItem, Runtime};

use super::GONE;
use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Made, Recipe, Scope, TypeSpec, Unmapped, policy_document,
};
use crate::model::Step;

/// `AWS::Lambda::LayerVersion`, with `AWS::Lambda::LayerVersionPermission` folded in as `permissions` (a policy
/// document). A version never changes and its number is never used again, so its content needs no call of its own.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Lambda::LayerVersion",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreatedDate"),
    sets: &["CompatibleArchitectures", "CompatibleRuntimes"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "Layers[].LayerArn", why: "the version's ARN begins with it" },
        LeftOut { path: "Layers[].LatestMatchingVersion.*", why: "ListLayerVersions says it" },
        LeftOut { path: "GetLayerVersionPolicy:RevisionId", why: "changes with the policy" },
    ],
    unmapped: &[Unmapped { path: "Content", why: "write-only: where the content was uploaded from" }],
    edges: &[],
    read_actions: &["lambda:ListLayers", "lambda:ListLayerVersions", "lambda:GetLayerVersionPolicy"],
    delete: Delete::Call(Recipe {
        operation: "DeleteLayerVersion",
        actions: &["lambda:DeleteLayerVersion"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 8,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let lambda: Client = cx.client();
    let pages = lambda.list_layers().max_items(50).into_paginator().items().send();
    let layers = pages.try_collect().await.at("lambda:ListLayers")?;
    let wanted = |layer: &LayersListItem| {
        let arn = layer.layer_arn().unwrap_or_default();
        cx.wants_like(|version| version.rsplit_once(':').is_some_and(|(layer, _)| layer == arn))
    };
    let names = layers.into_iter().filter(wanted).filter_map(|layer: LayersListItem| layer.layer_name).collect();
    let versions = cx.gather(names, |name| versions(&lambda, name)).await?;
    let versions = versions.into_iter().flatten().collect();
    let versions = cx.wanted(versions, |(_, version)| version.layer_version_arn().unwrap_or_default());
    cx.each(versions, |(name, version)| describe(&lambda, name, version)).await
}

async fn versions(lambda: &Client, name: String) -> Result<Vec<(String, LayerVersionsListItem)>, CallError> {
    let pages = lambda.list_layer_versions().layer_name(&name).max_items(50).into_paginator().items().send();
    let versions = pages.try_collect().await.at("lambda:ListLayerVersions").absent_if(GONE)?;
    Ok(versions.unwrap_or_default().into_iter().map(|version| (name.clone(), version)).collect())
}

async fn describe(lambda: &Client, name: String, version: LayerVersionsListItem) -> Result<Option<Draft>, CallError> {
    let policy = lambda.get_layer_version_policy().layer_name(&name).version_number(version.version()).send().await;
    let policy = policy.at("lambda:GetLayerVersionPolicy").absent_if(GONE);
    let policy = policy.map(|answer| policy_document(answer.as_ref().and_then(|answer| answer.policy())));
    map(&name, &version).sub("permissions", policy).map(Some)
}

fn map(name: &str, version: &LayerVersionsListItem) -> Draft {
    let architectures: Vec<_> = version.compatible_architectures().iter().map(Architecture::as_str).collect();
    let runtimes: Vec<_> = version.compatible_runtimes().iter().map(Runtime::as_str).collect();
    Draft::new(version.layer_version_arn().unwrap_or_default())
        .arn(version.layer_version_arn())
        .name(name)
        .created_text(version.created_date())
        .with("LayerName", name)
        .with("Description", version.description())
        .with("LicenseInfo", version.license_info())
        .with("CompatibleArchitectures", architectures)
        .with("CompatibleRuntimes", runtimes)
        .observed("Version", version.version())
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let lambda: Client = hands.client();
    let layer = hands.text("LayerName").unwrap_or_default();
    // The ARN of a version ends with its number.
    let version = hands.id().rsplit(':').next().and_then(|number| number.parse().ok());
    hands.at_once(step, lambda.delete_layer_version().layer_name(layer).set_version_number(version).send()).await
}
