//! Settings of a web ACL beside its rules.

use aws_sdk_wafv2::types;

use crate::catalog::{Props, each};

pub(super) fn data_protection_config(config: &types::DataProtectionConfig) -> Props {
    Props::new().with("DataProtections", each(config.data_protections(), data_protection))
}

fn data_protection(protection: &types::DataProtection) -> Props {
    Props::new()
        .with("Action", protection.action().as_str())
        .with("ExcludeRateBasedDetails", protection.exclude_rate_based_details())
        .with("ExcludeRuleMatchDetails", protection.exclude_rule_match_details())
        .with("Field", protection.field().map(field_to_protect))
}

fn field_to_protect(protect: &types::FieldToProtect) -> Props {
    Props::new().with("FieldKeys", protect.field_keys()).with("FieldType", protect.field_type().as_str())
}

pub(super) fn on_source_d_do_s_protection_config(config: &types::OnSourceDDoSProtectionConfig) -> Props {
    Props::new().with("ALBLowReputationMode", config.alb_low_reputation_mode().as_str())
}

pub(super) fn application_config(config: &types::ApplicationConfig) -> Props {
    Props::new().with("Attributes", each(config.attributes(), application_attribute))
}

fn application_attribute(attribute: &types::ApplicationAttribute) -> Props {
    Props::new().with("Name", attribute.name()).with("Values", attribute.values())
}

pub(super) fn monetization_config(config: &types::MonetizationConfig) -> Props {
    Props::new()
        .with("CryptoConfig", config.crypto_config().map(crypto_config))
        .with("CurrencyMode", config.currency_mode().map(types::CurrencyMode::as_str))
}

fn crypto_config(config: &types::CryptoConfig) -> Props {
    Props::new().with("PaymentNetworks", each(config.payment_networks(), payment_network))
}

fn payment_network(network: &types::PaymentNetwork) -> Props {
    Props::new()
        .with("Chain", network.chain().as_str())
        .with("Prices", each(network.prices(), price))
        .with("WalletAddress", network.wallet_address())
}

fn price(price: &types::Price) -> Props {
    Props::new().with("Amount", price.amount()).with("Currency", price.currency().as_str())
}
