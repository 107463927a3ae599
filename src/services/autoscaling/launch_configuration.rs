//! Launch configurations, which never change: a new one takes the place of the old.

use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::types::{
    BlockDeviceMapping, Ebs, InstanceMetadataEndpointState, InstanceMetadataHttpTokensState, InstanceMetadataOptions,
    InstanceMonitoring, LaunchConfiguration,
};

use super::delete::delete;
use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, Listed, Order, Props, Recipe, Running, Scope, TypeSpec, Unmapped, each,
};

/// `AWS::AutoScaling::LaunchConfiguration`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::AutoScaling::LaunchConfiguration",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreatedTime"),
    sets: &["BlockDeviceMappings", "ClassicLinkVPCSecurityGroups", "SecurityGroups"],
    secrets: &["UserData"],
    left_out: &[],
    unmapped: &[Unmapped { path: "InstanceId", why: "an instance to copy settings from at creation; not returned" }],
    edges: &[
        Edge {
            path: "IamInstanceProfile",
            to: "AWS::IAM::InstanceProfile",
            target: "{}",
            order: Order::HolderFirst,
            why: "new instances start with the profile, which may be written as a name",
        },
        Edge {
            path: "KeyName",
            to: "AWS::EC2::KeyPair",
            target: "{}",
            order: Order::HolderFirst,
            why: "new instances start with the key pair",
        },
    ],
    read_actions: &["autoscaling:DescribeLaunchConfigurations"],
    delete: Delete::Call(Recipe {
        operation: "DeleteLaunchConfiguration",
        actions: &["autoscaling:DeleteLaunchConfiguration"],
        // Auto Scaling has no code for it; `run` looks.
        gone: &[],
        steps: None,
        run: |hands, step| -> Running<'_> {
            Box::pin(async move {
                let autoscaling: Client = hands.client();
                let request = autoscaling.delete_launch_configuration().launch_configuration_name(hands.id()).send();
                delete(hands, step, request, exists(&autoscaling, hands)).await
            })
        },
        protection: None,
        rank: 1,
        holds_data: false,
        reversible: None,
    }),
};

async fn exists(autoscaling: &Client, hands: &Hands) -> Result<bool, CallError> {
    let answer = autoscaling.describe_launch_configurations().launch_configuration_names(hands.id()).send().await;
    Ok(!answer.at("autoscaling:DescribeLaunchConfigurations")?.launch_configurations().is_empty())
}

async fn list(cx: &Cx) -> Listed {
    let autoscaling: Client = cx.client();
    let pages = autoscaling.describe_launch_configurations().max_records(100).into_paginator().items().send();
    let all: Vec<_> = pages.try_collect().await.at("autoscaling:DescribeLaunchConfigurations")?;
    Ok(all.iter().map(map).collect())
}

fn map(launch: &LaunchConfiguration) -> Draft {
    Draft::new(launch.launch_configuration_name().unwrap_or_default())
        .arn(launch.launch_configuration_arn())
        .name(launch.launch_configuration_name())
        .created(launch.created_time())
        .with("AssociatePublicIpAddress", launch.associate_public_ip_address())
        .with("BlockDeviceMappings", each(launch.block_device_mappings(), block_device))
        .with("ClassicLinkVPCId", set(launch.classic_link_vpc_id()))
        .with("ClassicLinkVPCSecurityGroups", launch.classic_link_vpc_security_groups())
        .with("EbsOptimized", launch.ebs_optimized())
        .with("IamInstanceProfile", set(launch.iam_instance_profile()))
        .with("ImageId", launch.image_id())
        .with("InstanceMonitoring", launch.instance_monitoring().and_then(InstanceMonitoring::enabled))
        .with("InstanceType", launch.instance_type())
        .with("KernelId", set(launch.kernel_id()))
        .with("KeyName", set(launch.key_name()))
        .with("LaunchConfigurationName", launch.launch_configuration_name())
        .with("MetadataOptions", launch.metadata_options().map(metadata))
        .with("PlacementTenancy", launch.placement_tenancy())
        .with("RamDiskId", set(launch.ramdisk_id()))
        .with("SecurityGroups", launch.security_groups())
        .with("SpotPrice", set(launch.spot_price()))
        .with("UserData", set(launch.user_data()))
}

/// Auto Scaling answers an empty text for what was never set.
fn set(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

fn block_device(mapping: &BlockDeviceMapping) -> Props {
    Props::new()
        .with("DeviceName", mapping.device_name())
        .with("Ebs", mapping.ebs().map(ebs))
        .with("NoDevice", mapping.no_device())
        .with("VirtualName", mapping.virtual_name())
}

fn ebs(ebs: &Ebs) -> Props {
    Props::new()
        .with("DeleteOnTermination", ebs.delete_on_termination())
        .with("Encrypted", ebs.encrypted())
        .with("Iops", ebs.iops())
        .with("SnapshotId", ebs.snapshot_id())
        .with("Throughput", ebs.throughput())
        .with("VolumeSize", ebs.volume_size())
        .with("VolumeType", ebs.volume_type())
}

fn metadata(options: &InstanceMetadataOptions) -> Props {
    Props::new()
        .with("HttpEndpoint", options.http_endpoint().map(InstanceMetadataEndpointState::as_str))
        .with("HttpPutResponseHopLimit", options.http_put_response_hop_limit())
        .with("HttpTokens", options.http_tokens().map(InstanceMetadataHttpTokensState::as_str))
}
