//! Instance profiles: the hull in which an instance carries a role.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{InstanceProfile, Role};

use super::details::GONE;
use crate::aws::{Call, CallError, Cx, Hands, gone_unless};
use crate::catalog::steps::{each_of, texts};
use crate::catalog::{Created, Delete, Draft, Edge, LeftOut, Listed, Made, Order, Recipe, Scope, TypeSpec};
use crate::model::{Resource, Step, Switches};

/// `AWS::IAM::InstanceProfile`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::IAM::InstanceProfile",
    scope: Scope::Global,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreateDate"),
    sets: &["Roles"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "InstanceProfiles[].Roles[].Path", why: ROLE },
        LeftOut { path: "InstanceProfiles[].Roles[].RoleId", why: ROLE },
        LeftOut { path: "InstanceProfiles[].Roles[].Arn", why: ROLE },
        LeftOut { path: "InstanceProfiles[].Roles[].CreateDate", why: ROLE },
        LeftOut { path: "InstanceProfiles[].Roles[].AssumeRolePolicyDocument", why: ROLE },
        LeftOut { path: "InstanceProfiles[].Roles[].Description", why: ROLE },
        LeftOut { path: "InstanceProfiles[].Roles[].MaxSessionDuration", why: ROLE },
        LeftOut { path: "InstanceProfiles[].Roles[].PermissionsBoundary.*", why: ROLE },
        LeftOut { path: "InstanceProfiles[].Roles[].Tags[].*", why: ROLE },
        LeftOut { path: "InstanceProfiles[].Roles[].RoleLastUsed.*", why: ROLE },
        LeftOut { path: "InstanceProfiles[].Roles[].SourceRoleTemplate.*", why: ROLE },
        LeftOut { path: "InstanceProfiles[].Tags[].*", why: "always empty here; ListInstanceProfileTags has them" },
    ],
    unmapped: &[],
    edges: &[Edge {
        path: "Roles.*",
        to: "AWS::IAM::Role",
        target: "{}",
        order: Order::HolderFirst,
        why: "a role cannot be deleted while a profile carries it",
    }],
    read_actions: &["iam:ListInstanceProfiles", "iam:ListInstanceProfileTags"],
    delete: Delete::Call(Recipe {
        operation: "DeleteInstanceProfile",
        actions: &["iam:DeleteInstanceProfile", "iam:RemoveRoleFromInstanceProfile"],
        gone: GONE,
        steps: Some(deletion),
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 8,
        holds_data: false,
        reversible: None,
    }),
};

/// Why a profile does not repeat its role.
const ROLE: &str = "roles are a type of their own";

async fn list(cx: &Cx) -> Listed {
    let iam: Client = cx.client();
    let profiles = cx.wanted(all(&iam).await?, |profile| profile.instance_profile_name());
    cx.each(profiles, |profile| describe(&iam, profile)).await
}

async fn all(iam: &Client) -> Result<Vec<InstanceProfile>, CallError> {
    let pages = iam.list_instance_profiles().max_items(1000).into_paginator().items().send();
    pages.try_collect().await.at("iam:ListInstanceProfiles")
}

async fn describe(iam: &Client, profile: InstanceProfile) -> Result<Option<Draft>, CallError> {
    let name = profile.instance_profile_name();
    let tags = iam.list_instance_profile_tags().instance_profile_name(name).max_items(1000).into_paginator();
    let tags = tags.items().send().try_collect().await.at("iam:ListInstanceProfileTags");
    let id = profile.instance_profile_id();
    let exists = async { Ok(all(iam).await?.iter().any(|other| other.instance_profile_id() == id)) };
    let Some(tags) = gone_unless(tags, GONE, exists).await.transpose() else { return Ok(None) };
    let tags = tags.map(|tags: Vec<_>| tags.into_iter().map(|tag| (tag.key, tag.value)));
    map(&profile).sub_tags(tags).map(Some)
}

fn map(profile: &InstanceProfile) -> Draft {
    let roles: Vec<_> = profile.roles().iter().map(Role::role_name).collect();
    Draft::new(profile.instance_profile_name())
        .arn(profile.arn())
        .name(profile.instance_profile_name())
        .created(profile.create_date())
        .with("InstanceProfileName", profile.instance_profile_name())
        .with("Path", profile.path())
        .with("Roles", roles)
        .observed("InstanceProfileId", profile.instance_profile_id())
}

fn deletion(profile: &Resource, _: &Switches) -> Vec<Step> {
    let roles = each_of("iam:RemoveRoleFromInstanceProfile", texts(&profile.properties, "Roles"));
    roles.chain([Step::on_resource("iam:DeleteInstanceProfile")]).collect()
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let iam: Client = hands.client();
    let profile = hands.id();
    match step.call.as_str() {
        "iam:RemoveRoleFromInstanceProfile" => {
            let call = iam.remove_role_from_instance_profile().instance_profile_name(profile);
            hands.at_once(step, call.role_name(&step.target).send()).await
        }
        "iam:DeleteInstanceProfile" => {
            hands.at_once(step, iam.delete_instance_profile().instance_profile_name(profile).send()).await
        }
        _ => Err(hands.unknown(step)),
    }
}
