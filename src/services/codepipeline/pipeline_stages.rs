//! The stages of a pipeline in the schema's shape.

use aws_sdk_codepipeline::types;
use aws_sdk_codepipeline::types::{
    ActionDeclaration, ActionTypeId, BlockerDeclaration, Condition, EnvironmentVariable, EnvironmentVariableType,
    FailureConditions, InputArtifact, OutputArtifact, RetryConfiguration, RuleDeclaration, RuleOwner, RuleTypeId,
    StageDeclaration, StageRetryMode, StageState,
};

use crate::catalog::{Props, each};

pub(super) fn stage(stage: &StageDeclaration) -> Props {
    let blocker = |blocker: &BlockerDeclaration| {
        Props::new().with("Name", blocker.name()).with("Type", blocker.r#type().as_str())
    };
    let [before, success] =
        [before(stage), success(stage)].map(|conditions| Props::new().with("Conditions", each(conditions, condition)));
    Props::new()
        .with("Actions", each(stage.actions(), action))
        .with("BeforeEntry", before)
        .with("Blockers", each(stage.blockers(), blocker))
        .with("Name", stage.name())
        .with("OnFailure", stage.on_failure().map(on_failure))
        .with("OnSuccess", success)
}

fn before(stage: &StageDeclaration) -> &[Condition] {
    stage.before_entry().map(types::BeforeEntryConditions::conditions).unwrap_or_default()
}

fn success(stage: &StageDeclaration) -> &[Condition] {
    stage.on_success().map(types::SuccessConditions::conditions).unwrap_or_default()
}

fn failure(stage: &StageDeclaration) -> &[Condition] {
    stage.on_failure().map(FailureConditions::conditions).unwrap_or_default()
}

fn action(action: &ActionDeclaration) -> Props {
    let kind = |kind: &ActionTypeId| {
        Props::new()
            .with("Category", kind.category().as_str())
            .with("Owner", kind.owner().as_str())
            .with("Provider", kind.provider())
            .with("Version", kind.version())
    };
    let output = |artifact: &OutputArtifact| Props::new().with("Files", artifact.files()).with("Name", artifact.name());
    let variable = |variable: &EnvironmentVariable| {
        Props::new()
            .with("Name", variable.name())
            .with("Type", variable.r#type().map(EnvironmentVariableType::as_str))
            .with("Value", variable.value())
    };
    Props::new()
        .with("ActionTypeId", action.action_type_id().map(kind))
        .with("Commands", action.commands())
        .with("Configuration", action.configuration())
        .with("EnvironmentVariables", each(action.environment_variables(), variable))
        .with("InputArtifacts", each(action.input_artifacts(), input))
        .with("Name", action.name())
        .with("Namespace", action.namespace())
        .with("OutputArtifacts", each(action.output_artifacts(), output))
        .with("OutputVariables", action.output_variables())
        .with("Region", action.region())
        .with("RoleArn", action.role_arn())
        .with("RunOrder", action.run_order())
        .with("TimeoutInMinutes", action.timeout_in_minutes())
}

fn input(artifact: &InputArtifact) -> Props {
    Props::new().with("Name", artifact.name())
}

fn on_failure(failure: &FailureConditions) -> Props {
    let retry =
        |retry: &RetryConfiguration| Props::new().with("RetryMode", retry.retry_mode().map(StageRetryMode::as_str));
    Props::new()
        .with("Conditions", each(failure.conditions(), condition))
        .with("Result", failure.result().map(types::Result::as_str))
        .with("RetryConfiguration", failure.retry_configuration().map(retry))
}

fn condition(condition: &Condition) -> Props {
    Props::new()
        .with("Result", condition.result().map(types::Result::as_str))
        .with("Rules", each(condition.rules(), rule))
}

fn rule(rule: &RuleDeclaration) -> Props {
    let kind = |kind: &RuleTypeId| {
        Props::new()
            .with("Category", kind.category().as_str())
            .with("Owner", kind.owner().map(RuleOwner::as_str))
            .with("Provider", kind.provider())
            .with("Version", kind.version())
    };
    Props::new()
        .with("Commands", rule.commands())
        .with("Configuration", rule.configuration())
        .with("InputArtifacts", each(rule.input_artifacts(), input))
        .with("Name", rule.name())
        .with("Region", rule.region())
        .with("RoleArn", rule.role_arn())
        .with("RuleTypeId", rule.rule_type_id().map(kind))
}

/// How long each rule may take, for which the schema has no place.
pub(super) fn rule_timeouts(stages: &[StageDeclaration]) -> Vec<Props> {
    let of_stage = |stage: &StageDeclaration| {
        let kinds = [("BeforeEntry", before(stage)), ("OnFailure", failure(stage)), ("OnSuccess", success(stage))];
        let of_kind = |(kind, conditions): (&'static str, &[Condition])| {
            let rules = conditions.iter().flat_map(Condition::rules);
            let timeout = |rule: &RuleDeclaration| {
                let props = Props::new().with("Conditions", kind).with("RuleName", rule.name());
                let props = props.with("StageName", stage.name());
                rule.timeout_in_minutes().map(|minutes| props.with("TimeoutInMinutes", minutes))
            };
            rules.filter_map(timeout).collect::<Vec<_>>()
        };
        kinds.into_iter().flat_map(of_kind).collect::<Vec<_>>()
    };
    stages.iter().flat_map(of_stage).collect()
}

/// The secrets that variables take their values from.
pub(super) fn references(stages: &[StageDeclaration]) -> Vec<Props> {
    let of_action = |stage: &str, action: &ActionDeclaration| {
        let variables = action.environment_variables().iter();
        let secrets = variables.filter(|variable| variable.r#type() == Some(&EnvironmentVariableType::SecretsManager));
        let reference = |variable: &EnvironmentVariable| {
            Props::new()
                .with("ActionName", action.name())
                .with("Name", variable.name())
                .with("StageName", stage)
                .with("ValueFrom", variable.value())
        };
        secrets.map(reference).collect::<Vec<_>>()
    };
    let of_stage = |stage: &StageDeclaration| {
        stage.actions().iter().flat_map(|action| of_action(stage.name(), action)).collect::<Vec<_>>()
    };
    stages.iter().flat_map(of_stage).collect()
}

/// The stages that nothing may enter.
pub(super) fn closed(states: &[StageState]) -> Vec<Props> {
    let closed = states.iter().filter_map(|state| {
        let transition = state.inbound_transition_state().filter(|transition| !transition.enabled())?;
        let props = Props::new().with("Reason", transition.disabled_reason());
        Some(props.with("StageName", state.stage_name()))
    });
    closed.collect()
}
