//! Machine images (AMIs) that this account owns, each with whom it is shared.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    ArchitectureValues, BlockDeviceMapping, BootModeValues, DeviceType, EbsBlockDevice, HypervisorType, Image,
    ImageAttributeName, ImageState, ImageTypeValues, ImdsSupportValues, InstanceTypeItem, InstanceTypeSpecification,
    LaunchPermission, PermissionGroup, PlatformValues, ProductCode, ProductCodeValues, StateReason, TpmSupportValues,
    VirtualizationType, VolumeType,
};

use super::tags;
use crate::aws::{Call, CallError, Cx, Hands, gone_with};
use crate::catalog::steps::text;
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Made, Order, Props, Recipe, Scope, TypeSpec, each,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::EC2::Image`. `CloudFormation` has no such type, so its properties are named as the EC2 API names them.
/// `Disabled` is our own: that somebody disabled the image, which EC2 mixes with the states that it sets itself.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::Image",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationDate"),
    sets: &[
        "BlockDeviceMappings",
        "ImageWatermarks",
        "InstanceTypeSpecification.SupportedInstanceTypes",
        "InstanceTypeSpecification.UnsupportedInstanceTypes",
        "LaunchPermissions",
        "ProductCodes",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "Images[].FreeTierEligible", why: "a matter of prices" },
        LeftOut { path: "Images[].ImageAllowed", why: "follows from the account's list of allowed images" },
        LeftOut { path: "Images[].ImageOwnerAlias", why: "this account" },
        LeftOut { path: "Images[].OwnerId", why: "this account" },
        LeftOut { path: "Images[].ImageWatermarks[].SourceImageCreationTime", why: "belongs to the source image" },
        LeftOut { path: "Images[].ImageWatermarks[].WatermarkCreationTime", why: "a clock" },
        LeftOut { path: "Images[].PublicSsmParameterName", why: "only images of AWS have one" },
        LeftOut { path: "Images[].ScanResults.*", why: "findings, which come and go without a change to the image" },
        LeftOut { path: "DescribeImageAttribute:BlockDeviceMappings*", why: ONLY_ASKED },
        LeftOut { path: "DescribeImageAttribute:BootMode.Value", why: ONLY_ASKED },
        LeftOut { path: "DescribeImageAttribute:DeregistrationProtection.Value", why: ONLY_ASKED },
        LeftOut { path: "DescribeImageAttribute:Description.Value", why: ONLY_ASKED },
        LeftOut { path: "DescribeImageAttribute:ImageId", why: "the image itself" },
        LeftOut { path: "DescribeImageAttribute:ImdsSupport.Value", why: ONLY_ASKED },
        LeftOut { path: "DescribeImageAttribute:KernelId.Value", why: ONLY_ASKED },
        LeftOut { path: "DescribeImageAttribute:LastLaunchedTime.Value", why: ONLY_ASKED },
        LeftOut { path: "DescribeImageAttribute:ProductCodes*", why: ONLY_ASKED },
        LeftOut { path: "DescribeImageAttribute:RamdiskId.Value", why: ONLY_ASKED },
        LeftOut { path: "DescribeImageAttribute:SriovNetSupport.Value", why: ONLY_ASKED },
        LeftOut { path: "DescribeImageAttribute:TpmSupport.Value", why: ONLY_ASKED },
        LeftOut { path: "DescribeImageAttribute:UefiData.Value", why: ONLY_ASKED },
    ],
    unmapped: &[],
    edges: &[
        Edge {
            path: "SourceImageId",
            to: "AWS::EC2::Image",
            target: "{}",
            order: Order::None,
            why: "an image does not need the image it was copied from any more",
        },
        Edge {
            path: "SourceInstanceId",
            to: "AWS::EC2::Instance",
            target: "{}",
            order: Order::None,
            why: "an image does not need the instance it was made from any more",
        },
        Edge {
            path: "ImageWatermarks.*.SourceImageId",
            to: "AWS::EC2::Image",
            target: "{}",
            order: Order::None,
            why: "tells only where the watermark comes from",
        },
    ],
    read_actions: &["ec2:DescribeImages", "ec2:DescribeImageAttribute"],
    delete: Delete::Call(Recipe {
        operation: "DeregisterImage",
        actions: &["ec2:DisableImageDeregistrationProtection", "ec2:DeregisterImage"],
        gone: GONE,
        steps: Some(deletion),
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: Some(protection),
        rank: 3,
        holds_data: true,
        reversible: Some("the Recycle Bin, where a retention rule covers it"),
    }),
};

const ONLY_ASKED: &str = "answered only when asked for, and in the image itself";

/// How EC2 says that an image was deregistered since it was listed.
const GONE: &[&str] = &["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"];

async fn list(cx: &Cx) -> Listed {
    let ec2: Client = cx.client();
    let images = ec2.describe_images().owners("self").include_deprecated(true).include_disabled(true);
    let pages = images.max_results(1000).into_paginator().items().send();
    let mut images: Vec<Image> = pages.try_collect().await.at("ec2:DescribeImages")?;
    images.retain(|image| image.state() != Some(&ImageState::Deregistered));
    let images = cx.wanted(images, |image| image.image_id().unwrap_or_default());
    cx.each(images, |image| describe(cx, &ec2, image)).await
}

async fn describe(cx: &Cx, ec2: &Client, image: Image) -> Result<Option<Draft>, CallError> {
    let id = image.image_id().unwrap_or_default();
    let shared = ec2.describe_image_attribute().image_id(id).attribute(ImageAttributeName::LaunchPermission).send();
    let shared = shared.await.at("ec2:DescribeImageAttribute");
    let again = async {
        let same = ec2.describe_images().image_ids(id).include_deprecated(true).include_disabled(true);
        same.send().await.at("ec2:DescribeImages")
    };
    let Some(shared) = gone_with(shared, GONE, again).await.transpose() else { return Ok(None) };
    let shared = shared.map(|answer| each(answer.launch_permissions(), permission));
    map(cx, &image).sub("LaunchPermissions", shared).map(Some)
}

fn map(cx: &Cx, image: &Image) -> Draft {
    let id = image.image_id().unwrap_or_default();
    // The ARN of an image has no account.
    let arn = format!("arn:{}:ec2:{}::image/{id}", cx.partition(), cx.region());
    let reason = image.state_reason();
    let draft = Draft::new(id)
        .arn(arn.as_str())
        .name(image.name())
        .created_text(image.creation_date())
        .tags(tags::pairs(image.tags()))
        .observed("Hypervisor", image.hypervisor().map(HypervisorType::as_str))
        .observed("LastLaunchedTime", image.last_launched_time())
        .observed("PlatformDetails", image.platform_details())
        .observed("State", image.state().map(ImageState::as_str))
        .observed("StateReasonCode", reason.and_then(StateReason::code))
        .observed("StateReasonMessage", reason.and_then(StateReason::message))
        .observed("UsageOperation", image.usage_operation());
    properties(draft, image)
}

fn properties(draft: Draft, image: &Image) -> Draft {
    let watermarks = each(image.image_watermarks(), |watermark| {
        Props::new()
            .with("WatermarkKey", watermark.watermark_key())
            .with("SourceImageId", watermark.source_image_id())
            .with("SourceImageRegion", watermark.source_image_region())
    });
    draft
        .with("Name", image.name())
        .with("Description", image.description())
        .with("Architecture", image.architecture().map(ArchitectureValues::as_str))
        .with("BlockDeviceMappings", each(image.block_device_mappings(), device))
        .with("BootMode", image.boot_mode().map(BootModeValues::as_str))
        .with("DeprecationTime", image.deprecation_time())
        .with("DeregistrationProtection", image.deregistration_protection())
        .with("Disabled", image.state() == Some(&ImageState::Disabled))
        .with("EnaSupport", image.ena_support())
        .with("ImageLocation", image.image_location())
        .with("ImageType", image.image_type().map(ImageTypeValues::as_str))
        .with("ImageWatermarks", watermarks)
        .with("ImdsSupport", image.imds_support().map(ImdsSupportValues::as_str))
        .with("InstanceTypeSpecification", image.instance_type_specification().map(instance_types))
        .with("KernelId", image.kernel_id())
        .with("Platform", image.platform().map(PlatformValues::as_str))
        .with("ProductCodes", each(image.product_codes(), product_code))
        .with("Public", image.public())
        .with("RamdiskId", image.ramdisk_id())
        .with("RootDeviceName", image.root_device_name())
        .with("RootDeviceType", image.root_device_type().map(DeviceType::as_str))
        .with("SourceImageId", image.source_image_id())
        .with("SourceImageRegion", image.source_image_region())
        .with("SourceInstanceId", image.source_instance_id())
        .with("SriovNetSupport", image.sriov_net_support())
        .with("TpmSupport", image.tpm_support().map(TpmSupportValues::as_str))
        .with("VirtualizationType", image.virtualization_type().map(VirtualizationType::as_str))
}

fn device(device: &BlockDeviceMapping) -> Props {
    Props::new()
        .with("DeviceName", device.device_name())
        .with("VirtualName", device.virtual_name())
        .with("NoDevice", device.no_device())
        .with("Ebs", device.ebs().map(ebs))
}

fn ebs(ebs: &EbsBlockDevice) -> Props {
    Props::new()
        .with("AvailabilityZone", ebs.availability_zone())
        .with("AvailabilityZoneId", ebs.availability_zone_id())
        .with("DeleteOnTermination", ebs.delete_on_termination())
        .with("EbsCardIndex", ebs.ebs_card_index())
        .with("Encrypted", ebs.encrypted())
        .with("Iops", ebs.iops())
        .with("KmsKeyId", ebs.kms_key_id())
        .with("OutpostArn", ebs.outpost_arn())
        .with("SnapshotId", ebs.snapshot_id())
        .with("Throughput", ebs.throughput())
        .with("VolumeInitializationRate", ebs.volume_initialization_rate())
        .with("VolumeSize", ebs.volume_size())
        .with("VolumeType", ebs.volume_type().map(VolumeType::as_str))
}

fn instance_types(types: &InstanceTypeSpecification) -> Props {
    let names = |types: &[InstanceTypeItem]| -> Vec<String> {
        types.iter().filter_map(|item| item.instance_type().map(str::to_owned)).collect()
    };
    Props::new()
        .with("SupportedInstanceTypes", names(types.supported_instance_types()))
        .with("UnsupportedInstanceTypes", names(types.unsupported_instance_types()))
}

pub(super) fn product_code(code: &ProductCode) -> Props {
    Props::new()
        .with("ProductCodeId", code.product_code_id())
        .with("ProductCodeType", code.product_code_type().map(ProductCodeValues::as_str))
}

fn permission(permission: &LaunchPermission) -> Props {
    Props::new()
        .with("Group", permission.group().map(PermissionGroup::as_str))
        .with("OrganizationArn", permission.organization_arn())
        .with("OrganizationalUnitArn", permission.organizational_unit_arn())
        .with("UserId", permission.user_id())
}

fn protection(image: &Resource) -> Option<String> {
    let state = text(&image.properties, "DeregistrationProtection")?;
    state.starts_with("enabled").then(|| "DeregistrationProtection".to_owned())
}

/// With a cool-down the image stays protected for another day after the first step.
fn deletion(image: &Resource, switches: &Switches) -> Vec<Step> {
    let unprotect = switches.disable_protection && protection(image).is_some();
    let unprotect = unprotect.then(|| Step::on_resource("ec2:DisableImageDeregistrationProtection"));
    unprotect.into_iter().chain([Step::on_resource("ec2:DeregisterImage")]).collect()
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let ec2: Client = hands.client();
    let image = hands.id();
    match step.call.as_str() {
        "ec2:DisableImageDeregistrationProtection" => {
            hands.at_once(step, ec2.disable_image_deregistration_protection().image_id(image).send()).await
        }
        "ec2:DeregisterImage" => hands.at_once(step, ec2.deregister_image().image_id(image).send()).await,
        _ => Err(hands.unknown(step)),
    }
}
