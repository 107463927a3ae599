//! Secrets: how they are kept, rotated, replicated and shared. Their values are never read.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::{ReplicationStatusType, SecretListEntry, StatusType};

use crate::aws::{Absent, Call, CallError, Cx, gone_with};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Props, Recipe, Scope, TypeSpec, Unmapped, each,
    policy_document,
};

/// `AWS::SecretsManager::Secret`, with `AWS::SecretsManager::RotationSchedule` folded in as `rotationSchedule` and
/// the document of `AWS::SecretsManager::ResourcePolicy` as `resourcePolicy`.
///
/// Two names are ours: `rotationEnabled` (a cancelled rotation keeps its rules) and `primaryRegion`, which only a
/// replica has.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::SecretsManager::Secret",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreatedDate"),
    sets: &["ReplicaRegions", "rotationSchedule.ExternalSecretRotationMetadata"],
    secrets: &[],
    left_out: &[
        LeftOut {
            path: "SecretList[].SecretVersionsToStages*",
            why: "versions follow the value; LastChangedDate shows that",
        },
        LeftOut { path: "DescribeSecret:ARN", why: "as in ListSecrets" },
        LeftOut { path: "DescribeSecret:Name", why: "as in ListSecrets" },
        LeftOut { path: "DescribeSecret:Type", why: "as in ListSecrets" },
        LeftOut { path: "DescribeSecret:Description", why: "as in ListSecrets" },
        LeftOut { path: "DescribeSecret:KmsKeyId", why: "as in ListSecrets" },
        LeftOut { path: "DescribeSecret:RotationEnabled", why: "as in ListSecrets" },
        LeftOut { path: "DescribeSecret:RotationLambdaARN", why: "as in ListSecrets" },
        LeftOut { path: "DescribeSecret:RotationRules*", why: "as in ListSecrets" },
        LeftOut { path: "DescribeSecret:ExternalSecretRotationMetadata*", why: "as in ListSecrets" },
        LeftOut { path: "DescribeSecret:ExternalSecretRotationRoleArn", why: "as in ListSecrets" },
        LeftOut { path: "DescribeSecret:LastRotatedDate", why: "as in ListSecrets" },
        LeftOut { path: "DescribeSecret:LastChangedDate", why: "as in ListSecrets" },
        LeftOut { path: "DescribeSecret:LastAccessedDate", why: "as in ListSecrets" },
        LeftOut { path: "DescribeSecret:NextRotationDate", why: "as in ListSecrets" },
        LeftOut { path: "DescribeSecret:Tags*", why: "as in ListSecrets" },
        LeftOut { path: "DescribeSecret:VersionIdsToStages*", why: "versions follow the value" },
        LeftOut { path: "DescribeSecret:OwningService", why: "as in ListSecrets" },
        LeftOut { path: "DescribeSecret:CreatedDate", why: "as in ListSecrets" },
        LeftOut { path: "DescribeSecret:PrimaryRegion", why: "as in ListSecrets" },
        LeftOut { path: "GetResourcePolicy:ARN", why: "as in ListSecrets" },
        LeftOut { path: "GetResourcePolicy:Name", why: "as in ListSecrets" },
    ],
    unmapped: &[
        Unmapped { path: "SecretString", why: "the value is never read" },
        Unmapped { path: "GenerateSecretString", why: "says how AWS makes the first value; never answered" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[
        Edge {
            path: "KmsKeyId",
            to: "AWS::KMS::Key",
            target: "{}",
            order: Order::HolderFirst,
            why: "the key may be named by its bare id",
        },
        Edge {
            path: "KmsKeyId",
            to: "AWS::KMS::Alias",
            target: "{}",
            order: Order::HolderFirst,
            why: "the key may be named by an alias",
        },
    ],
    read_actions: &["secretsmanager:ListSecrets", "secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy"],
    delete: Delete::Call(Recipe {
        operation: "DeleteSecret",
        actions: &[
            "secretsmanager:CancelRotateSecret",
            "secretsmanager:DeleteSecret",
            "secretsmanager:RemoveRegionsFromReplication",
        ],
        gone: &["ResourceNotFoundException"],
        steps: None,
        run: crate::catalog::unwritten,
        protection: None,
        rank: 3,
        holds_data: true,
        reversible: Some("RestoreSecret within the recovery window of 30 days"),
    }),
};

/// How Secrets Manager says that a secret does not exist.
const GONE: &[&str] = &["ResourceNotFoundException"];

async fn list(cx: &Cx) -> Listed {
    let client: Client = cx.client();
    let pages = client.list_secrets().max_results(100).into_paginator().send();
    let pages = pages.try_collect().await.at("secretsmanager:ListSecrets")?;
    let secrets = pages.into_iter().flat_map(|page| page.secret_list.unwrap_or_default());
    let secrets = secrets.filter(|secret| secret.deleted_date().is_none()).collect();
    let secrets = cx.wanted(secrets, |secret| secret.arn().unwrap_or_default());
    cx.each(secrets, |secret| describe(cx, &client, secret)).await
}

async fn describe(cx: &Cx, client: &Client, secret: SecretListEntry) -> Result<Option<Draft>, CallError> {
    let arn = secret.arn().unwrap_or_default();
    let (details, policy) = tokio::join!(
        client.describe_secret().secret_id(arn).send(),
        client.get_resource_policy().secret_id(arn).send(),
    );
    let details = details.at("secretsmanager:DescribeSecret").absent_if(GONE);
    if details.as_ref().is_ok_and(|details| is_gone(details.as_ref())) {
        return Ok(None);
    }
    let policy = policy.at("secretsmanager:GetResourcePolicy");
    let again = async { client.describe_secret().secret_id(arn).send().await.at("secretsmanager:DescribeSecret") };
    let Some(policy) = gone_with(policy, GONE, again).await.transpose() else { return Ok(None) };
    let replicas = details.map(|details| {
        let mut replicas = details.and_then(|details| details.replication_status).unwrap_or_default();
        replicas.sort_by(|a, b| a.region().cmp(&b.region()));
        replicas
    });
    let status = replicas.as_ref().map(|replicas| each(replicas, replica_status)).unwrap_or_default();
    map(cx, &secret)
        .observed("ReplicationStatus", status)
        .sub("ReplicaRegions", replicas.map(|replicas| each(&replicas, replica)))?
        .sub("resourcePolicy", policy.map(|policy| policy_document(policy.resource_policy())))
        .map(Some)
}

/// Whether the secret was deleted since it was listed. Until it is purged AWS still answers about it.
fn is_gone(details: Option<&DescribeSecretOutput>) -> bool {
    details.is_none_or(|details| details.deleted_date().is_some())
}

/// What `ListSecrets` answers.
fn map(cx: &Cx, secret: &SecretListEntry) -> Draft {
    let replicated_from = secret.primary_region().filter(|region| *region != cx.region());
    let draft = Draft::new(secret.arn().unwrap_or_default())
        .arn(secret.arn())
        .name(secret.name())
        .created(secret.created_date())
        .tags(secret.tags().iter().map(|tag| (tag.key().unwrap_or_default(), tag.value().unwrap_or_default())))
        .with("Name", secret.name())
        .with("Type", secret.r#type())
        .with("Description", secret.description())
        .with("KmsKeyId", secret.kms_key_id())
        .with("primaryRegion", replicated_from)
        .with("rotationEnabled", secret.rotation_enabled())
        .with("rotationSchedule", rotation(secret))
        .observed("LastRotatedDate", secret.last_rotated_date())
        .observed("LastChangedDate", secret.last_changed_date())
        .observed("LastAccessedDate", secret.last_accessed_date())
        .observed("NextRotationDate", secret.next_rotation_date());
    match replicated_from {
        // Only the primary secret can take a replica away.
        Some(region) => draft.owner("primary-secret", secret.arn().map(|arn| in_region(arn, region)).as_deref()),
        None => draft.owner("aws-service", secret.owning_service()),
    }
}

/// A replica has its primary's ARN but for the region.
fn in_region(arn: &str, region: &str) -> String {
    let mut parts: Vec<_> = arn.split(':').collect();
    if let Some(part) = parts.get_mut(3) {
        *part = region;
    }
    parts.join(":")
}

fn rotation(secret: &SecretListEntry) -> Props {
    let rules = secret.rotation_rules().map(|rules| {
        Props::new()
            .with("AutomaticallyAfterDays", rules.automatically_after_days())
            .with("Duration", rules.duration())
            .with("ScheduleExpression", rules.schedule_expression())
    });
    let metadata = each(secret.external_secret_rotation_metadata(), |item| {
        Props::new().with("Key", item.key()).with("Value", item.value())
    });
    Props::new()
        .with("RotationLambdaARN", secret.rotation_lambda_arn())
        .with("RotationRules", rules)
        .with("ExternalSecretRotationMetadata", metadata)
        .with("ExternalSecretRotationRoleArn", secret.external_secret_rotation_role_arn())
}

fn replica(replica: &ReplicationStatusType) -> Props {
    Props::new().with("Region", replica.region()).with("KmsKeyId", replica.kms_key_id())
}

fn replica_status(replica: &ReplicationStatusType) -> Props {
    Props::new()
        .with("Region", replica.region())
        .with("Status", replica.status().map(StatusType::as_str))
        .with("StatusMessage", replica.status_message())
        .with("LastAccessedDate", replica.last_accessed_date())
}
