//! One folder per AWS service, one file per resource type.

use crate::catalog::TypeSpec;

pub mod acm;
pub mod apigateway;
pub mod apigatewayv2;
pub mod applicationautoscaling;
pub mod autoscaling;
pub mod backup;
pub mod cloudformation;
pub mod cloudfront;
pub mod cloudtrail;
pub mod cloudwatch;
pub mod codebuild;
pub mod codepipeline;
pub mod cognito;
pub mod config;
pub mod dynamodb;
pub mod ec2;
pub mod ecr;
pub mod ecs;
pub mod efs;
pub mod eks;
pub mod elasticache;
pub mod elb;
pub mod elbv2;
pub mod events;
pub mod firehose;
pub mod glue;
pub mod guardduty;
pub mod iam;
mod instance_requirements;
pub mod kinesis;
pub mod kms;
pub mod lambda;
pub mod logs;
pub mod opensearch;
pub mod rds;
pub mod redshift;
pub mod route53;
pub mod s3;
pub mod sagemaker;
pub mod scheduler;
pub mod secretsmanager;
pub mod sns;
pub mod sqs;
pub mod ssm;
pub mod stepfunctions;
pub mod wafv2;

/// The types of every service. A folder that is missing here fails a test.
pub const TYPES: &[&[&TypeSpec]] = &[
    acm::TYPES,
    apigateway::TYPES,
    apigatewayv2::TYPES,
    applicationautoscaling::TYPES,
    autoscaling::TYPES,
    backup::TYPES,
    cloudformation::TYPES,
    cloudfront::TYPES,
    cloudtrail::TYPES,
    cloudwatch::TYPES,
    codebuild::TYPES,
    codepipeline::TYPES,
    cognito::TYPES,
    config::TYPES,
    dynamodb::TYPES,
    ec2::TYPES,
    ecr::TYPES,
    ecs::TYPES,
    efs::TYPES,
    eks::TYPES,
    elasticache::TYPES,
    elb::TYPES,
    elbv2::TYPES,
    events::TYPES,
    firehose::TYPES,
    glue::TYPES,
    guardduty::TYPES,
    iam::TYPES,
    kinesis::TYPES,
    kms::TYPES,
    lambda::TYPES,
    logs::TYPES,
    opensearch::TYPES,
    rds::TYPES,
    redshift::TYPES,
    route53::TYPES,
    s3::TYPES,
    sagemaker::TYPES,
    scheduler::TYPES,
    secretsmanager::TYPES,
    sns::TYPES,
    sqs::TYPES,
    ssm::TYPES,
    stepfunctions::TYPES,
    wafv2::TYPES,
];
