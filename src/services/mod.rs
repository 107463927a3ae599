//! One folder per AWS service, one file per resource type.

use crate::catalog::TypeSpec;

pub mod autoscaling;
pub mod cloudformation;
pub mod cloudwatch;
pub mod dynamodb;
pub mod ec2;
pub mod elbv2;
pub mod events;
pub mod iam;
pub mod kms;
pub mod lambda;
pub mod logs;
pub mod rds;
pub mod s3;
pub mod secretsmanager;
pub mod sns;
pub mod sqs;
pub mod ssm;

/// The types of every service. A folder that is missing here fails a test.
pub const TYPES: &[&[&TypeSpec]] = &[
    autoscaling::TYPES,
    cloudformation::TYPES,
    cloudwatch::TYPES,
    dynamodb::TYPES,
    ec2::TYPES,
    elbv2::TYPES,
    events::TYPES,
    iam::TYPES,
    kms::TYPES,
    lambda::TYPES,
    logs::TYPES,
    rds::TYPES,
    s3::TYPES,
    secretsmanager::TYPES,
    sns::TYPES,
    sqs::TYPES,
    ssm::TYPES,
];
