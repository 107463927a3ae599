//! Parts of a cluster's configuration.

use aws_sdk_eks::types::{
    AccessConfigResponse, AuthenticationMode, BlockStorage, ComputeConfigResponse, ControlPlaneEgressModeType,
    ControlPlanePlacementResponse, ControlPlaneScalingConfig, ElasticLoadBalancing, EncryptionConfig,
    EtcdPlacementResponse, IpFamily, KubeApiServerConfigResponse, KubeControllerManagerConfigResponse,
    KubeSchedulerConfigResponse, KubernetesNetworkConfigResponse, LogType, Logging, NodeResourcesFitConfig,
    OutpostConfigResponse, PodGcControllerConfigResponse, Provider, ProvisionedControlPlaneTier,
    RemoteNetworkConfigResponse, RemoteNodeNetwork, RemotePodNetwork, ResourceWeight, ScoringStrategy,
    ScoringStrategyType, ServiceNodePortRange, SpreadLevel, StorageConfigResponse, SupportType, UpgradePolicyResponse,
    VpcConfigResponse, ZonalShiftConfigResponse,
};

use crate::catalog::{Props, each};

pub(super) fn access_config(config: &AccessConfigResponse) -> Props {
    Props::new()
        .with("AuthenticationMode", config.authentication_mode().map(AuthenticationMode::as_str))
        .with("BootstrapClusterCreatorAdminPermissions", config.bootstrap_cluster_creator_admin_permissions())
}

pub(super) fn compute_config(config: &ComputeConfigResponse) -> Props {
    Props::new()
        .with("Enabled", config.enabled())
        .with("NodePools", config.node_pools())
        .with("NodeRoleArn", config.node_role_arn())
}

pub(super) fn control_plane_scaling_config(config: &ControlPlaneScalingConfig) -> Props {
    Props::new().with("Tier", config.tier().map(ProvisionedControlPlaneTier::as_str))
}

fn provider(provider: &Provider) -> Props {
    Props::new().with("KeyArn", provider.key_arn())
}

#[expect(deprecated, reason = "the schema has it, and AWS answers it")]
pub(super) fn encryption_config(config: &EncryptionConfig) -> Props {
    Props::new().with("Provider", config.provider().map(provider)).with("Resources", config.resources())
}

fn service_node_port_range(range: &ServiceNodePortRange) -> Props {
    Props::new().with("MaxPort", range.max_port()).with("MinPort", range.min_port())
}

pub(super) fn kube_api_server_config(config: &KubeApiServerConfigResponse) -> Props {
    Props::new()
        .with("EventTtl", config.event_ttl())
        .with("ServiceNodePortRange", config.service_node_port_range().map(service_node_port_range))
}

fn pod_gc_controller_config(config: &PodGcControllerConfigResponse) -> Props {
    Props::new().with("TerminatedPodGcThreshold", config.terminated_pod_gc_threshold())
}

pub(super) fn kube_controller_manager_config(config: &KubeControllerManagerConfigResponse) -> Props {
    Props::new().with("PodGcControllerConfig", config.pod_gc_controller_config().map(pod_gc_controller_config))
}

fn resource_weight(weight: &ResourceWeight) -> Props {
    Props::new().with("Name", weight.name()).with("Weight", weight.weight())
}

fn scoring_strategy(strategy: &ScoringStrategy) -> Props {
    Props::new()
        .with("Resources", each(strategy.resources(), resource_weight))
        .with("Type", strategy.r#type().map(ScoringStrategyType::as_str))
}

fn node_resources_fit_config(config: &NodeResourcesFitConfig) -> Props {
    Props::new().with("ScoringStrategy", config.scoring_strategy().map(scoring_strategy))
}

pub(super) fn kube_scheduler_config(config: &KubeSchedulerConfigResponse) -> Props {
    Props::new().with("NodeResourcesFit", config.node_resources_fit().map(node_resources_fit_config))
}

fn elastic_load_balancing(balancing: &ElasticLoadBalancing) -> Props {
    Props::new().with("Enabled", balancing.enabled())
}

pub(super) fn kubernetes_network_config(config: &KubernetesNetworkConfigResponse) -> Props {
    Props::new()
        .with("ElasticLoadBalancing", config.elastic_load_balancing().map(elastic_load_balancing))
        .with("IpFamily", config.ip_family().map(IpFamily::as_str))
        .with("ServiceIpv4Cidr", config.service_ipv4_cidr())
}

fn control_plane_placement(config: &ControlPlanePlacementResponse) -> Props {
    Props::new()
        .with("GroupName", config.group_name())
        .with("SpreadLevel", config.spread_level().map(SpreadLevel::as_str))
}

fn etcd_placement(config: &EtcdPlacementResponse) -> Props {
    Props::new().with("SpreadLevel", config.spread_level().map(SpreadLevel::as_str))
}

pub(super) fn outpost_config(config: &OutpostConfigResponse) -> Props {
    Props::new()
        .with("ControlPlaneInstanceType", config.control_plane_instance_type())
        .with("ControlPlanePlacement", config.control_plane_placement().map(control_plane_placement))
        .with("EtcdInstanceType", config.etcd_instance_type())
        .with("EtcdPlacement", config.etcd_placement().map(etcd_placement))
        .with("OutpostArns", config.outpost_arns())
}

fn remote_node_network(network: &RemoteNodeNetwork) -> Props {
    Props::new().with("Cidrs", network.cidrs())
}

fn remote_pod_network(network: &RemotePodNetwork) -> Props {
    Props::new().with("Cidrs", network.cidrs())
}

pub(super) fn remote_network_config(config: &RemoteNetworkConfigResponse) -> Props {
    Props::new()
        .with("RemoteNodeNetworks", each(config.remote_node_networks(), remote_node_network))
        .with("RemotePodNetworks", each(config.remote_pod_networks(), remote_pod_network))
}

pub(super) fn vpc_config(config: &VpcConfigResponse) -> Props {
    Props::new()
        .with("ControlPlaneEgressMode", config.control_plane_egress_mode().map(ControlPlaneEgressModeType::as_str))
        .with("EndpointPrivateAccess", config.endpoint_private_access())
        .with("EndpointPublicAccess", config.endpoint_public_access())
        .with("PublicAccessCidrs", config.public_access_cidrs())
        .with("SecurityGroupIds", config.security_group_ids())
        .with("SubnetIds", config.subnet_ids())
}

fn block_storage(storage: &BlockStorage) -> Props {
    Props::new().with("Enabled", storage.enabled())
}

pub(super) fn storage_config(config: &StorageConfigResponse) -> Props {
    Props::new().with("BlockStorage", config.block_storage().map(block_storage))
}

pub(super) fn upgrade_policy(config: &UpgradePolicyResponse) -> Props {
    Props::new().with("SupportType", config.support_type().map(SupportType::as_str))
}

pub(super) fn zonal_shift_config(config: &ZonalShiftConfigResponse) -> Props {
    Props::new().with("Enabled", config.enabled())
}

/// The logs of the control plane that are switched on.
pub(super) fn logging(logging: &Logging) -> Props {
    let enabled = logging.cluster_logging().iter().filter(|setup| setup.enabled() == Some(true));
    let types = enabled
        .flat_map(aws_sdk_eks::types::LogSetup::types)
        .map(|log| Props::new().with("Type", LogType::as_str(log)));
    Props::new().with("ClusterLogging", Props::new().with("EnabledTypes", types.collect::<Vec<_>>()))
}
