//! Backup plans with their rules.

use aws_sdk_backup::Client;
use aws_sdk_backup::operation::get_backup_plan::GetBackupPlanOutput;
use aws_sdk_backup::types::{
    AdvancedBackupSetting, BackupPlan, BackupPlansListMember, BackupRule, CopyAction, IndexAction, Lifecycle,
    MalwareScanner, ScanAction, ScanMode, ScanSetting,
};

use super::{GONE, backup_vault, made_by, plans};
use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::Step;

/// `AWS::Backup::BackupPlan`.
///
/// The schema has no place for `deleteAfterEvents`: for a rule's name, the event after which its recovery points go.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Backup::BackupPlan",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationDate"),
    sets: &[
        "BackupPlan.AdvancedBackupSettings",
        "BackupPlan.BackupPlanRule",
        "BackupPlan.BackupPlanRule.*.CopyActions",
        "BackupPlan.BackupPlanRule.*.IndexActions",
        "BackupPlan.BackupPlanRule.*.IndexActions.*.ResourceTypes",
        "BackupPlan.BackupPlanRule.*.ScanActions",
        "BackupPlan.ScanSettings",
        "BackupPlan.ScanSettings.*.ResourceTypes",
        "deleteAfterEvents",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "ListBackupPlans:BackupPlansList[].AdvancedBackupSettings[].*", why: "as in GetBackupPlan" },
        LeftOut { path: "ListBackupPlans:BackupPlansList[].BackupPlanName", why: "as in GetBackupPlan" },
        LeftOut { path: "ListBackupPlans:BackupPlansList[].CreationDate", why: "as in GetBackupPlan" },
        LeftOut { path: "ListBackupPlans:BackupPlansList[].CreatorRequestId", why: "makes a request safe to repeat" },
        LeftOut { path: "ListBackupPlans:BackupPlansList[].DeletionDate", why: "deleted plans are not asked for" },
        LeftOut { path: "ListBackupPlans:BackupPlansList[].LastExecutionDate", why: "as in GetBackupPlan" },
        LeftOut { path: "ListBackupPlans:BackupPlansList[].VersionId", why: "as in GetBackupPlan" },
        LeftOut { path: "GetBackupPlan:AdvancedBackupSettings[].*", why: "repeats those of the plan" },
        LeftOut { path: "GetBackupPlan:BackupPlan.Rules[].RuleId", why: "new with each version of the plan" },
        LeftOut { path: "GetBackupPlan:BackupPlanArn", why: "as in ListBackupPlans" },
        LeftOut { path: "GetBackupPlan:BackupPlanId", why: "repeats the request" },
        LeftOut { path: "GetBackupPlan:CreatorRequestId", why: "makes a request safe to repeat" },
        LeftOut { path: "GetBackupPlan:DeletionDate", why: "state" },
        LeftOut { path: "GetBackupPlan:ScheduledRunsPreview[].*", why: "a forecast" },
    ],
    unmapped: &[Unmapped { path: "BackupPlanTags", why: "kept in `tags`" }],
    edges: &[Edge {
        path: "BackupPlan.BackupPlanRule.*.TargetBackupVault",
        to: "AWS::Backup::BackupVault",
        target: "{}",
        order: Order::HolderFirst,
        why: "a rule names the vault that it writes to",
    }],
    read_actions: &["backup:ListBackupPlans", "backup:GetBackupPlan", "backup:ListTags"],
    delete: Delete::Call(Recipe {
        operation: "DeleteBackupPlan",
        actions: &["backup:DeleteBackupPlan"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 0,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let backup: Client = cx.client();
    let plans = plans(cx).await?;
    let wanted = plans.iter().filter(|plan| cx.wants(plan.backup_plan_id().unwrap_or_default())).cloned();
    cx.each(wanted.collect(), |plan| describe(&backup, plan)).await
}

async fn describe(backup: &Client, listed: BackupPlansListMember) -> Result<Option<Draft>, CallError> {
    let (plan, tags) = tokio::join!(
        backup.get_backup_plan().set_backup_plan_id(listed.backup_plan_id.clone()).send(),
        backup_vault::tags(backup, listed.backup_plan_arn().unwrap_or_default()),
    );
    let Some(plan) = plan.at("backup:GetBackupPlan").absent_if(GONE)? else { return Ok(None) };
    let tags = tags.absent_if(GONE).map(Option::unwrap_or_default);
    configured(&listed, &plan).sub_tags(tags).map(Some)
}

fn configured(listed: &BackupPlansListMember, answer: &GetBackupPlanOutput) -> Draft {
    let id = listed.backup_plan_id().unwrap_or_default();
    let plan = answer.backup_plan();
    let (aws_made, of_organization) = made_by(id);
    Draft::new(id)
        .arn(listed.backup_plan_arn())
        .name(plan.map(BackupPlan::backup_plan_name))
        .created(answer.creation_date())
        .with("BackupPlan", plan.map(document))
        .with("deleteAfterEvents", plan.map(delete_after_events))
        .observed("LastExecutionDate", answer.last_execution_date())
        .observed("VersionId", answer.version_id())
        .aws_made(aws_made, "plan of EFS's automatic backups")
        .owner("organizations-policy", of_organization)
}

fn document(plan: &BackupPlan) -> Props {
    Props::new()
        .with("AdvancedBackupSettings", each(plan.advanced_backup_settings(), advanced))
        .with("BackupPlanName", plan.backup_plan_name())
        .with("BackupPlanRule", each(plan.rules(), rule))
        .with("ScanSettings", each(plan.scan_settings(), scan_setting))
}

fn advanced(setting: &AdvancedBackupSetting) -> Props {
    Props::new().with("BackupOptions", setting.backup_options()).with("ResourceType", setting.resource_type())
}

fn rule(rule: &BackupRule) -> Props {
    let index = |action: &IndexAction| Props::new().with("ResourceTypes", action.resource_types());
    Props::new()
        .with("CompletionWindowMinutes", rule.completion_window_minutes())
        .with("CopyActions", each(rule.copy_actions(), copy))
        .with("EnableContinuousBackup", rule.enable_continuous_backup())
        .with("IndexActions", each(rule.index_actions(), index))
        .with("Lifecycle", rule.lifecycle().map(lifecycle))
        .with("RecoveryPointTags", rule.recovery_point_tags())
        .with("RuleName", rule.rule_name())
        .with("ScanActions", each(rule.scan_actions(), scan))
        .with("ScheduleExpression", rule.schedule_expression())
        .with("ScheduleExpressionTimezone", rule.schedule_expression_timezone())
        .with("StartWindowMinutes", rule.start_window_minutes())
        .with("TargetBackupVault", rule.target_backup_vault_name())
        .with("TargetLogicallyAirGappedBackupVaultArn", rule.target_logically_air_gapped_backup_vault_arn())
}

fn copy(action: &CopyAction) -> Props {
    Props::new()
        .with("DestinationBackupVaultArn", action.destination_backup_vault_arn())
        .with("Lifecycle", action.lifecycle().map(lifecycle))
}

fn lifecycle(lifecycle: &Lifecycle) -> Props {
    Props::new()
        .with("DeleteAfterDays", lifecycle.delete_after_days())
        .with("MoveToColdStorageAfterDays", lifecycle.move_to_cold_storage_after_days())
        .with("OptInToArchiveForSupportedResources", lifecycle.opt_in_to_archive_for_supported_resources())
}

fn scan(action: &ScanAction) -> Props {
    Props::new()
        .with("MalwareScanner", action.malware_scanner().map(MalwareScanner::as_str))
        .with("ScanMode", action.scan_mode().map(ScanMode::as_str))
}

fn scan_setting(setting: &ScanSetting) -> Props {
    Props::new()
        .with("MalwareScanner", setting.malware_scanner().map(MalwareScanner::as_str))
        .with("ResourceTypes", setting.resource_types())
        .with("ScannerRoleArn", setting.scanner_role_arn())
}

/// For each rule, and each of its copies, the event after which AWS deletes what it made.
fn delete_after_events(plan: &BackupPlan) -> Vec<Props> {
    let of = |rule: &BackupRule, vault: &str, lifecycle: Option<&Lifecycle>| {
        let event = lifecycle?.delete_after_event()?;
        let event = Props::new().with("DeleteAfterEvent", event.as_str());
        Some(event.with("RuleName", rule.rule_name()).with("Vault", vault))
    };
    let of_rule = |rule: &BackupRule| {
        let own = of(rule, rule.target_backup_vault_name(), rule.lifecycle());
        let copies = rule.copy_actions().iter();
        let copies = copies.filter_map(|copy| of(rule, copy.destination_backup_vault_arn(), copy.lifecycle()));
        own.into_iter().chain(copies).collect::<Vec<_>>()
    };
    plan.rules().iter().flat_map(of_rule).collect()
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let backup: Client = hands.client();
    hands.call(step, backup.delete_backup_plan().backup_plan_id(hands.id()).send()).await?;
    Ok(Progress::Done)
}
