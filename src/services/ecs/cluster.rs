//! ECS clusters.

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{
    CapacityProviderStrategyItem, Cluster, ClusterConfiguration, ClusterField, ClusterServiceConnectDefaults,
    ClusterSetting, ClusterSettingName, ExecuteCommandConfiguration, ExecuteCommandLogConfiguration,
    ExecuteCommandLogging, ManagedStorageConfiguration,
};

use super::{CLUSTER_GONE, cluster_arns, failure, last_part, tag};
use crate::aws::{Call, CallError, Cx, ErrorClass, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::ECS::Cluster`. One call for a hundred clusters.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ECS::Cluster",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("ECS does not report when a cluster was created"),
    sets: &["CapacityProviders", "ClusterSettings", "DefaultCapacityProviderStrategy"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "ListClusters:clusterArns*", why: "DescribeClusters says it" },
        LeftOut { path: "clusters[].statistics*", why: "counters" },
        LeftOut { path: "clusters[].attachments*", why: "what ECS made for a capacity provider, and its run state" },
        LeftOut { path: "DescribeClusters:failures[].arn", why: "of a cluster that is gone" },
        LeftOut { path: "DescribeClusters:failures[].detail", why: "of a cluster that is gone" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[
        Edge {
            path: "CapacityProviders.*",
            to: "AWS::ECS::CapacityProvider",
            target: "{}",
            order: Order::HolderFirst,
            why: "a capacity provider is named and cannot go while a cluster has it",
        },
        Edge {
            path: "Configuration.ExecuteCommandConfiguration.LogConfiguration.CloudWatchLogGroupName",
            to: "AWS::Logs::LogGroup",
            target: "{}",
            order: Order::HolderFirst,
            why: "sessions of ECS Exec are logged there",
        },
        Edge {
            path: "Configuration.ExecuteCommandConfiguration.LogConfiguration.S3BucketName",
            to: "AWS::S3::Bucket",
            target: "{}",
            order: Order::HolderFirst,
            why: "sessions of ECS Exec are logged there",
        },
    ],
    read_actions: &["ecs:DescribeClusters", "ecs:ListClusters"],
    delete: Delete::Call(Recipe {
        operation: "DeleteCluster",
        actions: &[
            "ecs:DeleteCluster",
            "ecs:DeregisterContainerInstance",
            "ecs:ListContainerInstances",
            "ecs:ListTasks",
            "ecs:PutClusterCapacityProviders",
            "ecs:StopTask",
        ],
        gone: CLUSTER_GONE,
        steps: Some(steps),
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 1,
        holds_data: false,
        reversible: None,
    }),
};

/// Clusters that one call describes.
const BATCH: usize = 100;

async fn list(cx: &Cx) -> Listed {
    let ecs: Client = cx.client();
    let arns: Vec<_> = cluster_arns(cx).await?.iter().filter(|arn| cx.wants(last_part(arn))).cloned().collect();
    let batches = arns.chunks(BATCH).map(<[String]>::to_vec).collect();
    let clusters = cx.gather(batches, |batch: Vec<String>| describe(&ecs, batch)).await?;
    Ok(clusters.iter().flatten().filter(|cluster| cluster.status() != Some("INACTIVE")).map(map).collect())
}

async fn describe(ecs: &Client, arns: Vec<String>) -> Result<Vec<Cluster>, CallError> {
    let request = ecs
        .describe_clusters()
        .set_clusters(Some(arns))
        .include(ClusterField::Configurations)
        .include(ClusterField::Settings)
        .include(ClusterField::Tags);
    let answer = request.send().await.at("ecs:DescribeClusters")?;
    failure(answer.failures(), "ecs:DescribeClusters")?;
    Ok(answer.clusters.unwrap_or_default())
}

fn map(cluster: &Cluster) -> Draft {
    Draft::new(cluster.cluster_name().unwrap_or_default())
        .arn(cluster.cluster_arn())
        .name(cluster.cluster_name())
        .tags(cluster.tags().iter().filter_map(tag))
        .with("CapacityProviders", cluster.capacity_providers())
        .with("ClusterName", cluster.cluster_name())
        .with("ClusterSettings", each(cluster.settings(), cluster_setting))
        .with("Configuration", cluster.configuration().map(configuration))
        .with(
            "DefaultCapacityProviderStrategy",
            each(cluster.default_capacity_provider_strategy(), capacity_provider_strategy_item),
        )
        .with("ServiceConnectDefaults", cluster.service_connect_defaults().map(service_connect_defaults))
        .observed("status", cluster.status())
        .observed("activeServicesCount", cluster.active_services_count())
        .observed("pendingTasksCount", cluster.pending_tasks_count())
        .observed("registeredContainerInstancesCount", cluster.registered_container_instances_count())
        .observed("runningTasksCount", cluster.running_tasks_count())
}

fn cluster_setting(setting: &ClusterSetting) -> Props {
    Props::new().with("Name", setting.name().map(ClusterSettingName::as_str)).with("Value", setting.value())
}

fn execute_command_log_configuration(config: &ExecuteCommandLogConfiguration) -> Props {
    Props::new()
        .with("CloudWatchEncryptionEnabled", config.cloud_watch_encryption_enabled())
        .with("CloudWatchLogGroupName", config.cloud_watch_log_group_name())
        .with("S3BucketName", config.s3_bucket_name())
        .with("S3EncryptionEnabled", config.s3_encryption_enabled())
        .with("S3KeyPrefix", config.s3_key_prefix())
}

fn execute_command_configuration(config: &ExecuteCommandConfiguration) -> Props {
    Props::new()
        .with("KmsKeyId", config.kms_key_id())
        .with("LogConfiguration", config.log_configuration().map(execute_command_log_configuration))
        .with("Logging", config.logging().map(ExecuteCommandLogging::as_str))
}

fn managed_storage_configuration(config: &ManagedStorageConfiguration) -> Props {
    Props::new()
        .with("FargateEphemeralStorageKmsKeyId", config.fargate_ephemeral_storage_kms_key_id())
        .with("KmsKeyId", config.kms_key_id())
}

fn configuration(config: &ClusterConfiguration) -> Props {
    Props::new()
        .with("ExecuteCommandConfiguration", config.execute_command_configuration().map(execute_command_configuration))
        .with("ManagedStorageConfiguration", config.managed_storage_configuration().map(managed_storage_configuration))
}

fn capacity_provider_strategy_item(item: &CapacityProviderStrategyItem) -> Props {
    Props::new()
        .with("Base", item.base())
        .with("CapacityProvider", item.capacity_provider())
        .with("Weight", item.weight())
}

fn service_connect_defaults(defaults: &ClusterServiceConnectDefaults) -> Props {
    Props::new().with("Namespace", defaults.namespace())
}

/// Tasks and machines that no service or group takes with it, then the providers, then the cluster.
fn steps(cluster: &Resource, _: &Switches) -> Vec<Step> {
    let counted = |name: &str| cluster.observed.get(name).and_then(serde_json::Value::as_i64).unwrap_or_default() > 0;
    let mut steps = Vec::new();
    if counted("runningTasksCount") || counted("pendingTasksCount") {
        steps.push(Step::on("ecs:StopTask", "all tasks"));
    }
    if counted("registeredContainerInstancesCount") {
        steps.push(Step::on("ecs:DeregisterContainerInstance", "all container instances"));
    }
    if cluster.properties.contains_key("CapacityProviders") {
        steps.push(Step::on_resource("ecs:PutClusterCapacityProviders"));
    }
    steps.push(Step::on_resource("ecs:DeleteCluster"));
    steps
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let ecs: Client = hands.client();
    match step.call.as_str() {
        "ecs:StopTask" => stop_tasks(hands, step, &ecs).await,
        "ecs:DeregisterContainerInstance" => deregister_instances(hands, step, &ecs).await,
        "ecs:PutClusterCapacityProviders" => {
            let detach = ecs.put_cluster_capacity_providers().cluster(hands.arn());
            let detach = detach
                .set_capacity_providers(Some(Vec::new()))
                .set_default_capacity_provider_strategy(Some(Vec::new()));
            hands.call(step, detach.send()).await?;
            Ok(Progress::Done)
        }
        "ecs:DeleteCluster" => {
            let before =
                hands.look("ecs:DescribeClusters", ecs.describe_clusters().clusters(hands.arn()).send()).await?;
            let status = before.as_ref().and_then(|answer| answer.clusters().first()?.status());
            match status {
                None | Some("INACTIVE") => Ok(Progress::Done),
                Some("DEPROVISIONING") => Ok(Progress::Waiting("the cluster is deprovisioning".to_owned())),
                Some(_) => {
                    let answer = hands.call(step, ecs.delete_cluster().cluster(hands.arn()).send()).await?;
                    let status = answer.as_ref().and_then(|answer| answer.cluster()?.status());
                    Ok(match status {
                        Some("DEPROVISIONING") => Progress::Waiting("the cluster is deprovisioning".to_owned()),
                        _ => Progress::Done,
                    })
                }
            }
        }
        _ => Err(CallError::new(ErrorClass::Other, "unknown-step", "no step of deleting a cluster", &step.call)),
    }
}

async fn stop_tasks(hands: &Hands, step: &Step, ecs: &Client) -> Result<Progress, CallError> {
    let pages = ecs.list_tasks().cluster(hands.arn()).into_paginator().items().send();
    let tasks = hands.look("ecs:ListTasks", pages.try_collect()).await?.unwrap_or_default();
    for task in &tasks {
        let stop = ecs.stop_task().cluster(hands.arn()).task(task).reason("its cluster is deleted");
        hands.call_checked(step, async { already_stopped(stop.send().await.at(&step.call)) }).await?;
    }
    Ok(if tasks.is_empty() { Progress::Done } else { Progress::Waiting(format!("{} tasks are stopping", tasks.len())) })
}

/// A task may end by itself between the list and the call.
fn already_stopped<T>(answer: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match answer {
        Err(error) if error.code == "InvalidParameterException" && error.message.contains("not found") => Ok(None),
        other => other.map(Some),
    }
}

async fn deregister_instances(hands: &Hands, step: &Step, ecs: &Client) -> Result<Progress, CallError> {
    let pages = ecs.list_container_instances().cluster(hands.arn()).into_paginator().items().send();
    let instances = hands.look("ecs:ListContainerInstances", pages.try_collect()).await?.unwrap_or_default();
    for instance in &instances {
        let request = ecs.deregister_container_instance().cluster(hands.arn()).container_instance(instance).force(true);
        hands.call(step, request.send()).await?;
    }
    Ok(Progress::Done)
}
