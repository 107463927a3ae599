//! Parameters of the Parameter Store. Their values are never read.

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::{
    ParameterInlinePolicy, ParameterMetadata, ParameterStringFilter, ParameterTier, ParameterType,
    ResourceTypeForTagging,
};

use crate::aws::{Call, CallError, Cx, ErrorClass, Hands, gone_unless};
use crate::catalog::{Created, Delete, Draft, Edge, LeftOut, Listed, Made, Order, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::SSM::Parameter`. The schema has no place for `keyId`, the key of a `SecureString`, nor for `version`, which
/// is the only sign that a value changed.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::SSM::Parameter",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("LastModifiedDate moves with every version"),
    sets: &[],
    secrets: &[],
    left_out: &[
        LeftOut { path: "Parameters[].Policies[].PolicyType", why: "stands in PolicyText too" },
        LeftOut { path: "Parameters[].Policies[].PolicyStatus", why: "run state" },
    ],
    unmapped: &[
        Unmapped { path: "Value", why: "never read, may be a secret; `version` says that it changed" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[
        Edge {
            path: "keyId",
            to: "AWS::KMS::Key",
            target: "{}",
            order: Order::HolderFirst,
            why: "the key may be named by its bare id",
        },
        Edge {
            path: "keyId",
            to: "AWS::KMS::Alias",
            target: "{}",
            order: Order::HolderFirst,
            why: "the key may be named by an alias",
        },
    ],
    read_actions: &["ssm:DescribeParameters", "ssm:ListTagsForResource"],
    delete: Delete::Call(Recipe {
        operation: "DeleteParameter",
        actions: &["ssm:DeleteParameter"],
        gone: &["ParameterNotFound"],
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 4,
        holds_data: true,
        reversible: None,
    }),
};

/// How `ListTagsForResource` says that a parameter does not exist.
const GONE: &[&str] = &["InvalidResourceId"];

async fn list(cx: &Cx) -> Listed {
    let ssm: Client = cx.client();
    let pages = ssm.describe_parameters().max_results(50).into_paginator().send();
    let pages = pages.try_collect().await.at("ssm:DescribeParameters")?;
    let parameters = pages.into_iter().flat_map(|page| page.parameters.unwrap_or_default()).collect();
    let parameters = cx.wanted(parameters, |parameter| parameter.name().unwrap_or_default());
    cx.each(parameters, |parameter| describe(cx, &ssm, parameter)).await
}

async fn describe(cx: &Cx, ssm: &Client, parameter: ParameterMetadata) -> Result<Option<Draft>, CallError> {
    let name = parameter.name().unwrap_or_default();
    let tags = ssm.list_tags_for_resource().resource_type(ResourceTypeForTagging::Parameter).resource_id(name).send();
    let tags = tags.await.at("ssm:ListTagsForResource");
    let Some(tags) = gone_unless(tags, GONE, exists(ssm, name)).await.transpose() else { return Ok(None) };
    let tags = tags.map(|answer| answer.tag_list.unwrap_or_default());
    map(cx, name, &parameter).sub_tags(tags.map(|tags| tags.into_iter().map(|tag| (tag.key, tag.value)))).map(Some)
}

async fn exists(ssm: &Client, name: &str) -> Result<bool, CallError> {
    let named = ParameterStringFilter::builder().key("Name").option("Equals").values(name).build();
    let named = named.map_err(|error| {
        CallError::new(ErrorClass::Other, "bad-request", &error.to_string(), "ssm:DescribeParameters")
    })?;
    let answer = ssm.describe_parameters().parameter_filters(named).send().await;
    Ok(!answer.at("ssm:DescribeParameters")?.parameters().is_empty())
}

fn map(cx: &Cx, name: &str, parameter: &ParameterMetadata) -> Draft {
    // In the ARN of `/a/b` and of `a` there is one slash after `parameter`.
    let own_arn = || cx.arn("ssm", &format!("parameter/{}", name.trim_start_matches('/')));
    let arn = parameter.arn().map_or_else(own_arn, str::to_owned);
    Draft::new(name)
        .arn(arn.as_str())
        .name(name)
        .with("Name", name)
        .with("Type", parameter.r#type().map(ParameterType::as_str))
        .with("Description", parameter.description())
        .with("AllowedPattern", parameter.allowed_pattern())
        .with("DataType", parameter.data_type())
        .with("Tier", parameter.tier().map(ParameterTier::as_str))
        .with("Policies", policies(parameter.policies()))
        .with("keyId", parameter.key_id())
        .with("version", parameter.version())
        .observed("LastModifiedDate", parameter.last_modified_date())
        .observed("LastModifiedUser", parameter.last_modified_user())
        .aws_made(name.starts_with("/aws/"), "parameter of an AWS service: nobody else may use this prefix")
}

/// The schema's form: one JSON list as text. The policies are put in order, because AWS may answer them in any.
fn policies(policies: &[ParameterInlinePolicy]) -> Option<String> {
    let mut texts: Vec<_> = policies.iter().filter_map(ParameterInlinePolicy::policy_text).collect();
    texts.sort_unstable();
    (!texts.is_empty()).then(|| format!("[{}]", texts.join(",")))
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let ssm: Client = hands.client();
    hands.at_once(step, ssm.delete_parameter().name(hands.id()).send()).await
}
