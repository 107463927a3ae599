//! The properties of an Auto Scaling group, in the shape of the `CloudFormation` schema.

use std::collections::BTreeMap;

use aws_sdk_autoscaling::types::{
    AutoScalingGroup, AvailabilityZoneImpairmentPolicy, CapacityDistributionStrategy, CapacityReservationPreference,
    CapacityReservationSpecification, DeletionProtection, ImpairedZoneHealthCheckBehavior, InstanceMaintenancePolicy,
    LaunchTemplateSpecification, RetentionAction, WarmPoolConfiguration, WarmPoolState,
};

use super::mixed_instances::mixed_instances_policy;
use crate::catalog::{Draft, Props, each};

pub(super) fn properties(draft: Draft, group: &AutoScalingGroup) -> Draft {
    // The schema has these four as texts.
    let text = |number: Option<i32>| number.map(|number| number.to_string());
    let traffic_sources = each(group.traffic_sources(), |source| {
        Props::new().with("Identifier", source.identifier()).with("Type", source.r#type())
    });
    let draft = draft
        .with("AutoScalingGroupName", group.auto_scaling_group_name())
        .with("AvailabilityZoneIds", group.availability_zone_ids())
        .with("AvailabilityZones", group.availability_zones())
        .with("CapacityRebalance", group.capacity_rebalance())
        .with("Context", group.context())
        .with("Cooldown", text(group.default_cooldown()))
        .with("DefaultInstanceWarmup", group.default_instance_warmup())
        .with("DeletionProtection", group.deletion_protection().map(DeletionProtection::as_str))
        .with("DesiredCapacityType", group.desired_capacity_type())
        .with("HealthCheckGracePeriod", group.health_check_grace_period())
        .with("HealthCheckType", group.health_check_type())
        .with("LaunchConfigurationName", group.launch_configuration_name())
        .with("LaunchTemplate", group.launch_template().map(launch_template))
        .with("LoadBalancerNames", group.load_balancer_names())
        .with("MaxInstanceLifetime", group.max_instance_lifetime())
        .with("MaxSize", text(group.max_size()))
        .with("MetricsCollection", metrics(group))
        .with("MinSize", text(group.min_size()))
        .with("MixedInstancesPolicy", group.mixed_instances_policy().map(mixed_instances_policy))
        .with("NewInstancesProtectedFromScaleIn", group.new_instances_protected_from_scale_in())
        .with("PlacementGroup", group.placement_group())
        .with("ServiceLinkedRoleARN", group.service_linked_role_arn())
        .with("TargetGroupARNs", group.target_group_arns())
        .with("TerminationPolicies", group.termination_policies())
        .with("TrafficSources", traffic_sources)
        .with("VPCZoneIdentifier", subnets(group));
    policies(draft, group)
}

fn policies(draft: Draft, group: &AutoScalingGroup) -> Draft {
    let distribution = group.availability_zone_distribution().map(|distribution| {
        let strategy = distribution.capacity_distribution_strategy().map(CapacityDistributionStrategy::as_str);
        Props::new().with("CapacityDistributionStrategy", strategy)
    });
    let lifecycle = group.instance_lifecycle_policy().and_then(|policy| policy.retention_triggers()).map(|triggers| {
        let abandon = triggers.terminate_hook_abandon().map(RetentionAction::as_str);
        Props::new().with("RetentionTriggers", Props::new().with("TerminateHookAbandon", abandon))
    });
    draft
        .with("AvailabilityZoneDistribution", distribution)
        .with("AvailabilityZoneImpairmentPolicy", group.availability_zone_impairment_policy().map(impairment))
        .with("CapacityReservationSpecification", group.capacity_reservation_specification().map(capacity_reservation))
        .with("InstanceLifecyclePolicy", lifecycle)
        .with("InstanceMaintenancePolicy", group.instance_maintenance_policy().map(maintenance))
}

/// A template by its id. The version is kept as people wrote it: `$Latest` stays `$Latest`.
pub(super) fn launch_template(template: &LaunchTemplateSpecification) -> Props {
    Props::new().with("LaunchTemplateId", template.launch_template_id()).with("Version", template.version())
}

/// The API answers a row for each metric, the schema has a list of metrics for each granularity.
fn metrics(group: &AutoScalingGroup) -> Vec<Props> {
    let mut granularities: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for enabled in group.enabled_metrics() {
        let metrics = granularities.entry(enabled.granularity().unwrap_or_default()).or_default();
        metrics.extend(enabled.metric().map(str::to_owned));
    }
    let granularities = granularities.into_iter();
    granularities
        .map(|(granularity, metrics)| Props::new().with("Granularity", granularity).with("Metrics", metrics))
        .collect()
}

/// The API answers the subnets as one text: `subnet-1,subnet-2`.
fn subnets(group: &AutoScalingGroup) -> Vec<String> {
    let subnets = group.vpc_zone_identifier().unwrap_or_default().split(',').map(str::trim);
    subnets.filter(|subnet| !subnet.is_empty()).map(str::to_owned).collect()
}

fn impairment(policy: &AvailabilityZoneImpairmentPolicy) -> Props {
    let behavior = policy.impaired_zone_health_check_behavior().map(ImpairedZoneHealthCheckBehavior::as_str);
    Props::new()
        .with("ImpairedZoneHealthCheckBehavior", behavior)
        .with("ZonalShiftEnabled", policy.zonal_shift_enabled())
}

fn capacity_reservation(specification: &CapacityReservationSpecification) -> Props {
    let preference = specification.capacity_reservation_preference().map(CapacityReservationPreference::as_str);
    let target = specification.capacity_reservation_target().map(|target| {
        Props::new()
            .with("CapacityReservationIds", target.capacity_reservation_ids())
            .with("CapacityReservationResourceGroupArns", target.capacity_reservation_resource_group_arns())
    });
    Props::new().with("CapacityReservationPreference", preference).with("CapacityReservationTarget", target)
}

fn maintenance(policy: &InstanceMaintenancePolicy) -> Props {
    Props::new()
        .with("MaxHealthyPercentage", policy.max_healthy_percentage())
        .with("MinHealthyPercentage", policy.min_healthy_percentage())
}

pub(super) fn warm_pool(pool: &WarmPoolConfiguration) -> Props {
    let reuse =
        pool.instance_reuse_policy().map(|reuse| Props::new().with("ReuseOnScaleIn", reuse.reuse_on_scale_in()));
    Props::new()
        .with("InstanceReusePolicy", reuse)
        .with("MaxGroupPreparedCapacity", pool.max_group_prepared_capacity())
        .with("MinSize", pool.min_size())
        .with("PoolState", pool.pool_state().map(WarmPoolState::as_str))
}
