//! ECS services.

use std::collections::BTreeSet;

use aws_sdk_applicationautoscaling::types::ServiceNamespace;
use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{
    AvailabilityZoneRebalancing, Deployment, LaunchType, PropagateTags, ResourceManagementType, SchedulingStrategy,
    Service, ServiceField,
};

use super::service_connect::{lattice_configuration, service_connect_configuration, volume_configuration};
use super::service_props::{
    deployment_configuration, deployment_controller, load_balancer, network_configuration, placement_constraint,
    placement_strategy, service_registry, strategy_item,
};
use super::{CLUSTER_GONE, cluster_arns, failure, last_part, tag};
use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::Step;
use crate::services::applicationautoscaling;

/// `AWS::ECS::Service`. One call per cluster and one for ten services.
///
/// The number of tasks is observed where the service is a daemon or is scaled by Application Auto Scaling.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ECS::Service",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("createdAt"),
    sets: &[
        "CapacityProviderStrategy",
        "DeploymentConfiguration.Alarms.AlarmNames",
        "DeploymentConfiguration.LifecycleHooks.*.LifecycleStages",
        "LoadBalancers",
        "NetworkConfiguration.AwsvpcConfiguration.SecurityGroups",
        "NetworkConfiguration.AwsvpcConfiguration.Subnets",
        "ServiceConnectConfiguration.LogConfiguration.SecretOptions",
        "ServiceConnectConfiguration.Services",
        "ServiceRegistries",
        "VolumeConfigurations",
        "VpcLatticeConfigurations",
    ],
    secrets: &[
        "ServiceConnectConfiguration.LogConfiguration.Options.apikey",
        "ServiceConnectConfiguration.LogConfiguration.Options.licenseKey",
        "ServiceConnectConfiguration.LogConfiguration.Options.splunk-token",
    ],
    left_out: &[
        LeftOut { path: "ListServices:serviceArns*", why: "DescribeServices says it" },
        LeftOut { path: "services[].taskSets*", why: "made by an external deployment controller" },
        LeftOut { path: "services[].deployments*", why: "run state, but for what the primary one alone says" },
        LeftOut { path: "services[].events*", why: "a log" },
        LeftOut { path: "services[].currentServiceDeployment", why: "changes with every deployment" },
        LeftOut { path: "services[].currentServiceRevisions*", why: "changes with every deployment" },
        LeftOut { path: "services[].platformFamily", why: "the task definition says it" },
        LeftOut { path: "services[].clusterArn", why: "the cluster that was asked about" },
        LeftOut { path: "DescribeServices:failures[].arn", why: "of a service that is gone" },
        LeftOut { path: "DescribeServices:failures[].detail", why: "of a service that is gone" },
        LeftOut { path: "ScalableTargets*", why: "belongs to the scalable target" },
    ],
    unmapped: &[
        Unmapped { path: "ForceNewDeployment", why: "write-only: what an update should do" },
        Unmapped { path: "GatewayConnectors", why: "DescribeServices does not answer it" },
        Unmapped { path: "Monitoring", why: "DescribeServices does not answer it" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[
        Edge {
            path: "CapacityProviderStrategy.*.CapacityProvider",
            to: "AWS::ECS::CapacityProvider",
            target: "{}",
            order: Order::HolderFirst,
            why: "a capacity provider is named and cannot go while a service uses it",
        },
        Edge {
            path: "DeploymentConfiguration.Alarms.AlarmNames.*",
            to: "AWS::CloudWatch::Alarm",
            target: "{}",
            order: Order::HolderFirst,
            why: "deployments fail when the alarm is missing",
        },
        Edge {
            path: "LoadBalancers.*.LoadBalancerName",
            to: "AWS::ElasticLoadBalancing::LoadBalancer",
            target: "{}",
            order: Order::HolderFirst,
            why: "a classic load balancer is named",
        },
    ],
    read_actions: &[
        "application-autoscaling:DescribeScalableTargets",
        "ecs:DescribeServices",
        "ecs:ListClusters",
        "ecs:ListServices",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteService",
        actions: &["ecs:DeleteService"],
        gone: &["ServiceNotFoundException", "ClusterNotFoundException", "ServiceNotActiveException"],
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 1,
        holds_data: false,
        reversible: None,
    }),
};

/// Services that one call describes.
const BATCH: usize = 10;

async fn list(cx: &Cx) -> Listed {
    let ecs: Client = cx.client();
    let clusters = cluster_arns(cx).await?.to_vec();
    let services = cx.gather(clusters, |cluster| of_cluster(cx, &ecs, cluster)).await?;
    let services: Vec<_> = services.into_iter().flatten().filter(|(_, s)| s.status() != Some("INACTIVE")).collect();
    if services.is_empty() {
        return Ok(Vec::new());
    }
    let scaled = scaled(cx).await;
    services.iter().map(|(cluster, service)| map(cluster, service, &scaled)).collect()
}

/// The services of a cluster, each beside the ARN of the cluster.
async fn of_cluster(cx: &Cx, ecs: &Client, cluster: String) -> Result<Vec<(String, Service)>, CallError> {
    let pages = ecs.list_services().cluster(&cluster).max_results(100).into_paginator().items().send();
    let arns: Option<Vec<String>> = pages.try_collect().await.at("ecs:ListServices").absent_if(CLUSTER_GONE)?;
    let mut arns = arns.unwrap_or_default();
    arns.retain(|arn| cx.wants(&id(arn, &cluster)));
    let batches = arns.chunks(BATCH).map(<[String]>::to_vec).collect();
    let found = cx.gather(batches, |batch: Vec<String>| describe(ecs, &cluster, batch)).await?;
    Ok(found.into_iter().flatten().map(|service| (cluster.clone(), service)).collect())
}

async fn describe(ecs: &Client, cluster: &str, arns: Vec<String>) -> Result<Vec<Service>, CallError> {
    let request = ecs.describe_services().cluster(cluster).set_services(Some(arns)).include(ServiceField::Tags);
    let answer = request.send().await.at("ecs:DescribeServices")?;
    failure(answer.failures(), "ecs:DescribeServices")?;
    Ok(answer.services.unwrap_or_default())
}

/// The services, as `service/cluster/name`, whose number of tasks Application Auto Scaling sets.
type Scaled = Result<BTreeSet<String>, CallError>;

async fn scaled(cx: &Cx) -> Scaled {
    let targets = applicationautoscaling::targets(cx, &ServiceNamespace::Ecs).await?;
    Ok(targets.iter().map(|target| target.resource_id().to_owned()).collect())
}

fn id(service: &str, cluster: &str) -> String {
    format!("{service}|{cluster}")
}

fn map(cluster: &str, service: &Service, scaled: &Scaled) -> Result<Draft, CallError> {
    let arn = service.service_arn().unwrap_or_default();
    let name = service.service_name().unwrap_or_default();
    let target = format!("service/{}/{name}", last_part(cluster));
    let count = match scaled {
        _ if service.scheduling_strategy() == Some(&SchedulingStrategy::Daemon) => Ok(None),
        Ok(scaled) if scaled.contains(&target) => Ok(None),
        Ok(_) => Ok(Some(service.desired_count())),
        Err(error) => Err(error.clone()),
    };
    let primary = service.deployments().iter().find(|deployment| deployment.status() == Some("PRIMARY"));
    let draft = Draft::new(id(arn, cluster))
        .arn(arn)
        .name(name)
        .created(service.created_at())
        .tags(service.tags().iter().filter_map(tag))
        .with("Cluster", cluster)
        .with(
            "AvailabilityZoneRebalancing",
            service.availability_zone_rebalancing().map(AvailabilityZoneRebalancing::as_str),
        )
        .with("CapacityProviderStrategy", each(service.capacity_provider_strategy(), strategy_item))
        .with("DeploymentConfiguration", service.deployment_configuration().map(deployment_configuration))
        .with("DeploymentController", service.deployment_controller().map(deployment_controller))
        .with("EnableECSManagedTags", service.enable_ecs_managed_tags())
        .with("EnableExecuteCommand", service.enable_execute_command())
        .with("HealthCheckGracePeriodSeconds", service.health_check_grace_period_seconds())
        .with("LaunchType", service.launch_type().map(LaunchType::as_str))
        .with("LoadBalancers", each(service.load_balancers(), load_balancer))
        .with("NetworkConfiguration", service.network_configuration().map(network_configuration))
        .with("PlacementConstraints", each(service.placement_constraints(), placement_constraint))
        .with("PlacementStrategies", each(service.placement_strategy(), placement_strategy))
        .with("PlatformVersion", service.platform_version())
        .with("PropagateTags", service.propagate_tags().map(PropagateTags::as_str))
        .with("Role", service.role_arn())
        .with("SchedulingStrategy", service.scheduling_strategy().map(SchedulingStrategy::as_str))
        .with("ServiceName", service.service_name())
        .with("ServiceRegistries", each(service.service_registries(), service_registry))
        .with("TaskDefinition", service.task_definition())
        .observed("createdBy", service.created_by())
        .observed("desiredCount", service.desired_count())
        .observed("pendingCount", service.pending_count())
        .observed("resourceManagementType", service.resource_management_type().map(ResourceManagementType::as_str))
        .observed("runningCount", service.running_count())
        .observed("status", service.status());
    let draft = match primary {
        Some(primary) => of_primary(draft, primary),
        None => draft,
    };
    draft.sub("DesiredCount", count)
}

/// What only a deployment says, although it is set on the service.
fn of_primary(draft: Draft, primary: &Deployment) -> Draft {
    draft
        .with("ServiceConnectConfiguration", primary.service_connect_configuration().map(service_connect_configuration))
        .with("VolumeConfigurations", each(primary.volume_configurations(), volume_configuration))
        .with("VpcLatticeConfigurations", each(primary.vpc_lattice_configurations(), lattice_configuration))
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let ecs: Client = hands.client();
    let look = ecs.describe_services().cluster(hands.part(1)).services(hands.part(0));
    let now = hands.look("ecs:DescribeServices", look.send()).await?;
    match now.as_ref().and_then(|answer| answer.services().first()?.status()) {
        None | Some("INACTIVE") => return Ok(Progress::Done),
        Some("DRAINING") => {}
        Some(_) => {
            let delete = ecs.delete_service().cluster(hands.part(1)).service(hands.part(0)).force(true);
            if hands.call(step, delete.send()).await?.is_none() {
                return Ok(Progress::Done);
            }
        }
    }
    Ok(Progress::Waiting("its tasks are draining".to_owned()))
}
