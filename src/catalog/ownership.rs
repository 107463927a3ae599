//! Who made a resource and would make it again.
//!
//! A controller leaves marks: a tag, a field, an entry in its list of resources. Acting on such a resource without its
//! owner is a fight that the owner wins.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value;

use crate::model::{GLOBAL, Owner, Resource};

/// Tag keys that name an owner in their value. Source: each service's documentation of the tags it sets.
///
/// The nearest maker comes first: a group of a stack hands the stack's tag on to the instances that it makes.
const TAGS: &[(&str, &str)] = &[
    ("aws:autoscaling:groupName", "auto-scaling-group"),
    ("aws:ec2:fleet-id", "ec2-fleet"),
    ("aws:ec2spot:fleet-request-id", "spot-fleet"),
    ("eks:nodegroup-name", "eks-nodegroup"),
    ("aws:cloudformation:stack-id", "cloudformation-stack"),
    ("aws:eks:cluster-name", "eks-cluster"),
    ("eks:cluster-name", "eks-cluster"),
    ("elasticbeanstalk:environment-id", "elastic-beanstalk-environment"),
    ("aws:elasticmapreduce:job-flow-id", "emr-cluster"),
    ("aws:ecs:serviceName", "ecs-service"),
    ("aws:ecs:clusterName", "ecs-cluster"),
    ("AWSBatchServiceTag", "batch"),
    ("aws:servicecatalog:provisionedProductArn", "service-catalog-product"),
    ("aws:backup:source-resource", "backup"),
    ("aws:dlm:lifecycle-policy-id", "dlm-policy"),
    ("aws:cloud9:environment", "cloud9-environment"),
    ("aws:secretsmanager:owningService", "aws-service"),
    ("karpenter.sh/nodepool", "karpenter"),
    ("karpenter.sh/provisioner-name", "karpenter"),
    ("elbv2.k8s.aws/cluster", "eks-cluster"),
    ("ingress.k8s.aws/stack", "kubernetes-ingress"),
    ("service.k8s.aws/stack", "kubernetes-service"),
    ("ebs.csi.aws.com/cluster", "kubernetes"),
    ("kubernetes.io/created-for/pvc/name", "kubernetes"),
    ("CreatedBy", "ec2-image-builder"),
    ("AmazonFSx", "fsx"),
];

/// Tag keys that carry the owner's name in themselves.
const TAG_PREFIXES: &[(&str, &str)] = &[("kubernetes.io/cluster/", "eks-cluster")];

/// The value that `CreatedBy` must have: people use that key too.
const IMAGE_BUILDER: &str = "EC2 Image Builder";

/// Names the owner of every resource that has one. A field that a collector read wins over tags, and a stack's own list
/// of its resources over nothing at all.
pub fn assign(resources: &mut [Resource]) {
    let members = stack_members(resources);
    let devices = devices_of_instances(resources);
    for (at, resource) in resources.iter_mut().enumerate().filter(|(_, resource)| resource.owner.is_none()) {
        let by_stack = || Some(Owner { kind: "cloudformation-stack".to_owned(), id: members.get(&at)?.clone() });
        resource.owner = by_instance(resource, &devices).or_else(|| by_tags(resource)).or_else(by_stack);
    }
}

/// (instance, device name) of the volumes that go when their instance goes.
fn devices_of_instances(resources: &[Resource]) -> HashSet<(String, String)> {
    let instances = resources.iter().filter(|resource| resource.type_name == "AWS::EC2::Instance");
    let mut devices = HashSet::new();
    for instance in instances {
        let mappings = instance.properties.get("BlockDeviceMappings").and_then(Value::as_array);
        for mapping in mappings.into_iter().flatten() {
            let goes = mapping.pointer("/Ebs/DeleteOnTermination").and_then(Value::as_bool) == Some(true);
            if let Some(device) = mapping.get("DeviceName").and_then(Value::as_str).filter(|_| goes) {
                devices.insert((instance.id.clone(), device.to_owned()));
            }
        }
    }
    devices
}

/// Volumes and network interfaces that were made with an instance and go with it.
fn by_instance(resource: &Resource, devices: &HashSet<(String, String)>) -> Option<Owner> {
    let text = |value: &Value, key: &str| Some(value.get(key)?.as_str()?.to_owned());
    let instance = match resource.type_name.as_str() {
        "AWS::EC2::Volume" => {
            let [attachment] = resource.properties.get("attachments")?.as_array()?.as_slice() else { return None };
            let instance = text(attachment, "InstanceId")?;
            devices.contains(&(instance.clone(), text(attachment, "Device")?)).then_some(instance)?
        }
        "AWS::EC2::NetworkInterface" => {
            let attachment = resource.properties.get("attachment")?;
            let goes = attachment.get("DeleteOnTermination").and_then(Value::as_bool) == Some(true);
            goes.then(|| text(attachment, "InstanceId"))??
        }
        _ => return None,
    };
    Some(Owner { kind: "ec2-instance".to_owned(), id: instance })
}

fn by_tags(resource: &Resource) -> Option<Owner> {
    let system = resource.observed.get("systemTags").and_then(Value::as_object);
    let tag = |key: &str| {
        let system = system.and_then(|tags| tags.get(key)).and_then(Value::as_str);
        system.or_else(|| resource.tags.get(key).map(String::as_str))
    };
    let owner = |kind: &str, id: &str| Owner { kind: kind.to_owned(), id: id.to_owned() };
    for (key, kind) in TAGS {
        if let Some(value) = tag(key) {
            let is_owner = *kind != "ec2-image-builder" || value == IMAGE_BUILDER;
            // A group's own launch template tag, or a stack's own tag, must not make it its own owner.
            let is_itself = resource.arn.as_deref() == Some(value) || resource.id == value;
            if is_owner && !is_itself {
                return Some(owner(kind, value));
            }
        }
    }
    TAG_PREFIXES.iter().find_map(|(prefix, kind)| {
        // `shared` marks what the cluster uses but did not make.
        resource.tags.iter().find_map(|(key, value)| {
            let name = key.strip_prefix(prefix)?;
            (value == "owned").then(|| owner(kind, name))
        })
    })
}

/// Resource (by its place) → stack ARN, from the stacks' own lists: the tag is missing on many types.
///
/// A stack calls its members by what `Ref` returns. Where that is neither id nor ARN (the address of an Elastic IP, the
/// name of a record set or stage) it may be said of more resources than the stack has of that name. Then those count that
/// are in something of the stack (the record's zone, the stage's API), and otherwise nobody can tell which it made.
fn stack_members(resources: &[Resource]) -> HashMap<usize, String> {
    let mut lists: HashMap<(&str, &str), Vec<(&str, &str)>> = HashMap::new();
    for stack in resources.iter().filter(|resource| resource.type_name == "AWS::CloudFormation::Stack") {
        let Some(list) = stack.observed.get("stackResources").and_then(Value::as_array) else { continue };
        for member in list {
            let text = |key| member.get(key).and_then(Value::as_str);
            if let (Some(kind), Some(id)) = (text("ResourceType"), text("PhysicalResourceId")) {
                let arn = stack.arn.as_deref().unwrap_or(&stack.id);
                lists.entry((kind, plain(id))).or_default().push((&stack.region, arn));
            }
        }
    }
    if lists.is_empty() {
        return HashMap::new();
    }
    let mut members: HashMap<usize, &str> = HashMap::new();
    let mut by_id: HashMap<&str, &str> = HashMap::new();
    let mut taken: HashSet<(&str, String)> = HashSet::new();
    let mut named: HashMap<_, Vec<usize>> = HashMap::new();
    for (at, resource) in resources.iter().enumerate() {
        let kind = resource.type_name.as_str();
        let listed = |id| lists.get(&(kind, id)).into_iter().flatten().find(|(region, _)| is_in(resource, region));
        // A rule of a bus of one's own is called by both names: `orders|nightly`, in the ARN `rule/orders/nightly`.
        let path = resource.arn.as_deref().and_then(|arn| Some(arn.split_once('/')?.1.replace('/', "|")));
        let ids = [Some(resource.id.as_str()), resource.arn.as_deref(), path.as_deref()];
        let mut ids = ids.into_iter().flatten().map(plain);
        if let Some((id, (_, stack))) = ids.find_map(|id| Some((id, listed(id)?))) {
            taken.insert((kind, id.to_owned()));
            by_id.insert(&resource.id, stack);
            members.insert(at, stack);
            continue;
        }
        let names = resource.name.as_deref().into_iter().chain(resource.id.split('|')).map(plain);
        for name in names.collect::<BTreeSet<&str>>() {
            if listed(name).is_some() {
                named.entry((kind, resource.region.as_str(), name)).or_default().push(at);
            }
        }
    }
    for ((kind, _, name), found) in
        named.iter().filter(|((kind, _, name), _)| !taken.contains(&(kind, (*name).to_owned())))
    {
        let here = |(region, _): &&(&str, &str)| found.iter().any(|at| is_in(&resources[*at], region));
        let listed: Vec<&str> = lists[&(*kind, *name)].iter().filter(here).map(|(_, stack)| *stack).collect();
        let stacks: BTreeSet<&str> = listed.iter().copied().collect();
        for stack in &stacks {
            let in_stack = |at: &&usize| resources[**at].id.split('|').any(|part| by_id.get(part) == Some(stack));
            let inside: Vec<usize> = found.iter().filter(in_stack).copied().collect();
            let meant = if inside.is_empty() && stacks.len() == 1 { found } else { &inside };
            if meant.len() <= listed.iter().filter(|listed| *listed == stack).count() {
                members.extend(meant.iter().map(|at| (*at, *stack)));
            }
        }
    }
    members.into_iter().map(|(at, stack)| (at, stack.to_owned())).collect()
}

/// Whether a stack of a region can have made a resource: a global one (a role) is made by a stack of some region.
fn is_in(resource: &Resource, region: &str) -> bool {
    resource.region == GLOBAL || resource.region == region
}

/// A name without the dot that ends the full names of DNS.
fn plain(name: &str) -> &str {
    name.trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Draft;
    use crate::catalog::mask::Masker;
    use crate::services::sqs::queue;

    fn queue(id: &str, tags: &[(&str, &str)]) -> Resource {
        let draft = Draft::new(id).tags(tags.iter().map(|(k, v)| (*k, *v)));
        draft.finish(&queue::SPEC, "eu-west-1", &Masker::new([0; 32]))
    }

    fn owner_of(tags: &[(&str, &str)]) -> Option<String> {
        let mut resources = [queue("q", tags)];
        assign(&mut resources);
        resources[0].owner.as_ref().map(|owner| format!("{} {}", owner.kind, owner.id))
    }

    #[test]
    fn tags_name_owners() {
        let stack = "arn:aws:cloudformation:eu-west-1:123456789012:stack/s/1";
        assert_eq!(owner_of(&[("aws:cloudformation:stack-id", stack)]), Some(format!("cloudformation-stack {stack}")));
        assert_eq!(owner_of(&[("kubernetes.io/cluster/prod", "owned")]), Some("eks-cluster prod".into()));
        assert_eq!(owner_of(&[("kubernetes.io/cluster/prod", "shared")]), None);
        assert_eq!(owner_of(&[("CreatedBy", "ann")]), None);
        assert_eq!(owner_of(&[("Team", "x")]), None);
    }

    #[test]
    fn the_nearest_maker_is_the_owner() {
        let stack = "arn:aws:cloudformation:eu-west-1:123456789012:stack/s/1";
        let both = [("aws:cloudformation:stack-id", stack), ("aws:autoscaling:groupName", "web")];
        assert_eq!(owner_of(&both), Some("auto-scaling-group web".into()));
    }

    #[test]
    fn what_goes_with_an_instance_is_the_instances() {
        let with = |type_name: &str, id: &str, properties: Value| {
            let mut resource = queue(id, &[]);
            resource.type_name = type_name.to_owned();
            resource.properties = properties.as_object().cloned().unwrap_or_default();
            resource
        };
        let attached = |device: &str| serde_json::json!({"attachments": [{"InstanceId": "i-1", "Device": device}]});
        let mappings = serde_json::json!({"BlockDeviceMappings": [
            {"DeviceName": "/dev/xvda", "Ebs": {"DeleteOnTermination": true}},
            {"DeviceName": "/dev/xvdb", "Ebs": {"DeleteOnTermination": false}},
        ]});
        let mut resources = [
            with("AWS::EC2::Instance", "i-1", mappings),
            with("AWS::EC2::Volume", "vol-a", attached("/dev/xvda")),
            with("AWS::EC2::Volume", "vol-b", attached("/dev/xvdb")),
            with(
                "AWS::EC2::NetworkInterface",
                "eni-a",
                serde_json::json!({"attachment": {"InstanceId": "i-1", "DeleteOnTermination": true}}),
            ),
            with(
                "AWS::EC2::NetworkInterface",
                "eni-b",
                serde_json::json!({"attachment": {"InstanceId": "i-1", "DeleteOnTermination": false}}),
            ),
        ];
        assign(&mut resources);
        let owned: Vec<bool> = resources.iter().map(|resource| resource.owner.is_some()).collect();
        assert_eq!(owned, [false, true, false, true, false]);
    }

    #[test]
    fn a_stacks_own_list_counts_where_no_tag_does() {
        let mut stack = queue("arn:stack", &[]);
        stack.type_name = "AWS::CloudFormation::Stack".into();
        stack.observed.insert(
            "stackResources".into(),
            serde_json::json!([{"LogicalResourceId": "Q", "ResourceType": "AWS::SQS::Queue", "PhysicalResourceId": "q"}]),
        );
        let mut elsewhere = queue("q", &[]);
        elsewhere.region = "us-east-1".into();
        let mut resources = [stack, queue("q", &[]), queue("other", &[]), elsewhere];
        assign(&mut resources);
        let owned: Vec<bool> = resources.iter().map(|resource| resource.owner.is_some()).collect();
        assert_eq!(owned, [false, true, false, false]);
    }

    #[test]
    fn a_rule_of_a_bus_is_called_by_both_names() {
        let mut stack = queue("arn:stack", &[]);
        stack.type_name = "AWS::CloudFormation::Stack".into();
        let listed = serde_json::json!({"ResourceType": "AWS::SQS::Queue", "PhysicalResourceId": "orders|nightly"});
        stack.observed.insert("stackResources".into(), [listed].into());
        let rule = |bus: &str| {
            let mut rule = queue(bus, &[]);
            rule.arn = Some(format!("arn:aws:events:eu-west-1:123456789012:rule/{bus}/nightly"));
            rule
        };
        let mut resources = [rule("orders"), rule("other"), stack];
        assign(&mut resources);
        assert_eq!(resources.map(|resource| resource.owner.is_some()), [true, false, false]);
    }

    /// A stack lists an Elastic IP by its address, a stage by its name: the address is one thing's, the name may be two's.
    #[test]
    fn what_a_stack_calls_by_name_is_its_own_only_where_one_has_that_name() {
        let owned = |ids: &[&str]| -> Vec<bool> {
            let mut stack = queue("arn:stack", &[]);
            stack.type_name = "AWS::CloudFormation::Stack".into();
            let listed = |id: &str| serde_json::json!({"ResourceType": "AWS::SQS::Queue", "PhysicalResourceId": id});
            stack.observed.insert("stackResources".into(), [listed("prod"), listed("192.0.2.1")].into());
            let mut resources: Vec<Resource> = ids.iter().map(|id| queue(id, &[])).chain([stack]).collect();
            assign(&mut resources);
            resources.iter().take(ids.len()).map(|resource| resource.owner.is_some()).collect()
        };
        assert_eq!(owned(&["192.0.2.1|eipalloc-1", "192.0.2.2|eipalloc-2"]), [true, false]);
        assert_eq!(owned(&["api1|prod", "api2|test"]), [true, false]);
        assert_eq!(owned(&["api1|prod", "api2|prod"]), [false, false]);
        assert_eq!(owned(&["prod", "api2|prod"]), [true, false]);
        // In something of the stack: here the address, which has a stage of that name, whatever that may be.
        assert_eq!(owned(&["192.0.2.1", "192.0.2.1|prod", "api2|prod"]), [true, true, false]);
    }
}
