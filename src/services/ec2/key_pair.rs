//! Key pairs: the public half, by name. AWS never has the private half of an imported key, and gives its own away once.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{KeyPairInfo, KeyType};

use super::tags;
use crate::aws::{Call, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, Listed, Made, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::EC2::KeyPair`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::KeyPair",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreateTime"),
    sets: &[],
    secrets: &[],
    left_out: &[],
    unmapped: &[
        Unmapped { path: "KeyFormat", why: "the file format in which the private half was given out, once" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[],
    read_actions: &["ec2:DescribeKeyPairs"],
    delete: Delete::Call(Recipe {
        operation: "DeleteKeyPair",
        actions: &["ec2:DeleteKeyPair"],
        gone: &["InvalidKeyPair.NotFound"],
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 8,
        holds_data: false,
        reversible: Some("ImportKeyPair with the public key"),
    }),
};

async fn list(cx: &Cx) -> Listed {
    // This call has no pages.
    let answer = cx.client::<Client>().describe_key_pairs().include_public_key(true).send();
    let answer = answer.await.at("ec2:DescribeKeyPairs")?;
    Ok(answer.key_pairs().iter().map(|key| map(cx, key)).collect())
}

fn map(cx: &Cx, key: &KeyPairInfo) -> Draft {
    let arn = cx.arn("ec2", &format!("key-pair/{}", key.key_pair_id().unwrap_or_default()));
    Draft::new(key.key_name().unwrap_or_default())
        .arn(arn.as_str())
        .name(key.key_name())
        .created(key.create_time())
        .tags(tags::pairs(key.tags()))
        .with("KeyName", key.key_name())
        .with("KeyType", key.key_type().map(KeyType::as_str))
        .with("PublicKeyMaterial", key.public_key())
        .observed("KeyFingerprint", key.key_fingerprint())
        .observed("KeyPairId", key.key_pair_id())
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let ec2: Client = hands.client();
    hands.at_once(step, ec2.delete_key_pair().key_name(hands.id()).send()).await
}
