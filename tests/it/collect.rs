//! The engine that reads an account, with answers in AWS's place.

use std::collections::BTreeSet;

use aws_baseline::aws::{Cx, RegionState};
use aws_baseline::catalog::mask::Masker;
use aws_baseline::catalog::{self, Draft, Listing, TypeSpec};
use aws_baseline::engine::collect::{Event, Place, Target, collect};
use aws_baseline::model::Outcome;
use aws_baseline::services::sqs::queue;

use crate::replay::Replay;

fn place(spec: &'static TypeSpec, region: &str) -> Place {
    Place { spec, region: region.to_owned(), state: RegionState::Enabled, only: None }
}

fn with_list(list: for<'a> fn(&'a Cx) -> Listing<'a>) -> &'static TypeSpec {
    Box::leak(Box::new(TypeSpec { list, ..queue::SPEC }))
}

#[tokio::test]
async fn a_panic_costs_one_cell() {
    let spec = with_list(|cx| {
        Box::pin(async move {
            assert_ne!(cx.region(), "eu-west-1", "a mistake of ours");
            Ok(vec![Draft::new("q")])
        })
    });
    let aws = Replay::default().session().await;
    let mut told = 0;
    let cells = vec![place(spec, "eu-west-1"), place(spec, "us-east-1")];
    let collected = collect(aws, cells, &Masker::new([0; 32]), |event| {
        told += usize::from(matches!(event, Event::Finished { .. }));
    })
    .await;
    assert_eq!((told, collected.resources.len()), (2, 1));
    let outcome = |region| collected.coverage.get(spec.name, region).cloned();
    assert_eq!(outcome("us-east-1"), Some(Outcome::Complete { count: 1 }));
    let told = match outcome("eu-west-1") {
        Some(Outcome::Failed { code, message }) => format!("{code}: {message}"),
        other => panic!("{other:?}"),
    };
    assert!(told.starts_with("panic: ") && told.contains("a mistake of ours"), "{told}");
}

#[tokio::test]
async fn a_region_that_is_disabled_is_not_asked() {
    let replay = Replay::default();
    let aws = replay.session().await;
    let cell = Place { state: RegionState::Disabled, ..place(&queue::SPEC, "ap-east-1") };
    let collected = collect(aws, vec![cell], &Masker::new([0; 32]), |_| {}).await;
    assert_eq!(collected.coverage.get(queue::SPEC.name, "ap-east-1"), Some(&Outcome::RegionDisabled));
    assert!(replay.asked().is_empty());
}

#[tokio::test]
async fn a_second_look_yields_only_what_is_wanted() {
    let spec = catalog::find("AWS::EC2::VPC").expect("a known type");
    let aws = Replay::default().session().await;
    let all = collect(aws.clone(), vec![place(spec, "us-east-1")], &Masker::new([0; 32]), |_| {}).await.resources;
    assert!(all.len() > 1);
    let only = Some(BTreeSet::from([all[0].id.clone()]));
    let again = collect(aws, vec![Place { only, ..place(spec, "us-east-1") }], &Masker::new([0; 32]), |_| {}).await;
    assert_eq!(again.resources, all[..1]);
}

/// Questions about a part of something, which a synthetic answer names for each whole: the same listener for every load
/// balancer. AWS does not, so these are no questions that are asked twice.
const OF_PARTS: &[&str] = &[
    "DescribeListenerAttributes",
    "DescribeListenerCertificates",
    "DescribeRules",
    "DescribeStateMachineAlias",
    "DescribeUserPoolDomain",
    "GetLayerVersionPolicy",
    "GetResourcePolicy",
    "ListStreamConsumers",
    "ListTagsForResource",
];

/// What several types need is asked once, and no type asks the same thing again.
#[tokio::test]
async fn nothing_is_asked_twice() {
    let replay = Replay::default();
    let aws = replay.session().await;
    let target = Target { types: catalog::all(), regions: vec![("us-east-1".to_owned(), RegionState::Enabled)] };
    let collected = collect(aws, target.places(), &Masker::new([0; 32]), |_| {}).await;
    assert!(collected.resources.len() > 200, "{} resources", collected.resources.len());
    let mut repeated = replay.repeated();
    repeated.retain(|(operation, _), _| !OF_PARTS.contains(&operation.as_str()));
    assert!(repeated.is_empty(), "{repeated:#?}");
}
