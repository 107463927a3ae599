//! Functions, each with everything that hangs on it: resource policy, aliases, URLs, settings of invocation.

use std::collections::HashMap;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::types::{Concurrency, FunctionCodeLocation, FunctionConfiguration, PackageType, State};

use super::function_config::config;
use super::{GONE, function_parts as parts, with_or_error};
use crate::aws::{Absent, Call, CallError, Cx, ErrorClass, Hands, gone_with};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Made, Order, Props, Recipe, Scope, TypeSpec, Unmapped,
};
use crate::model::Step;

/// `AWS::Lambda::Function`, with `AWS::Lambda::Permission` folded in as `permissions` and `aliasPermissions` (policy
/// documents), `AWS::Lambda::Alias` as `aliases`, `AWS::Lambda::Url` as `urls`, `AWS::Lambda::EventInvokeConfig` as
/// `eventInvokeConfigs`, and provisioned concurrency by version or alias as `provisionedConcurrency`. The code is known
/// by `codeSha256`.
///
/// Eight calls per function (seven for images), and one per alias. Lambda allows 15 a second, and on top of them
/// 100 for `GetFunction` and 15 for `GetPolicy`. Code signing is asked from the other side, by configuration.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Lambda::Function",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("Lambda reports only when a function was last modified"),
    sets: &[
        "Architectures",
        "VpcConfig.SecurityGroupIds",
        "VpcConfig.SubnetIds",
        "aliasPermissions",
        "aliases",
        "aliases.*.RoutingConfig.AdditionalVersionWeights",
        "eventInvokeConfigs",
        "provisionedConcurrency",
        "urls",
        "urls.*.Cors.AllowHeaders",
        "urls.*.Cors.AllowMethods",
        "urls.*.Cors.AllowOrigins",
        "urls.*.Cors.ExposeHeaders",
    ],
    secrets: &["Environment.Variables.*"],
    left_out: &[
        LeftOut { path: "Functions[].Version", why: "always $LATEST in this list" },
        LeftOut { path: "Functions[].RevisionId", why: "changes with every update, of the state as well" },
        LeftOut { path: "Functions[].ConfigSha256", why: "AWS's own hash of what is kept here" },
        LeftOut { path: "Functions[].VpcConfig.VpcId", why: "its subnets say it" },
        LeftOut { path: "Functions[].Environment.Error.*", why: INSTEAD },
        LeftOut { path: "Functions[].ImageConfigResponse.Error.*", why: INSTEAD },
        LeftOut { path: "Functions[].RuntimeVersionConfig.Error.*", why: "about a runtime version that is only shown" },
        LeftOut { path: "Functions[].Layers[].CodeSize", why: "belongs to the layer version" },
        LeftOut { path: "Functions[].Layers[].SigningProfileVersionArn", why: "belongs to the layer version" },
        LeftOut { path: "Functions[].Layers[].SigningJobArn", why: "belongs to the layer version" },
        LeftOut { path: "Functions[].StateReason", why: "StateReasonCode in a sentence" },
        LeftOut { path: "Functions[].LastUpdateStatusReason", why: "LastUpdateStatusReasonCode in a sentence" },
        LeftOut { path: "Functions[].SnapStart.OptimizationStatus", why: "run state" },
        LeftOut { path: "GetFunction:Configuration.*", why: "ListFunctions says it" },
        LeftOut { path: "GetFunction:Code.RepositoryType", why: "PackageType says it" },
        LeftOut { path: "GetFunction:Code.Location", why: "a presigned URL, new with each call: a secret" },
        LeftOut { path: "GetFunction:Code.ResolvedImageUri", why: "codeSha256 is its digest" },
        LeftOut { path: "GetFunction:Code.Error.*", why: INSTEAD },
        LeftOut { path: "GetFunction:TagsError.Message", why: "ErrorCode in a sentence" },
        LeftOut { path: "GetFunction:TagsError.ErrorCode", why: INSTEAD },
        LeftOut { path: "GetPolicy:RevisionId", why: "changes with the policy" },
        LeftOut { path: "GetRuntimeManagementConfig:FunctionArn", why: "the function that was asked about" },
        LeftOut { path: "GetFunctionScalingConfig:FunctionArn", why: "the function that was asked about" },
        LeftOut {
            path: "GetFunctionScalingConfig:AppliedFunctionScalingConfig.*",
            why: "what was requested counts, not how far it is",
        },
        LeftOut { path: "Aliases[].AliasArn", why: "the function's ARN and the name" },
        LeftOut { path: "Aliases[].RevisionId", why: "changes with the alias" },
        LeftOut { path: "FunctionUrlConfigs[].CreationTime", why: "time of a part" },
        LeftOut { path: "FunctionUrlConfigs[].LastModifiedTime", why: "time of a change" },
        LeftOut { path: "FunctionEventInvokeConfigs[].LastModified", why: "time of a change" },
        LeftOut {
            path: "ProvisionedConcurrencyConfigs[].AvailableProvisionedConcurrentExecutions",
            why: "what was requested counts, not how far it is",
        },
        LeftOut {
            path: "ProvisionedConcurrencyConfigs[].AllocatedProvisionedConcurrentExecutions",
            why: "what was requested counts, not how far it is",
        },
        LeftOut { path: "ProvisionedConcurrencyConfigs[].Status", why: "run state" },
        LeftOut { path: "ProvisionedConcurrencyConfigs[].StatusReason", why: "run state" },
        LeftOut { path: "ProvisionedConcurrencyConfigs[].LastModified", why: "time of a change" },
        LeftOut { path: "CodeSigningConfigs[].CodeSigningConfigId", why: CONFIG },
        LeftOut { path: "CodeSigningConfigs[].Description", why: CONFIG },
        LeftOut { path: "CodeSigningConfigs[].AllowedPublishers.*", why: CONFIG },
        LeftOut { path: "CodeSigningConfigs[].CodeSigningPolicies.*", why: CONFIG },
        LeftOut { path: "CodeSigningConfigs[].LastModified", why: CONFIG },
    ],
    unmapped: &[
        Unmapped { path: "Tags", why: "kept in `tags`" },
        Unmapped { path: "Code.ZipFile", why: "the code itself; codeSha256 stands for it" },
        Unmapped { path: "Code.S3ObjectStorageMode", why: "write-only" },
        Unmapped { path: "PublishToLatestPublished", why: "write-only: what an update should do" },
    ],
    edges: &[
        Edge {
            path: "LoggingConfig.LogGroup",
            to: "AWS::Logs::LogGroup",
            target: "{}",
            order: Order::HolderFirst,
            why: "a function that still runs makes its log group again",
        },
        Edge {
            path: "FunctionName",
            to: "AWS::Logs::LogGroup",
            target: "/aws/lambda/{}",
            order: Order::HolderFirst,
            why: "a function that still runs makes its log group again",
        },
        Edge {
            path: "Code.S3Bucket",
            to: "AWS::S3::Bucket",
            target: "{}",
            order: Order::HolderFirst,
            why: "the code lies in the bucket",
        },
    ],
    read_actions: &[
        "lambda:GetFunction",
        "lambda:GetFunctionRecursionConfig",
        "lambda:GetFunctionScalingConfig",
        "lambda:GetPolicy",
        "lambda:GetRuntimeManagementConfig",
        "lambda:ListAliases",
        "lambda:ListCodeSigningConfigs",
        "lambda:ListFunctionEventInvokeConfigs",
        "lambda:ListFunctionUrlConfigs",
        "lambda:ListFunctions",
        "lambda:ListFunctionsByCodeSigningConfig",
        "lambda:ListProvisionedConcurrencyConfigs",
        "lambda:ListTags",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteFunction",
        actions: &["lambda:DeleteFunction"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 1,
        holds_data: false,
        reversible: None,
    }),
};

/// Why an error that Lambda puts into an answer is not a field of its own.
const INSTEAD: &str = "stands in place of a value, which is then marked unreadable";
/// Why code signing configurations are not told here.
const CONFIG: &str = "the configuration is a resource of its own, the function only names it";

/// Function ARN to code signing configuration ARN.
type Signing = Result<HashMap<String, String>, CallError>;

async fn list(cx: &Cx) -> Listed {
    let lambda: Client = cx.client();
    let functions = async {
        let pages = lambda.list_functions().max_items(50).into_paginator().items().send();
        pages.try_collect().await.at("lambda:ListFunctions")
    };
    let (functions, signing) = tokio::join!(functions, signing(cx, &lambda));
    let functions = functions?.into_iter().filter(|function| function.state() != Some(&State::Deleting)).collect();
    let functions = cx.wanted(functions, |function| function.function_name().unwrap_or_default());
    cx.each(functions, |function| {
        let (lambda, signing) = (&lambda, &signing);
        async move {
            let name = function.function_name().unwrap_or_default();
            let again = async { lambda.get_function().function_name(name).send().await.at("lambda:GetFunction") };
            gone_with(Box::pin(describe(cx, lambda, &function, signing)).await, GONE, again).await
        }
    })
    .await
}

/// Few accounts sign code, so asking each configuration for its functions is cheaper than asking each function.
async fn signing(cx: &Cx, lambda: &Client) -> Signing {
    let pages = lambda.list_code_signing_configs().max_items(1000).into_paginator().items().send();
    let configs: Vec<_> = pages.try_collect().await.at("lambda:ListCodeSigningConfigs")?;
    let functions = |config: String| async move {
        let pages = lambda.list_functions_by_code_signing_config().code_signing_config_arn(&config);
        let pages = pages.max_items(1000).into_paginator().items().send();
        let found = pages.try_collect().await.at("lambda:ListFunctionsByCodeSigningConfig");
        let found = found.absent_if(GONE)?.unwrap_or_default();
        Ok(found.into_iter().map(|function| (function, config.clone())).collect::<Vec<_>>())
    };
    let arns = configs.into_iter().map(|config| config.code_signing_config_arn).collect();
    let mut by_function = HashMap::new();
    for (function, config) in cx.gather(arns, functions).await?.into_iter().flatten() {
        by_function.entry(function).or_insert(config);
    }
    Ok(by_function)
}

async fn describe(
    cx: &Cx,
    lambda: &Client,
    function: &FunctionConfiguration,
    signing: &Signing,
) -> Result<Draft, CallError> {
    let name = function.function_name().unwrap_or_default();
    let (whole, policy, aliases, urls, invoke, recursion, runtime, provisioned, scaling) = tokio::join!(
        lambda.get_function().function_name(name).send(),
        parts::policy(lambda, name, None),
        parts::aliases(cx, lambda, name),
        parts::urls(lambda, name),
        parts::event_invoke_configs(lambda, name),
        parts::recursion(lambda, name),
        parts::runtime_management(lambda, name, function.package_type() == Some(&PackageType::Image)),
        parts::provisioned_concurrency(lambda, name),
        parts::scaling(lambda, name, function.capacity_provider_config().is_some()),
    );
    let (aliases, alias_policies) = aliases;
    let (urls, addresses) = urls;
    let signed = signing.as_ref().map(|by_function| by_function.get(function.function_arn().unwrap_or_default()));
    let draft = from_get_function(config(function), whole.at("lambda:GetFunction"))?
        .sub("CodeSigningConfigArn", signed.map_err(CallError::clone))?
        .sub("RecursiveLoop", recursion)?
        .sub("RuntimeManagementConfig", runtime)?
        .sub("FunctionScalingConfig", scaling)?
        .sub("permissions", policy)?
        .sub("aliases", aliases)?
        .sub("aliasPermissions", alias_policies)?
        .sub("urls", urls)?
        .sub("eventInvokeConfigs", invoke)?
        .sub("provisionedConcurrency", provisioned)?
        .observed("urls", addresses);
    Ok(draft)
}

/// What only `GetFunction` tells: where the code lies, reserved concurrency, and the tags.
fn from_get_function(draft: Draft, whole: Result<GetFunctionOutput, CallError>) -> Result<Draft, CallError> {
    let whole = match whole {
        Ok(whole) => whole,
        Err(error) => {
            // Tags are in its answer only for those who may list them as well.
            let tags = CallError { action: "lambda:ListTags".to_owned(), ..error.clone() };
            return draft
                .sub::<()>("Code", Err(error.clone()))?
                .sub::<()>("ReservedConcurrentExecutions", Err(error))?
                .sub::<()>("tags", Err(tags));
        }
    };
    let error = whole.code().and_then(|code| code.error()?.error_code());
    let reserved = whole.concurrency().and_then(Concurrency::reserved_concurrent_executions);
    let draft = with_or_error(draft, "Code", whole.code().map(code), error);
    draft.with("ReservedConcurrentExecutions", reserved).sub_tags(tags(&whole))
}

fn code(code: &FunctionCodeLocation) -> Props {
    let object = code.resolved_s3_object();
    Props::new()
        .with("ImageUri", code.image_uri())
        .with("S3Bucket", object.and_then(|object| object.s3_bucket()))
        .with("S3Key", object.and_then(|object| object.s3_key()))
        .with("S3ObjectVersion", object.and_then(|object| object.s3_object_version()))
        .with("SourceKMSKeyArn", code.source_kms_key_arn())
}

fn tags(whole: &GetFunctionOutput) -> Result<Vec<(String, String)>, CallError> {
    match (whole.tags(), whole.tags_error()) {
        (None, Some(error)) => {
            Err(CallError::new(ErrorClass::Denied, error.error_code(), error.message(), "lambda:ListTags"))
        }
        (tags, _) => Ok(tags.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()),
    }
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let lambda: Client = hands.client();
    hands.at_once(step, lambda.delete_function().function_name(hands.id()).send()).await
}
