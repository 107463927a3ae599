//! What must hold for any account: generated ones, with circles, sharing, owners, pins, protections and blind spots.
//!
//! The rules are checked against the generated account itself, not against what the planner makes of it.

use std::collections::{BTreeSet, HashMap, HashSet};

use proptest::prelude::*;

use super::*;
use crate::catalog::seal;
use crate::model::{ActionId, ActionKind};

const SCALING: &str = "AWS::AutoScaling::AutoScalingGroup";
const ROLE: &str = "AWS::IAM::Role";
const POLICY: &str = "AWS::IAM::ManagedPolicy";
const KEY: &str = "AWS::KMS::Key";
const KINDS: &[&str] = &[THING, DATA, SNAPPED, GUARDED, NEVER, GROUP, SCALING, ROLE, POLICY, KEY];
const REGIONS: &[&str] = &[HERE, "us-east-1"];

/// One generated resource.
#[derive(Debug, Clone)]
struct Node {
    kind: usize,
    there: bool,
    kept: bool,
    protected: bool,
    guarded: bool,
    made_by_aws: bool,
    old: bool,
    owner: Option<usize>,
    refs: Vec<usize>,
}

/// One generated account with its options.
#[derive(Debug, Clone)]
struct Case {
    nodes: Vec<Node>,
    blind: Vec<(usize, bool, bool)>,
    options: Options,
}

fn node() -> impl Strategy<Value = Node> {
    let some = |percent: u32| proptest::bool::weighted(f64::from(percent) / 100.0);
    let owner = proptest::option::weighted(0.2, 0..12usize);
    let refs = proptest::collection::vec(0..12usize, 0..3);
    ((0..KINDS.len(), some(70), some(25)), (some(6), some(20), some(5), some(4)), owner, refs).prop_map(
        |((kind, there, kept), (protected, guarded, made_by_aws, old), owner, refs)| Node {
            kind,
            there,
            kept,
            protected,
            guarded,
            made_by_aws,
            old,
            owner,
            refs,
        },
    )
}

fn case() -> impl Strategy<Value = Case> {
    let blind = proptest::collection::vec((0..KINDS.len(), any::<bool>(), any::<bool>()), 0..2);
    let switches = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let limit = prop_oneof![9 => Just(1_000usize), 1 => 0..4usize];
    (proptest::collection::vec(node(), 1..12), blind, switches, limit).prop_map(|(nodes, blind, on, max_deletes)| {
        let (data_loss, disable_protection, delete_owned, modify_kept, snapshots) = on;
        let final_snapshot = snapshots.then(|| "final".to_owned());
        let switches = Switches { data_loss, disable_protection, final_snapshot };
        let options =
            Options { max_deletes, max_percent: 100, switches, delete_owned, modify_kept, ..Options::default() };
        Case { nodes, blind: blind.into_iter().collect(), options }
    })
}

impl Case {
    fn region(&self, n: usize) -> &'static str {
        match KINDS[self.nodes[n].kind] {
            ROLE | POLICY => "global",
            _ => REGIONS[usize::from(n % 5 == 4)],
        }
    }

    fn id(&self, n: usize) -> String {
        match KINDS[self.nodes[n].kind] {
            GROUP => format!("sg-{n:017x}"),
            POLICY => arn(&format!("n{n}")),
            _ => format!("n{n}"),
        }
    }

    fn reaches(&self, from: usize, to: usize) -> bool {
        if from == to || to >= self.nodes.len() {
            return false;
        }
        let (a, b) = (self.region(from), self.region(to));
        a == b || a == "global" || b == "global"
    }

    fn resource(&self, n: usize) -> Resource {
        let node = &self.nodes[n];
        let mut properties = Properties::new();
        let mut rules = Vec::new();
        let mut policies = Vec::new();
        let mut refs = Vec::new();
        for to in node.refs.iter().copied().filter(|to| *to < self.nodes.len()) {
            match (KINDS[node.kind], KINDS[self.nodes[to].kind]) {
                (GROUP, GROUP) => rules.push(json!({"SourceSecurityGroupId": self.id(to)})),
                (ROLE, POLICY) => policies.push(arn(&format!("n{to}"))),
                _ => refs.push(arn(&format!("n{to}"))),
            }
        }
        properties.insert("SecurityGroupIngress".into(), rules.into());
        properties.insert("ManagedPolicyArns".into(), policies.into());
        properties.insert("Refs".into(), refs.into());
        if node.guarded {
            properties.insert("On".into(), json!(true));
            properties.insert("Replica".into(), json!(true));
        }
        let mut resource = resource(KINDS[node.kind], &self.id(n), Value::Object(properties));
        resource.arn = Some(arn(&format!("n{n}")));
        resource.region = self.region(n).into();
        resource.aws_made = node.made_by_aws.then(|| "made".to_owned());
        if node.kept || node.old {
            resource.created_at = Some(at("2026-01-01T00:00:00Z"));
        }
        if node.protected {
            resource.tags.insert("keep".into(), "yes".into());
        }
        if let Some(owner) = node.owner {
            let groups: Vec<usize> = (0..self.nodes.len()).filter(|n| KINDS[self.nodes[*n].kind] == SCALING).collect();
            let group = if owner < 10 && !groups.is_empty() { Some(groups[owner % groups.len()]) } else { None };
            let kind = if group.is_some() { "auto-scaling-group" } else { "karpenter" };
            resource.owner = Some(Owner { kind: kind.into(), id: format!("n{}", group.unwrap_or(owner)) });
        }
        rehashed(resource)
    }

    fn account(&self) -> Account {
        let all = |wanted: fn(&Node) -> bool| {
            (0..self.nodes.len()).filter(move |n| wanted(&self.nodes[*n])).map(|n| self.resource(n))
        };
        let mut account = Account::new(Vec::new(), Vec::new());
        account.baseline = all(|node| node.kept).collect();
        // Some of the kept ones were deleted since, and made again.
        for (n, resource) in (0..self.nodes.len()).filter(|n| self.nodes[*n].kept).zip(&mut account.baseline) {
            if self.nodes[n].old {
                resource.created_at = Some(at("2025-01-01T00:00:00Z"));
            }
        }
        account.live = all(|node| node.there).collect();
        let keep = crate::model::TagRule { key: "keep".into(), value: Some("yes".into()) };
        let rule = crate::model::ProtectRule { tags: vec![keep], ..crate::model::ProtectRule::default() };
        account.options = Options { protect: vec![rule], ..self.options.clone() };
        account.blind = self
            .blind
            .iter()
            .map(|(kind, here, side)| {
                let region =
                    if [ROLE, POLICY].contains(&KINDS[*kind]) { "global" } else { REGIONS[usize::from(*here)] };
                (KINDS[*kind], region, *side)
            })
            .collect();
        account
    }
}

type Key = (String, String, String);

fn key(type_name: &str, region: &str, id: &str) -> Key {
    (type_name.to_owned(), region.to_owned(), id.to_owned())
}

fn keys<'r>(resources: impl IntoIterator<Item = &'r Resource>) -> BTreeSet<Key> {
    resources.into_iter().map(|r| key(&r.type_name, &r.region, &r.id)).collect()
}

/// What goes, by key, with the actions that take it: its own, or those of what takes it along.
fn going(plan: &Plan) -> HashMap<Key, Vec<ActionId>> {
    let mut going: HashMap<Key, Vec<ActionId>> = HashMap::new();
    for action in plan.deletes() {
        let resource = &action.resource;
        going.entry(key(&resource.type_name, &resource.region, &resource.id)).or_default().push(action.id.clone());
        for along in &action.takes_along {
            going.entry(key(&along.type_name, &along.region, &along.id)).or_default().push(action.id.clone());
        }
    }
    going
}

fn planned_and_refused_are_what_was_added(plan: &Plan, delta: &Delta) {
    let mut told: Vec<Key> = Vec::new();
    told.extend(plan.deletes().map(|a| key(&a.resource.type_name, &a.resource.region, &a.resource.id)));
    let refused = plan.refused.iter().filter(|refused| refused.reasons[0].code() != "replaced");
    told.extend(refused.map(|r| key(&r.resource.type_name, &r.resource.region, &r.resource.id)));
    let once: BTreeSet<Key> = told.iter().cloned().collect();
    assert_eq!(told.len(), once.len(), "something stands twice");
    assert_eq!(once, keys(delta.newcomers()));
    assert!(plan.refused.iter().all(|refused| !refused.reasons.is_empty()));
}

fn nothing_that_must_stay_goes(plan: &Plan, account: &Account) {
    let baseline = keys(&account.baseline);
    let kept_from = |r: &&Resource| r.tags.contains_key("keep") || r.created_at == Some(at("2026-01-01T00:00:00Z"));
    let protected = keys(account.live.iter().filter(kept_from));
    let (before, after) = (account.snapshot(&account.baseline, true), account.snapshot(&account.live, false));
    for (gone, _) in going(plan) {
        assert!(!baseline.contains(&gone), "{gone:?} stands in the baseline");
        assert!(!protected.contains(&gone), "{gone:?} is protected");
        for snapshot in [&before, &after] {
            let outcome = snapshot.coverage.get(&gone.0, &gone.1);
            assert!(outcome.is_some_and(Outcome::is_complete), "{gone:?} is unknown");
        }
    }
    // An owner that goes takes all its things along: it may go only if all of them may.
    let going = going(plan);
    for resource in &account.live {
        let Some(owner) = resource.owner.as_ref().filter(|owner| owner.kind == "auto-scaling-group") else { continue };
        let goes = going.contains_key(&key(&resource.type_name, &resource.region, &resource.id));
        let near = |region: &str| resource.region == "global" || resource.region == region;
        let owner_goes = plan.deletes().any(|action| {
            let group = &action.resource;
            group.id == owner.id && group.id != resource.id && near(&group.region)
        });
        assert!(goes || !owner_goes, "{} stays and its owner {} goes", resource.id, owner.id);
    }
    for action in &plan.actions {
        let resource = &action.resource;
        let is_kept = baseline.contains(&key(&resource.type_name, &resource.region, &resource.id));
        match action.kind {
            ActionKind::Modify => assert!(is_kept && account.options.modify_kept, "{action:?}"),
            ActionKind::Prepare => assert!(!is_kept, "{action:?}"),
            ActionKind::Delete => {
                let live = account.live.iter().find(|r| r.key() == resource.key()).expect("it is there");
                assert!(live.aws_made.is_none(), "{action:?}");
                assert!(live.owner.is_none() || account.options.delete_owned, "{action:?}");
                assert!(account.options.switches.data_loss || !action.data_loss, "{action:?}");
                let guarded = live.type_name == GUARDED && live.properties.contains_key("On");
                assert!(account.options.switches.disable_protection || !guarded, "{action:?}");
            }
        }
    }
}

fn the_order_respects_every_use(plan: &Plan, case: &Case) {
    let going = going(plan);
    let of = |n: usize| going.get(&key(KINDS[case.nodes[n].kind], case.region(n), &case.id(n)));
    for from in (0..case.nodes.len()).filter(|n| case.nodes[*n].there) {
        for to in case.nodes[from].refs.iter().copied().filter(|to| case.reaches(from, *to)) {
            let Some(targets) = of(to).filter(|_| case.nodes[to].there) else { continue };
            let cut = plan.actions.iter().find(|action| {
                action.kind != ActionKind::Delete
                    && action.resource.id == case.id(from)
                    && action.steps.iter().any(|step| step.target == case.id(to))
            });
            for target in targets {
                let target = plan.action(target).expect("an action");
                let waits_for = |id: &ActionId| target.waits_for.iter().any(|wait| wait.action == *id);
                match (cut, of(from)) {
                    (Some(cut), _) => assert!(waits_for(&cut.id), "{to} does not wait for the change of {from}"),
                    (None, None) => panic!("{to} goes although {from} uses it and stays"),
                    // The same thing takes both.
                    (None, Some(sources)) if sources.contains(&target.id) => {}
                    (None, Some(sources)) => {
                        assert!(sources.iter().all(waits_for), "{to} does not wait for {from}");
                    }
                }
            }
        }
    }
    for action in &plan.actions {
        let before = action.waits_for.iter().map(|wait| plan.action(&wait.action).expect("an action").wave).max();
        assert!(action.wave > before.unwrap_or(0), "{action:?}");
        if action.after_all.is_none() {
            assert_eq!(action.wave, before.unwrap_or(0) + 1, "{action:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]
    #[test]
    fn every_account_gets_a_sound_plan(case in case(), turn in 0..12usize) {
        let account = case.account();
        if account.live.is_empty() {
            return Ok(());
        }
        let delta = account.delta();
        let Ok(plan) = account.try_plan_of(&delta) else {
            prop_assert_eq!(account.try_plan_of(&delta), Err(Unplannable::NoCoverage));
            return Ok(());
        };
        planned_and_refused_are_what_was_added(&plan, &delta);
        nothing_that_must_stay_goes(&plan, &account);
        the_order_respects_every_use(&plan, &case);
        let most = account.options.max_deletes;
        prop_assert!(plan.deletes().count() <= most);
        prop_assert!(seal::is_sealed(&plan));

        let mut turned = account.clone();
        let by = turn % turned.live.len();
        turned.live.rotate_left(by);
        turned.baseline.reverse();
        let mut turned_delta = delta.clone();
        turned_delta.added.reverse();
        turned_delta.settled.reverse();
        turned_delta.replaced.reverse();
        turned_delta.unknown.reverse();
        prop_assert_eq!(&plan, &turned.plan_of(&turned_delta));
    }
}

#[test]
fn generated_accounts_are_worth_it() {
    // A generator that makes nothing interesting would let every rule hold.
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen: HashSet<&'static str> = HashSet::new();
    let mut kinds: HashSet<ActionKind> = HashSet::new();
    let mut waves = 0;
    for _ in 0..1_500 {
        let case = case().new_tree(&mut runner).expect("a case").current();
        let account = case.account();
        let Ok(plan) = account.try_plan_of(&account.delta()) else { continue };
        seen.extend(plan.refused.iter().flat_map(|refused| &refused.reasons).map(Refusal::code));
        kinds.extend(plan.actions.iter().map(|action| action.kind));
        waves = waves.max(plan.waves());
    }
    for code in [
        "aws-made",
        "blocked-by",
        "cannot-delete",
        "contradiction",
        "deletion-protected",
        "holds-data",
        "over-cap",
        "owned",
        "pinned-by",
        "predates-baseline",
        "protected",
        "replaced",
    ] {
        assert!(seen.contains(code), "no generated account has {code}");
    }
    assert_eq!(kinds.len(), 3, "{kinds:?}");
    assert!(waves >= 4, "{waves} waves");
}

/// Tags can say anything: two groups that own each other, of which one belongs to the baseline.
#[test]
fn owners_in_a_circle_hold_each_other() {
    let kind = KINDS.iter().position(|kind| *kind == SCALING).expect("a kind");
    let node = |kept, owner| Node {
        kind,
        there: true,
        kept,
        protected: false,
        guarded: false,
        made_by_aws: false,
        old: false,
        owner: Some(owner),
        refs: Vec::new(),
    };
    let options = Options { max_percent: 100, delete_owned: true, ..Options::default() };
    let case = Case { nodes: vec![node(true, 1), node(false, 0)], blind: Vec::new(), options };
    let account = case.account();
    let plan = account.plan_of(&account.delta());
    assert!(plan.actions.is_empty(), "{:?}", plan.actions);
    nothing_that_must_stay_goes(&plan, &account);
}
