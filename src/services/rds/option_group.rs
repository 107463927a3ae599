//! Option groups: features of an engine that are switched on, with their settings.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::{self, DbSecurityGroupMembership, OptionGroup, OptionSetting, VpcSecurityGroupMembership};

use super::{is_rds, tag};
use crate::aws::{Call, CallError, Cx, gone_with};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Running, Scope, TypeSpec, Unmapped, each,
};

/// `AWS::RDS::OptionGroup`.
///
/// A setting that has its default value is left out, so that a new setting of the engine is no change of the group.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::RDS::OptionGroup",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("RDS reports it only for copies"),
    sets: &[
        "OptionConfigurations",
        "OptionConfigurations.*.DBSecurityGroupMemberships",
        "OptionConfigurations.*.OptionSettings",
        "OptionConfigurations.*.VpcSecurityGroupMemberships",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "OptionGroupsList[].AllowsVpcAndNonVpcInstanceMemberships", why: "follows from the options" },
        LeftOut { path: "OptionGroupsList[].Options[].OptionDescription", why: OF_ENGINE },
        LeftOut { path: "OptionGroupsList[].Options[].Persistent", why: OF_ENGINE },
        LeftOut { path: "OptionGroupsList[].Options[].Permanent", why: OF_ENGINE },
        LeftOut { path: "OptionGroupsList[].Options[].OptionSettings[].DefaultValue", why: OF_ENGINE },
        LeftOut { path: "OptionGroupsList[].Options[].OptionSettings[].Description", why: OF_ENGINE },
        LeftOut { path: "OptionGroupsList[].Options[].OptionSettings[].ApplyType", why: OF_ENGINE },
        LeftOut { path: "OptionGroupsList[].Options[].OptionSettings[].DataType", why: OF_ENGINE },
        LeftOut { path: "OptionGroupsList[].Options[].OptionSettings[].AllowedValues", why: OF_ENGINE },
        LeftOut { path: "OptionGroupsList[].Options[].OptionSettings[].IsModifiable", why: OF_ENGINE },
        LeftOut { path: "OptionGroupsList[].Options[].OptionSettings[].IsCollection", why: OF_ENGINE },
        LeftOut { path: "OptionGroupsList[].Options[].DBSecurityGroupMemberships[].Status", why: "run state" },
        LeftOut { path: "OptionGroupsList[].Options[].VpcSecurityGroupMemberships[].Status", why: "run state" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["rds:DescribeOptionGroups", "rds:ListTagsForResource"],
    delete: Delete::Call(Recipe {
        operation: "DeleteOptionGroup",
        actions: &["rds:DeleteOptionGroup"],
        gone: GONE,
        steps: None,
        run: |hands, step| -> Running<'_> {
            Box::pin(async move {
                let rds: Client = hands.client();
                let request = rds.delete_option_group().option_group_name(hands.id()).send();
                hands.call(step, request).await.map(|_| Progress::Done)
            })
        },
        protection: None,
        rank: 4,
        holds_data: false,
        reversible: None,
    }),
};

/// How RDS says that an option group does not exist.
const GONE: &[&str] = &["OptionGroupNotFoundFault"];

const OF_ENGINE: &str = "of the engine, the same in every group";

async fn list(cx: &Cx) -> Listed {
    let rds: Client = cx.client();
    let pages = rds.describe_option_groups().max_records(100).into_paginator().items().send();
    let mut groups: Vec<OptionGroup> = pages.try_collect().await.at("rds:DescribeOptionGroups")?;
    groups.retain(|group| is_rds(group.engine_name()) && cx.wants(group.option_group_name().unwrap_or_default()));
    cx.each(groups, |group| describe(&rds, group)).await
}

async fn describe(rds: &Client, group: OptionGroup) -> Result<Option<Draft>, CallError> {
    let tags = rds.list_tags_for_resource().resource_name(group.option_group_arn().unwrap_or_default()).send().await;
    let tags = tags.at("rds:ListTagsForResource").map(|answer| answer.tag_list.unwrap_or_default());
    let again = async {
        let name = group.option_group_name().unwrap_or_default();
        rds.describe_option_groups().option_group_name(name).send().await.at("rds:DescribeOptionGroups")
    };
    let Some(tags) = gone_with(tags, GONE, again).await.transpose() else { return Ok(None) };
    map(&group).sub_tags(tags.as_ref().map(|tags| tags.iter().map(tag)).map_err(Clone::clone)).map(Some)
}

fn map(group: &OptionGroup) -> Draft {
    let name = group.option_group_name().unwrap_or_default();
    Draft::new(name)
        .arn(group.option_group_arn())
        .name(name)
        .with("EngineName", group.engine_name())
        .with("MajorEngineVersion", group.major_engine_version())
        .with("OptionConfigurations", each(group.options(), option))
        .with("OptionGroupDescription", group.option_group_description())
        .with("OptionGroupName", name)
        .observed("CopyTimestamp", group.copy_timestamp())
        .observed("SourceAccountId", group.source_account_id())
        .observed("SourceOptionGroup", group.source_option_group())
        .observed("VpcId", group.vpc_id())
        .aws_made(name.starts_with("default:"), "default option group")
}

fn option(option: &types::Option) -> Props {
    let groups = option.db_security_group_memberships().iter();
    let groups: Vec<_> = groups.filter_map(DbSecurityGroupMembership::db_security_group_name).collect();
    let vpc_groups = option.vpc_security_group_memberships().iter();
    let vpc_groups: Vec<_> = vpc_groups.filter_map(VpcSecurityGroupMembership::vpc_security_group_id).collect();
    let settings: Vec<_> = option.option_settings().iter().filter_map(setting).collect();
    Props::new()
        .with("DBSecurityGroupMemberships", groups)
        .with("OptionName", option.option_name())
        .with("OptionSettings", settings)
        .with("OptionVersion", option.option_version())
        .with("Port", option.port())
        .with("VpcSecurityGroupMemberships", vpc_groups)
}

fn setting(setting: &OptionSetting) -> Option<Props> {
    let value = setting.value().filter(|value| Some(*value) != setting.default_value())?;
    Some(Props::new().with("Name", setting.name()).with("Value", value))
}
