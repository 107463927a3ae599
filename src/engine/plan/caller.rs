//! The identity that runs this program, and all that it stands on: deleting any of it would saw off the branch.

use std::collections::HashMap;

use serde_json::Value;

use super::world::World;
use crate::model::Arn;

const ROLE: &str = "AWS::IAM::Role";
const USER: &str = "AWS::IAM::User";

/// The resources that the caller or the program itself needs, each with the reason.
pub(super) fn own(world: &World<'_>, caller: &str, own: &[String]) -> HashMap<usize, String> {
    let mut chain = Chain { world, by_arn: by_arn(world), found: HashMap::new(), session: "" };
    for (at, resource) in world.resources.iter().enumerate() {
        let names = [Some(resource.id.as_str()), resource.arn.as_deref(), resource.name.as_deref()];
        if names.into_iter().flatten().any(|name| own.iter().any(|own| own == name)) {
            chain.found.insert(at, "the program's own store".to_owned());
        }
    }
    let Ok(arn) = caller.parse::<Arn>() else { return chain.found };
    let mut parts = arn.resource.split('/');
    match (parts.next(), arn.resource.rsplit('/').next()) {
        // `assumed-role/NAME/SESSION`: the role's path is not told, and role names are unique in an account.
        (Some("assumed-role"), session) => {
            chain.session = session.unwrap_or_default();
            chain.principal(ROLE, parts.next().unwrap_or_default(), "the role in use");
        }
        (Some("role"), Some(name)) => chain.principal(ROLE, name, "the role in use"),
        (Some("user"), Some(name)) => chain.principal(USER, name, "the user who runs this"),
        _ => {}
    }
    chain.found
}

fn by_arn<'a>(world: &World<'a>) -> HashMap<&'a str, usize> {
    world.resources.iter().enumerate().filter_map(|(at, resource)| Some((resource.arn.as_deref()?, at))).collect()
}

struct Chain<'w, 'a> {
    world: &'w World<'a>,
    by_arn: HashMap<&'a str, usize>,
    found: HashMap<usize, String>,
    session: &'w str,
}

impl Chain<'_, '_> {
    fn principal(&mut self, type_name: &str, name: &str, why: &str) {
        let found = self.world.of_type(type_name).find(|at| self.world.resources[*at].label() == name);
        let mut queue: Vec<(usize, String)> = found.map(|at| (at, why.to_owned())).into_iter().collect();
        // Whoever may assume the role in use is protected too: one of them may have.
        while let Some((at, why)) = queue.pop() {
            if self.found.insert(at, why).is_some() {
                continue;
            }
            let resource = &self.world.resources[at];
            self.policies(at);
            if resource.type_name == USER {
                self.groups(at);
                continue;
            }
            self.carriers_of(at);
            let trusted = principals(resource.properties.get("AssumeRolePolicyDocument"));
            for arn in trusted {
                let Some(&trusted) = self.by_arn.get(arn) else { continue };
                let why = format!("trusted by {}", resource.label());
                if [ROLE, USER].contains(&self.world.resources[trusted].type_name.as_str()) {
                    queue.push((trusted, why));
                } else {
                    self.add(trusted, why);
                }
            }
        }
    }

    fn add(&mut self, at: usize, why: String) {
        self.found.entry(at).or_insert(why);
    }

    fn policies(&mut self, at: usize) {
        let properties = &self.world.resources[at].properties;
        let attached = strings(properties.get("ManagedPolicyArns"));
        let all = attached.into_iter().chain(properties.get("PermissionsBoundary").and_then(Value::as_str));
        let why = format!("policy of {}", self.world.resources[at].label());
        for policy in all {
            if let Some(&policy) = self.by_arn.get(policy) {
                self.add(policy, why.clone());
            }
        }
    }

    fn groups(&mut self, user: usize) {
        let names = strings(self.world.resources[user].properties.get("Groups"));
        for group in self.world.of_type("AWS::IAM::Group").collect::<Vec<_>>() {
            if names.contains(&self.world.resources[group].label()) {
                self.add(group, "group of the user who runs this".to_owned());
                self.policies(group);
            }
        }
    }

    /// Instance profiles of a role, and the instance or function that wears it: the session is called after it.
    fn carriers_of(&mut self, role: usize) {
        let role = &self.world.resources[role];
        for profile in self.world.of_type("AWS::IAM::InstanceProfile").collect::<Vec<_>>() {
            if strings(self.world.resources[profile].properties.get("Roles")).contains(&role.label()) {
                self.add(profile, format!("instance profile of {}", role.label()));
            }
        }
        let wearers = self.world.of_type("AWS::EC2::Instance").chain(self.world.of_type("AWS::Lambda::Function"));
        for wearer in wearers.collect::<Vec<_>>() {
            let resource = &self.world.resources[wearer];
            if !self.session.is_empty() && [resource.id.as_str(), resource.label()].contains(&self.session) {
                self.add(wearer, "this program runs on it".to_owned());
            }
        }
    }
}

fn strings(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// ARNs of principals and identity providers in a trust policy.
fn principals(policy: Option<&Value>) -> Vec<&str> {
    let statements = policy.and_then(|policy| policy.get("Statement")).and_then(Value::as_array);
    let principals = statements.into_iter().flatten().filter_map(|statement| statement.get("Principal"));
    principals.flat_map(|p| strings(p.get("AWS")).into_iter().chain(strings(p.get("Federated")))).collect()
}
