//! What a changed field means: can it be changed back in place, and must security people look at it.

use crate::catalog::schema;
use crate::model::{FieldChange, Impact, Security};

/// Property names, at any depth, that bear on security. The first that a path passes decides.
///
/// Names are those of the `CloudFormation` schemas; in lower case our folded sub-resources.
const NAMES: &[(&str, Security)] = &[
    ("AssumeRolePolicyDocument", Security::Trust),
    ("ManagedPolicyArns", Security::Policy),
    ("PermissionsBoundary", Security::Policy),
    ("Policies", Security::Policy),
    ("PolicyDocument", Security::Policy),
    ("Policy", Security::Policy),
    ("PolicyText", Security::Policy),
    ("KeyPolicy", Security::Policy),
    ("ResourcePolicy", Security::Policy),
    ("RepositoryPolicyText", Security::Policy),
    ("FileSystemPolicy", Security::Policy),
    ("AccessPolicy", Security::Policy),
    ("AccessPolicies", Security::Policy),
    ("bucketPolicy", Security::Policy),
    ("queuePolicy", Security::Policy),
    ("topicPolicy", Security::Policy),
    ("resourcePolicy", Security::Policy),
    ("eventBusPolicy", Security::Policy),
    ("permissions", Security::Policy),
    ("grants", Security::Policy),
    ("ThumbprintList", Security::Trust),
    ("ClientIdList", Security::Trust),
    ("PublicAccessBlockConfiguration", Security::PublicAccess),
    ("AccessControl", Security::PublicAccess),
    ("acl", Security::PublicAccess),
    ("OwnershipControls", Security::PublicAccess),
    ("PubliclyAccessible", Security::PublicAccess),
    ("MapPublicIpOnLaunch", Security::PublicAccess),
    ("AssociatePublicIpAddress", Security::PublicAccess),
    ("launchPermissions", Security::PublicAccess),
    ("createVolumePermissions", Security::PublicAccess),
    ("AuthType", Security::PublicAccess),
    ("AuthorizationType", Security::PublicAccess),
    ("EndpointPublicAccess", Security::PublicAccess),
    ("PublicAccessCidrs", Security::PublicAccess),
    ("Scheme", Security::PublicAccess),
    ("SecurityGroupIngress", Security::Ingress),
    ("SecurityGroupEgress", Security::Egress),
    ("SecurityGroups", Security::Ingress),
    ("SecurityGroupIds", Security::Ingress),
    ("SecurityGroupId", Security::Ingress),
    ("VPCSecurityGroups", Security::Ingress),
    ("VpcSecurityGroupIds", Security::Ingress),
    ("GroupSet", Security::Ingress),
    ("entries", Security::Ingress),
    ("BucketEncryption", Security::Encryption),
    ("SSESpecification", Security::Encryption),
    ("SqsManagedSseEnabled", Security::Encryption),
    ("StorageEncrypted", Security::Encryption),
    ("Encrypted", Security::Encryption),
    ("EncryptionConfiguration", Security::Encryption),
    ("EncryptionConfig", Security::Encryption),
    ("KmsKeyId", Security::Encryption),
    ("KMSKeyId", Security::Encryption),
    ("KmsKeyArn", Security::Encryption),
    ("KmsMasterKeyId", Security::Encryption),
    ("AtRestEncryptionEnabled", Security::Encryption),
    ("TransitEncryptionEnabled", Security::Encryption),
    ("EnableKeyRotation", Security::Encryption),
    ("SslPolicy", Security::Encryption),
    ("Certificates", Security::Encryption),
    ("ViewerCertificate", Security::Encryption),
    ("DomainEndpointOptions", Security::Encryption),
    ("accessKeys", Security::Credentials),
    ("loginProfile", Security::Credentials),
    ("LoginProfile", Security::Credentials),
    ("mfaDevices", Security::Credentials),
    ("MetadataOptions", Security::Credentials),
    ("IamInstanceProfile", Security::Role),
    ("Role", Security::Role),
    ("RoleArn", Security::Role),
    ("RoleARN", Security::Role),
    ("ExecutionRoleArn", Security::Role),
    ("TaskRoleArn", Security::Role),
    ("ServiceRole", Security::Role),
    ("LoggingConfiguration", Security::Audit),
    ("EventSelectors", Security::Audit),
    ("IsLogging", Security::Audit),
    ("EnableLogFileValidation", Security::Audit),
];

/// Membership in a group, or of a profile, is permission.
const OF_IAM: &[&str] = &["Groups", "Users", "Roles"];

/// Types whose whole purpose is to watch.
const WATCHERS: &[&str] = &["AWS::CloudTrail::", "AWS::GuardDuty::", "AWS::Config::"];

/// Marks each change and sums them up.
pub fn of(type_name: &str, changes: &mut [FieldChange]) -> Impact {
    let facts = schema::facts(type_name);
    let mut impact = Impact { tags_only: !changes.is_empty(), ..Impact::default() };
    for change in changes {
        let Some(path) = change.path.strip_prefix("properties.") else { continue };
        impact.tags_only = false;
        let steps = steps(path);
        change.replacement = facts.is_some_and(|facts| facts.is_create_only(&steps.join(".")));
        change.security = security(type_name, &steps);
        impact.replacement |= change.replacement;
        impact.security.extend(change.security);
    }
    impact
}

fn security(type_name: &str, steps: &[&str]) -> Option<Security> {
    let named = steps.iter().find_map(|step| NAMES.iter().find(|(name, _)| name == step).map(|(_, kind)| *kind));
    let member = type_name.starts_with("AWS::IAM::") && steps.first().is_some_and(|step| OF_IAM.contains(step));
    let watcher = WATCHERS.iter().any(|prefix| type_name.starts_with(prefix));
    named.or(member.then_some(Security::Policy)).or(watcher.then_some(Security::Audit))
}

/// The steps of a path of a change, with `*` for elements: `A[b].C` is `A`, `*`, `C`.
fn steps(path: &str) -> Vec<&str> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(element) = rest.strip_prefix('[') {
            // The name of an element may hold anything, also dots; it ends where a bracket is followed by a step.
            let end = ends_of(element).next().unwrap_or(element.len());
            steps.push("*");
            rest = element.get(end + 1..).unwrap_or_default();
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            steps.push(&rest[..end]);
            rest = &rest[end..];
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
    }
    steps
}

fn ends_of(element: &str) -> impl Iterator<Item = usize> {
    element.match_indices(']').map(|(at, _)| at).filter(|at| {
        let after = &element[at + 1..];
        after.is_empty() || after.starts_with('.') || after.starts_with('[')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Change;

    fn impact(type_name: &str, paths: &[&str]) -> Impact {
        let change = |path: &&str| FieldChange {
            path: (*path).to_owned(),
            change: Change::Changed,
            before: None,
            after: None,
            replacement: false,
            security: None,
        };
        of(type_name, &mut paths.iter().map(change).collect::<Vec<_>>())
    }

    #[test]
    fn elements_are_steps_whatever_their_name() {
        assert_eq!(steps("A.B"), ["A", "B"]);
        assert_eq!(
            steps("Policies[a.b].PolicyDocument.Statement[]"),
            ["Policies", "*", "PolicyDocument", "Statement", "*"]
        );
        assert_eq!(steps("L[x[0]].C"), ["L", "*", "C"]);
        assert_eq!(steps("L[3]"), ["L", "*"]);
    }

    #[test]
    fn create_only_means_replacement() {
        assert!(impact("AWS::SQS::Queue", &["properties.FifoQueue"]).replacement);
        assert!(!impact("AWS::SQS::Queue", &["properties.DelaySeconds"]).replacement);
    }

    #[test]
    fn security_has_kinds() {
        let of = |type_name, path: &str| impact(type_name, &[path]).security.into_iter().next();
        assert_eq!(of("AWS::IAM::Role", "properties.AssumeRolePolicyDocument.Statement[]"), Some(Security::Trust));
        assert_eq!(of("AWS::IAM::Role", "properties.ManagedPolicyArns[]"), Some(Security::Policy));
        assert_eq!(of("AWS::IAM::User", "properties.Groups[]"), Some(Security::Policy));
        assert_eq!(of("AWS::IAM::User", "properties.accessKeys[AKIA].Status"), Some(Security::Credentials));
        assert_eq!(of("AWS::EC2::SecurityGroup", "properties.SecurityGroupIngress[]"), Some(Security::Ingress));
        assert_eq!(of("AWS::S3::Bucket", "properties.BucketEncryption"), Some(Security::Encryption));
        assert_eq!(of("AWS::SQS::Queue", "properties.RedrivePolicy.maxReceiveCount"), None);
        assert_eq!(of("AWS::SQS::Queue", "tags.Role"), None);
    }

    #[test]
    fn tags_alone_are_tags_only() {
        assert!(impact("AWS::SQS::Queue", &["tags.Team"]).tags_only);
        assert!(!impact("AWS::SQS::Queue", &["tags.Team", "properties.DelaySeconds"]).tags_only);
    }
}
