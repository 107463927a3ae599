//! Buckets, each with its policy, its access list and everything else that is configured on it.
//!
//! The list of buckets is one per account. Each bucket is asked about in its own region, and filed there.

use aws_sdk_s3::Client;
use aws_sdk_s3::types;

use super::{bucket_access, bucket_delete, bucket_objects, bucket_reports, bucket_web, parts};
use crate::aws::{Absent, Call, CallError, Cx, gone_unless};
use crate::catalog::{Created, Delete, Draft, Edge, LeftOut, Listed, Order, Recipe, Scope, TypeSpec, Unmapped};

/// `AWS::S3::Bucket`, with `AWS::S3::BucketPolicy` folded in as `bucketPolicy`.
///
/// What the schema has no place for: `acl` (grants), `mfaDelete`, `requestPayer`, `loggingGrants` and
/// `inventoryEncryption` (by the inventory's `Id`).
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::S3::Bucket",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationDate"),
    sets: &[
        "AnalyticsConfigurations",
        "AnalyticsConfigurations.*.TagFilters",
        "BucketEncryption.ServerSideEncryptionConfiguration.*.BlockedEncryptionTypes.EncryptionType",
        "CorsConfiguration.CorsRules.*.AllowedHeaders",
        "CorsConfiguration.CorsRules.*.AllowedMethods",
        "CorsConfiguration.CorsRules.*.AllowedOrigins",
        "CorsConfiguration.CorsRules.*.ExposedHeaders",
        "IntelligentTieringConfigurations",
        "IntelligentTieringConfigurations.*.TagFilters",
        "IntelligentTieringConfigurations.*.Tierings",
        "InventoryConfigurations",
        "InventoryConfigurations.*.OptionalFields",
        "LifecycleConfiguration.Rules",
        "LifecycleConfiguration.Rules.*.NoncurrentVersionTransitions",
        "LifecycleConfiguration.Rules.*.TagFilters",
        "LifecycleConfiguration.Rules.*.Transitions",
        "MetricsConfigurations",
        "MetricsConfigurations.*.TagFilters",
        "NotificationConfiguration.LambdaConfigurations",
        "NotificationConfiguration.LambdaConfigurations.*.Filter.S3Key.Rules",
        "NotificationConfiguration.QueueConfigurations",
        "NotificationConfiguration.QueueConfigurations.*.Filter.S3Key.Rules",
        "NotificationConfiguration.TopicConfigurations",
        "NotificationConfiguration.TopicConfigurations.*.Filter.S3Key.Rules",
        "ReplicationConfiguration.Rules",
        "ReplicationConfiguration.Rules.*.Filter.And.TagFilters",
        "acl",
        "inventoryEncryption",
        "loggingGrants",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "Owner.*", why: "the account itself, by its canonical id" },
        LeftOut { path: "ListBuckets:Prefix", why: "the question said back" },
        LeftOut { path: "Grants[].Grantee.DisplayName", why: "AWS does not answer it any more" },
        LeftOut { path: "Grants[].Grantee.EmailAddress", why: "a way to name a grantee in a request" },
        LeftOut { path: "LoggingEnabled.TargetGrants[].Grantee.DisplayName", why: "AWS does not answer it any more" },
        LeftOut {
            path: "LoggingEnabled.TargetGrants[].Grantee.EmailAddress",
            why: "a way to name a grantee in a request",
        },
        LeftOut { path: "RequestCharged", why: "who paid for the question" },
        LeftOut { path: "TopicConfigurations[].Id", why: "generated where none is given; no schema property" },
        LeftOut { path: "QueueConfigurations[].Id", why: "generated where none is given; no schema property" },
        LeftOut { path: "LambdaFunctionConfigurations[].Id", why: "generated where none is given; no schema property" },
        LeftOut {
            path: "ReplicationConfiguration.Rules[].ExistingObjectReplication.Status",
            why: "not supported any more",
        },
        LeftOut {
            path: "GetBucketMetadataConfigurationResult.MetadataConfigurationResult.DestinationResult.*",
            why: "the table bucket that AWS chose",
        },
        LeftOut {
            path: "GetBucketMetadataConfigurationResult.MetadataConfigurationResult.JournalTableConfigurationResult.Table*",
            why: "name and state of the table that AWS made",
        },
        LeftOut {
            path: "GetBucketMetadataConfigurationResult.MetadataConfigurationResult.JournalTableConfigurationResult.Error.*",
            why: "state of the table that AWS made",
        },
        LeftOut {
            path: "GetBucketMetadataConfigurationResult.MetadataConfigurationResult.InventoryTableConfigurationResult.Table*",
            why: "name and state of the table that AWS made",
        },
        LeftOut {
            path: "GetBucketMetadataConfigurationResult.MetadataConfigurationResult.InventoryTableConfigurationResult.Error.*",
            why: "state of the table that AWS made",
        },
        LeftOut {
            path: "GetBucketMetadataConfigurationResult.MetadataConfigurationResult.AnnotationTableConfigurationResult.Table*",
            why: "name and state of the table that AWS made",
        },
        LeftOut {
            path: "GetBucketMetadataConfigurationResult.MetadataConfigurationResult.AnnotationTableConfigurationResult.Error.*",
            why: "state of the table that AWS made",
        },
    ],
    unmapped: &[
        Unmapped { path: "Tags", why: "kept in `tags`" },
        Unmapped { path: "AccessControl", why: "a canned access list, answered as its grants: `acl`" },
        Unmapped { path: "BucketNamePrefix", why: "a way to make up the name, never answered" },
        Unmapped { path: "BucketNamespace", why: "never answered; the name says it" },
        Unmapped {
            path: "LifecycleConfiguration.Rules.*.NoncurrentVersionExpirationInDays",
            why: "older spelling of NoncurrentVersionExpiration",
        },
        Unmapped {
            path: "LifecycleConfiguration.Rules.*.NoncurrentVersionTransition",
            why: "older spelling of NoncurrentVersionTransitions",
        },
        Unmapped { path: "LifecycleConfiguration.Rules.*.Transition", why: "older spelling of Transitions" },
        Unmapped {
            path: "MetadataConfiguration.AnnotationTableConfiguration.EncryptionConfiguration",
            why: "never answered",
        },
        Unmapped {
            path: "MetadataConfiguration.InventoryTableConfiguration.EncryptionConfiguration",
            why: "never answered",
        },
        Unmapped {
            path: "MetadataConfiguration.JournalTableConfiguration.EncryptionConfiguration",
            why: "never answered",
        },
        Unmapped {
            path: "MetadataTableConfiguration",
            why: "older form of MetadataConfiguration, as which AWS answers it too",
        },
    ],
    edges: &[
        Edge {
            path: "LoggingConfiguration.DestinationBucketName",
            to: "AWS::S3::Bucket",
            target: "{}",
            order: Order::HolderFirst,
            why: "writes its access logs there, by name",
        },
        Edge {
            path: "BucketEncryption.ServerSideEncryptionConfiguration.*.ServerSideEncryptionByDefault.KMSMasterKeyID",
            to: "AWS::KMS::Key",
            target: "{}",
            order: Order::HolderFirst,
            why: "encrypts its objects; may be a bare key id",
        },
        Edge {
            path: "BucketEncryption.ServerSideEncryptionConfiguration.*.ServerSideEncryptionByDefault.KMSMasterKeyID",
            to: "AWS::KMS::Alias",
            target: "{}",
            order: Order::HolderFirst,
            why: "encrypts its objects; may be an alias",
        },
        Edge {
            path: "ReplicationConfiguration.Rules.*.Destination.EncryptionConfiguration.ReplicaKmsKeyID",
            to: "AWS::KMS::Key",
            target: "{}",
            order: Order::HolderFirst,
            why: "encrypts the replicas; may be a bare key id",
        },
    ],
    read_actions: &[
        "s3:ListAllMyBuckets",
        "s3:GetBucketLocation",
        "s3:GetAccelerateConfiguration",
        "s3:GetAnalyticsConfiguration",
        "s3:GetBucketAbac",
        "s3:GetBucketAcl",
        "s3:GetBucketCORS",
        "s3:GetBucketLogging",
        "s3:GetBucketMetadataTableConfiguration",
        "s3:GetBucketNotification",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPolicy",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketRequestPayment",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:GetBucketWebsite",
        "s3:GetEncryptionConfiguration",
        "s3:GetIntelligentTieringConfiguration",
        "s3:GetInventoryConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetMetricsConfiguration",
        "s3:GetReplicationConfiguration",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteBucket",
        actions: &[
            "s3:ListBucketMultipartUploads",
            "s3:AbortMultipartUpload",
            "s3:ListBucketVersions",
            "s3:DeleteObject",
            "s3:DeleteObjectVersion",
            "s3:BypassGovernanceRetention",
            "s3:DeleteBucket",
        ],
        gone: GONE,
        steps: Some(bucket_delete::steps),
        run: |hands, step| Box::pin(bucket_delete::run(hands, step)),
        protection: Some(bucket_delete::protection),
        rank: 3,
        holds_data: true,
        reversible: None,
    }),
};

/// How S3 says that a bucket was deleted since it was listed.
const GONE: &[&str] = &["NoSuchBucket"];

/// Most buckets that one page may hold. Asking for a page is also what makes S3 say each bucket's region.
const PAGE: i32 = 10_000;

/// A bucket as the account's list has it, and its region.
#[derive(Debug, Clone)]
struct Found {
    bucket: types::Bucket,
    region: String,
}

async fn list(cx: &Cx) -> Listed {
    let all = cx.once("s3:ListBuckets", || find(cx.home())).await?;
    let here = all.iter().filter(|found| found.region == cx.region()).cloned().collect();
    let s3: Client = cx.client();
    // A bucket that is deleted meanwhile says so at whichever call comes next.
    cx.each(here, async |found: Found| {
        let name = found.bucket.name().unwrap_or_default().to_owned();
        let exists = async { locate(&s3, &name).await.map(|region| region.is_some()) };
        gone_unless(describe(cx, &s3, found).await, GONE, exists).await
    })
    .await
}

/// Every bucket of the account with its region.
///
/// Only the home region answers the day of creation; elsewhere it moves when the bucket's policy changes.
async fn find(home: Cx) -> Result<Vec<Found>, CallError> {
    let s3: Client = home.client();
    let mut pages = s3.list_buckets().max_buckets(PAGE).into_paginator().send();
    let mut buckets = Vec::new();
    while let Some(page) = pages.next().await {
        buckets.extend(page.at("s3:ListAllMyBuckets")?.buckets.unwrap_or_default());
    }
    let buckets = home.wanted(buckets, |bucket| bucket.name().unwrap_or_default());
    let found = home.gather(buckets, async |bucket: types::Bucket| {
        let region = match bucket.bucket_region().filter(|region| !region.is_empty()) {
            Some(region) => Some(region.to_owned()),
            None => locate(&s3, bucket.name().unwrap_or_default()).await?,
        };
        Ok(region.map(|region| Found { bucket, region }))
    });
    Ok(found.await?.into_iter().flatten().collect())
}

/// The region of a bucket; `None` when it is gone.
async fn locate(s3: &Client, name: &str) -> Result<Option<String>, CallError> {
    let answer = s3.get_bucket_location().bucket(name).send().await.at("s3:GetBucketLocation").absent_if(GONE)?;
    Ok(answer.map(|answer| region_of(answer.location_constraint().map(types::BucketLocationConstraint::as_str))))
}

/// The region that a location constraint stands for: the oldest regions have none, or a name of their own.
fn region_of(constraint: Option<&str>) -> String {
    match constraint {
        None | Some("" | "null" | "US") => "us-east-1",
        Some("EU") => "eu-west-1",
        Some(region) => region,
    }
    .to_owned()
}

async fn describe(cx: &Cx, s3: &Client, Found { bucket, region }: Found) -> Result<Draft, CallError> {
    let name = bucket.name().unwrap_or_default();
    let (access, objects, web, reports, tags) = tokio::join!(
        Box::pin(bucket_access::read(s3, name)),
        Box::pin(bucket_objects::read(s3, name)),
        Box::pin(bucket_web::read(s3, name)),
        Box::pin(bucket_reports::read(s3, name)),
        s3.get_bucket_tagging().bucket(name).send(),
    );
    let built = format!("arn:{}:s3:::{name}", cx.partition());
    let draft = Draft::new(name)
        .arn(bucket.bucket_arn().unwrap_or(&built))
        .name(name)
        .created(bucket.creation_date())
        .aws_made(name.starts_with("aws-controltower-"), "made by AWS Control Tower")
        .aws_made(name == format!("elasticbeanstalk-{region}-{}", cx.account()), "made by Elastic Beanstalk")
        .aws_made(
            name.starts_with("cf-templates-") && name.ends_with(&region),
            "made by the CloudFormation console for templates",
        )
        .with("BucketName", name);
    let draft = parts::join(draft, access.into_iter().chain(objects).chain(web).chain(reports))?;
    let tags = tags.at("s3:GetBucketTagging").absent_if(&["NoSuchTagSet"]);
    let tags = tags.map(|answer| answer.map(|answer| answer.tag_set).unwrap_or_default());
    draft.sub_tags(tags.map(|tags| tags.into_iter().map(|tag| (tag.key, tag.value))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_regions_have_names_of_their_own() {
        assert_eq!(region_of(None), "us-east-1");
        assert_eq!(region_of(Some("")), "us-east-1");
        assert_eq!(region_of(Some("EU")), "eu-west-1");
        assert_eq!(region_of(Some("ap-south-1")), "ap-south-1");
    }
}
