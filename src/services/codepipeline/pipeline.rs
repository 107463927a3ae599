//! Pipelines with their stages.

use std::collections::HashMap;

use aws_sdk_codepipeline::Client;
use aws_sdk_codepipeline::operation::get_pipeline::GetPipelineOutput;
use aws_sdk_codepipeline::types::{
    ArtifactStore, EncryptionKey, ExecutionMode, GitBranchFilterCriteria, GitConfiguration, GitFilePathFilterCriteria,
    GitPullRequestEventType, GitPullRequestFilter, GitPushFilter, GitTagFilterCriteria, PipelineDeclaration,
    PipelineMetadata, PipelineTriggerDeclaration, PipelineType, PipelineVariableDeclaration, Tag,
};

use super::pipeline_stages as stages;
use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::Step;

/// `AWS::CodePipeline::Pipeline`.
///
/// Stages keep their order. Tokens, passwords and environment variables in the configuration of actions and rules are
/// masked. A variable of the type `SECRETS_MANAGER` has a reference as its value; it stands in `environmentReferences` as
/// well. The schema also has no place for `ruleTimeouts`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::CodePipeline::Pipeline",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("metadata.created"),
    sets: &[
        "ArtifactStores",
        "DisableInboundStageTransitions",
        "Stages.*.Actions",
        "Stages.*.Actions.*.EnvironmentVariables",
        "Stages.*.Actions.*.OutputVariables",
        "Stages.*.Blockers",
        "Triggers",
        "Triggers.*.GitConfiguration.PullRequest",
        "Triggers.*.GitConfiguration.PullRequest.*.Branches.Excludes",
        "Triggers.*.GitConfiguration.PullRequest.*.Branches.Includes",
        "Triggers.*.GitConfiguration.PullRequest.*.Events",
        "Triggers.*.GitConfiguration.PullRequest.*.FilePaths.Excludes",
        "Triggers.*.GitConfiguration.PullRequest.*.FilePaths.Includes",
        "Triggers.*.GitConfiguration.Push",
        "Triggers.*.GitConfiguration.Push.*.Branches.Excludes",
        "Triggers.*.GitConfiguration.Push.*.Branches.Includes",
        "Triggers.*.GitConfiguration.Push.*.FilePaths.Excludes",
        "Triggers.*.GitConfiguration.Push.*.FilePaths.Includes",
        "Triggers.*.GitConfiguration.Push.*.Tags.Excludes",
        "Triggers.*.GitConfiguration.Push.*.Tags.Includes",
        "Variables",
        "environmentReferences",
    ],
    secrets: &[
        "Stages.*.Actions.*.Configuration.EnvironmentVariables",
        "Stages.*.Actions.*.Configuration.OAuthToken",
        "Stages.*.Actions.*.Configuration.Password",
        "Stages.*.Actions.*.EnvironmentVariables.*.Value",
        "Stages.*.BeforeEntry.Conditions.*.Rules.*.Configuration.EnvironmentVariables",
        "Stages.*.OnFailure.Conditions.*.Rules.*.Configuration.EnvironmentVariables",
        "Stages.*.OnSuccess.Conditions.*.Rules.*.Configuration.EnvironmentVariables",
    ],
    left_out: &[
        LeftOut { path: "ListPipelines:pipelines[].created", why: "as in GetPipeline" },
        LeftOut { path: "ListPipelines:pipelines[].executionMode", why: "as in GetPipeline" },
        LeftOut { path: "ListPipelines:pipelines[].pipelineType", why: "as in GetPipeline" },
        LeftOut { path: "ListPipelines:pipelines[].updated", why: "as in GetPipeline" },
        LeftOut { path: "ListPipelines:pipelines[].version", why: "as in GetPipeline" },
        LeftOut { path: "GetPipeline:pipeline.name", why: "repeats the request" },
        LeftOut { path: "GetPipelineState:created", why: "as in GetPipeline" },
        LeftOut { path: "GetPipelineState:updated", why: "as in GetPipeline" },
        LeftOut { path: "GetPipelineState:pipelineName", why: "repeats the request" },
        LeftOut { path: "GetPipelineState:pipelineVersion", why: "as in GetPipeline" },
        LeftOut { path: "stageStates[].actionStates[].*", why: "activity" },
        LeftOut { path: "stageStates[].beforeEntryConditionState.*", why: "activity" },
        LeftOut { path: "stageStates[].inboundExecution.*", why: "activity" },
        LeftOut { path: "stageStates[].inboundExecutions[].*", why: "activity" },
        LeftOut { path: "stageStates[].inboundTransitionState.lastChangedAt", why: "time of the last change" },
        LeftOut { path: "stageStates[].inboundTransitionState.lastChangedBy", why: "who changed it last" },
        LeftOut { path: "stageStates[].latestExecution.*", why: "activity" },
        LeftOut { path: "stageStates[].onFailureConditionState.*", why: "activity" },
        LeftOut { path: "stageStates[].onSuccessConditionState.*", why: "activity" },
        LeftOut { path: "stageStates[].retryStageMetadata.*", why: "activity" },
    ],
    unmapped: &[
        Unmapped { path: "RestartExecutionOnUpdate", why: "an option of the update" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[
        Edge {
            path: "ArtifactStore.Location",
            to: "AWS::S3::Bucket",
            target: "{}",
            order: Order::HolderFirst,
            why: "a pipeline names the bucket of its artifacts",
        },
        Edge {
            path: "ArtifactStores.*.ArtifactStore.Location",
            to: "AWS::S3::Bucket",
            target: "{}",
            order: Order::HolderFirst,
            why: "a pipeline names the buckets of its artifacts",
        },
        Edge {
            path: "Stages.*.Actions.*.Configuration.ProjectName",
            to: "AWS::CodeBuild::Project",
            target: "{}",
            order: Order::HolderFirst,
            why: "an action names the project that it builds",
        },
        Edge {
            path: "Stages.*.Actions.*.Configuration.FunctionName",
            to: "AWS::Lambda::Function",
            target: "{}",
            order: Order::HolderFirst,
            why: "an action names the function that it calls",
        },
        Edge {
            path: "Stages.*.Actions.*.Configuration.S3Bucket",
            to: "AWS::S3::Bucket",
            target: "{}",
            order: Order::HolderFirst,
            why: "an action names the bucket that it reads",
        },
        Edge {
            path: "Stages.*.Actions.*.Configuration.BucketName",
            to: "AWS::S3::Bucket",
            target: "{}",
            order: Order::HolderFirst,
            why: "an action names the bucket that it deploys to",
        },
    ],
    read_actions: &[
        "codepipeline:ListPipelines",
        "codepipeline:GetPipeline",
        "codepipeline:GetPipelineState",
        "codepipeline:ListTagsForResource",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeletePipeline",
        actions: &["codepipeline:DeletePipeline"],
        // Deleting a missing pipeline succeeds.
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 0,
        holds_data: false,
        reversible: None,
    }),
};

/// How `CodePipeline` says that a pipeline was deleted since it was listed.
const GONE: &[&str] = &["PipelineNotFoundException"];

async fn list(cx: &Cx) -> Listed {
    let client: Client = cx.client();
    let pages = client.list_pipelines().max_results(1000).into_paginator().items().send();
    let pipelines = pages.try_collect().await.at("codepipeline:ListPipelines")?;
    let names = pipelines.into_iter().filter_map(|pipeline| pipeline.name).filter(|name| cx.wants(name));
    cx.each(names.collect(), |name| describe(cx, &client, name)).await
}

async fn describe(cx: &Cx, client: &Client, name: String) -> Result<Option<Draft>, CallError> {
    let arn = cx.arn("codepipeline", &name);
    let (pipeline, state, tags) = tokio::join!(
        client.get_pipeline().name(&name).send(),
        client.get_pipeline_state().name(&name).send(),
        client
            .list_tags_for_resource()
            .resource_arn(&arn)
            .max_results(100)
            .into_paginator()
            .items()
            .send()
            .try_collect(),
    );
    let Some(pipeline) = pipeline.at("codepipeline:GetPipeline").absent_if(GONE)? else { return Ok(None) };
    let state = state.at("codepipeline:GetPipelineState").absent_if(GONE);
    let closed = state.map(|state| state.map(|state| stages::closed(state.stage_states())));
    let tags: Result<Vec<Tag>, CallError> = tags.at("codepipeline:ListTagsForResource");
    let tags = tags.absent_if(&["ResourceNotFoundException"]).map(Option::unwrap_or_default);
    map(&arn, &name, &pipeline)
        .sub("DisableInboundStageTransitions", closed)?
        .sub_tags(tags.map(|tags| tags.into_iter().map(|tag| (tag.key, tag.value))))
        .map(Some)
}

fn map(arn: &str, name: &str, answer: &GetPipelineOutput) -> Draft {
    let metadata = answer.metadata();
    let draft = Draft::new(name)
        .arn(metadata.and_then(PipelineMetadata::pipeline_arn).unwrap_or(arn))
        .name(name)
        .created(metadata.and_then(PipelineMetadata::created))
        .with("Name", name)
        .observed("PollingDisabledAt", metadata.and_then(PipelineMetadata::polling_disabled_at))
        .observed("Updated", metadata.and_then(PipelineMetadata::updated));
    match answer.pipeline() {
        Some(pipeline) => configured(draft, pipeline),
        None => draft,
    }
}

fn configured(draft: Draft, pipeline: &PipelineDeclaration) -> Draft {
    let variable = |variable: &PipelineVariableDeclaration| {
        Props::new()
            .with("DefaultValue", variable.default_value())
            .with("Description", variable.description())
            .with("Name", variable.name())
    };
    draft
        .with("ArtifactStore", pipeline.artifact_store().map(artifact_store))
        .with("ArtifactStores", pipeline.artifact_stores().map(artifact_stores))
        .with("ExecutionMode", pipeline.execution_mode().map(ExecutionMode::as_str))
        .with("PipelineType", pipeline.pipeline_type().map(PipelineType::as_str))
        .with("RoleArn", pipeline.role_arn())
        .with("Stages", each(pipeline.stages(), stages::stage))
        .with("Triggers", each(pipeline.triggers(), trigger))
        .with("Variables", each(pipeline.variables(), variable))
        .with("environmentReferences", stages::references(pipeline.stages()))
        .with("ruleTimeouts", stages::rule_timeouts(pipeline.stages()))
        .observed("Version", pipeline.version())
}

fn artifact_store(store: &ArtifactStore) -> Props {
    let key = |key: &EncryptionKey| Props::new().with("Id", key.id()).with("Type", key.r#type().as_str());
    Props::new()
        .with("EncryptionKey", store.encryption_key().map(key))
        .with("Location", store.location())
        .with("Type", store.r#type().as_str())
}

fn artifact_stores(stores: &HashMap<String, ArtifactStore>) -> Vec<Props> {
    let one = |(region, store)| Props::new().with("ArtifactStore", artifact_store(store)).with("Region", region);
    stores.iter().map(one).collect()
}

fn trigger(trigger: &PipelineTriggerDeclaration) -> Props {
    let git = |git: &GitConfiguration| {
        Props::new()
            .with("PullRequest", each(git.pull_request(), pull_request))
            .with("Push", each(git.push(), push))
            .with("SourceActionName", git.source_action_name())
    };
    Props::new()
        .with("GitConfiguration", trigger.git_configuration().map(git))
        .with("ProviderType", trigger.provider_type().as_str())
}

fn push(filter: &GitPushFilter) -> Props {
    let tags = |tags: &GitTagFilterCriteria| criteria(tags.includes(), tags.excludes());
    Props::new()
        .with("Branches", filter.branches().map(branches))
        .with("FilePaths", filter.file_paths().map(file_paths))
        .with("Tags", filter.tags().map(tags))
}

fn pull_request(filter: &GitPullRequestFilter) -> Props {
    let events: Vec<&str> = filter.events().iter().map(GitPullRequestEventType::as_str).collect();
    Props::new()
        .with("Branches", filter.branches().map(branches))
        .with("Events", events)
        .with("FilePaths", filter.file_paths().map(file_paths))
}

fn branches(branches: &GitBranchFilterCriteria) -> Props {
    criteria(branches.includes(), branches.excludes())
}

fn file_paths(paths: &GitFilePathFilterCriteria) -> Props {
    criteria(paths.includes(), paths.excludes())
}

fn criteria(includes: &[String], excludes: &[String]) -> Props {
    Props::new().with("Excludes", excludes).with("Includes", includes)
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let client: Client = hands.client();
    hands.call(step, client.delete_pipeline().name(hands.id()).send()).await?;
    Ok(Progress::Done)
}
