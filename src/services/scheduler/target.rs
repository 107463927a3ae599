//! What a schedule invokes.

use aws_sdk_scheduler::types::{
    AssignPublicIp, AwsVpcConfiguration, CapacityProviderStrategyItem, DeadLetterConfig, EcsParameters,
    EventBridgeParameters, KinesisParameters, LaunchType, NetworkConfiguration, PlacementConstraint,
    PlacementConstraintType, PlacementStrategy, PlacementStrategyType, PropagateTags, RetryPolicy,
    SageMakerPipelineParameter, SageMakerPipelineParameters, SqsParameters, Target,
};

use crate::catalog::{Props, each};

fn dead_letter_config(config: &DeadLetterConfig) -> Props {
    Props::new().with("Arn", config.arn())
}

fn strategy_item(item: &CapacityProviderStrategyItem) -> Props {
    Props::new()
        .with("Base", item.base())
        .with("CapacityProvider", item.capacity_provider())
        .with("Weight", item.weight())
}

fn aws_vpc_configuration(config: &AwsVpcConfiguration) -> Props {
    Props::new()
        .with("AssignPublicIp", config.assign_public_ip().map(AssignPublicIp::as_str))
        .with("SecurityGroups", config.security_groups())
        .with("Subnets", config.subnets())
}

fn network_configuration(config: &NetworkConfiguration) -> Props {
    Props::new().with("AwsvpcConfiguration", config.awsvpc_configuration().map(aws_vpc_configuration))
}

fn placement_constraint(constraint: &PlacementConstraint) -> Props {
    Props::new()
        .with("Expression", constraint.expression())
        .with("Type", constraint.r#type().map(PlacementConstraintType::as_str))
}

fn placement_strategy(strategy: &PlacementStrategy) -> Props {
    Props::new().with("Field", strategy.field()).with("Type", strategy.r#type().map(PlacementStrategyType::as_str))
}

fn ecs_parameters(parameters: &EcsParameters) -> Props {
    Props::new()
        .with("CapacityProviderStrategy", each(parameters.capacity_provider_strategy(), strategy_item))
        .with("EnableECSManagedTags", parameters.enable_ecs_managed_tags())
        .with("EnableExecuteCommand", parameters.enable_execute_command())
        .with("Group", parameters.group())
        .with("LaunchType", parameters.launch_type().map(LaunchType::as_str))
        .with("NetworkConfiguration", parameters.network_configuration().map(network_configuration))
        .with("PlacementConstraints", each(parameters.placement_constraints(), placement_constraint))
        .with("PlacementStrategy", each(parameters.placement_strategy(), placement_strategy))
        .with("PlatformVersion", parameters.platform_version())
        .with("PropagateTags", parameters.propagate_tags().map(PropagateTags::as_str))
        .with("ReferenceId", parameters.reference_id())
        .with("Tags", parameters.tags().iter().collect::<Vec<_>>())
        .with("TaskCount", parameters.task_count())
        .with("TaskDefinitionArn", parameters.task_definition_arn())
}

fn event_bridge_parameters(parameters: &EventBridgeParameters) -> Props {
    Props::new().with("DetailType", parameters.detail_type()).with("Source", parameters.source())
}

fn kinesis_parameters(parameters: &KinesisParameters) -> Props {
    Props::new().with("PartitionKey", parameters.partition_key())
}

fn retry_policy(policy: &RetryPolicy) -> Props {
    Props::new()
        .with("MaximumEventAgeInSeconds", policy.maximum_event_age_in_seconds())
        .with("MaximumRetryAttempts", policy.maximum_retry_attempts())
}

fn pipeline_parameter(parameter: &SageMakerPipelineParameter) -> Props {
    Props::new().with("Name", parameter.name()).with("Value", parameter.value())
}

fn pipeline_parameters(parameters: &SageMakerPipelineParameters) -> Props {
    Props::new().with("PipelineParameterList", each(parameters.pipeline_parameter_list(), pipeline_parameter))
}

fn sqs_parameters(parameters: &SqsParameters) -> Props {
    Props::new().with("MessageGroupId", parameters.message_group_id())
}

pub(super) fn target(target: &Target) -> Props {
    Props::new()
        .with("Arn", target.arn())
        .with("DeadLetterConfig", target.dead_letter_config().map(dead_letter_config))
        .with("EcsParameters", target.ecs_parameters().map(ecs_parameters))
        .with("EventBridgeParameters", target.event_bridge_parameters().map(event_bridge_parameters))
        .with("Input", target.input())
        .with("KinesisParameters", target.kinesis_parameters().map(kinesis_parameters))
        .with("RetryPolicy", target.retry_policy().map(retry_policy))
        .with("RoleArn", target.role_arn())
        .with("SageMakerPipelineParameters", target.sage_maker_pipeline_parameters().map(pipeline_parameters))
        .with("SqsParameters", target.sqs_parameters().map(sqs_parameters))
}
