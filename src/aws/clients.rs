//! Which SDK clients there are. A service is one line.

use aws_types::SdkConfig;

use super::transport::LabelRequests;

/// An SDK client that can be made for a region.
pub trait ServiceClient: Clone + Send + Sync + 'static {
    /// Makes a client from the shared configuration, which names the region.
    fn build(config: &SdkConfig) -> Self;
}

macro_rules! clients {
    ($($sdk:ident),* $(,)?) => {$(
        impl ServiceClient for $sdk::Client {
            fn build(config: &SdkConfig) -> Self {
                let config = $sdk::config::Builder::from(config).interceptor(LabelRequests);
                $sdk::Client::from_conf(config.build())
            }
        }
    )*};
}

clients!(
    aws_sdk_acm,
    aws_sdk_apigateway,
    aws_sdk_apigatewayv2,
    aws_sdk_applicationautoscaling,
    aws_sdk_autoscaling,
    aws_sdk_backup,
    aws_sdk_cloudformation,
    aws_sdk_cloudfront,
    aws_sdk_cloudtrail,
    aws_sdk_cloudwatch,
    aws_sdk_cloudwatchlogs,
    aws_sdk_codebuild,
    aws_sdk_codepipeline,
    aws_sdk_cognitoidentityprovider,
    aws_sdk_config,
    aws_sdk_costexplorer,
    aws_sdk_dynamodb,
    aws_sdk_ec2,
    aws_sdk_ecr,
    aws_sdk_ecs,
    aws_sdk_efs,
    aws_sdk_eks,
    aws_sdk_elasticache,
    aws_sdk_elasticloadbalancing,
    aws_sdk_elasticloadbalancingv2,
    aws_sdk_eventbridge,
    aws_sdk_firehose,
    aws_sdk_glue,
    aws_sdk_guardduty,
    aws_sdk_iam,
    aws_sdk_kinesis,
    aws_sdk_kms,
    aws_sdk_lambda,
    aws_sdk_opensearch,
    aws_sdk_rds,
    aws_sdk_redshift,
    aws_sdk_route53,
    aws_sdk_sagemaker,
    aws_sdk_scheduler,
    aws_sdk_secretsmanager,
    aws_sdk_sfn,
    aws_sdk_sns,
    aws_sdk_sqs,
    aws_sdk_ssm,
    aws_sdk_sts,
    aws_sdk_wafv2,
);

impl ServiceClient for aws_sdk_s3::Client {
    fn build(config: &SdkConfig) -> Self {
        // An endpoint of one's own (an emulator, a VPC endpoint) has no host name per bucket.
        let own_endpoint = config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
        let config =
            aws_sdk_s3::config::Builder::from(config).interceptor(LabelRequests).force_path_style(own_endpoint);
        aws_sdk_s3::Client::from_conf(config.build())
    }
}
