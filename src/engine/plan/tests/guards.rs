//! One readable example for each reason why something is left alone.

use super::*;
use crate::model::{ProtectRule, TagRule};

/// What is refused alone, with nothing around it.
fn codes(account: &Account) -> Vec<String> {
    told(&account.plan())
}

fn one(resource: Resource) -> Account {
    Account::new(Vec::new(), vec![resource])
}

#[test]
fn what_was_added_goes_and_nothing_else() {
    let account = Account::new(vec![thing("kept", &[])], vec![thing("new", &[])]);
    assert_eq!(codes(&account), ["1 delete new"]);
}

#[test]
fn what_was_made_again_is_left_to_people() {
    let before = Resource { created_at: Some(at("2026-01-01T10:00:00Z")), ..thing("again", &[]) };
    let mut account = Account::new(vec![before], Vec::new());
    account.live = vec![thing("again", &[])];
    assert_eq!(codes(&account), ["x again replaced"]);
}

#[test]
fn a_mistake_of_the_comparison_deletes_nothing_of_the_baseline() {
    let account = Account::new(vec![thing("kept", &[])], Vec::new());
    let wrong = Delta { added: vec![thing("kept", &[]), thing("nowhere", &[])], ..Delta::default() };
    assert_eq!(told(&account.plan_of(&wrong)), ["x kept in-baseline", "x nowhere unknown"]);
}

#[test]
fn what_could_not_be_looked_at_is_never_touched() {
    let mut account = one(thing("new", &[]));
    let delta = Delta { added: vec![thing("new", &[])], ..Delta::default() };
    account.blind = vec![(THING, HERE, true)];
    assert_eq!(told(&account.plan_of(&delta)), ["x new unknown"]);
    account.blind = vec![(THING, HERE, false)];
    assert_eq!(account.try_plan_of(&delta), Err(Unplannable::NoCoverage));
    account.live.push(resource(DATA, "other", json!({})));
    assert_eq!(told(&account.plan_of(&delta)), ["x new unknown"]);
    account.live.pop();
    account.live[0].undetermined = true;
    account.blind.clear();
    let delta = Delta { added: account.live.clone(), ..Delta::default() };
    assert_eq!(told(&account.plan_of(&delta)), ["x new undetermined"]);
}

#[test]
fn what_aws_made_or_marked_stays() {
    let made = Resource { aws_made: Some("default".into()), ..thing("made", &[]) };
    assert_eq!(codes(&one(made)), ["x made aws-made"]);
    let mut claimed = thing("claimed", &[]);
    claimed.observed.insert("RequesterManaged".into(), json!(true));
    assert_eq!(codes(&one(claimed)), ["x claimed aws-made"]);
    let foreign = Resource { arn: Some(format!("arn:aws:test:{HERE}:210987654321:thing/x")), ..thing("x", &[]) };
    assert_eq!(codes(&one(foreign)), ["x x other-account"]);
    for name in ["aws-controltower-logs", "cdk-hnb659fds-assets", "prod-DO-NOT-DELETE", "do_not_delete.me"] {
        let account = one(Resource { name: Some(name.into()), ..thing("named", &[]) });
        assert_eq!(codes(&account), ["x named reserved"], "{name}");
    }
    assert_eq!(codes(&one(tagged(thing("t", &[]), "aws-baseline:protect", "yes"))), ["x t reserved"]);
    assert_eq!(codes(&one(tagged(thing("t", &[]), "DoNotDelete", "false"))), ["1 delete t"]);
    let named_like = Resource { name: Some("my-aws-controltower-test".into()), ..thing("n", &[]) };
    assert_eq!(codes(&one(named_like)), ["1 delete n"]);
}

#[test]
fn rules_and_the_command_line_protect() {
    let tag = |key: &str, value: Option<&str>| TagRule { key: key.into(), value: value.map(str::to_owned) };
    let rules = [
        ProtectRule { type_name: Some("test::*".into()), ..ProtectRule::default() },
        ProtectRule { type_name: Some("TEST::THING".into()), ..ProtectRule::default() },
        ProtectRule { arn: Some("arn:aws:test:*:thing/new".into()), ..ProtectRule::default() },
        ProtectRule { tags: vec![tag("Stage", Some("prod"))], ..ProtectRule::default() },
        ProtectRule { tags: vec![tag("Stage", None)], ..ProtectRule::default() },
        ProtectRule::default(),
    ];
    let new = || one(tagged(thing("new", &[]), "Stage", "prod"));
    for rule in rules {
        let mut account = new();
        account.options.protect = vec![rule.clone()];
        assert_eq!(codes(&account), ["x new protected"], "{rule:?}");
    }
    let mut account = new();
    account.options.protect = vec![ProtectRule { tags: vec![tag("Stage", Some("test"))], ..ProtectRule::default() }];
    assert_eq!(codes(&account), ["1 delete new"]);
    for exclude in ["new", "arn:aws:test:*", "n?w"] {
        let mut account = new();
        account.options.exclude = vec![exclude.into()];
        assert_eq!(codes(&account), ["x new excluded"], "{exclude}");
    }
    let mut account = new();
    account.options.exclude_tags = vec![tag("Stage", Some("prod"))];
    assert_eq!(codes(&account), ["x new excluded"]);
    let mut account = new();
    account.options.types = vec![DATA.into()];
    assert_eq!(codes(&account), ["x new not-selected"]);
    let mut account = new();
    account.options.regions = vec!["us-east-1".into()];
    assert_eq!(codes(&account), ["x new not-selected"]);
}

/// What is excluded under a wrong name would be deleted all the same, and nobody would know.
#[test]
fn an_exclusion_that_fits_nothing_is_noticed() {
    let mut account = one(tagged(thing("a", &[]), "Team", "ops"));
    account.options.exclude = vec!["a".into(), "b*".into()];
    let tag = |key: &str, value: Option<&str>| TagRule { key: key.into(), value: value.map(str::to_owned) };
    account.options.exclude_tags = vec![tag("Team", None), tag("Team", Some("dev"))];
    let found = idle(&account.options, &account.delta()).expect("globs");
    assert_eq!(found, ["--exclude b*", "--exclude-tag Team=dev"]);
}

#[test]
fn age_counts() {
    let mut account = one(thing("new", &[]));
    account.options.min_age_seconds = Some(600);
    assert_eq!(codes(&account), ["1 delete new"]);
    account.live[0].created_at = Some(at("2026-02-01T09:55:00Z"));
    assert_eq!(codes(&account), ["x new too-young"]);
    account.live[0].created_at = None;
    assert_eq!(codes(&account), ["x new age-unknown"]);
    account.options.min_age_seconds = None;
    assert_eq!(codes(&account), ["1 delete new"]);
    account.live[0].created_at = Some(at("2026-01-05T09:00:00Z"));
    assert_eq!(codes(&account), ["x new predates-baseline"]);
    // Clocks differ a little.
    account.live[0].created_at = Some(at("2026-01-05T09:58:00Z"));
    assert_eq!(codes(&account), ["1 delete new"]);
}

#[test]
fn an_old_resource_that_was_tagged_is_not_new() {
    let mut account = one(tagged(Resource { created_at: None, ..thing("old", &[]) }, "Team", "x"));
    account.filters.tags.insert("Team".into(), "x".into());
    assert_eq!(codes(&account), ["x old predates-baseline"]);
}

#[test]
fn content_and_protections_need_an_opt_in() {
    let mut account = one(resource(DATA, "d", json!({})));
    assert_eq!(codes(&account), ["x d holds-data"]);
    account.options.switches.data_loss = true;
    let plan = account.plan();
    assert!(action(&plan, "d").data_loss && action(&plan, "d").risk.level == crate::model::RiskLevel::High);

    let mut account = one(resource(GUARDED, "g", json!({"On": true})));
    assert_eq!(codes(&account), ["x g deletion-protected"]);
    account.options.switches.disable_protection = true;
    assert_eq!(action(&account.plan(), "g").disables_protection.as_deref(), Some("On"));

    assert_eq!(codes(&one(resource(NEVER, "n", json!({})))), ["x n cannot-delete"]);
    assert_eq!(codes(&one(resource("Test::Strange", "s", json!({})))), ["x s cannot-delete"]);
}

#[test]
fn a_final_snapshot_is_no_loss_where_it_is_taken() {
    let mut account = one(resource(SNAPPED, "db", json!({})));
    let plan = account.plan();
    assert!(!action(&plan, "db").data_loss);
    assert_eq!(action(&plan, "db").reversible.as_deref(), Some("restore of the final snapshot"));
    account.options.switches.final_snapshot = None;
    assert_eq!(codes(&account), ["x db holds-data"]);
    let replica = one(resource(SNAPPED, "replica", json!({"Replica": true})));
    assert_eq!(codes(&replica), ["x replica holds-data"]);
    // What a member of a cluster holds is the cluster's.
    let member = one(resource("AWS::RDS::DBInstance", "member", json!({"DBClusterIdentifier": "c"})));
    assert!(!action(&member.plan(), "member").data_loss);
}

#[test]
fn what_is_in_use_by_something_that_stays_is_pinned_and_pins_on() {
    let account = Account::new(
        vec![thing("kept", &["used"])],
        vec![thing("used", &["deeper"]), thing("deeper", &[]), thing("free", &["used"])],
    );
    let plan = account.plan();
    assert_eq!(told(&plan), ["1 delete free", "x deeper blocked-by", "x used pinned-by"]);
    assert_eq!(held_by(&plan, "used"), ["kept: refers to it in Refs.*"]);
    assert_eq!(held_by(&plan, "deeper"), ["used: refers to it in Refs.*"]);
}

#[test]
fn things_out_of_scope_pin_too() {
    let mut account = Account::new(Vec::new(), vec![thing("new", &[])]);
    account.live.push(Resource { undetermined: true, ..thing("unsure", &["new"]) });
    assert_eq!(codes(&account), ["x new pinned-by"]);
}

#[test]
fn unseen_users_of_what_aws_does_not_guard() {
    let role = || {
        let role = resource("AWS::IAM::Role", "role", json!({}));
        Resource { region: "global".into(), arn: Some(format!("arn:aws:iam::{ACCOUNT}:role/role")), ..role }
    };
    let mut account = one(role());
    assert_eq!(codes(&account), ["1 delete role"]);
    account.blind = vec![("AWS::Lambda::Function", HERE, false)];
    assert_eq!(codes(&account), ["x role unseen-users"]);
    account.blind = vec![("AWS::GuardDuty::Detector", HERE, false)];
    assert_eq!(codes(&account), ["1 delete role"]);
}

#[test]
fn the_callers_own_identity_stays() {
    let iam = |type_name: &str, kind: &str, id: &str, properties: Value| Resource {
        region: "global".into(),
        arn: Some(format!("arn:aws:iam::{ACCOUNT}:{kind}/{id}")),
        name: Some(id.into()),
        ..resource(type_name, id, properties)
    };
    let provider = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/ci");
    let trust = json!({"Statement": [{"Effect": "Allow", "Principal": {
        "Federated": [provider], "AWS": [format!("arn:aws:iam::{ACCOUNT}:role/first")]}}]});
    let added = || {
        vec![
            iam(
                "AWS::IAM::Role",
                "role",
                "runner",
                json!({
                "AssumeRolePolicyDocument": trust, "ManagedPolicyArns": [format!("arn:aws:iam::{ACCOUNT}:policy/p")]}),
            ),
            iam("AWS::IAM::Role", "role", "first", json!({})),
            iam("AWS::IAM::Role", "role", "other", json!({})),
            iam("AWS::IAM::ManagedPolicy", "policy", "p", json!({})),
            iam("AWS::IAM::InstanceProfile", "instance-profile", "profile", json!({"Roles": ["runner"]})),
            iam("AWS::IAM::OIDCProvider", "oidc-provider", "ci", json!({})),
        ]
    };
    let mut account = Account::new(Vec::new(), added());
    account.caller = format!("arn:aws:sts::{ACCOUNT}:assumed-role/runner/i-0123456789abcdef0");
    account.own = vec![arn("bucket")];
    account.live.push(thing("bucket", &[]));
    let plan = account.plan();
    let own: Vec<&str> =
        plan.refused.iter().filter(|r| r.reasons[0].code() == "own-identity").map(|r| r.resource.id.as_str()).collect();
    assert_eq!(own, ["profile", "p", "ci", "first", "runner", "bucket"]);
    assert_eq!(action(&plan, "other").resource.id, "other");

    let mut user = Account::new(
        Vec::new(),
        vec![
            iam("AWS::IAM::User", "user", "ann", json!({"Groups": ["admins"]})),
            iam("AWS::IAM::Group", "group", "admins", json!({})),
            iam("AWS::IAM::User", "user", "bob", json!({})),
        ],
    );
    user.caller = format!("arn:aws:iam::{ACCOUNT}:user/ann");
    assert_eq!(codes(&user), ["1 delete bob", "x admins own-identity", "x ann own-identity"]);
}

const SCALING: &str = "AWS::AutoScaling::AutoScalingGroup";

#[test]
fn owned_things_go_with_their_owner_or_not_at_all() {
    let member = || owned(thing("member", &["net"]), "auto-scaling-group", "asg");
    let account = Account::new(Vec::new(), vec![resource(SCALING, "asg", json!({})), member(), thing("net", &[])]);
    let plan = account.plan();
    assert_eq!(told(&plan), ["1 delete asg", "2 delete net", "x member owned"]);
    assert_eq!(plan.refused[0].goes_with, [action(&plan, "asg").id.clone()]);
    assert_eq!(action(&plan, "asg").takes_along.len(), 1);
    assert_eq!(action(&plan, "net").waits_for[0].why, "Test::Thing member: refers to it in Refs.*");

    let mut account = Account::new(vec![resource(SCALING, "asg", json!({}))], vec![member(), thing("net", &[])]);
    let plan = account.plan();
    assert_eq!(told(&plan), ["x member owned", "x net blocked-by"]);
    account.options.delete_owned = true;
    assert_eq!(told(&account.plan()), ["1 delete member", "2 delete net"]);
    account.live[1].owner = Some(Owner { kind: "aws-service".into(), id: "x".into() });
    assert!(told(&account.plan()).contains(&"x member owned".to_owned()));
}

#[test]
fn an_owner_stays_when_it_would_take_along_what_must_stay() {
    let asg = || resource(SCALING, "asg", json!({}));
    let member = || owned(thing("member", &[]), "auto-scaling-group", "asg");
    let kept = Account::new(vec![member()], vec![asg()]);
    assert_eq!(codes(&kept), ["x asg pinned-by"]);
    let protected = Account::new(Vec::new(), vec![asg(), tagged(member(), "do-not-delete", "")]);
    assert_eq!(codes(&protected), ["x asg blocked-by", "x member reserved owned"]);
    let in_use = Account::new(vec![thing("kept", &["member"])], vec![asg(), member()]);
    let plan = in_use.plan();
    assert_eq!(told(&plan), ["x asg blocked-by", "x member owned pinned-by"]);
}

#[test]
fn too_much_at_once_is_nothing() {
    let added = || (0..10).map(|n| thing(&format!("t{n}"), &[])).collect::<Vec<_>>();
    let mut account = Account::new(Vec::new(), added());
    account.options.max_deletes = 9;
    assert!(codes(&account).iter().all(|line| line.ends_with("over-cap")));
    account.options.max_deletes = 10;
    assert_eq!(account.plan().actions.len(), 10);
    account.options.max_percent = 99;
    assert_eq!(account.plan().actions.len(), 0);
}

#[test]
fn changes_to_what_stays_are_actions_of_their_own_and_off_by_default() {
    let policy = format!("arn:aws:iam::{ACCOUNT}:policy/new");
    let global =
        |resource: Resource, arn: &str| Resource { region: "global".into(), arn: Some(arn.into()), ..resource };
    let role = resource("AWS::IAM::Role", "role", json!({"ManagedPolicyArns": [policy]}));
    let role = global(role, &format!("arn:aws:iam::{ACCOUNT}:role/role"));
    let added = global(resource("AWS::IAM::ManagedPolicy", &policy, json!({})), &policy);
    let mut account = Account::new(vec![group(1, &[2]), role], vec![group(2, &[]), added]);
    let refused = [format!("x {} pinned-by", sg(2)), format!("x {policy} pinned-by")];
    assert_eq!(codes(&account), refused);
    account.options.modify_kept = true;
    let plan = account.plan();
    assert_eq!(
        told(&plan),
        [
            format!("1 modify {}", sg(1)),
            "1 modify role".to_owned(),
            format!("2 delete {}", sg(2)),
            format!("2 delete {policy}"),
        ]
    );
    assert_eq!(plan.actions[0].steps, [Step::on("ec2:RevokeSecurityGroupIngress", sg(2))]);
    assert_eq!(plan.actions[1].steps, [Step::on("iam:DetachRolePolicy", policy.as_str())]);
    // What is protected is not changed either.
    account.live[0] = tagged(account.live[0].clone(), "do-not-delete", "");
    account.baseline[0] = account.live[0].clone();
    assert!(codes(&account).contains(&format!("x {} pinned-by", sg(2))));
}

#[test]
fn nothing_is_planned_across_accounts_or_blind() {
    let account = one(thing("new", &[]));
    let (baseline, mut live) = (account.snapshot(&[], true), account.snapshot(&account.live, false));
    let delta = account.delta();
    let options = Options::default();
    let ask = |live: &Snapshot, options: &Options| {
        plan(&PlanInput {
            delta: &delta,
            live,
            baseline: &baseline,
            baseline_digest: "",
            own: &[],
            options,
            costs: None,
            now: at(NOW),
            valid_for: VALID_FOR,
            spec_of,
        })
    };
    let bad = Options { exclude: vec!["a[".into()], ..Options::default() };
    assert!(matches!(ask(&live, &bad), Err(Unplannable::Glob(_))));
    live.coverage = Coverage::default();
    assert_eq!(ask(&live, &options), Err(Unplannable::NoCoverage));
    live.header.account = "210987654321".into();
    assert!(matches!(ask(&live, &options), Err(Unplannable::Account { .. })));
}
