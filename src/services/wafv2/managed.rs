//! Settings of the rule groups that AWS manages.

use aws_sdk_wafv2::types;

use crate::catalog::{Props, each};

/// The settings of one group.
#[expect(deprecated, reason = "old web ACLs have the settings in this place")]
pub(super) fn managed_rule_group_config(config: &types::ManagedRuleGroupConfig) -> Props {
    Props::new()
        .with(
            "AWSManagedRulesACFPRuleSet",
            config.aws_managed_rules_acfp_rule_set().map(aws_managed_rules_acfp_rule_set),
        )
        .with("AWSManagedRulesATPRuleSet", config.aws_managed_rules_atp_rule_set().map(aws_managed_rules_atp_rule_set))
        .with(
            "AWSManagedRulesAntiDDoSRuleSet",
            config.aws_managed_rules_anti_d_do_s_rule_set().map(aws_managed_rules_anti_d_do_s_rule_set),
        )
        .with(
            "AWSManagedRulesBotControlRuleSet",
            config.aws_managed_rules_bot_control_rule_set().map(aws_managed_rules_bot_control_rule_set),
        )
        .with("LoginPath", config.login_path())
        .with("PasswordField", config.password_field().map(password_field))
        .with("PayloadType", config.payload_type().map(types::PayloadType::as_str))
        .with("UsernameField", config.username_field().map(username_field))
}

fn username_field(field: &types::UsernameField) -> Props {
    Props::new().with("Identifier", field.identifier())
}

fn password_field(field: &types::PasswordField) -> Props {
    Props::new().with("Identifier", field.identifier())
}

fn aws_managed_rules_bot_control_rule_set(set: &types::AwsManagedRulesBotControlRuleSet) -> Props {
    Props::new()
        .with("EnableMachineLearning", set.enable_machine_learning())
        .with("InspectionLevel", set.inspection_level().as_str())
}

fn aws_managed_rules_atp_rule_set(set: &types::AwsManagedRulesAtpRuleSet) -> Props {
    Props::new()
        .with("EnableRegexInPath", set.enable_regex_in_path())
        .with("LoginPath", set.login_path())
        .with("RequestInspection", set.request_inspection().map(request_inspection))
        .with("ResponseInspection", set.response_inspection().map(response_inspection))
}

fn request_inspection(inspection: &types::RequestInspection) -> Props {
    Props::new()
        .with("PasswordField", inspection.password_field().map(password_field))
        .with("PayloadType", inspection.payload_type().as_str())
        .with("UsernameField", inspection.username_field().map(username_field))
}

fn response_inspection(inspection: &types::ResponseInspection) -> Props {
    Props::new()
        .with("BodyContains", inspection.body_contains().map(response_inspection_body_contains))
        .with("Header", inspection.header().map(response_inspection_header))
        .with("Json", inspection.json().map(response_inspection_json))
        .with("StatusCode", inspection.status_code().map(response_inspection_status_code))
}

fn response_inspection_status_code(code: &types::ResponseInspectionStatusCode) -> Props {
    Props::new().with("FailureCodes", code.failure_codes().to_vec()).with("SuccessCodes", code.success_codes().to_vec())
}

fn response_inspection_header(header: &types::ResponseInspectionHeader) -> Props {
    Props::new()
        .with("FailureValues", header.failure_values())
        .with("Name", header.name())
        .with("SuccessValues", header.success_values())
}

fn response_inspection_body_contains(contains: &types::ResponseInspectionBodyContains) -> Props {
    Props::new().with("FailureStrings", contains.failure_strings()).with("SuccessStrings", contains.success_strings())
}

fn response_inspection_json(json: &types::ResponseInspectionJson) -> Props {
    Props::new()
        .with("FailureValues", json.failure_values())
        .with("Identifier", json.identifier())
        .with("SuccessValues", json.success_values())
}

fn aws_managed_rules_acfp_rule_set(set: &types::AwsManagedRulesAcfpRuleSet) -> Props {
    Props::new()
        .with("CreationPath", set.creation_path())
        .with("EnableRegexInPath", set.enable_regex_in_path())
        .with("RegistrationPagePath", set.registration_page_path())
        .with("RequestInspection", set.request_inspection().map(request_inspection_acfp))
        .with("ResponseInspection", set.response_inspection().map(response_inspection))
}

fn request_inspection_acfp(acfp: &types::RequestInspectionAcfp) -> Props {
    Props::new()
        .with("AddressFields", each(acfp.address_fields(), address_field))
        .with("EmailField", acfp.email_field().map(email_field))
        .with("PasswordField", acfp.password_field().map(password_field))
        .with("PayloadType", acfp.payload_type().as_str())
        .with("PhoneNumberFields", each(acfp.phone_number_fields(), phone_number_field))
        .with("UsernameField", acfp.username_field().map(username_field))
}

fn email_field(field: &types::EmailField) -> Props {
    Props::new().with("Identifier", field.identifier())
}

fn phone_number_field(field: &types::PhoneNumberField) -> Props {
    Props::new().with("Identifier", field.identifier())
}

fn address_field(field: &types::AddressField) -> Props {
    Props::new().with("Identifier", field.identifier())
}

fn aws_managed_rules_anti_d_do_s_rule_set(set: &types::AwsManagedRulesAntiDDoSRuleSet) -> Props {
    Props::new()
        .with("ClientSideActionConfig", set.client_side_action_config().map(client_side_action_config))
        .with("SensitivityToBlock", set.sensitivity_to_block().map(types::SensitivityToAct::as_str))
}

fn client_side_action_config(config: &types::ClientSideActionConfig) -> Props {
    Props::new().with("Challenge", config.challenge().map(client_side_action))
}

fn client_side_action(action: &types::ClientSideAction) -> Props {
    Props::new()
        .with("ExemptUriRegularExpressions", each(action.exempt_uri_regular_expressions(), regex))
        .with("Sensitivity", action.sensitivity().map(types::SensitivityToAct::as_str))
        .with("UsageOfAction", action.usage_of_action().as_str())
}

fn regex(regex: &types::Regex) -> Props {
    Props::new().with("RegexString", regex.regex_string())
}
