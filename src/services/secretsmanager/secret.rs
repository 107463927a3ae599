//! Secrets: how they are kept, rotated, replicated and shared. Their values are never read.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::{ReplicationStatusType, SecretListEntry, StatusType};

use crate::aws::{Absent, Call, CallError, Cx, Fate, Hands, gone_with};
use crate::catalog::steps::{flag, texts_of};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Made, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped,
    each, policy_document,
};
use crate::model::{Resource, Step, Switches};

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
            "secretsmanager:RemoveRegionsFromReplication",
            "secretsmanager:CancelRotateSecret",
            "secretsmanager:DeleteSecret",
        ],
        gone: &["ResourceNotFoundException"],
        steps: Some(deletion),
        run: |hands, step| Box::pin(delete(hands, step)),
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

fn deletion(secret: &Resource, _: &Switches) -> Vec<Step> {
    let regions: Vec<&str> = texts_of(&secret.properties, "ReplicaRegions", "Region").collect();
    let mut steps = Vec::new();
    if !regions.is_empty() {
        steps.push(Step::on("secretsmanager:RemoveRegionsFromReplication", regions.join(",")));
    }
    if flag(&secret.properties, "rotationEnabled") {
        steps.push(Step::on_resource("secretsmanager:CancelRotateSecret"));
    }
    steps.push(Step::on_resource("secretsmanager:DeleteSecret"));
    steps
}

/// So long a secret can be had back: the longest that the service allows.
const WINDOW_DAYS: i64 = 30;

async fn delete(hands: &Hands, step: &Step) -> Made {
    let secrets: Client = hands.client();
    let id = hands.id();
    match step.call.as_str() {
        "secretsmanager:RemoveRegionsFromReplication" => {
            let call = secrets.remove_regions_from_replication().secret_id(id);
            let regions = step.target.split(',').map(str::to_owned).collect();
            let request = async { call.set_remove_replica_regions(Some(regions)).send().await.at(&step.call) };
            hands.until_gone(step, || replicas(hands, &secrets, &step.target), request).await
        }
        "secretsmanager:CancelRotateSecret" => {
            let call = secrets.cancel_rotate_secret().secret_id(id).send();
            hands.call_checked(step, async { unless_scheduled(call.await.at(&step.call)) }).await?;
            Ok(Progress::Done)
        }
        "secretsmanager:DeleteSecret" => {
            let call = secrets.delete_secret().secret_id(id).recovery_window_in_days(WINDOW_DAYS);
            let request = async { unless_scheduled(call.send().await.at(&step.call)) };
            hands.until_gone(step, || fate(hands, &secrets), request).await
        }
        _ => Err(hands.unknown(step)),
    }
}

/// What is scheduled for deletion already needs nothing more.
fn unless_scheduled<T>(answer: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match answer {
        Err(error)
            if error.code == "InvalidRequestException"
                && (error.message.contains("scheduled for deletion")
                    || error.message.contains("marked for deletion")) =>
        {
            Ok(None)
        }
        answer => answer.map(Some),
    }
}

async fn described(hands: &Hands, secrets: &Client) -> Result<Option<DescribeSecretOutput>, CallError> {
    hands.look("secretsmanager:DescribeSecret", secrets.describe_secret().secret_id(hands.id()).send()).await
}

/// A secret in its recovery window counts as gone.
async fn fate(hands: &Hands, secrets: &Client) -> Result<Fate, CallError> {
    let gone = described(hands, secrets).await?.is_none_or(|secret| secret.deleted_date().is_some());
    Ok(if gone { Fate::Gone } else { Fate::There })
}

async fn replicas(hands: &Hands, secrets: &Client, regions: &str) -> Result<Fate, CallError> {
    let Some(secret) = described(hands, secrets).await? else { return Ok(Fate::Gone) };
    let mut left = secret.replication_status().iter().filter_map(ReplicationStatusType::region);
    Ok(if left.any(|region| regions.split(',').any(|one| one == region)) { Fate::There } else { Fate::Gone })
}
