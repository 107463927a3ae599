//! Customer-managed policies, by the document that is in force.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{EntityType, ManagedPolicyDetail};

use super::details::{self, GONE};
use crate::aws::{Call, CallError, Cx, gone_unless};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Props, Recipe, Scope, TypeSpec, Unmapped, each, encoded_policy,
};

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
            "iam:DeletePolicy",
            "iam:ListEntitiesForPolicy",
            "iam:DetachGroupPolicy",
            "iam:DetachRolePolicy",
            "iam:DetachUserPolicy",
            "iam:ListPolicyVersions",
            "iam:DeletePolicyVersion",
        ],
        gone: GONE,
        steps: None,
        run: crate::catalog::unwritten,
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
