//! ECS task definitions: every revision that can still be run.

use aws_sdk_ecs::Client;
use aws_sdk_ecs::operation::describe_task_definition::DescribeTaskDefinitionOutput;
use aws_sdk_ecs::types::{
    Compatibility, IpcMode, NetworkMode, PidMode, TaskDefinition, TaskDefinitionField, TaskDefinitionStatus,
};

use super::container::container_definition;
use super::task_props::{
    ephemeral_storage, inference_accelerator, placement_constraint, proxy_configuration, runtime_platform, volume,
};
use super::{failure, last_part, missing, tag};
use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::ECS::TaskDefinition`: a resource per active revision, as in `CloudFormation`. One call each.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ECS::TaskDefinition",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("registeredAt"),
    sets: &[
        "ContainerDefinitions",
        "ContainerDefinitions.*.CredentialSpecs",
        "ContainerDefinitions.*.DependsOn",
        "ContainerDefinitions.*.DnsSearchDomains",
        "ContainerDefinitions.*.DnsServers",
        "ContainerDefinitions.*.DockerSecurityOptions",
        "ContainerDefinitions.*.Environment",
        "ContainerDefinitions.*.EnvironmentFiles",
        "ContainerDefinitions.*.ExtraHosts",
        "ContainerDefinitions.*.Links",
        "ContainerDefinitions.*.LinuxParameters.Capabilities.Add",
        "ContainerDefinitions.*.LinuxParameters.Capabilities.Drop",
        "ContainerDefinitions.*.LinuxParameters.Devices",
        "ContainerDefinitions.*.LinuxParameters.Devices.*.Permissions",
        "ContainerDefinitions.*.LinuxParameters.Tmpfs",
        "ContainerDefinitions.*.LinuxParameters.Tmpfs.*.MountOptions",
        "ContainerDefinitions.*.LogConfiguration.SecretOptions",
        "ContainerDefinitions.*.MountPoints",
        "ContainerDefinitions.*.PortMappings",
        "ContainerDefinitions.*.ResourceRequirements",
        "ContainerDefinitions.*.RestartPolicy.IgnoredExitCodes",
        "ContainerDefinitions.*.Secrets",
        "ContainerDefinitions.*.SystemControls",
        "ContainerDefinitions.*.Ulimits",
        "ContainerDefinitions.*.VolumesFrom",
        "InferenceAccelerators",
        "PlacementConstraints",
        "ProxyConfiguration.ProxyConfigurationProperties",
        "RequiresCompatibilities",
        "Volumes",
    ],
    secrets: &[
        "ContainerDefinitions.*.Environment.*.Value",
        "ContainerDefinitions.*.LogConfiguration.Options.apikey",
        "ContainerDefinitions.*.LogConfiguration.Options.licenseKey",
        "ContainerDefinitions.*.LogConfiguration.Options.splunk-token",
    ],
    left_out: &[
        LeftOut { path: "taskDefinition.compatibilities*", why: "derived from the definition" },
        LeftOut { path: "taskDefinition.requiresAttributes*", why: "derived from the definition" },
        LeftOut { path: "taskDefinition.taskDefinitionArn", why: "the revision that was asked about" },
        LeftOut { path: "taskDefinition.revision", why: "the last part of the ARN" },
        LeftOut { path: "taskDefinition.deregisteredAt", why: "inactive revisions are not listed" },
        LeftOut { path: "taskDefinition.deleteRequestedAt", why: "deleted revisions are not listed" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[
        Edge {
            path: "ContainerDefinitions.*.LogConfiguration.Options.awslogs-group",
            to: "AWS::Logs::LogGroup",
            target: "{}",
            order: Order::HolderFirst,
            why: "tasks write into the log group, and may make it again",
        },
        Edge {
            path: "Volumes.*.EFSVolumeConfiguration.FilesystemId",
            to: "AWS::EFS::FileSystem",
            target: "{}",
            order: Order::HolderFirst,
            why: "tasks mount the file system",
        },
    ],
    read_actions: &["ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"],
    delete: Delete::Call(Recipe {
        operation: "DeleteTaskDefinitions",
        actions: &["ecs:DeleteTaskDefinitions", "ecs:DeregisterTaskDefinition"],
        gone: &[],
        steps: Some(steps),
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 4,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let ecs: Client = cx.client();
    let pages = ecs.list_task_definitions().status(TaskDefinitionStatus::Active).max_results(100);
    let pages = pages.into_paginator().items().send();
    let mut arns: Vec<String> = pages.try_collect().await.at("ecs:ListTaskDefinitions")?;
    arns.retain(|arn| cx.wants(arn));
    cx.each(arns, |arn| describe(&ecs, arn)).await
}

async fn describe(ecs: &Client, arn: String) -> Result<Option<Draft>, CallError> {
    let request = ecs.describe_task_definition().task_definition(&arn).include(TaskDefinitionField::Tags);
    let Some(answer) = missing(request.send().await.at("ecs:DescribeTaskDefinition"))? else { return Ok(None) };
    Ok(answer.task_definition().filter(|task| is_active(task)).map(|task| map(&arn, task, &answer)))
}

fn is_active(task: &TaskDefinition) -> bool {
    !matches!(task.status(), Some(TaskDefinitionStatus::Inactive | TaskDefinitionStatus::DeleteInProgress))
}

fn map(arn: &str, task: &TaskDefinition, answer: &DescribeTaskDefinitionOutput) -> Draft {
    Draft::new(arn)
        .arn(arn)
        .name(last_part(arn))
        .created(task.registered_at())
        .tags(answer.tags().iter().filter_map(tag))
        .with("ContainerDefinitions", each(task.container_definitions(), container_definition))
        .with("Cpu", task.cpu())
        .with("EnableFaultInjection", task.enable_fault_injection())
        .with("EphemeralStorage", task.ephemeral_storage().map(ephemeral_storage))
        .with("ExecutionRoleArn", task.execution_role_arn())
        .with("Family", task.family())
        .with("InferenceAccelerators", each(task.inference_accelerators(), inference_accelerator))
        .with("IpcMode", task.ipc_mode().map(IpcMode::as_str))
        .with("Memory", task.memory())
        .with("NetworkMode", task.network_mode().map(NetworkMode::as_str))
        .with("PidMode", task.pid_mode().map(PidMode::as_str))
        .with("PlacementConstraints", each(task.placement_constraints(), placement_constraint))
        .with("ProxyConfiguration", task.proxy_configuration().map(proxy_configuration))
        .with(
            "RequiresCompatibilities",
            task.requires_compatibilities().iter().map(Compatibility::as_str).collect::<Vec<_>>(),
        )
        .with("RuntimePlatform", task.runtime_platform().map(runtime_platform))
        .with("TaskRoleArn", task.task_role_arn())
        .with("Volumes", each(task.volumes(), volume))
        .observed("registeredBy", task.registered_by())
        .observed("status", task.status().map(TaskDefinitionStatus::as_str))
}

/// Only what is deregistered can be deleted.
fn steps(_: &Resource, _: &Switches) -> Vec<Step> {
    vec![Step::on_resource("ecs:DeregisterTaskDefinition"), Step::on_resource("ecs:DeleteTaskDefinitions")]
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let ecs: Client = hands.client();
    let now = ecs.describe_task_definition().task_definition(hands.id()).send().await;
    let now = missing(now.at("ecs:DescribeTaskDefinition"))?;
    let status = now.as_ref().and_then(|answer| answer.task_definition()?.status());
    match (step.call.as_str(), status) {
        // What is still being deleted lasts for as long as tasks run; it can neither be run nor kept.
        (_, None | Some(TaskDefinitionStatus::DeleteInProgress))
        | ("ecs:DeregisterTaskDefinition", Some(TaskDefinitionStatus::Inactive)) => {}
        ("ecs:DeregisterTaskDefinition", _) => {
            let deregister = ecs.deregister_task_definition().task_definition(hands.id()).send();
            hands.call_checked(step, async { missing(deregister.await.at(&step.call)) }).await?;
        }
        _ => {
            let delete = ecs.delete_task_definitions().task_definitions(hands.id());
            let delete = async {
                match missing(delete.send().await.at(&step.call))? {
                    Some(answer) => failure(answer.failures(), &step.call),
                    None => Ok(()),
                }
            };
            hands.call_checked(step, delete).await?;
        }
    }
    Ok(Progress::Done)
}
