//! Where a web ACL logs to, and what.

use aws_sdk_wafv2::types;

use crate::catalog::{Props, each};

/// Which requests are logged.
pub(super) fn logging_filter(logging: &types::LoggingFilter) -> Props {
    Props::new()
        .with("DefaultBehavior", logging.default_behavior().as_str())
        .with("Filters", each(logging.filters(), filter))
}

fn filter(filter: &types::Filter) -> Props {
    Props::new()
        .with("Behavior", filter.behavior().as_str())
        .with("Conditions", each(filter.conditions(), condition))
        .with("Requirement", filter.requirement().as_str())
}

fn condition(condition: &types::Condition) -> Props {
    Props::new()
        .with("ActionCondition", condition.action_condition().map(action_condition))
        .with("LabelNameCondition", condition.label_name_condition().map(label_name_condition))
}

fn action_condition(condition: &types::ActionCondition) -> Props {
    Props::new().with("Action", condition.action().as_str())
}

fn label_name_condition(condition: &types::LabelNameCondition) -> Props {
    Props::new().with("LabelName", condition.label_name())
}
