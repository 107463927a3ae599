//! What extraction cannot see, or sees wrong, about who must be deleted before whom.
//!
//! The references in the properties give most of the order (`references.rs`), and each spec declares those of its own
//! type. Here stands what concerns several types at once: directions that differ from "the holder goes first", links by
//! name, neighbours in a VPC, what goes with what, how a circle is cut, and who uses a thing without AWS minding its
//! deletion. All of it is data; `engine/plan` reads it.

use super::spec::{Edge, Order};

/// References of a type beyond those in its spec. They stand here where they are only about the order of deletion.
pub const MORE: &[(&str, Edge)] = &[
    (
        "AWS::EC2::EIP",
        Edge {
            path: "InstanceId",
            to: "AWS::EC2::Instance",
            target: "{}",
            order: Order::TargetFirst,
            why: "an address is in use until its instance is gone",
        },
    ),
    (
        "AWS::EC2::EIP",
        Edge {
            path: "association.NetworkInterfaceId",
            to: "AWS::EC2::NetworkInterface",
            target: "{}",
            order: Order::TargetFirst,
            why: "an address is in use until its interface is gone",
        },
    ),
    (
        "AWS::EC2::RouteTable",
        Edge {
            path: "associations.*.SubnetId",
            to: "AWS::EC2::Subnet",
            target: "{}",
            order: Order::TargetFirst,
            why: "a subnet takes its association with it, and a route table with subnets cannot be deleted",
        },
    ),
    (
        "AWS::EC2::TransitGateway",
        Edge {
            path: "AssociationDefaultRouteTableId",
            to: "AWS::EC2::TransitGatewayRouteTable",
            target: "{}",
            order: Order::None,
            why: "each route table names its gateway, which puts it first; this is the way back",
        },
    ),
    (
        "AWS::EC2::TransitGateway",
        Edge {
            path: "PropagationDefaultRouteTableId",
            to: "AWS::EC2::TransitGatewayRouteTable",
            target: "{}",
            order: Order::None,
            why: "each route table names its gateway, which puts it first; this is the way back",
        },
    ),
];

/// The declared references of a type that stand here.
pub fn more(type_name: &str) -> impl Iterator<Item = &'static Edge> {
    MORE.iter().filter(move |(holder, _)| *holder == type_name).map(|(_, edge)| edge)
}

/// A writer of log groups that are known by their names alone.
#[derive(Debug, Clone, Copy)]
pub struct Writer {
    /// The type that writes.
    pub writer: &'static str,
    /// Name of the group with `{}` for the writer's name; a trailing `*` takes all that begins so.
    pub group: &'static str,
}

/// Why a writer goes before its log group.
pub const WRITES: &str = "whatever still writes makes its log group again";

/// Who writes to which log group. Source: each service's documentation of its log group names.
pub const WRITERS: &[Writer] = &[
    Writer { writer: "AWS::ApiGateway::RestApi", group: "API-Gateway-Execution-Logs_{}/*" },
    Writer { writer: "AWS::CodeBuild::Project", group: "/aws/codebuild/{}" },
    Writer { writer: "AWS::ECS::Cluster", group: "/aws/ecs/containerinsights/{}/*" },
    Writer { writer: "AWS::EKS::Cluster", group: "/aws/eks/{}/*" },
    Writer { writer: "AWS::KinesisFirehose::DeliveryStream", group: "/aws/kinesisfirehose/{}" },
    Writer { writer: "AWS::Lambda::Function", group: "/aws/lambda/{}" },
    Writer { writer: "AWS::Lambda::Function", group: "/aws/lambda/us-east-1.{}" },
    Writer { writer: "AWS::OpenSearchService::Domain", group: "/aws/OpenSearchService/domains/{}/*" },
    Writer { writer: "AWS::RDS::DBCluster", group: "/aws/rds/cluster/{}/*" },
    Writer { writer: "AWS::RDS::DBInstance", group: "/aws/rds/instance/{}/*" },
    Writer { writer: "AWS::SageMaker::Endpoint", group: "/aws/sagemaker/Endpoints/{}" },
    Writer { writer: "AWS::StepFunctions::StateMachine", group: "/aws/vendedlogs/states/{}*" },
];

/// Two types of which one goes first where both belong to one VPC.
#[derive(Debug, Clone, Copy)]
pub struct Neighbours {
    /// These go first.
    pub first: &'static [&'static str],
    /// This one after them.
    pub then: &'static str,
    /// Why.
    pub why: &'static str,
}

/// Orders inside a VPC that no reference shows.
pub const IN_ONE_VPC: &[Neighbours] = &[Neighbours {
    first: &[
        "AWS::EC2::Instance",
        "AWS::EC2::NatGateway",
        "AWS::ElasticLoadBalancing::LoadBalancer",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::RDS::DBInstance",
    ],
    then: "AWS::EC2::InternetGateway",
    why: "a gateway cannot be detached while the VPC has mapped public addresses",
}];

/// A part that AWS made and takes away with the whole.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// The part's type.
    pub part: &'static str,
    /// Path of the whole's id in the part's properties.
    pub path: &'static str,
    /// The whole's type.
    pub whole: &'static str,
}

/// What goes with what, where AWS made the part.
pub const PARTS: &[Part] = &[
    Part { part: "AWS::EC2::NetworkAcl", path: "VpcId", whole: "AWS::EC2::VPC" },
    Part { part: "AWS::EC2::RouteTable", path: "VpcId", whole: "AWS::EC2::VPC" },
    Part { part: "AWS::EC2::SecurityGroup", path: "VpcId", whole: "AWS::EC2::VPC" },
    Part { part: "AWS::EC2::TransitGatewayRouteTable", path: "TransitGatewayId", whole: "AWS::EC2::TransitGateway" },
];

/// Kinds of owners that are resources of ours, with the types in which to look for them.
pub const OWNERS: &[(&str, &[&str])] = &[
    ("auto-scaling-group", &["AWS::AutoScaling::AutoScalingGroup"]),
    ("cloudformation-stack", &["AWS::CloudFormation::Stack"]),
    ("cloudformation-stackset", &["AWS::CloudFormation::StackSet"]),
    ("ec2-instance", &["AWS::EC2::Instance"]),
    ("ecs-cluster", &["AWS::ECS::Cluster"]),
    ("ecs-service", &["AWS::ECS::Service"]),
    ("eks-cluster", &["AWS::EKS::Cluster"]),
    ("eks-nodegroup", &["AWS::EKS::Nodegroup"]),
    ("elasticache-replication-group", &["AWS::ElastiCache::ReplicationGroup"]),
    ("lambda-edge-function", &["AWS::Lambda::Function"]),
    ("primary-secret", &["AWS::SecretsManager::Secret"]),
    ("rds-cluster", &["AWS::RDS::DBCluster"]),
    ("scaling-policy", &["AWS::AutoScaling::ScalingPolicy"]),
];

/// Kinds of owners whose things are never deleted without them, whatever is opted in to: AWS refuses, or they are not
/// ours.
pub const UNTOUCHABLE: &[&str] =
    &["aws-account", "aws-service", "control-tower", "organization", "partner-event-source"];

/// How a reference stops being in the way.
#[derive(Debug, Clone, Copy)]
pub struct Cut {
    /// Type of the holder.
    pub holder: &'static str,
    /// Path in the holder's properties; it takes all below.
    pub path: &'static str,
    /// What it takes.
    pub how: How,
}

/// What it takes to cut a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Nothing: AWS deletes the target all the same, and the reference points to nothing. Only inside a circle.
    Nothing,
    /// A call on the holder, with the target's id as the step's target.
    CallWithId(&'static str),
    /// A call on the holder, with the target's ARN as the step's target.
    CallWithArn(&'static str),
}

/// Every reference that can be cut.
pub const CUTS: &[Cut] = &[
    Cut {
        holder: "AWS::EC2::SecurityGroup",
        path: "SecurityGroupIngress.*.SourceSecurityGroupId",
        how: How::CallWithId("ec2:RevokeSecurityGroupIngress"),
    },
    Cut {
        holder: "AWS::EC2::SecurityGroup",
        path: "SecurityGroupEgress.*.DestinationSecurityGroupId",
        how: How::CallWithId("ec2:RevokeSecurityGroupEgress"),
    },
    Cut { holder: "AWS::IAM::Group", path: "ManagedPolicyArns.*", how: How::CallWithArn("iam:DetachGroupPolicy") },
    Cut { holder: "AWS::IAM::Role", path: "ManagedPolicyArns.*", how: How::CallWithArn("iam:DetachRolePolicy") },
    Cut { holder: "AWS::IAM::User", path: "Groups.*", how: How::CallWithId("iam:RemoveUserFromGroup") },
    Cut { holder: "AWS::IAM::User", path: "ManagedPolicyArns.*", how: How::CallWithArn("iam:DetachUserPolicy") },
    Cut { holder: "AWS::EC2::RouteTable", path: "routes.*", how: How::Nothing },
    Cut { holder: "AWS::Lambda::Function", path: "DeadLetterConfig", how: How::Nothing },
    Cut { holder: "AWS::Lambda::Function", path: "eventInvokeConfigs", how: How::Nothing },
    Cut { holder: "AWS::Lambda::Function", path: "Code", how: How::Nothing },
    Cut { holder: "AWS::S3::Bucket", path: "LoggingConfiguration", how: How::Nothing },
    Cut { holder: "AWS::S3::Bucket", path: "NotificationConfiguration", how: How::Nothing },
    Cut { holder: "AWS::S3::Bucket", path: "ReplicationConfiguration", how: How::Nothing },
    Cut { holder: "AWS::S3::Bucket", path: "InventoryConfigurations", how: How::Nothing },
    Cut { holder: "AWS::SecretsManager::Secret", path: "RotationLambdaARN", how: How::Nothing },
];

/// The cut of a reference, if there is one.
#[must_use]
pub fn cut(holder: &str, path: &str) -> Option<How> {
    CUTS.iter().find(|cut| cut.holder == holder && super::covers_path(cut.path, path)).map(|cut| cut.how)
}

/// Types that AWS deletes although they are in use, with the types that may use them.
///
/// Where one of these users could not be looked at, nobody knows whether the thing is in use.
pub const UNGUARDED: &[(&str, &[&str])] = &[
    ("AWS::EC2::Image", &["AWS::AutoScaling::LaunchConfiguration", "AWS::EC2::LaunchTemplate"]),
    ("AWS::EC2::KeyPair", &["AWS::AutoScaling::LaunchConfiguration", "AWS::EC2::LaunchTemplate"]),
    ("AWS::EC2::LaunchTemplate", &["AWS::AutoScaling::AutoScalingGroup", "AWS::EKS::Nodegroup"]),
    ("AWS::IAM::Group", &["AWS::IAM::User"]),
    ("AWS::IAM::InstanceProfile", &["AWS::EC2::Instance", "AWS::EC2::LaunchTemplate"]),
    ("AWS::IAM::ManagedPolicy", &["AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::User"]),
    (
        "AWS::IAM::Role",
        &[
            "AWS::CloudFormation::Stack",
            "AWS::CodeBuild::Project",
            "AWS::CodePipeline::Pipeline",
            "AWS::EC2::FlowLog",
            "AWS::ECS::Service",
            "AWS::ECS::TaskDefinition",
            "AWS::EKS::Cluster",
            "AWS::EKS::Nodegroup",
            "AWS::Events::Rule",
            "AWS::IAM::InstanceProfile",
            "AWS::KinesisFirehose::DeliveryStream",
            "AWS::Lambda::Function",
            "AWS::RDS::DBInstance",
            "AWS::S3::Bucket",
            "AWS::Scheduler::Schedule",
            "AWS::StepFunctions::StateMachine",
        ],
    ),
    (
        "AWS::KMS::Key",
        &[
            "AWS::DynamoDB::Table",
            "AWS::EC2::Snapshot",
            "AWS::EC2::Volume",
            "AWS::EFS::FileSystem",
            "AWS::KMS::Alias",
            "AWS::Lambda::Function",
            "AWS::Logs::LogGroup",
            "AWS::RDS::DBCluster",
            "AWS::RDS::DBInstance",
            "AWS::RDS::DBSnapshot",
            "AWS::S3::Bucket",
            "AWS::SecretsManager::Secret",
            "AWS::SNS::Topic",
            "AWS::SQS::Queue",
        ],
    ),
    ("AWS::Lambda::LayerVersion", &["AWS::Lambda::Function"]),
    ("AWS::S3::Bucket", &["AWS::CloudFront::Distribution", "AWS::CloudTrail::Trail"]),
    ("AWS::SNS::Topic", &["AWS::CloudWatch::Alarm", "AWS::SNS::Subscription"]),
    ("AWS::SQS::Queue", &["AWS::Lambda::EventSourceMapping", "AWS::SNS::Subscription"]),
];

/// The types that may use a thing of this type without AWS minding its deletion.
#[must_use]
pub fn silent_users(type_name: &str) -> &'static [&'static str] {
    UNGUARDED.iter().find(|(target, _)| *target == type_name).map_or(&[], |(_, users)| users)
}

/// Types whose content is another resource's where one of these properties names it, so that no content goes with them:
/// members of a cluster, replicas. They cannot have a final snapshot either.
pub const DATA_ELSEWHERE: &[(&str, &[&str])] = &[
    ("AWS::RDS::DBCluster", &["ReplicationSourceIdentifier"]),
    ("AWS::RDS::DBInstance", &["DBClusterIdentifier", "SourceDBClusterIdentifier", "SourceDBInstanceIdentifier"]),
];

/// Types that go when everything else is done, with the reason.
pub const LAST: &[(&str, &str)] = &[("AWS::KMS::Key", "whatever the key encrypts must be done with it first")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_declared_twice() {
        for (at, (holder, edge)) in MORE.iter().enumerate() {
            for (other_holder, other) in &MORE[at + 1..] {
                assert!((holder, edge.path, edge.to) != (other_holder, other.path, other.to), "{holder} {}", edge.path);
            }
            let spec = crate::catalog::find(holder).map_or(&[][..], |spec| spec.edges);
            let twice = spec.iter().any(|other| (other.path, other.to) == (edge.path, edge.to));
            assert!(!twice, "{holder} {} stands in its spec as well", edge.path);
        }
        for (at, cut) in CUTS.iter().enumerate() {
            assert!(CUTS[at + 1..].iter().all(|other| (other.holder, other.path) != (cut.holder, cut.path)));
        }
    }

    #[test]
    fn a_cut_takes_all_below_its_path() {
        let own = "SecurityGroupIngress.*.SourceSecurityGroupId";
        assert_eq!(cut("AWS::EC2::SecurityGroup", own), Some(How::CallWithId("ec2:RevokeSecurityGroupIngress")));
        assert_eq!(cut("AWS::EC2::RouteTable", "routes.*.NatGatewayId"), Some(How::Nothing));
        assert_eq!(cut("AWS::EC2::RouteTable", "VpcId"), None);
        assert_eq!(cut("AWS::EC2::Subnet", "routes.*.NatGatewayId"), None);
    }

    #[test]
    fn no_two_orders_inside_a_vpc_contradict_each_other() {
        for one in IN_ONE_VPC {
            for other in IN_ONE_VPC {
                assert!(!(one.first.contains(&other.then) && other.first.contains(&one.then)), "{}", one.then);
            }
        }
    }
}
