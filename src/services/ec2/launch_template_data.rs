//! The data of a launch template's version, in the shape of the `CloudFormation` schema.

use aws_sdk_ec2::types::{
    AmdSevSnpSpecification, CapacityReservationPreference, ConnectionTrackingSpecification, HostnameType,
    InstanceBandwidthWeighting, InstanceInterruptionBehavior, InstanceType, LaunchTemplateAutoRecoveryState,
    LaunchTemplateBlockDeviceMapping, LaunchTemplateCapacityReservationSpecificationResponse, LaunchTemplateCpuOptions,
    LaunchTemplateEbsBlockDevice, LaunchTemplateEnaSrdSpecification, LaunchTemplateHttpTokensState,
    LaunchTemplateInstanceMarketOptions, LaunchTemplateInstanceMetadataEndpointState,
    LaunchTemplateInstanceMetadataOptions, LaunchTemplateInstanceMetadataProtocolIpv6,
    LaunchTemplateInstanceMetadataTagsState, LaunchTemplateInstanceNetworkInterfaceSpecification as Interface,
    LaunchTemplatePlacement, LaunchTemplatePrivateDnsNameOptions, LaunchTemplateSpotMarketOptions,
    LaunchTemplateTagSpecification, MarketType, NestedVirtualizationSpecification, ResourceType,
    ResponseLaunchTemplateData, ShutdownBehavior, SpotInstanceType, Tenancy, VolumeType,
};

use super::instance_requirements::instance_requirements;
use crate::catalog::{Props, each};

pub(super) fn data(data: &ResponseLaunchTemplateData) -> Props {
    let props = launch(data);
    let credits = data.credit_specification().map(|credits| Props::new().with("CpuCredits", credits.cpu_credits()));
    let enclave = data.enclave_options().map(|enclave| Props::new().with("Enabled", enclave.enabled()));
    let hibernation =
        data.hibernation_options().map(|hibernation| Props::new().with("Configured", hibernation.configured()));
    let maintenance = data.maintenance_options().and_then(|maintenance| maintenance.auto_recovery());
    let maintenance = Props::new().with("AutoRecovery", maintenance.map(LaunchTemplateAutoRecoveryState::as_str));
    let network = data.network_performance_options().and_then(|options| options.bandwidth_weighting());
    let network = Props::new().with("BandwidthWeighting", network.map(InstanceBandwidthWeighting::as_str));
    let licenses = each(data.license_specifications(), |license| {
        Props::new().with("LicenseConfigurationArn", license.license_configuration_arn())
    });
    props
        .with(
            "CapacityReservationSpecification",
            data.capacity_reservation_specification().map(capacity_reservation_specification),
        )
        .with("CpuOptions", data.cpu_options().map(cpu_options))
        .with("CreditSpecification", credits)
        .with("EnclaveOptions", enclave)
        .with("HibernationOptions", hibernation)
        .with("InstanceMarketOptions", data.instance_market_options().map(instance_market_options))
        .with("InstanceRequirements", data.instance_requirements().map(instance_requirements))
        .with("LicenseSpecifications", licenses)
        .with("MaintenanceOptions", maintenance)
        .with("MetadataOptions", data.metadata_options().map(metadata_options))
        .with("NetworkPerformanceOptions", network)
        .with("Placement", data.placement().map(placement))
        .with("PrivateDnsNameOptions", data.private_dns_name_options().map(private_dns_name_options))
}

/// What is launched, with which devices and in which network.
fn launch(data: &ResponseLaunchTemplateData) -> Props {
    let profile =
        data.iam_instance_profile().map(|profile| Props::new().with("Arn", profile.arn()).with("Name", profile.name()));
    let monitoring = data.monitoring().map(|monitoring| Props::new().with("Enabled", monitoring.enabled()));
    Props::new()
        .with("BlockDeviceMappings", each(data.block_device_mappings(), block_device_mapping))
        .with("DisableApiStop", data.disable_api_stop())
        .with("DisableApiTermination", data.disable_api_termination())
        .with("EbsOptimized", data.ebs_optimized())
        .with("IamInstanceProfile", profile)
        .with("ImageId", data.image_id())
        .with(
            "InstanceInitiatedShutdownBehavior",
            data.instance_initiated_shutdown_behavior().map(ShutdownBehavior::as_str),
        )
        .with("InstanceType", data.instance_type().map(InstanceType::as_str))
        .with("KernelId", data.kernel_id())
        .with("KeyName", data.key_name())
        .with("Monitoring", monitoring)
        .with("NetworkInterfaces", each(data.network_interfaces(), network_interface))
        .with("RamDiskId", data.ram_disk_id())
        .with("SecurityGroupIds", data.security_group_ids())
        .with("SecurityGroups", data.security_groups())
        .with("TagSpecifications", each(data.tag_specifications(), tag_specification))
        .with("UserData", data.user_data())
}

fn block_device_mapping(device: &LaunchTemplateBlockDeviceMapping) -> Props {
    Props::new()
        .with("DeviceName", device.device_name())
        .with("Ebs", device.ebs().map(ebs))
        .with("NoDevice", device.no_device())
        .with("VirtualName", device.virtual_name())
}

fn ebs(ebs: &LaunchTemplateEbsBlockDevice) -> Props {
    Props::new()
        .with("DeleteOnTermination", ebs.delete_on_termination())
        .with("EbsCardIndex", ebs.ebs_card_index())
        .with("Encrypted", ebs.encrypted())
        .with("Iops", ebs.iops())
        .with("KmsKeyId", ebs.kms_key_id())
        .with("SnapshotId", ebs.snapshot_id())
        .with("Throughput", ebs.throughput())
        .with("VolumeInitializationRate", ebs.volume_initialization_rate())
        .with("VolumeSize", ebs.volume_size())
        .with("VolumeType", ebs.volume_type().map(VolumeType::as_str))
}

fn network_interface(interface: &Interface) -> Props {
    let private_ips = each(interface.private_ip_addresses(), |address| {
        Props::new().with("Primary", address.primary()).with("PrivateIpAddress", address.private_ip_address())
    });
    let ipv6 = each(interface.ipv6_addresses(), |address| Props::new().with("Ipv6Address", address.ipv6_address()));
    let ipv4_prefixes = each(interface.ipv4_prefixes(), |prefix| Props::new().with("Ipv4Prefix", prefix.ipv4_prefix()));
    let ipv6_prefixes = each(interface.ipv6_prefixes(), |prefix| Props::new().with("Ipv6Prefix", prefix.ipv6_prefix()));
    Props::new()
        .with("AssociateCarrierIpAddress", interface.associate_carrier_ip_address())
        .with("AssociatePublicIpAddress", interface.associate_public_ip_address())
        .with(
            "ConnectionTrackingSpecification",
            interface.connection_tracking_specification().map(connection_tracking_specification),
        )
        .with("DeleteOnTermination", interface.delete_on_termination())
        .with("Description", interface.description())
        .with("DeviceIndex", interface.device_index())
        .with("EnaQueueCount", interface.ena_queue_count())
        .with("EnaSrdSpecification", interface.ena_srd_specification().map(ena_srd_specification))
        .with("Groups", interface.groups())
        .with("InterfaceType", interface.interface_type())
        .with("Ipv4PrefixCount", interface.ipv4_prefix_count())
        .with("Ipv4Prefixes", ipv4_prefixes)
        .with("Ipv6AddressCount", interface.ipv6_address_count())
        // The first of them is the primary one.
        .with("Ipv6Addresses", ipv6)
        .with("Ipv6PrefixCount", interface.ipv6_prefix_count())
        .with("Ipv6Prefixes", ipv6_prefixes)
        .with("NetworkCardIndex", interface.network_card_index())
        .with("NetworkInterfaceId", interface.network_interface_id())
        .with("PrimaryIpv6", interface.primary_ipv6())
        .with("PrivateIpAddress", interface.private_ip_address())
        .with("PrivateIpAddresses", private_ips)
        .with("SecondaryPrivateIpAddressCount", interface.secondary_private_ip_address_count())
        .with("SubnetId", interface.subnet_id())
}

fn connection_tracking_specification(tracking: &ConnectionTrackingSpecification) -> Props {
    Props::new()
        .with("TcpEstablishedTimeout", tracking.tcp_established_timeout())
        .with("UdpStreamTimeout", tracking.udp_stream_timeout())
        .with("UdpTimeout", tracking.udp_timeout())
}

fn ena_srd_specification(ena_srd: &LaunchTemplateEnaSrdSpecification) -> Props {
    let udp =
        ena_srd.ena_srd_udp_specification().map(|udp| Props::new().with("EnaSrdUdpEnabled", udp.ena_srd_udp_enabled()));
    Props::new().with("EnaSrdEnabled", ena_srd.ena_srd_enabled()).with("EnaSrdUdpSpecification", udp)
}

fn tag_specification(specification: &LaunchTemplateTagSpecification) -> Props {
    let tags = each(specification.tags(), |tag| Props::new().with("Key", tag.key()).with("Value", tag.value()));
    Props::new().with("ResourceType", specification.resource_type().map(ResourceType::as_str)).with("Tags", tags)
}

fn capacity_reservation_specification(specification: &LaunchTemplateCapacityReservationSpecificationResponse) -> Props {
    let preference = specification.capacity_reservation_preference().map(CapacityReservationPreference::as_str);
    let target = specification.capacity_reservation_target().map(|target| {
        Props::new()
            .with("CapacityReservationId", target.capacity_reservation_id())
            .with("CapacityReservationResourceGroupArn", target.capacity_reservation_resource_group_arn())
    });
    Props::new().with("CapacityReservationPreference", preference).with("CapacityReservationTarget", target)
}

fn cpu_options(options: &LaunchTemplateCpuOptions) -> Props {
    let nested = options.nested_virtualization().map(NestedVirtualizationSpecification::as_str);
    Props::new()
        .with("AmdSevSnp", options.amd_sev_snp().map(AmdSevSnpSpecification::as_str))
        .with("CoreCount", options.core_count())
        .with("NestedVirtualization", nested)
        .with("ThreadsPerCore", options.threads_per_core())
}

fn instance_market_options(options: &LaunchTemplateInstanceMarketOptions) -> Props {
    Props::new()
        .with("MarketType", options.market_type().map(MarketType::as_str))
        .with("SpotOptions", options.spot_options().map(spot_options))
}

fn spot_options(options: &LaunchTemplateSpotMarketOptions) -> Props {
    let interruption = options.instance_interruption_behavior().map(InstanceInterruptionBehavior::as_str);
    Props::new()
        .with("BlockDurationMinutes", options.block_duration_minutes())
        .with("InstanceInterruptionBehavior", interruption)
        .with("MaxPrice", options.max_price())
        .with("SpotInstanceType", options.spot_instance_type().map(SpotInstanceType::as_str))
        .with("ValidUntil", options.valid_until())
}

fn metadata_options(options: &LaunchTemplateInstanceMetadataOptions) -> Props {
    let endpoint = options.http_endpoint().map(LaunchTemplateInstanceMetadataEndpointState::as_str);
    let ipv6 = options.http_protocol_ipv6().map(LaunchTemplateInstanceMetadataProtocolIpv6::as_str);
    let tags = options.instance_metadata_tags().map(LaunchTemplateInstanceMetadataTagsState::as_str);
    Props::new()
        .with("HttpEndpoint", endpoint)
        .with("HttpProtocolIpv6", ipv6)
        .with("HttpPutResponseHopLimit", options.http_put_response_hop_limit())
        .with("HttpTokens", options.http_tokens().map(LaunchTemplateHttpTokensState::as_str))
        .with("InstanceMetadataTags", tags)
}

fn placement(placement: &LaunchTemplatePlacement) -> Props {
    Props::new()
        .with("Affinity", placement.affinity())
        .with("AvailabilityZone", placement.availability_zone())
        .with("GroupId", placement.group_id())
        .with("GroupName", placement.group_name())
        .with("HostId", placement.host_id())
        .with("HostResourceGroupArn", placement.host_resource_group_arn())
        .with("PartitionNumber", placement.partition_number())
        .with("SpreadDomain", placement.spread_domain())
        .with("Tenancy", placement.tenancy().map(Tenancy::as_str))
}

fn private_dns_name_options(options: &LaunchTemplatePrivateDnsNameOptions) -> Props {
    Props::new()
        .with("EnableResourceNameDnsAAAARecord", options.enable_resource_name_dns_aaaa_record())
        .with("EnableResourceNameDnsARecord", options.enable_resource_name_dns_a_record())
        .with("HostnameType", options.hostname_type().map(HostnameType::as_str))
}
