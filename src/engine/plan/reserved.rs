//! What must not be deleted whatever a plan says: marks of services, landing zones, and of people's plain words.

use serde_json::Value;

use crate::model::Resource;

/// What the names of a landing zone or an AWS service begin with, and whose they are.
const NAMES: &[(&str, &str)] = &[
    ("AWSAccelerator", "Landing Zone Accelerator"),
    ("AWSCloudFormationStackSet", "CloudFormation StackSets"),
    ("AWSControlTower", "AWS Control Tower"),
    ("AWSReservedSSO_", "IAM Identity Center"),
    ("AWSSSO_", "IAM Identity Center"),
    ("AWSServiceRoleFor", "a service-linked role"),
    ("CDKToolkit", "the bootstrap stack of the AWS CDK"),
    ("OrganizationAccountAccessRole", "AWS Organizations"),
    ("StackSet-AWSControlTower", "AWS Control Tower"),
    ("aws-accelerator", "Landing Zone Accelerator"),
    ("aws-baseline-final-", "this program: the final snapshot of something that it deleted"),
    ("aws-controltower", "AWS Control Tower"),
    ("aws-quicksetup", "Systems Manager Quick Setup"),
    ("cdk-hnb659fds-", "the bootstrap stack of the AWS CDK"),
    ("stacksets-exec-", "CloudFormation StackSets"),
];

/// Paths of AWS's own, wherever they stand in a name, path or id.
const PATHS: &[(&str, &str)] = &[
    ("/aws-reserved/", "an AWS service"),
    ("/aws-service-role/", "a service-linked role"),
    ("/aws/controltower", "AWS Control Tower"),
    ("/aws/reference/", "an AWS service"),
    ("/aws/service/", "an AWS service"),
    ("/cdk-bootstrap/", "the bootstrap stack of the AWS CDK"),
    ("alias/aws/", "an AWS managed key"),
];

/// Names that a service gives to what it makes in every account.
const DEFAULTS: &[(&str, &[&str])] = &[
    ("AWS::Athena::WorkGroup", &["primary"]),
    ("AWS::Backup::BackupVault", &["Default", "aws/efs/automatic-backup-vault"]),
    ("AWS::ElastiCache::ParameterGroup", &["default."]),
    ("AWS::ElastiCache::SubnetGroup", &["default"]),
    ("AWS::ElastiCache::User", &["default"]),
    ("AWS::Events::EventBus", &["default"]),
    ("AWS::Glue::Database", &["default"]),
    ("AWS::RDS::DBClusterParameterGroup", &["default."]),
    ("AWS::RDS::DBParameterGroup", &["default."]),
    ("AWS::RDS::OptionGroup", &["default:"]),
    ("AWS::Redshift::ClusterParameterGroup", &["default."]),
    ("AWS::Redshift::ClusterSubnetGroup", &["default"]),
    ("AWS::Scheduler::ScheduleGroup", &["default"]),
];

/// Tag keys by which this program is told to keep its hands off; any value but `false` and `no` counts.
const TAGS: &[&str] = &["awsbaseline:protect", "donotdelete"];

/// Fields by which a service marks as its own what it made in this account.
const FIELDS: &[&str] =
    &["LinkedService", "ManagedBy", "OperatorManaged", "OwningService", "RequesterManaged", "ServiceManaged"];

/// The mark that reserves a resource.
pub(super) fn reserved(resource: &Resource) -> Option<String> {
    by_words(resource).or_else(|| by_name(resource)).or_else(|| by_default(resource))
}

/// The field by which a service claims a resource.
pub(super) fn claimed(resource: &Resource) -> Option<String> {
    let claims = |value: &Value| match value {
        Value::Bool(claims) => *claims,
        Value::String(service) => !service.is_empty() && service != "false",
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
    };
    let field =
        |name: &&str| resource.observed.get(*name).or_else(|| resource.properties.get(*name)).is_some_and(claims);
    FIELDS.iter().find(|name| field(name)).map(|name| format!("{name} is set"))
}

fn texts(resource: &Resource) -> impl Iterator<Item = &str> {
    let path = resource.properties.get("Path").and_then(Value::as_str);
    let arn = resource.arn.as_deref().and_then(|arn| arn.splitn(6, ':').nth(5));
    [resource.name.as_deref(), Some(resource.id.as_str()), path, arn].into_iter().flatten()
}

fn by_words(resource: &Resource) -> Option<String> {
    let tag = resource.tags.iter().find(|(key, value)| {
        TAGS.contains(&plain(key).as_str()) && !["false", "no"].contains(&value.to_ascii_lowercase().as_str())
    });
    if let Some((key, _)) = tag {
        return Some(format!("tag {key}"));
    }
    let word = texts(resource).any(|text| plain(text).contains("donotdelete"));
    word.then(|| "its name says that it must not be deleted".to_owned())
}

/// Lower case, without what people put between words.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '-' | '_' | ' ' | '.')).map(|c| c.to_ascii_lowercase()).collect()
}

fn by_name(resource: &Resource) -> Option<String> {
    for text in texts(resource) {
        let begins = |part: &str| NAMES.iter().find(|(name, _)| part.starts_with(name));
        if let Some((name, whose)) = text.split(['/', ':', '|']).find_map(begins) {
            return Some(format!("{name} belongs to {whose}"));
        }
        // Every path has a slash in it, and most texts have none.
        if let Some((path, whose)) = PATHS.iter().find(|(path, _)| text.contains('/') && text.contains(path)) {
            return Some(format!("{path} belongs to {whose}"));
        }
    }
    None
}

fn by_default(resource: &Resource) -> Option<String> {
    let (_, names) = DEFAULTS.iter().find(|(type_name, _)| *type_name == resource.type_name)?;
    let label = resource.label();
    // A name that ends in a mark of its own is the beginning of many.
    let fits = |name: &str| if name.ends_with(['.', ':']) { label.starts_with(name) } else { label == name };
    names.iter().find(|name| fits(name)).map(|_| "every account has it".to_owned())
}
