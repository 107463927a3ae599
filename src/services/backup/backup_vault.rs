//! Backup vaults, each with its access policy, lock and notifications.

use std::collections::HashMap;

use aws_sdk_backup::Client;
use aws_sdk_backup::types::{BackupVaultEvent, BackupVaultListMember, EncryptionKeyType, VaultState, VaultType};
use serde_json::Value;

use super::{GONE, not_listed};
use crate::aws::{Absent, Call, CallError, Cx, Hands, gone_with};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, policy_document,
};
use crate::model::Step;

/// `AWS::Backup::BackupVault`.
///
/// The schema has no place for `vaultType` (logically air-gapped vaults are listed with the others), `encryptionKeyType`,
/// `locked` and `lockDate`, from which on nobody can lift the lock.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Backup::BackupVault",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationDate"),
    sets: &["Notifications.BackupVaultEvents"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "BackupVaultList[].CreatorRequestId", why: "makes a request safe to repeat" },
        LeftOut { path: "GetBackupVaultAccessPolicy:BackupVaultName", why: "repeats the request" },
        LeftOut { path: "GetBackupVaultAccessPolicy:BackupVaultArn", why: "as in ListBackupVaults" },
        LeftOut { path: "GetBackupVaultNotifications:BackupVaultName", why: "repeats the request" },
        LeftOut { path: "GetBackupVaultNotifications:BackupVaultArn", why: "as in ListBackupVaults" },
    ],
    unmapped: &[
        Unmapped { path: "BackupVaultTags", why: "kept in `tags`" },
        Unmapped {
            path: "LockConfiguration.ChangeableForDays",
            why: "never answered; `lockDate` is what became of it",
        },
    ],
    edges: &[],
    read_actions: &[
        "backup:ListBackupVaults",
        "backup:GetBackupVaultAccessPolicy",
        "backup:GetBackupVaultNotifications",
        "backup:ListTags",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteBackupVault",
        actions: &["backup:DeleteBackupVault"],
        gone: GONE,
        // AWS refuses while there are recovery points, and these are nobody's leftovers: people delete them.
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 9,
        holds_data: true,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let backup: Client = cx.client();
    let pages = backup.list_backup_vaults().max_results(1000).into_paginator().items().send();
    let vaults: Vec<BackupVaultListMember> = pages.try_collect().await.at("backup:ListBackupVaults")?;
    let wanted = vaults.into_iter().filter(|vault| cx.wants(vault.backup_vault_name().unwrap_or_default()));
    cx.each(wanted.collect(), |vault| {
        let backup = &backup;
        async move { gone_with(describe(backup, &vault).await, GONE, listed(backup, &vault)).await }
    })
    .await
}

/// Whether the vault is still there. The code that says so is also that of a vault without a policy.
async fn listed(backup: &Client, vault: &BackupVaultListMember) -> Result<(), CallError> {
    let pages = backup.list_backup_vaults().max_results(1000).into_paginator().items().send();
    let vaults: Vec<BackupVaultListMember> = pages.try_collect().await.at("backup:ListBackupVaults")?;
    let there = vaults.iter().any(|other| other.backup_vault_arn() == vault.backup_vault_arn());
    there.then_some(()).ok_or_else(|| not_listed("backup:ListBackupVaults"))
}

async fn describe(backup: &Client, vault: &BackupVaultListMember) -> Result<Draft, CallError> {
    let name = vault.backup_vault_name().unwrap_or_default();
    let (policy, notifications, tags) = tokio::join!(
        access_policy(backup, name),
        notifications(backup, name),
        tags(backup, vault.backup_vault_arn().unwrap_or_default()),
    );
    configured(vault).sub("AccessPolicy", policy)?.sub("Notifications", notifications)?.sub_tags(tags)
}

async fn access_policy(backup: &Client, vault: &str) -> Result<Option<Value>, CallError> {
    let answer = backup.get_backup_vault_access_policy().backup_vault_name(vault).send().await;
    let answer = answer.at("backup:GetBackupVaultAccessPolicy").absent_if(GONE)?;
    Ok(answer.and_then(|answer| policy_document(answer.policy())))
}

async fn notifications(backup: &Client, vault: &str) -> Result<Option<Props>, CallError> {
    let answer = backup.get_backup_vault_notifications().backup_vault_name(vault).send().await;
    let answer = answer.at("backup:GetBackupVaultNotifications").absent_if(GONE)?;
    Ok(answer.map(|answer| {
        let events: Vec<&str> = answer.backup_vault_events().iter().map(BackupVaultEvent::as_str).collect();
        Props::new().with("BackupVaultEvents", events).with("SNSTopicArn", answer.sns_topic_arn())
    }))
}

/// The tags of a vault or a plan.
pub(super) async fn tags(backup: &Client, arn: &str) -> Result<HashMap<String, String>, CallError> {
    let mut tags = HashMap::new();
    let mut pages = backup.list_tags().resource_arn(arn).max_results(1000).into_paginator().send();
    while let Some(page) = pages.next().await {
        tags.extend(page.at("backup:ListTags")?.tags.unwrap_or_default());
    }
    Ok(tags)
}

fn configured(vault: &BackupVaultListMember) -> Draft {
    let name = vault.backup_vault_name().unwrap_or_default();
    let lock = Props::new()
        .with("MinRetentionDays", vault.min_retention_days())
        .with("MaxRetentionDays", vault.max_retention_days());
    Draft::new(name)
        .arn(vault.backup_vault_arn())
        .name(name)
        .created(vault.creation_date())
        .with("BackupVaultName", name)
        .with("EncryptionKeyArn", vault.encryption_key_arn())
        .with("LockConfiguration", lock)
        .with("encryptionKeyType", vault.encryption_key_type().map(EncryptionKeyType::as_str))
        .with("lockDate", vault.lock_date())
        .with("locked", vault.locked())
        .with("vaultType", vault.vault_type().map(VaultType::as_str))
        .observed("NumberOfRecoveryPoints", vault.number_of_recovery_points())
        .observed("VaultState", vault.vault_state().map(VaultState::as_str))
        .aws_made(name == "Default", "the account's default vault")
        .aws_made(name == "aws/efs/automatic-backup-vault", "vault of EFS's automatic backups")
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let backup: Client = hands.client();
    hands.call(step, backup.delete_backup_vault().backup_vault_name(hands.id()).send()).await?;
    Ok(Progress::Done)
}
