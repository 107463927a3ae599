//! Keys, each with its policy and rotation.

use aws_sdk_kms::Client;
use aws_sdk_kms::operation::get_key_rotation_status::GetKeyRotationStatusOutput;
use aws_sdk_kms::types::{
    AliasListEntry, ExpirationModelType, KeyListEntry, KeyManagerType, KeyMetadata, KeySpec, KeyState, KeyUsageType,
    MultiRegionConfiguration, MultiRegionKey, MultiRegionKeyType, OriginType,
};

use super::alias;
use crate::aws::{Absent, Call, CallError, Cx, ErrorClass, Fate, Hands, gone_with};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Made, Order, Props, Recipe, Scope, TypeSpec, Unmapped, each,
    policy_document,
};
use crate::model::Step;

/// `AWS::KMS::Key`. The schema has no place for `customKeyStoreId`, `xksKeyId`, `expirationModel` and `validTo` of
/// imported material, and `multiRegionConfiguration`.
///
/// Keys that wait for their deletion are tombstones and not listed. Grants are not read: services make and retire
/// them as they work.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::KMS::Key",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationDate"),
    sets: &["multiRegionConfiguration.ReplicaKeys"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "KeyMetadata.AWSAccountId", why: "the account of the snapshot" },
        LeftOut { path: "KeyMetadata.KeyId", why: "as ListKeys answers it" },
        LeftOut { path: "KeyMetadata.Arn", why: "as ListKeys answers it" },
        LeftOut { path: "KeyMetadata.DeletionDate", why: "only of keys that wait for deletion" },
        LeftOut { path: "KeyMetadata.PendingDeletionWindowInDays", why: "only of keys that wait for deletion" },
        LeftOut { path: "KeyMetadata.CloudHsmClusterId", why: "a property of the custom key store" },
        LeftOut { path: "KeyMetadata.CustomerMasterKeySpec", why: "deprecated name of KeySpec" },
        LeftOut { path: "KeyMetadata.EncryptionAlgorithms[]", why: "follows from KeySpec" },
        LeftOut { path: "KeyMetadata.SigningAlgorithms[]", why: "follows from KeySpec" },
        LeftOut { path: "KeyMetadata.KeyAgreementAlgorithms[]", why: "follows from KeySpec" },
        LeftOut { path: "KeyMetadata.EncapsulationAlgorithms[]", why: "follows from KeySpec" },
        LeftOut { path: "KeyMetadata.MacAlgorithms[]", why: "follows from KeySpec" },
        LeftOut { path: "KeyMetadata.CurrentKeyMaterialId", why: "changes with every rotation" },
        LeftOut { path: "PolicyName", why: "always `default`" },
        LeftOut { path: "GetKeyRotationStatus:KeyId", why: "repeats the request" },
        LeftOut { path: "Aliases[].AliasArn", why: "aliases are resources of their own" },
        LeftOut { path: "Aliases[].CreationDate", why: "aliases are resources of their own" },
        LeftOut { path: "Aliases[].LastUpdatedDate", why: "aliases are resources of their own" },
    ],
    unmapped: &[
        Unmapped { path: "BypassPolicyLockoutSafetyCheck", why: "an option of a request, not kept by AWS" },
        Unmapped { path: "PendingWindowInDays", why: "an option of the deletion, not kept by AWS" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[Edge {
        path: "multiRegionConfiguration.ReplicaKeys.*.Arn",
        to: "AWS::KMS::Key",
        target: "{}",
        order: Order::None,
        why: "each replica names its primary key, which puts replicas first; this is the way back",
    }],
    read_actions: &[
        "kms:ListKeys",
        "kms:ListAliases",
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:ListResourceTags",
    ],
    delete: Delete::Call(Recipe {
        operation: "ScheduleKeyDeletion",
        actions: &["kms:ScheduleKeyDeletion"],
        gone: &["NotFoundException"],
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 8,
        holds_data: true,
        reversible: Some("CancelKeyDeletion, within the waiting period of 30 days"),
    }),
};

/// How KMS says that a key was deleted since it was listed.
const GONE: &[&str] = &["NotFoundException"];

/// What is unknown of a key that its own policy hides from us.
const HIDDEN: &[&str] = &[
    "Description",
    "EnableKeyRotation",
    "Enabled",
    "KeyPolicy",
    "KeySpec",
    "KeyUsage",
    "MultiRegion",
    "Origin",
    "RotationPeriodInDays",
    "customKeyStoreId",
    "expirationModel",
    "multiRegionConfiguration",
    "tags",
    "validTo",
    "xksKeyId",
];

/// A key and what `DescribeKey` says about it, which may be that we must not know.
type Described = (KeyListEntry, Result<KeyMetadata, CallError>);

async fn list(cx: &Cx) -> Listed {
    let kms: Client = cx.client();
    let keys = async { kms.list_keys().limit(1000).into_paginator().items().send().try_collect().await };
    let (keys, aliases) = tokio::join!(keys, alias::listed(cx));
    let keys: Vec<KeyListEntry> = keys.at("kms:ListKeys")?;
    let all = keys.len();
    let keys = cx.wanted(keys, |key| key.key_id().unwrap_or_default());
    let some = keys.len() < all;
    let described = cx.gather(keys, |key| describe(&kms, key)).await?;
    let mut described: Vec<Described> = described.into_iter().flatten().collect();
    // Of some keys nothing follows for all.
    if let Some(refused) = refused_everywhere(&described).filter(|_| !some) {
        return Err(refused);
    }
    described.retain(|(_, read)| is_alive(read));
    let aliases = aliases.as_deref();
    cx.each(described, |(key, read)| {
        let kms = &kms;
        async move {
            let id = key.key_id().unwrap_or_default();
            let draft = named(Draft::new(id).arn(key.key_arn()), id, aliases)?;
            match read {
                Ok(metadata) => {
                    let again = async { kms.describe_key().key_id(id).send().await.at("kms:DescribeKey") };
                    gone_with(details(kms, id, &metadata, configured(draft, &metadata)).await, GONE, again).await
                }
                Err(refused) => hidden(draft, &refused).map(Some),
            }
        }
    })
    .await
}

async fn describe(kms: &Client, key: KeyListEntry) -> Result<Option<Described>, CallError> {
    let answer = kms.describe_key().key_id(key.key_id().unwrap_or_default()).send().await;
    match answer.at("kms:DescribeKey").absent_if(GONE) {
        Ok(answer) => Ok(answer.and_then(|answer| answer.key_metadata).map(|metadata| (key, Ok(metadata)))),
        Err(refused) if refused.class == ErrorClass::Denied => Ok(Some((key, Err(refused)))),
        Err(error) => Err(error),
    }
}

/// Refused everywhere is a missing permission; refused here and there is the policy of single keys.
fn refused_everywhere(described: &[Described]) -> Option<CallError> {
    let (_, first) = described.first()?;
    let refused = first.as_ref().err()?;
    described.iter().all(|(_, read)| read.is_err()).then(|| refused.clone())
}

fn is_alive(read: &Result<KeyMetadata, CallError>) -> bool {
    let state = read.as_ref().ok().and_then(KeyMetadata::key_state);
    !matches!(state, Some(KeyState::PendingDeletion | KeyState::PendingReplicaDeletion))
}

/// Aliases are what people know a key by. They are resources of their own, so they are no configuration of the key.
fn named(draft: Draft, id: &str, aliases: Result<&Vec<AliasListEntry>, &CallError>) -> Result<Draft, CallError> {
    let aliases = match aliases {
        Ok(aliases) => aliases,
        Err(error) => return draft.sub::<()>("aliases", Err(error.clone())),
    };
    let mut names: Vec<String> = aliases
        .iter()
        .filter(|alias| alias.target_key_id() == Some(id))
        .filter_map(|alias| alias.alias_name.clone())
        .collect();
    names.sort_unstable();
    Ok(draft.name(names.first().map(String::as_str)).observed("aliases", names))
}

fn configured(draft: Draft, key: &KeyMetadata) -> Draft {
    draft
        .created(key.creation_date())
        .aws_made(key.key_manager() == Some(&KeyManagerType::Aws), "AWS managed key")
        .with("Description", key.description())
        .with("Enabled", key.enabled())
        .with("KeySpec", key.key_spec().map(KeySpec::as_str))
        .with("KeyUsage", key.key_usage().map(KeyUsageType::as_str))
        .with("MultiRegion", key.multi_region())
        .with("Origin", key.origin().map(OriginType::as_str))
        .with("customKeyStoreId", key.custom_key_store_id())
        .with("expirationModel", key.expiration_model().map(ExpirationModelType::as_str))
        .with("multiRegionConfiguration", key.multi_region_configuration().map(multi_region))
        .with("validTo", key.valid_to())
        .with("xksKeyId", key.xks_key_configuration().and_then(|key| key.id()))
        .observed("KeyState", key.key_state().map(KeyState::as_str))
}

fn multi_region(configuration: &MultiRegionConfiguration) -> Props {
    let key = |key: &MultiRegionKey| Props::new().with("Arn", key.arn()).with("Region", key.region());
    Props::new()
        .with("MultiRegionKeyType", configuration.multi_region_key_type().map(MultiRegionKeyType::as_str))
        .with("PrimaryKey", configuration.primary_key().map(key))
        .with("ReplicaKeys", each(configuration.replica_keys(), key))
}

/// Policy, rotation and tags, which are the customer's to set only on the customer's keys.
async fn details(kms: &Client, id: &str, key: &KeyMetadata, draft: Draft) -> Result<Draft, CallError> {
    if key.key_manager() == Some(&KeyManagerType::Aws) {
        return Ok(draft);
    }
    let rotates = key.key_spec() == Some(&KeySpec::SymmetricDefault);
    let rotation = async {
        if !rotates {
            return Ok(None);
        }
        kms.get_key_rotation_status().key_id(id).send().await.map(Some)
    };
    let (policy, rotation, tags) = tokio::join!(
        kms.get_key_policy().key_id(id).policy_name("default").send(),
        rotation,
        kms.list_resource_tags().key_id(id).limit(50).into_paginator().items().send().try_collect(),
    );
    let policy = policy.at("kms:GetKeyPolicy").map(|answer| policy_document(answer.policy()));
    let tags = tags.at("kms:ListResourceTags");
    let draft = draft
        .sub("KeyPolicy", policy)?
        .sub_tags(tags.map(|tags: Vec<_>| tags.into_iter().map(|tag| (tag.tag_key, tag.tag_value))))?;

    // Keys in custom key stores cannot rotate.
    match rotation.at("kms:GetKeyRotationStatus").absent_if(&["UnsupportedOperationException"]) {
        Ok(answer) => {
            let rotation = answer.flatten();
            let rotation = rotation.as_ref();
            Ok(draft
                .with("EnableKeyRotation", rotation.map(GetKeyRotationStatusOutput::key_rotation_enabled))
                .with("RotationPeriodInDays", rotation.and_then(GetKeyRotationStatusOutput::rotation_period_in_days))
                .observed("NextRotationDate", rotation.and_then(|rotation| rotation.next_rotation_date()))
                .observed(
                    "OnDemandRotationStartDate",
                    rotation.and_then(|rotation| rotation.on_demand_rotation_start_date()),
                ))
        }
        Err(error) => {
            draft.sub::<()>("EnableKeyRotation", Err(error.clone()))?.sub::<()>("RotationPeriodInDays", Err(error))
        }
    }
}

fn hidden(draft: Draft, refused: &CallError) -> Result<Draft, CallError> {
    HIDDEN.iter().try_fold(draft, |draft, name| draft.sub::<()>(name, Err(refused.clone())))
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let kms: Client = hands.client();
    let call = kms.schedule_key_deletion().key_id(hands.id()).pending_window_in_days(WAITING_DAYS);
    let request = async {
        match call.send().await.at(&step.call) {
            Err(error) if error.code == "KMSInvalidStateException" && error.message.contains("pending deletion") => {
                Ok(())
            }
            answer => answer.map(|_| ()),
        }
    };
    hands.until_gone(step, || fate(hands, &kms), request).await
}

/// The longest that KMS allows: so long the deletion can be cancelled.
const WAITING_DAYS: i32 = 30;

/// A key that waits for its deletion counts as gone; a primary key waits for its replicas first.
async fn fate(hands: &Hands, kms: &Client) -> Result<Fate, CallError> {
    use KeyState::{PendingDeletion, PendingReplicaDeletion};
    let found = hands.look("kms:DescribeKey", kms.describe_key().key_id(hands.id()).send()).await?;
    let state = found.map(|found| found.key_metadata.and_then(|key| key.key_state));
    Ok(match state {
        None | Some(Some(PendingDeletion | PendingReplicaDeletion)) => Fate::Gone,
        Some(_) => Fate::There,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::mask::Masker;

    fn refused() -> CallError {
        CallError::new(ErrorClass::Denied, "AccessDeniedException", "no", "kms:DescribeKey")
    }

    fn described(read: Result<KeyMetadata, CallError>) -> Described {
        (KeyListEntry::builder().key_id("k").build(), read)
    }

    #[test]
    fn one_key_that_keeps_us_out_costs_no_other() {
        let metadata = KeyMetadata::builder().key_id("k").build().expect("complete");
        assert_eq!(refused_everywhere(&[]), None);
        assert_eq!(refused_everywhere(&[described(Err(refused())), described(Ok(metadata))]), None);
        assert_eq!(refused_everywhere(&[described(Err(refused())), described(Err(refused()))]), Some(refused()));
    }

    #[test]
    fn of_a_hidden_key_everything_is_unknown() {
        let resource = hidden(Draft::new("k"), &refused()).expect("listed");
        let resource = resource.finish(&SPEC, "eu-west-1", &Masker::new([0; 32]));
        assert!(resource.properties.is_empty());
        assert_eq!(resource.unreadable.len(), HIDDEN.len());
        // Every settable property is among them, or a change of permission would look like a change of the key.
        let settable = crate::catalog::schema::facts(SPEC.name).expect("keys have a schema").settable();
        let unmapped = |path: &String| SPEC.unmapped.iter().any(|unmapped| unmapped.path == path);
        for path in settable.iter().filter(|path| !unmapped(path)) {
            assert!(HIDDEN.contains(&path.as_str()), "{path}");
        }
    }
}
