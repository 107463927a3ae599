//! What hangs on a function and is asked one by one.

use std::collections::BTreeMap;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::{
    AliasConfiguration, Cors, FunctionEventInvokeConfig, FunctionUrlConfig, InvokeMode,
    ProvisionedConcurrencyConfigListItem, UpdateRuntimeOn,
};
use serde_json::Value;

use super::{GONE, qualifier};
use crate::aws::{Absent, Call, CallError, Cx};
use crate::catalog::{Props, each, policy_document};

/// A part of a function, or why it could not be read.
type Part<T> = Result<T, CallError>;

/// The resource policy of a function, or of one of its aliases.
pub(super) async fn policy(lambda: &Client, function: &str, alias: Option<String>) -> Part<Option<Value>> {
    let answer = lambda.get_policy().function_name(function).set_qualifier(alias).send().await;
    let answer = answer.at("lambda:GetPolicy").absent_if(GONE)?;
    Ok(answer.and_then(|answer| policy_document(answer.policy())))
}

/// Aliases, and the policies of those that have one.
pub(super) async fn aliases(cx: &Cx, lambda: &Client, function: &str) -> (Part<Vec<Props>>, Part<Vec<Props>>) {
    let pages = lambda.list_aliases().function_name(function).max_items(1000).into_paginator().items().send();
    let found = match pages.try_collect().await.at("lambda:ListAliases") {
        Ok(found) => found,
        Err(error) => return (Err(error.clone()), Err(error)),
    };
    let names = found.iter().filter_map(|alias| alias.name.clone()).collect();
    let policies = cx.gather(names, |name: String| async move {
        let policy = policy(lambda, function, Some(name.clone())).await?;
        Ok(policy.map(|policy| Props::new().with("Name", name).with("permissions", policy)))
    });
    (Ok(each(&found, alias)), policies.await.map(|policies| policies.into_iter().flatten().collect()))
}

fn alias(alias: &AliasConfiguration) -> Props {
    let weights = alias.routing_config().and_then(|routing| routing.additional_version_weights());
    let weights: BTreeMap<_, _> = weights.into_iter().flatten().collect();
    let weights: Vec<_> = weights
        .into_iter()
        .map(|(version, weight)| Props::new().with("FunctionVersion", version).with("FunctionWeight", *weight))
        .collect();
    Props::new()
        .with("Name", alias.name())
        .with("Description", alias.description())
        .with("FunctionVersion", alias.function_version())
        .with("RoutingConfig", Props::new().with("AdditionalVersionWeights", weights))
}

/// URLs by qualifier: what is configured, and the addresses, which AWS chooses.
pub(super) async fn urls(lambda: &Client, function: &str) -> (Part<Vec<Props>>, Vec<Props>) {
    let pages =
        lambda.list_function_url_configs().function_name(function).max_items(50).into_paginator().items().send();
    match pages.try_collect().await.at("lambda:ListFunctionUrlConfigs") {
        Ok(urls) => (Ok(each(&urls, url)), each(&urls, address)),
        Err(error) => (Err(error), Vec::new()),
    }
}

fn url(url: &FunctionUrlConfig) -> Props {
    Props::new()
        .with("Qualifier", qualifier(Some(url.function_arn())))
        .with("AuthType", url.auth_type().as_str())
        .with("InvokeMode", url.invoke_mode().map(InvokeMode::as_str))
        .with("Cors", url.cors().map(cors))
}

fn address(url: &FunctionUrlConfig) -> Props {
    Props::new().with("Qualifier", qualifier(Some(url.function_arn()))).with("FunctionUrl", url.function_url())
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

/// Settings of asynchronous invocation by qualifier.
pub(super) async fn event_invoke_configs(lambda: &Client, function: &str) -> Part<Vec<Props>> {
    let pages = lambda.list_function_event_invoke_configs().function_name(function).max_items(50);
    let found = pages.into_paginator().items().send().try_collect().await;
    let found: Vec<_> = found.at("lambda:ListFunctionEventInvokeConfigs")?;
    Ok(each(&found, event_invoke_config))
}

fn event_invoke_config(config: &FunctionEventInvokeConfig) -> Props {
    let to = |destination: Option<&str>| Props::new().with("Destination", destination);
    let destinations = config.destination_config().map(|destinations| {
        Props::new()
            .with("OnSuccess", to(destinations.on_success().and_then(|success| success.destination())))
            .with("OnFailure", to(destinations.on_failure().and_then(|failure| failure.destination())))
    });
    Props::new()
        .with("Qualifier", qualifier(config.function_arn()))
        .with("MaximumEventAgeInSeconds", config.maximum_event_age_in_seconds())
        .with("MaximumRetryAttempts", config.maximum_retry_attempts())
        .with("DestinationConfig", destinations)
}

/// Provisioned concurrency by version or alias, as it was asked for.
pub(super) async fn provisioned_concurrency(lambda: &Client, function: &str) -> Part<Vec<Props>> {
    let pages = lambda.list_provisioned_concurrency_configs().function_name(function).max_items(50);
    let found = pages.into_paginator().items().send().try_collect().await;
    let found: Vec<_> = found.at("lambda:ListProvisionedConcurrencyConfigs")?;
    Ok(each(&found, provisioned))
}

fn provisioned(config: &ProvisionedConcurrencyConfigListItem) -> Props {
    Props::new()
        .with("Qualifier", qualifier(config.function_arn()))
        .with("ProvisionedConcurrentExecutions", config.requested_provisioned_concurrent_executions())
}

/// Whether Lambda stops a function that calls itself in a loop.
pub(super) async fn recursion(lambda: &Client, function: &str) -> Part<Option<String>> {
    let answer = lambda.get_function_recursion_config().function_name(function).send().await;
    let answer = answer.at("lambda:GetFunctionRecursionConfig")?;
    Ok(answer.recursive_loop().map(|action| action.as_str().to_owned()))
}

/// Who chooses the runtime's patch version. An image brings its own runtime.
pub(super) async fn runtime_management(lambda: &Client, function: &str, is_image: bool) -> Part<Option<Props>> {
    if is_image {
        return Ok(None);
    }
    let answer = lambda.get_runtime_management_config().function_name(function).send().await;
    let answer = answer.at("lambda:GetRuntimeManagementConfig")?;
    let settings = Props::new()
        .with("UpdateRuntimeOn", answer.update_runtime_on().map(UpdateRuntimeOn::as_str))
        .with("RuntimeVersionArn", answer.runtime_version_arn());
    Ok(Some(settings))
}

/// How many execution environments a function keeps on instances of one's own. Others have no such setting.
pub(super) async fn scaling(lambda: &Client, function: &str, on_instances: bool) -> Part<Option<Props>> {
    if !on_instances {
        return Ok(None);
    }
    let answer =
        lambda.get_function_scaling_config().function_name(function).qualifier("$LATEST.PUBLISHED").send().await;
    let answer = answer.at("lambda:GetFunctionScalingConfig").absent_if(GONE)?;
    Ok(answer.and_then(|answer| answer.requested_function_scaling_config).map(|scaling| {
        Props::new()
            .with("MinExecutionEnvironments", scaling.min_execution_environments())
            .with("MaxExecutionEnvironments", scaling.max_execution_environments())
    }))
}
