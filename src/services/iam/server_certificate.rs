//! Server certificates that were uploaded to IAM.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::ServerCertificate;

use super::details::{self, GONE};
use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Progress, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::IAM::ServerCertificate`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::IAM::ServerCertificate",
    scope: Scope::Global,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("UploadDate"),
    sets: &[],
    secrets: &[],
    left_out: &[
        LeftOut { path: "ServerCertificateMetadataList[].Arn", why: "as in GetServerCertificate" },
        LeftOut { path: "ServerCertificateMetadataList[].Expiration", why: "as in GetServerCertificate" },
        LeftOut { path: "ServerCertificateMetadataList[].Path", why: "as in GetServerCertificate" },
        LeftOut { path: "ServerCertificateMetadataList[].ServerCertificateId", why: "as in GetServerCertificate" },
        LeftOut { path: "ServerCertificateMetadataList[].UploadDate", why: "as in GetServerCertificate" },
        LeftOut {
            path: "ServerCertificate.ServerCertificateMetadata.ServerCertificateName",
            why: "repeats the request",
        },
    ],
    unmapped: &[
        Unmapped { path: "PrivateKey", why: "a secret, never answered" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[],
    read_actions: &["iam:ListServerCertificates", "iam:GetServerCertificate"],
    delete: Delete::Call(Recipe {
        operation: "DeleteServerCertificate",
        actions: &["iam:DeleteServerCertificate"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 8,
        // The private key is nowhere else in AWS.
        holds_data: true,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let iam: Client = cx.client();
    let pages = iam.list_server_certificates().max_items(1000).into_paginator().items().send();
    let certificates: Vec<_> = pages.try_collect().await.at("iam:ListServerCertificates")?;
    let names = certificates.into_iter().map(|certificate| certificate.server_certificate_name);
    cx.each(names.filter(|name| cx.wants(name)).collect(), |name| describe(&iam, name)).await
}

/// This call, and no other, answers the tags as well.
async fn describe(iam: &Client, name: String) -> Result<Option<Draft>, CallError> {
    let answer = iam.get_server_certificate().server_certificate_name(&name).send().await;
    let answer = answer.at("iam:GetServerCertificate").absent_if(GONE)?;
    Ok(answer.and_then(|answer| Some(map(&name, &answer.server_certificate?))))
}

fn map(name: &str, certificate: &ServerCertificate) -> Draft {
    let draft = Draft::new(name)
        .name(name)
        .tags(details::pairs(certificate.tags()))
        .with("CertificateBody", certificate.certificate_body())
        .with("CertificateChain", certificate.certificate_chain())
        .with("ServerCertificateName", name);
    match certificate.server_certificate_metadata() {
        Some(metadata) => draft
            .arn(metadata.arn())
            .created(metadata.upload_date())
            .with("Path", metadata.path())
            .observed("Expiration", metadata.expiration())
            .observed("ServerCertificateId", metadata.server_certificate_id()),
        None => draft,
    }
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let iam: Client = hands.client();
    hands.call(step, iam.delete_server_certificate().server_certificate_name(hands.id()).send()).await?;
    Ok(Progress::Done)
}
