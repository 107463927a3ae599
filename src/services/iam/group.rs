//! Groups of users. Who is a member stands with the user.

use aws_sdk_iam::Client;
use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use aws_sdk_iam::types::{EntityType, GroupDetail, User};

use super::details::{self, GONE};
use crate::aws::{CallError, Cx, Hands};
use crate::catalog::steps::{EVERY, each_of, texts, texts_of};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Made, Progress, Recipe, Scope, TypeSpec};
use crate::model::{Resource, Step, Switches};

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
        actions: &[
            "iam:GetGroup",
            "iam:RemoveUserFromGroup",
            "iam:DeleteGroupPolicy",
            "iam:DetachGroupPolicy",
            "iam:DeleteGroup",
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

/// Who is a member stands with the users, so members are one step here.
fn deletion(group: &Resource, _: &Switches) -> Vec<Step> {
    let mut steps = vec![Step::on("iam:RemoveUserFromGroup", EVERY)];
    steps.extend(each_of("iam:DeleteGroupPolicy", texts_of(&group.properties, "Policies", "PolicyName")));
    steps.extend(each_of("iam:DetachGroupPolicy", texts(&group.properties, "ManagedPolicyArns")));
    steps.push(Step::on_resource("iam:DeleteGroup"));
    steps
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let iam: Client = hands.client();
    let group = hands.id();
    match step.call.as_str() {
        "iam:RemoveUserFromGroup" => {
            for user in members(hands, &iam).await? {
                let call = iam.remove_user_from_group().group_name(group).user_name(&user);
                hands.call(&Step::on(&step.call, user), call.send()).await?;
            }
            Ok(Progress::Done)
        }
        "iam:DeleteGroupPolicy" => {
            let call = iam.delete_group_policy().group_name(group).policy_name(&step.target);
            hands.at_once(step, call.send()).await
        }
        "iam:DetachGroupPolicy" => {
            let call = iam.detach_group_policy().group_name(group).policy_arn(&step.target);
            hands.at_once(step, call.send()).await
        }
        "iam:DeleteGroup" => hands.at_once(step, iam.delete_group().group_name(group).send()).await,
        _ => Err(hands.unknown(step)),
    }
}

async fn members(hands: &Hands, iam: &Client) -> Result<Vec<String>, CallError> {
    let users = iam.get_group().group_name(hands.id()).max_items(1000).into_paginator().items().send();
    let users = hands.look("iam:GetGroup", users.try_collect()).await?;
    Ok(users.unwrap_or_default().into_iter().map(|user: User| user.user_name).collect())
}
