//! Containers of a task definition.

use aws_sdk_ecs::types::{
    ApplicationProtocol, ContainerDefinition, ContainerDependency, ContainerRestartPolicy, Device,
    DeviceCgroupPermission, EnvironmentFile, FirelensConfiguration, HealthCheck, HostEntry, KernelCapabilities,
    KeyValuePair, LinuxParameters, LogConfiguration, MountPoint, NvidiaMpsAllocation, PortMapping,
    RepositoryCredentials, ResourceRequirement, Secret, SharingStrategy, SystemControl, Tmpfs, TransportProtocol,
    Ulimit, VersionConsistency, VolumeFrom,
};

use crate::catalog::{Props, each};

fn container_dependency(dependency: &ContainerDependency) -> Props {
    Props::new().with("Condition", dependency.condition().as_str()).with("ContainerName", dependency.container_name())
}

pub(super) fn pair(pair: &KeyValuePair) -> Props {
    Props::new().with("Name", pair.name()).with("Value", pair.value())
}

fn environment_file(file: &EnvironmentFile) -> Props {
    Props::new().with("Type", file.r#type().as_str()).with("Value", file.value())
}

fn host_entry(entry: &HostEntry) -> Props {
    Props::new().with("Hostname", entry.hostname()).with("IpAddress", entry.ip_address())
}

fn firelens_configuration(config: &FirelensConfiguration) -> Props {
    Props::new().with("Options", config.options()).with("Type", config.r#type().as_str())
}

fn health_check(check: &HealthCheck) -> Props {
    Props::new()
        .with("Command", check.command())
        .with("Interval", check.interval())
        .with("Retries", check.retries())
        .with("StartPeriod", check.start_period())
        .with("Timeout", check.timeout())
}

fn kernel_capabilities(capabilities: &KernelCapabilities) -> Props {
    Props::new().with("Add", capabilities.add()).with("Drop", capabilities.drop())
}

fn device(device: &Device) -> Props {
    Props::new()
        .with("ContainerPath", device.container_path())
        .with("HostPath", device.host_path())
        .with("Permissions", device.permissions().iter().map(DeviceCgroupPermission::as_str).collect::<Vec<_>>())
}

fn tmpfs(tmpfs: &Tmpfs) -> Props {
    Props::new()
        .with("ContainerPath", tmpfs.container_path())
        .with("MountOptions", tmpfs.mount_options())
        .with("Size", tmpfs.size())
}

fn linux_parameters(parameters: &LinuxParameters) -> Props {
    Props::new()
        .with("Capabilities", parameters.capabilities().map(kernel_capabilities))
        .with("Devices", each(parameters.devices(), device))
        .with("InitProcessEnabled", parameters.init_process_enabled())
        .with("MaxSwap", parameters.max_swap())
        .with("SharedMemorySize", parameters.shared_memory_size())
        .with("Swappiness", parameters.swappiness())
        .with("Tmpfs", each(parameters.tmpfs(), tmpfs))
}

pub(super) fn secret(secret: &Secret) -> Props {
    Props::new().with("Name", secret.name()).with("ValueFrom", secret.value_from())
}

pub(super) fn log_configuration(config: &LogConfiguration) -> Props {
    Props::new()
        .with("LogDriver", config.log_driver().as_str())
        .with("Options", config.options())
        .with("SecretOptions", each(config.secret_options(), secret))
}

fn mount_point(point: &MountPoint) -> Props {
    Props::new()
        .with("ContainerPath", point.container_path())
        .with("ReadOnly", point.read_only())
        .with("SourceVolume", point.source_volume())
}

fn port_mapping(mapping: &PortMapping) -> Props {
    Props::new()
        .with("AppProtocol", mapping.app_protocol().map(ApplicationProtocol::as_str))
        .with("ContainerPort", mapping.container_port())
        .with("ContainerPortRange", mapping.container_port_range())
        .with("HostPort", mapping.host_port())
        .with("Name", mapping.name())
        .with("Protocol", mapping.protocol().map(TransportProtocol::as_str))
}

fn repository_credentials(credentials: &RepositoryCredentials) -> Props {
    Props::new().with("CredentialsParameter", credentials.credentials_parameter())
}

fn resource_requirement(requirement: &ResourceRequirement) -> Props {
    Props::new()
        .with("SharingStrategy", requirement.sharing_strategy().map(sharing_strategy))
        .with("Type", requirement.r#type().as_str())
        .with("Value", requirement.value())
}

fn container_restart_policy(policy: &ContainerRestartPolicy) -> Props {
    Props::new()
        .with("Enabled", policy.enabled())
        .with("IgnoredExitCodes", policy.ignored_exit_codes().to_vec())
        .with("RestartAttemptPeriod", policy.restart_attempt_period())
}

fn system_control(control: &SystemControl) -> Props {
    Props::new().with("Namespace", control.namespace()).with("Value", control.value())
}

fn ulimit(ulimit: &Ulimit) -> Props {
    Props::new()
        .with("HardLimit", ulimit.hard_limit())
        .with("Name", ulimit.name().as_str())
        .with("SoftLimit", ulimit.soft_limit())
}

fn volume_from(from: &VolumeFrom) -> Props {
    Props::new().with("ReadOnly", from.read_only()).with("SourceContainer", from.source_container())
}

pub(super) fn container_definition(definition: &ContainerDefinition) -> Props {
    Props::new()
        .with("Command", definition.command())
        .with("Cpu", definition.cpu())
        .with("CredentialSpecs", definition.credential_specs())
        .with("DependsOn", each(definition.depends_on(), container_dependency))
        .with("DisableNetworking", definition.disable_networking())
        .with("DnsSearchDomains", definition.dns_search_domains())
        .with("DnsServers", definition.dns_servers())
        .with("DockerLabels", definition.docker_labels())
        .with("DockerSecurityOptions", definition.docker_security_options())
        .with("EntryPoint", definition.entry_point())
        .with("Environment", each(definition.environment(), pair))
        .with("EnvironmentFiles", each(definition.environment_files(), environment_file))
        .with("Essential", definition.essential())
        .with("ExtraHosts", each(definition.extra_hosts(), host_entry))
        .with("FirelensConfiguration", definition.firelens_configuration().map(firelens_configuration))
        .with("HealthCheck", definition.health_check().map(health_check))
        .with("Hostname", definition.hostname())
        .with("Image", definition.image())
        .with("Interactive", definition.interactive())
        .with("Links", definition.links())
        .with("LinuxParameters", definition.linux_parameters().map(linux_parameters))
        .with("LogConfiguration", definition.log_configuration().map(log_configuration))
        .with("Memory", definition.memory())
        .with("MemoryReservation", definition.memory_reservation())
        .with("MountPoints", each(definition.mount_points(), mount_point))
        .with("Name", definition.name())
        .with("PortMappings", each(definition.port_mappings(), port_mapping))
        .with("Privileged", definition.privileged())
        .with("PseudoTerminal", definition.pseudo_terminal())
        .with("ReadonlyRootFilesystem", definition.readonly_root_filesystem())
        .with("RepositoryCredentials", definition.repository_credentials().map(repository_credentials))
        .with("ResourceRequirements", each(definition.resource_requirements(), resource_requirement))
        .with("RestartPolicy", definition.restart_policy().map(container_restart_policy))
        .with("Secrets", each(definition.secrets(), secret))
        .with("StartTimeout", definition.start_timeout())
        .with("StopTimeout", definition.stop_timeout())
        .with("SystemControls", each(definition.system_controls(), system_control))
        .with("Ulimits", each(definition.ulimits(), ulimit))
        .with("User", definition.user())
        .with("VersionConsistency", definition.version_consistency().map(VersionConsistency::as_str))
        .with("VolumesFrom", each(definition.volumes_from(), volume_from))
        .with("WorkingDirectory", definition.working_directory())
}

fn sharing_strategy(strategy: &SharingStrategy) -> Props {
    Props::new().with("NvidiaMps", strategy.as_nvidia_mps().ok().map(nvidia_mps))
}

fn nvidia_mps(allocation: &NvidiaMpsAllocation) -> Props {
    Props::new().with("MaxComputePercent", allocation.max_compute_percent()).with("Memory", allocation.memory())
}
