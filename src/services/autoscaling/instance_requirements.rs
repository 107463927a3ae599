//! Attributes that an instance type must have to be picked, in the shape of the `CloudFormation` schema.

use aws_sdk_autoscaling::types::{
    AcceleratorManufacturer, AcceleratorName, AcceleratorType, BareMetal, BaselinePerformanceFactorsRequest,
    BurstablePerformance, CpuManufacturer, InstanceGeneration, InstanceRequirements, LocalStorage, LocalStorageType,
};

use crate::catalog::{IntoProperty, Props, each};

pub(super) fn instance_requirements(required: &InstanceRequirements) -> Props {
    let most_of_on_demand = required.max_spot_price_as_percentage_of_optimal_on_demand_price();
    let props = Props::new()
        .with("AcceleratorManufacturers", names(required.accelerator_manufacturers(), AcceleratorManufacturer::as_str))
        .with("AcceleratorNames", names(required.accelerator_names(), AcceleratorName::as_str))
        .with("AcceleratorTypes", names(required.accelerator_types(), AcceleratorType::as_str))
        .with("AllowedInstanceTypes", required.allowed_instance_types())
        .with("BareMetal", required.bare_metal().map(BareMetal::as_str))
        .with("BaselinePerformanceFactors", required.baseline_performance_factors().map(performance))
        .with("BurstablePerformance", required.burstable_performance().map(BurstablePerformance::as_str))
        .with("CpuManufacturers", names(required.cpu_manufacturers(), CpuManufacturer::as_str))
        .with("ExcludedInstanceTypes", required.excluded_instance_types())
        .with("InstanceGenerations", names(required.instance_generations(), InstanceGeneration::as_str))
        .with("LocalStorage", required.local_storage().map(LocalStorage::as_str))
        .with("LocalStorageTypes", names(required.local_storage_types(), LocalStorageType::as_str))
        .with("MaxSpotPriceAsPercentageOfOptimalOnDemandPrice", most_of_on_demand)
        .with("OnDemandMaxPricePercentageOverLowestPrice", required.on_demand_max_price_percentage_over_lowest_price())
        .with("RequireHibernateSupport", required.require_hibernate_support())
        .with("SpotMaxPricePercentageOverLowestPrice", required.spot_max_price_percentage_over_lowest_price());
    ranges(props, required)
}

fn ranges(props: Props, required: &InstanceRequirements) -> Props {
    props
        .with("AcceleratorCount", required.accelerator_count().map(|r| range(r.min(), r.max())))
        .with("AcceleratorTotalMemoryMiB", required.accelerator_total_memory_mib().map(|r| range(r.min(), r.max())))
        .with("BaselineEbsBandwidthMbps", required.baseline_ebs_bandwidth_mbps().map(|r| range(r.min(), r.max())))
        .with("MemoryGiBPerVCpu", required.memory_gib_per_v_cpu().map(|r| range(r.min(), r.max())))
        .with("MemoryMiB", required.memory_mib().map(|r| range(r.min(), r.max())))
        .with("NetworkBandwidthGbps", required.network_bandwidth_gbps().map(|r| range(r.min(), r.max())))
        .with("NetworkInterfaceCount", required.network_interface_count().map(|r| range(r.min(), r.max())))
        .with("TotalLocalStorageGB", required.total_local_storage_gb().map(|r| range(r.min(), r.max())))
        .with("VCpuCount", required.v_cpu_count().map(|r| range(r.min(), r.max())))
}

fn range<T: IntoProperty>(min: Option<T>, max: Option<T>) -> Props {
    Props::new().with("Min", min).with("Max", max)
}

fn names<T>(values: &[T], name: impl Fn(&T) -> &str) -> Vec<String> {
    values.iter().map(|value| name(value).to_owned()).collect()
}

fn performance(factors: &BaselinePerformanceFactorsRequest) -> Props {
    let references = factors.cpu().map(|cpu| {
        each(cpu.references(), |reference| Props::new().with("InstanceFamily", reference.instance_family()))
    });
    Props::new().with("Cpu", Props::new().with("References", references))
}
