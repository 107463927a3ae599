//! Who may use a bucket: policy, public access block, access list, ownership, attribute-based access.

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_bucket_policy::GetBucketPolicyOutput;
use aws_sdk_s3::types;
use serde_json::Value;

use super::parts::{Part, all, part};
use crate::aws::{Absent, Call, CallError, ErrorClass};
use crate::catalog::{Props, each, policy_document};

/// Asks who may use a bucket.
pub(super) async fn read(s3: &Client, bucket: &str) -> Vec<Part> {
    let (policy, block, ownership, acl, abac, payment) = tokio::join!(
        s3.get_bucket_policy().bucket(bucket).send(),
        s3.get_public_access_block().bucket(bucket).send(),
        s3.get_bucket_ownership_controls().bucket(bucket).send(),
        s3.get_bucket_acl().bucket(bucket).send(),
        s3.get_bucket_abac().bucket(bucket).send(),
        s3.get_bucket_request_payment().bucket(bucket).send(),
    );
    let policy = policy.at("s3:GetBucketPolicy").absent_if(&["NoSuchBucketPolicy"]).and_then(whole);
    let block = block.at("s3:GetBucketPublicAccessBlock").absent_if(&["NoSuchPublicAccessBlockConfiguration"]);
    let ownership = ownership.at("s3:GetBucketOwnershipControls").absent_if(&["OwnershipControlsNotFoundError"]);
    let acl = acl.at("s3:GetBucketAcl").map(Some);
    let abac = abac.at("s3:GetBucketAbac").map(Some);
    let payment = payment.at("s3:GetBucketRequestPayment").map(Some);
    vec![
        part("bucketPolicy", &policy, |answer| policy_document(answer.policy())),
        part("PublicAccessBlockConfiguration", &block, |answer| {
            answer.public_access_block_configuration().map(public_access_block)
        }),
        part("OwnershipControls", &ownership, |answer| answer.ownership_controls().map(ownership_controls)),
        part("acl", &acl, |answer| all(answer.grants.as_ref(), grant)),
        part("AbacStatus", &abac, |answer| {
            answer.abac_status()?.status().map(types::BucketAbacStatus::as_str).map(str::to_owned)
        }),
        part("requestPayer", &payment, |answer| answer.payer().map(types::Payer::as_str).map(str::to_owned)),
    ]
}

/// A policy is the raw body of its answer, so nothing but its form tells a whole one from the first half.
fn whole(answer: Option<GetBucketPolicyOutput>) -> Result<Option<GetBucketPolicyOutput>, CallError> {
    let text = answer.as_ref().and_then(|answer| answer.policy()).unwrap_or("{}");
    match serde_json::from_str::<Value>(text) {
        Ok(_) => Ok(answer),
        Err(error) => {
            Err(CallError::new(ErrorClass::Unreachable, "bad-answer", &error.to_string(), "s3:GetBucketPolicy"))
        }
    }
}

fn public_access_block(block: &types::PublicAccessBlockConfiguration) -> Props {
    Props::new()
        .with("BlockPublicAcls", block.block_public_acls())
        .with("BlockPublicPolicy", block.block_public_policy())
        .with("IgnorePublicAcls", block.ignore_public_acls())
        .with("RestrictPublicBuckets", block.restrict_public_buckets())
}

fn ownership_controls(controls: &types::OwnershipControls) -> Props {
    let rule =
        |rule: &types::OwnershipControlsRule| Props::new().with("ObjectOwnership", rule.object_ownership().as_str());
    Props::new().with("Rules", each(controls.rules(), rule))
}

fn grant(grant: &types::Grant) -> Props {
    Props::new()
        .with("Grantee", grant.grantee().map(grantee))
        .with("Permission", grant.permission().map(types::Permission::as_str))
}

/// Whom a grant is for. The display name and the e-mail address are other names of the same account.
pub(super) fn grantee(grantee: &types::Grantee) -> Props {
    Props::new().with("ID", grantee.id()).with("Type", grantee.r#type().as_str()).with("URI", grantee.uri())
}
