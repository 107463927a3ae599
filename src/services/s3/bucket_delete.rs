//! Taking a bucket away: its content only if the user says so.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use crate::aws::{Call, CallError, Hands, classify};
use crate::catalog::steps::{EVERY, flag};
use crate::catalog::{Made, Progress};
use crate::model::{Resource, Step, Switches};

/// How a step says that governance retention is no obstacle.
const BYPASSING: &str = "* (bypassing governance retention)";

/// Batches per run, so that whoever runs the step hears of it now and then: one is at most a thousand objects.
const BATCHES: usize = 20;

/// With a lock, objects may be kept from being deleted.
pub(super) fn protection(bucket: &Resource) -> Option<String> {
    flag(&bucket.properties, "ObjectLockEnabled").then(|| "ObjectLockEnabled".to_owned())
}

/// Unless data may be lost, the only step is the one that AWS refuses when the bucket is not empty.
pub(super) fn steps(bucket: &Resource, switches: &Switches) -> Vec<Step> {
    let bypass = switches.disable_protection && protection(bucket).is_some();
    let versions = if bypass { BYPASSING } else { EVERY };
    let empty = [Step::on("s3:AbortMultipartUpload", EVERY), Step::on("s3:DeleteObjectVersion", versions)];
    let empty = empty.into_iter().filter(|_| switches.data_loss);
    empty.chain([Step::on_resource("s3:DeleteBucket")]).collect()
}

pub(super) async fn run(hands: &Hands, step: &Step) -> Made {
    // Buckets are filed under their own region, and that is where these calls go.
    let s3: Client = hands.client();
    match step.call.as_str() {
        "s3:AbortMultipartUpload" => abort_uploads(hands, &s3, step).await,
        "s3:DeleteObjectVersion" => delete_versions(hands, &s3, step).await,
        "s3:DeleteBucket" => hands.at_once(step, s3.delete_bucket().bucket(hands.id()).send()).await,
        _ => Err(hands.unknown(step)),
    }
}

async fn abort_uploads(hands: &Hands, s3: &Client, step: &Step) -> Made {
    let page = hands.look("s3:ListBucketMultipartUploads", s3.list_multipart_uploads().bucket(hands.id()).send());
    let uploads = page.await?.and_then(|page| page.uploads).unwrap_or_default();
    if uploads.is_empty() {
        return Ok(Progress::Done);
    }
    for upload in uploads {
        let call = s3.abort_multipart_upload().bucket(hands.id()).set_key(upload.key).set_upload_id(upload.upload_id);
        hands.call_unless(step, &["NoSuchUpload"], call.send()).await?;
    }
    Ok(Progress::Waiting("unfinished uploads are aborted".to_owned()))
}

/// Versions and delete markers alike: what is listed first is deleted first, until nothing is listed. Without
/// versioning every object is one version, called `null`.
async fn delete_versions(hands: &Hands, s3: &Client, step: &Step) -> Made {
    for _ in 0..BATCHES {
        let page = s3.list_object_versions().bucket(hands.id()).max_keys(1000).send();
        let Some(page) = hands.look("s3:ListBucketVersions", page).await? else { return Ok(Progress::Done) };
        let versions = page.versions.unwrap_or_default().into_iter().map(|one| (one.key, one.version_id));
        let markers = page.delete_markers.unwrap_or_default().into_iter().map(|one| (one.key, one.version_id));
        let objects = versions
            .chain(markers)
            .filter_map(|(key, version)| ObjectIdentifier::builder().set_key(key).set_version_id(version).build().ok());
        let objects: Vec<_> = objects.collect();
        if objects.is_empty() {
            return Ok(Progress::Done);
        }
        hands.call_checked(step, delete_batch(hands, s3, step, objects)).await?;
    }
    Ok(Progress::Waiting("objects are being deleted".to_owned()))
}

async fn delete_batch(
    hands: &Hands,
    s3: &Client,
    step: &Step,
    objects: Vec<ObjectIdentifier>,
) -> Result<(), CallError> {
    let Ok(batch) = Delete::builder().set_objects(Some(objects)).quiet(true).build() else { return Ok(()) };
    let call = s3.delete_objects().bucket(hands.id()).delete(batch);
    let call = if step.target == BYPASSING { call.bypass_governance_retention(true) } else { call };
    let answer = call.send().await.at(&step.call)?;
    // The answer is 200 also when objects are kept.
    let kept = answer.errors().iter().find(|error| !matches!(error.code(), Some("NoSuchKey" | "NoSuchVersion")));
    kept.map_or(Ok(()), |error| {
        let code = error.code().unwrap_or("Error");
        let number = answer.errors().len();
        let text = format!("{} ({number} of a batch were kept)", error.message().unwrap_or_default());
        Err(CallError::new(classify(code, &text), code, &text, &step.call))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn planned(locked: bool, switches: &Switches) -> Vec<String> {
        let bucket = json!({
            "type": "AWS::S3::Bucket", "id": "b", "region": "eu-west-1", "hash": "",
            "properties": {"ObjectLockEnabled": locked},
        });
        let bucket: Resource = serde_json::from_value(bucket).expect("a resource");
        steps(&bucket, switches).iter().map(Step::to_string).collect()
    }

    #[test]
    fn objects_go_only_if_the_user_says_so_and_locked_ones_only_if_he_says_it_twice() {
        let unprotect = Switches { disable_protection: true, ..Switches::default() };
        let lossy = Switches { data_loss: true, ..Switches::default() };
        let both = Switches { data_loss: true, disable_protection: true, ..Switches::default() };
        assert_eq!(planned(false, &Switches::default()), ["s3:DeleteBucket"]);
        assert_eq!(planned(true, &unprotect), ["s3:DeleteBucket"]);
        let emptied = ["s3:AbortMultipartUpload *", "s3:DeleteObjectVersion *", "s3:DeleteBucket"];
        assert_eq!(planned(true, &lossy), emptied);
        assert_eq!(planned(false, &both), emptied);
        assert_eq!(planned(true, &both)[1], "s3:DeleteObjectVersion * (bypassing governance retention)");
    }
}
