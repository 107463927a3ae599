//! What is kept of an instance: its properties in the shape of the `CloudFormation` schema, and what is only shown.

use aws_sdk_ec2::types::{
    AmdSevSnpSpecification, ArchitectureValues, BootModeValues, CapacityReservationPreference,
    CapacityReservationSpecificationResponse, CpuOptions, HostnameType, HttpTokensState, Instance,
    InstanceAutoRecoveryState, InstanceBandwidthWeighting, InstanceBlockDeviceMapping, InstanceLifecycleType,
    InstanceMaintenanceOptions, InstanceMetadataEndpointState, InstanceMetadataOptionsResponse,
    InstanceMetadataProtocolState, InstanceMetadataTagsState, InstanceNetworkInterface, InstanceRebootMigrationState,
    InstanceSecondaryInterface, InstanceSecondaryInterfaceAttachment, InstanceStateName, InstanceType, MonitoringState,
    NestedVirtualizationSpecification, Placement, PrivateDnsNameOptionsResponse, SecondaryInterfaceType, Tenancy,
};

use super::image::product_code;
use crate::catalog::{Draft, Props, each};

pub(super) fn properties(draft: Draft, instance: &Instance) -> Draft {
    let groups = instance.security_groups().iter().filter_map(|group| group.group_id()).map(str::to_owned);
    let licenses = each(instance.licenses(), |license| {
        Props::new().with("LicenseConfigurationArn", license.license_configuration_arn())
    });
    let enclave = instance.enclave_options().map(|enclave| Props::new().with("Enabled", enclave.enabled()));
    let hibernation =
        instance.hibernation_options().map(|hibernation| Props::new().with("Configured", hibernation.configured()));
    let network = instance.network_performance_options().and_then(|options| options.bandwidth_weighting());
    let network = Props::new().with("BandwidthWeighting", network.map(InstanceBandwidthWeighting::as_str));
    let draft = draft
        .with("BlockDeviceMappings", each(instance.block_device_mappings(), device))
        .with("EbsOptimized", instance.ebs_optimized())
        .with("EnclaveOptions", enclave)
        .with("HibernationOptions", hibernation)
        .with("IamInstanceProfile", instance.iam_instance_profile().and_then(|profile| profile_name(profile.arn()?)))
        .with("ImageId", instance.image_id())
        .with("InstanceType", instance.instance_type().map(InstanceType::as_str))
        .with("Ipv6Addresses", ipv6_addresses(instance))
        .with("KernelId", instance.kernel_id())
        .with("KeyName", instance.key_name())
        .with("LicenseSpecifications", licenses)
        .with("MetadataOptions", instance.metadata_options().map(metadata_options))
        .with("Monitoring", monitoring(instance))
        .with("PrivateDnsNameOptions", instance.private_dns_name_options().map(private_dns_name_options))
        .with("PrivateIpAddress", instance.private_ip_address())
        .with("RamdiskId", instance.ramdisk_id())
        .with("SecurityGroupIds", groups.collect::<Vec<_>>())
        .with("SourceDestCheck", instance.source_dest_check())
        .with("SubnetId", instance.subnet_id())
        .with("bootMode", instance.boot_mode().map(BootModeValues::as_str))
        .with("capacityBlockId", instance.capacity_block_id())
        .with(
            "capacityReservationSpecification",
            instance.capacity_reservation_specification().map(capacity_reservation),
        )
        .with("enaSupport", instance.ena_support())
        .with("instanceLifecycle", instance.instance_lifecycle().map(InstanceLifecycleType::as_str))
        .with("maintenanceOptions", instance.maintenance_options().map(maintenance))
        .with("networkPerformanceOptions", network)
        .with("productCodes", each(instance.product_codes(), product_code))
        .with("secondaryInterfaces", each(instance.secondary_interfaces(), secondary_interface))
        .with("sriovNetSupport", instance.sriov_net_support());
    let draft = match instance.cpu_options() {
        Some(options) => cpu_options(draft, options),
        None => draft,
    };
    match instance.placement() {
        Some(placement_of) => placement(draft, placement_of),
        None => draft,
    }
}

pub(super) fn observed(draft: Draft, instance: &Instance) -> Draft {
    let state = instance.state().and_then(|state| state.name());
    draft
        .observed("Architecture", instance.architecture().map(ArchitectureValues::as_str))
        .observed("CapacityReservationId", instance.capacity_reservation_id())
        .observed("LaunchTime", instance.launch_time())
        .observed("OutpostArn", instance.outpost_arn())
        .observed("PlatformDetails", instance.platform_details())
        .observed("PrivateDnsName", instance.private_dns_name().filter(|name| !name.is_empty()))
        .observed("PublicDnsName", instance.public_dns_name().filter(|name| !name.is_empty()))
        .observed("PublicIp", instance.public_ip_address())
        .observed("RootDeviceName", instance.root_device_name())
        .observed("SpotInstanceRequestId", instance.spot_instance_request_id())
        .observed("State", state.map(InstanceStateName::as_str))
        .observed("StateTransitionReason", instance.state_transition_reason().filter(|reason| !reason.is_empty()))
        .observed("VpcId", instance.vpc_id())
}

fn device(device: &InstanceBlockDeviceMapping) -> Props {
    let ebs = device.ebs().map(|ebs| Props::new().with("DeleteOnTermination", ebs.delete_on_termination()));
    Props::new().with("DeviceName", device.device_name()).with("Ebs", ebs)
}

/// The name at the end of `arn:aws:iam::123456789012:instance-profile/path/name`.
fn profile_name(arn: &str) -> Option<&str> {
    arn.rsplit('/').next()
}

/// Whether detailed monitoring is switched on; switching takes a while and shows as a state of its own.
fn monitoring(instance: &Instance) -> Option<bool> {
    let state = instance.monitoring()?.state()?;
    Some(matches!(state, MonitoringState::Enabled | MonitoringState::Pending))
}

/// The addresses of the primary interface: those of other interfaces are theirs.
fn ipv6_addresses(instance: &Instance) -> Vec<Props> {
    let is_primary = |index: Option<i32>| index.unwrap_or_default() == 0;
    instance
        .network_interfaces()
        .iter()
        .filter(|interface| {
            interface.attachment().is_some_and(|a| is_primary(a.device_index()) && is_primary(a.network_card_index()))
        })
        .flat_map(InstanceNetworkInterface::ipv6_addresses)
        .map(|address| Props::new().with("Ipv6Address", address.ipv6_address()))
        .collect()
}

fn metadata_options(options: &InstanceMetadataOptionsResponse) -> Props {
    Props::new()
        .with("HttpEndpoint", options.http_endpoint().map(InstanceMetadataEndpointState::as_str))
        .with("HttpProtocolIpv6", options.http_protocol_ipv6().map(InstanceMetadataProtocolState::as_str))
        .with("HttpPutResponseHopLimit", options.http_put_response_hop_limit())
        .with("HttpTokens", options.http_tokens().map(HttpTokensState::as_str))
        .with("InstanceMetadataTags", options.instance_metadata_tags().map(InstanceMetadataTagsState::as_str))
}

fn private_dns_name_options(options: &PrivateDnsNameOptionsResponse) -> Props {
    Props::new()
        .with("EnableResourceNameDnsAAAARecord", options.enable_resource_name_dns_aaaa_record())
        .with("EnableResourceNameDnsARecord", options.enable_resource_name_dns_a_record())
        .with("HostnameType", options.hostname_type().map(HostnameType::as_str))
}

/// The schema of an instance has a place for the first two only.
fn cpu_options(draft: Draft, options: &CpuOptions) -> Draft {
    let known = Props::new().with("CoreCount", options.core_count()).with("ThreadsPerCore", options.threads_per_core());
    let more = Props::new()
        .with("AmdSevSnp", options.amd_sev_snp().map(AmdSevSnpSpecification::as_str))
        .with("NestedVirtualization", options.nested_virtualization().map(NestedVirtualizationSpecification::as_str));
    draft.with("CpuOptions", known).with("cpuOptions", more)
}

fn placement(draft: Draft, placement: &Placement) -> Draft {
    // EC2 picks the host anew at each start, unless the instance is bound to it.
    let (host, current_host) = match placement.affinity() {
        Some("host") => (placement.host_id(), None),
        _ => (None, placement.host_id()),
    };
    let more = Props::new()
        .with("GroupId", placement.group_id())
        .with("PartitionNumber", placement.partition_number())
        .with("SpreadDomain", placement.spread_domain());
    draft
        .with("Affinity", placement.affinity())
        .with("AvailabilityZone", placement.availability_zone())
        .with("HostId", host)
        .with("HostResourceGroupArn", placement.host_resource_group_arn())
        // EC2 answers an empty name for no group.
        .with("PlacementGroupName", placement.group_name().filter(|name| !name.is_empty()))
        .with("Tenancy", placement.tenancy().map(Tenancy::as_str))
        .with("placement", more)
        .observed("HostId", current_host)
}

fn capacity_reservation(specification: &CapacityReservationSpecificationResponse) -> Props {
    let target = specification.capacity_reservation_target().map(|target| {
        Props::new()
            .with("CapacityReservationId", target.capacity_reservation_id())
            .with("CapacityReservationResourceGroupArn", target.capacity_reservation_resource_group_arn())
    });
    Props::new()
        .with(
            "CapacityReservationPreference",
            specification.capacity_reservation_preference().map(CapacityReservationPreference::as_str),
        )
        .with("CapacityReservationTarget", target)
}

fn maintenance(options: &InstanceMaintenanceOptions) -> Props {
    Props::new()
        .with("AutoRecovery", options.auto_recovery().map(InstanceAutoRecoveryState::as_str))
        .with("RebootMigration", options.reboot_migration().map(InstanceRebootMigrationState::as_str))
}

fn secondary_interface(interface: &InstanceSecondaryInterface) -> Props {
    let addresses: Vec<String> = interface
        .private_ip_addresses()
        .iter()
        .filter_map(|address| address.private_ip_address().map(str::to_owned))
        .collect();
    let attachment = interface.attachment();
    Props::new()
        .with("SecondaryInterfaceId", interface.secondary_interface_id())
        .with("SecondarySubnetId", interface.secondary_subnet_id())
        .with("InterfaceType", interface.interface_type().map(SecondaryInterfaceType::as_str))
        .with("DeleteOnTermination", attachment.and_then(InstanceSecondaryInterfaceAttachment::delete_on_termination))
        .with("DeviceIndex", attachment.and_then(InstanceSecondaryInterfaceAttachment::device_index))
        .with("NetworkCardIndex", attachment.and_then(InstanceSecondaryInterfaceAttachment::network_card_index))
        .with("PrivateIpAddresses", addresses)
        .with("SourceDestCheck", interface.source_dest_check())
}
