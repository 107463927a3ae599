//! Which instance types a capacity provider of managed instances may choose from.

use aws_sdk_ecs::types::{
    AcceleratorCountRequest, AcceleratorManufacturer, AcceleratorName, AcceleratorTotalMemoryMiBRequest,
    AcceleratorType, BareMetal, BaselineEbsBandwidthMbpsRequest, BurstablePerformance, CpuManufacturer,
    InstanceGeneration, InstanceRequirementsRequest, LocalStorage, LocalStorageType, MemoryGiBPerVCpuRequest,
    MemoryMiBRequest, NetworkBandwidthGbpsRequest, NetworkInterfaceCountRequest, TotalLocalStorageGbRequest,
    VCpuCountRangeRequest,
};

use crate::catalog::Props;

fn accelerator_count_request(count: &AcceleratorCountRequest) -> Props {
    Props::new().with("Max", count.max()).with("Min", count.min())
}

fn accelerator_total_memory_mib_request(mib: &AcceleratorTotalMemoryMiBRequest) -> Props {
    Props::new().with("Max", mib.max()).with("Min", mib.min())
}

fn baseline_ebs_bandwidth_mbps_request(mbps: &BaselineEbsBandwidthMbpsRequest) -> Props {
    Props::new().with("Max", mbps.max()).with("Min", mbps.min())
}

fn memory_gib_per_vcpu_request(vcpu: &MemoryGiBPerVCpuRequest) -> Props {
    Props::new().with("Max", vcpu.max()).with("Min", vcpu.min())
}

fn memory_mib_request(mib: &MemoryMiBRequest) -> Props {
    Props::new().with("Max", mib.max()).with("Min", mib.min())
}

fn network_bandwidth_gbps_request(gbps: &NetworkBandwidthGbpsRequest) -> Props {
    Props::new().with("Max", gbps.max()).with("Min", gbps.min())
}

fn network_interface_count_request(count: &NetworkInterfaceCountRequest) -> Props {
    Props::new().with("Max", count.max()).with("Min", count.min())
}

fn total_local_storage_gb_request(gb: &TotalLocalStorageGbRequest) -> Props {
    Props::new().with("Max", gb.max()).with("Min", gb.min())
}

fn vcpu_count_range_request(range: &VCpuCountRangeRequest) -> Props {
    Props::new().with("Max", range.max()).with("Min", range.min())
}

pub(super) fn instance_requirements(requirements: &InstanceRequirementsRequest) -> Props {
    Props::new()
        .with("AcceleratorCount", requirements.accelerator_count().map(accelerator_count_request))
        .with(
            "AcceleratorManufacturers",
            requirements.accelerator_manufacturers().iter().map(AcceleratorManufacturer::as_str).collect::<Vec<_>>(),
        )
        .with(
            "AcceleratorNames",
            requirements.accelerator_names().iter().map(AcceleratorName::as_str).collect::<Vec<_>>(),
        )
        .with(
            "AcceleratorTotalMemoryMiB",
            requirements.accelerator_total_memory_mib().map(accelerator_total_memory_mib_request),
        )
        .with(
            "AcceleratorTypes",
            requirements.accelerator_types().iter().map(AcceleratorType::as_str).collect::<Vec<_>>(),
        )
        .with("AllowedInstanceTypes", requirements.allowed_instance_types())
        .with("BareMetal", requirements.bare_metal().map(BareMetal::as_str))
        .with(
            "BaselineEbsBandwidthMbps",
            requirements.baseline_ebs_bandwidth_mbps().map(baseline_ebs_bandwidth_mbps_request),
        )
        .with("BurstablePerformance", requirements.burstable_performance().map(BurstablePerformance::as_str))
        .with(
            "CpuManufacturers",
            requirements.cpu_manufacturers().iter().map(CpuManufacturer::as_str).collect::<Vec<_>>(),
        )
        .with("ExcludedInstanceTypes", requirements.excluded_instance_types())
        .with(
            "InstanceGenerations",
            requirements.instance_generations().iter().map(InstanceGeneration::as_str).collect::<Vec<_>>(),
        )
        .with("LocalStorage", requirements.local_storage().map(LocalStorage::as_str))
        .with(
            "LocalStorageTypes",
            requirements.local_storage_types().iter().map(LocalStorageType::as_str).collect::<Vec<_>>(),
        )
        .with(
            "MaxSpotPriceAsPercentageOfOptimalOnDemandPrice",
            requirements.max_spot_price_as_percentage_of_optimal_on_demand_price(),
        )
        .with("MemoryGiBPerVCpu", requirements.memory_gib_per_v_cpu().map(memory_gib_per_vcpu_request))
        .with("MemoryMiB", requirements.memory_mib().map(memory_mib_request))
        .with("NetworkBandwidthGbps", requirements.network_bandwidth_gbps().map(network_bandwidth_gbps_request))
        .with("NetworkInterfaceCount", requirements.network_interface_count().map(network_interface_count_request))
        .with(
            "OnDemandMaxPricePercentageOverLowestPrice",
            requirements.on_demand_max_price_percentage_over_lowest_price(),
        )
        .with("RequireHibernateSupport", requirements.require_hibernate_support())
        .with("SpotMaxPricePercentageOverLowestPrice", requirements.spot_max_price_percentage_over_lowest_price())
        .with("TotalLocalStorageGB", requirements.total_local_storage_gb().map(total_local_storage_gb_request))
        .with("VCpuCount", requirements.v_cpu_count().map(vcpu_count_range_request))
}
