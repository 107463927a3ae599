"""The part of the landing zone that exists once per account: identities and buckets."""

from __future__ import annotations

from contextlib import suppress

from seed_common import SECRET, Account, allow, compact, trust_of


class Global:
    """Identities and buckets, which exist once per account."""

    def __init__(self, account: Account, regions: list[str]) -> None:
        self.at, self.regions, self.prefix = account, regions, account.prefix
        self.iam = account.client("iam", "us-east-1")

    def identities(self) -> None:
        iam, tags = self.iam, self.at.tags
        path = f"/{self.prefix}/"
        policies = {}
        for name, first, second in (
            ("read-only", allow("s3:Get*"), allow("s3:Get*", "s3:List*")),
            ("deploy", allow("cloudformation:*"), allow("cloudformation:*", "iam:PassRole")),
            ("boundary", allow("*"), allow("s3:*", "sqs:*", "dynamodb:*", "logs:*")),
        ):
            arn = iam.create_policy(
                PolicyName=f"{self.prefix}-{name}", Path=path, PolicyDocument=first, Tags=tags(name)
            )["Policy"]["Arn"]
            iam.create_policy_version(PolicyArn=arn, PolicyDocument=second, SetAsDefault=True)
            policies[name] = arn
            self.at.made("AWS::IAM::ManagedPolicy")

        for name, service in (
            ("lambda", "lambda.amazonaws.com"),
            ("instance", "ec2.amazonaws.com"),
            ("flow", "vpc-flow-logs.amazonaws.com"),
            ("events", "events.amazonaws.com"),
            ("deploy", "cloudformation.amazonaws.com"),
        ):
            role = f"{self.prefix}-{name}"
            iam.create_role(
                RoleName=role,
                Path=path,
                AssumeRolePolicyDocument=trust_of(service),
                Description=f"{name} role",
                PermissionsBoundary=policies["boundary"],
                Tags=tags(name),
            )
            iam.put_role_policy(
                RoleName=role, PolicyName="inline", PolicyDocument=allow("logs:CreateLogStream", "logs:PutLogEvents")
            )
            iam.attach_role_policy(RoleName=role, PolicyArn=policies["deploy" if name == "deploy" else "read-only"])
            self.at.made("AWS::IAM::Role")
        with suppress(iam.exceptions.ClientError):  # a second landing zone finds it
            iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
        iam.create_instance_profile(InstanceProfileName=f"{self.prefix}-instance", Path=path, Tags=tags("instance"))
        iam.add_role_to_instance_profile(
            InstanceProfileName=f"{self.prefix}-instance", RoleName=f"{self.prefix}-instance"
        )

        for name in ("developers", "auditors"):
            group = f"{self.prefix}-{name}"
            iam.create_group(GroupName=group, Path=path)
            iam.attach_group_policy(GroupName=group, PolicyArn=policies["read-only"])
            iam.put_group_policy(GroupName=group, PolicyName="inline", PolicyDocument=allow("sts:GetCallerIdentity"))
            self.at.made("AWS::IAM::Group")
        for name, group in (("alice", "developers"), ("bob", "auditors"), ("ci", "developers")):
            user = f"{self.prefix}-{name}"
            iam.create_user(UserName=user, Path=path, Tags=tags(name))
            iam.add_user_to_group(UserName=user, GroupName=f"{self.prefix}-{group}")
            if name == "ci":
                iam.create_access_key(UserName=user)
                iam.put_user_policy(UserName=user, PolicyName="inline", PolicyDocument=allow("ecr:*"))
                iam.attach_user_policy(UserName=user, PolicyArn=policies["deploy"])
            else:
                iam.create_login_profile(UserName=user, Password=f"{SECRET}-Login-{name}-1!")
                device = iam.create_virtual_mfa_device(VirtualMFADeviceName=user)["VirtualMFADevice"]["SerialNumber"]
                iam.enable_mfa_device(
                    UserName=user, SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321"
                )
            self.at.made("AWS::IAM::User")
        with suppress(iam.exceptions.ClientError):  # as above
            iam.create_open_id_connect_provider(
                Url="https://token.actions.githubusercontent.com",
                ClientIDList=["sts.amazonaws.com"],
                ThumbprintList=["6938fd4d98bab03faadb97b34396831e3780aea1"],
            )
        for kind in ("ServiceLinkedRole", "InstanceProfile", "OIDCProvider"):
            self.at.made(f"AWS::IAM::{kind}")

    def bucket(self, region: str, kind: str) -> None:
        """A bucket: `logs` is the plain one, `data` has every kind of sub-resource, `web` is a site."""
        s3 = self.at.client("s3", region)
        name = f"{self.prefix}-{kind}-{self.at.account}-{region}"
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=kind == "data", **place)
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": self.at.tags(kind)})
        s3.put_bucket_encryption(
            Bucket=name,
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": True}]
            },
        )
        s3.put_bucket_ownership_controls(
            Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
        )
        self.at.made("AWS::S3::Bucket")
        if kind == "web":
            s3.put_bucket_website(
                Bucket=name,
                WebsiteConfiguration={
                    "IndexDocument": {"Suffix": "index.html"},
                    "ErrorDocument": {"Key": "error.html"},
                },
            )
            s3.put_bucket_cors(
                Bucket=name,
                CORSConfiguration={
                    "CORSRules": [
                        {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://example.com"], "MaxAgeSeconds": 300}
                    ]
                },
            )
            return
        block = dict.fromkeys(
            ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
        )
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
        if kind == "logs":
            s3.put_bucket_acl(Bucket=name, ACL="log-delivery-write")
            return
        logs = f"{self.prefix}-logs-{self.at.account}-{region}"
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        statement = {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        s3.put_bucket_policy(Bucket=name, Policy=compact({"Version": "2012-10-17", "Statement": [statement]}))
        s3.put_bucket_lifecycle_configuration(
            Bucket=name,
            LifecycleConfiguration={
                "Rules": [
                    {
                        "ID": "archive",
                        "Status": "Enabled",
                        "Filter": {"Prefix": "old/"},
                        "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}],
                        "Expiration": {"Days": 3650},
                    }
                ]
            },
        )
        s3.put_bucket_logging(
            Bucket=name, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": logs, "TargetPrefix": "data/"}}
        )
        s3.put_object_lock_configuration(
            Bucket=name,
            ObjectLockConfiguration={
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}},
            },
        )
        s3.put_bucket_replication(
            Bucket=name,
            ReplicationConfiguration={
                "Role": f"arn:aws:iam::{self.at.account}:role/{self.prefix}/{self.prefix}-deploy",
                "Rules": [
                    {
                        "ID": "copy",
                        "Status": "Enabled",
                        "Priority": 1,
                        "Filter": {"Prefix": ""},
                        "DeleteMarkerReplication": {"Status": "Disabled"},
                        "Destination": {"Bucket": f"arn:aws:s3:::{self.prefix}-data-{self.at.account}-us-east-1"},
                    }
                ],
            },
        )
        s3.put_bucket_accelerate_configuration(Bucket=name, AccelerateConfiguration={"Status": "Suspended"})
        s3.put_bucket_notification_configuration(
            Bucket=name,
            NotificationConfiguration={
                "QueueConfigurations": [
                    {
                        "Id": "jobs",
                        "QueueArn": f"arn:aws:sqs:{region}:{self.at.account}:{self.prefix}-jobs",
                        "Events": ["s3:ObjectCreated:*"],
                    }
                ]
            },
        )
        s3.put_bucket_inventory_configuration(
            Bucket=name,
            Id="weekly",
            InventoryConfiguration={
                "Id": "weekly",
                "IsEnabled": True,
                "IncludedObjectVersions": "Current",
                "Schedule": {"Frequency": "Weekly"},
                "Destination": {"S3BucketDestination": {"Bucket": f"arn:aws:s3:::{logs}", "Format": "CSV"}},
            },
        )

    def buckets(self, region: str) -> None:
        for kind in ("logs", "web", "data"):
            self.bucket(region, kind)
