//! Build projects, each with its webhook.

use aws_sdk_codebuild::Client;
use aws_sdk_codebuild::types::{EnvironmentVariableType, Project, ProjectVisibilityType, WebhookStatus};

use super::project_parts as parts;
use crate::aws::{Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::Step;

/// `AWS::CodeBuild::Project`.
///
/// Values of environment variables are masked, whatever they are called. What a variable of the types
/// `PARAMETER_STORE` and `SECRETS_MANAGER` has as its value is a reference; it stands in `environmentReferences` as well.
/// The schema also has no place for `bucketOwnerAccess`, `computeConfiguration`, `fleetsAllowed`
/// and `webhookBranchFilter`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::CodeBuild::Project",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("created"),
    sets: &[
        "BuildBatchConfig.Restrictions.ComputeTypesAllowed",
        "Cache.Modes",
        "Environment.DockerServer.SecurityGroupIds",
        "Environment.EnvironmentVariables",
        "FileSystemLocations",
        "SecondaryArtifacts",
        "SecondarySourceVersions",
        "SecondarySources",
        "Triggers.FilterGroups",
        "Triggers.PullRequestBuildPolicy.ApproverRoles",
        "VpcConfig.SecurityGroupIds",
        "VpcConfig.Subnets",
        "bucketOwnerAccess.SecondaryArtifacts",
        "environmentReferences",
        "fleetsAllowed",
    ],
    secrets: &["Environment.EnvironmentVariables.*.Value"],
    left_out: &[
        LeftOut { path: "projects[].badge.badgeRequestUrl", why: "follows from the project, and holds a token" },
        LeftOut { path: "projects[].environment.dockerServer.status.*", why: "state" },
        LeftOut { path: "projects[].webhook.lastModifiedSecret", why: "time of the last change" },
        LeftOut { path: "projects[].webhook.manualCreation", why: "an option of the creation" },
        LeftOut { path: "projects[].webhook.payloadUrl", why: "follows from the project, and holds a token" },
        LeftOut { path: "projects[].webhook.secret", why: "a secret" },
        LeftOut { path: "projects[].webhook.url", why: "set by the foreign service" },
        LeftOut { path: "ListProjects:projects[]", why: "as in BatchGetProjects" },
        LeftOut { path: "projectsNotFound[]", why: "deleted since they were listed" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[
        Edge {
            path: "Name",
            to: "AWS::Logs::LogGroup",
            target: "/aws/codebuild/{}",
            order: Order::HolderFirst,
            why: "builds write to a log group that is named after the project, and would make it again",
        },
        Edge {
            path: "LogsConfig.CloudWatchLogs.GroupName",
            to: "AWS::Logs::LogGroup",
            target: "{}",
            order: Order::HolderFirst,
            why: "builds write to the log group that is named",
        },
        Edge {
            path: "Artifacts.Location",
            to: "AWS::S3::Bucket",
            target: "{}",
            order: Order::HolderFirst,
            why: "a project names the bucket of its artifacts",
        },
        Edge {
            path: "SecondaryArtifacts.*.Location",
            to: "AWS::S3::Bucket",
            target: "{}",
            order: Order::HolderFirst,
            why: "a project names the bucket of its artifacts",
        },
        Edge {
            path: "environmentReferences.*.ValueFrom",
            to: "AWS::SSM::Parameter",
            target: "{}",
            order: Order::HolderFirst,
            why: "builds read the parameters that are named",
        },
        Edge {
            path: "environmentReferences.*.ValueFrom",
            to: "AWS::SecretsManager::Secret",
            target: "{}",
            order: Order::HolderFirst,
            why: "builds read the secrets that are named",
        },
    ],
    read_actions: &["codebuild:ListProjects", "codebuild:BatchGetProjects"],
    delete: Delete::Call(Recipe {
        operation: "DeleteProject",
        actions: &["codebuild:DeleteProject"],
        // Deleting a missing project succeeds, so this is never heard.
        gone: &["ResourceNotFoundException"],
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 0,
        holds_data: false,
        reversible: None,
    }),
};

/// This many projects are described with one call.
const PROJECTS_PER_CALL: usize = 100;

async fn list(cx: &Cx) -> Listed {
    let client: Client = cx.client();
    let names = client.list_projects().into_paginator().items().send().try_collect().await;
    let names: Vec<String> = names.at("codebuild:ListProjects")?;
    let names: Vec<String> = names.into_iter().filter(|name| cx.wants(name)).collect();
    let some = names.chunks(PROJECTS_PER_CALL).map(<[String]>::to_vec).collect();
    let projects = cx.gather(some, |names| describe(&client, names)).await?;
    Ok(projects.iter().flatten().map(map).collect())
}

async fn describe(client: &Client, names: Vec<String>) -> Result<Vec<Project>, CallError> {
    let answer = client.batch_get_projects().set_names(Some(names)).send().await;
    Ok(answer.at("codebuild:BatchGetProjects")?.projects.unwrap_or_default())
}

fn map(project: &Project) -> Draft {
    let name = project.name().unwrap_or_default();
    let webhook = project.webhook();
    let tags = project.tags().iter().filter_map(|tag| Some((tag.key()?, tag.value().unwrap_or_default())));
    Draft::new(name)
        .arn(project.arn())
        .name(name)
        .created(project.created())
        .tags(tags)
        .with("Artifacts", project.artifacts().map(parts::artifacts))
        .with("AutoRetryLimit", project.auto_retry_limit())
        .with("BadgeEnabled", project.badge().map(aws_sdk_codebuild::types::ProjectBadge::badge_enabled))
        .with("BuildBatchConfig", project.build_batch_config().map(parts::batch))
        .with("Cache", project.cache().map(parts::cache))
        .with("ConcurrentBuildLimit", project.concurrent_build_limit())
        .with("Description", project.description())
        .with("EncryptionKey", project.encryption_key())
        .with("Environment", project.environment().map(parts::environment))
        .with("FileSystemLocations", each(project.file_system_locations(), parts::file_system))
        .with("LogsConfig", project.logs_config().map(parts::logs))
        .with("Name", name)
        .with("QueuedTimeoutInMinutes", project.queued_timeout_in_minutes())
        .with("ResourceAccessRole", project.resource_access_role())
        .with("SecondaryArtifacts", each(project.secondary_artifacts(), parts::artifacts))
        .with("SecondarySourceVersions", each(project.secondary_source_versions(), parts::source_version))
        .with("SecondarySources", each(project.secondary_sources(), parts::source))
        .with("ServiceRole", project.service_role())
        .with("Source", project.source().map(parts::source))
        .with("SourceVersion", project.source_version())
        .with("TimeoutInMinutes", project.timeout_in_minutes())
        .with("Triggers", webhook.map(parts::triggers))
        .with("Visibility", project.project_visibility().map(ProjectVisibilityType::as_str))
        .with("VpcConfig", project.vpc_config().map(parts::vpc))
        .with("bucketOwnerAccess", parts::bucket_owner_access(project))
        .with("computeConfiguration", project.environment().and_then(parts::compute))
        .with("environmentReferences", references(project))
        .with("fleetsAllowed", parts::fleets_allowed(project))
        .with("webhookBranchFilter", webhook.and_then(|webhook| webhook.branch_filter()))
        .observed("LastModified", project.last_modified())
        .observed("PublicProjectAlias", project.public_project_alias())
        .observed("WebhookStatus", webhook.and_then(|webhook| webhook.status()).map(WebhookStatus::as_str))
        .observed("WebhookStatusMessage", webhook.and_then(|webhook| webhook.status_message()))
}

/// The parameters and secrets that variables take their values from.
fn references(project: &Project) -> Vec<Props> {
    let variables = project
        .environment()
        .map(aws_sdk_codebuild::types::ProjectEnvironment::environment_variables)
        .unwrap_or_default();
    let references = variables.iter().filter(|variable| {
        matches!(
            variable.r#type(),
            Some(EnvironmentVariableType::ParameterStore | EnvironmentVariableType::SecretsManager)
        )
    });
    references.map(|variable| Props::new().with("Name", variable.name()).with("ValueFrom", variable.value())).collect()
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let client: Client = hands.client();
    hands.call(step, client.delete_project().name(hands.id()).send()).await?;
    Ok(Progress::Done)
}
