//! Instances, without what belongs to their volumes and network interfaces, which are resources of their own.

use std::collections::HashMap;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::describe_instance_attribute::DescribeInstanceAttributeOutput as Attributes;
use aws_sdk_ec2::types::{
    AttributeBooleanValue, AttributeValue, Instance, InstanceAttributeName as Attribute, InstanceStateName,
    InstanceType, Reservation,
};

use super::instance_props::{observed, properties};
use super::{operator, tags};
use crate::aws::{Absent, Call, CallError, Cx, Fate, Hands, gone_unless};
use crate::catalog::steps::flag;
use crate::catalog::{Created, Delete, Draft, Edge, Listed, Made, Order, Props, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::{Resource, Step, Switches};

/// `AWS::EC2::Instance`.
///
/// What its schema has no place for stands under lower-case names in the shape of the EC2 API: `bootMode`,
/// `capacityBlockId`, `capacityReservationSpecification`, `cpuOptions` (the two options that the schema lacks),
/// `disableApiStop`, `enaSupport`, `instanceLifecycle`, `maintenanceOptions`, `networkPerformanceOptions`, `placement`,
/// `productCodes`, `secondaryInterfaces` and `sriovNetSupport`.
///
/// The creation time is when the primary network interface was attached: it never comes off, and `LaunchTime` moves
/// with every restart.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::Instance",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("NetworkInterfaces[].Attachment.AttachTime"),
    sets: &[
        "BlockDeviceMappings",
        "Ipv6Addresses",
        "LicenseSpecifications",
        "SecurityGroupIds",
        "productCodes",
        "secondaryInterfaces",
        "secondaryInterfaces.*.PrivateIpAddresses",
    ],
    secrets: &["UserData"],
    left_out: super::instance_left_out::LEFT_OUT,
    unmapped: UNMAPPED,
    edges: &[
        Edge {
            path: "IamInstanceProfile",
            to: "AWS::IAM::InstanceProfile",
            target: "{}",
            order: Order::HolderFirst,
            why: "an instance names its profile",
        },
        Edge {
            path: "KeyName",
            to: "AWS::EC2::KeyPair",
            target: "{}",
            order: Order::HolderFirst,
            why: "an instance names its key pair",
        },
        Edge {
            path: "PlacementGroupName",
            to: "AWS::EC2::PlacementGroup",
            target: "{}",
            order: Order::HolderFirst,
            why: "a placement group is deleted when it is empty",
        },
    ],
    read_actions: &[
        "ec2:DescribeInstances",
        "ec2:DescribeInstanceAttribute",
        "ec2:DescribeInstanceCreditSpecifications",
    ],
    delete: Delete::Call(Recipe {
        operation: "TerminateInstances",
        actions: &["ec2:ModifyInstanceAttribute", "ec2:TerminateInstances"],
        gone: GONE,
        steps: Some(deletion),
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: Some(protection),
        rank: 1,
        holds_data: true,
        reversible: None,
    }),
};

const UNMAPPED: &[Unmapped] = &[
    Unmapped { path: "AdditionalInfo", why: "reserved by AWS and never returned" },
    Unmapped { path: "BlockDeviceMappings.*.Ebs.Encrypted", why: OF_THE_VOLUME },
    Unmapped { path: "BlockDeviceMappings.*.Ebs.Iops", why: OF_THE_VOLUME },
    Unmapped { path: "BlockDeviceMappings.*.Ebs.KmsKeyId", why: OF_THE_VOLUME },
    Unmapped { path: "BlockDeviceMappings.*.Ebs.SnapshotId", why: OF_THE_VOLUME },
    Unmapped { path: "BlockDeviceMappings.*.Ebs.VolumeSize", why: OF_THE_VOLUME },
    Unmapped { path: "BlockDeviceMappings.*.Ebs.VolumeType", why: OF_THE_VOLUME },
    Unmapped {
        path: "BlockDeviceMappings.*.NoDevice",
        why: "suppresses a device of the image at launch; not returned",
    },
    Unmapped { path: "BlockDeviceMappings.*.VirtualName", why: "instance store volumes are not returned" },
    Unmapped { path: "ElasticGpuSpecifications", why: "the service was retired" },
    Unmapped { path: "ElasticInferenceAccelerators", why: "the service was retired" },
    Unmapped { path: "Ipv6AddressCount", why: "`Ipv6Addresses` holds the addresses" },
    Unmapped { path: "LaunchTemplate", why: "returned only as tags of AWS's own, kept in `systemTags`" },
    Unmapped { path: "NetworkInterfaces", why: "the interfaces are resources of their own, with their attachments" },
    Unmapped { path: "PropagateTagsToVolumeOnCreation", why: "used at launch and not returned" },
    Unmapped { path: "SecurityGroups", why: "names of the groups in `SecurityGroupIds`" },
    Unmapped { path: "SsmAssociations", why: "associations are resources of Systems Manager" },
    Unmapped { path: "Tags", why: "kept in `tags`" },
    Unmapped { path: "Volumes", why: "the volumes are resources of their own, with their attachments" },
];

const OF_THE_VOLUME: &str = "belongs to the volume, which is a resource of its own";

/// How EC2 says that an instance is no longer known.
const GONE: &[&str] = &["InvalidInstanceID.NotFound"];

/// The most instances that one call takes by id.
const BATCH: usize = 1000;

type Credits = HashMap<String, String>;

async fn list(cx: &Cx) -> Listed {
    let ec2: Client = cx.client();
    let pages = ec2.describe_instances().max_results(1000).into_paginator().items().send();
    let reservations = pages.try_collect().await.at("ec2:DescribeInstances")?;
    let instances = reservations.into_iter().flat_map(|reservation| reservation.instances.unwrap_or_default());
    // A terminated instance is listed for another hour.
    let live: Vec<Instance> =
        instances.filter(|instance| state(instance) != Some(&InstanceStateName::Terminated)).collect();
    let live = cx.wanted(live, |instance| instance.instance_id().unwrap_or_default());
    let credits = credits(&ec2, &live).await;
    cx.each(live, |instance| {
        let (ec2, credits) = (&ec2, &credits);
        async move {
            let exists = exists(ec2, instance.instance_id().unwrap_or_default());
            gone_unless(describe(cx, ec2, &instance, credits).await, GONE, exists).await
        }
    })
    .await
}

async fn exists(ec2: &Client, id: &str) -> Result<bool, CallError> {
    let answer = ec2.describe_instances().instance_ids(id).send().await.at("ec2:DescribeInstances").absent_if(GONE)?;
    let reservations = answer.and_then(|answer| answer.reservations).unwrap_or_default();
    let mut instances = reservations.iter().flat_map(Reservation::instances);
    Ok(instances.any(|instance| state(instance) != Some(&InstanceStateName::Terminated)))
}

fn state(instance: &Instance) -> Option<&InstanceStateName> {
    instance.state()?.name()
}

/// The CPU credit option of all instances that can have one. Asking for any other instance is an error.
async fn credits(ec2: &Client, instances: &[Instance]) -> Result<Credits, CallError> {
    let burstable = instances.iter().filter(|instance| instance.instance_type().is_some_and(is_burstable));
    let ids: Vec<&str> = burstable.filter_map(Instance::instance_id).collect();
    let mut credits = Credits::new();
    for batch in ids.chunks(BATCH) {
        let ids = batch.iter().map(|&id| id.to_owned()).collect();
        let pages = ec2.describe_instance_credit_specifications().set_instance_ids(Some(ids)).into_paginator();
        let found = pages.items().send().try_collect().await.at("ec2:DescribeInstanceCreditSpecifications")?;
        credits.extend(found.into_iter().filter_map(|found| Some((found.instance_id?, found.cpu_credits?))));
    }
    Ok(credits)
}

/// T2 and all later T families (`t3a`, `t4g`), but neither T1 nor families such as `trn1`.
fn is_burstable(instance_type: &InstanceType) -> bool {
    let family = instance_type.as_str().strip_prefix('t');
    family.is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit() && digit >= '2'))
}

async fn describe(
    cx: &Cx,
    ec2: &Client,
    instance: &Instance,
    credits: &Result<Credits, CallError>,
) -> Result<Draft, CallError> {
    let id = instance.instance_id().unwrap_or_default();
    // One call answers one attribute.
    let (user_data, termination, stop, shutdown) = tokio::join!(
        attribute(ec2, id, Attribute::UserData),
        attribute(ec2, id, Attribute::DisableApiTermination),
        attribute(ec2, id, Attribute::DisableApiStop),
        attribute(ec2, id, Attribute::InstanceInitiatedShutdownBehavior),
    );
    let flag = |value: Option<&AttributeBooleanValue>| value.and_then(AttributeBooleanValue::value);
    let text = |value: Option<&AttributeValue>| value.and_then(AttributeValue::value).map(str::to_owned);
    let user_data = read(user_data, |answer| text(answer.user_data()).filter(|data| !data.is_empty()));
    let credits = credits.as_ref().map(|credits| credits.get(id)).map_err(Clone::clone);
    let credits = credits.map(|option| option.map(|option| Props::new().with("CPUCredits", option)));

    map(cx, instance)
        .sub("UserData", user_data)?
        .sub("DisableApiTermination", read(termination, |answer| flag(answer.disable_api_termination())))?
        .sub("disableApiStop", read(stop, |answer| flag(answer.disable_api_stop())))?
        .sub(
            "InstanceInitiatedShutdownBehavior",
            read(shutdown, |answer| text(answer.instance_initiated_shutdown_behavior())),
        )?
        .sub("CreditSpecification", credits)
}

async fn attribute(ec2: &Client, id: &str, attribute: Attribute) -> Result<Attributes, CallError> {
    let answer = ec2.describe_instance_attribute().instance_id(id).attribute(attribute).send();
    answer.await.at("ec2:DescribeInstanceAttribute")
}

fn read<T>(
    answer: Result<Attributes, CallError>,
    field: impl FnOnce(&Attributes) -> Option<T>,
) -> Result<Option<T>, CallError> {
    answer.map(|answer| field(&answer))
}

fn map(cx: &Cx, instance: &Instance) -> Draft {
    let id = instance.instance_id().unwrap_or_default();
    let draft = Draft::new(id)
        .arn(cx.arn("ec2", &format!("instance/{id}")).as_str())
        .name(tags::name_tag(instance.tags()))
        .created(created(instance))
        .tags(tags::pairs(instance.tags()))
        .owner(operator::KIND, operator::of(instance.operator()));
    observed(properties(draft, instance), instance)
}

/// When the primary interface was attached, which is when the instance was made.
fn created(instance: &Instance) -> Option<&aws_smithy_types::DateTime> {
    let attachments = instance.network_interfaces().iter().filter_map(|interface| interface.attachment());
    let is_primary = |index: i32, card: i32| index == 0 && card == 0;
    attachments
        .filter(|a| is_primary(a.device_index().unwrap_or_default(), a.network_card_index().unwrap_or_default()))
        .find_map(|attachment| attachment.attach_time())
}

/// The two attributes that keep an instance from being terminated, as they stand in its properties and in EC2's words.
const PROTECTIONS: &[(&str, &str)] =
    &[("DisableApiTermination", "DisableApiTermination"), ("disableApiStop", "DisableApiStop")];

fn protections(instance: &Resource) -> impl Iterator<Item = &'static str> {
    PROTECTIONS.iter().filter(|(property, _)| flag(&instance.properties, property)).map(|(_, name)| *name)
}

fn protection(instance: &Resource) -> Option<String> {
    let on: Vec<_> = protections(instance).collect();
    (!on.is_empty()).then(|| on.join(", "))
}

fn deletion(instance: &Resource, switches: &Switches) -> Vec<Step> {
    let on = protections(instance).filter(|_| switches.disable_protection);
    let unprotect = on.map(|name| Step::on("ec2:ModifyInstanceAttribute", name));
    unprotect.chain([Step::on_resource("ec2:TerminateInstances")]).collect()
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let ec2: Client = hands.client();
    let id = hands.id();
    match step.call.as_str() {
        "ec2:ModifyInstanceAttribute" => {
            let off = AttributeBooleanValue::builder().value(false).build();
            let call = ec2.modify_instance_attribute().instance_id(id);
            let call = match step.target.as_str() {
                "DisableApiTermination" => call.disable_api_termination(off),
                "DisableApiStop" => call.disable_api_stop(off),
                _ => return Err(hands.unknown(step)),
            };
            hands.at_once(step, call.send()).await
        }
        "ec2:TerminateInstances" => {
            let request = async { ec2.terminate_instances().instance_ids(id).send().await.at(&step.call) };
            hands.until_gone(step, || fate(hands, &ec2), request).await
        }
        _ => Err(hands.unknown(step)),
    }
}

/// A terminated instance is listed for another hour.
async fn fate(hands: &Hands, ec2: &Client) -> Result<Fate, CallError> {
    use InstanceStateName::{ShuttingDown, Terminated};
    let found = ec2.describe_instances().instance_ids(hands.id()).send();
    let found = hands.look("ec2:DescribeInstances", found).await?;
    let reservations = found.and_then(|found| found.reservations).unwrap_or_default();
    let instance = reservations.iter().flat_map(Reservation::instances).next();
    Ok(match instance.map(state) {
        None | Some(Some(Terminated)) => Fate::Gone,
        Some(Some(ShuttingDown)) => Fate::going("shutting down"),
        Some(_) => Fate::There,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_t2_and_later_have_a_credit_option() {
        for (name, burstable) in [
            ("t2.micro", true),
            ("t3a.small", true),
            ("t4g.nano", true),
            ("t1.micro", false),
            ("trn1.2xlarge", false),
            ("m5.large", false),
        ] {
            assert_eq!(is_burstable(&InstanceType::from(name)), burstable, "{name}");
        }
    }
}
