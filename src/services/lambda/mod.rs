//! AWS Lambda.

pub mod event_source_mapping;
pub mod function;
mod function_config;
mod function_parts;
pub mod layer_version;

use crate::catalog::{Draft, IntoProperty, TypeSpec};

/// The types of this service.
pub const TYPES: &[&TypeSpec] = &[&event_source_mapping::SPEC, &function::SPEC, &layer_version::SPEC];

/// How Lambda says that something was deleted since it was listed, or is not configured.
const GONE: &[&str] = &["ResourceNotFoundException"];

/// Sets a property for which Lambda may answer an error in place of the value, when it cannot decrypt or fetch it.
fn with_or_error(draft: Draft, name: &str, value: impl IntoProperty, error: Option<&str>) -> Draft {
    match (value.into_property(), error) {
        (None, Some(code)) => draft.unreadable(name, code),
        (value, _) => draft.with(name, value),
    }
}

/// The version or alias at the end of a function's ARN: `arn:aws:lambda:eu-west-1:123456789012:function:f:live`.
fn qualifier(arn: Option<&str>) -> Option<&str> {
    arn?.splitn(8, ':').nth(7)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::mask::Masker;

    #[test]
    fn an_error_in_place_of_a_value_is_not_no_value() {
        let draft = |value: Option<&str>, error| {
            let draft = with_or_error(Draft::new("f"), "Environment", value, error);
            draft.finish(&function::SPEC, "eu-west-1", &Masker::new([0; 32]))
        };
        assert_eq!(draft(None, Some("AccessDeniedException")).unreadable["Environment"], "AccessDeniedException");
        assert!(draft(None, None).unreadable.is_empty());
        assert_eq!(draft(Some("x"), None).properties["Environment"], "x");
    }

    #[test]
    fn a_qualifier_is_what_follows_the_name() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:f";
        assert_eq!(qualifier(Some(arn)), None);
        assert_eq!(qualifier(Some(&format!("{arn}:$LATEST"))), Some("$LATEST"));
    }
}
