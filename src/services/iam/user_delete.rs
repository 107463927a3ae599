//! Taking a user away, with everything that it signs in with.

use aws_sdk_iam::Client;

use super::user;
use crate::aws::{CallError, Hands};
use crate::catalog::steps::{EVERY, each_known, each_of, texts, texts_of};
use crate::catalog::{Made, Progress};
use crate::model::{Resource, Step, Switches};

/// Credentials first, so that the user can do nothing while the rest goes. A boundary needs no step: it goes with the
/// user.
pub(super) fn steps(user: &Resource, _: &Switches) -> Vec<Step> {
    let mut steps = Vec::new();
    if user.properties.contains_key("LoginProfile") || user.unreadable.contains_key("LoginProfile") {
        steps.push(Step::on_resource("iam:DeleteLoginProfile"));
    }
    steps.extend(each_known("iam:DeleteAccessKey", user, "accessKeys", "AccessKeyId"));
    steps.extend(each_known("iam:DeactivateMFADevice", user, "mfaDevices", "SerialNumber"));
    let devices = texts_of(&user.properties, "mfaDevices", "SerialNumber").filter(|serial| is_virtual(serial));
    steps.extend(each_of("iam:DeleteVirtualMFADevice", devices));
    steps.extend(each_known("iam:DeleteSSHPublicKey", user, "sshPublicKeys", "SSHPublicKeyId"));
    steps.extend(each_known("iam:DeleteSigningCertificate", user, "signingCertificates", "CertificateId"));
    steps.extend(each_known(
        "iam:DeleteServiceSpecificCredential",
        user,
        "serviceSpecificCredentials",
        "ServiceSpecificCredentialId",
    ));
    steps.extend(each_of("iam:RemoveUserFromGroup", texts(&user.properties, "Groups")));
    steps.extend(each_of("iam:DeleteUserPolicy", texts_of(&user.properties, "Policies", "PolicyName")));
    steps.extend(each_of("iam:DetachUserPolicy", texts(&user.properties, "ManagedPolicyArns")));
    steps.push(Step::on_resource("iam:DeleteUser"));
    steps
}

/// Only a virtual device is a thing of the account. A key that somebody carries around has a serial number, or an ARN
/// of another kind (`:u2f/`).
fn is_virtual(serial: &str) -> bool {
    serial.starts_with("arn:") && serial.contains(":mfa/")
}

pub(super) async fn run(hands: &Hands, step: &Step) -> Made {
    let iam: Client = hands.client();
    let user = hands.id();
    let target = &step.target;
    match step.call.as_str() {
        "iam:DeleteLoginProfile" => hands.at_once(step, iam.delete_login_profile().user_name(user).send()).await,
        "iam:RemoveUserFromGroup" => {
            hands.at_once(step, iam.remove_user_from_group().user_name(user).group_name(target).send()).await
        }
        "iam:DeleteUserPolicy" => {
            hands.at_once(step, iam.delete_user_policy().user_name(user).policy_name(target).send()).await
        }
        "iam:DetachUserPolicy" => {
            hands.at_once(step, iam.detach_user_policy().user_name(user).policy_arn(target).send()).await
        }
        "iam:DeleteUser" => hands.at_once(step, iam.delete_user().user_name(user).send()).await,
        _ if target == EVERY => {
            for id in ids(hands, &iam, step).await? {
                take_away(hands, &iam, &Step::on(&step.call, id)).await?;
            }
            Ok(Progress::Done)
        }
        _ => take_away(hands, &iam, step).await,
    }
}

/// Takes one credential away.
async fn take_away(hands: &Hands, iam: &Client, step: &Step) -> Made {
    let user = hands.id();
    let id = &step.target;
    match step.call.as_str() {
        "iam:DeleteAccessKey" => {
            hands.at_once(step, iam.delete_access_key().user_name(user).access_key_id(id).send()).await
        }
        "iam:DeactivateMFADevice" => {
            hands.at_once(step, iam.deactivate_mfa_device().user_name(user).serial_number(id).send()).await
        }
        "iam:DeleteVirtualMFADevice" => {
            hands.at_once(step, iam.delete_virtual_mfa_device().serial_number(id).send()).await
        }
        "iam:DeleteSSHPublicKey" => {
            hands.at_once(step, iam.delete_ssh_public_key().user_name(user).ssh_public_key_id(id).send()).await
        }
        "iam:DeleteSigningCertificate" => {
            hands.at_once(step, iam.delete_signing_certificate().user_name(user).certificate_id(id).send()).await
        }
        "iam:DeleteServiceSpecificCredential" => {
            let call = iam.delete_service_specific_credential().user_name(user).service_specific_credential_id(id);
            hands.at_once(step, call.send()).await
        }
        _ => Err(hands.unknown(step)),
    }
}

/// The credentials of one kind, where the snapshot could not list them.
async fn ids(hands: &Hands, iam: &Client, step: &Step) -> Result<Vec<String>, CallError> {
    let user = hands.id();
    Ok(match step.call.as_str() {
        "iam:DeleteAccessKey" => {
            let keys = iam.list_access_keys().user_name(user).into_paginator().items().send();
            let keys = hands.look("iam:ListAccessKeys", keys.try_collect()).await?;
            keys.unwrap_or_default().into_iter().filter_map(|key| key.access_key_id).collect()
        }
        "iam:DeactivateMFADevice" => {
            let devices = iam.list_mfa_devices().user_name(user).into_paginator().items().send();
            let devices = hands.look("iam:ListMFADevices", devices.try_collect()).await?;
            devices.unwrap_or_default().into_iter().map(|device| device.serial_number).collect()
        }
        "iam:DeleteSSHPublicKey" => {
            let keys = iam.list_ssh_public_keys().user_name(user).into_paginator().items().send();
            let keys = hands.look("iam:ListSSHPublicKeys", keys.try_collect()).await?;
            keys.unwrap_or_default().into_iter().map(|key| key.ssh_public_key_id).collect()
        }
        "iam:DeleteSigningCertificate" => {
            let certificates = iam.list_signing_certificates().user_name(user).into_paginator().items().send();
            let certificates = hands.look("iam:ListSigningCertificates", certificates.try_collect()).await?;
            certificates.unwrap_or_default().into_iter().map(|certificate| certificate.certificate_id).collect()
        }
        "iam:DeleteServiceSpecificCredential" => {
            let credentials = user::service_credentials(iam, user).await?;
            credentials.into_iter().map(|credential| credential.service_specific_credential_id).collect()
        }
        _ => return Err(hands.unknown(step)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn planned(user: serde_json::Value) -> Vec<String> {
        let user: Resource = serde_json::from_value(user).expect("a resource");
        steps(&user, &Switches::default()).iter().map(Step::to_string).collect()
    }

    #[test]
    fn devices_that_people_carry_are_only_deactivated() {
        let virtual_one = "arn:aws:iam::123456789012:mfa/alice";
        let key = "arn:aws:iam::123456789012:u2f/user/alice/key-1";
        let devices = json!([{"SerialNumber": virtual_one}, {"SerialNumber": key}, {"SerialNumber": "GAHT1"}]);
        let user = json!({
            "type": "AWS::IAM::User", "id": "alice", "region": "global", "hash": "", "properties": {"mfaDevices": devices},
        });
        let device = |serial: &str| format!("iam:DeactivateMFADevice {serial}");
        let deleted = format!("iam:DeleteVirtualMFADevice {virtual_one}");
        let expected = [device(virtual_one), device(key), device("GAHT1"), deleted, "iam:DeleteUser".to_owned()];
        assert_eq!(planned(user), expected);
    }

    #[test]
    fn what_could_not_be_listed_is_taken_away_as_a_whole() {
        let user = json!({
            "type": "AWS::IAM::User", "id": "alice", "region": "global", "hash": "",
            "unreadable": {"accessKeys": "AccessDenied iam:ListAccessKeys", "LoginProfile": "AccessDenied x:y"},
        });
        assert_eq!(planned(user), ["iam:DeleteLoginProfile", "iam:DeleteAccessKey *", "iam:DeleteUser"]);
    }
}
