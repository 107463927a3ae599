use serde_json::json;

use super::*;

fn base() -> World {
    world(vec![
        with(
            resource("AWS::EC2::Instance", "i-0123456789abcdef0"),
            "BlockDeviceMappings",
            json!([{"Ebs": {"VolumeId": "vol-0123456789abcdef0"}}]),
        ),
        resource("AWS::S3::Bucket", "web-assets"),
        resource("AWS::Lambda::Function", "checkout"),
        resource("AWS::SQS::Queue", "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"),
        resource("AWS::AutoScaling::AutoScalingGroup", "web"),
        resource("AWS::ECS::Cluster", "shop"),
    ])
}

#[test]
fn a_resource_is_known_by_all_that_bills_call_it() {
    let world = base();
    let at = |service: &str, id: &str| place(&october(), &world, line(service, id, "1"));
    for (service, id, rule) in [
        ("AmazonEC2", "i-0123456789abcdef0", Rule::Id),
        ("AmazonEC2", "arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0", Rule::Arn),
        ("AmazonS3", "web-assets", Rule::Name),
        ("AmazonS3", "arn:aws:s3:::web-assets", Rule::Arn),
        ("AWSLambda", "arn:aws:lambda:eu-west-1:123456789012:function:checkout", Rule::Arn),
        ("AWSLambda", "arn:aws:lambda:eu-west-1:123456789012:function:checkout:live", Rule::Arn),
        ("AWS Lambda", "checkout", Rule::Name),
        ("AWSQueueService", "arn:aws:sqs:eu-west-1:123456789012:orders", Rule::Name),
        // Parts of what is in the baseline.
        ("AmazonEC2", "vol-0123456789abcdef0", Rule::Parent),
        ("AmazonEC2", "arn:aws:ec2:eu-west-1:123456789012:volume/vol-0123456789abcdef0", Rule::Parent),
        ("AmazonCloudWatch", "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/checkout", Rule::Parent),
        ("AmazonCloudWatch", "/aws/lambda/checkout", Rule::Parent),
        ("AmazonECS", "arn:aws:ecs:eu-west-1:123456789012:task/shop/0123456789abcdef", Rule::Parent),
    ] {
        assert_eq!(at(service, id), (Bucket::Baseline, rule), "{service} {id}");
    }
    for (service, id) in [
        ("AmazonEC2", "i-0999999999abcdef0"),
        // A name counts within its service only.
        ("AmazonDynamoDB", "web-assets"),
        // The same name in another account, and in another region.
        ("AWSLambda", "arn:aws:lambda:eu-west-1:210987654321:function:checkout"),
        ("AWSLambda", "arn:aws:lambda:us-east-1:123456789012:function:checkout"),
    ] {
        assert_eq!(at(service, id), (Bucket::NonBaseline, Rule::Unmatched), "{service} {id}");
    }
}

#[test]
fn every_kind_of_charge_has_its_bucket() {
    let world = base();
    let usage = line("AmazonEC2", "", "1");
    let unused =
        LineItem { commitment: Commitment::Unused, resource_id: "arn:aws:savingsplans::1:savingsplan/x", ..usage };
    let of = |charge_category| LineItem { charge_category, ..usage };
    let support = LineItem { service_code: "AWSSupportBusiness", ..usage };
    let known = LineItem { resource_id: "i-0123456789abcdef0", ..usage };
    for (line, expected) in [
        (usage, (Bucket::Shared, Rule::NoResource)),
        (of(ChargeCategory::Tax), (Bucket::Tax, Rule::Tax)),
        (of(ChargeCategory::Credit), (Bucket::Credits, Rule::Credit)),
        (of(ChargeCategory::Adjustment), (Bucket::Credits, Rule::Refund)),
        (of(ChargeCategory::Purchase), (Bucket::MarketplaceFees, Rule::Purchase)),
        (support, (Bucket::Support, Rule::Support)),
        (unused, (Bucket::UnusedCommitment, Rule::Unused)),
        (LineItem { marketplace: true, ..usage }, (Bucket::MarketplaceFees, Rule::Marketplace)),
        // What is known by its resource goes there, whoever sells it.
        (LineItem { marketplace: true, ..known }, (Bucket::Baseline, Rule::Id)),
        (LineItem { correction: true, ..known }, (Bucket::Baseline, Rule::Id)),
        (LineItem { charge_category: ChargeCategory::Adjustment, ..known }, (Bucket::Baseline, Rule::Id)),
        // A tax on a resource is still a tax.
        (LineItem { charge_category: ChargeCategory::Tax, ..known }, (Bucket::Tax, Rule::Tax)),
        (LineItem { sub_account_id: "210987654321", ..known }, (Bucket::NonBaseline, Rule::OtherAccount)),
    ] {
        assert_eq!(place(&october(), &world, line), expected, "{line:?}");
    }
}

#[test]
fn tags_and_owners_lead_to_the_baseline() {
    let world = base();
    let tagged = |tags| LineItem { tags: Tags::Json(tags), ..line("AmazonEC2", "i-0999999999abcdef0", "1") };
    let mut options = october();
    assert_eq!(
        place(&options, &world, tagged(r#"{"aws:autoscaling:groupName":"web"}"#)),
        (Bucket::Baseline, Rule::Owner)
    );
    assert_eq!(place(&options, &world, tagged(r#"{"user:Tier":"base"}"#)), (Bucket::NonBaseline, Rule::Unmatched));
    options.baseline_tags = BTreeMap::from([("Tier".to_owned(), "base".to_owned())]);
    assert_eq!(place(&options, &world, tagged(r#"{"user:Tier":"base"}"#)), (Bucket::Baseline, Rule::TagRule));
    assert_eq!(place(&options, &world, tagged(r#"{"user:Tier":"other"}"#)), (Bucket::NonBaseline, Rule::Unmatched));
}

#[test]
fn children_follow_their_owner() {
    let group = resource("AWS::AutoScaling::AutoScalingGroup", "web");
    let child = owned(resource("AWS::EC2::Instance", "i-0aaaaaaaaaaaaaaa0"), "auto-scaling-group", "web");
    let old = snapshot("old", "2026-08-01", vec![group.clone(), child]);
    let new = snapshot("new", "2026-09-01", vec![group]);
    let world = World::new(&[old, new], &[(time("2026-09-01"), 1)]);
    let found = place(&october(), &world, line("AmazonEC2", "i-0aaaaaaaaaaaaaaa0", "1"));
    assert_eq!(found, (Bucket::Baseline, Rule::Owner));
}

#[test]
fn what_was_there_before_is_gone_and_what_came_later_is_not() {
    let bucket = |name| resource("AWS::S3::Bucket", name);
    let old = snapshot("old", "2026-08-01", vec![bucket("a"), bucket("b")]);
    let base = snapshot("base", "2026-09-01", vec![bucket("a")]);
    let later = snapshot("later", "2026-11-01", vec![bucket("a"), bucket("c")]);
    let snapshots = [old, base, later];
    let world = World::new(&snapshots, &[(time("2026-09-01"), 1)]);
    let at = |name| place(&october(), &world, line("AmazonS3", name, "1"));
    assert_eq!(at("a"), (Bucket::Baseline, Rule::Name));
    assert_eq!(at("b"), (Bucket::Gone, Rule::Name));
    assert_eq!(at("c"), (Bucket::NonBaseline, Rule::Name));

    // A snapshot that could not look says nothing by not having it.
    let mut blind = snapshots;
    blind[1].snapshot.coverage.set("AWS::S3::Bucket", "eu-west-1", Outcome::Cancelled);
    let world = World::new(&blind, &[(time("2026-09-01"), 1)]);
    let found = place(&october(), &world, line("AmazonS3", "b", "1"));
    assert_eq!(found, (Bucket::NonBaseline, Rule::NotLookedAt));
}

#[test]
fn the_baseline_of_the_day_decides() {
    let first = snapshot("first", "2026-09-01", vec![resource("AWS::S3::Bucket", "a")]);
    let second = snapshot("second", "2026-10-10", vec![resource("AWS::S3::Bucket", "b")]);
    let world = World::new(&[first, second], &[(time("2026-09-01"), 0), (time("2026-10-10"), 1)]);
    let on =
        |date, name| place(&october(), &world, LineItem { charge_day: day(date), ..line("AmazonS3", name, "1") }).0;
    assert_eq!(on("2026-10-09", "a"), Bucket::Baseline);
    assert_eq!(on("2026-10-10", "a"), Bucket::Gone);
    assert_eq!(on("2026-10-09", "b"), Bucket::NonBaseline);
    assert_eq!(on("2026-10-10", "b"), Bucket::Baseline);
    // Before the first baseline, the first one is the best guess.
    let early = LineItem { charge_day: day("2026-08-01"), ..line("AmazonS3", "a", "1") };
    assert_eq!(place(&october(), &world, early).0, Bucket::Baseline);

    let report = split(&october(), &world, &[line("AmazonS3", "a", "1")]);
    let used: Vec<String> = report.header.baselines.iter().map(|it| format!("{} {}", it.name, it.from)).collect();
    assert_eq!(used, ["first 2026-10-01", "second 2026-10-10"]);
}

#[test]
fn owners_come_from_mapping_tags_and_accounts() {
    let mut tagged = resource("AWS::S3::Bucket", "tagged");
    tagged.tags.insert("Team".to_owned(), "data".to_owned());
    let world = world(vec![tagged]);
    let mut options = october();
    options.owners.tags = vec!["Team".to_owned()];
    options.owners.names = BTreeMap::from([("pay".to_owned(), "payments".to_owned())]);
    options.owners.accounts = BTreeMap::from([(ACCOUNT.to_owned(), "platform".to_owned())]);
    let pattern = globset::Glob::new("web-*").expect("a pattern").compile_matcher();
    options.owners.resources = vec![(pattern, "web".to_owned())];
    let owner = |line| split(&options, &world, &[line]).rows[0].owner.clone();
    let json = |tags| LineItem { tags: Tags::Json(tags), ..line("AmazonS3", "x", "1") };
    assert_eq!(owner(line("AmazonS3", "web-1", "1")), "web");
    assert_eq!(owner(line("AmazonS3", "tagged", "1")), "data");
    assert_eq!(owner(json(r#"{"user:Team":"pay"}"#)), "payments");
    assert_eq!(owner(line("AmazonS3", "x", "1")), "platform");
    assert_eq!(owner(LineItem { sub_account_id: "210987654321", ..line("AmazonS3", "x", "1") }), "");
}
