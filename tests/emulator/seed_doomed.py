"""What the landing zone lacks, for the test of deletions: protections, and obstacles that a deletion clears away.

`emulator.rs` runs this with `client(service, region)` at hand, after the landing zone `doomed` was made.
"""

# ruff: noqa: F821

REGION = "eu-west-1"
ec2, iam, s3, rds = (client(name) for name in ("ec2", "iam", "s3", "rds"))


def named(kind, find, key):
    """The id of a thing of the landing zone, by its Name tag."""
    found = find(Filters=[{"Name": "tag:Name", "Values": [f"doomed-{kind}"]}])
    return next(item[key] for item in next(items for items in found.values() if isinstance(items, list)))


vpc = named("vpc", ec2.describe_vpcs, "VpcId")
subnet = named("data-a", ec2.describe_subnets, "SubnetId")

# A second network: peered with the first, and both on a transit gateway.
other = ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
there = ec2.create_subnet(VpcId=other, CidrBlock="10.99.1.0/24")["Subnet"]["SubnetId"]
peering = ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=other)["VpcPeeringConnection"]
ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering["VpcPeeringConnectionId"])
gateway = ec2.create_transit_gateway(Description="doomed")["TransitGateway"]["TransitGatewayId"]
ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=gateway, VpcId=other, SubnetIds=[there])
ec2.create_transit_gateway_route_table(TransitGatewayId=gateway)
ec2.create_subnet_cidr_reservation(SubnetId=there, Cidr="10.99.1.0/28", ReservationType="explicit")

# A subnet with the ACL of the landing zone, and an address on an interface of its own.
acl = next(
    acl
    for acl in ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"]
    if not acl["IsDefault"]
)
held = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["NetworkAcls"]
association = next(at for at in held[0]["Associations"] if at["SubnetId"] == subnet)
ec2.replace_network_acl_association(
    AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl["NetworkAclId"]
)
interface = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
address = ec2.allocate_address(Domain="vpc")["AllocationId"]
ec2.associate_address(AllocationId=address, NetworkInterfaceId=interface)

# Protections.
running = ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": ["doomed-app-1"]}])["Reservations"]
instance = running[0]["Instances"][0]["InstanceId"]
ec2.modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": True})
second = ec2.create_network_interface(SubnetId=running[0]["Instances"][0]["SubnetId"])["NetworkInterface"]
ec2.attach_network_interface(
    NetworkInterfaceId=second["NetworkInterfaceId"], InstanceId=instance, DeviceIndex=1
)
rds.modify_db_instance(DBInstanceIdentifier="doomed-main", DeletionProtection=True, ApplyImmediately=True)
rds.modify_db_cluster(DBClusterIdentifier="doomed-aurora", DeletionProtection=True)
tables = [name for name in client("dynamodb").list_tables()["TableNames"] if name.startswith("doomed-") and name != "doomed-stack"]
client("dynamodb").update_table(TableName=tables[0], DeletionProtectionEnabled=True)
elb = client("elbv2")
balancer = next(
    lb["LoadBalancerArn"] for lb in elb.describe_load_balancers()["LoadBalancers"] if "doomed" in lb["LoadBalancerName"]
)
elb.modify_load_balancer_attributes(
    LoadBalancerArn=balancer, Attributes=[{"Key": "deletion_protection.enabled", "Value": "true"}]
)

# A bucket with versions, delete markers, a locked object and an unfinished upload.
bucket = "doomed-locked-and-full"
s3.create_bucket(
    Bucket=bucket, ObjectLockEnabledForBucket=True, CreateBucketConfiguration={"LocationConstraint": REGION}
)
for number in range(3):
    s3.put_object(Bucket=bucket, Key="report", Body=b"%d" % number)
s3.put_object(
    Bucket=bucket, Key="kept", Body=b"x", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate="2099-01-01T00:00:00Z"
)
s3.delete_object(Bucket=bucket, Key="report")
s3.create_multipart_upload(Bucket=bucket, Key="half")
plain = "doomed-plain-and-full"
s3.create_bucket(Bucket=plain, CreateBucketConfiguration={"LocationConstraint": REGION})
for number in range(5):
    s3.put_object(Bucket=plain, Key=f"photo-{number}", Body=b"x")

# All that one can sign in with.
iam.create_access_key(UserName="doomed-alice")
iam.upload_ssh_public_key(UserName="doomed-alice", SSHPublicKeyBody="ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7 seed")
