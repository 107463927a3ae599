//! Flow logs.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    DestinationFileFormat, DestinationOptionsResponse, FlowLog, LogDestinationType, TagFieldSpecificationResponse,
    TaggableResourceType, TrafficType,
};

use super::{all_done, tags};
use crate::aws::{Call, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, Edge, LeftOut, Listed, Made, Order, Progress, Props, Recipe, Scope, TypeSpec, Unmapped,
    each,
};
use crate::model::Step;

/// `AWS::EC2::FlowLog`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EC2::FlowLog",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationTime"),
    sets: &["TagFieldSpecifications", "TagFieldSpecifications.*.TagKeys"],
    secrets: &[],
    left_out: &[LeftOut { path: "FlowLogs[].DeliverLogsErrorMessage", why: "text about a state" }],
    unmapped: &[Unmapped { path: "Tags", why: "kept in `tags`" }],
    edges: &[Edge {
        path: "LogGroupName",
        to: "AWS::Logs::LogGroup",
        target: "{}",
        order: Order::HolderFirst,
        why: "a flow log makes its log group again as long as it writes",
    }],
    read_actions: &["ec2:DescribeFlowLogs"],
    delete: Delete::Call(Recipe {
        operation: "DeleteFlowLogs",
        actions: &["ec2:DeleteFlowLogs"],
        gone: &["InvalidFlowLogId.NotFound"],
        steps: None,
        run: |hands, step| Box::pin(delete(hands, step)),
        protection: None,
        rank: 4,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let pages = cx.client::<Client>().describe_flow_logs().max_results(1000).into_paginator().items().send();
    let logs: Vec<FlowLog> = pages.try_collect().await.at("ec2:DescribeFlowLogs")?;
    Ok(logs.iter().map(|log| map(cx, log)).collect())
}

fn map(cx: &Cx, log: &FlowLog) -> Draft {
    let id = log.flow_log_id().unwrap_or_default();
    Draft::new(id)
        .arn(cx.arn("ec2", &format!("vpc-flow-log/{id}")).as_str())
        .name(tags::name_tag(log.tags()))
        .tags(tags::pairs(log.tags()))
        .created(log.creation_time())
        .with("ResourceId", log.resource_id())
        .with("ResourceType", log.resource_id().and_then(resource_type))
        .with("TrafficType", log.traffic_type().map(TrafficType::as_str))
        .with("DeliverLogsPermissionArn", log.deliver_logs_permission_arn())
        .with("DeliverCrossAccountRole", log.deliver_cross_account_role())
        .with("LogDestinationType", log.log_destination_type().map(LogDestinationType::as_str))
        .with("LogDestination", log.log_destination())
        .with("LogGroupName", log.log_group_name())
        .with("LogFormat", log.log_format())
        .with("MaxAggregationInterval", log.max_aggregation_interval())
        .with("DestinationOptions", log.destination_options().map(destination))
        .with("TagFieldSpecifications", each(log.tag_field_specifications(), tag_fields))
        .observed("FlowLogStatus", log.flow_log_status())
        .observed("DeliverLogsStatus", log.deliver_logs_status())
}

/// What kind of resource is watched, which the API does not answer and the id tells.
fn resource_type(id: &str) -> Option<&'static str> {
    let (kind, _) = id.rsplit_once('-')?;
    match kind {
        "eni" => Some("NetworkInterface"),
        "nat" => Some("RegionalNatGateway"),
        "subnet" => Some("Subnet"),
        "tgw" => Some("TransitGateway"),
        "tgw-attach" => Some("TransitGatewayAttachment"),
        "vpc" => Some("VPC"),
        _ => None,
    }
}

fn destination(options: &DestinationOptionsResponse) -> Props {
    Props::new()
        .with("FileFormat", options.file_format().map(DestinationFileFormat::as_str))
        .with("HiveCompatiblePartitions", options.hive_compatible_partitions())
        .with("PerHourPartition", options.per_hour_partition())
}

fn tag_fields(fields: &TagFieldSpecificationResponse) -> Props {
    Props::new()
        .with("ResourceType", fields.resource_type().map(TaggableResourceType::as_str))
        .with("TagKeys", fields.tag_keys())
}

async fn delete(hands: &Hands, step: &Step) -> Made {
    let ec2: Client = hands.client();
    let request = async {
        let answer = ec2.delete_flow_logs().flow_log_ids(hands.id()).send().await.at(&step.call)?;
        all_done(answer.unsuccessful(), &step.call)
    };
    hands.call_checked(step, request).await.map(|_| Progress::Done)
}
