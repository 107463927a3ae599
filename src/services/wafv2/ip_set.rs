//! Sets of IP addresses.

use aws_sdk_wafv2::Client;
use aws_sdk_wafv2::types::{IpAddressVersion, IpSet, Scope as WafScope};

use super::{GONE, Listed as Entry, PAGE, scope_of, scopes, tags};
use crate::aws::{Absent, Call, CallError, Cx, Hands, pages, vanished};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Progress, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::Step;

/// `AWS::WAFv2::IPSet`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::WAFv2::IPSet",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("WAF does not report when an IP set was created"),
    sets: &["Addresses"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "IPSets[].Description", why: "the details say it" },
        LeftOut { path: "IPSets[].LockToken", why: "names a version" },
        LeftOut { path: "GetIPSet:LockToken", why: "names a version" },
        LeftOut { path: "GetIPSet:IPSet.Name", why: "the list says it" },
        LeftOut { path: "GetIPSet:IPSet.Id", why: "the list says it" },
        LeftOut { path: "GetIPSet:IPSet.ARN", why: "the list says it" },
        LeftOut { path: "TagInfoForResource.ResourceARN", why: "what was asked about" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["wafv2:GetIPSet", "wafv2:ListIPSets", "wafv2:ListTagsForResource"],
    delete: Delete::Call(Recipe {
        operation: "DeleteIPSet",
        actions: &["wafv2:DeleteIPSet"],
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
    let action = "wafv2:ListIPSets";
    let sets = pages(action, async |marker| {
        let page = waf.list_ip_sets().scope(scope.clone()).limit(PAGE).set_next_marker(marker).send().await;
        page.at(action).map(|page| (page.ip_sets.unwrap_or_default(), page.next_marker))
    });
    let entry = |set: aws_sdk_wafv2::types::IpSetSummary| {
        Some(Entry { name: set.name?, id: set.id?, arn: set.arn?, scope: scope.clone() })
    };
    Ok(sets.await?.into_iter().filter_map(entry).collect())
}

async fn describe(waf: &Client, entry: &Entry) -> Result<Option<Draft>, CallError> {
    let details = waf.get_ip_set().name(&entry.name).id(&entry.id).scope(entry.scope.clone()).send();
    let (details, tags) = tokio::join!(details, tags(waf, &entry.arn));
    let details = details.at("wafv2:GetIPSet").absent_if(GONE)?;
    let Some(set) = details.and_then(|details| details.ip_set) else { return Ok(None) };
    let again = waf.get_ip_set().name(&entry.name).id(&entry.id).scope(entry.scope.clone()).send();
    if vanished([tags.as_ref().err()], GONE, async { again.await.at("wafv2:GetIPSet") }).await? {
        return Ok(None);
    }
    map(entry, &set).sub_tags(tags).map(Some)
}

fn map(entry: &Entry, set: &IpSet) -> Draft {
    Draft::new(entry.key())
        .arn(entry.arn.as_str())
        .name(entry.name.as_str())
        .with("Addresses", set.addresses())
        .with("Description", set.description())
        .with("IPAddressVersion", IpAddressVersion::as_str(set.ip_address_version()))
        .with("Name", &entry.name)
        .with("Scope", entry.scope.as_str())
}

async fn delete(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let waf: Client = hands.client();
    let (name, id, scope) = (hands.part(0), hands.part(1), scope_of(hands));
    let look = waf.get_ip_set().name(name).id(id).scope(scope.clone()).send();
    let Some(now) = hands.look("wafv2:GetIPSet", look).await? else { return Ok(Progress::Done) };
    let request = waf.delete_ip_set().name(name).id(id).scope(scope).set_lock_token(now.lock_token);
    hands.call(step, request.send()).await?;
    Ok(Progress::Done)
}
