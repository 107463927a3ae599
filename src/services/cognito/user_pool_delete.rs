//! How a user pool is deleted.

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::types::{DeletionProtectionType, DomainStatusType, UserPoolType};
use serde_json::Value;

use crate::aws::{CallError, Hands};
use crate::catalog::Progress;
use crate::model::{Resource, Step, Switches};

/// The protection that is on.
pub(super) fn protection(pool: &Resource) -> Option<String> {
    let active = pool.properties.get("DeletionProtection").is_some_and(|now| now == "ACTIVE");
    active.then(|| "DeletionProtection".to_owned())
}

/// A pool that has a domain is not deleted; all else goes with it.
pub(super) fn steps(pool: &Resource, switches: &Switches) -> Vec<Step> {
    let unprotect = switches.disable_protection && protection(pool).is_some();
    let unprotect = unprotect.then(|| Step::on_resource("cognito-idp:UpdateUserPool"));
    let domains = pool.properties.get("domains").and_then(Value::as_array).into_iter().flatten();
    let domains = domains.filter_map(|domain| domain.get("Domain")?.as_str());
    let domains = domains.map(|domain| Step::on("cognito-idp:DeleteUserPoolDomain", domain));
    unprotect.into_iter().chain(domains).chain([Step::on_resource("cognito-idp:DeleteUserPool")]).collect()
}

/// Makes one step.
pub(super) async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let cognito: Client = hands.client();
    match step.call.as_str() {
        "cognito-idp:UpdateUserPool" => unprotect(hands, step, &cognito).await,
        "cognito-idp:DeleteUserPoolDomain" => delete_domain(hands, step, &cognito).await,
        _ => {
            hands.call(step, cognito.delete_user_pool().user_pool_id(hands.id()).send()).await?;
            Ok(Progress::Done)
        }
    }
}

/// The domain of an own name is a `CloudFront` distribution, which takes its time.
async fn delete_domain(hands: &Hands, step: &Step, cognito: &Client) -> Result<Progress, CallError> {
    let look = cognito.describe_user_pool_domain().domain(&step.target).send();
    let found = hands.look("cognito-idp:DescribeUserPoolDomain", look).await?;
    // One that does not exist is answered as an empty description.
    let found = found.and_then(|answer| answer.domain_description).filter(|domain| domain.domain.is_some());
    let Some(domain) = found else { return Ok(Progress::Done) };
    if domain.status() != Some(&DomainStatusType::Deleting) {
        let request = cognito.delete_user_pool_domain().user_pool_id(hands.id()).domain(&step.target);
        hands.call(step, request.send()).await?;
    }
    Ok(Progress::Waiting(format!("domain {} is deleting", step.target)))
}

async fn unprotect(hands: &Hands, step: &Step, cognito: &Client) -> Result<Progress, CallError> {
    let look = cognito.describe_user_pool().user_pool_id(hands.id()).send();
    let answer = hands.look("cognito-idp:DescribeUserPool", look).await?;
    let Some(pool) = answer.and_then(|answer| answer.user_pool) else { return Ok(Progress::Done) };
    if pool.deletion_protection() == Some(&DeletionProtectionType::Active) {
        hands.call(step, update(cognito, hands.id(), pool).send()).await?;
    }
    Ok(Progress::Done)
}

/// An update resets every setting that it does not name, so it names all.
fn update(
    cognito: &Client,
    id: &str,
    pool: UserPoolType,
) -> aws_sdk_cognitoidentityprovider::operation::update_user_pool::builders::UpdateUserPoolFluentBuilder {
    let invites = pool.admin_create_user_config.map(|mut invites| {
        // An old setting that the password policy took over: both in one request are refused.
        if pool.policies.is_some() {
            invites.unused_account_validity_days = 0;
        }
        invites
    });
    cognito
        .update_user_pool()
        .user_pool_id(id)
        .deletion_protection(DeletionProtectionType::Inactive)
        .set_account_recovery_setting(pool.account_recovery_setting)
        .set_admin_create_user_config(invites)
        .set_auto_verified_attributes(pool.auto_verified_attributes)
        .set_device_configuration(pool.device_configuration)
        .set_email_configuration(pool.email_configuration)
        .set_email_verification_message(pool.email_verification_message)
        .set_email_verification_subject(pool.email_verification_subject)
        .set_lambda_config(pool.lambda_config)
        .set_mfa_configuration(pool.mfa_configuration)
        .set_policies(pool.policies)
        .set_sms_authentication_message(pool.sms_authentication_message)
        .set_sms_configuration(pool.sms_configuration)
        .set_sms_verification_message(pool.sms_verification_message)
        .set_user_attribute_update_settings(pool.user_attribute_update_settings)
        .set_user_pool_add_ons(pool.user_pool_add_ons)
        .set_user_pool_tags(pool.user_pool_tags)
        .set_user_pool_tier(pool.user_pool_tier)
        .set_verification_message_template(pool.verification_message_template)
}
