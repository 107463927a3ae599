//! Web ACLs, each with what it guards and where it logs to.

use std::collections::HashMap;

use aws_sdk_wafv2::Client;
use aws_sdk_wafv2::types::{
    AssociatedResourceType, AssociationConfig, LogScope, LogType, LoggingConfiguration, ResourceType,
    Scope as WafScope, WebAcl,
};
use serde_json::Value;

use super::acl_config::{
    application_config, data_protection_config, monetization_config, on_source_d_do_s_protection_config,
};
use super::action::{captcha_config, challenge_config, custom_response_body, default_action, visibility_config};
use super::field::field_to_match;
use super::logging::logging_filter;
use super::statement::rule;
use super::{GONE, Listed as Entry, PAGE, scope_of, scopes, tags};
use crate::aws::{Absent, Call, CallError, Cx, Hands, pages, vanished};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each, keyed,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::WAFv2::WebACL`, with `AWS::WAFv2::LoggingConfiguration` folded in as `loggingConfiguration` and the ARNs of
/// `AWS::WAFv2::WebACLAssociation` as `associations`; a `CloudFront` distribution names its web ACL itself.
/// `challengeScriptInjection` has no place in the schema.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::WAFv2::WebACL",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("WAF does not report when a web ACL was created"),
    sets: &["Rules", "TokenDomains", "associations", "challengeScriptInjection", "loggingConfiguration.RedactedFields"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "WebACLs[].Description", why: "the details say it" },
        LeftOut { path: "WebACLs[].LockToken", why: "names a version" },
        LeftOut { path: "GetWebACL:LockToken", why: "names a version" },
        LeftOut { path: "GetWebACL:WebACL.Name", why: "the list says it" },
        LeftOut { path: "GetWebACL:WebACL.Id", why: "the list says it" },
        LeftOut { path: "GetWebACL:WebACL.ARN", why: "the list says it" },
        LeftOut { path: "WebACL.PreProcessFirewallManagerRuleGroups[].*", why: "Firewall Manager's, in every web ACL" },
        LeftOut {
            path: "WebACL.PostProcessFirewallManagerRuleGroups[].*",
            why: "Firewall Manager's, in every web ACL",
        },
        LeftOut { path: "WebACL.RetrofittedByFirewallManager", why: "how Firewall Manager came by it" },
        LeftOut { path: "LoggingConfigurations[].ManagedByFirewallManager", why: "the web ACL says whose it is" },
        LeftOut { path: "TagInfoForResource.ResourceARN", why: "what was asked about" },
    ],
    unmapped: &[
        Unmapped {
            path: "Rules.*.Statement.ByteMatchStatement.SearchStringBase64",
            why: "in place of SearchString only where that is no text",
        },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[],
    read_actions: &[
        "wafv2:GetWebACL",
        "wafv2:ListLoggingConfigurations",
        "wafv2:ListResourcesForWebACL",
        "wafv2:ListTagsForResource",
        "wafv2:ListWebACLs",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteWebACL",
        actions: &["wafv2:DeleteLoggingConfiguration", "wafv2:DeleteWebACL", "wafv2:DisassociateWebACL"],
        gone: GONE,
        steps: Some(steps),
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 2,
        holds_data: false,
        reversible: None,
    }),
};

/// What a regional web ACL can guard; the service is asked about each kind alone.
const GUARDED: [ResourceType; 6] = [
    ResourceType::ApiGateway,
    ResourceType::ApplicationLoadBalancer,
    ResourceType::AppRunnerService,
    ResourceType::Appsync,
    ResourceType::CognitioUserPool,
    ResourceType::VerifiedAccessInstance,
];

type Logs = HashMap<String, LoggingConfiguration>;

async fn list(cx: &Cx) -> Listed {
    let waf: Client = cx.client();
    let found = cx.gather(scopes(cx), async |scope| in_scope(cx, &waf, scope).await).await?;
    Ok(found.into_iter().flatten().collect())
}

async fn in_scope(cx: &Cx, waf: &Client, scope: WafScope) -> Listed {
    let action = "wafv2:ListWebACLs";
    let acls = pages(action, async |marker| {
        let page = waf.list_web_acls().scope(scope.clone()).limit(PAGE).set_next_marker(marker).send().await;
        page.at(action).map(|page| (page.web_acls.unwrap_or_default(), page.next_marker))
    });
    let entry = |acl: aws_sdk_wafv2::types::WebAclSummary| {
        Some(Entry { name: acl.name?, id: acl.id?, arn: acl.arn?, scope: scope.clone() })
    };
    let entries: Vec<Entry> = acls.await?.into_iter().filter_map(entry).collect();
    let wanted: Vec<Entry> = entries.into_iter().filter(|entry| cx.wants(&entry.key())).collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let logs = logs(waf, &scope).await;
    cx.each(wanted, async |entry| describe(cx, waf, &entry, &logs).await).await
}

/// The logging of all web ACLs, by their ARNs.
async fn logs(waf: &Client, scope: &WafScope) -> Result<Logs, CallError> {
    let action = "wafv2:ListLoggingConfigurations";
    let found = pages(action, async |marker| {
        let call = waf.list_logging_configurations().scope(scope.clone()).limit(PAGE).set_next_marker(marker);
        let page = call.send().await.at(action)?;
        Ok((page.logging_configurations.unwrap_or_default(), page.next_marker))
    });
    Ok(found.await?.into_iter().map(|log| (log.resource_arn.clone(), log)).collect())
}

async fn describe(
    cx: &Cx,
    waf: &Client,
    entry: &Entry,
    logs: &Result<Logs, CallError>,
) -> Result<Option<Draft>, CallError> {
    let details = waf.get_web_acl().name(&entry.name).id(&entry.id).scope(entry.scope.clone()).send();
    let (details, associations, tags) = tokio::join!(details, associations(cx, waf, entry), tags(waf, &entry.arn));
    let Some(details) = details.at("wafv2:GetWebACL").absent_if(GONE)? else { return Ok(None) };
    let Some(acl) = &details.web_acl else { return Ok(None) };
    let again = waf.get_web_acl().name(&entry.name).id(&entry.id).scope(entry.scope.clone()).send();
    let errors = [associations.as_ref().err(), tags.as_ref().err()];
    if vanished(errors, GONE, async { again.await.at("wafv2:GetWebACL") }).await? {
        return Ok(None);
    }
    let log = logs.as_ref().map(|logs| logs.get(&entry.arn).map(logging)).map_err(Clone::clone);
    settings(map(entry, acl), acl)
        .observed("ApplicationIntegrationURL", details.application_integration_url())
        .sub("loggingConfiguration", log)?
        .sub("associations", associations)?
        .sub_tags(tags)
        .map(Some)
}

async fn associations(cx: &Cx, waf: &Client, entry: &Entry) -> Result<Vec<String>, CallError> {
    if entry.scope == WafScope::Cloudfront {
        return Ok(Vec::new());
    }
    let found = cx.gather(GUARDED.to_vec(), async |kind| {
        let answer = waf.list_resources_for_web_acl().web_acl_arn(&entry.arn).resource_type(kind).send().await;
        // So it answers in regions that have no things of this kind.
        let answer = answer.at("wafv2:ListResourcesForWebACL").absent_if(&["WAFInvalidParameterException"])?;
        Ok(answer.and_then(|answer| answer.resource_arns).unwrap_or_default())
    });
    Ok(found.await?.into_iter().flatten().collect())
}

fn map(entry: &Entry, acl: &WebAcl) -> Draft {
    Draft::new(entry.key())
        .arn(entry.arn.as_str())
        .name(entry.name.as_str())
        .owner("aws-service", acl.managed_by_firewall_manager().then_some("fms.amazonaws.com"))
        .with("DefaultAction", acl.default_action().map(default_action))
        .with("Description", acl.description())
        .with("Name", &entry.name)
        .with("Rules", each(acl.rules(), rule))
        .with("Scope", entry.scope.as_str())
        .with("VisibilityConfig", acl.visibility_config().map(visibility_config))
        .observed("Capacity", acl.capacity())
        .observed("LabelNamespace", acl.label_namespace())
}

fn settings(draft: Draft, acl: &WebAcl) -> Draft {
    let ddos = acl.on_source_d_do_s_protection_config();
    draft
        .with("ApplicationConfig", acl.application_config().map(application_config))
        .with("AssociationConfig", acl.association_config().map(association_config))
        .with("CaptchaConfig", acl.captcha_config().map(captcha_config))
        .with("ChallengeConfig", acl.challenge_config().map(challenge_config))
        .with("CustomResponseBodies", keyed(acl.custom_response_bodies(), custom_response_body))
        .with("DataProtectionConfig", acl.data_protection_config().map(data_protection_config))
        .with("MonetizationConfig", acl.monetization_config().map(monetization_config))
        .with("OnSourceDDoSProtectionConfig", ddos.map(on_source_d_do_s_protection_config))
        .with("TokenDomains", acl.token_domains())
        .with("challengeScriptInjection", acl.association_config().map(script_injection))
}

fn association_config(config: &AssociationConfig) -> Props {
    let limits = config.request_body().into_iter().flatten().fold(Props::new(), |props, (kind, limit)| {
        let limit = limit.default_size_inspection_limit().as_str();
        props.with(kind.as_str(), Props::new().with("DefaultSizeInspectionLimit", limit))
    });
    Props::new().with("RequestBody", limits)
}

/// The kinds of things that insert the script of challenges into pages.
fn script_injection(config: &AssociationConfig) -> Vec<&str> {
    let kinds = config.challenge_javascript_sdk_injection().into_iter().flatten();
    kinds.map(|(kind, _)| AssociatedResourceType::as_str(kind)).collect()
}

fn logging(log: &LoggingConfiguration) -> Props {
    Props::new()
        .with("LogDestinationConfigs", log.log_destination_configs())
        .with("LoggingFilter", log.logging_filter().map(logging_filter))
        .with("RedactedFields", each(log.redacted_fields(), field_to_match))
        .with("logScope", log.log_scope().map(LogScope::as_str))
        .with("logType", log.log_type().map(LogType::as_str))
}

fn steps(acl: &Resource, _: &Switches) -> Vec<Step> {
    let guarded = acl.properties.get("associations").and_then(Value::as_array).into_iter().flatten();
    let guarded = guarded.filter_map(Value::as_str).map(|arn| Step::on("wafv2:DisassociateWebACL", arn));
    let logs = acl.properties.contains_key("loggingConfiguration");
    let logs = logs.then(|| Step::on_resource("wafv2:DeleteLoggingConfiguration"));
    guarded.chain(logs).chain([Step::on_resource("wafv2:DeleteWebACL")]).collect()
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let waf: Client = hands.client();
    match step.call.as_str() {
        "wafv2:DisassociateWebACL" => {
            hands.call(step, waf.disassociate_web_acl().resource_arn(&step.target).send()).await?;
        }
        "wafv2:DeleteLoggingConfiguration" => {
            hands.call(step, waf.delete_logging_configuration().resource_arn(hands.arn()).send()).await?;
        }
        _ => {
            let (name, id, scope) = (hands.part(0), hands.part(1), scope_of(hands));
            let look = waf.get_web_acl().name(name).id(id).scope(scope.clone()).send();
            let Some(now) = hands.look("wafv2:GetWebACL", look).await? else { return Ok(Progress::Done) };
            let request = waf.delete_web_acl().name(name).id(id).scope(scope).set_lock_token(now.lock_token);
            hands.call(step, request.send()).await?;
        }
    }
    Ok(Progress::Done)
}
