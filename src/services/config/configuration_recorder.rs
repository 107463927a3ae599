//! Recorders of AWS Config, each with its delivery channel.

use std::collections::HashMap;

use aws_sdk_config::Client;
use aws_sdk_config::types::{
    ConfigurationRecorder, ConfigurationRecorderStatus, DeliveryChannel, MaximumExecutionFrequency, RecorderStatus,
    RecordingGroup, RecordingMode, RecordingModeOverride, RecordingScope, RecordingStrategyType, ResourceType,
    ScopeConfiguration,
};

use super::tags;
use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::Config::ConfigurationRecorder`, with `AWS::Config::DeliveryChannel` folded in as `deliveryChannel`.
///
/// Only the account's own recorder has a channel. The schema has no place for `recording` (whether it is switched on),
/// `recordingScope` (who pays for it) and `connector` and `scope`, which make it record other clouds.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Config::ConfigurationRecorder",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("AWS Config reports only when recording was last started"),
    sets: &[
        "RecordingGroup.ExclusionByResourceTypes.ResourceTypes",
        "RecordingGroup.ResourceTypes",
        "RecordingMode.RecordingModeOverrides",
        "RecordingMode.RecordingModeOverrides.*.ResourceTypes",
        "scope.IncludedRegions",
        "scope.ScopeValues",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "ConfigurationRecordersStatus[].arn", why: "as in DescribeConfigurationRecorders" },
        LeftOut { path: "ConfigurationRecordersStatus[].lastStatusChangeTime", why: "activity" },
        LeftOut {
            path: "ConfigurationRecordersStatus[].servicePrincipal",
            why: "as in DescribeConfigurationRecorders",
        },
    ],
    unmapped: &[Unmapped { path: "StartedOnCreate", why: "an option of the creation; `recording` is what is so now" }],
    edges: &[Edge {
        path: "deliveryChannel.S3BucketName",
        to: "AWS::S3::Bucket",
        target: "{}",
        order: Order::HolderFirst,
        why: "the channel names the bucket that it writes to",
    }],
    read_actions: &[
        "config:DescribeConfigurationRecorders",
        "config:DescribeConfigurationRecorderStatus",
        "config:DescribeDeliveryChannels",
        "config:ListTagsForResource",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteConfigurationRecorder",
        actions: &[
            "config:DeleteConfigurationRecorder",
            "config:DeleteDeliveryChannel",
            "config:StopConfigurationRecorder",
        ],
        gone: &["NoSuchConfigurationRecorderException", "NoSuchDeliveryChannelException"],
        steps: Some(steps),
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 9,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let config: Client = cx.client();
    let (recorders, statuses, channels) = tokio::join!(
        config.describe_configuration_recorders().send(),
        config.describe_configuration_recorder_status().send(),
        config.describe_delivery_channels().send(),
    );
    let recorders = recorders.at("config:DescribeConfigurationRecorders")?.configuration_recorders.unwrap_or_default();
    let statuses = statuses.at("config:DescribeConfigurationRecorderStatus");
    let statuses = statuses.map(|answer| by_name(answer.configuration_recorders_status.unwrap_or_default()));
    let channels = channels.at("config:DescribeDeliveryChannels");
    let channels = channels.map(|answer| answer.delivery_channels.unwrap_or_default());
    let wanted = recorders.into_iter().filter(|recorder| cx.wants(recorder.name().unwrap_or_default()));
    cx.each(wanted.collect(), |recorder| describe(&config, recorder, &statuses, &channels)).await
}

/// States by the name of the recorder.
type Statuses = HashMap<String, ConfigurationRecorderStatus>;

fn by_name(statuses: Vec<ConfigurationRecorderStatus>) -> Statuses {
    statuses.into_iter().map(|status| (status.name.clone().unwrap_or_default(), status)).collect()
}

async fn describe(
    config: &Client,
    recorder: ConfigurationRecorder,
    statuses: &Result<Statuses, CallError>,
    channels: &Result<Vec<DeliveryChannel>, CallError>,
) -> Result<Option<Draft>, CallError> {
    // Recorders that a service made deliver elsewhere.
    let own = recorder.service_principal().is_none();
    let channel = channels.as_ref().map_err(Clone::clone);
    let channel = channel.map(|channels| channels.first().filter(|_| own).map(delivery_channel));
    let name = recorder.name().unwrap_or_default();
    let status = statuses.as_ref().map(|statuses| statuses.get(name)).map_err(Clone::clone);
    let tags = match recorder.arn() {
        Some(arn) => tags(config, arn).await.absent_if(&["ResourceNotFoundException"]).map(Option::unwrap_or_default),
        None => Ok(Vec::new()),
    };
    let recording = status.clone().map(|status| status.map(ConfigurationRecorderStatus::recording));
    let draft = configured(&recorder).sub("recording", recording)?.sub("deliveryChannel", channel)?.sub_tags(tags)?;
    Ok(Some(match status {
        Ok(Some(status)) => with_status(draft, status),
        _ => draft,
    }))
}

fn configured(recorder: &ConfigurationRecorder) -> Draft {
    let name = recorder.name().unwrap_or_default();
    Draft::new(name)
        .arn(recorder.arn())
        .name(name)
        .with("Name", name)
        .with("RecordingGroup", recorder.recording_group().map(recording_group))
        .with("RecordingMode", recorder.recording_mode().map(recording_mode))
        .with("RoleARN", recorder.role_arn())
        .with("connector", recorder.connector_arn())
        .with("recordingScope", recorder.recording_scope().map(RecordingScope::as_str))
        .with("scope", recorder.scope_configuration().map(scope))
        .owner("control-tower", Some(name).filter(|name| name.starts_with("aws-controltower-")))
        .owner("aws-service", recorder.service_principal())
}

fn with_status(draft: Draft, status: &ConfigurationRecorderStatus) -> Draft {
    draft
        .observed("LastErrorCode", status.last_error_code())
        .observed("LastErrorMessage", status.last_error_message())
        .observed("LastStartTime", status.last_start_time())
        .observed("LastStatus", status.last_status().map(RecorderStatus::as_str))
        .observed("LastStopTime", status.last_stop_time())
}

fn names(types: &[ResourceType]) -> Vec<&str> {
    types.iter().map(ResourceType::as_str).collect()
}

fn recording_group(group: &RecordingGroup) -> Props {
    let exclusion = group.exclusion_by_resource_types();
    let strategy = group.recording_strategy().and_then(|strategy| strategy.use_only());
    Props::new()
        .with("AllSupported", group.all_supported())
        .with(
            "ExclusionByResourceTypes",
            exclusion.map(|exclusion| Props::new().with("ResourceTypes", names(exclusion.resource_types()))),
        )
        .with("IncludeGlobalResourceTypes", group.include_global_resource_types())
        .with(
            "RecordingStrategy",
            strategy.map(|only| Props::new().with("UseOnly", RecordingStrategyType::as_str(only))),
        )
        .with("ResourceTypes", names(group.resource_types()))
}

fn recording_mode(mode: &RecordingMode) -> Props {
    let other = |other: &RecordingModeOverride| {
        Props::new()
            .with("Description", other.description())
            .with("RecordingFrequency", other.recording_frequency().as_str())
            .with("ResourceTypes", names(other.resource_types()))
    };
    Props::new()
        .with("RecordingFrequency", mode.recording_frequency().as_str())
        .with("RecordingModeOverrides", each(mode.recording_mode_overrides(), other))
}

fn scope(scope: &ScopeConfiguration) -> Props {
    Props::new()
        .with("AllRegions", scope.all_regions())
        .with("IncludedRegions", scope.included_regions())
        .with("ScopeType", scope.scope_type())
        .with("ScopeValues", scope.scope_values())
}

fn delivery_channel(channel: &DeliveryChannel) -> Props {
    let snapshots = channel.config_snapshot_delivery_properties().map(|properties| {
        let frequency = properties.delivery_frequency().map(MaximumExecutionFrequency::as_str);
        Props::new().with("DeliveryFrequency", frequency)
    });
    Props::new()
        .with("ConfigSnapshotDeliveryProperties", snapshots)
        .with("Name", channel.name())
        .with("S3BucketName", channel.s3_bucket_name())
        .with("S3KeyPrefix", channel.s3_key_prefix())
        .with("S3KmsKeyArn", channel.s3_kms_key_arn())
        .with("SnsTopicARN", channel.sns_topic_arn())
}

/// A channel cannot go while the recorder runs; a recorder without a channel can.
fn steps(recorder: &Resource, _: &Switches) -> Vec<Step> {
    let recording = recorder.properties.get("recording").and_then(serde_json::Value::as_bool) == Some(true);
    let channel = recorder.properties.get("deliveryChannel").and_then(|channel| channel.get("Name")?.as_str());
    let stop = recording.then(|| Step::on_resource("config:StopConfigurationRecorder"));
    let channel = channel.map(|name| Step::on("config:DeleteDeliveryChannel", name));
    let delete = Step::on_resource("config:DeleteConfigurationRecorder");
    stop.into_iter().chain(channel).chain([delete]).collect()
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let config: Client = hands.client();
    let name = hands.id();
    match step.call.as_str() {
        "config:StopConfigurationRecorder" => {
            let request = config.stop_configuration_recorder().configuration_recorder_name(name);
            hands.call(step, request.send()).await?;
        }
        "config:DeleteDeliveryChannel" => {
            let request = config.delete_delivery_channel().delivery_channel_name(&step.target);
            hands.call(step, request.send()).await?;
        }
        _ => {
            let request = config.delete_configuration_recorder().configuration_recorder_name(name);
            hands.call(step, request.send()).await?;
        }
    }
    Ok(Progress::Done)
}
