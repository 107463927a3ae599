"""Audit, backups, streams, builds and what else runs an account, in one region."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seed_common import SECRET, compact
from seed_region import Region


class Operations:
    """Comes last: it refers to what the other parts have made."""

    def __init__(self, place: Region, bucket: str) -> None:
        self.place, self.at, self.prefix, self.bucket = place, place.at, place.prefix, bucket

    def client(self, service: str) -> Any:
        return self.at.client(service, self.place.region)

    def steps(self) -> list[Callable[[], None]]:
        return [
            self.audit,
            self.config,
            self.backups,
            self.streams,
            self.catalog,
            self.notebook,
            self.builds,
            self.dashboard,
            self.filters,
            self.event_parts,
            self.identity,
            self.stack_set,
        ]

    def _lower(self, name: str) -> list[dict[str, str]]:
        return [{"key": tag["Key"], "value": tag["Value"]} for tag in self.at.tags(name)]

    def audit(self) -> None:
        trails, name = self.client("cloudtrail"), f"{self.prefix}-audit"
        trails.create_trail(
            Name=name,
            S3BucketName=self.bucket,
            IsMultiRegionTrail=True,
            EnableLogFileValidation=True,
            TagsList=self.at.tags("audit"),
        )
        trails.start_logging(Name=name)
        trails.put_event_selectors(
            TrailName=name,
            EventSelectors=[{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}],
        )
        self.at.made("AWS::CloudTrail::Trail")
        guard = self.client("guardduty")
        # A region has one at most.
        if not guard.list_detectors()["DetectorIds"]:
            guard.create_detector(
                Enable=True, FindingPublishingFrequency="ONE_HOUR", Tags=self.at.tag_map("guard")
            )
            self.at.made("AWS::GuardDuty::Detector")

    def config(self) -> None:
        config = self.client("config")
        # A region has one at most.
        if not config.describe_configuration_recorders()["ConfigurationRecorders"]:
            config.put_configuration_recorder(
                ConfigurationRecorder={
                    "name": "default",
                    "roleARN": self.place.role("lambda"),
                    "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True},
                }
            )
            config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": self.bucket})
            config.start_configuration_recorder(ConfigurationRecorderName="default")
            self.at.made("AWS::Config::ConfigurationRecorder")
        config.put_config_rule(
            ConfigRule={
                "ConfigRuleName": f"{self.prefix}-encrypted-volumes",
                "Source": {"Owner": "AWS", "SourceIdentifier": "ENCRYPTED_VOLUMES"},
                "Scope": {"ComplianceResourceTypes": ["AWS::EC2::Volume"]},
            },
            Tags=self.at.tags("encrypted-volumes"),
        )
        self.at.made("AWS::Config::ConfigRule")

    def backups(self) -> None:
        backup = self.client("backup")
        backup.create_backup_vault(BackupVaultName=f"{self.prefix}-vault", BackupVaultTags=self.at.tag_map("vault"))
        self.at.made("AWS::Backup::BackupVault")
        backup.create_backup_plan(
            BackupPlan={
                "BackupPlanName": f"{self.prefix}-nightly",
                "Rules": [
                    {
                        "RuleName": "nightly",
                        "TargetBackupVaultName": f"{self.prefix}-vault",
                        "ScheduleExpression": "cron(0 3 * * ? *)",
                        "Lifecycle": {"DeleteAfterDays": 35},
                    }
                ],
            },
            BackupPlanTags=self.at.tag_map("nightly"),
        )
        self.at.made("AWS::Backup::BackupPlan")

    def streams(self) -> None:
        kinesis, name = self.client("kinesis"), f"{self.prefix}-clicks"
        kinesis.create_stream(StreamName=name, ShardCount=2)
        kinesis.add_tags_to_stream(StreamName=name, Tags=self.at.tag_map("clicks"))
        self.at.made("AWS::Kinesis::Stream")
        hints = {"SizeInMBs": 5, "IntervalInSeconds": 300}
        backup = {"RoleARN": self.place.role("lambda"), "BucketARN": f"arn:aws:s3:::{self.bucket}", "CompressionFormat": "GZIP"}
        self.client("firehose").create_delivery_stream(
            DeliveryStreamName=f"{self.prefix}-partner",
            DeliveryStreamType="DirectPut",
            HttpEndpointDestinationConfiguration={
                "EndpointConfiguration": {
                    "Url": f"https://partner.example.com/in?key={SECRET}-url",
                    "Name": "partner",
                    "AccessKey": f"{SECRET}-access-key",
                },
                "BufferingHints": hints,
                "S3BackupMode": "FailedDataOnly",
                "S3Configuration": backup,
            },
            Tags=self.at.tags("partner"),
        )
        self.at.made("AWS::KinesisFirehose::DeliveryStream")

    def catalog(self) -> None:
        self.client("glue").create_database(
            DatabaseInput={
                "Name": f"{self.prefix}_lake",
                "Description": "tables of the lake",
                "LocationUri": f"s3://{self.bucket}/lake/",
                "Parameters": {"classification": "parquet"},
            },
            Tags=self.at.tag_map("lake"),
        )
        self.at.made("AWS::Glue::Database")

    def notebook(self) -> None:
        self.client("sagemaker").create_notebook_instance(
            NotebookInstanceName=f"{self.prefix}-notebook",
            InstanceType="ml.t3.medium",
            RoleArn=self.place.role("lambda"),
            SubnetId=self.place.subnets["app"][0],
            SecurityGroupIds=[self.place.groups["app"]],
            DirectInternetAccess="Disabled",
            VolumeSizeInGB=10,
            Tags=self.at.tags("notebook"),
        )
        self.at.made("AWS::SageMaker::NotebookInstance")

    def builds(self) -> None:
        project = f"{self.prefix}-build"
        role = self.place.role("lambda")
        self.client("codebuild").create_project(
            name=project,
            source={"type": "S3", "location": f"{self.bucket}/source.zip", "buildspec": "version: 0.2"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={
                "type": "LINUX_CONTAINER",
                "image": "aws/codebuild/amazonlinux2-x86_64-standard:5.0",
                "computeType": "BUILD_GENERAL1_SMALL",
                "environmentVariables": [
                    {"name": "DEPLOY_MODE", "value": f"{SECRET}-build", "type": "PLAINTEXT"},
                    {"name": "SETTING", "value": f"/{self.prefix}/app/url", "type": "PARAMETER_STORE"},
                ],
            },
            serviceRole=role,
            tags=self._lower("build"),
        )
        self.at.made("AWS::CodeBuild::Project")

        def action(name: str, category: str, owner: str, provider: str, **configuration: str) -> dict[str, Any]:
            kind = {"category": category, "owner": owner, "provider": provider, "version": "1"}
            return {"name": name, "actionTypeId": kind, "runOrder": 1, "configuration": configuration}

        source = action("source", "Source", "ThirdParty", "GitHub", OAuthToken=f"{SECRET}-github", Repo="shop")
        variables = compact([{"name": "STAGE", "value": f"{SECRET}-stage", "type": "PLAINTEXT"}])
        build = action("build", "Build", "AWS", "CodeBuild", ProjectName=project, EnvironmentVariables=variables)
        self.client("codepipeline").create_pipeline(
            pipeline={
                "name": f"{self.prefix}-delivery",
                "roleArn": self._pipeline_role(),
                "artifactStore": {"type": "S3", "location": self.bucket},
                "stages": [
                    {"name": "Source", "actions": [source | {"outputArtifacts": [{"name": "code"}]}]},
                    {"name": "Build", "actions": [build | {"inputArtifacts": [{"name": "code"}]}]},
                ],
            },
            tags=self._lower("delivery"),
        )
        self.at.made("AWS::CodePipeline::Pipeline")

    def _pipeline_role(self) -> str:
        """The emulator wants a role that CodePipeline may assume, and no path in its name."""
        trust = compact(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "codepipeline.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        )
        role = self.client("iam").create_role(RoleName=f"{self.prefix}-delivery", AssumeRolePolicyDocument=trust)
        self.at.made("AWS::IAM::Role")
        return role["Role"]["Arn"]

    def dashboard(self) -> None:
        widget = {"type": "metric", "width": 12, "height": 6, "properties": {"region": self.place.region}}
        self.client("cloudwatch").put_dashboard(
            DashboardName=f"{self.prefix}-overview", DashboardBody=compact({"widgets": [widget]})
        )
        self.at.made("AWS::CloudWatch::Dashboard")

    def filters(self) -> None:
        logs, group = self.client("logs"), f"/{self.prefix}/app"
        transformation = {"metricName": "Errors", "metricNamespace": self.prefix, "metricValue": "1"}
        logs.put_metric_filter(
            logGroupName=group, filterName="errors", filterPattern="ERROR", metricTransformations=[transformation]
        )
        self.at.made("AWS::Logs::MetricFilter")
        logs.put_subscription_filter(
            logGroupName=group, filterName="worker", filterPattern="", destinationArn=self.place.function_arn
        )
        self.at.made("AWS::Logs::SubscriptionFilter")

    def event_parts(self) -> None:
        events = self.client("events")
        events.create_archive(
            ArchiveName=f"{self.prefix}-orders",
            EventSourceArn=self.place.arn("events", f"event-bus/{self.prefix}-orders"),
            EventPattern=compact({"source": ["shop"]}),
            RetentionDays=30,
        )
        self.at.made("AWS::Events::Archive")
        events.create_connection(
            Name=f"{self.prefix}-partner",
            AuthorizationType="API_KEY",
            AuthParameters={
                "ApiKeyAuthParameters": {"ApiKeyName": "x-partner", "ApiKeyValue": f"{SECRET}-api-key"},
                "InvocationHttpParameters": {
                    "HeaderParameters": [{"Key": "x-tenant", "Value": f"{SECRET}-tenant", "IsValueSecret": False}]
                },
            },
        )
        self.at.made("AWS::Events::Connection")

    def identity(self) -> None:
        iam = self.client("iam")
        iam.create_saml_provider(
            Name=f"{self.prefix}-idp", SAMLMetadataDocument=f"<EntityDescriptor>{SECRET}-saml</EntityDescriptor>" * 20
        )
        self.at.made("AWS::IAM::SAMLProvider")
        # moto gives all of them one id and one date, long ago.
        if not iam.list_server_certificates()["ServerCertificateMetadataList"]:
            iam.upload_server_certificate(
                ServerCertificateName=f"{self.prefix}-legacy",
                CertificateBody="-----BEGIN CERTIFICATE-----\nMIIBseed\n-----END CERTIFICATE-----",
                PrivateKey=f"{SECRET}-private-key",
            )
            self.at.made("AWS::IAM::ServerCertificate")

    def stack_set(self) -> None:
        stacks, name = self.client("cloudformation"), f"{self.prefix}-guardrails"
        topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": f"{self.prefix}-guardrails"}}
        stacks.create_stack_set(
            StackSetName=name,
            Description="the same in each account",
            TemplateBody=compact({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Topic": topic}}),
            Tags=self.at.tags("guardrails"),
        )
        self.at.made("AWS::CloudFormation::StackSet")
