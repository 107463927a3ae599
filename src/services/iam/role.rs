//! Roles, each with its trust policy, its inline policies and what is attached to it.

use std::collections::HashMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use aws_sdk_iam::types::{AttachedPermissionsBoundary, EntityType, InstanceProfile, Role, RoleDetail};

use super::details::{self, GONE};
use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::steps::{each_of, texts, texts_of};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Made, Props, Recipe, Scope, TypeSpec, Unmapped, encoded_policy,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::IAM::Role`, with `AWS::IAM::RolePolicy` as its `Policies`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::IAM::Role",
    scope: Scope::Global,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreateDate"),
    sets: &["ManagedPolicyArns", "Policies"],
    secrets: &[],
    left_out: &[
        // All but the name.
        LeftOut { path: "RoleDetailList[].InstanceProfileList[].*", why: "instance profiles are a type of their own" },
        LeftOut { path: "RoleDetailList[].AttachedManagedPolicies[].PolicyName", why: "the policy's ARN says it" },
        LeftOut {
            path: "RoleDetailList[].PermissionsBoundary.PermissionsBoundaryType",
            why: "there is one kind of boundary: a policy",
        },
        LeftOut { path: "ListRoles:Roles[].Path", why: SAID },
        LeftOut { path: "ListRoles:Roles[].RoleId", why: SAID },
        LeftOut { path: "ListRoles:Roles[].Arn", why: SAID },
        LeftOut { path: "ListRoles:Roles[].CreateDate", why: SAID },
        LeftOut { path: "ListRoles:Roles[].AssumeRolePolicyDocument", why: SAID },
        LeftOut { path: "ListRoles:Roles[].PermissionsBoundary.*", why: SAID },
        LeftOut { path: "ListRoles:Roles[].Tags[].*", why: SAID },
        LeftOut { path: "ListRoles:Roles[].RoleLastUsed.*", why: SAID },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["iam:GetAccountAuthorizationDetails", "iam:ListRoles"],
    delete: Delete::Call(Recipe {
        operation: "DeleteRole",
        actions: &[
            "iam:RemoveRoleFromInstanceProfile",
            "iam:DeleteRolePolicy",
            "iam:DetachRolePolicy",
            "iam:DeleteRole",
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

/// Why most of `ListRoles` is not looked at.
const SAID: &str = "GetAccountAuthorizationDetails says it";

/// Roles that a controller makes and would make again, by the start of their name.
const MAKERS: &[(&str, &str)] = &[
    ("AWSControlTower", "control-tower"),
    ("aws-controltower-", "control-tower"),
    ("OrganizationAccountAccessRole", "organization"),
    ("stacksets-exec-", "cloudformation-stack-set"),
];

async fn list(cx: &Cx) -> Listed {
    let iam: Client = cx.client();
    let (pages, more) = tokio::join!(details::of_kind(&iam, EntityType::Role), described(&iam));
    pages?
        .iter()
        .flat_map(GetAccountAuthorizationDetailsOutput::role_detail_list)
        .map(|role| whole(role, &more))
        .collect()
}

/// Description and longest session are only in this list, by role name.
async fn described(iam: &Client) -> Result<HashMap<String, Role>, CallError> {
    let pages = iam.list_roles().max_items(1000).into_paginator().items().send();
    let roles: Vec<Role> = pages.try_collect().await.at("iam:ListRoles")?;
    Ok(roles.into_iter().map(|role| (role.role_name.clone(), role)).collect())
}

fn whole(role: &RoleDetail, more: &Result<HashMap<String, Role>, CallError>) -> Result<Draft, CallError> {
    let name = role.role_name().unwrap_or_default();
    let draft = map(role);
    let more = match more {
        Ok(roles) => roles.get(name).ok_or("made or deleted while it was read"),
        Err(error) => {
            return draft
                .sub::<()>("Description", Err(error.clone()))?
                .sub::<()>("MaxSessionDuration", Err(error.clone()));
        }
    };
    Ok(match more {
        Ok(more) => {
            let source = more.source_role_template().map(|source| {
                Props::new()
                    .with("TemplateArn", source.template_arn())
                    .with("TemplateMinorVersion", source.template_minor_version())
            });
            draft
                .with("Description", more.description())
                .with("MaxSessionDuration", more.max_session_duration())
                .observed("SourceRoleTemplate", source)
        }
        Err(why) => draft.unreadable("Description", why).unreadable("MaxSessionDuration", why),
    })
}

fn map(role: &RoleDetail) -> Draft {
    let name = role.role_name().unwrap_or_default();
    let path = role.path().unwrap_or_default();
    let maker = MAKERS.iter().find(|(start, _)| name.starts_with(start));
    let boundary = role.permissions_boundary().and_then(AttachedPermissionsBoundary::permissions_boundary_arn);
    let profiles: Vec<_> = role.instance_profile_list().iter().map(InstanceProfile::instance_profile_name).collect();
    let used = role.role_last_used();
    Draft::new(name)
        .arn(role.arn())
        .name(name)
        .created(role.create_date())
        .tags(details::pairs(role.tags()))
        .aws_made(path.starts_with("/aws-service-role/"), "service-linked role")
        .aws_made(path.starts_with("/aws-reserved/"), "role of IAM Identity Center or another AWS service")
        .owner(maker.map_or("", |(_, kind)| kind), maker.map(|_| name))
        .with("RoleName", name)
        .with("Path", path)
        .with("AssumeRolePolicyDocument", encoded_policy(role.assume_role_policy_document()))
        .with("ManagedPolicyArns", details::attached(role.attached_managed_policies()))
        .with("PermissionsBoundary", boundary)
        .with("Policies", details::inline(role.role_policy_list()))
        .observed("InstanceProfiles", profiles)
        .observed("RoleId", role.role_id())
        .observed("LastUsedDate", used.and_then(|used| used.last_used_date()))
        .observed("LastUsedRegion", used.and_then(|used| used.region()))
}

/// A boundary needs no step: it goes with the role.
fn deletion(role: &Resource, _: &Switches) -> Vec<Step> {
    let profiles = texts(&role.observed, "InstanceProfiles");
    let mut steps: Vec<Step> = each_of("iam:RemoveRoleFromInstanceProfile", profiles).collect();
    steps.extend(each_of("iam:DeleteRolePolicy", texts_of(&role.properties, "Policies", "PolicyName")));
    steps.extend(each_of("iam:DetachRolePolicy", texts(&role.properties, "ManagedPolicyArns")));
    steps.push(Step::on_resource("iam:DeleteRole"));
    steps
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let iam: Client = hands.client();
    let role = hands.id();
    match step.call.as_str() {
        "iam:RemoveRoleFromInstanceProfile" => {
            let call = iam.remove_role_from_instance_profile().role_name(role).instance_profile_name(&step.target);
            hands.at_once(step, call.send()).await
        }
        "iam:DeleteRolePolicy" => {
            let call = iam.delete_role_policy().role_name(role).policy_name(&step.target);
            hands.at_once(step, call.send()).await
        }
        "iam:DetachRolePolicy" => {
            let call = iam.detach_role_policy().role_name(role).policy_arn(&step.target);
            hands.at_once(step, call.send()).await
        }
        "iam:DeleteRole" => hands.at_once(step, iam.delete_role().role_name(role).send()).await,
        _ => Err(hands.unknown(step)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::mask::Masker;
    use crate::model::Resource;

    fn role(name: &str, path: &str) -> Resource {
        let role = RoleDetail::builder().role_name(name).path(path).build();
        let draft = whole(&role, &Ok(HashMap::new())).expect("a role");
        draft.finish(&SPEC, "us-east-1", &Masker::new([0; 32]))
    }

    #[test]
    fn a_role_that_only_one_list_has_is_kept() {
        let role = role("app", "/");
        assert!(role.unreadable.contains_key("Description") && role.unreadable.contains_key("MaxSessionDuration"));
    }

    #[test]
    fn roles_that_aws_or_a_controller_made_are_told_apart() {
        assert!(role("AWSServiceRoleForSupport", "/aws-service-role/support.amazonaws.com/").aws_made.is_some());
        assert!(role("AWSReservedSSO_Admin_0123", "/aws-reserved/sso.amazonaws.com/").aws_made.is_some());
        let owner = role("AWSControlTowerExecution", "/").owner.expect("an owner");
        assert_eq!(owner.kind, "control-tower");
        let own = role("app", "/service-role/");
        assert!(own.aws_made.is_none() && own.owner.is_none());
    }
}
