//! What EC2 answers about an instance and is not kept, with the reasons.

use crate::catalog::LeftOut;

const OF_THE_IMAGE: &str = "follows from the image";
const OF_THE_INTERFACE: &str = "belongs to the network interface";
const OF_THE_VOLUME: &str = "belongs to the volume";
const ONLY_ASKED: &str = "answered only when asked for, and in the instance itself";
const RETIRED: &str = "the service was retired";

const fn left_out(path: &'static str, why: &'static str) -> LeftOut {
    LeftOut { path, why }
}

/// See [`super::instance::SPEC`].
pub(super) const LEFT_OUT: &[LeftOut] = &[
    left_out("Reservations[].Groups*", "of a network that AWS has retired"),
    left_out("Reservations[].OwnerId", "this account"),
    left_out("Reservations[].RequesterId", "who launched it"),
    left_out("Reservations[].ReservationId", "names the launch, not the instance"),
    left_out("Reservations[].Instances[].AmiLaunchIndex", "names the launch, not the instance"),
    left_out("Reservations[].Instances[].BlockDeviceMappings[].Ebs.AssociatedResource", OF_THE_VOLUME),
    left_out("Reservations[].Instances[].BlockDeviceMappings[].Ebs.AttachTime", OF_THE_VOLUME),
    left_out("Reservations[].Instances[].BlockDeviceMappings[].Ebs.EbsCardIndex", OF_THE_VOLUME),
    left_out("Reservations[].Instances[].BlockDeviceMappings[].Ebs.Operator.*", OF_THE_VOLUME),
    left_out("Reservations[].Instances[].BlockDeviceMappings[].Ebs.Status", OF_THE_VOLUME),
    left_out("Reservations[].Instances[].BlockDeviceMappings[].Ebs.VolumeId", OF_THE_VOLUME),
    left_out("Reservations[].Instances[].BlockDeviceMappings[].Ebs.VolumeOwnerId", OF_THE_VOLUME),
    left_out("Reservations[].Instances[].ClientToken", "names the launch, not the instance"),
    left_out("Reservations[].Instances[].CurrentInstanceBootMode", "follows from the image and the instance type"),
    left_out("Reservations[].Instances[].ElasticGpuAssociations*", RETIRED),
    left_out("Reservations[].Instances[].ElasticInferenceAcceleratorAssociations*", RETIRED),
    left_out("Reservations[].Instances[].Hypervisor", "follows from the instance type"),
    left_out("Reservations[].Instances[].IamInstanceProfile.Id", "belongs to the profile"),
    left_out("Reservations[].Instances[].Ipv6Address", OF_THE_INTERFACE),
    left_out("Reservations[].Instances[].MetadataOptions.State", "whether a change has reached the instance"),
    // Most of it: when the primary one was attached and its IPv6 addresses are kept.
    left_out("Reservations[].Instances[].NetworkInterfaces*", OF_THE_INTERFACE),
    left_out("Reservations[].Instances[].Operator.HiddenByDefault", "a matter of display"),
    left_out("Reservations[].Instances[].Placement.AvailabilityZoneId", "says the same as the zone's name"),
    left_out("Reservations[].Instances[].Platform", OF_THE_IMAGE),
    left_out("Reservations[].Instances[].RootDeviceType", OF_THE_IMAGE),
    left_out("Reservations[].Instances[].SecondaryInterfaces[].Attachment.AttachTime", "a clock"),
    left_out("Reservations[].Instances[].SecondaryInterfaces[].Attachment.AttachmentId", "names the attachment"),
    left_out("Reservations[].Instances[].SecondaryInterfaces[].Attachment.Status", "run state"),
    left_out("Reservations[].Instances[].SecondaryInterfaces[].MacAddress", "follows from the interface"),
    left_out("Reservations[].Instances[].SecondaryInterfaces[].OwnerId", "this account"),
    left_out("Reservations[].Instances[].SecondaryInterfaces[].SecondaryNetworkId", "follows from the subnet"),
    left_out("Reservations[].Instances[].SecondaryInterfaces[].Status", "run state"),
    left_out("Reservations[].Instances[].SecurityGroups[].GroupName", "belongs to the group"),
    left_out("Reservations[].Instances[].State.Code", "says the same as the state's name"),
    left_out("Reservations[].Instances[].StateReason.*", "run state"),
    left_out("Reservations[].Instances[].TpmSupport", OF_THE_IMAGE),
    left_out("Reservations[].Instances[].UsageOperation", OF_THE_IMAGE),
    left_out("Reservations[].Instances[].UsageOperationUpdateTime", "a clock"),
    left_out("Reservations[].Instances[].VirtualizationType", OF_THE_IMAGE),
    left_out("DescribeInstanceAttribute:BlockDeviceMappings*", ONLY_ASKED),
    left_out("DescribeInstanceAttribute:EbsOptimized.Value", ONLY_ASKED),
    left_out("DescribeInstanceAttribute:EnaSupport.Value", ONLY_ASKED),
    left_out("DescribeInstanceAttribute:EnclaveOptions.Enabled", ONLY_ASKED),
    left_out("DescribeInstanceAttribute:Groups*", ONLY_ASKED),
    left_out("DescribeInstanceAttribute:InstanceId", "the instance itself"),
    left_out("DescribeInstanceAttribute:InstanceType.Value", ONLY_ASKED),
    left_out("DescribeInstanceAttribute:KernelId.Value", ONLY_ASKED),
    left_out("DescribeInstanceAttribute:ProductCodes*", ONLY_ASKED),
    left_out("DescribeInstanceAttribute:RamdiskId.Value", ONLY_ASKED),
    left_out("DescribeInstanceAttribute:RootDeviceName.Value", ONLY_ASKED),
    left_out("DescribeInstanceAttribute:SourceDestCheck.Value", ONLY_ASKED),
    left_out("DescribeInstanceAttribute:SriovNetSupport.Value", ONLY_ASKED),
];
