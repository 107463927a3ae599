//! Deployment, placement and network of a service.

use aws_sdk_ecs::types::{
    AdvancedConfiguration, AssignPublicIp, AwsVpcConfiguration, CanaryConfiguration, CapacityProviderStrategyItem,
    DeploymentAlarms, DeploymentCircuitBreaker, DeploymentConfiguration, DeploymentController,
    DeploymentEarlySuccessCriteria, DeploymentLifecycleHook, DeploymentLifecycleHookAction,
    DeploymentLifecycleHookStage, DeploymentLifecycleHookTargetType, DeploymentLifecycleHookTimeoutConfiguration,
    DeploymentStrategy, LinearConfiguration, LoadBalancer, NetworkConfiguration, PlacementConstraint,
    PlacementConstraintType, PlacementStrategy, PlacementStrategyType, ServiceRegistry, ServiceRevisionCleanup,
    ThresholdConfiguration,
};
use aws_smithy_types::{Document, Number};
use serde_json::Value;

use crate::catalog::{Props, each};

pub(super) fn strategy_item(item: &CapacityProviderStrategyItem) -> Props {
    Props::new()
        .with("Base", item.base())
        .with("CapacityProvider", item.capacity_provider())
        .with("Weight", item.weight())
}

fn deployment_alarms(alarms: &DeploymentAlarms) -> Props {
    Props::new()
        .with("AlarmNames", alarms.alarm_names())
        .with("Enable", alarms.enable())
        .with("Rollback", alarms.rollback())
}

fn canary_configuration(config: &CanaryConfiguration) -> Props {
    Props::new()
        .with("CanaryBakeTimeInMinutes", config.canary_bake_time_in_minutes())
        .with("CanaryPercent", config.canary_percent())
}

fn threshold_configuration(config: &ThresholdConfiguration) -> Props {
    Props::new().with("Type", config.r#type().as_str()).with("Value", config.value())
}

fn circuit_breaker(breaker: &DeploymentCircuitBreaker) -> Props {
    Props::new()
        .with("Enable", breaker.enable())
        .with("ResetOnHealthyTask", breaker.reset_on_healthy_task())
        .with("Rollback", breaker.rollback())
        .with("ThresholdConfiguration", breaker.threshold_configuration().map(threshold_configuration))
}

fn early_success_criteria(criteria: &DeploymentEarlySuccessCriteria) -> Props {
    Props::new().with("Enable", criteria.enable()).with("HealthyPercent", criteria.healthy_percent()).with(
        "SourceServiceRevisionCleanup",
        criteria.source_service_revision_cleanup().map(ServiceRevisionCleanup::as_str),
    )
}

fn hook_timeout(config: &DeploymentLifecycleHookTimeoutConfiguration) -> Props {
    Props::new()
        .with("Action", config.action().map(DeploymentLifecycleHookAction::as_str))
        .with("TimeoutInMinutes", config.timeout_in_minutes())
}

fn lifecycle_hook(hook: &DeploymentLifecycleHook) -> Props {
    Props::new()
        .with("HookDetails", hook.hook_details().map(document))
        .with("HookTargetArn", hook.hook_target_arn())
        .with(
            "LifecycleStages",
            hook.lifecycle_stages().iter().map(DeploymentLifecycleHookStage::as_str).collect::<Vec<_>>(),
        )
        .with("RoleArn", hook.role_arn())
        .with("TargetType", hook.target_type().map(DeploymentLifecycleHookTargetType::as_str))
        .with("TimeoutConfiguration", hook.timeout_configuration().map(hook_timeout))
}

fn linear_configuration(config: &LinearConfiguration) -> Props {
    Props::new()
        .with("StepBakeTimeInMinutes", config.step_bake_time_in_minutes())
        .with("StepPercent", config.step_percent())
}

pub(super) fn deployment_configuration(config: &DeploymentConfiguration) -> Props {
    Props::new()
        .with("Alarms", config.alarms().map(deployment_alarms))
        .with("BakeTimeInMinutes", config.bake_time_in_minutes())
        .with("CanaryConfiguration", config.canary_configuration().map(canary_configuration))
        .with("DeploymentCircuitBreaker", config.deployment_circuit_breaker().map(circuit_breaker))
        .with("EarlySuccessCriteria", config.early_success_criteria().map(early_success_criteria))
        .with("LifecycleHooks", each(config.lifecycle_hooks(), lifecycle_hook))
        .with("LinearConfiguration", config.linear_configuration().map(linear_configuration))
        .with("MaximumPercent", config.maximum_percent())
        .with("MinimumHealthyPercent", config.minimum_healthy_percent())
        .with("Strategy", config.strategy().map(DeploymentStrategy::as_str))
}

pub(super) fn deployment_controller(controller: &DeploymentController) -> Props {
    Props::new().with("Type", controller.r#type().as_str())
}

fn advanced_configuration(config: &AdvancedConfiguration) -> Props {
    Props::new()
        .with("AlternateTargetGroupArn", config.alternate_target_group_arn())
        .with("ProductionListenerRule", config.production_listener_rule())
        .with("RoleArn", config.role_arn())
        .with("TestListenerRule", config.test_listener_rule())
}

pub(super) fn load_balancer(balancer: &LoadBalancer) -> Props {
    Props::new()
        .with("AdvancedConfiguration", balancer.advanced_configuration().map(advanced_configuration))
        .with("ContainerName", balancer.container_name())
        .with("ContainerPort", balancer.container_port())
        .with("LoadBalancerName", balancer.load_balancer_name())
        .with("TargetGroupArn", balancer.target_group_arn())
}

fn aws_vpc_configuration(config: &AwsVpcConfiguration) -> Props {
    Props::new()
        .with("AssignPublicIp", config.assign_public_ip().map(AssignPublicIp::as_str))
        .with("SecurityGroups", config.security_groups())
        .with("Subnets", config.subnets())
}

pub(super) fn network_configuration(config: &NetworkConfiguration) -> Props {
    Props::new().with("AwsvpcConfiguration", config.awsvpc_configuration().map(aws_vpc_configuration))
}

pub(super) fn placement_constraint(constraint: &PlacementConstraint) -> Props {
    Props::new()
        .with("Expression", constraint.expression())
        .with("Type", constraint.r#type().map(PlacementConstraintType::as_str))
}

pub(super) fn placement_strategy(strategy: &PlacementStrategy) -> Props {
    Props::new().with("Field", strategy.field()).with("Type", strategy.r#type().map(PlacementStrategyType::as_str))
}

pub(super) fn service_registry(registry: &ServiceRegistry) -> Props {
    Props::new()
        .with("ContainerName", registry.container_name())
        .with("ContainerPort", registry.container_port())
        .with("Port", registry.port())
        .with("RegistryArn", registry.registry_arn())
}

/// A document of the API as JSON.
fn document(document: &Document) -> Value {
    match document {
        Document::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), self::document(value))).collect(),
        Document::Array(items) => items.iter().map(self::document).collect(),
        Document::Number(Number::PosInt(number)) => Value::from(*number),
        Document::Number(Number::NegInt(number)) => Value::from(*number),
        Document::Number(Number::Float(number)) => Value::from(*number),
        Document::String(text) => Value::from(text.as_str()),
        Document::Bool(flag) => Value::from(*flag),
        Document::Null => Value::Null,
    }
}
