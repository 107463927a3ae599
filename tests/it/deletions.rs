//! Every recipe against the emulator: what is new in an account is taken away again, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_baseline::aws::limits::Limit;
use aws_baseline::aws::{Aws, AwsOptions, CallError, Cx, ErrorClass, Hands, Journal, RegionState};
use aws_baseline::catalog::mask::Masker;
use aws_baseline::catalog::{self, Delete, Progress, Recipe};
use aws_baseline::engine::collect::{Target, collect};
use aws_baseline::model::{GLOBAL, Resource, Step};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;

use crate::emulator::Emulator;
use crate::recipes::everything;

const REGION: &str = "eu-west-1";

/// What the landing zone lacks: types of their own, and obstacles that a deletion has to clear away.
const MORE: &str = include_str!("../emulator/seed_doomed.py");

/// What was there before: things that look like those that go.
const KEPT: &str = r#"
import json
ec2, iam = client("ec2"), client("iam")
vpc = ec2.create_vpc(CidrBlock="10.200.0.0/16")["Vpc"]["VpcId"]
subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.200.1.0/24")["Subnet"]["SubnetId"]
group = ec2.create_security_group(GroupName="kept", Description="kept", VpcId=vpc)["GroupId"]
ec2.run_instances(ImageId="ami-0abcdef1234567890", MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[group])
ec2.create_volume(AvailabilityZone="eu-west-1a", Size=1)
allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
policy = iam.create_policy(PolicyName="kept", PolicyDocument=json.dumps(allow))["Policy"]["Arn"]
iam.create_user(UserName="kept")
iam.create_access_key(UserName="kept")
iam.attach_user_policy(UserName="kept", PolicyArn=policy)
client("s3").create_bucket(Bucket="kept-1", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
client("s3").put_object(Bucket="kept-1", Key="a", Body=b"x")
client("sqs").create_queue(QueueName="kept")
client("sns").create_topic(Name="kept")
client("kms").create_key(Description="kept")
client("secretsmanager").create_secret(Name="kept", SecretString="x")
client("logs").create_log_group(logGroupName="kept")
"#;

/// Types of which the emulator can have none that is ours to delete, each with the reason.
const IMPOSSIBLE: &[(&str, &str)] = &[
    ("AWS::ApiGateway::VpcLink", "not seeded"),
    ("AWS::ApiGatewayV2::VpcLink", "not seeded"),
    ("AWS::Backup::BackupSelection", "not seeded"),
    ("AWS::CloudFront::Function", "not seeded"),
    ("AWS::CloudWatch::CompositeAlarm", "moto has no PutCompositeAlarm"),
    ("AWS::CloudWatch::Dashboard", "not seeded"),
    ("AWS::EC2::PlacementGroup", "not seeded"),
    ("AWS::EC2::VPCEndpointService", "not seeded"),
    ("AWS::EKS::Addon", "moto has no addons"),
    ("AWS::ElastiCache::ParameterGroup", "moto has none"),
    ("AWS::RDS::OptionGroup", "moto cannot list them"),
];

/// More looks than the emulator lets anything linger.
const LOOKS: usize = 12;

/// A journal for those who do not read it.
struct Unread;

impl Journal for Unread {
    fn before(&self, _: &Resource, _: &Step) -> std::io::Result<()> {
        Ok(())
    }

    fn after(&self, _: &Resource, _: &Step, _: Result<(), &CallError>) -> std::io::Result<()> {
        Ok(())
    }
}

type Key = (String, String, String);

fn key(resource: &Resource) -> Key {
    (resource.type_name.clone(), resource.region.clone(), resource.id.clone())
}

async fn connect(emulator: &Emulator) -> Arc<Aws> {
    let options = AwsOptions {
        endpoint_url: Some(emulator.url.clone()),
        credentials: Some(SharedCredentialsProvider::new(Credentials::new("testing", "testing", None, None, "test"))),
        attempts: Some(2),
        limits: Some(|_| Limit { per_second: 1e9, burst: 1e9, in_flight: 32 }),
        ..AwsOptions::default()
    };
    Arc::new(Aws::connect(options).await.expect("the emulator answers"))
}

async fn inventory(aws: &Arc<Aws>) -> BTreeMap<Key, Resource> {
    let target = Target { types: catalog::all(), regions: vec![(REGION.to_owned(), RegionState::Enabled)] };
    let collected = collect(aws.clone(), target.places(), &Masker::new([7; 32]), |_| {}).await;
    let gaps: Vec<_> = collected.coverage.gaps().collect();
    assert!(gaps.is_empty(), "{gaps:?}");
    collected.resources.into_iter().map(|resource| (key(&resource), resource)).collect()
}

fn recipe(resource: &Resource) -> Option<Recipe> {
    match catalog::find(&resource.type_name)?.delete {
        Delete::Call(recipe) => Some(recipe),
        Delete::Never(_) => None,
    }
}

/// Makes all steps. `Ok(false)`: something else must go first.
async fn delete(aws: &Arc<Aws>, resource: &Resource, recipe: &Recipe) -> Result<bool, String> {
    let cx = Cx::new(aws.clone());
    let cx = if resource.region == GLOBAL { cx.home() } else { cx.in_region(&resource.region) };
    let hands = Hands::new(cx, resource.clone(), recipe.gone, Arc::new(Unread));
    for step in recipe.steps_of(resource, &everything()) {
        let mut looks = 0;
        loop {
            match recipe.make(&hands, &step).await {
                Ok(Progress::Done) => break,
                Ok(Progress::Waiting(_)) if looks < LOOKS => looks += 1,
                Ok(Progress::Waiting(what)) => return Err(format!("{step}: still waiting: {what}")),
                Err(error) if error.class == ErrorClass::Conflict => return Ok(false),
                Err(error) => return Err(format!("{step}: {error}")),
            }
        }
    }
    Ok(true)
}

#[test]
fn what_is_new_goes_and_nothing_else() {
    let emulator = Emulator::start();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let aws = connect(&emulator).await;
        emulator.python(KEPT);
        let before = inventory(&aws).await;
        emulator.seed_as(&["--regions", REGION, "--prefix", "doomed"]);
        emulator.python(MORE);
        let seeded = inventory(&aws).await;

        let new = seeded.iter().filter(|(key, _)| !before.contains_key(*key)).map(|(_, resource)| resource);
        let ours = new.filter(|resource| resource.owner.is_none() && resource.aws_made.is_none());
        let mut doomed: Vec<(&Resource, Recipe)> = ours.filter_map(|one| Some((one, recipe(one)?))).collect();
        every_type_is_there(&doomed);
        let ids: BTreeSet<Key> = doomed.iter().map(|(resource, _)| key(resource)).collect();

        // There is no planner here: what is in the way of something is gone in a later round.
        doomed.sort_by_key(|(_, recipe)| recipe.rank);
        let mut problems = Vec::new();
        for _round in 0..12 {
            let mut blocked = Vec::new();
            for (resource, recipe) in doomed {
                match delete(&aws, resource, &recipe).await {
                    Ok(true) => {}
                    Ok(false) => blocked.push((resource, recipe)),
                    Err(problem) => problems.push(format!("{} {}: {problem}", resource.type_name, resource.id)),
                }
            }
            doomed = blocked;
            if doomed.is_empty() {
                break;
            }
            pass_time(&aws).await;
        }
        problems.extend(
            doomed.iter().map(|(one, _)| format!("{} {}: something is always in the way", one.type_name, one.id)),
        );

        let after = inventory(&aws).await;
        problems.extend(ids.iter().filter(|id| after.contains_key(id)).map(|id| format!("still there: {id:?}")));
        problems.extend(before.keys().filter(|id| !after.contains_key(id)).map(|id| format!("deleted too: {id:?}")));
        let changed = before.iter().filter(|(id, one)| after.get(*id).is_some_and(|now| now.hash != one.hash));
        problems.extend(changed.map(|(id, _)| format!("changed: {id:?}")));
        assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
        let final_snapshot = after.keys().any(|(_, _, id)| id.contains("before-restore-doomed-main"));
        assert!(final_snapshot, "the last snapshot of the database is kept");
    });
}

/// In the emulator what is on its way out goes a little with every look; these are what nobody here waits for: the
/// instances of a group, the interfaces of a function.
async fn pass_time(aws: &Arc<Aws>) {
    let cx = Cx::new(aws.clone()).in_region(REGION);
    for name in ["AWS::EC2::Instance", "AWS::EC2::NetworkInterface"] {
        let spec = catalog::find(name).expect("a type");
        (spec.list)(&cx).await.expect("the emulator answers");
    }
}

fn every_type_is_there(doomed: &[(&Resource, Recipe)]) {
    let there: BTreeSet<&str> = doomed.iter().map(|(resource, _)| resource.type_name.as_str()).collect();
    let wanted = catalog::all().into_iter().filter(|spec| matches!(spec.delete, Delete::Call(_)));
    let missing: Vec<&str> = wanted
        .map(|spec| spec.name)
        .filter(|name| !there.contains(name) && !IMPOSSIBLE.iter().any(|(impossible, _)| impossible == name))
        .collect();
    assert!(missing.is_empty(), "nothing of these types is seeded: {missing:?}");
    let stale: Vec<_> = IMPOSSIBLE.iter().filter(|(name, _)| there.contains(name)).collect();
    assert!(stale.is_empty(), "these can be seeded after all: {stale:?}");
}
