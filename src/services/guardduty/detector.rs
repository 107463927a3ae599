//! The detector: `GuardDuty`, where it is enabled in a region.

use aws_sdk_guardduty::Client;
use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use aws_sdk_guardduty::types::{
    DetectorAdditionalConfigurationResult, DetectorFeatureConfigurationResult, DetectorFeatureResult, DetectorStatus,
    FeatureAdditionalConfiguration, FeatureStatus, FindingPublishingFrequency, ManagedBy,
};

use crate::aws::{Absent, Call, CallError, Cx};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Props, Scope, TypeSpec, Unmapped, each};

/// `AWS::GuardDuty::Detector`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::GuardDuty::Detector",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreatedAt"),
    sets: &["Features", "Features.*.AdditionalConfiguration"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "GetDetector:DataSources.*", why: "an older form of Features, which hold all of it" },
        LeftOut { path: "GetDetector:Features[].UpdatedAt", why: "time of the last change" },
        LeftOut { path: "GetDetector:Features[].AdditionalConfiguration[].UpdatedAt", why: "time of the last change" },
        LeftOut { path: "GetDetector:ServiceRole", why: "follows from the account" },
    ],
    unmapped: &[
        Unmapped { path: "DataSources", why: "an older form of `Features`, which hold all of it" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[],
    read_actions: &["guardduty:ListDetectors", "guardduty:GetDetector"],
    delete: Delete::Never("it switches GuardDuty off in the region, and all findings go with it"),
};

async fn list(cx: &Cx) -> Listed {
    let client: Client = cx.client();
    let pages = client.list_detectors().max_results(50).into_paginator().items().send();
    let ids: Vec<String> = pages.try_collect().await.at("guardduty:ListDetectors")?;
    let wanted = ids.into_iter().filter(|id| cx.wants(id));
    cx.each(wanted.collect(), |id| describe(cx, &client, id)).await
}

async fn describe(cx: &Cx, client: &Client, id: String) -> Result<Option<Draft>, CallError> {
    let answer = client.get_detector().detector_id(&id).send().await.at("guardduty:GetDetector");
    let answer = match answer {
        // GuardDuty has no code of its own for a detector that is not there.
        Err(error)
            if error.code == "BadRequestException" && error.message.contains("not owned by the current account") =>
        {
            return Ok(None);
        }
        answer => answer.absent_if(&["ResourceNotFoundException"])?,
    };
    Ok(answer.map(|detector| map(cx, &id, &detector)))
}

fn map(cx: &Cx, id: &str, detector: &GetDetectorOutput) -> Draft {
    let frequency = detector.finding_publishing_frequency().map(FindingPublishingFrequency::as_str);
    let managed: Vec<Props> = detector.features().iter().filter_map(managed_by).collect();
    Draft::new(id)
        .arn(cx.arn("guardduty", &format!("detector/{id}")).as_str())
        .created_text(detector.created_at())
        .tags(detector.tags().into_iter().flatten())
        .with("Enable", detector.status().map(|status| *status == DetectorStatus::Enabled))
        .with("Features", each(detector.features(), feature))
        .with("FindingPublishingFrequency", frequency)
        .observed("FeaturesManagedBy", managed)
        .observed("UpdatedAt", detector.updated_at())
}

fn feature(feature: &DetectorFeatureConfigurationResult) -> Props {
    let more = |more: &DetectorAdditionalConfigurationResult| {
        Props::new()
            .with("Name", more.name().map(FeatureAdditionalConfiguration::as_str))
            .with("Status", more.status().map(FeatureStatus::as_str))
    };
    Props::new()
        .with("AdditionalConfiguration", each(feature.additional_configuration(), more))
        .with("Name", feature.name().map(DetectorFeatureResult::as_str))
        .with("Status", feature.status().map(FeatureStatus::as_str))
}

/// What an organization's policy decides, for people who wonder why it changed.
fn managed_by(feature: &DetectorFeatureConfigurationResult) -> Option<Props> {
    let more = feature.additional_configuration().iter().filter_map(DetectorAdditionalConfigurationResult::managed_by);
    let by: Vec<&str> = feature.managed_by().into_iter().chain(more).map(ManagedBy::as_str).collect();
    let name = feature.name().map(DetectorFeatureResult::as_str);
    (!by.is_empty()).then(|| Props::new().with("ManagedBy", by).with("Name", name))
}
