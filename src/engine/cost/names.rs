//! Names that bills and inventories give to the same thing.

/// Service of a bill (code, and part of its name for people) → services of `CloudFormation` types, in lower case.
///
/// Source: the AWS Price List's service codes; the names are those of invoices.
const SERVICES: &[(&str, &str, &[&str])] = &[
    ("AmazonApiGateway", "API Gateway", &["apigateway", "apigatewayv2"]),
    ("AmazonCloudFront", "CloudFront", &["cloudfront"]),
    ("AmazonCloudWatch", "CloudWatch", &["logs", "cloudwatch", "events"]),
    ("AmazonCognito", "Cognito", &["cognito"]),
    ("AmazonDynamoDB", "DynamoDB", &["dynamodb"]),
    ("AmazonEC2", "Elastic Compute Cloud", &["ec2", "autoscaling"]),
    ("AmazonECR", "Container Registry", &["ecr"]),
    ("AmazonECS", "Elastic Container Service", &["ecs"]),
    ("AmazonEFS", "Elastic File System", &["efs"]),
    ("AmazonEKS", "Kubernetes", &["eks"]),
    ("AmazonES", "OpenSearch", &["opensearchservice", "elasticsearch"]),
    ("AmazonElastiCache", "ElastiCache", &["elasticache"]),
    ("AmazonKinesisFirehose", "Firehose", &["kinesisfirehose"]),
    ("AmazonKinesis", "Kinesis", &["kinesis"]),
    ("AmazonRDS", "Relational Database", &["rds"]),
    ("AmazonRedshift", "Redshift", &["redshift"]),
    ("AmazonRoute53", "Route 53", &["route53"]),
    ("AmazonS3", "Simple Storage Service", &["s3"]),
    ("AmazonSNS", "Simple Notification", &["sns"]),
    ("AmazonSageMaker", "SageMaker", &["sagemaker"]),
    ("AmazonStates", "Step Functions", &["stepfunctions"]),
    ("AmazonVPC", "Virtual Private Cloud", &["ec2"]),
    ("AWSBackup", "Backup", &["backup"]),
    ("AWSCloudTrail", "CloudTrail", &["cloudtrail"]),
    ("AWSCodePipeline", "CodePipeline", &["codepipeline"]),
    ("AWSCodeBuild", "CodeBuild", &["codebuild"]),
    ("AWSELB", "Load Balancing", &["elasticloadbalancing", "elasticloadbalancingv2"]),
    ("AWSEvents", "EventBridge", &["events", "scheduler"]),
    ("AWSGlue", "Glue", &["glue"]),
    ("AWSLambda", "Lambda", &["lambda"]),
    ("AWSQueueService", "Simple Queue", &["sqs"]),
    ("AWSSecretsManager", "Secrets Manager", &["secretsmanager"]),
    ("AWSSystemsManager", "Systems Manager", &["ssm"]),
    ("awskms", "Key Management", &["kms"]),
    ("awswaf", "WAF", &["wafv2"]),
];

/// The services of `CloudFormation` types that a service of a bill stands for; empty when it is none of ours.
#[must_use]
pub fn type_services(code: &str, name: &str) -> &'static [&'static str] {
    let by_code = SERVICES.iter().find(|(known, ..)| *known == code || *known == name);
    by_code
        .or_else(|| SERVICES.iter().find(|(_, part, _)| name.contains(part)))
        .map_or(&[], |(_, _, services)| services)
}

/// The services of `CloudFormation` types that an ARN's service stands for.
#[must_use]
pub fn arn_services(service: &str) -> Vec<&str> {
    match service {
        "elasticloadbalancing" => vec!["elasticloadbalancing", "elasticloadbalancingv2"],
        "states" => vec!["stepfunctions"],
        "es" => vec!["opensearchservice", "elasticsearch"],
        "apigateway" => vec!["apigateway", "apigatewayv2"],
        "elasticfilesystem" => vec!["efs"],
        "firehose" => vec!["kinesisfirehose"],
        "acm" => vec!["certificatemanager"],
        other => vec![other],
    }
}

/// Whether a service of a bill is a support plan.
#[must_use]
pub fn is_support(code: &str, name: &str) -> bool {
    // `AWSSupportBusiness`, `AWSDeveloperSupport`, `AWS Premium Support`, `AWS Support (Business)`.
    let is = |text: &str| text == "Support" || (text.starts_with("AWS") && text.contains("Support"));
    is(code) || is(name)
}

/// Whether an id is unique in all of AWS: a prefix and at least eight hex digits, as in `i-0123456789abcdef0`.
#[must_use]
pub fn is_unique_id(text: &str) -> bool {
    text.rsplit_once('-').is_some_and(|(prefix, digits)| {
        prefix.starts_with(|c: char| c.is_ascii_lowercase())
            && prefix.len() <= 12
            && prefix.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            && matches!(digits.len(), 8 | 17)
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// An ARN, and what it is a part of: `…:function:f:alias` → `…:function:f`; `table/t/index/i` → `table/t`.
pub fn arn_and_shorter(arn: &str) -> impl Iterator<Item = &str> {
    let resource_at = arn.match_indices(':').nth(4).map_or(arn.len(), |(at, _)| at + 1);
    let mut next = Some(arn);
    std::iter::from_fn(move || {
        let current = next?;
        next = current.rfind([':', '/']).filter(|at| *at > resource_at).map(|at| &current[..at]);
        Some(current)
    })
}

/// The name that stands last in an ARN or a path.
#[must_use]
pub fn last_part(text: &str) -> &str {
    text.rsplit([':', '/']).next().unwrap_or(text)
}

/// The log groups that services make: path before the name, and the type of the one who writes there.
const LOG_GROUPS: &[(&str, &str)] = &[
    ("/aws/lambda/", "AWS::Lambda::Function"),
    ("/aws/codebuild/", "AWS::CodeBuild::Project"),
    ("/aws/eks/", "AWS::EKS::Cluster"),
    ("/aws/rds/instance/", "AWS::RDS::DBInstance"),
    ("/aws/rds/cluster/", "AWS::RDS::DBCluster"),
    ("/aws/ecs/containerinsights/", "AWS::ECS::Cluster"),
];

/// Type and name of what writes into a log group.
#[must_use]
pub fn log_group_writer(group: &str) -> Option<(&'static str, &str)> {
    LOG_GROUPS.iter().find_map(|(path, kind)| {
        let name = group.strip_prefix(path)?.split('/').next().filter(|name| !name.is_empty())?;
        Some((*kind, name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_an_arn_lead_to_the_whole() {
        let all = |arn| arn_and_shorter(arn).collect::<Vec<_>>();
        assert_eq!(
            all("arn:aws:lambda:eu-west-1:1:function:f:live"),
            [
                "arn:aws:lambda:eu-west-1:1:function:f:live",
                "arn:aws:lambda:eu-west-1:1:function:f",
                "arn:aws:lambda:eu-west-1:1:function"
            ]
        );
        assert_eq!(all("arn:aws:s3:::b"), ["arn:aws:s3:::b"]);
    }

    #[test]
    fn unique_ids_have_a_form() {
        for unique in ["i-0123456789abcdef0", "vol-01234567", "tgw-attach-0123456789abcdef0"] {
            assert!(is_unique_id(unique), "{unique}");
        }
        for other in ["orders", "my-bucket", "a-b", "prod-20261001x", "i-xyz"] {
            assert!(!is_unique_id(other), "{other}");
        }
    }

    #[test]
    fn services_have_two_names() {
        assert_eq!(type_services("AmazonS3", ""), ["s3"]);
        assert_eq!(type_services("", "Amazon Simple Storage Service"), ["s3"]);
        assert!(type_services("", "Contoso Widgets").is_empty());
        assert!(is_support("AWSSupportBusiness", "") && !is_support("AmazonS3", "Amazon S3"));
    }
}
