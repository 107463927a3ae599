//! EKS clusters, each with its access entries and the roles of its pods.

use aws_sdk_eks::Client;
use aws_sdk_eks::types::{
    AuthenticationMode, Cluster, ClusterStatus, ConnectorConfigResponse, GatewayApiConfiguration,
};

use super::cluster_props::{
    access_config, compute_config, control_plane_scaling_config, encryption_config, kube_api_server_config,
    kube_controller_manager_config, kube_scheduler_config, kubernetes_network_config, logging, outpost_config,
    remote_network_config, storage_config, upgrade_policy, vpc_config, zonal_shift_config,
};
use super::{GONE, access, cluster_names, tags};
use crate::aws::{Absent, Call, CallError, Cx, Hands, vanished};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::{Resource, Step, Switches};

/// `AWS::EKS::Cluster`, with `AWS::EKS::AccessEntry` folded in as `accessEntries` and
/// `AWS::EKS::PodIdentityAssociation` as `podIdentityAssociations`. Three calls each, two per access entry and one per
/// association.
///
/// The schema has no place for `connectorConfig`, `gatewayApi` and `oidcIssuer`.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::EKS::Cluster",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("createdAt"),
    sets: &[
        "ComputeConfig.NodePools",
        "EncryptionConfig",
        "EncryptionConfig.*.Resources",
        "Logging.ClusterLogging.EnabledTypes",
        "OutpostConfig.OutpostArns",
        "RemoteNetworkConfig.RemoteNodeNetworks",
        "RemoteNetworkConfig.RemoteNodeNetworks.*.Cidrs",
        "RemoteNetworkConfig.RemotePodNetworks",
        "RemoteNetworkConfig.RemotePodNetworks.*.Cidrs",
        "ResourcesVpcConfig.PublicAccessCidrs",
        "ResourcesVpcConfig.SecurityGroupIds",
        "ResourcesVpcConfig.SubnetIds",
        "accessEntries",
        "accessEntries.*.AccessPolicies",
        "accessEntries.*.AccessPolicies.*.AccessScope.Namespaces",
        "accessEntries.*.KubernetesGroups",
        "podIdentityAssociations",
    ],
    secrets: &[],
    left_out: &[
        LeftOut { path: "cluster.name", why: "the name that was asked about" },
        LeftOut { path: "cluster.certificateAuthority.*", why: "the certificate of the API server" },
        LeftOut { path: "cluster.clientRequestToken", why: "made a repeated call harmless" },
        LeftOut {
            path: "cluster.kubeControllerManagerConfig.horizontalPodAutoscalerControllerConfig*",
            why: "the SDK does not know it",
        },
        LeftOut { path: "ListAccessEntries:accessEntries*", why: "the answer about each says it" },
        LeftOut { path: "cluster.connectorConfig.activation*", why: "lets a cluster register: a secret that expires" },
        LeftOut { path: "cluster.health.*", why: "run state" },
        LeftOut { path: "cluster.kubernetesNetworkConfig.serviceIpv6Cidr", why: "AWS chooses it; read-only" },
        LeftOut { path: "cluster.resourcesVpcConfig.vpcId", why: "its subnets say it" },
        LeftOut { path: "DescribeAccessEntry:accessEntry.accessEntryArn", why: "its principal says it" },
        LeftOut { path: "DescribeAccessEntry:accessEntry.clusterName", why: "the cluster that was asked about" },
        LeftOut { path: "DescribeAccessEntry:accessEntry.createdAt", why: "time of a part" },
        LeftOut { path: "DescribeAccessEntry:accessEntry.modifiedAt", why: "time of a change" },
        LeftOut { path: "DescribeAccessEntry:accessEntry.tags*", why: "tags of a part" },
        LeftOut { path: "ListAssociatedAccessPolicies:clusterName", why: "the cluster that was asked about" },
        LeftOut { path: "ListAssociatedAccessPolicies:principalArn", why: "the principal that was asked about" },
        LeftOut { path: "associatedAccessPolicies[].associatedAt", why: "time of a part" },
        LeftOut { path: "associatedAccessPolicies[].modifiedAt", why: "time of a change" },
        LeftOut { path: "ListPodIdentityAssociations:associations*", why: "the answer about each says it" },
        LeftOut { path: "association.clusterName", why: "the cluster that was asked about" },
        LeftOut { path: "association.associationArn", why: "an id that AWS chose" },
        LeftOut { path: "association.associationId", why: "an id that AWS chose" },
        LeftOut { path: "association.externalId", why: "an id that AWS chose" },
        LeftOut { path: "association.tags*", why: "tags of a part" },
        LeftOut { path: "association.createdAt", why: "time of a part" },
        LeftOut { path: "association.modifiedAt", why: "time of a change" },
    ],
    unmapped: &[
        Unmapped { path: "ActiveCertificateAuthorityId", why: "write-only: what an update should do" },
        Unmapped { path: "BootstrapSelfManagedAddons", why: "write-only: how the cluster began" },
        Unmapped { path: "Force", why: "write-only: what an update should do" },
        Unmapped {
            path: "KubeControllerManagerConfig.HorizontalPodAutoscalerControllerConfig",
            why: "the SDK does not know it",
        },
        Unmapped { path: "RollbackConfig", why: "write-only: what an update should do" },
        Unmapped { path: "Tags", why: "kept in `tags`" },
    ],
    edges: &[],
    read_actions: &[
        "eks:DescribeAccessEntry",
        "eks:DescribeCluster",
        "eks:DescribePodIdentityAssociation",
        "eks:ListAccessEntries",
        "eks:ListAssociatedAccessPolicies",
        "eks:ListClusters",
        "eks:ListPodIdentityAssociations",
    ],
    delete: Delete::Call(Recipe {
        operation: "DeleteCluster",
        actions: &["eks:DeleteCluster", "eks:UpdateClusterConfig"],
        gone: GONE,
        steps: Some(steps),
        run: |hands, step| Box::pin(run(hands, step)),
        protection: Some(protection),
        rank: 1,
        holds_data: false,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let eks: Client = cx.client();
    let names = cluster_names(cx).await?.iter().filter(|name| cx.wants(name)).cloned().collect();
    cx.each(names, |name| describe(cx, &eks, name)).await
}

async fn describe(cx: &Cx, eks: &Client, name: String) -> Result<Option<Draft>, CallError> {
    let answer = eks.describe_cluster().name(&name).send().await.at("eks:DescribeCluster").absent_if(GONE)?;
    let Some(cluster) = answer.and_then(|answer| answer.cluster) else { return Ok(None) };
    // A cluster that only knows its config map refuses to talk about access entries.
    let mode = cluster.access_config().and_then(|config| config.authentication_mode());
    let has_entries = !matches!(mode, None | Some(AuthenticationMode::ConfigMap));
    let entries = async { if has_entries { access::entries(cx, eks, &name).await } else { Ok(Vec::new()) } };
    let (entries, pods) = tokio::join!(entries, access::pod_identities(cx, eks, &name));
    let again = eks.describe_cluster().name(&name).send();
    let errors = [entries.as_ref().err(), pods.as_ref().err()];
    if vanished(errors, GONE, async { again.await.at("eks:DescribeCluster") }).await? {
        return Ok(None);
    }
    map(&name, &cluster).sub("accessEntries", entries)?.sub("podIdentityAssociations", pods).map(Some)
}

fn map(name: &str, cluster: &Cluster) -> Draft {
    let groups = cluster.resources_vpc_config().and_then(|config| config.cluster_security_group_id());
    let balancing = cluster.kubernetes_network_config().and_then(|config| config.elastic_load_balancing());
    Draft::new(name)
        .arn(cluster.arn())
        .name(name)
        .created(cluster.created_at())
        .tags(tags(cluster.tags()))
        .with("AccessConfig", cluster.access_config().map(access_config))
        .with("ComputeConfig", cluster.compute_config().map(compute_config))
        .with("ControlPlaneScalingConfig", cluster.control_plane_scaling_config().map(control_plane_scaling_config))
        .with("DeletionProtection", cluster.deletion_protection())
        .with("EncryptionConfig", each(cluster.encryption_config(), encryption_config))
        .with("KubeApiServerConfig", cluster.kube_api_server_config().map(kube_api_server_config))
        .with(
            "KubeControllerManagerConfig",
            cluster.kube_controller_manager_config().map(kube_controller_manager_config),
        )
        .with("KubeSchedulerConfig", cluster.kube_scheduler_config().map(kube_scheduler_config))
        .with("KubernetesNetworkConfig", cluster.kubernetes_network_config().map(kubernetes_network_config))
        .with("Name", name)
        .with("OutpostConfig", cluster.outpost_config().map(outpost_config))
        .with("RemoteNetworkConfig", cluster.remote_network_config().map(remote_network_config))
        .with("ResourcesVpcConfig", cluster.resources_vpc_config().map(vpc_config))
        .with("RoleArn", cluster.role_arn())
        .with("StorageConfig", cluster.storage_config().map(storage_config))
        .with("UpgradePolicy", cluster.upgrade_policy().map(upgrade_policy))
        .with("Version", cluster.version())
        .with("ZonalShiftConfig", cluster.zonal_shift_config().map(zonal_shift_config))
        .with("Logging", cluster.logging().map(logging))
        .with("connectorConfig", cluster.connector_config().map(connector_config))
        .with("gatewayApi", balancing.and_then(|balancing| balancing.gateway_api()).map(gateway_api))
        .with("oidcIssuer", cluster.identity().and_then(|identity| identity.oidc()?.issuer()))
        .observed("clusterSecurityGroupId", groups)
        .observed("endpoint", cluster.endpoint())
        .observed("id", cluster.id())
        .observed("platformVersion", cluster.platform_version())
        .observed("status", cluster.status().map(ClusterStatus::as_str))
}

fn connector_config(config: &ConnectorConfigResponse) -> Props {
    Props::new().with("Provider", config.provider()).with("RoleArn", config.role_arn())
}

fn gateway_api(config: &GatewayApiConfiguration) -> Props {
    Props::new().with("CrdsManaged", config.crds().and_then(aws_sdk_eks::types::CrdManagementConfiguration::managed))
}

fn protection(cluster: &Resource) -> Option<String> {
    let is_on = cluster.properties.get("DeletionProtection").and_then(serde_json::Value::as_bool) == Some(true);
    is_on.then(|| "deletionProtection".to_owned())
}

fn steps(cluster: &Resource, switches: &Switches) -> Vec<Step> {
    let mut steps = Vec::new();
    if protection(cluster).is_some() && switches.disable_protection {
        steps.push(Step::on_resource("eks:UpdateClusterConfig"));
    }
    steps.push(Step::on_resource("eks:DeleteCluster"));
    steps
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let eks: Client = hands.client();
    let now = hands.look("eks:DescribeCluster", eks.describe_cluster().name(hands.id()).send()).await?;
    let Some(cluster) = now.and_then(|answer| answer.cluster) else { return Ok(Progress::Done) };
    match (step.call.as_str(), cluster.status()) {
        (_, Some(ClusterStatus::Deleting)) => {}
        ("eks:UpdateClusterConfig", Some(ClusterStatus::Updating)) => {
            return Ok(Progress::Waiting("the cluster is being updated".to_owned()));
        }
        ("eks:UpdateClusterConfig", _) => {
            if cluster.deletion_protection() != Some(true) {
                return Ok(Progress::Done);
            }
            hands.call(step, eks.update_cluster_config().name(hands.id()).deletion_protection(false).send()).await?;
            return Ok(Progress::Waiting("deletion protection is being turned off".to_owned()));
        }
        _ => {
            if hands.call(step, eks.delete_cluster().name(hands.id()).send()).await?.is_none() {
                return Ok(Progress::Done);
            }
        }
    }
    Ok(Progress::Waiting("the cluster is being deleted".to_owned()))
}
