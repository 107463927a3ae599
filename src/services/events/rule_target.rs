//! The targets of a rule, in the schema's `Target` shape.

use aws_sdk_eventbridge::types::{
    AssignPublicIp, AwsVpcConfiguration, BatchParameters, EcsParameters, HttpParameters, LaunchType,
    PlacementConstraintType, PlacementStrategyType, PropagateTags, RedshiftDataParameters, Target,
};

use crate::catalog::{Props, each};

/// Maps one target.
pub(super) fn map(target: &Target) -> Props {
    let transformer = target.input_transformer().map(|input| {
        Props::new().with("InputPathsMap", input.input_paths_map()).with("InputTemplate", input.input_template())
    });
    let commands = target.run_command_parameters().map(|run| {
        let targets = each(run.run_command_targets(), |target| {
            Props::new().with("Key", target.key()).with("Values", target.values())
        });
        Props::new().with("RunCommandTargets", targets)
    });
    let pipeline = target.sage_maker_pipeline_parameters().map(|pipeline| {
        let parameters = each(pipeline.pipeline_parameter_list(), |parameter| {
            Props::new().with("Name", parameter.name()).with("Value", parameter.value())
        });
        Props::new().with("PipelineParameterList", parameters)
    });
    let retry = target.retry_policy().map(|retry| {
        Props::new()
            .with("MaximumEventAgeInSeconds", retry.maximum_event_age_in_seconds())
            .with("MaximumRetryAttempts", retry.maximum_retry_attempts())
    });
    let kinesis = target.kinesis_parameters().map(|kinesis| one("PartitionKeyPath", kinesis.partition_key_path()));
    let sqs = target.sqs_parameters().and_then(|sqs| Some(one("MessageGroupId", sqs.message_group_id()?)));
    let dead_letters = target.dead_letter_config().and_then(|queue| Some(one("Arn", queue.arn()?)));
    let app_sync = target.app_sync_parameters();
    let app_sync = app_sync.and_then(|sync| Some(one("GraphQLOperation", sync.graph_ql_operation()?)));
    Props::new()
        .with("Id", target.id())
        .with("Arn", target.arn())
        .with("RoleArn", target.role_arn())
        .with("Input", target.input())
        .with("InputPath", target.input_path())
        .with("InputTransformer", transformer)
        .with("KinesisParameters", kinesis)
        .with("RunCommandParameters", commands)
        .with("EcsParameters", target.ecs_parameters().map(ecs))
        .with("BatchParameters", target.batch_parameters().map(batch))
        .with("SqsParameters", sqs)
        .with("HttpParameters", target.http_parameters().map(http))
        .with("RedshiftDataParameters", target.redshift_data_parameters().map(redshift))
        .with("SageMakerPipelineParameters", pipeline)
        .with("DeadLetterConfig", dead_letters)
        .with("RetryPolicy", retry)
        .with("AppSyncParameters", app_sync)
}

fn one(name: &str, value: &str) -> Props {
    Props::new().with(name, value)
}

fn ecs(ecs: &EcsParameters) -> Props {
    let providers = each(ecs.capacity_provider_strategy(), |item| {
        Props::new()
            .with("CapacityProvider", item.capacity_provider())
            .with("Weight", item.weight())
            .with("Base", item.base())
    });
    let constraints = each(ecs.placement_constraints(), |constraint| {
        Props::new()
            .with("Type", constraint.r#type().map(PlacementConstraintType::as_str))
            .with("Expression", constraint.expression())
    });
    // Strategies apply one after the other, so their order stays.
    let strategies = each(ecs.placement_strategy(), |strategy| {
        Props::new().with("Type", strategy.r#type().map(PlacementStrategyType::as_str)).with("Field", strategy.field())
    });
    let network = ecs.network_configuration().and_then(|network| network.awsvpc_configuration());
    Props::new()
        .with("TaskDefinitionArn", ecs.task_definition_arn())
        .with("TaskCount", ecs.task_count())
        .with("LaunchType", ecs.launch_type().map(LaunchType::as_str))
        .with("NetworkConfiguration", network.map(|vpc| Props::new().with("AwsVpcConfiguration", awsvpc(vpc))))
        .with("PlatformVersion", ecs.platform_version())
        .with("Group", ecs.group())
        .with("CapacityProviderStrategy", providers)
        .with("EnableECSManagedTags", ecs.enable_ecs_managed_tags())
        .with("EnableExecuteCommand", ecs.enable_execute_command())
        .with("PlacementConstraints", constraints)
        .with("PlacementStrategies", strategies)
        .with("PropagateTags", ecs.propagate_tags().map(PropagateTags::as_str))
        .with("ReferenceId", ecs.reference_id())
        .with("TagList", each(ecs.tags(), |tag| Props::new().with("Key", tag.key()).with("Value", tag.value())))
}

fn awsvpc(vpc: &AwsVpcConfiguration) -> Props {
    Props::new()
        .with("Subnets", vpc.subnets())
        .with("SecurityGroups", vpc.security_groups())
        .with("AssignPublicIp", vpc.assign_public_ip().map(AssignPublicIp::as_str))
}

fn batch(batch: &BatchParameters) -> Props {
    Props::new()
        .with("JobDefinition", batch.job_definition())
        .with("JobName", batch.job_name())
        .with("ArrayProperties", batch.array_properties().map(|array| Props::new().with("Size", array.size())))
        .with("RetryStrategy", batch.retry_strategy().map(|retry| Props::new().with("Attempts", retry.attempts())))
}

fn http(http: &HttpParameters) -> Props {
    Props::new()
        .with("PathParameterValues", http.path_parameter_values())
        .with("HeaderParameters", http.header_parameters())
        .with("QueryStringParameters", http.query_string_parameters())
}

fn redshift(redshift: &RedshiftDataParameters) -> Props {
    Props::new()
        .with("SecretManagerArn", redshift.secret_manager_arn())
        .with("Database", redshift.database())
        .with("DbUser", redshift.db_user())
        .with("Sql", redshift.sql())
        .with("Sqls", redshift.sqls())
        .with("StatementName", redshift.statement_name())
        .with("WithEvent", redshift.with_event())
}
