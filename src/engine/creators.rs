//! Who changed what, from `CloudTrail`.
//!
//! One pass per region over the write events since the baseline, never a call per resource: `LookupEvents` allows two
//! requests a second in a region, and a page holds fifty events. It knows the last 90 days of management events, and an
//! event shows up some minutes after the call. Source: API reference of `LookupEvents`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::types::{Event, LookupAttribute, LookupAttributeKey};
use aws_smithy_types::DateTime as AwsTime;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::aws::{Aws, Call as _, CallError, Cx};
use crate::catalog::references::is_unambiguous;
use crate::model::{Actor, Delta, GLOBAL, Resource};

/// How far back `LookupEvents` sees.
const HISTORY: TimeDelta = TimeDelta::days(90);
/// How late events show up, at most in practice.
pub const LAG: TimeDelta = TimeDelta::minutes(15);
/// Events read in one region before giving up: at fifty a page and two pages a second, about five minutes.
const MOST_EVENTS: usize = 30_000;

/// What `CloudTrail` could tell.
#[derive(Debug, Default)]
pub struct Creators {
    /// Actors, sorted by resource.
    pub actors: Vec<Actor>,
    /// Events read.
    pub events: usize,
    /// Regions that could not be asked, or not to the end, each with the reason.
    pub gaps: Vec<(String, String)>,
    /// Where the history begins: later than the baseline when that is older than 90 days.
    pub from: DateTime<Utc>,
}

/// One write event, reduced to what matters.
#[derive(Debug, Clone)]
struct Write {
    at: DateTime<Utc>,
    event: String,
    principal: String,
    role: Option<String>,
    via: Option<String>,
    /// Names, ids and ARNs that the event is about.
    about: BTreeSet<String>,
    creates: bool,
    /// The service that recorded it, as in `ec2.amazonaws.com`, without its domain.
    source: Option<String>,
}

/// Looks for whoever made, changed or deleted what differs.
pub async fn find(aws: &Arc<Aws>, delta: &Delta, since: DateTime<Utc>, now: DateTime<Utc>) -> Creators {
    let from = since.max(now - HISTORY);
    let mut found = Creators { from, ..Creators::default() };
    let cx = Cx::new(aws.clone());
    let mut wanted: BTreeMap<String, Vec<(&Resource, bool)>> = BTreeMap::new();
    let added = delta.added.iter().chain(delta.replaced.iter().map(|r| &r.after)).map(|r| (r, true));
    let others = delta.modified.iter().map(|m| &m.after).chain(&delta.deleted).map(|r| (r, false));
    for (resource, created) in added.chain(others) {
        // What global services do is recorded in the partition's home region.
        let region = if resource.region == GLOBAL { aws.home_region() } else { &resource.region };
        wanted.entry(region.to_owned()).or_default().push((resource, created));
    }
    let passes = wanted.into_iter().map(|(region, resources)| {
        let cx = cx.in_region(&region);
        async move { (region, resources, pass(&cx, from, now).await) }
    });
    for (region, resources, answer) in futures::future::join_all(passes).await {
        match answer {
            Ok((writes, whole)) => {
                found.events += writes.len();
                if !whole {
                    found
                        .gaps
                        .push((region, format!("more than {MOST_EVENTS} write events: only the newest were read")));
                }
                found.actors.extend(attribute(&writes, &resources));
            }
            Err(error) => found.gaps.push((region, error.to_string())),
        }
    }
    found.actors.sort_by(|a, b| (&a.type_name, &a.region, &a.id).cmp(&(&b.type_name, &b.region, &b.id)));
    found
}

/// Every write event of a region, newest first, and whether that is all.
async fn pass(cx: &Cx, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<(Vec<Write>, bool), CallError> {
    let client: Client = cx.client();
    let writes_only =
        LookupAttribute::builder().attribute_key(LookupAttributeKey::ReadOnly).attribute_value("false").build();
    let request = client
        .lookup_events()
        .set_lookup_attributes(writes_only.ok().map(|attribute| vec![attribute]))
        .start_time(AwsTime::from_secs(from.timestamp()))
        .end_time(AwsTime::from_secs(to.timestamp()))
        .max_results(50);
    let mut events = request.into_paginator().items().send();
    let mut writes = Vec::new();
    while let Some(event) = events.next().await {
        if writes.len() == MOST_EVENTS {
            return Ok((writes, false));
        }
        writes.extend(read(&event.at("cloudtrail:LookupEvents")?));
    }
    Ok((writes, true))
}

/// What an event says; `None` for a call that failed and so changed nothing.
fn read(event: &Event) -> Option<Write> {
    let record: Value = serde_json::from_str(event.cloud_trail_event().unwrap_or("{}")).unwrap_or_default();
    if record.get("errorCode").is_some_and(|code| !code.is_null()) {
        return None;
    }
    let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let at = event.event_time().and_then(|at| DateTime::from_timestamp(at.secs(), 0))?;
    let name = event.event_name().unwrap_or_default().to_owned();
    let principal = text("/userIdentity/arn")
        .or_else(|| text("/userIdentity/invokedBy"))
        .or_else(|| text("/userIdentity/principalId"))
        .or_else(|| event.username().map(str::to_owned))?;
    let mut about: BTreeSet<String> =
        event.resources().iter().filter_map(|resource| Some(resource.resource_name()?.to_owned())).collect();
    for part in ["requestParameters", "responseElements"] {
        if let Some(value) = record.get(part) {
            texts(value, &mut about);
        }
    }
    let creates =
        ["Create", "Run", "Allocate", "Put", "Register", "Import", "Copy"].iter().any(|verb| name.starts_with(verb));
    let via = text("/userIdentity/invokedBy").filter(|via| *via != principal);
    Some(Write {
        at,
        event: name,
        role: text("/userIdentity/sessionContext/sessionIssuer/arn"),
        via,
        principal,
        about,
        creates,
        source: text("/eventSource").and_then(|source| Some(source.split_once('.')?.0.to_owned())),
    })
}

/// Whether an event is one of the service that has the type. Others name a resource that they only use: a function its
/// security group. Where the record or the type does not say, it counts.
fn is_own(write: &Write, type_name: &str) -> bool {
    let (Some(source), Some(spec)) = (&write.source, crate::catalog::find(type_name)) else { return true };
    let mut own =
        spec.read_actions.iter().filter_map(|action| action.split_once(':')).map(|(prefix, _)| match prefix {
            // Where the name of the event source is not the prefix of the actions.
            "application-autoscaling" => "autoscaling",
            "cloudwatch" => "monitoring",
            other => other,
        });
    own.any(|prefix| prefix == source)
}

/// Every text in a request or an answer: among them are the ids of what it is about.
fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.len() <= 512 => {
            found.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, found)),
        _ => {}
    }
}

/// For what was added the first creating event, for the rest the newest event.
fn attribute(writes: &[Write], resources: &[(&Resource, bool)]) -> Vec<Actor> {
    let mut by_text: HashMap<&str, Vec<&Write>> = HashMap::new();
    for write in writes {
        for text in &write.about {
            by_text.entry(text.as_str()).or_default().push(write);
        }
    }
    let mut actors = Vec::new();
    for (resource, created) in resources {
        let mut names = vec![resource.id.as_str()];
        names.extend(resource.arn.as_deref());
        names.extend(resource.name.as_deref());
        names.extend(resource.id.split('|'));
        // An id or ARN means this resource; a name alone may mean another, so it only counts where nothing else does.
        let exact =
            |name: &&str| *name == resource.id || resource.arn.as_deref() == Some(*name) || is_unambiguous(name);
        let (sure, vague): (Vec<&str>, Vec<&str>) = names.into_iter().partition(exact);
        let events = |names: &[&str]| -> Vec<&Write> {
            let about = names.iter().filter_map(|name| by_text.get(name)).flatten().copied();
            about.filter(|write| is_own(write, &resource.type_name)).collect()
        };
        let mut about = events(&sure);
        if about.is_empty() {
            about = events(&vague);
        }
        let best = if *created {
            let creating = about.iter().filter(|write| write.creates).min_by_key(|write| write.at);
            creating.or_else(|| about.iter().min_by_key(|write| write.at))
        } else {
            about.iter().max_by_key(|write| write.at)
        };
        if let Some(write) = best {
            actors.push(Actor {
                type_name: resource.type_name.clone(),
                region: resource.region.clone(),
                id: resource.id.clone(),
                at: write.at,
                event: write.event.clone(),
                principal: write.principal.clone(),
                role: write.role.clone(),
                via: write.via.clone(),
            });
        }
    }
    actors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Draft;
    use crate::catalog::mask::Masker;
    use crate::services::sqs::queue;

    fn event(at: i64, name: &str, record: &Value) -> Event {
        Event::builder()
            .event_time(AwsTime::from_secs(at))
            .event_name(name)
            .cloud_trail_event(record.to_string())
            .build()
    }

    fn by(user: &str, about: &str) -> Value {
        serde_json::json!({
            "userIdentity": {"arn": format!("arn:aws:iam::123456789012:user/{user}")},
            "requestParameters": {"queueName": about}, "responseElements": {"queueUrl": format!("https://q/{about}")},
        })
    }

    fn actor(events: &[Event], created: bool) -> Option<String> {
        let queue =
            Draft::new("https://q/orders").name("orders").finish(&queue::SPEC, "eu-west-1", &Masker::new([0; 32]));
        let writes: Vec<Write> = events.iter().filter_map(read).collect();
        let actors = attribute(&writes, &[(&queue, created)]);
        actors
            .first()
            .map(|actor| format!("{} {}", actor.principal.rsplit('/').next().unwrap_or_default(), actor.event))
    }

    #[test]
    fn the_maker_of_what_is_new_and_the_last_to_touch_the_rest() {
        let events = [
            event(3, "SetQueueAttributes", &by("eve", "orders")),
            event(2, "TagQueue", &by("bob", "orders")),
            event(1, "CreateQueue", &by("ann", "orders")),
            event(4, "CreateQueue", &by("zoe", "other")),
        ];
        assert_eq!(actor(&events, true).as_deref(), Some("ann CreateQueue"));
        assert_eq!(actor(&events, false).as_deref(), Some("eve SetQueueAttributes"));
        assert_eq!(actor(&events[3..], true), None);
    }

    /// A function that uses a security group names it in its request: that makes it neither its maker nor its last change.
    #[test]
    fn only_the_types_own_service_counts() {
        let record_of = |source: &str| {
            let mut record = by("ann", "orders");
            record["eventSource"] = source.into();
            record
        };
        let from = |source: &str| read(&event(1, "CreateFunction", &record_of(source))).expect("a write");
        assert!(is_own(&from("sqs.amazonaws.com"), "AWS::SQS::Queue"));
        assert!(!is_own(&from("lambda.amazonaws.com"), "AWS::SQS::Queue"));
        assert!(is_own(&from("monitoring.amazonaws.com"), "AWS::CloudWatch::Alarm"));
        assert!(is_own(&from("autoscaling.amazonaws.com"), "AWS::ApplicationAutoScaling::ScalableTarget"));
        // A record without a source, and a type of another version of this program.
        let unnamed = read(&event(1, "CreateQueue", &by("ann", "orders"))).expect("a write");
        assert!(is_own(&unnamed, "AWS::SQS::Queue"));
        assert!(is_own(&from("lambda.amazonaws.com"), "AWS::New::Type"));
        assert_eq!(actor(&[event(2, "UpdateFunction", &record_of("lambda.amazonaws.com"))], false), None);
    }

    #[test]
    fn what_failed_changed_nothing() {
        let mut record = by("ann", "orders");
        record["errorCode"] = "AccessDenied".into();
        assert_eq!(actor(&[event(1, "CreateQueue", &record)], true), None);
    }

    #[test]
    fn roles_and_services_are_told_apart() {
        let record = serde_json::json!({"userIdentity": {
            "arn": "arn:aws:sts::123456789012:assumed-role/deploy/ann",
            "sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::123456789012:role/deploy"}},
            "invokedBy": "cloudformation.amazonaws.com",
        }});
        let write = read(&event(1, "CreateQueue", &record)).expect("a write");
        assert_eq!(write.role.as_deref(), Some("arn:aws:iam::123456789012:role/deploy"));
        assert_eq!(write.via.as_deref(), Some("cloudformation.amazonaws.com"));
    }
}
