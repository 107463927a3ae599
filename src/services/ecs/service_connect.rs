//! What a service says of its tasks through its primary deployment: Service Connect, volumes, VPC Lattice.

use aws_sdk_ecs::types::{
    EbsTagSpecification, PropagateTags, ServiceConnectAccessLogConfiguration, ServiceConnectClientAlias,
    ServiceConnectConfiguration, ServiceConnectContainerConfiguration, ServiceConnectContainerLogLevel,
    ServiceConnectIncludeQueryParameters, ServiceConnectService, ServiceConnectTestTrafficHeaderMatchRules,
    ServiceConnectTestTrafficHeaderRules, ServiceConnectTestTrafficRules, ServiceConnectTlsCertificateAuthority,
    ServiceConnectTlsConfiguration, ServiceManagedEbsVolumeConfiguration, ServiceVolumeConfiguration, Tag,
    TaskFilesystemType, TimeoutConfiguration, VpcLatticeAdvancedConfiguration, VpcLatticeConfiguration,
};

use super::container::log_configuration;
use crate::catalog::{Props, each};

fn access_log(config: &ServiceConnectAccessLogConfiguration) -> Props {
    Props::new().with("Format", config.format().as_str()).with(
        "IncludeQueryParameters",
        config.include_query_parameters().map(ServiceConnectIncludeQueryParameters::as_str),
    )
}

fn header_match(rules: &ServiceConnectTestTrafficHeaderMatchRules) -> Props {
    Props::new().with("Exact", rules.exact())
}

fn header_rules(rules: &ServiceConnectTestTrafficHeaderRules) -> Props {
    Props::new().with("Name", rules.name()).with("Value", rules.value().map(header_match))
}

fn test_traffic_rules(rules: &ServiceConnectTestTrafficRules) -> Props {
    Props::new().with("Header", rules.header().map(header_rules))
}

fn client_alias(alias: &ServiceConnectClientAlias) -> Props {
    Props::new()
        .with("DnsName", alias.dns_name())
        .with("Port", alias.port())
        .with("TestTrafficRules", alias.test_traffic_rules().map(test_traffic_rules))
}

fn timeout_configuration(config: &TimeoutConfiguration) -> Props {
    Props::new()
        .with("IdleTimeoutSeconds", config.idle_timeout_seconds())
        .with("PerRequestTimeoutSeconds", config.per_request_timeout_seconds())
}

fn certificate_authority(authority: &ServiceConnectTlsCertificateAuthority) -> Props {
    Props::new().with("AwsPcaAuthorityArn", authority.aws_pca_authority_arn())
}

fn tls(config: &ServiceConnectTlsConfiguration) -> Props {
    Props::new()
        .with("IssuerCertificateAuthority", config.issuer_certificate_authority().map(certificate_authority))
        .with("KmsKey", config.kms_key())
        .with("RoleArn", config.role_arn())
}

fn connect_service(service: &ServiceConnectService) -> Props {
    Props::new()
        .with("ClientAliases", each(service.client_aliases(), client_alias))
        .with("DiscoveryName", service.discovery_name())
        .with("IngressPortOverride", service.ingress_port_override())
        .with("PortName", service.port_name())
        .with("Timeout", service.timeout().map(timeout_configuration))
        .with("Tls", service.tls().map(tls))
}

pub(super) fn service_connect_configuration(config: &ServiceConnectConfiguration) -> Props {
    Props::new()
        .with("AccessLogConfiguration", config.access_log_configuration().map(access_log))
        .with(
            "ContainerConfigurations",
            config.container_configurations().iter().map(container_setting).collect::<Vec<_>>(),
        )
        .with("Enabled", config.enabled())
        .with("LogConfiguration", config.log_configuration().map(log_configuration))
        .with("Namespace", config.namespace())
        .with("Services", each(config.services(), connect_service))
}

fn tag(tag: &Tag) -> Props {
    Props::new().with("Key", tag.key()).with("Value", tag.value())
}

fn ebs_tag_specification(specification: &EbsTagSpecification) -> Props {
    Props::new()
        .with("PropagateTags", specification.propagate_tags().map(PropagateTags::as_str))
        .with("ResourceType", specification.resource_type().as_str())
        .with("Tags", each(specification.tags(), tag))
}

fn managed_ebs_volume(config: &ServiceManagedEbsVolumeConfiguration) -> Props {
    Props::new()
        .with("Encrypted", config.encrypted())
        .with("FilesystemType", config.filesystem_type().map(TaskFilesystemType::as_str))
        .with("Iops", config.iops())
        .with("KmsKeyId", config.kms_key_id())
        .with("RoleArn", config.role_arn())
        .with("SizeInGiB", config.size_in_gib())
        .with("SnapshotId", config.snapshot_id())
        .with("TagSpecifications", each(config.tag_specifications(), ebs_tag_specification))
        .with("Throughput", config.throughput())
        .with("VolumeInitializationRate", config.volume_initialization_rate())
        .with("VolumeType", config.volume_type())
}

pub(super) fn volume_configuration(config: &ServiceVolumeConfiguration) -> Props {
    Props::new()
        .with("ManagedEBSVolume", config.managed_ebs_volume().map(managed_ebs_volume))
        .with("Name", config.name())
}

fn lattice_advanced(config: &VpcLatticeAdvancedConfiguration) -> Props {
    Props::new()
        .with("AlternateTargetGroupArn", config.alternate_target_group_arn())
        .with("ProductionListenerRule", config.production_listener_rule())
        .with("TestListenerRule", config.test_listener_rule())
}

pub(super) fn lattice_configuration(config: &VpcLatticeConfiguration) -> Props {
    Props::new()
        .with("AdvancedConfiguration", config.advanced_configuration().map(lattice_advanced))
        .with("PortName", config.port_name())
        .with("RoleArn", config.role_arn())
        .with("TargetGroupArn", config.target_group_arn())
}

/// One setting of the proxy's container; each is an object of its own.
fn container_setting(setting: &ServiceConnectContainerConfiguration) -> Props {
    Props::new().with("LogLevel", setting.as_log_level().ok().map(ServiceConnectContainerLogLevel::as_str))
}
