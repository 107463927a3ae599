//! Stages of REST APIs.

use std::collections::HashMap;

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::{
    AccessLogSettings, CacheClusterSize, CacheClusterStatus, CanarySettings, MethodSetting, RestApi, Stage,
    UnauthorizedCacheControlHeaderStrategy,
};

use super::{GONE, READ, arn};
use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, Edge, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::ApiGateway::Stage`. `cacheControl` (of methods) and `webAclArn` have no place in the schema.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ApiGateway::Stage",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("createdDate"),
    sets: &["MethodSettings", "cacheControl"],
    secrets: &["CanarySetting.StageVariableOverrides.*", "Variables.*"],
    left_out: &[],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[Edge {
        path: "RestApiId",
        to: "AWS::ApiGateway::RestApi",
        target: "{}",
        order: Order::HolderFirst,
        why: "a stage of this API",
    }],
    read_actions: &["apigateway:GET"],
    delete: Delete::Call(Recipe {
        operation: "DeleteStage",
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
    let apis = super::apis(cx).await?;
    let stages = cx.gather(apis.to_vec(), async |api| of_api(cx, &gateway, &api).await).await?;
    Ok(stages.into_iter().flatten().collect())
}

async fn of_api(cx: &Cx, gateway: &Client, api: &RestApi) -> Listed {
    let id = api.id().unwrap_or_default();
    // This list has no pages. An API that is gone has no stages.
    let answer = gateway.get_stages().rest_api_id(id).send().await.at(READ).absent_if(GONE)?;
    let stages = answer.and_then(|answer| answer.item).unwrap_or_default();
    Ok(stages.iter().map(|stage| map(cx, id, stage)).collect())
}

fn map(cx: &Cx, api: &str, stage: &Stage) -> Draft {
    let name = stage.stage_name().unwrap_or_default();
    Draft::new(format!("{api}|{name}"))
        .arn(arn(cx, &format!("/restapis/{api}/stages/{name}")).as_str())
        .name(name)
        .created(stage.created_date())
        .tags(stage.tags().into_iter().flatten())
        .with("AccessLogSetting", stage.access_log_settings().map(access_log))
        .with("CacheClusterEnabled", stage.cache_cluster_enabled())
        .with("CacheClusterSize", stage.cache_cluster_size().map(CacheClusterSize::as_str))
        .with("CanarySetting", stage.canary_settings().map(canary))
        .with("ClientCertificateId", stage.client_certificate_id())
        .with("DeploymentId", stage.deployment_id())
        .with("Description", stage.description())
        .with("DocumentationVersion", stage.documentation_version())
        .with("MethodSettings", stage.method_settings().map(method_settings))
        .with("RestApiId", api)
        .with("StageName", name)
        .with("TracingEnabled", stage.tracing_enabled())
        .with("Variables", stage.variables())
        .with("cacheControl", stage.method_settings().map(cache_control))
        .with("webAclArn", stage.web_acl_arn())
        .observed("CacheClusterStatus", stage.cache_cluster_status().map(CacheClusterStatus::as_str))
        .observed("LastUpdatedDate", stage.last_updated_date())
}

fn access_log(log: &AccessLogSettings) -> Props {
    Props::new().with("DestinationArn", log.destination_arn()).with("Format", log.format())
}

fn canary(canary: &CanarySettings) -> Props {
    Props::new()
        .with("DeploymentId", canary.deployment_id())
        .with("PercentTraffic", canary.percent_traffic())
        .with("StageVariableOverrides", canary.stage_variable_overrides())
        .with("UseStageCache", canary.use_stage_cache())
}

fn method_settings(settings: &HashMap<String, MethodSetting>) -> Vec<Props> {
    settings.iter().map(|(key, setting)| method_setting(key, setting)).collect()
}

/// The key is the escaped path of the resource and the method, `~1orders~1{id}/GET`, or `*/*` for all.
fn path_and_verb(key: &str) -> (String, &str) {
    let (path, verb) = key.rsplit_once('/').unwrap_or((key, ""));
    let path = if path == "*" { "/*".to_owned() } else { path.replace("~1", "/").replace("~0", "~") };
    (path, verb)
}

/// Who may tell a cache to forget, which the schema has no place for.
fn cache_control(settings: &HashMap<String, MethodSetting>) -> Vec<Props> {
    let each = settings.iter().map(|(key, setting)| {
        let (path, verb) = path_and_verb(key);
        let strategy = setting.unauthorized_cache_control_header_strategy();
        Props::new()
            .with("HttpMethod", verb)
            .with("RequireAuthorization", setting.require_authorization_for_cache_control())
            .with("ResourcePath", path)
            .with("UnauthorizedStrategy", strategy.map(UnauthorizedCacheControlHeaderStrategy::as_str))
    });
    each.collect()
}

fn method_setting(key: &str, setting: &MethodSetting) -> Props {
    let (path, verb) = path_and_verb(key);
    Props::new()
        .with("CacheDataEncrypted", setting.cache_data_encrypted())
        .with("CacheTtlInSeconds", setting.cache_ttl_in_seconds())
        .with("CachingEnabled", setting.caching_enabled())
        .with("DataTraceEnabled", setting.data_trace_enabled())
        .with("HttpMethod", verb)
        .with("LoggingLevel", setting.logging_level())
        .with("MetricsEnabled", setting.metrics_enabled())
        .with("ResourcePath", path)
        .with("ThrottlingBurstLimit", setting.throttling_burst_limit())
        .with("ThrottlingRateLimit", setting.throttling_rate_limit())
}

async fn delete(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let gateway: Client = hands.client();
    let request = gateway.delete_stage().rest_api_id(hands.part(0)).stage_name(hands.part(1));
    hands.call(step, request.send()).await?;
    Ok(Progress::Done)
}
