//! Readable examples of order: waves, circles, what goes last.

use super::*;
use crate::model::ActionKind;

fn global(resource: Resource) -> Resource {
    Resource { region: "global".into(), ..resource }
}

fn ec2(type_name: &str, id: &str, properties: Value) -> Resource {
    Resource { created_at: None, ..resource(type_name, id, properties) }
}

const VPC: &str = "vpc-00000000000000001";
const SUBNET: &str = "subnet-00000000000000001";
const NAT: &str = "nat-00000000000000001";
const IGW: &str = "igw-00000000000000001";

/// A VPC with all that AWS makes along with it.
fn network() -> Vec<Resource> {
    let made = |resource: Resource| Resource { aws_made: Some("of its VPC".into()), ..resource };
    let eip = "eipalloc-00000000000000001";
    let eni = "eni-00000000000000001";
    vec![
        ec2("AWS::EC2::VPC", VPC, json!({"CidrBlock": "10.0.0.0/16"})),
        ec2("AWS::EC2::Subnet", SUBNET, json!({"VpcId": VPC})),
        ec2("AWS::EC2::InternetGateway", IGW, json!({"attachments": [{"VpcId": VPC}]})),
        ec2("AWS::EC2::NatGateway", NAT, json!({"SubnetId": SUBNET, "AllocationId": eip})),
        ec2("AWS::EC2::EIP", &format!("203.0.113.1|{eip}"), json!({"association": {"NetworkInterfaceId": eni}})),
        owned(
            ec2(
                "AWS::EC2::NetworkInterface",
                eni,
                json!({
                "SubnetId": SUBNET, "Description": format!("Interface for NAT Gateway {NAT}")}),
            ),
            "aws-service",
            "nat_gateway",
        ),
        made(ec2(
            "AWS::EC2::RouteTable",
            "rtb-00000000000000001",
            json!({
            "VpcId": VPC, "routes": [{"NatGatewayId": NAT}, {"GatewayId": IGW}]}),
        )),
        made(ec2(
            "AWS::EC2::NetworkAcl",
            "acl-00000000000000001",
            json!({
            "VpcId": VPC, "associations": [{"SubnetId": SUBNET}]}),
        )),
        made(group_of(1, &[2])),
        group_of(2, &[]),
    ]
}

fn group_of(number: u8, names: &[u8]) -> Resource {
    let mut group = group(number, names);
    group.properties.insert("VpcId".into(), json!(VPC));
    rehashed(group)
}

#[test]
fn a_whole_vpc_goes_with_what_aws_made_in_it() {
    let plan = Account::new(Vec::new(), network()).plan();
    assert_eq!(
        told(&plan),
        [
            format!("1 delete {NAT}"),
            format!("1 prepare {}", sg(1)),
            "2 delete 203.0.113.1|eipalloc-00000000000000001".to_string(),
            format!("2 delete {}", sg(2)),
            format!("2 delete {SUBNET}"),
            format!("2 delete {IGW}"),
            format!("3 delete {VPC}"),
            "x acl-00000000000000001 aws-made".to_owned(),
            "x eni-00000000000000001 owned".to_owned(),
            "x rtb-00000000000000001 aws-made".to_owned(),
            format!("x {} aws-made", sg(1)),
        ]
    );
    assert!(plan.refused.iter().all(|refused| refused.goes_with.len() == 1), "{:#?}", plan.refused);
    // The main route table names the gateways: that is cut, and not waited for.
    assert!(action(&plan, NAT).waits_for.is_empty());
}

#[test]
fn security_groups_that_name_each_other_are_cut_first() {
    let plan = Account::new(Vec::new(), vec![group(1, &[2]), group(2, &[1, 3]), group(3, &[])]).plan();
    assert_eq!(
        told(&plan),
        [
            format!("1 prepare {}", sg(1)),
            format!("1 prepare {}", sg(2)),
            format!("2 delete {}", sg(1)),
            format!("2 delete {}", sg(2)),
            format!("3 delete {}", sg(3)),
        ]
    );
    let prepare = &plan.actions[1];
    assert_eq!(prepare.kind, ActionKind::Prepare);
    // Only what is in the circle: the other rule goes with its group.
    assert_eq!(prepare.steps, [Step::on("ec2:RevokeSecurityGroupIngress", sg(1))]);
    let waits = |id: &str| action(&plan, id).waits_for.iter().map(|wait| wait.action.0.clone()).collect::<Vec<_>>();
    assert_eq!(waits(&sg(1)), ["a0001", "a0002"]);
    assert_eq!(action(&plan, &sg(1)).may_change, ["SecurityGroupIngress"]);
}

#[test]
fn a_circle_that_nothing_cuts_is_refused_and_stops_nobody_else() {
    let added = vec![
        thing("a", &["b"]),
        thing("b", &["c"]),
        thing("c", &["a", "used"]),
        thing("used", &[]),
        thing("free", &["a"]),
    ];
    let plan = Account::new(Vec::new(), added).plan();
    assert_eq!(
        told(&plan),
        ["1 delete free", "x a cycle blocked-by", "x b cycle blocked-by", "x c cycle blocked-by", "x used blocked-by"]
    );
    let Refusal::Cycle { edges } = &plan.refused[0].reasons[0] else { panic!("{:?}", plan.refused[0]) };
    let edges: Vec<String> = edges.iter().map(|edge| format!("{} {}", edge.first.id, edge.then.id)).collect();
    assert_eq!(edges, ["a b", "b c", "c a"]);
}

#[test]
fn two_that_both_want_to_go_first_are_a_contradiction() {
    let plan = Account::new(Vec::new(), vec![thing("a", &["b"]), thing("b", &["a"])]).plan();
    assert_eq!(told(&plan), ["x a contradiction blocked-by", "x b contradiction blocked-by"]);
}

#[test]
fn in_a_wave_the_rank_decides() {
    let logs = resource("AWS::Logs::LogGroup", "logs", json!({}));
    let mut account = Account::new(Vec::new(), vec![logs, thing("a", &[])]);
    account.options.switches.data_loss = true;
    let plan = account.plan();
    assert_eq!(told(&plan), ["1 delete a", "1 delete logs"]);
    assert!(plan.actions[0].rank < plan.actions[1].rank);
}

#[test]
fn writers_go_before_the_log_groups_that_bear_their_names() {
    let database = resource("AWS::RDS::DBInstance", "db", json!({}));
    let log = |id: &str| Resource { name: Some(id.into()), ..resource("AWS::Logs::LogGroup", id, json!({})) };
    let logs = || vec![log("/aws/rds/instance/db/error"), log("/aws/rds/instance/db2/error")];
    let mut added = logs();
    added.push(database.clone());
    let mut account = Account::new(Vec::new(), added);
    account.options.switches.data_loss = true;
    let expected = ["1 delete db", "1 delete /aws/rds/instance/db2/error", "2 delete /aws/rds/instance/db/error"];
    assert_eq!(told(&account.plan()), expected);
    // The log group of a database that stays is made again at once.
    let mut account = Account::new(vec![database], logs());
    account.options.switches.data_loss = true;
    assert_eq!(
        told(&account.plan()),
        ["1 delete /aws/rds/instance/db2/error", "x /aws/rds/instance/db/error pinned-by"]
    );
}

#[test]
fn keys_go_last() {
    let key = |id: &str| resource("AWS::KMS::Key", id, json!({}));
    let mut account = Account::new(Vec::new(), vec![key("k1"), thing("a", &["b"]), thing("b", &[])]);
    account.options.switches.data_loss = true;
    let plan = account.plan();
    assert_eq!(told(&plan), ["1 delete a", "2 delete b", "3 delete k1"]);
    assert!(action(&plan, "k1").after_all.is_some() && action(&plan, "b").after_all.is_none());
}

#[test]
fn an_action_knows_what_the_plan_itself_changes_of_its_resource() {
    let volume = "vol-00000000000000001";
    let instance = "i-00000000000000001";
    let added = vec![
        ec2("AWS::EC2::Volume", volume, json!({"Size": 8, "attachments": [{"InstanceId": instance}]})),
        ec2("AWS::EC2::Instance", instance, json!({"Volumes": [{"VolumeId": volume}]})),
    ];
    let mut account = Account::new(Vec::new(), added);
    account.options.switches.data_loss = true;
    let plan = account.plan();
    let planned = action(&plan, volume);
    assert_eq!((planned.wave, planned.may_change.clone()), (2, vec!["attachments".to_owned()]));
    assert!(action(&plan, instance).may_change.is_empty());

    let spec = spec_of("AWS::EC2::Volume");
    let now = |properties: Value| Resource { created_at: None, ..resource("AWS::EC2::Volume", volume, properties) };
    assert_eq!(still_matches(planned, &plan, &now(json!({"Size": 8})), spec), Ok(()));
    assert_eq!(still_matches(planned, &plan, &now(json!({"Size": 9})), spec), Err(Changed::Properties));
    let again = Resource { created_at: Some(at(NOW)), ..now(json!({"Size": 8})) };
    assert_eq!(still_matches(planned, &plan, &again, spec), Err(Changed::MadeAgain));
    let protected = tagged(now(json!({"Size": 8})), "do-not-delete", "");
    assert!(matches!(still_matches(planned, &plan, &protected, spec), Err(Changed::Protected(_))));
}

#[test]
fn a_plan_is_good_for_its_account_its_caller_and_its_time() {
    let account = Account::new(vec![thing("kept", &[])], vec![thing("new", &[])]);
    let plan = account.plan();
    let facts = Facts {
        now: at("2026-02-01T11:00:00Z"),
        account: ACCOUNT,
        partition: "aws",
        caller: &account.caller,
        baseline_digest: "b3d1:0",
    };
    assert_eq!(unfit(&plan, &facts), None);
    let refused = |facts: Facts<'_>| unfit(&plan, &facts).expect("unfit");
    assert!(matches!(refused(Facts { account: "210987654321", ..facts }), Unfit::Account { .. }));
    assert!(matches!(refused(Facts { partition: "aws-cn", ..facts }), Unfit::Partition { .. }));
    assert!(matches!(refused(Facts { caller: "arn:aws:iam::123456789012:user/b", ..facts }), Unfit::Caller { .. }));
    assert!(matches!(refused(Facts { baseline_digest: "b3d1:1", ..facts }), Unfit::Baseline { .. }));
    assert!(matches!(refused(Facts { now: at("2026-02-02T10:00:00Z"), ..facts }), Unfit::Expired(_)));
    assert!(matches!(refused(Facts { now: at("2026-01-31T10:00:00Z"), ..facts }), Unfit::FromTheFuture(_)));
    let mut changed = plan.clone();
    changed.actions[0].resource.id = "kept".into();
    assert_eq!(unfit(&changed, &facts), Some(Unfit::Tampered));
}

#[test]
fn the_session_of_a_role_does_not_matter() {
    let mut account = Account::new(Vec::new(), vec![global(thing("new", &[]))]);
    account.caller = "arn:aws:sts::123456789012:assumed-role/ops/monday".into();
    let plan = account.plan();
    let facts = |caller| Facts { now: at(NOW), account: ACCOUNT, partition: "aws", caller, baseline_digest: "b3d1:0" };
    assert_eq!(unfit(&plan, &facts("arn:aws:sts::123456789012:assumed-role/ops/tuesday")), None);
    assert!(unfit(&plan, &facts("arn:aws:sts::123456789012:assumed-role/dev/monday")).is_some());
}
