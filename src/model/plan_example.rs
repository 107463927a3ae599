//! A small plan for tests: two waves, one refusal. Its hash is not sealed.

use super::cost::{Metric, Saving};
use super::{
    Action, ActionId, ActionKind, BaselineRef, Blocker, Identity, Options, PLAN_SCHEMA, Plan, Refusal, Refused,
    ResourceRef, Risk, RiskLevel, Step, Unseen, Wait,
};

fn identity(id: &str) -> Identity {
    Identity {
        type_name: "AWS::SQS::Queue".into(),
        region: "eu-west-1".into(),
        id: id.into(),
        arn: None,
        name: Some(format!("name of {id}")),
        created_at: Some("2026-01-20T10:00:00.123Z".parse().expect("a date")),
        hash: "b3v1:0".into(),
    }
}

fn action(number: usize, id: &str) -> Action {
    Action {
        id: ActionId(format!("a{number:04}")),
        kind: ActionKind::Delete,
        resource: identity(id),
        reason: "added since baseline base".into(),
        steps: vec![Step::on_resource("sqs:DeleteQueue")],
        wave: u32::try_from(number).expect("few"),
        rank: 4,
        waits_for: Vec::new(),
        after_all: None,
        may_change: Vec::new(),
        stable_hash: "b3v1:0".into(),
        risk: Risk { level: RiskLevel::Low, reasons: Vec::new() },
        reversible: None,
        data_loss: false,
        disables_protection: None,
        owner: None,
        takes_along: Vec::new(),
        estimated_monthly_saving: Some("1.50".parse().expect("a number")),
    }
}

/// The plan.
pub fn plan() -> Plan {
    let at = |text: &str| text.parse().expect("a date");
    let first = action(1, "first");
    let why = "AWS::SQS::Queue first: \u{1b}[31mrefers to it".to_owned();
    let risk = Risk { level: RiskLevel::High, reasons: vec!["content goes that cannot be had back".into()] };
    let second = Action {
        waits_for: vec![Wait { action: first.id.clone(), why }],
        data_loss: true,
        risk,
        ..action(2, "second\"")
    };
    let pin = Blocker {
        resource: ResourceRef {
            type_name: "AWS::Lambda::Function".into(),
            region: "eu-west-1".into(),
            id: "f".into(),
            name: None,
        },
        why: "reads from it".into(),
    };
    Plan {
        schema: PLAN_SCHEMA,
        hash: String::new(),
        baseline: BaselineRef { name: "base".parse().expect("a name"), digest: "b3d1:0".into() },
        account: "123456789012".into(),
        partition: "aws".into(),
        caller: "arn:aws:iam::123456789012:user/ann".into(),
        inventory_at: at("2026-02-01T09:59:00Z"),
        created_at: at("2026-02-01T10:00:00Z"),
        expires_at: at("2026-02-02T10:00:00Z"),
        options: Options::default(),
        actions: vec![first, second],
        refused: vec![Refused {
            resource: identity("=used"),
            reasons: vec![Refusal::PinnedBy { by: vec![pin] }, Refusal::HoldsData],
            owner: None,
            goes_with: Vec::new(),
        }],
        unknown: vec![Unseen {
            type_name: "AWS::SNS::Topic".into(),
            region: "eu-west-1".into(),
            before: None,
            after: None,
            resources: 0,
        }],
        undetermined: Vec::new(),
        saving: Some(Saving {
            month: "2026-01".parse().expect("a month"),
            currency: "USD".into(),
            metric: Metric::Amortized,
            amount: "3.00".parse().expect("a number"),
            covered: "0".parse().expect("a number"),
            known: 2,
            unknown: 0,
        }),
    }
}
