//! `OpenSearch` domains.

use std::collections::BTreeMap;

use aws_sdk_opensearch::Client;
use aws_sdk_opensearch::types::{
    DomainProcessingStatusType, DomainStatus, DomainUseCase, EncryptionMode, EngineMode, IpAddressType,
    LogPublishingOption, LogType, NaturalLanguageQueryGenerationDesiredState,
};

use super::domain_props::{
    advanced_security_options, aiml_options, cluster_config, cognito_options, deployment_strategy_options,
    domain_endpoint_options, ebs_options, encryption_at_rest_options, identity_center_options,
    node_to_node_encryption_options, off_peak_window_options, snapshot_options, snapshot_pause_options,
    software_update_options, vpc_derived_info,
};
use crate::aws::{Call, CallError, Cx, ErrorClass, Hands, vanished};
use crate::catalog::{
    Created, Delete, Draft, IntoProperty, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, Unmapped,
    policy_document,
};
use crate::model::Step;

/// `AWS::OpenSearchService::Domain`. One call for the names, one for five domains, and one each for the tags.
///
/// The schema has no place for `autoTuneUseOffPeakWindow`, `encryptionMode`, `identityCenterInstanceRegion`, `jwksUrl` and
/// `naturalLanguageQueryGeneration`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::OpenSearchService::Domain",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("OpenSearch does not report when a domain was created"),
    sets: &["ClusterConfig.NodeOptions", "VPCOptions.SecurityGroupIds", "VPCOptions.SubnetIds"],
    secrets: &["AdvancedSecurityOptions.SAMLOptions.Idp.MetadataContent"],
    left_out: &[
        LeftOut { path: "DomainStatusList[].DomainId", why: "the account and the name" },
        LeftOut { path: "DomainStatusList[].Created", why: "run state" },
        LeftOut { path: "DomainStatusList[].EndpointV2", why: "an address that AWS chose" },
        LeftOut { path: "DomainStatusList[].Endpoints*", why: "addresses that AWS chose" },
        LeftOut { path: "DomainStatusList[].DomainEndpointV2HostedZoneId", why: "AWS chose it" },
        LeftOut { path: "DomainStatusList[].UpgradeProcessing", why: "run state" },
        LeftOut { path: "DomainStatusList[].ServiceSoftwareOptions.*", why: "an offer of AWS" },
        LeftOut { path: "DomainStatusList[].AutoTuneOptions.State", why: "run state" },
        LeftOut { path: "DomainStatusList[].AutoTuneOptions.ErrorMessage", why: "run state" },
        LeftOut { path: "DomainStatusList[].ChangeProgressDetails.*", why: "run state" },
        LeftOut { path: "DomainStatusList[].ModifyingProperties*", why: "run state" },
        LeftOut { path: "DomainStatusList[].VPCOptions.VPCId", why: "its subnets say it" },
        LeftOut { path: "DomainStatusList[].VPCOptions.AvailabilityZones*", why: "its subnets say it" },
        LeftOut { path: "DomainStatusList[].AdvancedSecurityOptions.AnonymousAuthDisableDate", why: "a clock" },
        LeftOut { path: "DomainStatusList[].AutomatedSnapshotPauseOptions.State", why: "run state" },
        LeftOut {
            path: "DomainStatusList[].IdentityCenterOptions.IdentityCenterApplicationARN",
            why: "AWS makes it; read-only",
        },
        LeftOut {
            path: "DomainStatusList[].IdentityCenterOptions.IdentityStoreId",
            why: "the instance says it; read-only",
        },
        LeftOut {
            path: "DomainStatusList[].AIMLOptions.NaturalLanguageQueryGenerationOptions.CurrentState",
            why: "run state",
        },
        LeftOut { path: "ListDomainNames:DomainNames*", why: "DescribeDomains says it" },
    ],
    unmapped: &[
        Unmapped { path: "AdvancedSecurityOptions.MasterUserOptions", why: "a secret; never answered" },
        Unmapped { path: "AdvancedSecurityOptions.SAMLOptions.MasterBackendRole", why: "never answered" },
        Unmapped { path: "AdvancedSecurityOptions.SAMLOptions.MasterUserName", why: "never answered" },
        Unmapped { path: "SkipShardMigrationWait", why: "write-only: what an update should do" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[],
    read_actions: &["es:DescribeDomains", "es:ListDomainNames", "es:ListTags"],
    delete: Delete::Call(Recipe {
        operation: "DeleteDomain",
        actions: &["es:DeleteDomain", "es:DescribeDomain"],
        gone: GONE,
        steps: Some(|_, _| vec![Step::on_resource("es:DeleteDomain")]),
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 3,
        holds_data: true,
        reversible: None,
    }),
};

/// How `OpenSearch` says that a domain was deleted since it was listed.
const GONE: &[&str] = &["ResourceNotFoundException"];

/// Domains that one call describes.
const BATCH: usize = 5;

async fn list(cx: &Cx) -> Listed {
    let opensearch: Client = cx.client();
    let names = opensearch.list_domain_names().send().await.at("es:ListDomainNames")?.domain_names.unwrap_or_default();
    let names: Vec<String> =
        names.into_iter().filter_map(|domain| domain.domain_name).filter(|name| cx.wants(name)).collect();
    let batches = names.chunks(BATCH).map(<[String]>::to_vec).collect();
    let domains = cx.gather(batches, |batch: Vec<String>| statuses(&opensearch, batch)).await?;
    // A domain stays in the list for up to an hour after its deletion.
    let there = |domain: &DomainStatus| domain.deleted() != Some(true) && cx.wants(domain.domain_name());
    let domains = domains.into_iter().flatten().filter(there).collect();
    cx.each(domains, |domain| describe(&opensearch, domain)).await
}

async fn statuses(opensearch: &Client, names: Vec<String>) -> Result<Vec<DomainStatus>, CallError> {
    let answer = opensearch.describe_domains().set_domain_names(Some(names)).send().await;
    Ok(answer.at("es:DescribeDomains")?.domain_status_list)
}

async fn describe(opensearch: &Client, domain: DomainStatus) -> Result<Option<Draft>, CallError> {
    let tags = opensearch.list_tags().arn(domain.arn()).send().await.at("es:ListTags");
    let again = async {
        let again = statuses(opensearch, vec![domain.domain_name().to_owned()]).await?;
        if again.is_empty() { Err(gone()) } else { Ok(()) }
    };
    if vanished([tags.as_ref().err()], GONE, again).await? {
        return Ok(None);
    }
    let tags = tags.map(|answer| answer.tag_list.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)));
    map(&domain).sub_tags(tags).map(Some)
}

/// The batch call leaves out what does not exist.
fn gone() -> CallError {
    CallError::new(ErrorClass::Gone, GONE[0], "not in the answer", "es:DescribeDomains")
}

fn map(domain: &DomainStatus) -> Draft {
    let security = domain.advanced_security_options();
    let language = domain.aiml_options().and_then(|options| options.natural_language_query_generation_options());
    let mode = domain.encryption_at_rest_options().and_then(|options| options.encryption_mode());
    let identity = domain.identity_center_options();
    Draft::new(domain.domain_name())
        .arn(domain.arn())
        .name(domain.domain_name())
        .with("AccessPolicies", policy_document(domain.access_policies()))
        .with("AIMLOptions", domain.aiml_options().map(aiml_options))
        .with("AdvancedOptions", domain.advanced_options())
        .with("AdvancedSecurityOptions", domain.advanced_security_options().map(advanced_security_options))
        .with("AutomatedSnapshotPauseOptions", domain.automated_snapshot_pause_options().map(snapshot_pause_options))
        .with("ClusterConfig", domain.cluster_config().map(cluster_config))
        .with("CognitoOptions", domain.cognito_options().map(cognito_options))
        .with("DeploymentStrategyOptions", domain.deployment_strategy_options().map(deployment_strategy_options))
        .with("DomainEndpointOptions", domain.domain_endpoint_options().map(domain_endpoint_options))
        .with("DomainName", domain.domain_name())
        .with("EBSOptions", domain.ebs_options().map(ebs_options))
        .with("EncryptionAtRestOptions", domain.encryption_at_rest_options().map(encryption_at_rest_options))
        .with("EngineMode", domain.engine_mode().map(EngineMode::as_str))
        .with("EngineVersion", domain.engine_version())
        .with("IPAddressType", domain.ip_address_type().map(IpAddressType::as_str))
        .with("IdentityCenterOptions", domain.identity_center_options().map(identity_center_options))
        .with(
            "NodeToNodeEncryptionOptions",
            domain.node_to_node_encryption_options().map(node_to_node_encryption_options),
        )
        .with("OffPeakWindowOptions", domain.off_peak_window_options().map(off_peak_window_options))
        .with("SnapshotOptions", domain.snapshot_options().map(snapshot_options))
        .with("SoftwareUpdateOptions", domain.software_update_options().map(software_update_options))
        .with("UseCase", domain.use_case().map(DomainUseCase::as_str))
        .with("VPCOptions", domain.vpc_options().map(vpc_derived_info))
        .with("LogPublishingOptions", log_publishing(domain))
        .with(
            "autoTuneUseOffPeakWindow",
            domain.auto_tune_options().and_then(aws_sdk_opensearch::types::AutoTuneOptionsOutput::use_off_peak_window),
        )
        .with("encryptionMode", mode.map(EncryptionMode::as_str))
        .with("identityCenterInstanceRegion", identity.and_then(|options| options.identity_center_instance_region()))
        .with("jwksUrl", security.and_then(|options| options.jwt_options()?.jwks_url()))
        .with(
            "naturalLanguageQueryGeneration",
            language
                .and_then(|options| options.desired_state())
                .map(NaturalLanguageQueryGenerationDesiredState::as_str),
        )
        .observed("domainProcessingStatus", domain.domain_processing_status().map(DomainProcessingStatusType::as_str))
        .observed("endpoint", domain.endpoint())
        .observed("processing", domain.processing())
}

/// Where each log goes, by its kind.
fn log_publishing(domain: &DomainStatus) -> Option<serde_json::Value> {
    let options: BTreeMap<&LogType, &LogPublishingOption> = domain.log_publishing_options()?.iter().collect();
    let options = options.into_iter().fold(Props::new(), |options, (kind, option)| {
        let option = Props::new()
            .with("CloudWatchLogsLogGroupArn", option.cloud_watch_logs_log_group_arn())
            .with("Enabled", option.enabled());
        options.with(kind.as_str(), option)
    });
    options.into_property()
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let opensearch: Client = hands.client();
    if step.call != "es:DeleteDomain" {
        return Err(CallError::new(ErrorClass::Other, "unknown-step", "no step of deleting a domain", &step.call));
    }
    let look = opensearch.describe_domain().domain_name(hands.id()).send();
    let now = hands.look("es:DescribeDomain", look).await?;
    let Some(domain) = now.and_then(|answer| answer.domain_status) else { return Ok(Progress::Done) };
    if domain.deleted() != Some(true)
        && hands.call(step, opensearch.delete_domain().domain_name(hands.id()).send()).await?.is_none()
    {
        return Ok(Progress::Done);
    }
    Ok(Progress::Waiting("the domain is being deleted".to_owned()))
}
