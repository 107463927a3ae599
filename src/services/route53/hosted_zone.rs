//! Hosted zones, each with its signing keys. Their records are a type of their own.

use std::collections::HashMap;

use aws_sdk_route53::Client;
use aws_sdk_route53::operation::get_dnssec::GetDnssecOutput;
use aws_sdk_route53::operation::get_hosted_zone::GetHostedZoneOutput;
use aws_sdk_route53::types::{
    AcceleratedRecoveryStatus, DelegationSet, HostedZone, HostedZoneFeatures, KeySigningKey, QueryLoggingConfig,
    ResourceTagSet, TagResourceType, Vpc, VpcRegion,
};
use serde_json::Value;

use super::{GONE, SERVICE, id_of, service_of};
use crate::aws::{Absent, Call, CallError, Cx, Hands, vanished};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::Route53::HostedZone`, with `AWS::Route53::DNSSEC` folded in as `dnssec` and `AWS::Route53::KeySigningKey` as
/// `keySigningKeys`. `privateZone` has no place in the schema, where only `VPCs` tell.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Route53::HostedZone",
    scope: Scope::Global,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("Route 53 does not report when a zone was created"),
    sets: &["VPCs", "keySigningKeys"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "ListHostedZones:Marker", why: "about the page" },
        LeftOut { path: "ListHostedZones:MaxItems", why: "about the page" },
        LeftOut { path: "HostedZones[].CallerReference", why: "names a request" },
        LeftOut { path: "GetHostedZone:HostedZone.*", why: "the list of zones says it" },
        LeftOut { path: "DelegationSet.CallerReference", why: "names a request" },
        LeftOut { path: "ResourceTagSets[].ResourceType", why: "zones only are asked about" },
        LeftOut { path: "KeySigningKeys[].Flag", why: "the same for every key" },
        LeftOut { path: "KeySigningKeys[].SigningAlgorithm*", why: "the same for every key" },
        LeftOut { path: "KeySigningKeys[].DigestAlgorithm*", why: "the same for every key" },
        LeftOut { path: "KeySigningKeys[].KeyTag", why: "follows from the KMS key" },
        LeftOut { path: "KeySigningKeys[].DigestValue", why: "follows from the KMS key" },
        LeftOut { path: "KeySigningKeys[].PublicKey", why: "follows from the KMS key" },
        LeftOut { path: "KeySigningKeys[].DSRecord", why: "follows from the KMS key" },
        LeftOut { path: "KeySigningKeys[].DNSKEYRecord", why: "follows from the KMS key" },
        LeftOut { path: "KeySigningKeys[].StatusMessage", why: "text about a state" },
        LeftOut { path: "KeySigningKeys[].CreatedDate", why: "of a part" },
        LeftOut { path: "KeySigningKeys[].LastModifiedDate", why: "no configuration" },
    ],
    unmapped: &[Unmapped { path: "HostedZoneTags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &[
        "route53:GetDNSSEC",
        "route53:GetHostedZone",
        "route53:ListHostedZones",
        "route53:ListQueryLoggingConfigs",
        "route53:ListTagsForResources",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteHostedZone",
        actions: &[
            "route53:DeactivateKeySigningKey",
            "route53:DeleteHostedZone",
            "route53:DeleteKeySigningKey",
            "route53:DeleteQueryLoggingConfig",
            "route53:DisableHostedZoneDNSSEC",
        ],
        gone: &["NoSuchHostedZone", "NoSuchKeySigningKey", "NoSuchQueryLoggingConfig"],
        steps: Some(steps),
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 8,
        holds_data: false,
        reversible: None,
    }),
};

/// Most zones that one call for tags takes.
const BATCH: usize = 10;

type Tags = HashMap<String, Vec<(String, String)>>;
type Logs = HashMap<String, QueryLoggingConfig>;

async fn list(cx: &Cx) -> Listed {
    let dns: Client = cx.client();
    let zones = super::zones(cx).await?;
    let wanted: Vec<HostedZone> = zones.iter().filter(|zone| cx.wants(id_of(zone))).cloned().collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let (tags, logs) = tokio::join!(tags(cx, &dns, &wanted), query_logs(&dns));
    cx.each(wanted, async |zone| describe(cx, &dns, &zone, &tags, &logs).await).await
}

async fn tags(cx: &Cx, dns: &Client, zones: &[HostedZone]) -> Result<Tags, CallError> {
    let ids: Vec<String> = zones.iter().map(|zone| id_of(zone).to_owned()).collect();
    let found = cx.in_batches(&ids, BATCH, GONE, |batch| ask(dns, batch)).await?;
    Ok(found.into_iter().filter_map(|set| Some((set.resource_id()?.to_owned(), pairs(&set)))).collect())
}

async fn ask(dns: &Client, ids: Vec<String>) -> Result<Vec<ResourceTagSet>, CallError> {
    let call = dns.list_tags_for_resources().resource_type(TagResourceType::Hostedzone).set_resource_ids(Some(ids));
    Ok(call.send().await.at("route53:ListTagsForResources")?.resource_tag_sets)
}

fn pairs(set: &ResourceTagSet) -> Vec<(String, String)> {
    let tags = set.tags().iter();
    tags.filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()))).collect()
}

async fn query_logs(dns: &Client) -> Result<Logs, CallError> {
    let pages = dns.list_query_logging_configs().max_results(100).into_paginator().items().send();
    let configs: Vec<QueryLoggingConfig> = pages.try_collect().await.at("route53:ListQueryLoggingConfigs")?;
    Ok(configs.into_iter().map(|config| (config.hosted_zone_id().to_owned(), config)).collect())
}

async fn describe(
    cx: &Cx,
    dns: &Client,
    zone: &HostedZone,
    tags: &Result<Tags, CallError>,
    logs: &Result<Logs, CallError>,
) -> Result<Option<Draft>, CallError> {
    let id = id_of(zone);
    let (details, dnssec) = tokio::join!(dns.get_hosted_zone().id(id).send(), dnssec(dns, zone));
    let Some(details) = details.at("route53:GetHostedZone").absent_if(GONE)? else { return Ok(None) };
    let again = dns.get_hosted_zone().id(id).send();
    if vanished([dnssec.as_ref().err()], GONE, async { again.await.at("route53:GetHostedZone") }).await? {
        return Ok(None);
    }
    let log = logs.as_ref().map(|logs| logs.get(id)).map_err(Clone::clone);
    let draft = map(cx, zone, &details)
        .observed("QueryLoggingConfigId", log.as_ref().ok().copied().flatten().map(QueryLoggingConfig::id))
        .sub("QueryLoggingConfig", log.map(|log| log.map(query_log)))?
        .sub_tags(tags.as_ref().map(|tags| tags.get(id).cloned().unwrap_or_default()).map_err(Clone::clone))?;
    match dnssec {
        Ok(Some(found)) => Ok(Some(signing(draft, &found))),
        Ok(None) => Ok(Some(draft)),
        Err(error) => draft.sub::<()>("dnssec", Err(error.clone()))?.sub::<()>("keySigningKeys", Err(error)).map(Some),
    }
}

/// Private zones cannot be signed, and asking about it is an error.
async fn dnssec(dns: &Client, zone: &HostedZone) -> Result<Option<GetDnssecOutput>, CallError> {
    if is_private(zone) {
        return Ok(None);
    }
    dns.get_dnssec().hosted_zone_id(id_of(zone)).send().await.at("route53:GetDNSSEC").map(Some)
}

fn is_private(zone: &HostedZone) -> bool {
    zone.config().is_some_and(aws_sdk_route53::types::HostedZoneConfig::private_zone)
}

fn map(cx: &Cx, zone: &HostedZone, details: &GetHostedZoneOutput) -> Draft {
    let id = id_of(zone);
    let set = details.delegation_set();
    let comment = zone.config().and_then(|config| config.comment());
    let recovery = zone.features().and_then(HostedZoneFeatures::accelerated_recovery_status);
    let failure = zone.features().and_then(|features| features.failure_reasons()?.accelerated_recovery());
    Draft::new(id)
        .arn(format!("arn:{}:route53:::hostedzone/{id}", cx.partition()).as_str())
        .name(zone.name())
        .owner(SERVICE, service_of(zone))
        .with(
            "DelegationSetId",
            set.and_then(DelegationSet::id).and_then(|id| id.rsplit('/').next()).filter(|id| !id.is_empty()),
        )
        .with("HostedZoneConfig", Props::new().with("Comment", comment))
        .with("HostedZoneFeatures", recovery.map(features))
        .with("Name", zone.name())
        .with("VPCs", each(details.vpcs(), vpc))
        .with("privateZone", is_private(zone))
        .observed("AcceleratedRecoveryStatus", recovery.map(AcceleratedRecoveryStatus::as_str))
        .observed("AcceleratedRecoveryFailure", failure)
        .observed("LinkedServiceDescription", zone.linked_service().and_then(|service| service.description()))
        .observed("NameServers", set.map(DelegationSet::name_servers))
        .observed("ResourceRecordSetCount", zone.resource_record_set_count())
}

fn features(status: &AcceleratedRecoveryStatus) -> Props {
    use AcceleratedRecoveryStatus::{DisableFailed, Enabled, Enabling, EnablingHostedZoneLocked};
    let on = matches!(status, Enabled | Enabling | EnablingHostedZoneLocked | DisableFailed);
    Props::new().with("EnableAcceleratedRecovery", on)
}

fn vpc(vpc: &Vpc) -> Props {
    Props::new().with("VPCId", vpc.vpc_id()).with("VPCRegion", vpc.vpc_region().map(VpcRegion::as_str))
}

fn query_log(config: &QueryLoggingConfig) -> Props {
    Props::new().with("CloudWatchLogsLogGroupArn", config.cloud_watch_logs_log_group_arn())
}

fn signing(draft: Draft, found: &GetDnssecOutput) -> Draft {
    let status = found.status();
    draft
        .with("dnssec", Props::new().with("ServeSignature", status.and_then(|status| status.serve_signature())))
        .with("keySigningKeys", each(found.key_signing_keys(), key_signing_key))
        .observed("DNSSECStatusMessage", status.and_then(|status| status.status_message()))
}

fn key_signing_key(key: &KeySigningKey) -> Props {
    Props::new().with("KeyManagementServiceArn", key.kms_arn()).with("Name", key.name()).with("Status", key.status())
}

/// What keeps a zone from being deleted, beside its records: signing, its keys, its log.
fn steps(zone: &Resource, _: &Switches) -> Vec<Step> {
    let mut steps = Vec::new();
    let signs = zone.properties.get("dnssec").and_then(|dnssec| dnssec.get("ServeSignature"));
    if signs.is_some_and(|signs| signs != "NOT_SIGNING") {
        steps.push(Step::on_resource("route53:DisableHostedZoneDNSSEC"));
    }
    for key in zone.properties.get("keySigningKeys").and_then(Value::as_array).into_iter().flatten() {
        let Some(name) = key.get("Name").and_then(Value::as_str) else { continue };
        if key.get("Status").is_some_and(|status| status == "ACTIVE") {
            steps.push(Step::on("route53:DeactivateKeySigningKey", name));
        }
        steps.push(Step::on("route53:DeleteKeySigningKey", name));
    }
    if let Some(id) = zone.observed.get("QueryLoggingConfigId").and_then(Value::as_str) {
        steps.push(Step::on("route53:DeleteQueryLoggingConfig", id));
    }
    steps.push(Step::on_resource("route53:DeleteHostedZone"));
    steps
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let dns: Client = hands.client();
    match step.call.as_str() {
        "route53:DeleteQueryLoggingConfig" => {
            hands.call(step, dns.delete_query_logging_config().id(&step.target).send()).await?;
        }
        "route53:DeleteHostedZone" => {
            hands.call(step, dns.delete_hosted_zone().id(hands.id()).send()).await?;
        }
        _ => unsign(hands, step, &dns).await?,
    }
    Ok(Progress::Done)
}

/// The steps that end signing, each unless it was made before.
async fn unsign(hands: &Hands, step: &Step, dns: &Client) -> Result<(), CallError> {
    let look = dns.get_dnssec().hosted_zone_id(hands.id()).send();
    let Some(now) = hands.look("route53:GetDNSSEC", look).await? else { return Ok(()) };
    let key = now.key_signing_keys().iter().find(|key| key.name() == Some(step.target.as_str()));
    match (step.call.as_str(), key) {
        ("route53:DisableHostedZoneDNSSEC", _)
            if now.status().and_then(|status| status.serve_signature()) != Some("NOT_SIGNING") =>
        {
            let request = dns.disable_hosted_zone_dnssec().hosted_zone_id(hands.id());
            hands.call(step, request.send()).await?;
        }
        ("route53:DeactivateKeySigningKey", Some(key)) if key.status() == Some("ACTIVE") => {
            let request = dns.deactivate_key_signing_key().hosted_zone_id(hands.id()).name(&step.target);
            hands.call(step, request.send()).await?;
        }
        ("route53:DeleteKeySigningKey", Some(_)) => {
            let request = dns.delete_key_signing_key().hosted_zone_id(hands.id()).name(&step.target);
            hands.call(step, request.send()).await?;
        }
        _ => {}
    }
    Ok(())
}
