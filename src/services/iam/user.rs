//! Users, each with the groups it is in and the credentials it has.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{
    AccessKeyMetadata, AttachedPermissionsBoundary, EntityType, LoginProfile, MfaDevice,
    ServiceSpecificCredentialMetadata, SigningCertificate, SshPublicKeyMetadata, StatusType, UserDetail,
};

use super::details::{self, GONE};
use super::user_delete;
use crate::aws::{Absent, Call, CallError, Cx, gone_unless};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};

/// `AWS::IAM::User`, with its credentials folded in by id and status: `accessKeys`, `mfaDevices`, `sshPublicKeys`,
/// `signingCertificates` and `serviceSpecificCredentials`. A password shows as `LoginProfile`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::IAM::User",
    scope: Scope::Global,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreateDate"),
    sets: &[
        "Groups",
        "ManagedPolicyArns",
        "Policies",
        "accessKeys",
        "mfaDevices",
        "serviceSpecificCredentials",
        "signingCertificates",
        "sshPublicKeys",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "UserDetailList[].AttachedManagedPolicies[].PolicyName", why: "the policy's ARN says it" },
        LeftOut {
            path: "UserDetailList[].PermissionsBoundary.PermissionsBoundaryType",
            why: "there is one kind of boundary: a policy",
        },
        LeftOut { path: "AccessKeyMetadata[].UserName", why: ASKED },
        LeftOut { path: "LoginProfile.UserName", why: ASKED },
        LeftOut { path: "MFADevices[].UserName", why: ASKED },
        LeftOut { path: "SSHPublicKeys[].UserName", why: ASKED },
        LeftOut { path: "Certificates[].UserName", why: ASKED },
        LeftOut { path: "Certificates[].CertificateBody", why: "never changes under its id" },
        LeftOut { path: "ServiceSpecificCredentials[].UserName", why: ASKED },
    ],
    unmapped: &[
        Unmapped { path: "LoginProfile.Password", why: "a secret that AWS never returns" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[Edge {
        path: "Groups.*",
        to: "AWS::IAM::Group",
        target: "{}",
        order: Order::HolderFirst,
        why: "a group cannot be deleted while it has members",
    }],
    read_actions: &[
        "iam:GetAccountAuthorizationDetails",
        "iam:GetLoginProfile",
        "iam:ListAccessKeys",
        "iam:ListMFADevices",
        "iam:ListSSHPublicKeys",
        "iam:ListServiceSpecificCredentials",
        "iam:ListSigningCertificates",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteUser",
        actions: &[
            "iam:DeleteLoginProfile",
            "iam:DeleteAccessKey",
            "iam:DeactivateMFADevice",
            "iam:DeleteVirtualMFADevice",
            "iam:DeleteSSHPublicKey",
            "iam:DeleteSigningCertificate",
            "iam:DeleteServiceSpecificCredential",
            "iam:RemoveUserFromGroup",
            "iam:DeleteUserPolicy",
            "iam:DetachUserPolicy",
            "iam:DeleteUser",
        ],
        gone: GONE,
        steps: Some(user_delete::steps),
        run: |hands, step| Box::pin(user_delete::run(hands, step)),
        protection: None,
        rank: 8,
        holds_data: false,
        reversible: None,
    }),
};

/// Why an answer about one user does not need to name it.
const ASKED: &str = "the user that was asked about";

async fn list(cx: &Cx) -> Listed {
    let iam: Client = cx.client();
    let users = cx.wanted(all(&iam).await?, |user| user.user_name().unwrap_or_default());
    cx.each(users, |user| {
        let iam = &iam;
        async move {
            let exists = async { Ok(all(iam).await?.iter().any(|other| other.user_id == user.user_id)) };
            gone_unless(describe(iam, &user).await, GONE, exists).await
        }
    })
    .await
}

async fn all(iam: &Client) -> Result<Vec<UserDetail>, CallError> {
    let pages = details::of_kind(iam, EntityType::User).await?;
    Ok(pages.into_iter().flat_map(|page| page.user_detail_list.unwrap_or_default()).collect())
}

/// Adds the credentials: six calls per user. The credential report has them all in one, but up to four hours old and
/// without ids.
async fn describe(iam: &Client, user: &UserDetail) -> Result<Draft, CallError> {
    let name = user.user_name().unwrap_or_default();
    let (login, keys, devices, ssh, certificates, services) = tokio::join!(
        login_profile(iam, name),
        iam.list_access_keys().user_name(name).max_items(1000).into_paginator().items().send().try_collect(),
        iam.list_mfa_devices().user_name(name).max_items(1000).into_paginator().items().send().try_collect(),
        iam.list_ssh_public_keys().user_name(name).max_items(1000).into_paginator().items().send().try_collect(),
        iam.list_signing_certificates().user_name(name).max_items(1000).into_paginator().items().send().try_collect(),
        service_credentials(iam, name),
    );
    let draft = map(user)
        .observed("LoginProfileCreateDate", login.as_ref().ok().and_then(|login| Some(login.as_ref()?.create_date())))
        .sub("LoginProfile", login.map(|login| login.map(|login| password(&login))))?;
    let draft = credentials(draft, "accessKeys", keys.at("iam:ListAccessKeys"), access_key)?;
    let draft = credentials(draft, "mfaDevices", devices.at("iam:ListMFADevices"), mfa_device)?;
    let draft = credentials(draft, "sshPublicKeys", ssh.at("iam:ListSSHPublicKeys"), ssh_key)?;
    let certificates = certificates.at("iam:ListSigningCertificates");
    let draft = credentials(draft, "signingCertificates", certificates, certificate)?;
    credentials(draft, "serviceSpecificCredentials", services, service_credential)
}

/// A user without a password has no login profile.
async fn login_profile(iam: &Client, user: &str) -> Result<Option<LoginProfile>, CallError> {
    let answer = iam.get_login_profile().user_name(user).send().await.at("iam:GetLoginProfile").absent_if(GONE)?;
    Ok(answer.and_then(|answer| answer.login_profile))
}

/// The SDK has no paginator for this one.
pub(super) async fn service_credentials(
    iam: &Client,
    user: &str,
) -> Result<Vec<ServiceSpecificCredentialMetadata>, CallError> {
    let mut found = Vec::new();
    let mut marker = None;
    loop {
        let page = iam.list_service_specific_credentials().user_name(user).max_items(1000).set_marker(marker).send();
        let page = page.await.at("iam:ListServiceSpecificCredentials")?;
        found.extend(page.service_specific_credentials.unwrap_or_default());
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(found);
        }
    }
}

fn map(user: &UserDetail) -> Draft {
    let boundary = user.permissions_boundary().and_then(AttachedPermissionsBoundary::permissions_boundary_arn);
    Draft::new(user.user_name().unwrap_or_default())
        .arn(user.arn())
        .name(user.user_name())
        .created(user.create_date())
        .tags(details::pairs(user.tags()))
        .with("UserName", user.user_name())
        .with("Path", user.path())
        .with("Groups", user.group_list())
        .with("ManagedPolicyArns", details::attached(user.attached_managed_policies()))
        .with("PermissionsBoundary", boundary)
        .with("Policies", details::inline(user.user_policy_list()))
        .observed("UserId", user.user_id())
}

/// A credential as two objects that share its id: what is configured, and what is only shown.
type Halves = (Props, Props);

fn credentials<T>(
    draft: Draft,
    name: &str,
    read: Result<Vec<T>, CallError>,
    halves: impl Fn(&T) -> Halves,
) -> Result<Draft, CallError> {
    let shown = read.as_ref().map(|items| each(items, |item| halves(item).1)).unwrap_or_default();
    draft.observed(name, shown).sub(name, read.map(|items| each(&items, |item| halves(item).0)))
}

fn password(login: &LoginProfile) -> Props {
    Props::new().with("PasswordResetRequired", login.password_reset_required())
}

fn access_key(key: &AccessKeyMetadata) -> Halves {
    let id = Props::new().with("AccessKeyId", key.access_key_id());
    (id.clone().with("Status", key.status().map(StatusType::as_str)), id.with("CreateDate", key.create_date()))
}

fn mfa_device(device: &MfaDevice) -> Halves {
    let id = Props::new().with("SerialNumber", device.serial_number());
    (id.clone(), id.with("EnableDate", device.enable_date()))
}

fn ssh_key(key: &SshPublicKeyMetadata) -> Halves {
    let id = Props::new().with("SSHPublicKeyId", key.ssh_public_key_id());
    (id.clone().with("Status", key.status().as_str()), id.with("UploadDate", key.upload_date()))
}

fn certificate(certificate: &SigningCertificate) -> Halves {
    let id = Props::new().with("CertificateId", certificate.certificate_id());
    (id.clone().with("Status", certificate.status().as_str()), id.with("UploadDate", certificate.upload_date()))
}

fn service_credential(credential: &ServiceSpecificCredentialMetadata) -> Halves {
    let id = Props::new().with("ServiceSpecificCredentialId", credential.service_specific_credential_id());
    let configured =
        id.clone().with("ServiceName", credential.service_name()).with("Status", credential.status().as_str());
    let shown = id
        .with("ServiceUserName", credential.service_user_name())
        .with("ServiceCredentialAlias", credential.service_credential_alias())
        .with("CreateDate", credential.create_date())
        .with("ExpirationDate", credential.expiration_date());
    (configured, shown)
}
