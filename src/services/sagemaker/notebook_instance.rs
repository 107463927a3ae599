//! Notebook instances.

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::operation::describe_notebook_instance::DescribeNotebookInstanceOutput;
use aws_sdk_sagemaker::types::{
    DirectInternetAccess, InstanceType, IpAddressType, NotebookInstanceAcceleratorType, NotebookInstanceStatus,
    NotebookInstanceSummary, RootAccess, Tag,
};

use crate::aws::{Absent, Call, CallError, Cx, ErrorClass, Hands};
use crate::catalog::{Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, Unmapped};
use crate::model::{Resource, Step, Switches};

/// `AWS::SageMaker::NotebookInstance`.
///
/// Whether it runs is state. The schema has no place for `ipAddressType`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::SageMaker::NotebookInstance",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationTime"),
    sets: &["AcceleratorTypes", "AdditionalCodeRepositories", "SecurityGroupIds"],
    secrets: &[],
    left_out: &[
        LeftOut { path: "NotebookInstances[].AdditionalCodeRepositories[]", why: "as in DescribeNotebookInstance" },
        LeftOut { path: "NotebookInstances[].CreationTime", why: "as in DescribeNotebookInstance" },
        LeftOut { path: "NotebookInstances[].DefaultCodeRepository", why: "as in DescribeNotebookInstance" },
        LeftOut { path: "NotebookInstances[].InstanceType", why: "as in DescribeNotebookInstance" },
        LeftOut { path: "NotebookInstances[].LastModifiedTime", why: "as in DescribeNotebookInstance" },
        LeftOut {
            path: "NotebookInstances[].NotebookInstanceLifecycleConfigName",
            why: "as in DescribeNotebookInstance",
        },
        LeftOut { path: "NotebookInstances[].Url", why: "follows from the name" },
        LeftOut { path: "DescribeNotebookInstance:NotebookInstanceArn", why: "as in ListNotebookInstances" },
        LeftOut { path: "DescribeNotebookInstance:NotebookInstanceName", why: "repeats the request" },
        LeftOut { path: "DescribeNotebookInstance:Url", why: "follows from the name" },
    ],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[],
    read_actions: &["sagemaker:ListNotebookInstances", "sagemaker:DescribeNotebookInstance", "sagemaker:ListTags"],
    delete: Delete::Call(Recipe {
        operation: "DeleteNotebookInstance",
        actions: &["sagemaker:DeleteNotebookInstance", "sagemaker:StopNotebookInstance"],
        // `ValidationException` says both that it is gone and that it runs, so the list tells.
        gone: GONE,
        steps: Some(steps),
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 1,
        holds_data: true,
        reversible: None,
    }),
};

/// How `SageMaker` says of a thing, though not always of this one, that it does not exist.
const GONE: &[&str] = &["ResourceNotFound"];

async fn list(cx: &Cx) -> Listed {
    let client: Client = cx.client();
    let pages = client.list_notebook_instances().max_results(100).into_paginator().items().send();
    let notebooks: Vec<NotebookInstanceSummary> = pages.try_collect().await.at("sagemaker:ListNotebookInstances")?;
    let wanted = notebooks.into_iter().filter(|notebook| {
        let deleting = notebook.notebook_instance_status() == Some(&NotebookInstanceStatus::Deleting);
        !deleting && cx.wants(notebook.notebook_instance_arn().unwrap_or_default())
    });
    cx.each(wanted.collect(), |notebook| describe(&client, notebook)).await
}

async fn describe(client: &Client, listed: NotebookInstanceSummary) -> Result<Option<Draft>, CallError> {
    let arn = listed.notebook_instance_arn().unwrap_or_default();
    let (notebook, tags) = tokio::join!(
        client.describe_notebook_instance().set_notebook_instance_name(listed.notebook_instance_name.clone()).send(),
        client.list_tags().resource_arn(arn).max_results(100).into_paginator().items().send().try_collect(),
    );
    let Some(notebook) = vanished(notebook.at("sagemaker:DescribeNotebookInstance"))? else { return Ok(None) };
    let tags: Result<Vec<Tag>, CallError> = tags.at("sagemaker:ListTags");
    let tags = tags.absent_if(GONE).map(Option::unwrap_or_default);
    let pairs =
        tags.map(|tags| tags.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default())));
    let name = listed.notebook_instance_name().unwrap_or_default();
    map(arn, name, &notebook).sub_tags(pairs).map(Some)
}

/// A missing notebook is a `ValidationException` like any other; its message tells.
fn vanished<T>(read: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match read {
        Err(error)
            if error.code == "ValidationException"
                && (error.class == ErrorClass::Gone || error.message.contains("RecordNotFound")) =>
        {
            Ok(None)
        }
        other => other.map(Some),
    }
}

fn map(arn: &str, name: &str, notebook: &DescribeNotebookInstanceOutput) -> Draft {
    let accelerators: Vec<&str> =
        notebook.accelerator_types().iter().map(NotebookInstanceAcceleratorType::as_str).collect();
    let metadata = notebook.instance_metadata_service_configuration().map(|metadata| {
        let version = metadata.minimum_instance_metadata_service_version();
        Props::new().with("MinimumInstanceMetadataServiceVersion", version)
    });
    let internet = notebook.direct_internet_access().map(DirectInternetAccess::as_str);
    Draft::new(arn)
        .arn(arn)
        .name(name)
        .created(notebook.creation_time())
        .with("AcceleratorTypes", accelerators)
        .with("AdditionalCodeRepositories", notebook.additional_code_repositories())
        .with("DefaultCodeRepository", notebook.default_code_repository())
        .with("DirectInternetAccess", internet)
        .with("InstanceMetadataServiceConfiguration", metadata)
        .with("InstanceType", notebook.instance_type().map(InstanceType::as_str))
        .with("KmsKeyId", notebook.kms_key_id())
        .with("LifecycleConfigName", notebook.notebook_instance_lifecycle_config_name())
        .with("NotebookInstanceName", name)
        .with("PlatformIdentifier", notebook.platform_identifier())
        .with("RoleArn", notebook.role_arn())
        .with("RootAccess", notebook.root_access().map(RootAccess::as_str))
        .with("SecurityGroupIds", notebook.security_groups())
        .with("SubnetId", notebook.subnet_id())
        .with("VolumeSizeInGB", notebook.volume_size_in_gb())
        .with("ipAddressType", notebook.ip_address_type().map(IpAddressType::as_str))
        .observed("FailureReason", notebook.failure_reason())
        .observed("LastModifiedTime", notebook.last_modified_time())
        .observed("NetworkInterfaceId", notebook.network_interface_id())
        .observed("NotebookInstanceStatus", notebook.notebook_instance_status().map(NotebookInstanceStatus::as_str))
}

/// Stopped and failed ones need no stop.
fn steps(notebook: &Resource, _: &Switches) -> Vec<Step> {
    let status = notebook.observed.get("NotebookInstanceStatus").and_then(serde_json::Value::as_str);
    let stop = (!matches!(status, Some("Stopped" | "Failed"))).then_some("sagemaker:StopNotebookInstance");
    stop.into_iter().chain(["sagemaker:DeleteNotebookInstance"]).map(Step::on_resource).collect()
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    use NotebookInstanceStatus::{Deleting, Failed, InService, Stopped, Stopping};
    let client: Client = hands.client();
    let name = hands.text("NotebookInstanceName").unwrap_or_default();
    let found = client.list_notebook_instances().name_contains(name).max_results(100).into_paginator().items().send();
    let found = found.try_collect().await.at("sagemaker:ListNotebookInstances").absent_if(GONE)?;
    let found: Vec<NotebookInstanceSummary> = found.unwrap_or_default();
    let Some(notebook) = found.iter().find(|notebook| notebook.notebook_instance_arn() == Some(hands.arn())) else {
        return Ok(Progress::Done);
    };
    let waiting = |what: &str| Progress::Waiting(format!("the notebook instance is {what}"));
    match (step.call.as_str(), notebook.notebook_instance_status()) {
        (_, Some(Deleting)) => Ok(waiting("being deleted")),
        ("sagemaker:StopNotebookInstance", Some(Stopped | Failed)) => Ok(Progress::Done),
        ("sagemaker:StopNotebookInstance", Some(InService)) => {
            let request = client.stop_notebook_instance().notebook_instance_name(name);
            let stopped = hands.call(step, request.send()).await?;
            Ok(stopped.map_or(Progress::Done, |_| waiting("stopping")))
        }
        (_, Some(Stopping)) => Ok(waiting("stopping")),
        ("sagemaker:StopNotebookInstance", status) => {
            Ok(waiting(status.map_or("in an unknown state", NotebookInstanceStatus::as_str)))
        }
        ("sagemaker:DeleteNotebookInstance", _) => {
            let request = client.delete_notebook_instance().notebook_instance_name(name);
            let deleted = hands.call(step, request.send()).await?;
            Ok(deleted.map_or(Progress::Done, |_| waiting("being deleted")))
        }
        _ => Err(hands.unknown(step)),
    }
}
