//! Archives of events.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::operation::describe_archive::DescribeArchiveOutput;
use aws_sdk_eventbridge::types::ArchiveState;

use super::GONE;
use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Progress, Recipe, Scope, TypeSpec, json_document};
use crate::model::Step;

/// `AWS::Events::Archive`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Events::Archive",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationTime"),
    sets: &[],
    secrets: &[],
    left_out: &[
        LeftOut { path: "ListArchives:Archives[].CreationTime", why: "as in DescribeArchive" },
        LeftOut { path: "ListArchives:Archives[].EventCount", why: "as in DescribeArchive" },
        LeftOut { path: "ListArchives:Archives[].EventSourceArn", why: "as in DescribeArchive" },
        LeftOut { path: "ListArchives:Archives[].RetentionDays", why: "as in DescribeArchive" },
        LeftOut { path: "ListArchives:Archives[].SizeBytes", why: "as in DescribeArchive" },
        LeftOut { path: "ListArchives:Archives[].State", why: "as in DescribeArchive" },
        LeftOut { path: "ListArchives:Archives[].StateReason", why: "as in DescribeArchive" },
        LeftOut { path: "DescribeArchive:ArchiveName", why: "repeats the request" },
    ],
    unmapped: &[],
    edges: &[],
    read_actions: &["events:ListArchives", "events:DescribeArchive"],
    delete: Delete::Call(Recipe {
        operation: "DeleteArchive",
        actions: &["events:DeleteArchive"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 4,
        holds_data: true,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let events: Client = cx.client();
    let names = names(&events).await?.into_iter().filter(|name| cx.wants(name));
    cx.each(names.collect(), |name| describe(&events, name)).await
}

/// The SDK has no paginators for this service.
async fn names(events: &Client) -> Result<Vec<String>, CallError> {
    let mut names = Vec::new();
    let mut token = None;
    loop {
        let page = events.list_archives().limit(100).set_next_token(token).send().await.at("events:ListArchives")?;
        names.extend(page.archives.unwrap_or_default().into_iter().filter_map(|archive| archive.archive_name));
        token = page.next_token;
        if token.is_none() {
            return Ok(names);
        }
    }
}

async fn describe(events: &Client, name: String) -> Result<Option<Draft>, CallError> {
    let answer = events.describe_archive().archive_name(&name).send().await;
    let answer = answer.at("events:DescribeArchive").absent_if(GONE)?;
    Ok(answer.map(|archive| map(&name, &archive)))
}

fn map(name: &str, archive: &DescribeArchiveOutput) -> Draft {
    Draft::new(name)
        .arn(archive.archive_arn())
        .name(name)
        .created(archive.creation_time())
        .with("ArchiveName", name)
        .with("Description", archive.description())
        .with("EventPattern", json_document(archive.event_pattern()))
        .with("KmsKeyIdentifier", archive.kms_key_identifier())
        .with("RetentionDays", archive.retention_days())
        .with("SourceArn", archive.event_source_arn())
        .observed("EventCount", archive.event_count())
        .observed("SizeBytes", archive.size_bytes())
        .observed("State", archive.state().map(ArchiveState::as_str))
        .observed("StateReason", archive.state_reason())
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let events: Client = hands.client();
    hands.call(step, events.delete_archive().archive_name(hands.id()).send()).await?;
    Ok(Progress::Done)
}
