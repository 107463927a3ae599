//! Certificates. Those of `CloudFront` are in us-east-1 as any others.

use aws_sdk_acm::Client;
use aws_sdk_acm::types::{
    CertificateDetail, CertificateExport, CertificateManagedBy, CertificateOptions, CertificateStatus,
    CertificateSummary, CertificateType, DomainValidation, ExtendedKeyUsage, ExtendedKeyUsageName, FailureReason,
    Filters, KeyAlgorithm, KeyUsage, KeyUsageName, RecordType, RenewalEligibility, RenewalStatus, RenewalSummary,
    ResourceRecord, RevocationReason, ValidationMethod,
};

use crate::aws::{Absent, Call, CallError, Cx, Hands, vanished};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::Step;

/// `AWS::CertificateManager::Certificate`. `type`, `keyUsages`, `extendedKeyUsages`, the `serial` of an imported one and
/// how each domain is validated (`domainValidations`) have no place in the schema.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::CertificateManager::Certificate",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreatedAt"),
    sets: &[
        "DomainValidationOptions",
        "domainValidations",
        "domainValidations.*.ValidationEmails",
        "SubjectAlternativeNames",
        "extendedKeyUsages",
        "keyUsages",
    ],
    secrets: &[],
    left_out: LEFT_OUT,
    unmapped: &[
        Unmapped { path: "CertificateTransparencyLoggingPreference", why: "deprecated: every certificate is logged" },
        Unmapped { path: "Id", why: "a leftover in the schema, without a type" },
        Unmapped { path: "DomainValidationOptions.*.HostedZoneId", why: "tells CloudFormation where to put a record" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[],
    read_actions: &["acm:DescribeCertificate", "acm:ListCertificates", "acm:ListTagsForCertificate"],
    delete: Delete::Call(Recipe {
        operation: "DeleteCertificate",
        actions: &["acm:DeleteCertificate"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 8,
        // The private key of an imported certificate cannot be had back.
        holds_data: true,
        reversible: None,
    }),
};

/// How the service says that there is no such certificate.
const GONE: &[&str] = &["ResourceNotFoundException"];

const LEFT_OUT: &[LeftOut] = &[
    LeftOut { path: "ListCertificates:CertificateSummaryList[].*", why: "the description says it" },
    LeftOut {
        path: "Certificate.Options.CertificateTransparencyLoggingPreference",
        why: "deprecated: every certificate is logged",
    },
    LeftOut { path: "Certificate.InUseBy[]", why: "those who use it say so" },
    LeftOut { path: "Certificate.Subject", why: "follows from the domain name" },
    LeftOut { path: "Certificate.SignatureAlgorithm", why: "follows from the key and its issuer" },
    LeftOut { path: "Certificate.DomainValidationOptions[].ValidationStatus", why: "progress of a validation" },
    LeftOut { path: "Certificate.RenewalSummary.*", why: "progress of a renewal" },
    LeftOut { path: "Certificate.UpdateSummary.*", why: "progress of a change" },
    LeftOut { path: "Certificate.Options.ValidationMethod", why: "each domain says it" },
    LeftOut { path: "Certificate.CertificateArn", why: "what was asked about" },
    LeftOut { path: "Certificate.CertificateKeyPairOrigin", why: "follows from the type" },
    LeftOut { path: "Certificate.Acme*", why: "where the certificate was ordered" },
];

/// Without this the list holds RSA certificates of up to 2048 bits only.
fn all_algorithms() -> Filters {
    use aws_sdk_acm::types::KeyAlgorithm::{
        EcPrime256v1, EcSecp384r1, EcSecp521r1, Rsa1024, Rsa2048, Rsa3072, Rsa4096,
    };
    let all = vec![EcPrime256v1, EcSecp384r1, EcSecp521r1, Rsa1024, Rsa2048, Rsa3072, Rsa4096];
    Filters::builder().set_key_types(Some(all)).build()
}

async fn list(cx: &Cx) -> Listed {
    let acm: Client = cx.client();
    let call = acm.list_certificates().includes(all_algorithms()).max_items(1000);
    let summaries: Vec<CertificateSummary> =
        call.into_paginator().items().send().try_collect().await.at("acm:ListCertificates")?;
    let arns = summaries.into_iter().filter_map(|summary| summary.certificate_arn).filter(|arn| cx.wants(arn));
    cx.each(arns.collect(), |arn| describe(&acm, arn)).await
}

async fn describe(acm: &Client, arn: String) -> Result<Option<Draft>, CallError> {
    let (answer, tags) = tokio::join!(
        acm.describe_certificate().certificate_arn(&arn).send(),
        acm.list_tags_for_certificate().certificate_arn(&arn).send(),
    );
    let answer = answer.at("acm:DescribeCertificate").absent_if(GONE)?;
    let Some(certificate) = answer.and_then(|answer| answer.certificate) else { return Ok(None) };
    let tags = tags.at("acm:ListTagsForCertificate");
    let again = acm.describe_certificate().certificate_arn(&arn).send();
    if vanished([tags.as_ref().err()], GONE, async { again.await.at("acm:DescribeCertificate") }).await? {
        return Ok(None);
    }
    let tags = tags
        .map(|answer| answer.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())));
    map(&arn, &certificate).sub_tags(tags).map(Some)
}

fn map(arn: &str, certificate: &CertificateDetail) -> Draft {
    let options = certificate.options();
    let export = options.and_then(CertificateOptions::export);
    let domains = certificate.domain_validation_options();
    let key_usages = certificate.key_usages().iter().filter_map(KeyUsage::name).map(KeyUsageName::as_str);
    let imported = certificate.r#type() == Some(&CertificateType::Imported);
    let draft = Draft::new(arn)
        .arn(arn)
        .name(certificate.domain_name())
        .created(certificate.created_at().or(certificate.imported_at()))
        .owner("aws-service", certificate.managed_by().map(CertificateManagedBy::as_str))
        .with("CertificateAuthorityArn", certificate.certificate_authority_arn())
        .with("CertificateExport", export.map(CertificateExport::as_str))
        .with("DomainName", certificate.domain_name())
        .with("DomainValidationOptions", each(domains, validation_option))
        .with("domainValidations", each(domains, validation))
        .with("KeyAlgorithm", certificate.key_algorithm().map(key_algorithm))
        .with("SubjectAlternativeNames", certificate.subject_alternative_names())
        .with("ValidationMethod", validation_method(certificate))
        .with("extendedKeyUsages", each(certificate.extended_key_usages(), extended_key_usage))
        .with("keyUsages", key_usages.collect::<Vec<_>>())
        .with("type", certificate.r#type().map(CertificateType::as_str))
        // AWS's own certificates get another one with every renewal.
        .with("serial", certificate.serial().filter(|_| imported));
    observed(draft, certificate)
}

/// What comes with time: issue, renewal, expiry, use.
fn observed(draft: Draft, certificate: &CertificateDetail) -> Draft {
    let renewal = certificate.renewal_summary();
    draft
        .observed("FailureReason", certificate.failure_reason().map(FailureReason::as_str))
        .observed("ImportedAt", certificate.imported_at())
        .observed("IssuedAt", certificate.issued_at())
        .observed("Issuer", certificate.issuer())
        .observed("NotAfter", certificate.not_after())
        .observed("NotBefore", certificate.not_before())
        .observed("RenewalEligibility", certificate.renewal_eligibility().map(RenewalEligibility::as_str))
        .observed("RenewalStatus", renewal.map(RenewalSummary::renewal_status).map(RenewalStatus::as_str))
        .observed("RevocationReason", certificate.revocation_reason().map(RevocationReason::as_str))
        .observed("RevokedAt", certificate.revoked_at())
        .observed("Serial", certificate.serial())
        .observed("Status", certificate.status().map(CertificateStatus::as_str))
}

/// The description writes `RSA-2048` where the request has `RSA_2048`.
fn key_algorithm(algorithm: &KeyAlgorithm) -> String {
    algorithm.as_str().replace('-', "_")
}

/// All domains of a certificate are validated in one way.
fn validation_method(certificate: &CertificateDetail) -> Option<&str> {
    let first = certificate.domain_validation_options().iter().find_map(DomainValidation::validation_method);
    first.map(ValidationMethod::as_str)
}

fn validation_option(domain: &DomainValidation) -> Props {
    Props::new().with("DomainName", domain.domain_name()).with("ValidationDomain", domain.validation_domain())
}

fn validation(domain: &DomainValidation) -> Props {
    let redirect = domain.http_redirect();
    let redirect =
        redirect.map(|to| Props::new().with("RedirectFrom", to.redirect_from()).with("RedirectTo", to.redirect_to()));
    Props::new()
        .with("DomainName", domain.domain_name())
        .with("HttpRedirect", redirect)
        .with("ResourceRecord", domain.resource_record().map(record))
        .with("ValidationMethod", domain.validation_method().map(ValidationMethod::as_str))
        .with("ValidationEmails", domain.validation_emails())
}

fn record(record: &ResourceRecord) -> Props {
    Props::new()
        .with("Name", record.name())
        .with("Type", RecordType::as_str(record.r#type()))
        .with("Value", record.value())
}

fn extended_key_usage(usage: &ExtendedKeyUsage) -> Props {
    Props::new().with("Name", usage.name().map(ExtendedKeyUsageName::as_str)).with("OID", usage.oid())
}

async fn delete(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let acm: Client = hands.client();
    hands.call(step, acm.delete_certificate().certificate_arn(hands.arn()).send()).await?;
    Ok(Progress::Done)
}
