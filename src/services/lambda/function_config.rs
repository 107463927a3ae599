//! A function's configuration as `ListFunctions` answers it.

use aws_sdk_lambda::types::{
    ApplicationLogLevel, Architecture, CapacityProviderConfig, DirectS3Read, DurableConfig, EphemeralStorage,
    FileSystemConfig, FunctionConfiguration, ImageConfig, LastUpdateStatus, LastUpdateStatusReasonCode, Layer,
    LogFormat, LoggingConfig, PackageType, Runtime, S3FilesConfig, SnapStartApplyOn, State, StateReasonCode,
    SystemLogLevel, TracingMode, VpcConfigResponse,
};

use super::with_or_error;
use crate::catalog::{Draft, Props, each};

/// Maps what needs no further call.
pub(super) fn config(function: &FunctionConfiguration) -> Draft {
    let draft = Draft::new(function.function_name().unwrap_or_default())
        .arn(function.function_arn())
        .name(function.function_name())
        .owner("lambda-edge-function", function.master_arn());
    observed(error_prone(plain(draft, function), function), function)
}

fn plain(draft: Draft, function: &FunctionConfiguration) -> Draft {
    let architectures: Vec<_> = function.architectures().iter().map(Architecture::as_str).collect();
    let layers: Vec<_> = function.layers().iter().filter_map(Layer::arn).collect();
    let dead_letters = function.dead_letter_config().and_then(|config| config.target_arn());
    let storage = function.ephemeral_storage().map(EphemeralStorage::size);
    let snap_start = function.snap_start().and_then(|snap_start| snap_start.apply_on());
    let tenancy = function.tenancy_config().map(|tenancy| tenancy.tenant_isolation_mode().as_str());
    let tracing = function.tracing_config().and_then(|tracing| tracing.mode());
    draft
        .with("FunctionName", function.function_name())
        .with("Description", function.description())
        .with("PackageType", function.package_type().map(PackageType::as_str))
        .with("Runtime", function.runtime().map(Runtime::as_str))
        .with("Handler", function.handler())
        .with("Role", function.role())
        .with("codeSha256", function.code_sha256())
        .with("Architectures", architectures)
        .with("MemorySize", function.memory_size())
        .with("Timeout", function.timeout())
        .with("EphemeralStorage", Props::new().with("Size", storage))
        .with("KmsKeyArn", function.kms_key_arn())
        .with("Layers", layers)
        .with("VpcConfig", function.vpc_config().and_then(vpc_config))
        .with("FileSystemConfigs", each(function.file_system_configs(), file_system))
        .with("DeadLetterConfig", Props::new().with("TargetArn", dead_letters))
        .with("TracingConfig", Props::new().with("Mode", tracing.map(TracingMode::as_str)))
        .with("LoggingConfig", function.logging_config().map(logging))
        .with("SnapStart", Props::new().with("ApplyOn", snap_start.map(SnapStartApplyOn::as_str)))
        .with("TenancyConfig", Props::new().with("TenantIsolationMode", tenancy))
        .with("CapacityProviderConfig", function.capacity_provider_config().map(capacity_provider))
        .with("DurableConfig", function.durable_config().map(durable))
}

/// What Lambda could not decrypt or find shows as an error.
fn error_prone(draft: Draft, function: &FunctionConfiguration) -> Draft {
    let environment = function.environment();
    let variables = Props::new().with("Variables", environment.and_then(|environment| environment.variables()));
    let error = environment.and_then(|environment| environment.error()?.error_code());
    let draft = with_or_error(draft, "Environment", variables, error);

    let image = function.image_config_response();
    let error = image.and_then(|image| image.error()?.error_code());
    with_or_error(draft, "ImageConfig", image.and_then(|image| image.image_config()).map(image_config), error)
}

fn observed(draft: Draft, function: &FunctionConfiguration) -> Draft {
    let runtime = function.runtime_version_config().and_then(|runtime| runtime.runtime_version_arn());
    draft
        .observed("State", function.state().map(State::as_str))
        .observed("StateReasonCode", function.state_reason_code().map(StateReasonCode::as_str))
        .observed("LastUpdateStatus", function.last_update_status().map(LastUpdateStatus::as_str))
        .observed(
            "LastUpdateStatusReasonCode",
            function.last_update_status_reason_code().map(LastUpdateStatusReasonCode::as_str),
        )
        .observed("LastModified", function.last_modified())
        .observed("CodeSize", function.code_size())
        .observed("RuntimeVersionArn", runtime)
        .observed("SigningProfileVersionArn", function.signing_profile_version_arn())
        .observed("SigningJobArn", function.signing_job_arn())
}

/// A function that left its VPC answers empty lists, one that never was in a VPC answers nothing.
fn vpc_config(vpc: &VpcConfigResponse) -> Option<Props> {
    (!vpc.subnet_ids().is_empty()).then(|| {
        Props::new()
            .with("SubnetIds", vpc.subnet_ids())
            .with("SecurityGroupIds", vpc.security_group_ids())
            .with("Ipv6AllowedForDualStack", vpc.ipv6_allowed_for_dual_stack())
    })
}

fn file_system(file_system: &FileSystemConfig) -> Props {
    let direct = file_system.s3_files_config().and_then(S3FilesConfig::direct_s3_read);
    Props::new()
        .with("Arn", file_system.arn())
        .with("LocalMountPath", file_system.local_mount_path())
        .with("S3FilesConfig", Props::new().with("DirectS3Read", direct.map(DirectS3Read::as_str)))
}

fn logging(logging: &LoggingConfig) -> Props {
    Props::new()
        .with("LogFormat", logging.log_format().map(LogFormat::as_str))
        .with("ApplicationLogLevel", logging.application_log_level().map(ApplicationLogLevel::as_str))
        .with("SystemLogLevel", logging.system_log_level().map(SystemLogLevel::as_str))
        .with("LogGroup", logging.log_group())
}

/// The order of the words of a command line has a meaning.
fn image_config(image: &ImageConfig) -> Props {
    Props::new()
        .with("EntryPoint", image.entry_point())
        .with("Command", image.command())
        .with("WorkingDirectory", image.working_directory())
}

fn capacity_provider(config: &CapacityProviderConfig) -> Props {
    let instances = config.lambda_managed_instances_capacity_provider_config().map(|instances| {
        Props::new()
            .with("CapacityProviderArn", instances.capacity_provider_arn())
            .with("PerExecutionEnvironmentMaxConcurrency", instances.per_execution_environment_max_concurrency())
            .with("ExecutionEnvironmentMemoryGiBPerVCpu", instances.execution_environment_memory_gib_per_v_cpu())
    });
    Props::new().with("LambdaManagedInstancesCapacityProviderConfig", instances)
}

fn durable(durable: &DurableConfig) -> Props {
    Props::new()
        .with("ExecutionTimeout", durable.execution_timeout())
        .with("RetentionPeriodInDays", durable.retention_period_in_days())
        .with("KMSKeyArn", durable.kms_key_arn())
}
