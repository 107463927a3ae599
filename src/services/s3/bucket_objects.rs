//! What happens to a bucket's objects: versions, encryption, lock, lifecycle, tiering, replication.

use aws_sdk_s3::Client;
use aws_sdk_s3::types;

use super::parts::{Part, all, part, status, tag_filter, tag_filters};
use crate::aws::{Absent, Call, CallError};
use crate::catalog::{Props, each};

/// Asks what happens to a bucket's objects.
pub(super) async fn read(s3: &Client, bucket: &str) -> Vec<Part> {
    let (versioning, encryption, lock, lifecycle, replication, tiering) = tokio::join!(
        s3.get_bucket_versioning().bucket(bucket).send(),
        s3.get_bucket_encryption().bucket(bucket).send(),
        s3.get_object_lock_configuration().bucket(bucket).send(),
        s3.get_bucket_lifecycle_configuration().bucket(bucket).send(),
        s3.get_bucket_replication().bucket(bucket).send(),
        tierings(s3, bucket),
    );
    let versioning = versioning.at("s3:GetBucketVersioning").map(Some);
    let encryption =
        encryption.at("s3:GetEncryptionConfiguration").absent_if(&["ServerSideEncryptionConfigurationNotFoundError"]);
    let lock = lock.at("s3:GetBucketObjectLockConfiguration").absent_if(&["ObjectLockConfigurationNotFoundError"]);
    let lifecycle = lifecycle.at("s3:GetLifecycleConfiguration").absent_if(&["NoSuchLifecycleConfiguration"]);
    let replication =
        replication.at("s3:GetReplicationConfiguration").absent_if(&["ReplicationConfigurationNotFoundError"]);
    let tiering = tiering.map(Some);
    vec![
        part("VersioningConfiguration", &versioning, |answer| answer.status().map(|state| status(state.as_str()))),
        part("mfaDelete", &versioning, |answer| {
            answer.mfa_delete().map(types::MfaDeleteStatus::as_str).map(str::to_owned)
        }),
        part("BucketEncryption", &encryption, |answer| {
            answer.server_side_encryption_configuration().map(bucket_encryption)
        }),
        part("ObjectLockEnabled", &lock, |answer| {
            let state = answer.object_lock_configuration()?.object_lock_enabled()?;
            Some(*state == types::ObjectLockEnabled::Enabled)
        }),
        part("ObjectLockConfiguration", &lock, |answer| answer.object_lock_configuration().map(object_lock)),
        part("LifecycleConfiguration", &lifecycle, |answer| {
            let least = answer.transition_default_minimum_object_size();
            Props::new().with("Rules", all(answer.rules.as_ref(), lifecycle_rule)).with(
                "TransitionDefaultMinimumObjectSize",
                least.map(types::TransitionDefaultMinimumObjectSize::as_str),
            )
        }),
        part("ReplicationConfiguration", &replication, |answer| {
            answer.replication_configuration().map(replication_configuration)
        }),
        part("IntelligentTieringConfigurations", &tiering, |found| each(found, intelligent_tiering)),
    ]
}

async fn tierings(s3: &Client, bucket: &str) -> Result<Vec<types::IntelligentTieringConfiguration>, CallError> {
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let call = s3.list_bucket_intelligent_tiering_configurations().bucket(bucket);
        let page = call.set_continuation_token(token).send().await.at("s3:GetIntelligentTieringConfiguration")?;
        found.extend(page.intelligent_tiering_configuration_list.unwrap_or_default());
        token = page.next_continuation_token;
        if token.is_none() {
            return Ok(found);
        }
    }
}

fn bucket_encryption(encryption: &types::ServerSideEncryptionConfiguration) -> Props {
    let rule = |rule: &types::ServerSideEncryptionRule| {
        let blocked = rule.blocked_encryption_types().map(types::BlockedEncryptionTypes::encryption_type);
        let blocked: Vec<&str> = blocked.unwrap_or_default().iter().map(types::EncryptionType::as_str).collect();
        let default = rule.apply_server_side_encryption_by_default().map(|default| {
            Props::new()
                .with("KMSMasterKeyID", default.kms_master_key_id())
                .with("SSEAlgorithm", default.sse_algorithm().as_str())
        });
        Props::new()
            .with("BlockedEncryptionTypes", Props::new().with("EncryptionType", blocked))
            .with("BucketKeyEnabled", rule.bucket_key_enabled())
            .with("ServerSideEncryptionByDefault", default)
    };
    Props::new().with("ServerSideEncryptionConfiguration", each(encryption.rules(), rule))
}

fn object_lock(lock: &types::ObjectLockConfiguration) -> Props {
    let retention = lock.rule().and_then(types::ObjectLockRule::default_retention).map(|retention| {
        let hold = retention
            .default_event_hold()
            .map(|hold| Props::new().with("Days", hold.days()).with("Years", hold.years()));
        Props::new()
            .with("Days", retention.days())
            .with("DefaultEventHold", hold)
            .with("Mode", retention.mode().map(types::ObjectLockRetentionMode::as_str))
            .with("Years", retention.years())
    });
    Props::new()
        .with("ObjectLockEnabled", lock.object_lock_enabled().map(types::ObjectLockEnabled::as_str))
        .with("Rule", Props::new().with("DefaultRetention", retention))
}

/// The API nests a rule's conditions (`Filter`, `Filter.And`, or an old `Prefix`); the schema has them side by side.
fn lifecycle_rule(rule: &types::LifecycleRule) -> Props {
    let filter = rule.filter();
    let and = filter.and_then(types::LifecycleRuleFilter::and);
    #[expect(deprecated, reason = "AWS still answers it for rules that were made with it")]
    let prefix = rule
        .prefix()
        .or_else(|| filter.and_then(types::LifecycleRuleFilter::prefix))
        .or_else(|| and.and_then(types::LifecycleRuleAndOperator::prefix));
    let greater = filter
        .and_then(types::LifecycleRuleFilter::object_size_greater_than)
        .or_else(|| and.and_then(types::LifecycleRuleAndOperator::object_size_greater_than));
    let less = filter
        .and_then(types::LifecycleRuleFilter::object_size_less_than)
        .or_else(|| and.and_then(types::LifecycleRuleAndOperator::object_size_less_than));
    let tags = filter.and_then(types::LifecycleRuleFilter::tag).into_iter();
    let tags = tags.chain(and.map(types::LifecycleRuleAndOperator::tags).unwrap_or_default());
    let expiration = rule.expiration();
    let noncurrent = rule.noncurrent_version_expiration().map(|expiration| {
        Props::new()
            .with("NewerNoncurrentVersions", expiration.newer_noncurrent_versions())
            .with("NoncurrentDays", expiration.noncurrent_days())
    });
    let abort = rule
        .abort_incomplete_multipart_upload()
        .map(|abort| Props::new().with("DaysAfterInitiation", abort.days_after_initiation()));
    Props::new()
        .with("AbortIncompleteMultipartUpload", abort)
        .with("ExpirationDate", expiration.and_then(types::LifecycleExpiration::date))
        .with("ExpirationInDays", expiration.and_then(types::LifecycleExpiration::days))
        .with(
            "ExpiredObjectDeleteMarker",
            expiration.and_then(types::LifecycleExpiration::expired_object_delete_marker),
        )
        .with("Id", rule.id())
        .with("NoncurrentVersionExpiration", noncurrent)
        .with("NoncurrentVersionTransitions", each(rule.noncurrent_version_transitions(), noncurrent_transition))
        .with("ObjectSizeGreaterThan", greater.map(|bytes| bytes.to_string()))
        .with("ObjectSizeLessThan", less.map(|bytes| bytes.to_string()))
        .with("Prefix", prefix)
        .with("Status", rule.status().as_str())
        .with("TagFilters", tag_filters(tags))
        .with("Transitions", each(rule.transitions(), transition))
}

fn transition(transition: &types::Transition) -> Props {
    Props::new()
        .with("StorageClass", transition.storage_class().map(types::TransitionStorageClass::as_str))
        .with("TransitionDate", transition.date())
        .with("TransitionInDays", transition.days())
}

fn noncurrent_transition(transition: &types::NoncurrentVersionTransition) -> Props {
    Props::new()
        .with("NewerNoncurrentVersions", transition.newer_noncurrent_versions())
        .with("StorageClass", transition.storage_class().map(types::TransitionStorageClass::as_str))
        .with("TransitionInDays", transition.noncurrent_days())
}

fn intelligent_tiering(tiering: &types::IntelligentTieringConfiguration) -> Props {
    let filter = tiering.filter();
    let and = filter.and_then(types::IntelligentTieringFilter::and);
    let prefix = filter
        .and_then(types::IntelligentTieringFilter::prefix)
        .or_else(|| and.and_then(types::IntelligentTieringAndOperator::prefix));
    let tags = filter.and_then(types::IntelligentTieringFilter::tag).into_iter();
    let tags = tags.chain(and.map(types::IntelligentTieringAndOperator::tags).unwrap_or_default());
    let tier =
        |tier: &types::Tiering| Props::new().with("AccessTier", tier.access_tier().as_str()).with("Days", tier.days());
    Props::new()
        .with("Id", tiering.id())
        .with("Prefix", prefix)
        .with("Status", tiering.status().as_str())
        .with("TagFilters", tag_filters(tags))
        .with("Tierings", each(tiering.tierings(), tier))
}

fn replication_configuration(replication: &types::ReplicationConfiguration) -> Props {
    Props::new().with("Role", replication.role()).with("Rules", each(replication.rules(), replication_rule))
}

fn replication_rule(rule: &types::ReplicationRule) -> Props {
    let criteria = rule.source_selection_criteria().map(|criteria| {
        Props::new()
            .with("ReplicaModifications", criteria.replica_modifications().map(|state| status(state.status().as_str())))
            .with(
                "SseKmsEncryptedObjects",
                criteria.sse_kms_encrypted_objects().map(|state| status(state.status().as_str())),
            )
    });
    let markers = rule.delete_marker_replication().and_then(types::DeleteMarkerReplication::status);
    // The prefix stands on the rule itself only in rules of the first version.
    #[expect(deprecated, reason = "AWS still answers it for rules that were made with it")]
    let prefix = rule.prefix();
    Props::new()
        .with("DeleteMarkerReplication", markers.map(|state| status(state.as_str())))
        .with("Destination", rule.destination().map(replication_destination))
        .with("Filter", rule.filter().map(replication_filter))
        .with("Id", rule.id())
        .with("Prefix", prefix)
        .with("Priority", rule.priority())
        .with("SourceSelectionCriteria", criteria)
        .with("Status", rule.status().as_str())
}

fn replication_filter(filter: &types::ReplicationRuleFilter) -> Props {
    let and =
        filter.and().map(|and| Props::new().with("Prefix", and.prefix()).with("TagFilters", tag_filters(and.tags())));
    Props::new().with("And", and).with("Prefix", filter.prefix()).with("TagFilter", filter.tag().map(tag_filter))
}

fn replication_destination(destination: &types::Destination) -> Props {
    let minutes = |value: &types::ReplicationTimeValue| Props::new().with("Minutes", value.minutes());
    let translation =
        destination.access_control_translation().map(|owner| Props::new().with("Owner", owner.owner().as_str()));
    let encryption = destination
        .encryption_configuration()
        .map(|encryption| Props::new().with("ReplicaKmsKeyID", encryption.replica_kms_key_id()));
    let metrics = destination.metrics().map(|metrics| {
        status(metrics.status().as_str()).with("EventThreshold", metrics.event_threshold().map(minutes))
    });
    let time = destination
        .replication_time()
        .map(|time| status(time.status().as_str()).with("Time", time.time().map(minutes)));
    Props::new()
        .with("AccessControlTranslation", translation)
        .with("Account", destination.account())
        .with("Bucket", destination.bucket())
        .with("EncryptionConfiguration", encryption)
        .with("Metrics", metrics)
        .with("ReplicationTime", time)
        .with("StorageClass", destination.storage_class().map(types::StorageClass::as_str))
}
