//! Groups of users. Who is a member stands with the user.

use aws_sdk_iam::Client;
use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use aws_sdk_iam::types::{EntityType, GroupDetail};

use super::details::{self, GONE};
use crate::aws::Cx;
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Recipe, Scope, TypeSpec};

/// `AWS::IAM::Group`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::IAM::Group",
    scope: Scope::Global,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreateDate"),
    sets: &["ManagedPolicyArns", "Policies"],
    secrets: &[],
    left_out: &[LeftOut {
        path: "GroupDetailList[].AttachedManagedPolicies[].PolicyName",
        why: "the policy's ARN says it",
    }],
    unmapped: &[],
    edges: &[],
    read_actions: &["iam:GetAccountAuthorizationDetails"],
    delete: Delete::Call(Recipe {
        operation: "DeleteGroup",
        actions: &["iam:DeleteGroup", "iam:RemoveUserFromGroup", "iam:DeleteGroupPolicy", "iam:DetachGroupPolicy"],
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
    let pages = details::of_kind(&cx.client::<Client>(), EntityType::Group).await?;
    Ok(pages.iter().flat_map(GetAccountAuthorizationDetailsOutput::group_detail_list).map(map).collect())
}

fn map(group: &GroupDetail) -> Draft {
    Draft::new(group.group_name().unwrap_or_default())
        .arn(group.arn())
        .name(group.group_name())
        .created(group.create_date())
        .with("GroupName", group.group_name())
        .with("Path", group.path())
        .with("ManagedPolicyArns", details::attached(group.attached_managed_policies()))
        .with("Policies", details::inline(group.group_policy_list()))
        .observed("GroupId", group.group_id())
}
