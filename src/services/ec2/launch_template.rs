//! Launch templates: what their latest and their default version hold.

use std::collections::HashMap;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{LaunchTemplate, LaunchTemplateVersion};

use super::launch_template_data::data;
use super::launch_template_more::more;
use super::{operator, tags};
use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Made, Order, Props, Recipe, Scope, TypeSpec, Unmapped,
};
use crate::model::Step;

/// `AWS::EC2::LaunchTemplate`.
///
/// `LaunchTemplateData` and `VersionDescription` are those of the latest version, which is the one that
/// `CloudFormation` writes. `defaultVersion` holds both of the default version with its number; it is stored also where
/// the two are one, so that publishing a version never looks like a change of the default. What EC2 answers beyond
/// the schema stands in `moreLaunchTemplateData`, in the shape of the EC2 API.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::LaunchTemplate",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreateTime"),
    sets: SETS,
    secrets: &["LaunchTemplateData.UserData", "defaultVersion.LaunchTemplateData.UserData"],
    left_out: &[
        LeftOut { path: "LaunchTemplates[].Operator.HiddenByDefault", why: "a matter of display" },
        LeftOut { path: "LaunchTemplateVersions[].CreateTime", why: "a clock" },
        LeftOut { path: "LaunchTemplateVersions[].CreatedBy", why: "who published the version" },
        LeftOut { path: "LaunchTemplateVersions[].LaunchTemplateName", why: "belongs to the template" },
        LeftOut {
            path: "LaunchTemplateVersions[].LaunchTemplateData.MetadataOptions.State",
            why: "whether a change has reached an instance; means nothing in a template",
        },
        LeftOut {
            path: "LaunchTemplateVersions[].LaunchTemplateData.NetworkInterfaces[].Ipv6Addresses[].IsPrimaryIpv6",
            why: "says the same as `PrimaryIpv6`",
        },
        LeftOut { path: "LaunchTemplateVersions[].LaunchTemplateData.Operator.*", why: "that of the template is kept" },
        LeftOut { path: "LaunchTemplateVersions[].Operator.*", why: "that of the template is kept" },
    ],
    unmapped: &[Unmapped { path: "TagSpecifications", why: "tags of the template itself, kept in `tags`" }],
    edges: EDGES,
    read_actions: &["ec2:DescribeLaunchTemplates", "ec2:DescribeLaunchTemplateVersions"],
    delete: Delete::Call(Recipe {
        operation: "DeleteLaunchTemplate",
        actions: &["ec2:DeleteLaunchTemplate"],
        gone: &["InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateName.NotFoundException"],
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 1,
        holds_data: false,
        reversible: None,
    }),
};

/// The lists of a version whose order has no meaning, for the latest and for the default version.
const SETS: &[&str] = &[
    "LaunchTemplateData.BlockDeviceMappings",
    "LaunchTemplateData.LicenseSpecifications",
    "LaunchTemplateData.NetworkInterfaces",
    "LaunchTemplateData.NetworkInterfaces.*.Groups",
    "LaunchTemplateData.NetworkInterfaces.*.Ipv4Prefixes",
    "LaunchTemplateData.NetworkInterfaces.*.Ipv6Prefixes",
    "LaunchTemplateData.NetworkInterfaces.*.PrivateIpAddresses",
    "LaunchTemplateData.SecurityGroupIds",
    "LaunchTemplateData.SecurityGroups",
    "LaunchTemplateData.TagSpecifications",
    "LaunchTemplateData.TagSpecifications.*.Tags",
    "LaunchTemplateData.InstanceRequirements.AcceleratorManufacturers",
    "LaunchTemplateData.InstanceRequirements.AcceleratorNames",
    "LaunchTemplateData.InstanceRequirements.AcceleratorTypes",
    "LaunchTemplateData.InstanceRequirements.AllowedInstanceTypes",
    "LaunchTemplateData.InstanceRequirements.CpuManufacturers",
    "LaunchTemplateData.InstanceRequirements.ExcludedInstanceTypes",
    "LaunchTemplateData.InstanceRequirements.InstanceGenerations",
    "LaunchTemplateData.InstanceRequirements.LocalStorageTypes",
    "defaultVersion.LaunchTemplateData.BlockDeviceMappings",
    "defaultVersion.LaunchTemplateData.LicenseSpecifications",
    "defaultVersion.LaunchTemplateData.NetworkInterfaces",
    "defaultVersion.LaunchTemplateData.NetworkInterfaces.*.Groups",
    "defaultVersion.LaunchTemplateData.NetworkInterfaces.*.Ipv4Prefixes",
    "defaultVersion.LaunchTemplateData.NetworkInterfaces.*.Ipv6Prefixes",
    "defaultVersion.LaunchTemplateData.NetworkInterfaces.*.PrivateIpAddresses",
    "defaultVersion.LaunchTemplateData.SecurityGroupIds",
    "defaultVersion.LaunchTemplateData.SecurityGroups",
    "defaultVersion.LaunchTemplateData.TagSpecifications",
    "defaultVersion.LaunchTemplateData.TagSpecifications.*.Tags",
    "defaultVersion.LaunchTemplateData.InstanceRequirements.AcceleratorManufacturers",
    "defaultVersion.LaunchTemplateData.InstanceRequirements.AcceleratorNames",
    "defaultVersion.LaunchTemplateData.InstanceRequirements.AcceleratorTypes",
    "defaultVersion.LaunchTemplateData.InstanceRequirements.AllowedInstanceTypes",
    "defaultVersion.LaunchTemplateData.InstanceRequirements.CpuManufacturers",
    "defaultVersion.LaunchTemplateData.InstanceRequirements.ExcludedInstanceTypes",
    "defaultVersion.LaunchTemplateData.InstanceRequirements.InstanceGenerations",
    "defaultVersion.LaunchTemplateData.InstanceRequirements.LocalStorageTypes",
];

const EDGES: &[Edge] = &[
    named("LaunchTemplateData.KeyName", "AWS::EC2::KeyPair"),
    named("LaunchTemplateData.IamInstanceProfile.Name", "AWS::IAM::InstanceProfile"),
    named("LaunchTemplateData.Placement.GroupName", "AWS::EC2::PlacementGroup"),
    named("defaultVersion.LaunchTemplateData.KeyName", "AWS::EC2::KeyPair"),
    named("defaultVersion.LaunchTemplateData.IamInstanceProfile.Name", "AWS::IAM::InstanceProfile"),
    named("defaultVersion.LaunchTemplateData.Placement.GroupName", "AWS::EC2::PlacementGroup"),
];

const fn named(path: &'static str, to: &'static str) -> Edge {
    Edge { path, to, target: "{}", order: Order::HolderFirst, why: "instances are launched with what a template names" }
}

/// The versions of one template that count.
#[derive(Default)]
struct Versions {
    latest: Option<LaunchTemplateVersion>,
    default: Option<LaunchTemplateVersion>,
}

async fn list(cx: &Cx) -> Listed {
    let ec2: Client = cx.client();
    let pages = ec2.describe_launch_templates().max_results(200).into_paginator().items().send();
    let templates: Vec<LaunchTemplate> = pages.try_collect().await.at("ec2:DescribeLaunchTemplates")?;
    if templates.is_empty() {
        return Ok(Vec::new());
    }
    // After the templates: one that is missing here was deleted meanwhile.
    let versions = versions(&ec2).await;
    let drafts = templates.iter().map(|template| describe(cx, template, &versions));
    drafts.filter_map(Result::transpose).collect()
}

/// Two versions of every template, without asking for each template.
async fn versions(ec2: &Client) -> Result<HashMap<String, Versions>, CallError> {
    let both = ec2.describe_launch_template_versions().versions("$Latest").versions("$Default").max_results(200);
    let found = both.into_paginator().items().send().try_collect().await.at("ec2:DescribeLaunchTemplateVersions")?;
    let mut templates: HashMap<String, Versions> = HashMap::new();
    for version in found {
        let Some(id) = version.launch_template_id() else { continue };
        let versions = templates.entry(id.to_owned()).or_default();
        if version.default_version() == Some(true) {
            versions.default = Some(version.clone());
        }
        let newer = |known: &LaunchTemplateVersion| known.version_number() < version.version_number();
        if versions.latest.as_ref().is_none_or(newer) {
            versions.latest = Some(version);
        }
    }
    Ok(templates)
}

fn describe(
    cx: &Cx,
    template: &LaunchTemplate,
    versions: &Result<HashMap<String, Versions>, CallError>,
) -> Result<Option<Draft>, CallError> {
    let draft = map(cx, template);
    match versions {
        Ok(versions) => {
            let versions = versions.get(template.launch_template_id().unwrap_or_default());
            Ok(versions.map(|versions| with_versions(draft, versions)))
        }
        Err(error) => {
            let unread = || Err::<(), _>(error.clone());
            let draft = draft.sub("LaunchTemplateData", unread())?.sub("VersionDescription", unread())?;
            draft.sub("defaultVersion", unread())?.sub("moreLaunchTemplateData", unread()).map(Some)
        }
    }
}

fn map(cx: &Cx, template: &LaunchTemplate) -> Draft {
    let id = template.launch_template_id().unwrap_or_default();
    Draft::new(id)
        .arn(cx.arn("ec2", &format!("launch-template/{id}")).as_str())
        .name(template.launch_template_name())
        .created(template.create_time())
        .tags(tags::pairs(template.tags()))
        .owner(operator::KIND, operator::of(template.operator()))
        .with("LaunchTemplateName", template.launch_template_name())
        .observed("CreatedBy", template.created_by())
        .observed("DefaultVersionNumber", template.default_version_number())
        .observed("LatestVersionNumber", template.latest_version_number())
}

fn with_versions(draft: Draft, versions: &Versions) -> Draft {
    let latest = versions.latest.as_ref();
    let default = versions.default.as_ref().map(|version| {
        Props::new()
            .with("VersionNumber", version.version_number())
            .with("VersionDescription", version.version_description())
            .with("LaunchTemplateData", version.launch_template_data().map(data))
            .with("moreLaunchTemplateData", version.launch_template_data().map(more))
    });
    draft
        .with("LaunchTemplateData", latest.and_then(|version| version.launch_template_data()).map(data))
        .with("VersionDescription", latest.and_then(|version| version.version_description()))
        .with("moreLaunchTemplateData", latest.and_then(|version| version.launch_template_data()).map(more))
        .with("defaultVersion", default)
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let ec2: Client = hands.client();
    hands.at_once(step, ec2.delete_launch_template().launch_template_id(hands.id()).send()).await
}
