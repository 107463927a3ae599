//! Groups of several instance types and purchase options, in the shape of the `CloudFormation` schema.

use aws_sdk_autoscaling::types::{
    DistributionSegment, InstancesDistribution, LaunchTemplate, LaunchTemplateOverrides, MixedInstancesPolicy,
    TargetCapacityType,
};

use super::group_props::launch_template;
use super::instance_requirements::instance_requirements;
use crate::catalog::{Props, each};

pub(super) fn mixed_instances_policy(policy: &MixedInstancesPolicy) -> Props {
    Props::new()
        .with("InstancesDistribution", policy.instances_distribution().map(distribution))
        .with("LaunchTemplate", policy.launch_template().map(template))
}

fn distribution(distribution: &InstancesDistribution) -> Props {
    Props::new()
        .with("DistributionSegments", each(distribution.distribution_segments(), segment))
        .with("OnDemandAllocationStrategy", distribution.on_demand_allocation_strategy())
        .with("OnDemandBaseCapacity", distribution.on_demand_base_capacity())
        .with("OnDemandPercentageAboveBaseCapacity", distribution.on_demand_percentage_above_base_capacity())
        .with("SpotAllocationStrategy", distribution.spot_allocation_strategy())
        .with("SpotInstancePools", distribution.spot_instance_pools())
        .with("SpotMaxPrice", distribution.spot_max_price())
}

fn segment(segment: &DistributionSegment) -> Props {
    let types = segment.target_capacity_types().iter().map(TargetCapacityType::as_str).map(str::to_owned);
    Props::new().with("TargetCapacityTypes", types.collect::<Vec<_>>())
}

fn template(template: &LaunchTemplate) -> Props {
    Props::new()
        .with("LaunchTemplateSpecification", template.launch_template_specification().map(launch_template))
        // Their order is a priority under some of the strategies.
        .with("Overrides", each(template.overrides(), overrides))
}

fn overrides(overrides: &LaunchTemplateOverrides) -> Props {
    Props::new()
        .with("ImageId", overrides.image_id())
        .with("InstanceRequirements", overrides.instance_requirements().map(instance_requirements))
        .with("InstanceType", overrides.instance_type())
        .with("LaunchTemplateSpecification", overrides.launch_template_specification().map(launch_template))
        .with("WeightedCapacity", overrides.weighted_capacity())
}
