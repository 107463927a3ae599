//! Distributions.

use aws_sdk_cloudfront::Client;
use aws_sdk_cloudfront::types::DistributionSummary;

use super::distribution_config::config;
use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, Edge, Listed, Order, Progress, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::{Resource, Step, Switches};

/// `AWS::CloudFront::Distribution`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::CloudFront::Distribution",
    scope: Scope::Global,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("CloudFront reports only when a distribution was last modified"),
    sets: &[
        "DistributionConfig.Aliases",
        "DistributionConfig.CacheBehaviors.*.AllowedMethods",
        "DistributionConfig.CacheBehaviors.*.CachedMethods",
        "DistributionConfig.CacheBehaviors.*.ForwardedValues.Cookies.WhitelistedNames",
        "DistributionConfig.CacheBehaviors.*.ForwardedValues.Headers",
        "DistributionConfig.CacheBehaviors.*.ForwardedValues.QueryStringCacheKeys",
        "DistributionConfig.CacheBehaviors.*.FunctionAssociations",
        "DistributionConfig.CacheBehaviors.*.LambdaFunctionAssociations",
        "DistributionConfig.CacheBehaviors.*.TrustedKeyGroups",
        "DistributionConfig.CacheBehaviors.*.TrustedSigners",
        "DistributionConfig.CustomErrorResponses",
        "DistributionConfig.DefaultCacheBehavior.AllowedMethods",
        "DistributionConfig.DefaultCacheBehavior.CachedMethods",
        "DistributionConfig.DefaultCacheBehavior.ForwardedValues.Cookies.WhitelistedNames",
        "DistributionConfig.DefaultCacheBehavior.ForwardedValues.Headers",
        "DistributionConfig.DefaultCacheBehavior.ForwardedValues.QueryStringCacheKeys",
        "DistributionConfig.DefaultCacheBehavior.FunctionAssociations",
        "DistributionConfig.DefaultCacheBehavior.LambdaFunctionAssociations",
        "DistributionConfig.DefaultCacheBehavior.TrustedKeyGroups",
        "DistributionConfig.DefaultCacheBehavior.TrustedSigners",
        "DistributionConfig.OriginGroups.Items",
        "DistributionConfig.OriginGroups.Items.*.FailoverCriteria.StatusCodes.Items",
        "DistributionConfig.Origins",
        "DistributionConfig.Origins.*.CustomOriginConfig.OriginSSLProtocols",
        "DistributionConfig.Origins.*.OriginCustomHeaders",
        "DistributionConfig.Restrictions.GeoRestriction.Locations",
        "DistributionConfig.TenantConfig.ParameterDefinitions",
    ],
    // The usual way to let only CloudFront reach an origin is a header that others do not know.
    secrets: &["DistributionConfig.Origins.*.OriginCustomHeaders.*.HeaderValue"],
    left_out: super::distribution_left_out::LEFT_OUT,
    unmapped: &[
        Unmapped { path: "DistributionConfig.CNAMEs", why: "an old spelling of Aliases" },
        Unmapped { path: "DistributionConfig.CustomOrigin", why: "an old spelling of Origins" },
        Unmapped { path: "DistributionConfig.S3Origin", why: "an old spelling of Origins" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[
        Edge {
            path: "DistributionConfig.Origins.*.OriginAccessControlId",
            to: "AWS::CloudFront::OriginAccessControl",
            target: "{}",
            order: Order::HolderFirst,
            why: "signs its requests with it, by id",
        },
        Edge {
            path: "DistributionConfig.Logging.Bucket",
            to: "AWS::S3::Bucket",
            target: "{}",
            order: Order::HolderFirst,
            why: "writes its logs there",
        },
    ],
    read_actions: &[
        "cloudfront:GetDistributionConfig",
        "cloudfront:ListDistributions",
        "cloudfront:ListTagsForResource",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteDistribution",
        actions: &["cloudfront:DeleteDistribution", "cloudfront:GetDistribution", "cloudfront:UpdateDistribution"],
        gone: GONE,
        steps: Some(steps),
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 2,
        holds_data: false,
        reversible: None,
    }),
};

/// How the service says that there is no such distribution.
const GONE: &[&str] = &["NoSuchDistribution"];

async fn list(cx: &Cx) -> Listed {
    let cloudfront: Client = cx.client();
    let pages = cloudfront.list_distributions().max_items(100).into_paginator().items().send();
    let mut distributions = pages.try_collect().await.at("cloudfront:ListDistributions")?;
    distributions.retain(|distribution: &DistributionSummary| cx.wants(distribution.id()));
    cx.each(distributions, async |distribution| describe(&cloudfront, &distribution).await).await
}

async fn describe(cloudfront: &Client, summary: &DistributionSummary) -> Result<Option<Draft>, CallError> {
    let (answer, tags) = tokio::join!(
        cloudfront.get_distribution_config().id(summary.id()).send(),
        super::tags(cloudfront, summary.arn()),
    );
    let answer = answer.at("cloudfront:GetDistributionConfig").absent_if(GONE)?;
    let Some(found) = answer.and_then(|answer| answer.distribution_config) else { return Ok(None) };
    let name = found.aliases().and_then(|aliases| aliases.items().first());
    let tags = match tags.absent_if(&["NoSuchResource"]) {
        Ok(None) => return Ok(None),
        Ok(Some(tags)) => Ok(tags),
        Err(error) => Err(error),
    };
    let draft = Draft::new(summary.id())
        .arn(summary.arn())
        .name(name.map_or(summary.domain_name(), String::as_str))
        .with("DistributionConfig", config(&found))
        .observed("DomainName", summary.domain_name())
        .observed("LastModifiedTime", summary.last_modified_time())
        .observed("Status", summary.status());
    draft.sub_tags(tags).map(Some)
}

fn steps(distribution: &Resource, _: &Switches) -> Vec<Step> {
    let config = distribution.properties.get("DistributionConfig");
    let disabled = config.and_then(|config| config.get("Enabled")).is_some_and(|enabled| enabled == false);
    let disable = (!disabled).then(|| Step::on_resource("cloudfront:UpdateDistribution"));
    disable.into_iter().chain([Step::on_resource("cloudfront:DeleteDistribution")]).collect()
}

/// Only what is disabled everywhere can be deleted, and each change names the version that it was made from.
async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    if !["cloudfront:UpdateDistribution", "cloudfront:DeleteDistribution"].contains(&step.call.as_str()) {
        return Err(hands.unknown(step));
    }
    let cloudfront: Client = hands.client();
    let look = cloudfront.get_distribution().id(hands.id()).send();
    let Some(answer) = hands.look("cloudfront:GetDistribution", look).await? else { return Ok(Progress::Done) };
    let Some(found) = answer.distribution else { return Ok(Progress::Done) };
    let config = found.distribution_config.filter(|config| config.enabled);
    if let (Some(mut config), "cloudfront:UpdateDistribution") = (config, step.call.as_str()) {
        config.enabled = false;
        let request = cloudfront.update_distribution().id(hands.id()).distribution_config(config);
        hands.call(step, request.set_if_match(answer.e_tag).send()).await?;
        return Ok(Progress::Waiting("disabling everywhere".to_owned()));
    }
    if found.status != "Deployed" {
        return Ok(Progress::Waiting("disabling everywhere".to_owned()));
    }
    if step.call == "cloudfront:DeleteDistribution" {
        let request = cloudfront.delete_distribution().id(hands.id()).set_if_match(answer.e_tag);
        hands.call(step, request.send()).await?;
    }
    Ok(Progress::Done)
}
