//! Parts of a task definition that belong to all of its containers.

use aws_sdk_ecs::types::{
    CpuArchitecture, DockerVolumeConfiguration, EfsAuthorizationConfig, EfsAuthorizationConfigIam,
    EfsTransitEncryption, EfsVolumeConfiguration, EphemeralStorage, FSxWindowsFileServerAuthorizationConfig,
    FSxWindowsFileServerVolumeConfiguration, HostVolumeProperties, OsFamily, ProxyConfiguration,
    ProxyConfigurationType, RuntimePlatform, S3FilesVolumeConfiguration, Scope, TaskDefinitionPlacementConstraint,
    TaskDefinitionPlacementConstraintType, Volume,
};

use super::container::pair;
use crate::catalog::{Props, each};

pub(super) fn ephemeral_storage(storage: &EphemeralStorage) -> Props {
    Props::new().with("SizeInGiB", storage.size_in_gib())
}

#[expect(deprecated, reason = "old revisions still have them")]
pub(super) fn inference_accelerator(accelerator: &aws_sdk_ecs::types::InferenceAccelerator) -> Props {
    Props::new().with("DeviceName", accelerator.device_name()).with("DeviceType", accelerator.device_type())
}

pub(super) fn placement_constraint(constraint: &TaskDefinitionPlacementConstraint) -> Props {
    Props::new()
        .with("Expression", constraint.expression())
        .with("Type", constraint.r#type().map(TaskDefinitionPlacementConstraintType::as_str))
}

pub(super) fn proxy_configuration(config: &ProxyConfiguration) -> Props {
    Props::new()
        .with("ContainerName", config.container_name())
        .with("ProxyConfigurationProperties", each(config.properties(), pair))
        .with("Type", config.r#type().map(ProxyConfigurationType::as_str))
}

pub(super) fn runtime_platform(platform: &RuntimePlatform) -> Props {
    Props::new()
        .with("CpuArchitecture", platform.cpu_architecture().map(CpuArchitecture::as_str))
        .with("OperatingSystemFamily", platform.operating_system_family().map(OsFamily::as_str))
}

fn docker_volume(config: &DockerVolumeConfiguration) -> Props {
    Props::new()
        .with("Autoprovision", config.autoprovision())
        .with("Driver", config.driver())
        .with("DriverOpts", config.driver_opts())
        .with("Labels", config.labels())
        .with("Scope", config.scope().map(Scope::as_str))
}

fn efs_authorization(config: &EfsAuthorizationConfig) -> Props {
    Props::new()
        .with("AccessPointId", config.access_point_id())
        .with("IAM", config.iam().map(EfsAuthorizationConfigIam::as_str))
}

fn efs_volume(config: &EfsVolumeConfiguration) -> Props {
    Props::new()
        .with("AuthorizationConfig", config.authorization_config().map(efs_authorization))
        .with("FilesystemId", config.file_system_id())
        .with("RootDirectory", config.root_directory())
        .with("TransitEncryption", config.transit_encryption().map(EfsTransitEncryption::as_str))
        .with("TransitEncryptionPort", config.transit_encryption_port())
}

fn fsx_authorization(config: &FSxWindowsFileServerAuthorizationConfig) -> Props {
    Props::new().with("CredentialsParameter", config.credentials_parameter()).with("Domain", config.domain())
}

fn fsx_volume(config: &FSxWindowsFileServerVolumeConfiguration) -> Props {
    Props::new()
        .with("AuthorizationConfig", config.authorization_config().map(fsx_authorization))
        .with("FileSystemId", config.file_system_id())
        .with("RootDirectory", config.root_directory())
}

fn host_volume(properties: &HostVolumeProperties) -> Props {
    Props::new().with("SourcePath", properties.source_path())
}

fn s3_files_volume(config: &S3FilesVolumeConfiguration) -> Props {
    Props::new()
        .with("AccessPointArn", config.access_point_arn())
        .with("FileSystemArn", config.file_system_arn())
        .with("RootDirectory", config.root_directory())
        .with("TransitEncryptionPort", config.transit_encryption_port())
}

pub(super) fn volume(volume: &Volume) -> Props {
    Props::new()
        .with("ConfiguredAtLaunch", volume.configured_at_launch())
        .with("DockerVolumeConfiguration", volume.docker_volume_configuration().map(docker_volume))
        .with("EFSVolumeConfiguration", volume.efs_volume_configuration().map(efs_volume))
        .with(
            "FSxWindowsFileServerVolumeConfiguration",
            volume.fsx_windows_file_server_volume_configuration().map(fsx_volume),
        )
        .with("Host", volume.host().map(host_volume))
        .with("Name", volume.name())
        .with("S3FilesVolumeConfiguration", volume.s3files_volume_configuration().map(s3_files_volume))
}
