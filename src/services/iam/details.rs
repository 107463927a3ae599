//! What users, groups, roles and policies have in common: one call that tells nearly everything about them.

use aws_sdk_iam::Client;
use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use aws_sdk_iam::types::{AttachedPolicy, EntityType, PolicyDetail, Tag};

use crate::aws::{Call, CallError};
use crate::catalog::{Props, each, encoded_policy};

/// How IAM says that something was deleted since it was listed, or was never there.
pub(super) const GONE: &[&str] = &["NoSuchEntity"];

/// All entities of one kind with their policies. Each kind is asked apart, so that a type costs only its own pages.
pub(super) async fn of_kind(
    iam: &Client,
    kind: EntityType,
) -> Result<Vec<GetAccountAuthorizationDetailsOutput>, CallError> {
    let pages = iam.get_account_authorization_details().filter(kind).max_items(1000).into_paginator().send();
    pages.try_collect().await.at("iam:GetAccountAuthorizationDetails")
}

/// Inline policies.
pub(super) fn inline(policies: &[PolicyDetail]) -> Vec<Props> {
    each(policies, |policy| {
        Props::new()
            .with("PolicyName", policy.policy_name())
            .with("PolicyDocument", encoded_policy(policy.policy_document()))
    })
}

/// ARNs of attached policies.
pub(super) fn attached(policies: &[AttachedPolicy]) -> Vec<&str> {
    policies.iter().filter_map(AttachedPolicy::policy_arn).collect()
}

/// Tags as pairs.
pub(super) fn pairs(tags: &[Tag]) -> impl Iterator<Item = (&str, &str)> {
    tags.iter().map(|tag| (tag.key(), tag.value()))
}
