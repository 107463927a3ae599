//! The parts of a build project in the schema's shape.

use aws_sdk_codebuild::types::{
    ArtifactNamespace, ArtifactPackaging, BatchReportModeType, BucketOwnerAccess, BuildStatusConfig, CacheMode,
    CloudWatchLogsConfig, DockerServer, EnvironmentVariable, EnvironmentVariableType, FileSystemType,
    GitSubmodulesConfig, HostKernel, ImagePullCredentialsType, LogsConfig, MachineType, Project, ProjectArtifacts,
    ProjectBuildBatchConfig, ProjectCache, ProjectEnvironment, ProjectFileSystemLocation, ProjectFleet, ProjectSource,
    ProjectSourceVersion, PullRequestBuildApproverRole, PullRequestBuildPolicy, RegistryCredential, S3LogsConfig,
    ScopeConfiguration, SourceAuth, VpcConfig, Webhook, WebhookBuildType, WebhookFilter,
};
use serde_json::Value;

use crate::catalog::{IntoProperty, Props, each};

pub(super) fn artifacts(artifacts: &ProjectArtifacts) -> Props {
    Props::new()
        .with("ArtifactIdentifier", artifacts.artifact_identifier())
        .with("EncryptionDisabled", artifacts.encryption_disabled())
        .with("Location", artifacts.location())
        .with("Name", artifacts.name())
        .with("NamespaceType", artifacts.namespace_type().map(ArtifactNamespace::as_str))
        .with("OverrideArtifactName", artifacts.override_artifact_name())
        .with("Packaging", artifacts.packaging().map(ArtifactPackaging::as_str))
        .with("Path", artifacts.path())
        .with("Type", artifacts.r#type().as_str())
}

pub(super) fn batch(batch: &ProjectBuildBatchConfig) -> Props {
    let restrictions = batch.restrictions().map(|restrictions| {
        Props::new()
            .with("ComputeTypesAllowed", restrictions.compute_types_allowed())
            .with("MaximumBuildsAllowed", restrictions.maximum_builds_allowed())
    });
    Props::new()
        .with("BatchReportMode", batch.batch_report_mode().map(BatchReportModeType::as_str))
        .with("CombineArtifacts", batch.combine_artifacts())
        .with("Restrictions", restrictions)
        .with("ServiceRole", batch.service_role())
        .with("TimeoutInMins", batch.timeout_in_mins())
}

pub(super) fn fleets_allowed(project: &Project) -> Option<Value> {
    project.build_batch_config()?.restrictions()?.fleets_allowed().into_property()
}

pub(super) fn cache(cache: &ProjectCache) -> Props {
    let modes: Vec<&str> = cache.modes().iter().map(CacheMode::as_str).collect();
    Props::new()
        .with("CacheNamespace", cache.cache_namespace())
        .with("Location", cache.location())
        .with("Modes", modes)
        .with("Type", cache.r#type().as_str())
}

pub(super) fn environment(environment: &ProjectEnvironment) -> Props {
    let docker = |docker: &DockerServer| {
        Props::new()
            .with("ComputeType", docker.compute_type().as_str())
            .with("SecurityGroupIds", docker.security_group_ids())
    };
    let registry = |registry: &RegistryCredential| {
        Props::new()
            .with("Credential", registry.credential())
            .with("CredentialProvider", registry.credential_provider().as_str())
    };
    let fleet = |fleet: &ProjectFleet| Props::new().with("FleetArn", fleet.fleet_arn());
    let credentials = environment.image_pull_credentials_type().map(ImagePullCredentialsType::as_str);
    Props::new()
        .with("Certificate", environment.certificate())
        .with("ComputeType", environment.compute_type().as_str())
        .with("DockerServer", environment.docker_server().map(docker))
        .with("EnvironmentVariables", each(environment.environment_variables(), variable))
        .with("Fleet", environment.fleet().map(fleet))
        .with("HostKernel", environment.host_kernel().map(HostKernel::as_str))
        .with("Image", environment.image())
        .with("ImagePullCredentialsType", credentials)
        .with("PrivilegedMode", environment.privileged_mode())
        .with("RegistryCredential", environment.registry_credential().map(registry))
        .with("Type", environment.r#type().as_str())
}

fn variable(variable: &EnvironmentVariable) -> Props {
    Props::new()
        .with("Name", variable.name())
        .with("Type", variable.r#type().map(EnvironmentVariableType::as_str))
        .with("Value", variable.value())
}

pub(super) fn compute(environment: &ProjectEnvironment) -> Option<Props> {
    let compute = environment.compute_configuration()?;
    let props = Props::new()
        .with("Disk", compute.disk())
        .with("InstanceType", compute.instance_type())
        .with("MachineType", compute.machine_type().map(MachineType::as_str))
        .with("Memory", compute.memory())
        .with("VCpu", compute.v_cpu());
    Some(props)
}

pub(super) fn file_system(location: &ProjectFileSystemLocation) -> Props {
    Props::new()
        .with("Identifier", location.identifier())
        .with("Location", location.location())
        .with("MountOptions", location.mount_options())
        .with("MountPoint", location.mount_point())
        .with("Type", location.r#type().map(FileSystemType::as_str))
}

pub(super) fn logs(logs: &LogsConfig) -> Props {
    let cloud_watch = |logs: &CloudWatchLogsConfig| {
        Props::new()
            .with("GroupName", logs.group_name())
            .with("Status", logs.status().as_str())
            .with("StreamName", logs.stream_name())
    };
    let s3 = |logs: &S3LogsConfig| {
        Props::new()
            .with("EncryptionDisabled", logs.encryption_disabled())
            .with("Location", logs.location())
            .with("Status", logs.status().as_str())
    };
    Props::new().with("CloudWatchLogs", logs.cloud_watch_logs().map(cloud_watch)).with("S3Logs", logs.s3_logs().map(s3))
}

/// What the owners of foreign buckets may do with artifacts and logs.
pub(super) fn bucket_owner_access(project: &Project) -> Props {
    let of = |artifacts: &ProjectArtifacts| artifacts.bucket_owner_access().map(|access| access.as_str().to_owned());
    let secondary = |artifacts: &ProjectArtifacts| {
        let props = Props::new().with("ArtifactIdentifier", artifacts.artifact_identifier());
        of(artifacts).map(|access| props.with("BucketOwnerAccess", access))
    };
    let secondary: Vec<Props> = project.secondary_artifacts().iter().filter_map(secondary).collect();
    let logs = project.logs_config().and_then(|logs| logs.s3_logs()?.bucket_owner_access());
    Props::new()
        .with("Artifacts", project.artifacts().and_then(of))
        .with("S3Logs", logs.map(BucketOwnerAccess::as_str))
        .with("SecondaryArtifacts", secondary)
}

pub(super) fn source_version(version: &ProjectSourceVersion) -> Props {
    Props::new().with("SourceIdentifier", version.source_identifier()).with("SourceVersion", version.source_version())
}

pub(super) fn source(source: &ProjectSource) -> Props {
    // The ARN of a connection or a secret. Anything else could be the token itself, and is not taken.
    let auth = |auth: &SourceAuth| {
        let resource = auth.resource().filter(|resource| resource.starts_with("arn:"));
        Props::new().with("Resource", resource).with("Type", auth.r#type().as_str())
    };
    let status = |status: &BuildStatusConfig| {
        Props::new().with("Context", status.context()).with("TargetUrl", status.target_url())
    };
    let submodules =
        |submodules: &GitSubmodulesConfig| Props::new().with("FetchSubmodules", submodules.fetch_submodules());
    Props::new()
        .with("Auth", source.auth().map(auth))
        .with("BuildSpec", source.buildspec())
        .with("BuildStatusConfig", source.build_status_config().map(status))
        .with("GitCloneDepth", source.git_clone_depth())
        .with("GitSubmodulesConfig", source.git_submodules_config().map(submodules))
        .with("InsecureSsl", source.insecure_ssl())
        .with("Location", source.location())
        .with("ReportBuildStatus", source.report_build_status())
        .with("SourceIdentifier", source.source_identifier())
        .with("Type", source.r#type().as_str())
}

/// The schema wants to be told that there is a webhook.
pub(super) fn triggers(webhook: &Webhook) -> Props {
    let groups: Vec<Vec<Props>> = webhook.filter_groups().iter().map(|group| each(group, filter)).collect();
    let scope = |scope: &ScopeConfiguration| {
        Props::new().with("Domain", scope.domain()).with("Name", scope.name()).with("Scope", scope.scope().as_str())
    };
    let policy = |policy: &PullRequestBuildPolicy| {
        let roles: Vec<&str> = policy.approver_roles().iter().map(PullRequestBuildApproverRole::as_str).collect();
        let approval = policy.requires_comment_approval().as_str();
        Props::new().with("ApproverRoles", roles).with("RequiresCommentApproval", approval)
    };
    Props::new()
        .with("BuildType", webhook.build_type().map(WebhookBuildType::as_str))
        .with("FilterGroups", groups)
        .with("PullRequestBuildPolicy", webhook.pull_request_build_policy().map(policy))
        .with("ScopeConfiguration", webhook.scope_configuration().map(scope))
        .with("Webhook", true)
}

fn filter(filter: &WebhookFilter) -> Props {
    Props::new()
        .with("ExcludeMatchedPattern", filter.exclude_matched_pattern())
        .with("Pattern", filter.pattern())
        .with("Type", filter.r#type().as_str())
}

pub(super) fn vpc(vpc: &VpcConfig) -> Props {
    Props::new()
        .with("SecurityGroupIds", vpc.security_group_ids())
        .with("Subnets", vpc.subnets())
        .with("VpcId", vpc.vpc_id())
}
