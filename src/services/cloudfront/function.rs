//! Functions that `CloudFront` runs at its edges.

use std::collections::HashMap;

use aws_sdk_cloudfront::Client;
use aws_sdk_cloudfront::types::{
    FunctionConfig, FunctionMetadata, FunctionStage, FunctionSummary, KeyValueStoreAssociation,
};

use crate::aws::{Absent, Call, CallError, Cx, Hands, pages};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::Step;

/// `AWS::CloudFront::Function`: what is being worked on, as the schema has it, and as `published` the code and
/// configuration that distributions run.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::CloudFront::Function",
    scope: Scope::Global,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreatedTime"),
    sets: &["FunctionConfig.KeyValueStoreAssociations", "published.FunctionConfig.KeyValueStoreAssociations"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "FunctionList.MaxItems", why: "the size of a page" },
        LeftOut { path: "FunctionList.Quantity", why: "the number of the elements" },
        LeftOut {
            path: "FunctionList.Items[].FunctionConfig.KeyValueStoreAssociations.Quantity",
            why: "the number of the elements",
        },
        LeftOut { path: "FunctionList.Items[].FunctionMetadata.Stage", why: "each stage is asked for alone" },
        LeftOut { path: "GetFunction:ETag", why: "names a version" },
        LeftOut { path: "GetFunction:ContentType", why: "the same for every function" },
    ],
    unmapped: &[
        Unmapped { path: "AutoPublish", why: "tells CloudFormation to publish; never answered" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[],
    read_actions: &["cloudfront:GetFunction", "cloudfront:ListFunctions", "cloudfront:ListTagsForResource"],
    delete: Delete::Call(Recipe {
        operation: "DeleteFunction",
        actions: &["cloudfront:DeleteFunction", "cloudfront:DescribeFunction"],
        gone: GONE,
        steps: Some(|_, _| vec![Step::on_resource("cloudfront:DeleteFunction")]),
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 8,
        holds_data: false,
        reversible: None,
    }),
};

/// How the service says that there is no such function.
const GONE: &[&str] = &["NoSuchFunctionExists"];

async fn list(cx: &Cx) -> Listed {
    let cloudfront: Client = cx.client();
    let (all, live) =
        tokio::join!(in_stage(&cloudfront, FunctionStage::Development), in_stage(&cloudfront, FunctionStage::Live));
    let live: HashMap<String, FunctionSummary> = live?.into_iter().map(|live| (live.name.clone(), live)).collect();
    let mut all = all?;
    all.retain(|function| function.function_metadata().is_some_and(|about| cx.wants(about.function_arn())));
    cx.each(all, async |function| {
        let live = live.get(function.name());
        describe(&cloudfront, &function, live).await
    })
    .await
}

async fn in_stage(cloudfront: &Client, stage: FunctionStage) -> Result<Vec<FunctionSummary>, CallError> {
    let action = "cloudfront:ListFunctions";
    pages(action, async |marker| {
        let page = cloudfront.list_functions().stage(stage.clone()).max_items(100).set_marker(marker).send().await;
        let list = page.at(action)?.function_list;
        Ok(list.map(|list| (list.items.unwrap_or_default(), list.next_marker)).unwrap_or_default())
    })
    .await
}

/// The code of a function, which is text.
async fn code(cloudfront: &Client, name: &str, stage: FunctionStage) -> Result<Option<String>, CallError> {
    let answer = cloudfront.get_function().name(name).stage(stage).send().await.at("cloudfront:GetFunction")?;
    Ok(answer.function_code.map(|code| String::from_utf8_lossy(code.as_ref()).into_owned()))
}

async fn describe(
    cloudfront: &Client,
    function: &FunctionSummary,
    live: Option<&FunctionSummary>,
) -> Result<Option<Draft>, CallError> {
    let name = function.name();
    let arn = function.function_metadata().map(FunctionMetadata::function_arn).unwrap_or_default();
    let published = async {
        match live {
            Some(_) => code(cloudfront, name, FunctionStage::Live).await,
            None => Ok(None),
        }
    };
    let (current, published, tags) =
        tokio::join!(code(cloudfront, name, FunctionStage::Development), published, super::tags(cloudfront, arn));
    // Whichever says "gone" speaks of the function.
    let Some(current) = current.absent_if(GONE).transpose() else { return Ok(None) };
    let Some(published) = published.absent_if(GONE).transpose() else { return Ok(None) };
    let Some(tags) = tags.absent_if(&["NoSuchResource"]).transpose() else { return Ok(None) };
    let live_config = live.and_then(FunctionSummary::function_config).map(config);
    let published =
        published.map(|code| live.map(|_| Props::new().with("FunctionCode", code).with("FunctionConfig", live_config)));
    map(function).sub("FunctionCode", current)?.sub("published", published)?.sub_tags(tags).map(Some)
}

fn map(function: &FunctionSummary) -> Draft {
    let about = function.function_metadata();
    let arn = about.map(FunctionMetadata::function_arn).unwrap_or_default();
    Draft::new(arn)
        .arn(arn)
        .name(function.name())
        .created(about.and_then(FunctionMetadata::created_time))
        .with("FunctionConfig", function.function_config().map(config))
        .with("Name", function.name())
        .observed("LastModifiedTime", about.map(FunctionMetadata::last_modified_time))
        .observed("Status", function.status())
}

fn config(config: &FunctionConfig) -> Props {
    let stores = config.key_value_store_associations();
    Props::new()
        .with("Comment", config.comment())
        .with("KeyValueStoreAssociations", stores.map(|stores| each(stores.items(), store)))
        .with("Runtime", config.runtime().as_str())
}

fn store(store: &KeyValueStoreAssociation) -> Props {
    Props::new().with("KeyValueStoreARN", store.key_value_store_arn())
}

async fn delete(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    if step.call != "cloudfront:DeleteFunction" {
        return Err(hands.unknown(step));
    }
    let cloudfront: Client = hands.client();
    let name = hands.text("Name").unwrap_or_default();
    let look = cloudfront.describe_function().name(name).send();
    let Some(now) = hands.look("cloudfront:DescribeFunction", look).await? else { return Ok(Progress::Done) };
    hands.call(step, cloudfront.delete_function().name(name).set_if_match(now.e_tag).send()).await?;
    Ok(Progress::Done)
}
