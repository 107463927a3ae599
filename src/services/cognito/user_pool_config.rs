//! Settings of a user pool.

use aws_sdk_cognitoidentityprovider::types;

use crate::catalog::{Props, each};

pub(super) fn user_pool_policy(policy: &types::UserPoolPolicyType) -> Props {
    Props::new()
        .with("PasswordPolicy", policy.password_policy().map(password_policy))
        .with("SignInPolicy", policy.sign_in_policy().map(sign_in_policy))
}

fn password_policy(policy: &types::PasswordPolicyType) -> Props {
    Props::new()
        .with("MinimumLength", policy.minimum_length())
        .with("PasswordHistorySize", policy.password_history_size())
        .with("RequireLowercase", policy.require_lowercase())
        .with("RequireNumbers", policy.require_numbers())
        .with("RequireSymbols", policy.require_symbols())
        .with("RequireUppercase", policy.require_uppercase())
        .with("TemporaryPasswordValidityDays", policy.temporary_password_validity_days())
}

fn sign_in_policy(policy: &types::SignInPolicyType) -> Props {
    Props::new().with(
        "AllowedFirstAuthFactors",
        policy.allowed_first_auth_factors().iter().map(types::AuthFactorType::as_str).collect::<Vec<_>>(),
    )
}

pub(super) fn lambda_config(config: &types::LambdaConfigType) -> Props {
    Props::new()
        .with("CreateAuthChallenge", config.create_auth_challenge())
        .with("CustomEmailSender", config.custom_email_sender().map(custom_email_lambda_version_config))
        .with("CustomMessage", config.custom_message())
        .with("CustomSMSSender", config.custom_sms_sender().map(custom_sms_lambda_version_config))
        .with("DefineAuthChallenge", config.define_auth_challenge())
        .with("InboundFederation", config.inbound_federation().map(inbound_federation_lambda))
        .with("KMSKeyID", config.kms_key_id())
        .with("PostAuthentication", config.post_authentication())
        .with("PostConfirmation", config.post_confirmation())
        .with("PreAuthentication", config.pre_authentication())
        .with("PreSignUp", config.pre_sign_up())
        .with("PreTokenGeneration", config.pre_token_generation())
        .with("PreTokenGenerationConfig", config.pre_token_generation_config().map(pre_token_generation_version_config))
        .with("UserMigration", config.user_migration())
        .with("VerifyAuthChallengeResponse", config.verify_auth_challenge_response())
}

fn pre_token_generation_version_config(config: &types::PreTokenGenerationVersionConfigType) -> Props {
    Props::new().with("LambdaArn", config.lambda_arn()).with("LambdaVersion", config.lambda_version().as_str())
}

fn custom_sms_lambda_version_config(config: &types::CustomSmsLambdaVersionConfigType) -> Props {
    Props::new().with("LambdaArn", config.lambda_arn()).with("LambdaVersion", config.lambda_version().as_str())
}

fn custom_email_lambda_version_config(config: &types::CustomEmailLambdaVersionConfigType) -> Props {
    Props::new().with("LambdaArn", config.lambda_arn()).with("LambdaVersion", config.lambda_version().as_str())
}

fn inbound_federation_lambda(lambda: &types::InboundFederationLambdaType) -> Props {
    Props::new().with("LambdaArn", lambda.lambda_arn()).with("LambdaVersion", lambda.lambda_version().as_str())
}

pub(super) fn schema_attribute(attribute: &types::SchemaAttributeType) -> Props {
    Props::new()
        .with("AttributeDataType", attribute.attribute_data_type().map(types::AttributeDataType::as_str))
        .with("DeveloperOnlyAttribute", attribute.developer_only_attribute())
        .with("Mutable", attribute.mutable())
        .with("Name", attribute.name())
        .with("NumberAttributeConstraints", attribute.number_attribute_constraints().map(number_attribute_constraints))
        .with("Required", attribute.required())
        .with("StringAttributeConstraints", attribute.string_attribute_constraints().map(string_attribute_constraints))
}

fn number_attribute_constraints(constraints: &types::NumberAttributeConstraintsType) -> Props {
    Props::new().with("MaxValue", constraints.max_value()).with("MinValue", constraints.min_value())
}

fn string_attribute_constraints(constraints: &types::StringAttributeConstraintsType) -> Props {
    Props::new().with("MaxLength", constraints.max_length()).with("MinLength", constraints.min_length())
}

pub(super) fn verification_message_template(template: &types::VerificationMessageTemplateType) -> Props {
    Props::new()
        .with("DefaultEmailOption", template.default_email_option().map(types::DefaultEmailOptionType::as_str))
        .with("EmailMessage", template.email_message())
        .with("EmailMessageByLink", template.email_message_by_link())
        .with("EmailSubject", template.email_subject())
        .with("EmailSubjectByLink", template.email_subject_by_link())
        .with("SmsMessage", template.sms_message())
}

pub(super) fn user_attribute_update_settings(settings: &types::UserAttributeUpdateSettingsType) -> Props {
    Props::new().with(
        "AttributesRequireVerificationBeforeUpdate",
        settings
            .attributes_require_verification_before_update()
            .iter()
            .map(types::VerifiedAttributeType::as_str)
            .collect::<Vec<_>>(),
    )
}

pub(super) fn device_configuration(configuration: &types::DeviceConfigurationType) -> Props {
    Props::new()
        .with("ChallengeRequiredOnNewDevice", configuration.challenge_required_on_new_device())
        .with("DeviceOnlyRememberedOnUserPrompt", configuration.device_only_remembered_on_user_prompt())
}

pub(super) fn email_configuration(configuration: &types::EmailConfigurationType) -> Props {
    Props::new()
        .with("ConfigurationSet", configuration.configuration_set())
        .with("EmailSendingAccount", configuration.email_sending_account().map(types::EmailSendingAccountType::as_str))
        .with("From", configuration.from())
        .with("ReplyToEmailAddress", configuration.reply_to_email_address())
        .with("SourceArn", configuration.source_arn())
}

pub(super) fn sms_configuration(configuration: &types::SmsConfigurationType) -> Props {
    Props::new()
        .with("EumsSms", configuration.eums_sms().map(eums_sms_configuration))
        .with("ExternalId", configuration.external_id())
        .with("SnsCallerArn", configuration.sns_caller_arn())
        .with("SnsRegion", configuration.sns_region())
}

fn eums_sms_configuration(configuration: &types::EumsSmsConfigurationType) -> Props {
    Props::new()
        .with("CallerArn", configuration.caller_arn())
        .with("ConfigurationSetName", configuration.configuration_set_name())
        .with("ExternalId", configuration.external_id())
        .with("InEntityId", configuration.in_entity_id())
        .with("InTemplateId", configuration.in_template_id())
        .with("OriginationIdentity", configuration.origination_identity())
        .with("Region", configuration.region())
}

pub(super) fn admin_create_user_config(config: &types::AdminCreateUserConfigType) -> Props {
    Props::new()
        .with("AllowAdminCreateUserOnly", config.allow_admin_create_user_only())
        .with("InviteMessageTemplate", config.invite_message_template().map(message_template))
        .with("UnusedAccountValidityDays", config.unused_account_validity_days())
}

fn message_template(template: &types::MessageTemplateType) -> Props {
    Props::new()
        .with("EmailMessage", template.email_message())
        .with("EmailSubject", template.email_subject())
        .with("SMSMessage", template.sms_message())
}

pub(super) fn user_pool_add_ons(ons: &types::UserPoolAddOnsType) -> Props {
    Props::new()
        .with(
            "AdvancedSecurityAdditionalFlows",
            ons.advanced_security_additional_flows().map(advanced_security_additional_flows),
        )
        .with("AdvancedSecurityMode", ons.advanced_security_mode().as_str())
}

fn advanced_security_additional_flows(flows: &types::AdvancedSecurityAdditionalFlowsType) -> Props {
    Props::new().with("CustomAuthMode", flows.custom_auth_mode().map(types::AdvancedSecurityEnabledModeType::as_str))
}

pub(super) fn username_configuration(configuration: &types::UsernameConfigurationType) -> Props {
    Props::new().with("CaseSensitive", configuration.case_sensitive())
}

pub(super) fn account_recovery_setting(setting: &types::AccountRecoverySettingType) -> Props {
    Props::new().with("RecoveryMechanisms", each(setting.recovery_mechanisms(), recovery_option))
}

fn recovery_option(option: &types::RecoveryOptionType) -> Props {
    Props::new().with("Name", option.name().as_str()).with("Priority", option.priority())
}

pub(super) fn key_configuration(configuration: &types::KeyConfigurationType) -> Props {
    Props::new()
        .with("KeyType", configuration.key_type().map(types::EncryptionKeyType::as_str))
        .with("KmsKeyArn", configuration.kms_key_arn())
}

pub(super) fn issuer_configuration(configuration: &types::IssuerConfigurationType) -> Props {
    Props::new().with("Type", configuration.r#type().map(types::IssuerType::as_str))
}

pub(super) fn acr_level_config(config: &types::AcrLevelConfigType) -> Props {
    Props::new().with("AcrValue", config.acr_value())
}
