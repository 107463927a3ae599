"""The edge of the landing zone, in one region: APIs, DNS, content delivery, certificates, firewalls and sign-in."""

from __future__ import annotations

from typing import Any

from seed_common import SECRET, Account


class Edge:
    """One of each type, all in `region`; what is global is made through it as well."""

    def __init__(self, account: Account, region: str) -> None:
        self.at, self.region, self.prefix = account, region, account.prefix
        self.certificate = ""
        self.domain = f"{account.prefix}.example.com"

    def client(self, service: str) -> Any:
        return self.at.client(service, self.region)

    def stages(self) -> list[Any]:
        """What has to wait for what; each stage is one step."""
        return [self.certificates, self.apis, self.delivery, self.network]

    def run(self) -> None:
        for stage in self.stages():
            stage()

    def certificates(self) -> None:
        acm, route53 = self.client("acm"), self.client("route53")
        self.certificate = acm.request_certificate(
            DomainName=f"{self.domain}",
            ValidationMethod="DNS",
            SubjectAlternativeNames=[f"www.{self.domain}"],
            Tags=self.at.tags("shop"),
        )["CertificateArn"]
        self.at.made("AWS::CertificateManager::Certificate")
        zone = route53.create_hosted_zone(
            Name=f"{self.domain}",
            CallerReference=f"{self.prefix}-shop",
            HostedZoneConfig={"Comment": "the shop", "PrivateZone": False},
        )["HostedZone"]["Id"].rsplit("/", 1)[-1]
        route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone, AddTags=self.at.tags("shop"))
        records: list[dict[str, Any]] = [
            {"Name": f"www.{self.domain}", "Type": "A", "TTL": 300, "ResourceRecords": [{"Value": "203.0.113.10"}]},
            {
                "Name": f"*.{self.domain}",
                "Type": "CNAME",
                "TTL": 60,
                "SetIdentifier": "blue",
                "Weight": 10,
                "ResourceRecords": [{"Value": f"www.{self.domain}"}],
            },
        ]
        changes = [{"Action": "CREATE", "ResourceRecordSet": record} for record in records]
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
        self.at.made("AWS::Route53::HostedZone")
        self.at.made("AWS::Route53::RecordSet", len(records))

    def apis(self) -> None:
        rest = self.client("apigateway")
        api = rest.create_rest_api(
            name=f"{self.prefix}-orders", description="orders", tags=self.at.tag_map("orders")
        )["id"]
        root = rest.get_resources(restApiId=api)["items"][0]["id"]
        orders = rest.create_resource(restApiId=api, parentId=root, pathPart="orders")["id"]
        rest.put_method(restApiId=api, resourceId=orders, httpMethod="GET", authorizationType="NONE")
        rest.put_method_response(restApiId=api, resourceId=orders, httpMethod="GET", statusCode="200")
        rest.put_integration(
            restApiId=api,
            resourceId=orders,
            httpMethod="GET",
            type="HTTP",
            integrationHttpMethod="GET",
            uri="https://orders.example.com",
            requestParameters={"integration.request.header.x-key": f"'{SECRET}-backend'"},
        )
        rest.put_integration_response(restApiId=api, resourceId=orders, httpMethod="GET", statusCode="200")
        deployment = rest.create_deployment(restApiId=api)["id"]
        rest.create_stage(
            restApiId=api,
            stageName="prod",
            deploymentId=deployment,
            variables={"backend": f"{SECRET}-variable"},
            tags=self.at.tag_map("prod"),
        )
        key = rest.create_api_key(name=f"{self.prefix}-partner", enabled=True, value=f"{SECRET}-api-key-{self.prefix}-0123456789")["id"]
        plan = rest.create_usage_plan(
            name=f"{self.prefix}-partners",
            apiStages=[{"apiId": api, "stage": "prod"}],
            quota={"limit": 1000, "period": "DAY"},
            throttle={"burstLimit": 10, "rateLimit": 5.0},
        )["id"]
        rest.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
        rest.create_domain_name(
            domainName=f"api.{self.domain}",
            certificateArn=self.certificate,
            endpointConfiguration={"types": ["EDGE"]},
        )
        rest.create_base_path_mapping(domainName=f"api.{self.domain}", basePath="orders", restApiId=api, stage="prod")
        for kind in ("RestApi", "Stage", "ApiKey", "UsagePlan", "DomainName"):
            self.at.made(f"AWS::ApiGateway::{kind}")

        http = self.client("apigatewayv2")
        web = http.create_api(Name=f"{self.prefix}-web", ProtocolType="HTTP", Tags=self.at.tag_map("web"))["ApiId"]
        target = http.create_integration(
            ApiId=web,
            IntegrationType="HTTP_PROXY",
            IntegrationMethod="GET",
            IntegrationUri="https://web.example.com",
            PayloadFormatVersion="1.0",
        )["IntegrationId"]
        http.create_route(ApiId=web, RouteKey="GET /", Target=f"integrations/{target}")
        http.create_stage(ApiId=web, StageName="$default", AutoDeploy=True)
        self.at.made("AWS::ApiGatewayV2::Api")

        cognito = self.client("cognito-idp")
        pool = cognito.create_user_pool(
            PoolName=f"{self.prefix}-customers", UserPoolTags=self.at.tag_map("customers"), DeletionProtection="ACTIVE"
        )["UserPool"]["Id"]
        cognito.create_user_pool_client(UserPoolId=pool, ClientName="web", GenerateSecret=True)
        cognito.create_group(UserPoolId=pool, GroupName="staff")
        self.at.made("AWS::Cognito::UserPool")

    def delivery(self) -> None:
        cloudfront = self.client("cloudfront")
        control = cloudfront.create_origin_access_control(
            OriginAccessControlConfig={
                "Name": f"{self.prefix}-assets",
                "Description": "",
                "SigningProtocol": "sigv4",
                "SigningBehavior": "always",
                "OriginAccessControlOriginType": "s3",
            }
        )["OriginAccessControl"]["Id"]
        cloudfront.create_distribution_with_tags(
            DistributionConfigWithTags={
                "DistributionConfig": {
                    "CallerReference": f"{self.prefix}-assets",
                    "Comment": "assets",
                    "Enabled": True,
                    "Origins": {
                        "Quantity": 1,
                        "Items": [
                            {
                                "Id": "assets",
                                "DomainName": f"{self.prefix}-assets.s3.amazonaws.com",
                                "OriginAccessControlId": control,
                                "S3OriginConfig": {"OriginAccessIdentity": ""},
                                "CustomHeaders": {
                                    "Quantity": 1,
                                    "Items": [{"HeaderName": "x-origin", "HeaderValue": f"{SECRET}-origin"}],
                                },
                            }
                        ],
                    },
                    "DefaultCacheBehavior": {
                        "TargetOriginId": "assets",
                        "ViewerProtocolPolicy": "redirect-to-https",
                        "MinTTL": 0,
                        "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
                    },
                },
                "Tags": {"Items": self.at.tags("assets")},
            }
        )
        self.at.made("AWS::CloudFront::OriginAccessControl")
        self.at.made("AWS::CloudFront::Distribution")

        waf = self.client("wafv2")
        visible = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "edge"}
        addresses = waf.create_ip_set(
            Name=f"{self.prefix}-office",
            Scope="REGIONAL",
            IPAddressVersion="IPV4",
            Addresses=["203.0.113.0/24"],
            Tags=self.at.tags("office"),
        )["Summary"]["ARN"]
        rule = {
            "Name": "office",
            "Priority": 1,
            "Statement": {"IPSetReferenceStatement": {"ARN": addresses}},
            "Action": {"Allow": {}},
            "VisibilityConfig": visible,
        }
        waf.create_rule_group(
            Name=f"{self.prefix}-rules", Scope="REGIONAL", Capacity=10, Rules=[rule], VisibilityConfig=visible
        )
        waf.create_web_acl(
            Name=f"{self.prefix}-edge",
            Scope="REGIONAL",
            DefaultAction={"Block": {}},
            Rules=[rule],
            VisibilityConfig=visible,
            Tags=self.at.tags("edge"),
        )
        for kind in ("IPSet", "RuleGroup", "WebACL"):
            self.at.made(f"AWS::WAFv2::{kind}")

    def network(self) -> None:
        ec2, elb = self.client("ec2"), self.client("elb")
        vpc = ec2.create_vpc(CidrBlock="10.250.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.250.1.0/24")["Subnet"]["SubnetId"]
        ec2.create_dhcp_options(
            DhcpConfigurations=[
                {"Key": "domain-name", "Values": ["shop.internal"]},
                {"Key": "domain-name-servers", "Values": ["10.250.0.2"]},
            ]
        )
        ec2.create_egress_only_internet_gateway(VpcId=vpc)
        gateway = ec2.create_vpn_gateway(Type="ipsec.1", AmazonSideAsn=65100)["VpnGateway"]["VpnGatewayId"]
        ec2.attach_vpn_gateway(VpnGatewayId=gateway, VpcId=vpc)
        transit = ec2.create_transit_gateway(Description="edge")["TransitGateway"]["TransitGatewayId"]
        ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=transit, VpcId=vpc, SubnetIds=[subnet])
        elb.create_load_balancer(
            LoadBalancerName=f"{self.prefix}-classic",
            Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 8080}],
            Subnets=[subnet],
            Scheme="internal",
            Tags=self.at.tags("classic"),
        )
        for kind in ("VPC", "Subnet", "DHCPOptions", "EgressOnlyInternetGateway", "VPNGateway", "TransitGateway"):
            self.at.made(f"AWS::EC2::{kind}")
        self.at.made("AWS::EC2::TransitGatewayAttachment")
        self.at.made("AWS::ElasticLoadBalancing::LoadBalancer")
