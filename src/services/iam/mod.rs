//! AWS IAM.

mod details;
pub mod group;
pub mod instance_profile;
pub mod managed_policy;
pub mod oidc_provider;
pub mod role;
pub mod saml_provider;
pub mod server_certificate;
pub mod user;
mod user_delete;

use crate::catalog::TypeSpec;

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[
    &group::SPEC,
    &instance_profile::SPEC,
    &managed_policy::SPEC,
    &oidc_provider::SPEC,
    &role::SPEC,
    &saml_provider::SPEC,
    &server_certificate::SPEC,
    &user::SPEC,
];
