"""Answers for read operations that moto lacks.

moto answers an operation it does not know with an HTML page, which an SDK retries and then reports as an
unintelligible error. A collector would be blamed for that, so the operations that ours call are answered
here, as AWS answers for a resource on which the feature in question was never configured.
"""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from identify import Call
from wire import Answer, error, success

_Value = dict[str, Any] | str
_Fill = Callable[[Call], _Value | Answer | None]


def _lambda_arn(call: Call) -> str | None:
    from moto.awslambda.utils import get_backend

    name = call.labels.get("FunctionName", "").partition(":function:")[2] or call.labels.get("FunctionName", "")
    known = get_backend(call.account, call.region)._lambdas._functions
    name = name.partition(":")[0]
    return known[name]["latest"].function_arn if name in known else None


def _of_function(make: Callable[[str], dict[str, Any]]) -> _Fill:
    """Answers about an existing function; a missing one is reported as AWS would."""

    def fill(call: Call) -> _Value | Answer:
        arn = _lambda_arn(call)
        if arn is None:
            name = call.labels.get("FunctionName", "")
            text = f"Function not found: arn:aws:lambda:{call.region}:{call.account}:function:{name}"
            return error(call, "ResourceNotFoundException", text, 404)
        return make(arn)

    return fill


def _of_table(rest: dict[str, Any]) -> _Fill:
    """Answers about an existing DynamoDB table, named or given as an ARN."""

    def fill(call: Call) -> _Value | Answer:
        from moto.dynamodb.models import dynamodb_backends

        name = call.param("TableName").rpartition("/")[2]
        if name not in dynamodb_backends[call.account][call.region].tables:
            return error(
                call, "ResourceNotFoundException", f"Requested resource not found: Table: {name} not found", 400
            )
        return {"TableName": name} | rest

    return fill


def _always(value: _Value) -> _Fill:
    return lambda _: value


def _instance_profile_tags(call: Call) -> _Value | Answer:
    name = call.param("InstanceProfileName")
    for profile in sys.modules["moto.iam.models"].iam_backends[call.account]["aws"].instance_profiles.values():
        if profile.name == name:
            tags = profile.tags or {}
            pairs = tags.items() if isinstance(tags, dict) else [(tag["Key"], tag["Value"]) for tag in tags]
            members = "".join(
                f"<member><Key>{escape(key)}</Key><Value>{escape(value)}</Value></member>" for key, value in pairs
            )
            return f"<Tags>{members}</Tags><IsTruncated>false</IsTruncated>"
    return error(call, "NoSuchEntity", f"Instance Profile {name} cannot be found.", 404)


def _image_attribute(call: Call) -> _Value:
    return f"<imageId>{escape(call.param('ImageId'))}</imageId><{call.param('Attribute')}/>"


def _volume_attribute(call: Call) -> _Value:
    name = call.param("Attribute")
    inner = "<value>false</value>" if name == "autoEnableIO" else ""
    return f"<volumeId>{escape(call.param('VolumeId'))}</volumeId><{name}>{inner}</{name}>"


def _instance_attribute(call: Call) -> _Value | None:
    values = {"enaSupport": "<value>true</value>", "enclaveOptions": "<enabled>false</enabled>"}
    name = call.param("Attribute")
    if name not in values:
        return None
    return f"<instanceId>{escape(call.param('InstanceId'))}</instanceId><{name}>{values[name]}</{name}>"


def _capacity_providers(call: Call) -> _Value | None:
    """All of them, when none is named: moto fails then."""
    if call.param("capacityProviders"):
        return None
    from moto.ecs.models import ecs_backends

    fields = {"capacityProviderArn": "capacity_provider_arn", "name": "name", "status": "status", "tags": "tags"}
    fields["autoScalingGroupProvider"] = "auto_scaling_group_provider"
    providers = ecs_backends[call.account][call.region].capacity_providers.values()
    found = [{key: getattr(provider, field) for key, field in fields.items()} for provider in providers]
    return {"capacityProviders": found, "failures": []}


def _delete_cache_subnet_group(call: Call) -> _Value | Answer:
    from moto.elasticache.models import elasticache_backends

    backend, name = elasticache_backends[call.account][call.region], call.param("CacheSubnetGroupName")
    if name not in backend.cache_subnet_groups:
        return error(call, "CacheSubnetGroupNotFoundFault", f"Cache Subnet Group {name} does not exist.", 400)
    users = [*backend.cache_clusters.values(), *backend.replication_groups.values()]
    if any(getattr(user, "cache_subnet_group_name", None) == name for user in users):
        text = f"Cache subnet group {name} is currently in use by a cache cluster."
        return error(call, "CacheSubnetGroupInUse", text, 400)
    del backend.cache_subnet_groups[name]
    return ""


def _log_group(rest: dict[str, Any]) -> _Fill:
    return lambda call: {"logGroupIdentifier": call.param("logGroupIdentifier")} | rest


def _without_stage_states(call: Call) -> _Value:
    return {"pipelineName": call.param("name"), "stageStates": []}


def _not_found(text: str) -> _Fill:
    return lambda call: error(call, "ResourceNotFoundException", text, 400)


_FILLS: dict[tuple[str, str], _Fill] = {
    ("apigatewayv2", "GetAuthorizers"): _always({"items": []}),
    ("apigatewayv2", "GetModels"): _always({"items": []}),
    ("application-autoscaling", "ListTagsForResource"): _always({"Tags": {}}),
    ("autoscaling", "DescribeNotificationConfigurations"): _always("<NotificationConfigurations/>"),
    ("autoscaling", "DescribeTrafficSources"): _always("<TrafficSources/>"),
    ("backup", "GetBackupVaultAccessPolicy"): _not_found("Backup vault has no access policy."),
    ("backup", "GetBackupVaultNotifications"): _not_found("Backup vault has no notifications."),
    ("backup", "ListBackupSelections"): _always({"BackupSelectionsList": []}),
    ("cloudtrail", "GetEventConfiguration"): _always({}),
    ("codepipeline", "GetPipelineState"): _without_stage_states,
    ("config", "DescribeRemediationConfigurations"): _always({"RemediationConfigurations": []}),
    ("dynamodb", "DescribeContributorInsights"): _of_table({"ContributorInsightsStatus": "DISABLED"}),
    ("dynamodb", "DescribeKinesisStreamingDestination"): _of_table({"KinesisDataStreamDestinations": []}),
    ("dynamodb", "ListContributorInsights"): _always({"ContributorInsightsSummaries": []}),
    ("dynamodb", "ListGlobalTables"): _always({"GlobalTables": []}),
    ("ec2", "DescribeImageAttribute"): _image_attribute,
    ("ec2", "DescribeLockedSnapshots"): _always("<snapshotSet/>"),
    ("ec2", "DescribePlacementGroups"): _always("<placementGroupSet/>"),
    ("ec2", "DescribeSecurityGroupVpcAssociations"): _always("<securityGroupVpcAssociationSet/>"),
    ("ec2", "DescribeStaleSecurityGroups"): _always("<staleSecurityGroupSet/>"),
    ("ec2", "DescribeVolumeAttribute"): _volume_attribute,
    ("eks", "ListAccessEntries"): _always({"accessEntries": []}),
    ("eks", "ListAddons"): _always({"addons": []}),
    ("eks", "ListPodIdentityAssociations"): _always({"associations": []}),
    ("elasticache", "DeleteCacheSubnetGroup"): _delete_cache_subnet_group,
    ("elasticache", "DescribeCacheParameterGroups"): _always("<CacheParameterGroups/>"),
    ("elasticfilesystem", "DescribeReplicationConfigurations"): _always({"Replications": []}),
    ("ec2", "DescribeVpcEndpointConnections"): _always("<vpcEndpointConnectionSet/>"),
    ("ec2", "GetTransitGatewayPrefixListReferences"): _always("<transitGatewayPrefixListReferenceSet/>"),
    ("events", "ListEndpoints"): _always({"Endpoints": []}),
    ("iam", "ListInstanceProfileTags"): _instance_profile_tags,
    ("iam", "ListServiceSpecificCredentials"): _always("<ServiceSpecificCredentials/>"),
    ("lambda", "GetFunctionRecursionConfig"): _of_function(lambda _: {"RecursiveLoop": "Terminate"}),
    ("lambda", "GetRuntimeManagementConfig"): _of_function(lambda arn: {"UpdateRuntimeOn": "Auto", "FunctionArn": arn}),
    ("lambda", "ListCodeSigningConfigs"): _always({"CodeSigningConfigs": []}),
    ("lambda", "ListFunctionUrlConfigs"): _of_function(lambda _: {"FunctionUrlConfigs": []}),
    ("lambda", "ListProvisionedConcurrencyConfigs"): _of_function(lambda _: {"ProvisionedConcurrencyConfigs": []}),
    ("logs", "DescribeFieldIndexes"): _always({"fieldIndexes": []}),
    ("logs", "DescribeIndexPolicies"): _always({"indexPolicies": []}),
    ("logs", "GetDataProtectionPolicy"): _log_group({}),
    ("logs", "GetTransformer"): _log_group({}),
    ("monitoring", "DescribeAnomalyDetectors"): _always({"AnomalyDetectors": []}),
    ("rds", "DescribeDBClusterEndpoints"): _always("<DBClusterEndpoints/>"),
    ("rds", "DescribeOptionGroups"): _always("<OptionGroupsList/>"),
    ("redshift", "GetResourcePolicy"): lambda call: error(call, "ResourceNotFoundFault", "There is no policy.", 404),
    ("sns", "GetDataProtectionPolicy"): _always("<DataProtectionPolicy></DataProtectionPolicy>"),
    ("ssm", "GetResourcePolicies"): _always({"Policies": []}),
    ("wafv2", "ListResourcesForWebACL"): _always({"ResourceArns": []}),
}


# Questions about a bucket that moto does not know: it answers them with the list of objects.
_OF_BUCKET = {
    "GetBucketAbac": "<AbacStatus><Status>Disabled</Status></AbacStatus>",
    "GetBucketRequestPayment": "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>",
    "ListBucketAnalyticsConfigurations": "<ListBucketAnalyticsConfigurationResult><IsTruncated>false</IsTruncated>"
    "</ListBucketAnalyticsConfigurationResult>",
    "ListBucketIntelligentTieringConfigurations": "<ListBucketIntelligentTieringConfigurationsOutput>"
    "<IsTruncated>false</IsTruncated></ListBucketIntelligentTieringConfigurationsOutput>",
    "ListBucketMetricsConfigurations": "<ListMetricsConfigurationsResult><IsTruncated>false</IsTruncated>"
    "</ListMetricsConfigurationsResult>",
}


def _list_buckets(call: Call) -> Answer | None:
    """The paginated form of ListBuckets, in which alone AWS reports each bucket's region.

    moto cuts the list at MaxBuckets without a token to go on with, so a client that pages would lose buckets.
    """
    if not {"max-buckets", "bucket-region", "continuation-token", "prefix"} & call.query.keys():
        return None
    from moto.s3.models import s3_backends

    wanted, prefix = call.query.get("bucket-region"), call.query.get("prefix", "")
    buckets = sorted(s3_backends[call.account]["aws"].buckets.values(), key=lambda bucket: bucket.name)
    chosen = [b for b in buckets if b.name.startswith(prefix) and wanted in (None, b.region_name)]
    if token := call.query.get("continuation-token"):
        after_name = base64.urlsafe_b64decode(token).decode()
        chosen = [b for b in chosen if b.name > after_name]
    limit = int(call.query.get("max-buckets", 10_000))
    page, more = chosen[:limit], len(chosen) > limit
    items = "".join(
        f"<Bucket><Name>{b.name}</Name><CreationDate>{b.creation_date.strftime('%Y-%m-%dT%H:%M:%S.000Z')}</CreationDate>"
        f"<BucketRegion>{b.region_name}</BucketRegion></Bucket>"
        for b in page
    )
    token = base64.urlsafe_b64encode(page[-1].name.encode()).decode() if more else ""
    continuation = f"<ContinuationToken>{token}</ContinuationToken>" if more else ""
    owner = "<Owner><ID>bcaf1ffd86f41161ca5fb16fd081034f</ID></Owner>"
    space = "http://s3.amazonaws.com/doc/2006-03-01/"
    text = f'<ListAllMyBucketsResult xmlns="{space}">{owner}<Buckets>{items}</Buckets>{continuation}</ListAllMyBucketsResult>'
    return success(call, text)


def _answer(call: Call, value: _Value | Answer | None) -> Answer | None:
    return value if value is None or isinstance(value, Answer) else success(call, value)


def instead(call: Call) -> Answer | None:
    """An answer to give without asking moto, where moto's would be wrong rather than missing."""
    if (call.service, call.operation) == ("s3", "ListBuckets"):
        return _list_buckets(call)
    if call.service == "s3" and call.operation in _OF_BUCKET:
        return success(call, _OF_BUCKET[call.operation])
    if (call.service, call.operation) == ("s3", "GetBucketMetadataConfiguration"):
        return error(call, "MetadataConfigurationNotFound", "The metadata table configuration does not exist.", 404)
    if (call.service, call.operation) == ("ecs", "DescribeCapacityProviders"):
        return _answer(call, _capacity_providers(call))
    if (call.service, call.operation) == ("ec2", "DescribeInstanceAttribute"):
        return _answer(call, _instance_attribute(call))
    return None


def _without_secret_parameters(call: Call, answer: Answer) -> Answer | None:
    """DescribeStacks with NoEcho parameters masked: AWS never shows them again, moto prints them."""
    from moto.cloudformation.models import cloudformation_backends

    body = answer.body
    for stack in cloudformation_backends[call.account][call.region].stacks.values():
        declared = stack.template_dict.get("Parameters", {})
        for name, value in stack.parameters.items():
            if str(declared.get(name, {}).get("NoEcho", "")).lower() == "true" and value:
                body = body.replace(f">{escape(value)}<".encode(), b">****<")
    return None if body == answer.body else Answer(answer.status, answer.headers, body)


# Root elements of S3 answers that moto makes up from the name of the operation; some SDKs insist on the right one.
_ROOTS = {
    b"GetBucketAccelerateConfigurationResponse": b"AccelerateConfiguration",
    b"GetBucketNotificationResponse": b"NotificationConfiguration",
    b"GetBucketVersioningResponse": b"VersioningConfiguration",
    b"ListBucketInventoryConfigurationsResponse": b"ListInventoryConfigurationsResult",
}


def _with_right_root(answer: Answer) -> Answer | None:
    root = re.search(rb"<(\w+)", answer.body)
    if root is None or root[1] not in _ROOTS:
        return None
    body = re.sub(rb"(</?)%s\b" % root[1], rb"\1" + _ROOTS[root[1]], answer.body)
    return Answer(answer.status, [(key, item) for key, item in answer.headers if key.lower() != "content-length"], body)


def after(call: Call, answer: Answer) -> Answer | None:
    """A better answer than moto's: in place of the HTML page that says it has none, or of one that leaks."""
    if (call.service, call.operation) == ("cloudformation", "DescribeStacks"):
        return _without_secret_parameters(call, answer)
    if call.service == "s3" and call.method == "GET" and answer.status == 200:
        return _with_right_root(answer) if call.operation.startswith(("GetBucket", "ListBucket")) else None
    if answer.status < 404 or not re.match("text/html", answer.header("content-type")):
        return None
    fill = _FILLS.get((call.service, call.operation))
    return _answer(call, fill(call)) if fill else None
