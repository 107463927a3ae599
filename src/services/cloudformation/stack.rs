//! Stacks, each with the hash of its template and the list of its resources.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types;
use aws_sdk_cloudformation::types::{ResourceStatus, StackStatus};

use super::template::Template;
use crate::aws::{Call, CallError, Cx, ErrorClass, Fate, Hands};
use crate::catalog::steps::flag;
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Made, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped,
    each, policy_document,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::CloudFormation::Stack`.
///
/// The schema knows little of a stack. Beside it there are `stackName`, `description`, `capabilities`, `roleArn`,
/// `disableRollback`, `enableTerminationProtection`, `rollbackConfiguration`, `parentId`, `stackPolicy`, `templateHash`
/// and `importsFrom`: the stacks of whose exports the template makes use. `stackResources` is observed and says whose
/// the resources are.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::CloudFormation::Stack",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationTime"),
    sets: &["NotificationARNs", "capabilities", "importsFrom", "rollbackConfiguration.RollbackTriggers"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "Stacks[].ChangeSetId", why: "the last change, which is done" },
        LeftOut { path: "Stacks[].DeletionTime", why: "state" },
        LeftOut { path: "Stacks[].DeletionMode", why: "an option of the last deletion" },
        LeftOut { path: "Stacks[].DeploymentConfig.*", why: "an option of the last operation" },
        LeftOut { path: "Stacks[].DriftInformation.LastCheckTimestamp", why: "when AWS looked" },
        LeftOut { path: "Stacks[].LastOperations[].*", why: "history" },
        LeftOut { path: "Stacks[].Parameters[].UsePreviousValue", why: "how a request is meant" },
        LeftOut { path: "Stacks[].RetainExceptOnCreate", why: "an option of the last operation" },
        LeftOut { path: "GetTemplate:StagesAvailable[]", why: "follows from the template" },
        LeftOut { path: "StackResourceSummaries[].DriftInformation.*", why: "what AWS's own drift check found" },
        LeftOut { path: "StackResourceSummaries[].LastUpdatedTimestamp", why: "the resource tells it itself" },
        LeftOut { path: "StackResourceSummaries[].ModuleInfo.*", why: "follows from the template" },
        LeftOut { path: "StackResourceSummaries[].ResourceStatus", why: "state; deleted ones are not listed" },
        LeftOut { path: "StackResourceSummaries[].ResourceStatusReason", why: "state" },
    ],
    unmapped: &[
        Unmapped { path: "Tags", why: "kept in `tags`" },
        Unmapped { path: "TemplateURL", why: "where the template once lay; never answered" },
    ],
    edges: &[
        Edge {
            path: "importsFrom.*",
            to: "AWS::CloudFormation::Stack",
            target: "{}",
            order: Order::HolderFirst,
            why: "imports its exports, which cannot go before",
        },
        Edge {
            path: "parentId",
            to: "AWS::CloudFormation::Stack",
            target: "{}",
            order: Order::None,
            why: "a nested stack goes with its parent",
        },
    ],
    read_actions: &[
        "cloudformation:DescribeStacks",
        "cloudformation:GetStackPolicy",
        "cloudformation:GetTemplate",
        "cloudformation:ListStackResources",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteStack",
        actions: &[
            "cloudformation:UpdateTerminationProtection",
            "cloudformation:DescribeStackEvents",
            "cloudformation:DeleteStack",
        ],
        // Deleting a missing stack succeeds; a `ValidationError` says that something forbids it, or, by its message, that
        // the stack is not there.
        gone: &[],
        steps: Some(deletion),
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: Some(protection),
        rank: 0,
        holds_data: true,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let client: Client = cx.client();
    let pages = client.describe_stacks().into_paginator().items().send();
    let stacks = pages.try_collect().await.at("cloudformation:DescribeStacks")?;
    // A deleted stack stays in lists for 90 days.
    let stacks: Vec<_> =
        stacks.into_iter().filter(|stack| stack.stack_status() != Some(&StackStatus::DeleteComplete)).collect();
    let exports = exports(&stacks);
    let stacks = cx.wanted(stacks, |stack| stack.stack_id().unwrap_or_default());
    cx.each(stacks, async |stack: types::Stack| {
        let id = stack.stack_id().unwrap_or_default().to_owned();
        match describe(cx, &client, stack, &exports).await {
            // Something of it is gone: the stack itself?
            Err(error) if is_vanished(&error) && !exists(&client, &id).await? => Ok(None),
            read => read.map(Some),
        }
    })
    .await
}

/// Which stack exports which name. Names are unique in a region.
fn exports(stacks: &[types::Stack]) -> HashMap<String, String> {
    let of_one = |stack: &types::Stack| {
        let id = stack.stack_id.clone()?;
        Some(stack.outputs().iter().filter_map(move |output| Some((output.export_name.clone()?, id.clone()))).collect())
    };
    stacks.iter().filter_map(of_one).flat_map(|found: Vec<_>| found).collect()
}

/// A missing stack is a `ValidationError` like any other, so its class decides too, which comes from the message.
fn is_vanished(error: &CallError) -> bool {
    error.class == ErrorClass::Gone && error.code == "ValidationError"
}

/// A deleted stack can be described by its id for 90 days.
async fn exists(client: &Client, id: &str) -> Result<bool, CallError> {
    let deleted = |stack: &types::Stack| stack.stack_status() == Some(&StackStatus::DeleteComplete);
    match client.describe_stacks().stack_name(id).send().await.at("cloudformation:DescribeStacks") {
        Ok(answer) => Ok(answer.stacks().iter().any(|stack| !deleted(stack))),
        Err(error) if is_vanished(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn describe(
    cx: &Cx,
    client: &Client,
    stack: types::Stack,
    exports: &HashMap<String, String>,
) -> Result<Draft, CallError> {
    let id = stack.stack_id().unwrap_or_default();
    let (body, policy, resources) = tokio::join!(
        template_body(client, &stack),
        client.get_stack_policy().stack_name(id).send(),
        client.list_stack_resources().stack_name(id).into_paginator().items().send().try_collect(),
    );
    let policy = policy.at("cloudformation:GetStackPolicy");
    let policy = policy.map(|answer| policy_document(answer.stack_policy_body()));
    let said = body.map(|body| {
        let template = Template::new(body.as_deref()?);
        let names = template.imports(&values(cx, &stack)).into_iter();
        let from: BTreeSet<&str> =
            names.filter_map(|name| exports.get(&name)).map(String::as_str).filter(|from| *from != id).collect();
        Some((template.hash(), from.into_iter().map(str::to_owned).collect::<Vec<_>>()))
    });
    let (hash, imports) = match said {
        Ok(said) => (Ok(said.as_ref().map(|(hash, _)| hash.clone())), Ok(said.map(|(_, imports)| imports))),
        Err(error) => (Err(error.clone()), Err(error)),
    };
    let draft = mapped(&stack).sub("stackPolicy", policy)?.sub("templateHash", hash)?.sub("importsFrom", imports)?;
    match resources.at("cloudformation:ListStackResources") {
        Ok(resources) => Ok(draft.observed("stackResources", members(resources))),
        Err(error) => draft.sub::<()>("stackResources", Err(error)),
    }
}

/// The template as it was sent; a stack that is only planned has none yet.
async fn template_body(client: &Client, stack: &types::Stack) -> Result<Option<String>, CallError> {
    if stack.stack_status() == Some(&StackStatus::ReviewInProgress) {
        return Ok(None);
    }
    let call = client.get_template().set_stack_name(stack.stack_id.clone());
    let answer = call.template_stage(types::TemplateStage::Original).send().await;
    Ok(answer.at("cloudformation:GetTemplate")?.template_body)
}

/// What `Ref` and `Fn::Sub` see: parameters and pseudo parameters.
fn values(cx: &Cx, stack: &types::Stack) -> BTreeMap<String, String> {
    let pseudo = [
        ("AWS::AccountId", cx.account()),
        ("AWS::Partition", cx.partition()),
        ("AWS::Region", cx.region()),
        ("AWS::StackId", stack.stack_id().unwrap_or_default()),
        ("AWS::StackName", stack.stack_name().unwrap_or_default()),
    ];
    let parameters = stack.parameters().iter().filter_map(|parameter| {
        let value = parameter.resolved_value().or(parameter.parameter_value())?;
        Some((parameter.parameter_key()?, value))
    });
    parameters.chain(pseudo).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn mapped(stack: &types::Stack) -> Draft {
    let name = stack.stack_name();
    let mut outputs: Vec<_> = stack.outputs().iter().collect();
    outputs.sort_unstable_by_key(|output| output.output_key());
    let capabilities: Vec<&str> = stack.capabilities().iter().map(types::Capability::as_str).collect();
    let tags = stack.tags().iter().filter_map(|tag| Some((tag.key()?, tag.value().unwrap_or_default())));
    let compared = stack.drift_information().and_then(types::StackDriftInformation::stack_drift_status);
    let draft = Draft::new(stack.stack_id().unwrap_or_default())
        .arn(stack.stack_id())
        .name(name)
        .created(stack.creation_time())
        .tags(tags)
        .with("NotificationARNs", stack.notification_arns())
        .with("Parameters", parameters(stack, types::Parameter::parameter_value))
        .with("TimeoutInMinutes", stack.timeout_in_minutes())
        .with("capabilities", capabilities)
        .with("description", stack.description())
        .with("disableRollback", stack.disable_rollback())
        .with("enableTerminationProtection", stack.enable_termination_protection())
        .with("parentId", stack.parent_id())
        .with("roleArn", stack.role_arn())
        .with("rollbackConfiguration", stack.rollback_configuration().map(rollback_configuration))
        .with("stackName", name)
        .observed("DetailedStatus", stack.detailed_status().map(types::DetailedStatus::as_str))
        .observed("DriftStatus", compared.map(types::StackDriftStatus::as_str))
        .observed("LastUpdatedTime", stack.last_updated_time())
        .observed("Outputs", outputs.into_iter().map(output).collect::<Vec<_>>())
        .observed("ResolvedParameters", parameters(stack, types::Parameter::resolved_value))
        .observed("RootId", stack.root_id())
        .observed("StackStatus", stack.stack_status().map(StackStatus::as_str))
        .observed("StackStatusReason", stack.stack_status_reason());
    match stack_set(name.unwrap_or_default()) {
        Some(set) => draft.owner("cloudformation-stackset", Some(set)),
        None => draft.owner("cloudformation-stack", stack.parent_id()),
    }
}

/// The stack set that made a stack: its stacks are called `StackSet-NAME-UUID`.
fn stack_set(name: &str) -> Option<&str> {
    const UUID: usize = 36;
    let rest = name.strip_prefix("StackSet-")?;
    let (set, uuid) = rest.split_at_checked(rest.len().checked_sub(UUID)?)?;
    let hex = uuid.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    set.strip_suffix('-').filter(|set| hex && !set.is_empty())
}

fn parameters<'a>(
    stack: &'a types::Stack,
    value: impl Fn(&'a types::Parameter) -> Option<&'a str>,
) -> BTreeMap<String, String> {
    let one = |parameter| Some((types::Parameter::parameter_key(parameter)?.to_owned(), value(parameter)?.to_owned()));
    stack.parameters().iter().filter_map(one).collect()
}

fn rollback_configuration(configuration: &types::RollbackConfiguration) -> Props {
    let trigger =
        |trigger: &types::RollbackTrigger| Props::new().with("Arn", trigger.arn()).with("Type", trigger.r#type());
    Props::new()
        .with("MonitoringTimeInMinutes", configuration.monitoring_time_in_minutes())
        .with("RollbackTriggers", each(configuration.rollback_triggers(), trigger))
}

fn output(output: &types::Output) -> Props {
    Props::new()
        .with("Description", output.description())
        .with("ExportName", output.export_name())
        .with("OutputKey", output.output_key())
        .with("OutputValue", output.output_value())
}

/// What belongs to the stack: neither what it deleted nor what it let go.
fn members(mut resources: Vec<types::StackResourceSummary>) -> Vec<Props> {
    let left = |resource: &types::StackResourceSummary| {
        matches!(resource.resource_status(), Some(ResourceStatus::DeleteComplete | ResourceStatus::DeleteSkipped))
    };
    resources.retain(|resource| !left(resource));
    resources.sort_unstable_by(|a, b| a.logical_resource_id.cmp(&b.logical_resource_id));
    each(&resources, |resource| {
        Props::new()
            .with("LogicalResourceId", resource.logical_resource_id())
            .with("PhysicalResourceId", resource.physical_resource_id())
            .with("ResourceType", resource.resource_type())
    })
}

fn protection(stack: &Resource) -> Option<String> {
    flag(&stack.properties, "enableTerminationProtection").then(|| "EnableTerminationProtection".to_owned())
}

fn deletion(stack: &Resource, switches: &Switches) -> Vec<Step> {
    let unprotect = switches.disable_protection && protection(stack).is_some();
    let unprotect =
        unprotect.then(|| Step::on("cloudformation:UpdateTerminationProtection", "EnableTerminationProtection=false"));
    unprotect.into_iter().chain([Step::on_resource("cloudformation:DeleteStack")]).collect()
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let client: Client = hands.client();
    let id = hands.id();
    match step.call.as_str() {
        "cloudformation:UpdateTerminationProtection" => {
            let call = client.update_termination_protection().stack_name(id).enable_termination_protection(false);
            hands.call_checked(step, async { vanished(call.send().await.at(&step.call)) }).await?;
            Ok(Progress::Done)
        }
        "cloudformation:DeleteStack" => {
            let request = async { vanished(client.delete_stack().stack_name(id).send().await.at(&step.call)) };
            hands.until_gone(step, || fate(hands, &client, step), request).await
        }
        _ => Err(hands.unknown(step)),
    }
}

/// By its id a deleted stack is answered for 90 days, and never one that was made under its name afterwards.
async fn fate(hands: &Hands, client: &Client, step: &Step) -> Result<Fate, CallError> {
    let found = client.describe_stacks().stack_name(hands.id()).send().await;
    let found = vanished(found.at("cloudformation:DescribeStacks"))?;
    let stack = found.and_then(|found| found.stacks?.into_iter().next());
    let Some(status) = stack.as_ref().map(types::Stack::stack_status) else { return Ok(Fate::Gone) };
    Ok(match status {
        Some(StackStatus::DeleteComplete) => Fate::Gone,
        // An earlier attempt may have failed; the one that counts is ours.
        Some(StackStatus::DeleteFailed) if hands.has_taken(step) => {
            let reason = failure(client, hands.id()).await?;
            let reason = reason.or(stack.and_then(|stack| stack.stack_status_reason)).unwrap_or_default();
            return Err(CallError::new(ErrorClass::Other, "DELETE_FAILED", &reason, &step.call));
        }
        // A stack cannot be deleted while it is updated, and the update is not ours to cancel.
        Some(status) if is_on_its_way(status) => Fate::Going(format!("it is {}", status.as_str())),
        _ => Fate::There,
    })
}

/// `None` where AWS says that there is no such stack.
fn vanished<T>(read: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_vanished(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_on_its_way(status: &StackStatus) -> bool {
    let status = status.as_str();
    status == "DELETE_IN_PROGRESS" || (status.starts_with("UPDATE_") && status.ends_with("_IN_PROGRESS"))
}

/// Why the last deletion failed: what each member that stayed says. Events come newest first.
async fn failure(client: &Client, id: &str) -> Result<Option<String>, CallError> {
    let answer = client.describe_stack_events().stack_name(id).send().await;
    let events = answer.at("cloudformation:DescribeStackEvents")?.stack_events.unwrap_or_default();
    let is_begin = |event: &&types::StackEvent| {
        event.physical_resource_id() == Some(id) && event.resource_status() == Some(&ResourceStatus::DeleteInProgress)
    };
    let of_this_attempt = events.iter().take_while(|event| !is_begin(event));
    let failed = of_this_attempt.filter(|event| {
        event.resource_status() == Some(&ResourceStatus::DeleteFailed) && event.physical_resource_id() != Some(id)
    });
    let said = |event: &types::StackEvent| {
        let member = event.logical_resource_id().unwrap_or_default();
        format!("{member}: {}", event.resource_status_reason().unwrap_or("no reason given"))
    };
    let reasons: Vec<String> = failed.map(said).collect();
    Ok((!reasons.is_empty()).then(|| reasons.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_of_a_stack_set_tell_by_their_name() {
        let uuid = "0a1b2c3d-1111-2222-3333-444455556666";
        assert_eq!(stack_set(&format!("StackSet-baseline-roles-{uuid}")), Some("baseline-roles"));
        assert_eq!(stack_set("StackSet-of-my-own"), None);
        assert_eq!(stack_set(&format!("StackSet-{uuid}")), None);
        assert_eq!(stack_set("network"), None);
    }
}
