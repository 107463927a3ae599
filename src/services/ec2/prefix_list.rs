//! Managed prefix lists with their entries.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{ManagedPrefixList, PrefixListEntry, PrefixListState};

use super::going::{self, Left};
use super::{account, tags};
use crate::aws::{Call, CallError, Cx, Hands, gone_with};
use crate::catalog::{Created, Delete, Draft, Listed, Props, Recipe, Running, Scope, TypeSpec, Unmapped, each};

/// `AWS::EC2::PrefixList`. What the schema has no place for is how IPAM fills one: `ipamPrefixListResolverTargetId` and
/// `ipamPrefixListResolverSyncEnabled`.
///
/// Of AWS's own lists the entries are not asked for: they are AWS's addresses, and change every week.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::PrefixList",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Unknown("EC2 does not report it"),
    sets: &["Entries"],
    secrets: &[],
    left_out: &[],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["ec2:DescribeManagedPrefixLists", "ec2:GetManagedPrefixListEntries"],
    delete: Delete::Call(Recipe {
        operation: "DeleteManagedPrefixList",
        actions: &["ec2:DeleteManagedPrefixList"],
        gone: GONE,
        steps: None,
        run: |hands, step| -> Running<'_> {
            Box::pin(async move {
                let ec2: Client = hands.client();
                let request = ec2.delete_managed_prefix_list().prefix_list_id(hands.id()).send();
                going::delete(hands, step, left(&ec2, hands), request).await
            })
        },
        protection: None,
        rank: 6,
        holds_data: false,
        reversible: None,
    }),
};

/// How EC2 says that a prefix list does not exist.
const GONE: &[&str] = &["InvalidPrefixListID.NotFound", "InvalidPrefixListId.NotFound"];

async fn left(ec2: &Client, hands: &Hands) -> Result<Left, CallError> {
    let request = ec2.describe_managed_prefix_lists().prefix_list_ids(hands.id()).send();
    let answer = hands.look("ec2:DescribeManagedPrefixLists", request).await?;
    let list = answer.and_then(|answer| answer.prefix_lists?.pop());
    Ok(Left::of(list.as_ref().and_then(ManagedPrefixList::state).map(PrefixListState::as_str)))
}

async fn list(cx: &Cx) -> Listed {
    let ec2: Client = cx.client();
    let pages = ec2.describe_managed_prefix_lists().max_results(100).into_paginator().items().send();
    let mut lists: Vec<ManagedPrefixList> = pages.try_collect().await.at("ec2:DescribeManagedPrefixLists")?;
    lists.retain(|list| list.state() != Some(&PrefixListState::DeleteComplete));
    let lists = cx.wanted(lists, |list| list.prefix_list_id().unwrap_or_default());
    cx.each(lists, |list| describe(cx, &ec2, list)).await
}

async fn describe(cx: &Cx, ec2: &Client, list: ManagedPrefixList) -> Result<Option<Draft>, CallError> {
    let draft = map(cx, &list);
    if is_of_aws(&list) {
        return Ok(Some(draft));
    }
    let id = list.prefix_list_id().unwrap_or_default();
    let pages = ec2.get_managed_prefix_list_entries().prefix_list_id(id).max_results(100).into_paginator().items();
    let entries: Result<Vec<PrefixListEntry>, _> =
        pages.send().try_collect().await.at("ec2:GetManagedPrefixListEntries");
    let again = async {
        let answer = ec2.describe_managed_prefix_lists().prefix_list_ids(id).send().await;
        answer.at("ec2:DescribeManagedPrefixLists")
    };
    let Some(entries) = gone_with(entries, GONE, again).await.transpose() else { return Ok(None) };
    draft.sub("Entries", entries.map(|entries| each(&entries, entry))).map(Some)
}

fn is_of_aws(list: &ManagedPrefixList) -> bool {
    list.owner_id() == Some("AWS")
}

fn map(cx: &Cx, list: &ManagedPrefixList) -> Draft {
    let of_aws = is_of_aws(list);
    let other = account::other_account(cx, list.owner_id()).filter(|_| !of_aws);
    Draft::new(list.prefix_list_id().unwrap_or_default())
        .arn(list.prefix_list_arn())
        .name(list.prefix_list_name())
        .tags(tags::pairs(list.tags()))
        .owner(account::SHARED, other)
        .aws_made(of_aws, "prefix list of AWS")
        .with("AddressFamily", list.address_family())
        .with("MaxEntries", list.max_entries())
        .with("PrefixListName", list.prefix_list_name())
        .with("ipamPrefixListResolverSyncEnabled", list.ipam_prefix_list_resolver_sync_enabled())
        .with("ipamPrefixListResolverTargetId", list.ipam_prefix_list_resolver_target_id())
        .observed("State", list.state().map(PrefixListState::as_str))
        .observed("StateMessage", list.state_message())
        .observed("Version", list.version())
}

fn entry(entry: &PrefixListEntry) -> Props {
    Props::new().with("Cidr", entry.cidr()).with("Description", entry.description())
}
