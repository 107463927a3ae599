//! An account in a few words, and what is planned for it.

mod guards;
mod order;
mod properties;
mod saving;
mod speed;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::*;
use crate::catalog::{self, Delete, Recipe, TypeSpec, canon, unwritten};
use crate::engine::diff::diff;
use crate::model::{
    Action, Caller, Coverage, Filters, Header, Outcome, Owner, Properties, Resource, Scope, Step, Switches, Tool,
};
use crate::services::sqs::queue;

const HERE: &str = "eu-west-1";
const ACCOUNT: &str = "123456789012";
const BASELINE_AT: &str = "2026-01-05T10:00:00Z";
const NOW: &str = "2026-02-01T10:00:00Z";

const THING: &str = "Test::Thing";
const DATA: &str = "Test::Data";
const SNAPPED: &str = "Test::Snapped";
const GUARDED: &str = "Test::Guarded";
const NEVER: &str = "Test::Never";
const GROUP: &str = "AWS::EC2::SecurityGroup";

const RECIPE: Recipe = Recipe {
    operation: "DeleteThing",
    actions: &["test:DeleteThing"],
    gone: &[],
    steps: None,
    run: unwritten,
    protection: None,
    rank: 4,
    holds_data: false,
    reversible: None,
};

const fn spec(name: &'static str, delete: Delete) -> TypeSpec {
    TypeSpec { name, delete, edges: &[], ..queue::SPEC }
}

static SPECS: [TypeSpec; 5] = [
    spec(THING, Delete::Call(RECIPE)),
    spec(DATA, Delete::Call(Recipe { holds_data: true, ..RECIPE })),
    spec(
        SNAPPED,
        Delete::Call(Recipe {
            holds_data: true,
            reversible: Some("restore of the final snapshot"),
            steps: Some(|resource, switches| {
                let single = !resource.properties.contains_key("Replica");
                let target = switches.final_snapshot.clone().filter(|_| single).unwrap_or_default();
                vec![Step::on("test:DeleteThing", target)]
            }),
            ..RECIPE
        }),
    ),
    spec(
        GUARDED,
        Delete::Call(Recipe {
            protection: Some(|resource| resource.properties.contains_key("On").then(|| "On".to_owned())),
            ..RECIPE
        }),
    ),
    spec(NEVER, Delete::Never("it is for ever")),
];

fn spec_of(name: &str) -> Option<&'static TypeSpec> {
    SPECS.iter().find(|spec| spec.name == name).or_else(|| catalog::find(name))
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a date")
}

/// A resource that was created after the baseline, with an ARN of its own.
fn resource(type_name: &str, id: &str, properties: Value) -> Resource {
    let Value::Object(properties) = properties else { panic!("not an object") };
    let resource = Resource {
        type_name: type_name.into(),
        id: id.into(),
        arn: Some(arn(id)),
        name: None,
        region: HERE.into(),
        created_at: Some(at("2026-01-20T10:00:00Z")),
        tags: BTreeMap::new(),
        properties,
        unreadable: BTreeMap::new(),
        observed: Properties::new(),
        owner: None,
        aws_made: None,
        undetermined: false,
        hash: String::new(),
    };
    rehashed(resource)
}

fn rehashed(resource: Resource) -> Resource {
    Resource { hash: canon::rehash(&resource), ..resource }
}

fn arn(id: &str) -> String {
    format!("arn:aws:test:{HERE}:{ACCOUNT}:thing/{id}")
}

fn thing(id: &str, refers_to: &[&str]) -> Resource {
    let arns: Vec<String> = refers_to.iter().map(|id| arn(id)).collect();
    resource(THING, id, json!({"Refs": arns}))
}

fn tagged(mut resource: Resource, key: &str, value: &str) -> Resource {
    resource.tags.insert(key.into(), value.into());
    rehashed(resource)
}

fn owned(mut resource: Resource, kind: &str, id: &str) -> Resource {
    resource.owner = Some(Owner { kind: kind.into(), id: id.into() });
    resource
}

fn group(number: u8, names: &[u8]) -> Resource {
    let rules: Vec<Value> =
        names.iter().map(|n| json!({"IpProtocol": "tcp", "SourceSecurityGroupId": sg(*n)})).collect();
    Resource { created_at: None, ..resource(GROUP, &sg(number), json!({"SecurityGroupIngress": rules})) }
}

fn sg(number: u8) -> String {
    format!("sg-{number:017x}")
}

/// A baseline, what is there now, and what is asked for.
#[derive(Clone)]
struct Account {
    baseline: Vec<Resource>,
    live: Vec<Resource>,
    blind: Vec<(&'static str, &'static str, bool)>,
    filters: Filters,
    options: Options,
    own: Vec<String>,
    caller: String,
}

impl Account {
    /// What is kept stands on both sides, what is added only in the live inventory.
    fn new(kept: Vec<Resource>, added: Vec<Resource>) -> Self {
        let mut live = kept.clone();
        live.extend(added);
        Account {
            baseline: kept,
            live,
            blind: Vec::new(),
            filters: Filters::default(),
            options: Options { max_percent: 100, ..Options::default() },
            own: Vec::new(),
            caller: format!("arn:aws:iam::{ACCOUNT}:user/nobody"),
        }
    }

    fn snapshot(&self, resources: &[Resource], is_baseline: bool) -> Snapshot {
        let mut coverage = Coverage::default();
        for resource in self.live.iter().chain(&self.baseline) {
            coverage.set(&resource.type_name, &resource.region, Outcome::Complete { count: 1 });
        }
        coverage.set(THING, HERE, Outcome::Complete { count: 1 });
        for (type_name, region, baseline) in &self.blind {
            if *baseline == is_baseline {
                coverage.set(type_name, region, Outcome::Denied { action: "test:List".into() });
            }
        }
        let taken = at(if is_baseline { BASELINE_AT } else { NOW });
        Snapshot {
            header: Header {
                name: "base".parse().expect("a name"),
                created_at: taken,
                completed_at: taken,
                account: ACCOUNT.into(),
                partition: "aws".into(),
                caller: Caller { arn: self.caller.clone(), user_id: "A".into() },
                scope: Scope::default(),
                filters: if is_baseline { self.filters.clone() } else { Filters::default() },
                metadata: BTreeMap::new(),
                mask_key: "k".into(),
                tool: Tool { version: "0".into(), normaliser: canon::NORMALISER.into() },
                found: 0,
            },
            coverage,
            resources: resources.to_vec(),
        }
    }

    fn delta(&self) -> Delta {
        diff(&self.snapshot(&self.baseline, true), &self.snapshot(&self.live, false)).expect("comparable")
    }

    fn plan(&self) -> Plan {
        self.plan_of(&self.delta())
    }

    fn plan_of(&self, delta: &Delta) -> Plan {
        self.try_plan_of(delta).expect("a plan")
    }

    fn try_plan_of(&self, delta: &Delta) -> Result<Plan, Unplannable> {
        let (baseline, live) = (self.snapshot(&self.baseline, true), self.snapshot(&self.live, false));
        plan(&PlanInput {
            delta,
            live: &live,
            baseline: &baseline,
            baseline_digest: "b3d1:0",
            own: &self.own,
            options: &self.options,
            costs: None,
            now: at(NOW),
            valid_for: VALID_FOR,
            spec_of,
        })
    }
}

/// The plan in one line each: wave, kind and id of each action, then id and codes of each refusal.
fn told(plan: &Plan) -> Vec<String> {
    let actions = plan.actions.iter().map(|action| format!("{} {} {}", action.wave, action.kind, action.resource.id));
    let refused = plan.refused.iter().map(|refused| {
        let codes: Vec<&str> = refused.reasons.iter().map(Refusal::code).collect();
        format!("x {} {}", refused.resource.id, codes.join(" "))
    });
    actions.chain(refused).collect()
}

fn action<'p>(plan: &'p Plan, id: &str) -> &'p Action {
    plan.deletes().find(|action| action.resource.id == id).expect("it is planned")
}

/// Names of what holds a resource back.
fn held_by(plan: &Plan, id: &str) -> Vec<String> {
    let refused = plan.refused.iter().find(|refused| refused.resource.id == id).expect("it is refused");
    let names = refused.reasons.iter().flat_map(|reason| match reason {
        Refusal::PinnedBy { by } | Refusal::BlockedBy { by } => by.clone(),
        _ => Vec::new(),
    });
    names.map(|blocker| format!("{}: {}", blocker.resource.id, blocker.why)).collect()
}
