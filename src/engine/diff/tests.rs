use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::catalog::canon;
use crate::model::{Caller, Coverage, Header, Properties, Scope, Tool};

const QUEUE: &str = "AWS::SQS::Queue";

fn snapshot(resources: Vec<Resource>) -> Snapshot {
    let at = "2026-01-05T10:00:00Z".parse().expect("a date");
    let mut coverage = Coverage::default();
    for region in ["eu-west-1", "us-east-1"] {
        coverage.set(QUEUE, region, Outcome::Complete { count: 1 });
    }
    let mut resources = resources;
    resources.sort_by(|a, b| a.key().cmp(&b.key()));
    Snapshot {
        header: Header {
            name: "a".parse().expect("a name"),
            created_at: at,
            completed_at: at,
            account: "123456789012".into(),
            partition: "aws".into(),
            caller: Caller { arn: "arn:aws:iam::123456789012:user/a".into(), user_id: "A".into() },
            scope: Scope::default(),
            filters: Filters::default(),
            metadata: BTreeMap::new(),
            mask_key: "k".into(),
            tool: Tool { version: "0".into(), normaliser: canon::NORMALISER.into() },
            found: 0,
        },
        coverage,
        resources,
    }
}

fn resource(id: &str, properties: Value) -> Resource {
    let Value::Object(properties) = properties else { panic!("not an object") };
    let mut resource = Resource {
        type_name: QUEUE.into(),
        id: id.into(),
        arn: None,
        name: None,
        region: "eu-west-1".into(),
        created_at: None,
        tags: BTreeMap::new(),
        properties,
        unreadable: BTreeMap::new(),
        observed: Properties::new(),
        owner: None,
        aws_made: None,
        undetermined: false,
        hash: String::new(),
    };
    resource.hash = canon::rehash(&resource);
    resource
}

fn paths(before: Value, after: Value) -> Vec<String> {
    let delta =
        diff(&snapshot(vec![resource("q", before)]), &snapshot(vec![resource("q", after)])).expect("comparable");
    let changes = delta.modified.into_iter().flat_map(|modified| modified.changes);
    changes.map(|change| format!("{} {:?}", change.path, change.change)).collect()
}

#[test]
fn fields_are_named_with_old_and_new() {
    assert_eq!(paths(json!({"A": 1, "B": {"C": 2}}), json!({"A": 1, "B": {"C": 3}})), ["properties.B.C Changed"]);
    assert_eq!(paths(json!({"A": 1}), json!({"B": 1})), ["properties.A Removed", "properties.B Added"]);
}

#[test]
fn elements_are_named_by_what_names_them() {
    let before = json!({"Policies": [{"PolicyName": "a", "Doc": 1}, {"PolicyName": "b", "Doc": 1}]});
    let after = json!({"Policies": [{"PolicyName": "b", "Doc": 2}, {"PolicyName": "c", "Doc": 1}]});
    assert_eq!(
        paths(before, after),
        ["properties.Policies[a] Removed", "properties.Policies[b].Doc Changed", "properties.Policies[c] Added"]
    );
    assert_eq!(
        paths(json!({"L": ["a", "b"]}), json!({"L": ["b", "c"]})),
        ["properties.L[] Removed", "properties.L[] Added"]
    );
    assert_eq!(paths(json!({"L": ["a", "b"]}), json!({"L": ["b", "a"]})), ["properties.L Changed"]);
}

#[test]
fn another_creation_time_is_another_resource() {
    let born = |at: &str| Resource { created_at: Some(at.parse().expect("a date")), ..resource("q", json!({})) };
    let delta = diff(&snapshot(vec![born("2026-01-05T10:00:00Z")]), &snapshot(vec![born("2026-01-06T10:00:00Z")]))
        .expect("comparable");
    assert_eq!((delta.replaced.len(), delta.unchanged), (1, 0));
}

#[test]
fn a_cell_that_could_not_be_read_hides_its_resources() {
    let full = snapshot(vec![resource("q", json!({}))]);
    for outcome in [
        Outcome::Denied { action: "sqs:ListQueues".into() },
        Outcome::Failed { code: "Throttling".into(), message: String::new() },
        Outcome::Cancelled,
        Outcome::RegionDisabled,
    ] {
        let mut blind = snapshot(Vec::new());
        blind.coverage.set(QUEUE, "eu-west-1", outcome);
        for (before, after) in [(&full, &blind), (&blind, &full)] {
            let delta = diff(before, after).expect("comparable");
            assert!(!delta.has_drift(), "{delta:?}");
            assert_eq!(delta.unknown.len(), 1);
            assert_eq!(delta.unknown[0].resources, 1);
        }
    }
}

#[test]
fn what_the_first_did_not_look_at_is_out_of_scope() {
    let mut before = snapshot(Vec::new());
    before.coverage = Coverage::default();
    before.coverage.set(QUEUE, "us-east-1", Outcome::Complete { count: 0 });
    let delta = diff(&before, &snapshot(vec![resource("q", json!({}))])).expect("comparable");
    assert!(!delta.has_drift() && delta.unknown.is_empty());
}

#[test]
fn what_may_not_be_read_is_compared_on_neither_side() {
    let whole = resource("q", json!({"A": 1, "Policy": "x"}));
    let mut blind = resource("q", json!({"A": 1}));
    blind.unreadable.insert("Policy".into(), "AccessDenied: sqs:GetQueueAttributes".into());
    let delta = diff(&snapshot(vec![whole.clone()]), &snapshot(vec![blind.clone()])).expect("comparable");
    assert!(!delta.has_drift());
    assert_eq!(delta.not_compared, 1);
    blind.properties.insert("A".into(), json!(2));
    let delta = diff(&snapshot(vec![whole]), &snapshot(vec![blind])).expect("comparable");
    assert_eq!(delta.modified[0].changes[0].path, "properties.A");
}

#[test]
fn masks_of_two_keys_are_not_compared() {
    let with = |mask: &str| resource("q", json!({"A": {"$masked": mask}, "B": 1}));
    let before = snapshot(vec![with("b3k1:1")]);
    let mut after = snapshot(vec![with("b3k1:2")]);
    assert_eq!(diff(&before, &after).expect("comparable").modified.len(), 1);
    after.header.mask_key = "other".into();
    let delta = diff(&before, &after).expect("comparable");
    assert_eq!((delta.modified.len(), delta.not_compared), (0, 1));
}

#[test]
fn undetermined_resources_are_never_drift() {
    let mut before = snapshot(Vec::new());
    before.header.filters.created_before = Some("2026-01-05T00:00:00Z".parse().expect("a date"));
    let late =
        Resource { created_at: Some("2026-02-01T00:00:00Z".parse().expect("a date")), ..resource("late", json!({})) };
    let delta = diff(&before, &snapshot(vec![resource("q", json!({})), late])).expect("comparable");
    assert_eq!(delta.undetermined.len(), 1);
    assert_eq!(delta.added.iter().map(|resource| resource.id.as_str()).collect::<Vec<_>>(), ["late"]);
}

#[test]
fn two_accounts_are_not_compared() {
    let mut other = snapshot(Vec::new());
    other.header.account = "210987654321".into();
    assert!(matches!(diff(&snapshot(Vec::new()), &other), Err(Incomparable::Account(..))));
    other.header.partition = "aws-cn".into();
    assert!(matches!(diff(&snapshot(Vec::new()), &other), Err(Incomparable::Partition(..))));
}

fn resources() -> impl Strategy<Value = Vec<Resource>> {
    let fields = proptest::collection::btree_map(
        "[A-C]",
        prop_oneof![
            (0..3i64).prop_map(Value::from),
            proptest::collection::vec("[a-c]", 0..3).prop_map(Value::from),
            proptest::collection::vec(("[a-c]", 0..2i64).prop_map(|(n, v)| json!({"Name": n, "V": v})), 0..3)
                .prop_map(Value::from),
        ],
        0..3,
    );
    let one = (fields, any::<bool>(), 0..3u8).prop_map(|(fields, dated, region)| {
        let mut resource = resource("", fields.into_iter().collect());
        resource.created_at = dated.then(|| "2026-01-05T10:00:00Z".parse().expect("a date"));
        resource.region = ["eu-west-1", "us-east-1", "eu-north-1"][usize::from(region)].into();
        resource
    });
    proptest::collection::btree_map("[a-e]", one, 0..5).prop_map(|map| {
        map.into_iter()
            .map(|(id, resource)| {
                let mut resource = Resource { id, ..resource };
                resource.hash = canon::rehash(&resource);
                resource
            })
            .collect()
    })
}

fn ids(resources: &[Resource]) -> Vec<&str> {
    resources.iter().map(|resource| resource.id.as_str()).collect()
}

proptest! {
    #[test]
    fn nothing_differs_from_itself(resources in resources()) {
        let one = snapshot(resources);
        let delta = diff(&one, &one).expect("comparable");
        prop_assert!(!delta.has_drift());
    }

    #[test]
    fn there_and_back_mirror_each_other(a in resources(), b in resources()) {
        let (a, b) = (snapshot(a), snapshot(b));
        let there = diff(&a, &b).expect("comparable");
        let back = diff(&b, &a).expect("comparable");
        prop_assert_eq!(ids(&there.added), ids(&back.deleted));
        prop_assert_eq!(ids(&there.deleted), ids(&back.added));
        prop_assert_eq!(there.unchanged, back.unchanged);
        let forth: Vec<_> = there.modified.iter().map(|m| (&m.before, &m.after)).collect();
        let turned: Vec<_> = back.modified.iter().map(|m| (&m.after, &m.before)).collect();
        prop_assert_eq!(forth, turned);
    }

    #[test]
    fn the_order_of_input_does_not_matter(a in resources(), b in resources()) {
        let (a, b) = (snapshot(a), snapshot(b));
        let mut turned = b.clone();
        turned.resources.reverse();
        prop_assert_eq!(diff(&a, &b), diff(&a, &turned));
    }

    #[test]
    fn every_resource_ends_in_one_place(a in resources(), b in resources()) {
        let (a, b) = (snapshot(a), snapshot(b));
        let delta = diff(&a, &b).expect("comparable");
        let in_scope = |r: &&Resource| r.region != "eu-north-1";
        let keys: BTreeSet<_> = a.resources.iter().chain(&b.resources).filter(in_scope).map(Resource::key).collect();
        let told = delta.added.len() + delta.deleted.len() + delta.modified.len() + delta.replaced.len()
            + delta.unchanged + delta.undetermined.len();
        prop_assert_eq!(keys.len(), told);
    }
}
