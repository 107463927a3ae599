//! What a launch template's version holds that the `CloudFormation` schema has no place for, in the shape of the EC2 API.

use aws_sdk_ec2::types::{
    InstanceRequirements, LaunchTemplateInstanceSecondaryInterfaceSpecification as SecondaryInterface,
    ResponseLaunchTemplateData, SecondaryInterfaceType,
};

use crate::catalog::{Props, each};

pub(super) fn more(data: &ResponseLaunchTemplateData) -> Props {
    let gpus = each(data.elastic_gpu_specifications(), |gpu| Props::new().with("Type", gpu.r#type()));
    let accelerators = each(data.elastic_inference_accelerators(), |accelerator| {
        Props::new().with("Type", accelerator.r#type()).with("Count", accelerator.count())
    });
    let zone = data.placement().and_then(|placement| placement.availability_zone_id());
    let encryption = data.instance_requirements().and_then(InstanceRequirements::require_encryption_in_transit);
    Props::new()
        .with("ElasticGpuSpecifications", gpus)
        .with("ElasticInferenceAccelerators", accelerators)
        .with("InstanceRequirements", Props::new().with("RequireEncryptionInTransit", encryption))
        .with("Placement", Props::new().with("AvailabilityZoneId", zone))
        .with("SecondaryInterfaces", each(data.secondary_interfaces(), secondary_interface))
}

fn secondary_interface(interface: &SecondaryInterface) -> Props {
    let addresses = each(interface.private_ip_addresses(), |address| {
        Props::new().with("PrivateIpAddress", address.private_ip_address())
    });
    Props::new()
        .with("DeleteOnTermination", interface.delete_on_termination())
        .with("DeviceIndex", interface.device_index())
        .with("InterfaceType", interface.interface_type().map(SecondaryInterfaceType::as_str))
        .with("NetworkCardIndex", interface.network_card_index())
        .with("PrivateIpAddressCount", interface.private_ip_address_count())
        .with("PrivateIpAddresses", addresses)
        .with("SecondarySubnetId", interface.secondary_subnet_id())
}
