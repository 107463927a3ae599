//! Customer-managed policies, by the document that is in force.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{EntityType, ManagedPolicyDetail, PolicyGroup, PolicyRole, PolicyUsageType, PolicyUser};
use serde_json::Value;

use super::details::{self, GONE};
use crate::aws::{Call, CallError, Cx, Hands, gone_unless};
use crate::catalog::steps::{EVERY, each_of, text, texts_of};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Made, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each,
    encoded_policy,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::IAM::ManagedPolicy`. Versions that are not in force are only named.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::IAM::ManagedPolicy",
    scope: Scope::Global,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreateDate"),
    sets: &[],
    secrets: &[],
    left_out: &[LeftOut { path: "Policies[].PolicyVersionList[].IsDefaultVersion", why: "DefaultVersionId says it" }],
    unmapped: &[
        Unmapped { path: "Groups", why: "the group's ManagedPolicyArns say it" },
        Unmapped { path: "Roles", why: "the role's ManagedPolicyArns say it" },
        Unmapped { path: "Users", why: "the user's ManagedPolicyArns say it" },
    ],
    edges: &[],
    read_actions: &["iam:GetAccountAuthorizationDetails", "iam:ListPolicyTags"],
    delete: Delete::Call(Recipe {
        operation: "DeletePolicy",
        actions: &[
            "iam:ListEntitiesForPolicy",
            "iam:DetachGroupPolicy",
            "iam:DetachRolePolicy",
            "iam:DetachUserPolicy",
            "iam:DeletePolicyVersion",
            "iam:DeletePolicy",
        ],
        gone: GONE,
        steps: Some(deletion),
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 8,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let iam: Client = cx.client();
    let policies = cx.wanted(all(&iam).await?, |policy| policy.arn().unwrap_or_default());
    cx.each(policies, |policy| describe(&iam, policy)).await
}

async fn all(iam: &Client) -> Result<Vec<ManagedPolicyDetail>, CallError> {
    let pages = details::of_kind(iam, EntityType::LocalManagedPolicy).await?;
    Ok(pages.into_iter().flat_map(|page| page.policies.unwrap_or_default()).collect())
}

async fn describe(iam: &Client, policy: ManagedPolicyDetail) -> Result<Option<Draft>, CallError> {
    let tags =
        iam.list_policy_tags().set_policy_arn(policy.arn.clone()).max_items(1000).into_paginator().items().send();
    let tags = tags.try_collect().await.at("iam:ListPolicyTags");
    let exists = async { Ok(all(iam).await?.iter().any(|other| other.policy_id == policy.policy_id)) };
    let Some(tags) = gone_unless(tags, GONE, exists).await.transpose() else { return Ok(None) };
    let tags = tags.map(|tags: Vec<_>| tags.into_iter().map(|tag| (tag.key, tag.value)));
    map(&policy).sub_tags(tags).map(Some)
}

fn map(policy: &ManagedPolicyDetail) -> Draft {
    let in_force = |id: Option<&str>| id.is_some() && id == policy.default_version_id();
    let version = policy.policy_version_list().iter().find(|version| in_force(version.version_id()));
    let versions = each(policy.policy_version_list(), |version| {
        Props::new().with("VersionId", version.version_id()).with("CreateDate", version.create_date())
    });
    Draft::new(policy.arn().unwrap_or_default())
        .arn(policy.arn())
        .name(policy.policy_name())
        .created(policy.create_date())
        .with("ManagedPolicyName", policy.policy_name())
        .with("Path", policy.path())
        .with("Description", policy.description())
        .with("PolicyDocument", encoded_policy(version.and_then(|version| version.document())))
        .observed("PolicyId", policy.policy_id())
        .observed("DefaultVersionId", policy.default_version_id())
        .observed("IsAttachable", policy.is_attachable())
        .observed("AttachmentCount", policy.attachment_count())
        .observed("PermissionsBoundaryUsageCount", policy.permissions_boundary_usage_count())
        .observed("UpdateDate", policy.update_date())
        .observed("versions", versions)
}

/// Who holds the policy stands with the holders. Those that are deleted too let go of it themselves, and mostly before.
///
/// Nothing is freed from a boundary: that would widen what it may do, so AWS refuses the deletion instead.
fn deletion(policy: &Resource, _: &Switches) -> Vec<Step> {
    let count = policy.observed.get("AttachmentCount").and_then(Value::as_i64);
    let detach = ["iam:DetachGroupPolicy", "iam:DetachRolePolicy", "iam:DetachUserPolicy"];
    let detach = detach.iter().filter(|_| count != Some(0)).map(|call| Step::on(call, EVERY));
    let in_force = text(&policy.observed, "DefaultVersionId");
    let others = texts_of(&policy.observed, "versions", "VersionId").filter(|version| Some(*version) != in_force);
    detach.chain(each_of("iam:DeletePolicyVersion", others)).chain([Step::on_resource("iam:DeletePolicy")]).collect()
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let iam: Client = hands.client();
    let policy = hands.id();
    match step.call.as_str() {
        "iam:DetachGroupPolicy" | "iam:DetachRolePolicy" | "iam:DetachUserPolicy" => detach(hands, &iam, step).await,
        "iam:DeletePolicyVersion" => {
            let call = iam.delete_policy_version().policy_arn(policy).version_id(&step.target);
            hands.at_once(step, call.send()).await
        }
        "iam:DeletePolicy" => hands.at_once(step, iam.delete_policy().policy_arn(policy).send()).await,
        _ => Err(hands.unknown(step)),
    }
}

/// Detaches the policy from every holder of one kind.
async fn detach(hands: &Hands, iam: &Client, step: &Step) -> Made {
    let policy = hands.id();
    let kind = match step.call.as_str() {
        "iam:DetachGroupPolicy" => EntityType::Group,
        "iam:DetachRolePolicy" => EntityType::Role,
        _ => EntityType::User,
    };
    let holders = iam.list_entities_for_policy().policy_arn(policy).entity_filter(kind.clone());
    let holders = holders.policy_usage_filter(PolicyUsageType::PermissionsPolicy).max_items(1000);
    let pages = hands.look("iam:ListEntitiesForPolicy", holders.into_paginator().send().try_collect()).await?;
    for page in pages.unwrap_or_default() {
        let names: Vec<&str> = match kind {
            EntityType::Group => page.policy_groups().iter().filter_map(PolicyGroup::group_name).collect(),
            EntityType::Role => page.policy_roles().iter().filter_map(PolicyRole::role_name).collect(),
            _ => page.policy_users().iter().filter_map(PolicyUser::user_name).collect(),
        };
        for name in names {
            let one = Step::on(&step.call, name);
            match kind {
                EntityType::Group => {
                    let call = iam.detach_group_policy().policy_arn(policy).group_name(name);
                    hands.call(&one, call.send()).await?;
                }
                EntityType::Role => {
                    let call = iam.detach_role_policy().policy_arn(policy).role_name(name);
                    hands.call(&one, call.send()).await?;
                }
                _ => {
                    let call = iam.detach_user_policy().policy_arn(policy).user_name(name);
                    hands.call(&one, call.send()).await?;
                }
            }
        }
    }
    Ok(Progress::Done)
}
