//! Usage plans, each with its API keys.

use std::collections::HashMap;

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::{ApiStage, QuotaPeriodType, QuotaSettings, ThrottleSettings, UsagePlan};
use serde_json::Value;

use super::{GONE, PAGE, READ, arn};
use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each, keyed,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::ApiGateway::UsagePlan`, with `AWS::ApiGateway::UsagePlanKey` folded in as `usagePlanKeys`. `productCode` has no
/// place in the schema.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ApiGateway::UsagePlan",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("API Gateway does not report when a usage plan was created"),
    sets: &["ApiStages", "usagePlanKeys"],
    secrets: &[],
    left_out: &[],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[
        Edge {
            path: "ApiStages.*.ApiId",
            to: "AWS::ApiGateway::RestApi",
            target: "{}",
            order: Order::HolderFirst,
            why: "meters this API, by id",
        },
        Edge {
            path: "usagePlanKeys.*.KeyId",
            to: "AWS::ApiGateway::ApiKey",
            target: "{}",
            order: Order::HolderFirst,
            why: "meters this key, by id",
        },
    ],
    read_actions: &["apigateway:GET"],
    delete: Delete::Call(Recipe {
        operation: "DeleteUsagePlan",
        actions: &["apigateway:DELETE", "apigateway:PATCH"],
        gone: GONE,
        steps: Some(steps),
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 2,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let gateway: Client = cx.client();
    let pages = gateway.get_usage_plans().limit(PAGE).into_paginator().items().send();
    let plans: Vec<UsagePlan> = pages.try_collect().await.at(READ)?;
    if plans.is_empty() {
        return Ok(Vec::new());
    }
    let keys = keys_by_plan(cx, &gateway).await;
    plans.iter().map(|plan| map(cx, plan, &keys)).collect()
}

/// The keys of each plan. The list of a plan's keys holds their values, so each key is asked for its plans instead.
async fn keys_by_plan(cx: &Cx, gateway: &Client) -> Result<HashMap<String, Vec<Props>>, CallError> {
    let keys = super::api_keys(cx).await?;
    let found = cx.gather(keys.iter().filter_map(|key| key.id.clone()).collect(), async |key| {
        let pages = gateway.get_usage_plans().key_id(&key).limit(PAGE).into_paginator().items().send();
        let plans: Option<Vec<UsagePlan>> = pages.try_collect().await.at(READ).absent_if(GONE)?;
        Ok((key, plans.unwrap_or_default()))
    });
    let mut by_plan: HashMap<String, Vec<Props>> = HashMap::new();
    for (key, plans) in found.await? {
        for plan in plans.into_iter().filter_map(|plan| plan.id) {
            // There is one kind of key.
            by_plan.entry(plan).or_default().push(Props::new().with("KeyId", &key).with("KeyType", "API_KEY"));
        }
    }
    Ok(by_plan)
}

fn map(cx: &Cx, plan: &UsagePlan, keys: &Result<HashMap<String, Vec<Props>>, CallError>) -> Result<Draft, CallError> {
    let id = plan.id().unwrap_or_default();
    Draft::new(id)
        .arn(arn(cx, &format!("/usageplans/{id}")).as_str())
        .name(plan.name())
        .tags(plan.tags().into_iter().flatten())
        .with("ApiStages", each(plan.api_stages(), api_stage))
        .with("Description", plan.description())
        .with("Quota", plan.quota().map(quota))
        .with("Throttle", plan.throttle().map(throttle))
        .with("UsagePlanName", plan.name())
        .with("productCode", plan.product_code())
        .sub("usagePlanKeys", keys.as_ref().map(|keys| keys.get(id).cloned()).map_err(Clone::clone))
}

fn api_stage(stage: &ApiStage) -> Props {
    Props::new()
        .with("ApiId", stage.api_id())
        .with("Stage", stage.stage())
        .with("Throttle", keyed(stage.throttle(), throttle))
}

fn throttle(throttle: &ThrottleSettings) -> Props {
    Props::new().with("BurstLimit", throttle.burst_limit()).with("RateLimit", throttle.rate_limit())
}

fn quota(quota: &QuotaSettings) -> Props {
    Props::new()
        .with("Limit", quota.limit())
        .with("Offset", quota.offset())
        .with("Period", quota.period().map(QuotaPeriodType::as_str))
}

/// A plan with stages is not deleted; its keys go with it.
fn steps(plan: &Resource, _: &Switches) -> Vec<Step> {
    let stages = plan.properties.get("ApiStages").and_then(Value::as_array).into_iter().flatten();
    let stages = stages.filter_map(|stage| {
        let (api, name) = (stage.get("ApiId")?.as_str()?, stage.get("Stage")?.as_str()?);
        Some(Step::on("apigateway:PATCH", format!("{api}:{name}")))
    });
    stages.chain([Step::on_resource("apigateway:DELETE")]).collect()
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let gateway: Client = hands.client();
    if step.call == "apigateway:PATCH" {
        take_out(hands, step, &gateway).await?;
    } else {
        hands.call(step, gateway.delete_usage_plan().usage_plan_id(hands.id()).send()).await?;
    }
    Ok(Progress::Done)
}

/// Takes a stage out of the plan, unless it is out already.
async fn take_out(hands: &Hands, step: &Step, gateway: &Client) -> Result<(), CallError> {
    use aws_sdk_apigateway::types::{Op, PatchOperation};
    let Some(plan) = hands.look(READ, gateway.get_usage_plan().usage_plan_id(hands.id()).send()).await? else {
        return Ok(());
    };
    let name = |stage: &ApiStage| Some(format!("{}:{}", stage.api_id()?, stage.stage()?));
    if plan.api_stages().iter().any(|stage| name(stage).as_ref() == Some(&step.target)) {
        let change = PatchOperation::builder().op(Op::Remove).path("/apiStages").value(&step.target).build();
        let request = gateway.update_usage_plan().usage_plan_id(hands.id()).patch_operations(change);
        hands.call(step, request.send()).await?;
    }
    Ok(())
}
