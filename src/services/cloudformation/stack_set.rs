//! Stack sets, each with the places that it puts stacks in.

use std::collections::BTreeSet;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{
    AutoDeployment, Capability, DeploymentTargets, ManagedExecution, Parameter, PermissionModels, StackInstanceSummary,
    StackSet, StackSetOperationStatus, StackSetStatus, StackSetSummary,
};
use serde_json::Value;

use super::template::Template;
use crate::aws::{Absent, Call, CallError, Cx, ErrorClass, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::CloudFormation::StackSet`.
///
/// The template is kept as its hash, `templateHash`. Where its stacks are stands in `stackInstances`, and for a stack
/// set that deploys by itself in `organizationalUnitIds` and `regions`: accounts come and go, and its stacks with them,
/// so that `stackInstances` are only observed then.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::CloudFormation::StackSet",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("CloudFormation does not report when a stack set was created"),
    sets: &[
        "AutoDeployment.DependsOn",
        "Capabilities",
        "Parameters",
        "organizationalUnitIds",
        "regions",
        "stackInstances",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "ListStackSets:Summaries[].AutoDeployment.*", why: "as in DescribeStackSet" },
        LeftOut { path: "ListStackSets:Summaries[].Description", why: "as in DescribeStackSet" },
        LeftOut { path: "ListStackSets:Summaries[].DriftStatus", why: "what AWS's own drift check found" },
        LeftOut { path: "ListStackSets:Summaries[].LastDriftCheckTimestamp", why: "when AWS looked" },
        LeftOut { path: "ListStackSets:Summaries[].ManagedExecution.*", why: "as in DescribeStackSet" },
        LeftOut { path: "ListStackSets:Summaries[].PermissionModel", why: "as in DescribeStackSet" },
        LeftOut { path: "ListStackSets:Summaries[].StackSetName", why: "as in DescribeStackSet" },
        LeftOut { path: "ListStackSets:Summaries[].Status", why: "only active ones are asked for" },
        LeftOut { path: "StackSet.Parameters[].ResolvedValue", why: "of parameters of other kinds of stacks" },
        LeftOut { path: "StackSet.Parameters[].UsePreviousValue", why: "how a request is meant" },
        LeftOut { path: "StackSet.StackSetDriftDetectionDetails.*", why: "what AWS's own drift check found" },
        LeftOut { path: "StackSet.StackSetId", why: "as in ListStackSets" },
        LeftOut { path: "StackSet.Status", why: "only active ones are asked for" },
        LeftOut { path: "ListStackInstances:Summaries[].DriftStatus", why: "what AWS's own drift check found" },
        LeftOut { path: "ListStackInstances:Summaries[].LastDriftCheckTimestamp", why: "when AWS looked" },
        LeftOut { path: "ListStackInstances:Summaries[].LastOperationId", why: "history" },
        LeftOut { path: "ListStackInstances:Summaries[].StackId", why: "made by AWS" },
        LeftOut { path: "ListStackInstances:Summaries[].StackInstanceStatus.*", why: "state" },
        LeftOut { path: "ListStackInstances:Summaries[].StackSetId", why: "repeats the request" },
        LeftOut { path: "ListStackInstances:Summaries[].Status", why: "state" },
        LeftOut { path: "ListStackInstances:Summaries[].StatusReason", why: "state" },
    ],
    unmapped: &[
        Unmapped { path: "CallAs", why: "how a request is meant" },
        Unmapped { path: "OperationPreferences", why: "an option of an operation; never answered" },
        Unmapped { path: "StackInstancesGroup", why: "never answered so; `stackInstances` are what became of it" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
        Unmapped { path: "TemplateBody", why: "long; `templateHash` tells whether it changed" },
        Unmapped { path: "TemplateURL", why: "where the template once lay; never answered" },
    ],
    edges: &[Edge {
        path: "ExecutionRoleName",
        to: "AWS::IAM::Role",
        target: "{}",
        order: Order::HolderFirst,
        why: "a stack set works with this role, also when it deletes its stacks",
    }],
    read_actions: &[
        "cloudformation:ListStackSets",
        "cloudformation:DescribeStackSet",
        "cloudformation:ListStackInstances",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteStackSet",
        actions: &[
            "cloudformation:DeleteStackSet",
            "cloudformation:DeleteStackInstances",
            "cloudformation:ListStackSetOperations",
        ],
        gone: GONE,
        steps: Some(steps),
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 0,
        holds_data: true,
        reversible: None,
    }),
};

/// How `CloudFormation` says that a stack set was deleted since it was listed.
const GONE: &[&str] = &["StackSetNotFoundException"];

async fn list(cx: &Cx) -> Listed {
    let client: Client = cx.client();
    // A deleted stack set stays in lists.
    let pages = client.list_stack_sets().status(StackSetStatus::Active).max_results(100).into_paginator();
    let sets: Vec<StackSetSummary> = pages.items().send().try_collect().await.at("cloudformation:ListStackSets")?;
    let ids = sets.into_iter().filter_map(|set| set.stack_set_id).filter(|id| cx.wants(id));
    cx.each(ids.collect(), |id| describe(&client, id)).await
}

async fn describe(client: &Client, id: String) -> Result<Option<Draft>, CallError> {
    let (set, instances) = tokio::join!(
        client.describe_stack_set().stack_set_name(&id).send(),
        client
            .list_stack_instances()
            .stack_set_name(&id)
            .max_results(100)
            .into_paginator()
            .items()
            .send()
            .try_collect(),
    );
    let Some(answer) = set.at("cloudformation:DescribeStackSet").absent_if(GONE)? else { return Ok(None) };
    let Some(set) = answer.stack_set else { return Ok(None) };
    let instances: Result<Vec<StackInstanceSummary>, CallError> = instances.at("cloudformation:ListStackInstances");
    let instances = instances.absent_if(GONE).map(|instances| each(&instances.unwrap_or_default(), instance));
    let draft = configured(&id, &set);
    match instances {
        Ok(instances) if deploys_by_itself(&set) => Ok(Some(draft.observed("stackInstances", instances))),
        instances => draft.sub("stackInstances", instances).map(Some),
    }
}

fn deploys_by_itself(set: &StackSet) -> bool {
    set.auto_deployment().and_then(AutoDeployment::enabled) == Some(true)
}

fn instance(instance: &StackInstanceSummary) -> Props {
    Props::new()
        .with("Account", instance.account())
        .with("OrganizationalUnitId", instance.organizational_unit_id())
        .with("Region", instance.region())
}

fn configured(id: &str, set: &StackSet) -> Draft {
    let name = set.stack_set_name().unwrap_or_default();
    let capabilities: Vec<&str> = set.capabilities().iter().map(Capability::as_str).collect();
    let tags = set.tags().iter().filter_map(|tag| Some((tag.key()?, tag.value().unwrap_or_default())));
    let managed = set.managed_execution().and_then(ManagedExecution::active);
    let of_control_tower = name.starts_with("AWSControlTower").then_some(name);
    Draft::new(id)
        .arn(set.stack_set_arn())
        .name(name)
        .tags(tags)
        .with("AdministrationRoleARN", set.administration_role_arn())
        .with("AutoDeployment", set.auto_deployment().map(auto_deployment))
        .with("Capabilities", capabilities)
        .with("Description", set.description())
        .with("ExecutionRoleName", set.execution_role_name())
        .with("ManagedExecution", managed.map(|active| Props::new().with("Active", active)))
        .with("Parameters", each(set.parameters(), parameter))
        .with("PermissionModel", set.permission_model().map(PermissionModels::as_str))
        .with("StackSetName", name)
        .with("organizationalUnitIds", set.organizational_unit_ids())
        .with("regions", set.regions())
        .with("templateHash", set.template_body().map(|body| Template::new(body).hash()))
        .owner("control-tower", of_control_tower)
}

fn auto_deployment(deployment: &AutoDeployment) -> Props {
    Props::new()
        .with("DependsOn", deployment.depends_on())
        .with("Enabled", deployment.enabled())
        .with("RetainStacksOnAccountRemoval", deployment.retain_stacks_on_account_removal())
}

fn parameter(parameter: &Parameter) -> Props {
    Props::new().with("ParameterKey", parameter.parameter_key()).with("ParameterValue", parameter.parameter_value())
}

/// The field of each stack instance, wherever these are kept.
fn of_instances<'a>(set: &'a Resource, region: Option<&'a str>, field: &'a str) -> BTreeSet<&'a str> {
    let kept = set.properties.get("stackInstances").or_else(|| set.observed.get("stackInstances"));
    let instances = kept.and_then(Value::as_array).into_iter().flatten();
    let here = instances
        .filter(|instance| region.is_none_or(|region| instance.get("Region").and_then(Value::as_str) == Some(region)));
    here.filter_map(|instance| instance.get(field)?.as_str()).collect()
}

/// All stacks of a region go with one operation, and there is one operation at a time.
fn steps(set: &Resource, _: &Switches) -> Vec<Step> {
    let regions = of_instances(set, None, "Region").into_iter();
    let instances = regions.map(|region| Step::on("cloudformation:DeleteStackInstances", region));
    instances.chain([Step::on_resource("cloudformation:DeleteStackSet")]).collect()
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let client: Client = hands.client();
    match step.call.as_str() {
        "cloudformation:DeleteStackInstances" => delete_instances(hands, step, &client).await,
        "cloudformation:DeleteStackSet" => {
            hands.at_once(step, client.delete_stack_set().stack_set_name(hands.id()).send()).await
        }
        _ => Err(hands.unknown(step)),
    }
}

async fn delete_instances(hands: &Hands, step: &Step, client: &Client) -> Result<Progress, CallError> {
    let region = step.target.as_str();
    let look = client.list_stack_instances().stack_set_name(hands.id()).stack_instance_region(region).send();
    let left = hands.look("cloudformation:ListStackInstances", look).await?;
    let left = left.and_then(|answer| answer.summaries).unwrap_or_default();
    if left.is_empty() {
        return Ok(Progress::Done);
    }
    let look = client.list_stack_set_operations().stack_set_name(hands.id()).max_results(10).send();
    let operations = hands.look("cloudformation:ListStackSetOperations", look).await?;
    let operations = operations.and_then(|answer| answer.summaries).unwrap_or_default();
    let running = operations.iter().any(|operation| {
        use StackSetOperationStatus::{Queued, Running, Stopping};
        matches!(operation.status(), Some(Queued | Running | Stopping))
    });
    let waiting = || Progress::Waiting(format!("deleting {} stacks or more in {region}", left.len()));
    if running {
        return Ok(waiting());
    }
    if hands.has_taken(step) {
        let reason = left.iter().find_map(StackInstanceSummary::status_reason).unwrap_or("no reason given");
        let text = format!("{} stacks or more are left in {region}: {reason}", left.len());
        return Err(CallError::new(ErrorClass::Other, "stacks-left", &text, &step.call));
    }
    let request = client.delete_stack_instances().stack_set_name(hands.id()).regions(region).retain_stacks(false);
    let request = match hands.text("PermissionModel") {
        Some("SERVICE_MANAGED") => {
            let units = Some(owned(&of_instances(&hands.resource, Some(region), "OrganizationalUnitId")));
            request.deployment_targets(DeploymentTargets::builder().set_organizational_unit_ids(units).build())
        }
        _ => request.set_accounts(Some(owned(&of_instances(&hands.resource, Some(region), "Account")))),
    };
    let taken = hands.call(step, request.send()).await?;
    Ok(taken.map_or(Progress::Done, |_| waiting()))
}

fn owned(texts: &BTreeSet<&str>) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
