//! ECS capacity providers.

use std::collections::BTreeMap;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{
    AutoRepairActionsStatus, AutoRepairConfiguration, AutoScalingGroupProvider, CapacityOptionType, CapacityProvider,
    CapacityProviderField, CapacityProviderStatus, CapacityProviderType, CapacityProviderUpdateStatus,
    CapacityReservationPreference, CapacityReservationRequest, InfrastructureOptimization, InstanceLaunchTemplate,
    ManagedDraining, ManagedInstancesLocalStorageConfiguration, ManagedInstancesMonitoringOptions,
    ManagedInstancesNetworkConfiguration, ManagedInstancesProvider, ManagedInstancesStorageConfiguration,
    ManagedScaling, ManagedScalingStatus, ManagedTerminationProtection, PropagateMiTags,
};

use super::instance_requirements::instance_requirements;
use super::{CLUSTER_GONE, cluster_arns, failure, last_part, missing, tag};
use crate::aws::{Absent, Call, CallError, Cx, ErrorClass, Hands};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::ECS::CapacityProvider`.
///
/// Those of managed instances belong to a cluster and are only certain to be answered when it is named: one call
/// for all others, and one per cluster.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ECS::CapacityProvider",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("ECS does not report when a capacity provider was created"),
    sets: &[],
    secrets: &[],
    left_out: &[
        LeftOut { path: "capacityProviders[].updateStatusReason", why: "updateStatus in a sentence" },
        LeftOut { path: "DescribeCapacityProviders:failures[].arn", why: "of a capacity provider that is gone" },
        LeftOut { path: "DescribeCapacityProviders:failures[].detail", why: "of a capacity provider that is gone" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["ecs:DescribeCapacityProviders", "ecs:ListClusters"],
    delete: Delete::Call(Recipe {
        operation: "DeleteCapacityProvider",
        actions: &["ecs:DeleteCapacityProvider"],
        gone: CLUSTER_GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 1,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let ecs: Client = cx.client();
    let clusters = cluster_arns(cx).await?;
    let scopes = std::iter::once(None).chain(clusters.iter().cloned().map(Some)).collect();
    let found = cx.gather(scopes, |cluster| of_cluster(&ecs, cluster)).await?;
    let by_arn: BTreeMap<String, CapacityProvider> = found
        .into_iter()
        .flatten()
        .filter(|provider| provider.status() != Some(&CapacityProviderStatus::Inactive))
        .map(|provider| (provider.capacity_provider_arn().unwrap_or_default().to_owned(), provider))
        .collect();
    Ok(by_arn.values().map(map).collect())
}

/// All that a cluster has, or all that belong to none. The SDK has no paginator for this call.
async fn of_cluster(ecs: &Client, cluster: Option<String>) -> Result<Vec<CapacityProvider>, CallError> {
    const ACTION: &str = "ecs:DescribeCapacityProviders";
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let request = ecs.describe_capacity_providers().set_cluster(cluster.clone()).set_next_token(token);
        let answer = request.include(CapacityProviderField::Tags).send().await.at(ACTION).absent_if(CLUSTER_GONE)?;
        let Some(answer) = answer else { return Ok(Vec::new()) };
        failure(answer.failures(), ACTION)?;
        found.extend(answer.capacity_providers.unwrap_or_default());
        token = answer.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(found);
        }
    }
}

fn map(provider: &CapacityProvider) -> Draft {
    let name = provider.name().unwrap_or_default();
    Draft::new(name)
        .arn(provider.capacity_provider_arn())
        .name(name)
        .tags(provider.tags().iter().filter_map(tag))
        .aws_made(matches!(name, "FARGATE" | "FARGATE_SPOT"), "capacity of Fargate")
        .with("AutoScalingGroupProvider", provider.auto_scaling_group_provider().map(auto_scaling_group_provider))
        .with("ClusterName", provider.cluster().map(last_part))
        .with("ManagedInstancesProvider", provider.managed_instances_provider().map(managed_instances_provider))
        .with("Name", provider.name())
        .observed("status", provider.status().map(CapacityProviderStatus::as_str))
        .observed("type", provider.r#type().map(CapacityProviderType::as_str))
        .observed("updateStatus", provider.update_status().map(CapacityProviderUpdateStatus::as_str))
}

fn managed_scaling(scaling: &ManagedScaling) -> Props {
    Props::new()
        .with("InstanceWarmupPeriod", scaling.instance_warmup_period())
        .with("MaximumScalingStepSize", scaling.maximum_scaling_step_size())
        .with("MinimumScalingStepSize", scaling.minimum_scaling_step_size())
        .with("Status", scaling.status().map(ManagedScalingStatus::as_str))
        .with("TargetCapacity", scaling.target_capacity())
}

fn auto_scaling_group_provider(provider: &AutoScalingGroupProvider) -> Props {
    Props::new()
        .with("AutoScalingGroupArn", provider.auto_scaling_group_arn())
        .with("ManagedDraining", provider.managed_draining().map(ManagedDraining::as_str))
        .with("ManagedScaling", provider.managed_scaling().map(managed_scaling))
        .with(
            "ManagedTerminationProtection",
            provider.managed_termination_protection().map(ManagedTerminationProtection::as_str),
        )
}

fn auto_repair_configuration(config: &AutoRepairConfiguration) -> Props {
    Props::new().with("ActionsStatus", config.actions_status().map(AutoRepairActionsStatus::as_str))
}

fn infrastructure_optimization(optimization: &InfrastructureOptimization) -> Props {
    Props::new().with("ScaleInAfter", optimization.scale_in_after())
}

fn capacity_reservation_request(reservation: &CapacityReservationRequest) -> Props {
    Props::new()
        .with("ReservationGroupArn", reservation.reservation_group_arn())
        .with("ReservationPreference", reservation.reservation_preference().map(CapacityReservationPreference::as_str))
}

fn managed_instances_local_storage_configuration(config: &ManagedInstancesLocalStorageConfiguration) -> Props {
    Props::new().with("UseLocalStorage", config.use_local_storage())
}

fn managed_instances_network_configuration(config: &ManagedInstancesNetworkConfiguration) -> Props {
    Props::new().with("SecurityGroups", config.security_groups()).with("Subnets", config.subnets())
}

fn managed_instances_storage_configuration(config: &ManagedInstancesStorageConfiguration) -> Props {
    Props::new().with("StorageSizeGiB", config.storage_size_gib())
}

fn instance_launch_template(template: &InstanceLaunchTemplate) -> Props {
    Props::new()
        .with("CapacityOptionType", template.capacity_option_type().map(CapacityOptionType::as_str))
        .with("CapacityReservations", template.capacity_reservations().map(capacity_reservation_request))
        .with("Ec2InstanceProfileArn", template.ec2_instance_profile_arn())
        .with("FipsEnabled", template.fips_enabled())
        .with("InstanceMetadataTagsPropagation", template.instance_metadata_tags_propagation())
        .with("InstanceRequirements", template.instance_requirements().map(instance_requirements))
        .with(
            "LocalStorageConfiguration",
            template.local_storage_configuration().map(managed_instances_local_storage_configuration),
        )
        .with("Monitoring", template.monitoring().map(ManagedInstancesMonitoringOptions::as_str))
        .with("NetworkConfiguration", template.network_configuration().map(managed_instances_network_configuration))
        .with("StorageConfiguration", template.storage_configuration().map(managed_instances_storage_configuration))
}

fn managed_instances_provider(provider: &ManagedInstancesProvider) -> Props {
    Props::new()
        .with("AutoRepairConfiguration", provider.auto_repair_configuration().map(auto_repair_configuration))
        .with("InfrastructureOptimization", provider.infrastructure_optimization().map(infrastructure_optimization))
        .with("InfrastructureRoleArn", provider.infrastructure_role_arn())
        .with("InstanceLaunchTemplate", provider.instance_launch_template().map(instance_launch_template))
        .with("PropagateTags", provider.propagate_tags().map(PropagateMiTags::as_str))
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let ecs: Client = hands.client();
    let cluster = hands.text("ClusterName").map(str::to_owned);
    let look = ecs.describe_capacity_providers().capacity_providers(hands.arn()).set_cluster(cluster.clone());
    let look = look.send().await.at("ecs:DescribeCapacityProviders").absent_if(CLUSTER_GONE)?;
    let Some(now) = look.as_ref().and_then(|answer| answer.capacity_providers().first()) else {
        return Ok(Progress::Done);
    };
    match (now.status(), now.update_status()) {
        (Some(CapacityProviderStatus::Inactive), _) => return Ok(Progress::Done),
        (_, Some(CapacityProviderUpdateStatus::DeleteInProgress)) => {}
        // A first attempt that failed stays visible in the status: only what the call itself answers is new.
        _ => {
            let delete = ecs.delete_capacity_provider().capacity_provider(hands.arn()).set_cluster(cluster);
            let delete = async {
                let answer = missing(delete.send().await.at(&step.call))?;
                let provider = answer.and_then(|answer| answer.capacity_provider);
                refused(provider.as_ref(), &step.call)
            };
            if hands.call_checked(step, delete).await?.is_none() {
                return Ok(Progress::Done);
            }
        }
    }
    Ok(Progress::Waiting("the capacity provider is being deleted".to_owned()))
}

fn refused(provider: Option<&CapacityProvider>, action: &str) -> Result<(), CallError> {
    match provider.filter(|p| p.update_status() == Some(&CapacityProviderUpdateStatus::DeleteFailed)) {
        None => Ok(()),
        Some(provider) => {
            let why = provider.update_status_reason().unwrap_or_default();
            Err(CallError::new(ErrorClass::Conflict, "DELETE_FAILED", why, action))
        }
    }
}
