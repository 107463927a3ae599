//! Attributes that an instance type must have to be picked, in the shape of the `CloudFormation` schema.
//!
//! Three SDK crates have types of this one shape, and no trait in common: a macro writes the mapping for each.

use crate::catalog::{IntoProperty, Props};

/// Writes `instance_requirements` for the types of one SDK crate: its requirements, and its factors where it has them.
macro_rules! instance_requirements {
    ($sdk:ident, $Requirements:ident $(, $Factors:ident)?) => {
        use $sdk::types::{
            AcceleratorManufacturer, AcceleratorName, AcceleratorType, BareMetal, BurstablePerformance, CpuManufacturer,
            InstanceGeneration, LocalStorage, LocalStorageType, $Requirements, $($Factors)?
        };

        use crate::catalog::Props;
        use crate::services::instance_requirements::{names, range};

        pub(super) fn instance_requirements(required: &$Requirements) -> Props {
            let most_of_on_demand = required.max_spot_price_as_percentage_of_optimal_on_demand_price();
            let over_lowest = required.on_demand_max_price_percentage_over_lowest_price();
            let makers = names(required.accelerator_manufacturers(), AcceleratorManufacturer::as_str);
            let props = Props::new()
                .with("AcceleratorManufacturers", makers)
                .with("AcceleratorNames", names(required.accelerator_names(), AcceleratorName::as_str))
                .with("AcceleratorTypes", names(required.accelerator_types(), AcceleratorType::as_str))
                .with("AllowedInstanceTypes", required.allowed_instance_types())
                .with("BareMetal", required.bare_metal().map(BareMetal::as_str))
                .with("BurstablePerformance", required.burstable_performance().map(BurstablePerformance::as_str))
                .with("CpuManufacturers", names(required.cpu_manufacturers(), CpuManufacturer::as_str))
                .with("ExcludedInstanceTypes", required.excluded_instance_types())
                .with("InstanceGenerations", names(required.instance_generations(), InstanceGeneration::as_str))
                .with("LocalStorage", required.local_storage().map(LocalStorage::as_str))
                .with("LocalStorageTypes", names(required.local_storage_types(), LocalStorageType::as_str))
                .with("MaxSpotPriceAsPercentageOfOptimalOnDemandPrice", most_of_on_demand)
                .with("OnDemandMaxPricePercentageOverLowestPrice", over_lowest)
                .with("RequireHibernateSupport", required.require_hibernate_support())
                .with("SpotMaxPricePercentageOverLowestPrice", required.spot_max_price_percentage_over_lowest_price());
            $(
                let performance = |factors: &$Factors| {
                    let references = factors.cpu().map(|cpu| {
                        crate::catalog::each(cpu.references(), |reference| {
                            Props::new().with("InstanceFamily", reference.instance_family())
                        })
                    });
                    Props::new().with("Cpu", Props::new().with("References", references))
                };
                let factors = required.baseline_performance_factors().map(performance);
                let props = props.with("BaselinePerformanceFactors", factors);
            )?
            ranges(props, required)
        }

        fn ranges(props: Props, required: &$Requirements) -> Props {
            let accelerator_memory = required.accelerator_total_memory_mib().map(|r| range(r.min(), r.max()));
            let bandwidth = required.baseline_ebs_bandwidth_mbps().map(|r| range(r.min(), r.max()));
            props
                .with("AcceleratorCount", required.accelerator_count().map(|r| range(r.min(), r.max())))
                .with("AcceleratorTotalMemoryMiB", accelerator_memory)
                .with("BaselineEbsBandwidthMbps", bandwidth)
                .with("MemoryGiBPerVCpu", required.memory_gib_per_v_cpu().map(|r| range(r.min(), r.max())))
                .with("MemoryMiB", required.memory_mib().map(|r| range(r.min(), r.max())))
                .with("NetworkBandwidthGbps", required.network_bandwidth_gbps().map(|r| range(r.min(), r.max())))
                .with("NetworkInterfaceCount", required.network_interface_count().map(|r| range(r.min(), r.max())))
                .with("TotalLocalStorageGB", required.total_local_storage_gb().map(|r| range(r.min(), r.max())))
                .with("VCpuCount", required.v_cpu_count().map(|r| range(r.min(), r.max())))
        }
    };
}
pub(super) use instance_requirements;

pub(super) fn range(min: impl IntoProperty, max: impl IntoProperty) -> Props {
    Props::new().with("Min", min).with("Max", max)
}

pub(super) fn names<T>(values: &[T], name: impl Fn(&T) -> &str) -> Vec<String> {
    values.iter().map(|value| name(value).to_owned()).collect()
}
