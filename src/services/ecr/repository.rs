//! Image repositories, each with its lifecycle rules and its access policy. Images are data.

use aws_sdk_ecr::Client;
use aws_sdk_ecr::types::{
    EncryptionConfiguration, ImageScanningConfiguration, ImageTagMutability, ImageTagMutabilityExclusionFilter,
    Repository,
};

use crate::aws::{Absent, Call, CallError, Cx, Hands, vanished};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each, json_document,
    policy_document,
};
use crate::model::Step;

/// `AWS::ECR::Repository`. Three calls each.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::ECR::Repository",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("createdAt"),
    sets: &["ImageTagMutabilityExclusionFilters"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "repositories[].registryId", why: "the account" },
        LeftOut { path: "GetLifecyclePolicy:registryId", why: "the account" },
        LeftOut { path: "GetLifecyclePolicy:repositoryName", why: "the repository that was asked about" },
        LeftOut { path: "GetLifecyclePolicy:lastEvaluatedAt", why: "when AWS last applied it" },
        LeftOut { path: "GetRepositoryPolicy:registryId", why: "the account" },
        LeftOut { path: "GetRepositoryPolicy:repositoryName", why: "the repository that was asked about" },
    ],
    unmapped: &[
        Unmapped { path: "EmptyOnDelete", why: "an argument of the deletion" },
        Unmapped { path: "LifecyclePolicy.RegistryId", why: "the account" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[],
    read_actions: &[
        "ecr:DescribeRepositories",
        "ecr:GetLifecyclePolicy",
        "ecr:GetRepositoryPolicy",
        "ecr:ListTagsForResource",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteRepository",
        actions: &["ecr:DeleteRepository"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 3,
        holds_data: true,
        reversible: None,
    }),
};

/// How ECR says that a repository was deleted since it was listed.
const GONE: &[&str] = &["RepositoryNotFoundException"];

async fn list(cx: &Cx) -> Listed {
    let ecr: Client = cx.client();
    let pages = ecr.describe_repositories().max_results(1000).into_paginator().items().send();
    let mut repositories: Vec<Repository> = pages.try_collect().await.at("ecr:DescribeRepositories")?;
    repositories.retain(|repository| cx.wants(repository.repository_name().unwrap_or_default()));
    cx.each(repositories, |repository| describe(&ecr, repository)).await
}

async fn describe(ecr: &Client, repository: Repository) -> Result<Option<Draft>, CallError> {
    let name = repository.repository_name().unwrap_or_default();
    let (lifecycle, policy, tags) = tokio::join!(
        ecr.get_lifecycle_policy().repository_name(name).send(),
        ecr.get_repository_policy().repository_name(name).send(),
        ecr.list_tags_for_resource().set_resource_arn(repository.repository_arn.clone()).send(),
    );
    let lifecycle = lifecycle.at("ecr:GetLifecyclePolicy").absent_if(&["LifecyclePolicyNotFoundException"]);
    let policy = policy.at("ecr:GetRepositoryPolicy").absent_if(&["RepositoryPolicyNotFoundException"]);
    let tags = tags.at("ecr:ListTagsForResource").map(|answer| answer.tags.unwrap_or_default());
    let errors = [lifecycle.as_ref().err(), policy.as_ref().err(), tags.as_ref().err()];
    let again = ecr.describe_repositories().repository_names(name).send();
    if vanished(errors, GONE, async { again.await.at("ecr:DescribeRepositories") }).await? {
        return Ok(None);
    }
    let lifecycle = lifecycle.map(|answer| {
        let text = answer.as_ref().and_then(|answer| json_document(answer.lifecycle_policy_text()));
        // The schema wants a text: one without the spaces that people put between its parts.
        Props::new().with("LifecyclePolicyText", text.map(|rules| rules.to_string()))
    });
    let policy = policy.map(|answer| answer.and_then(|answer| policy_document(answer.policy_text())));
    map(&repository)
        .sub("LifecyclePolicy", lifecycle)?
        .sub("RepositoryPolicyText", policy)?
        .sub_tags(tags.map(|tags| tags.into_iter().map(|tag| (tag.key, tag.value))))
        .map(Some)
}

fn map(repository: &Repository) -> Draft {
    Draft::new(repository.repository_name().unwrap_or_default())
        .arn(repository.repository_arn())
        .name(repository.repository_name())
        .created(repository.created_at())
        .with("EncryptionConfiguration", repository.encryption_configuration().map(encryption_configuration))
        .with("ImageScanningConfiguration", repository.image_scanning_configuration().map(image_scanning_configuration))
        .with("ImageTagMutability", repository.image_tag_mutability().map(ImageTagMutability::as_str))
        .with(
            "ImageTagMutabilityExclusionFilters",
            each(repository.image_tag_mutability_exclusion_filters(), exclusion_filter),
        )
        .with("RepositoryName", repository.repository_name())
        .observed("repositoryUri", repository.repository_uri())
}

fn encryption_configuration(config: &EncryptionConfiguration) -> Props {
    Props::new().with("EncryptionType", config.encryption_type().as_str()).with("KmsKey", config.kms_key())
}

fn image_scanning_configuration(config: &ImageScanningConfiguration) -> Props {
    Props::new().with("ScanOnPush", config.scan_on_push())
}

fn exclusion_filter(filter: &ImageTagMutabilityExclusionFilter) -> Props {
    Props::new()
        .with("ImageTagMutabilityExclusionFilterType", filter.filter_type().as_str())
        .with("ImageTagMutabilityExclusionFilterValue", filter.filter())
}

/// With all of its images: a type that holds data is only ever deleted where the user allowed that.
async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let ecr: Client = hands.client();
    hands.call(step, ecr.delete_repository().repository_name(hands.id()).force(true).send()).await?;
    Ok(Progress::Done)
}
