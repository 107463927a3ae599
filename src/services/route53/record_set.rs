//! Records of hosted zones.

use aws_sdk_route53::Client;
use aws_sdk_route53::types::{
    AliasTarget, Change, ChangeAction, ChangeBatch, CidrRoutingConfig, GeoLocation, GeoProximityLocation, HostedZone,
    ResourceRecord, ResourceRecordSet, ResourceRecordSetFailover, ResourceRecordSetRegion, RrType,
};

use super::{GONE, SERVICE, id_of, service_of};
use crate::aws::{Absent, Call, CallError, Cx, ErrorClass, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped,
};
use crate::model::Step;

/// `AWS::Route53::RecordSet`. The id is `name|zone|type|set identifier`, the last part empty for simple records.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Route53::RecordSet",
    scope: Scope::Global,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("Route 53 does not report when a record was created"),
    sets: &["ResourceRecords"],
    secrets: &[],
    left_out: &[LeftOut { path: "ListResourceRecordSets:MaxItems", why: "the size of a page" }],
    unmapped: &[
        Unmapped { path: "Comment", why: "of the change, not of the record; never answered" },
        Unmapped { path: "HostedZoneName", why: "another way to say HostedZoneId" },
    ],
    edges: &[Edge {
        path: "HostedZoneId",
        to: "AWS::Route53::HostedZone",
        target: "{}",
        order: Order::HolderFirst,
        why: "a record of this zone",
    }],
    read_actions: &["route53:ListHostedZones", "route53:ListResourceRecordSets"],
    delete: Delete::Call(Recipe {
        operation: "ChangeResourceRecordSets",
        actions: &["route53:ChangeResourceRecordSets"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 8,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let dns: Client = cx.client();
    let zones = super::zones(cx).await?;
    let found = cx.gather(zones.to_vec(), async |zone| of_zone(&dns, &zone).await).await?;
    Ok(found.into_iter().flatten().collect())
}

/// The records of a zone. One that is gone has none.
async fn of_zone(dns: &Client, zone: &HostedZone) -> Listed {
    let mut drafts = Vec::new();
    let mut call = dns.list_resource_record_sets().hosted_zone_id(id_of(zone)).max_items(300);
    loop {
        let page = call.clone().send().await.at("route53:ListResourceRecordSets").absent_if(GONE)?;
        let Some(page) = page else { return Ok(Vec::new()) };
        drafts.extend(page.resource_record_sets().iter().map(|record| map(zone, record)));
        if !page.is_truncated() {
            return Ok(drafts);
        }
        if call.get_start_record_name() == &page.next_record_name
            && call.get_start_record_type() == &page.next_record_type
            && call.get_start_record_identifier() == &page.next_record_identifier
        {
            let action = "route53:ListResourceRecordSets";
            return Err(CallError::new(ErrorClass::Unreachable, "bad-answer", "the same page again", action));
        }
        call = call
            .set_start_record_name(page.next_record_name)
            .set_start_record_type(page.next_record_type)
            .set_start_record_identifier(page.next_record_identifier);
    }
}

/// DNS names have no case, and the service escapes the asterisk of a wildcard.
fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace("\\052", "*")
}

fn map(zone: &HostedZone, record: &ResourceRecordSet) -> Draft {
    let zone_id = id_of(zone);
    let name = plain(record.name());
    let kind = record.r#type().as_str();
    let apex = name == plain(zone.name()) && matches!(record.r#type(), RrType::Ns | RrType::Soa);
    let id = format!("{name}|{zone_id}|{kind}|{}", record.set_identifier().unwrap_or_default());
    Draft::new(id)
        .name(name.as_str())
        .aws_made(apex, "comes with its zone")
        .owner(SERVICE, service_of(zone))
        .owner("route53-traffic-policy-instance", record.traffic_policy_instance_id())
        .with("AliasTarget", record.alias_target().map(alias))
        .with("CidrRoutingConfig", record.cidr_routing_config().map(cidr_routing))
        .with("Failover", record.failover().map(ResourceRecordSetFailover::as_str))
        .with("GeoLocation", record.geo_location().map(geo))
        .with("GeoProximityLocation", record.geo_proximity_location().map(geo_proximity))
        .with("HealthCheckId", record.health_check_id())
        .with("HostedZoneId", zone_id)
        .with("MultiValueAnswer", record.multi_value_answer())
        .with("Name", name)
        .with("Region", record.region().map(ResourceRecordSetRegion::as_str))
        .with("ResourceRecords", record.resource_records().iter().map(ResourceRecord::value).collect::<Vec<_>>())
        .with("SetIdentifier", record.set_identifier())
        // The schema has it as text.
        .with("TTL", record.ttl().map(|ttl| ttl.to_string()))
        .with("Type", kind)
        .with("Weight", record.weight())
}

fn alias(alias: &AliasTarget) -> Props {
    Props::new()
        .with("DNSName", plain(alias.dns_name()))
        .with("EvaluateTargetHealth", alias.evaluate_target_health())
        .with("HostedZoneId", alias.hosted_zone_id())
}

fn cidr_routing(routing: &CidrRoutingConfig) -> Props {
    Props::new().with("CollectionId", routing.collection_id()).with("LocationName", routing.location_name())
}

fn geo(place: &GeoLocation) -> Props {
    Props::new()
        .with("ContinentCode", place.continent_code())
        .with("CountryCode", place.country_code())
        .with("SubdivisionCode", place.subdivision_code())
}

fn geo_proximity(place: &GeoProximityLocation) -> Props {
    let coordinates = place.coordinates();
    let coordinates =
        coordinates.map(|at| Props::new().with("Latitude", at.latitude()).with("Longitude", at.longitude()));
    Props::new()
        .with("AWSRegion", place.aws_region())
        .with("Bias", place.bias())
        .with("Coordinates", coordinates)
        .with("LocalZoneGroup", place.local_zone_group())
}

/// A record is deleted by naming its whole content, so it is read right before.
async fn delete(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let dns: Client = hands.client();
    let (name, zone, kind, set) = (hands.part(0), hands.part(1), RrType::from(hands.part(2)), hands.part(3));
    let set = Some(set.to_owned()).filter(|set| !set.is_empty());
    let look = dns.list_resource_record_sets().hosted_zone_id(zone).max_items(1);
    let look = look.start_record_name(name).start_record_type(kind.clone()).set_start_record_identifier(set.clone());
    let Some(page) = hands.look("route53:ListResourceRecordSets", look.send()).await? else {
        return Ok(Progress::Done);
    };
    // The list starts at the record, or at what would follow it.
    let is_it = |record: &&ResourceRecordSet| {
        plain(record.name()) == name && record.r#type == kind && record.set_identifier == set
    };
    let Some(record) = page.resource_record_sets().iter().find(is_it) else { return Ok(Progress::Done) };
    let invalid = |error: aws_sdk_route53::error::BuildError| {
        CallError::new(ErrorClass::Other, "bad-request", &error.to_string(), &step.call)
    };
    let change = Change::builder().action(ChangeAction::Delete).resource_record_set(record.clone()).build();
    let batch = ChangeBatch::builder().changes(change.map_err(invalid)?).build().map_err(invalid)?;
    let request = dns.change_resource_record_sets().hosted_zone_id(zone).change_batch(batch);
    hands.call(step, request.send()).await?;
    Ok(Progress::Done)
}
