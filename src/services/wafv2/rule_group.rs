//! Rule groups of the account. Those that AWS and vendors manage are not listed.

use aws_sdk_wafv2::Client;
use aws_sdk_wafv2::types::{LabelSummary, RuleGroup, Scope as WafScope};

use super::acl_config::monetization_config;
use super::action::{custom_response_body, visibility_config};
use super::statement::rule;
use super::{GONE, Listed as Entry, PAGE, scope_of, scopes, tags};
use crate::aws::{Absent, Call, CallError, Cx, Hands, pages, vanished};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Progress, Recipe, Scope, TypeSpec, Unmapped, each, keyed,
};
use crate::model::Step;

/// `AWS::WAFv2::RuleGroup`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::WAFv2::RuleGroup",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("WAF does not report when a rule group was created"),
    sets: &["Rules"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "RuleGroups[].Description", why: "the details say it" },
        LeftOut { path: "RuleGroups[].LockToken", why: "names a version" },
        LeftOut { path: "GetRuleGroup:LockToken", why: "names a version" },
        LeftOut { path: "GetRuleGroup:RuleGroup.Name", why: "the list says it" },
        LeftOut { path: "GetRuleGroup:RuleGroup.Id", why: "the list says it" },
        LeftOut { path: "GetRuleGroup:RuleGroup.ARN", why: "the list says it" },
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
    read_actions: &["wafv2:GetRuleGroup", "wafv2:ListRuleGroups", "wafv2:ListTagsForResource"],
    delete: Delete::Call(Recipe {
        operation: "DeleteRuleGroup",
        actions: &["wafv2:DeleteRuleGroup"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 4,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let waf: Client = cx.client();
    let found = cx.gather(scopes(cx), async |scope| in_scope(&waf, scope).await).await?;
    let wanted = found.into_iter().flatten().filter(|entry| cx.wants(&entry.key())).collect();
    cx.each(wanted, async |entry| describe(&waf, &entry).await).await
}

async fn in_scope(waf: &Client, scope: WafScope) -> Result<Vec<Entry>, CallError> {
    let action = "wafv2:ListRuleGroups";
    let groups = pages(action, async |marker| {
        let page = waf.list_rule_groups().scope(scope.clone()).limit(PAGE).set_next_marker(marker).send().await;
        page.at(action).map(|page| (page.rule_groups.unwrap_or_default(), page.next_marker))
    });
    let entry = |group: aws_sdk_wafv2::types::RuleGroupSummary| {
        Some(Entry { name: group.name?, id: group.id?, arn: group.arn?, scope: scope.clone() })
    };
    Ok(groups.await?.into_iter().filter_map(entry).collect())
}

async fn describe(waf: &Client, entry: &Entry) -> Result<Option<Draft>, CallError> {
    let details = waf.get_rule_group().name(&entry.name).id(&entry.id).scope(entry.scope.clone()).send();
    let (details, tags) = tokio::join!(details, tags(waf, &entry.arn));
    let details = details.at("wafv2:GetRuleGroup").absent_if(GONE)?;
    let Some(group) = details.and_then(|details| details.rule_group) else { return Ok(None) };
    let again = waf.get_rule_group().name(&entry.name).id(&entry.id).scope(entry.scope.clone()).send();
    if vanished([tags.as_ref().err()], GONE, async { again.await.at("wafv2:GetRuleGroup") }).await? {
        return Ok(None);
    }
    map(entry, &group).sub_tags(tags).map(Some)
}

fn map(entry: &Entry, group: &RuleGroup) -> Draft {
    Draft::new(entry.key())
        .arn(entry.arn.as_str())
        .name(entry.name.as_str())
        .with("Capacity", group.capacity())
        .with("CustomResponseBodies", keyed(group.custom_response_bodies(), custom_response_body))
        .with("Description", group.description())
        .with("MonetizationConfig", group.monetization_config().map(monetization_config))
        .with("Name", &entry.name)
        .with("Rules", each(group.rules(), rule))
        .with("Scope", entry.scope.as_str())
        .with("VisibilityConfig", group.visibility_config().map(visibility_config))
        .observed("AvailableLabels", labels(group.available_labels()))
        .observed("ConsumedLabels", labels(group.consumed_labels()))
        .observed("LabelNamespace", group.label_namespace())
}

/// They follow from the rules.
fn labels(labels: &[LabelSummary]) -> Vec<&str> {
    labels.iter().filter_map(LabelSummary::name).collect()
}

async fn delete(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let waf: Client = hands.client();
    let (name, id, scope) = (hands.part(0), hands.part(1), scope_of(hands));
    let look = waf.get_rule_group().name(name).id(id).scope(scope.clone()).send();
    let Some(now) = hands.look("wafv2:GetRuleGroup", look).await? else { return Ok(Progress::Done) };
    let request = waf.delete_rule_group().name(name).id(id).scope(scope).set_lock_token(now.lock_token);
    hands.call(step, request.send()).await?;
    Ok(Progress::Done)
}
