//! One contract for every resource type.
//!
//! Each type's collector runs against complete synthetic answers (`replay`). Every field that AWS can answer is changed
//! in turn: it must change the resource, or be declared as left out with a reason. What the specs claim is checked
//! against what happens, so a claim that has become false fails as well.
//!
//! `AWS_BASELINE_TYPES=AWS::SQS::*,AWS::EC2::VPC` limits the suite to some types.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_baseline::aws::{Aws, CallError, Cx, ErrorClass};
use aws_baseline::catalog::canon::path_matches;
use aws_baseline::catalog::mask::{self, Masker};
use aws_baseline::catalog::{self, Created, Delete, TypeSpec, schema};
use aws_baseline::model::{Arn, Resource, ResourceKey};
use serde_json::Value;

use crate::replay::{ANSWERS, OperationId, Replay, Twist};

/// A token that no field of AWS may carry into a snapshot, whatever the field is called.
const SECRET: &str = "ghp_0123456789abcdefghij0123456789ABCDEF";

/// Fields that change while nobody changes anything: use, load, progress. None of them may reach a hash, of no type.
///
/// Names that are configuration elsewhere (`State`, `Status`, `DesiredCapacity`) are held to it type by type, by the
/// specs and their tests.
const NOISE: &[&str] = &[
    "AcceptedRouteCount",
    "ActivityStreamStatus",
    "AllocatedProvisionedConcurrentExecutions",
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "AttachmentCount",
    "AvailableIpAddressCount",
    "CodeSize",
    "ConsumerCount",
    "EventCount",
    "FailureReason",
    "HealthStatus",
    "IndexSizeBytes",
    "ItemCount",
    "LastAccessedDate",
    "LastAuthorizedTime",
    "LastChangedDate",
    "LastCheckTimestamp",
    "LastDeploymentStatusMessage",
    "LastDriftCheckTimestamp",
    "LastExecutionDate",
    "LastFailureMessage",
    "LastFailureTime",
    "LastLaunchedTime",
    "LastModificationDate",
    "LastModified",
    "LastModifiedDate",
    "LastModifiedTime",
    "LastModifiedTimestamp",
    "LastOperationId",
    "LastProcessingResult",
    "LastRotatedDate",
    "LastStatusChange",
    "LastSuccessfulDeliveryTime",
    "LastUpdateStatus",
    "LastUpdateStatusReason",
    "LastUpdatedDate",
    "LastUpdatedTime",
    "LastUpdatedTimestamp",
    "LastUsedDate",
    "LatestCloudWatchLogsDeliveryTime",
    "LatestDeliveryError",
    "LatestDeliveryTime",
    "LatestRestorableDateTime",
    "LatestRestorableTime",
    "LaunchTime",
    "NumberOfMountTargets",
    "PercentProgress",
    "PermissionsBoundaryUsageCount",
    "Progress",
    "ProgressPercentage",
    "ResourceRecordSetCount",
    "RevisionId",
    "StackStatusReason",
    "StateReason",
    "StateReasonCode",
    "StateReasonData",
    "StateTransitionReason",
    "StateUpdatedTimestamp",
    "StateValue",
    "StatusReason",
    "SubscriptionsConfirmed",
    "SubscriptionsPending",
    "TableSizeBytes",
    "TotalStorageCapacityInMegaBytes",
    "UpdatedAt",
    "activeServicesCount",
    "lastErrorCode",
    "lastErrorMessage",
    "lastEvaluatedAt",
    "lastModified",
    "lastStatusChange",
    "lastUpdatedDate",
    "metricFilterCount",
    "pendingCount",
    "pendingTasksCount",
    "registeredContainerInstancesCount",
    "rolloutStateReason",
    "runningCount",
    "runningTasksCount",
    "storedBytes",
    "updateDate",
    "updatedAt",
];

pub fn selected() -> Vec<&'static TypeSpec> {
    let wanted = std::env::var("AWS_BASELINE_TYPES").unwrap_or_else(|_| "*".to_owned());
    let wanted: Vec<&str> = wanted.split(',').collect();
    let matches = |name: &str| {
        wanted.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *pattern,
        })
    };
    catalog::all().into_iter().filter(|spec| matches(spec.name)).collect()
}

/// One type on the bench.
struct Bench {
    spec: &'static TypeSpec,
    replay: Replay,
    aws: Arc<Aws>,
    problems: Vec<String>,
}

/// Which leaves of which operations some type maps or leaves out.
#[derive(Default)]
struct Leaves {
    asked: BTreeSet<OperationId>,
    handled: BTreeSet<(OperationId, String)>,
    noise: BTreeSet<&'static str>,
    unhandled: BTreeMap<(OperationId, String), &'static str>,
}

impl Bench {
    async fn new(spec: &'static TypeSpec) -> Self {
        let replay = Replay::default();
        let aws = replay.session().await;
        Bench { spec, replay, aws, problems: Vec::new() }
    }

    fn complain(&mut self, problem: impl AsRef<str>) {
        self.problems.push(format!("{}: {}", self.spec.name, problem.as_ref()));
    }

    /// Lists the type in the home region under a twist.
    async fn list(&self, twist: Option<Twist>) -> Result<Vec<Resource>, CallError> {
        self.replay.twist(twist);
        self.list_in(Cx::new(self.aws.clone())).await
    }

    async fn list_in(&self, cx: Cx) -> Result<Vec<Resource>, CallError> {
        let region = cx.region().to_owned();
        let masker = Masker::new([7; 32]);
        let drafts = (self.spec.list)(&cx).await?;
        let mut resources: Vec<Resource> =
            drafts.into_iter().map(|draft| draft.finish(self.spec, &region, &masker)).collect();
        resources.sort_by(|a, b| a.key().cmp(&b.key()));
        Ok(resources)
    }

    async fn run(mut self) -> (Vec<String>, Leaves) {
        let mut leaves = Leaves::default();
        let resources = match self.list(None).await {
            Ok(resources) => resources,
            Err(error) => {
                let missing = self.replay.missing();
                self.complain(format!("does not list: {error}; no answers for {missing:?}"));
                return (self.problems, leaves);
            }
        };
        let asked = self.replay.asked();
        leaves.asked = asked.iter().map(|(id, _)| id.clone()).collect();
        self.pages(&asked, &resources);
        self.shapes(&resources);
        self.coverage(&resources);
        self.secrets(&resources);
        self.leaves(&resources, &mut leaves).await;
        self.errors(&resources, &leaves.asked).await;
        self.gone(&resources, &leaves.asked).await;
        self.one(&resources).await;
        (self.problems, leaves)
    }

    fn pages(&mut self, asked: &BTreeSet<(OperationId, usize)>, resources: &[Resource]) {
        if resources.is_empty() {
            self.complain("lists nothing");
        }
        for (id, _) in asked.iter().filter(|(_, page)| *page == 0) {
            let second = ANSWERS[&id.0].operations[&id.1].leaves.iter().any(|leaf| leaf.page == 1);
            if second && !asked.contains(&(id.clone(), 1)) {
                self.complain(format!("{} stops after the first page", id.1));
            }
        }
        let keys: BTreeSet<_> = resources.iter().map(Resource::key).collect();
        if keys.len() != resources.len() {
            self.complain("lists a resource twice");
        }
    }

    fn shapes(&mut self, resources: &[Resource]) {
        for resource in resources {
            if resource.id.is_empty() {
                self.complain("has no id");
            }
            if resource.arn.as_ref().is_some_and(|arn| arn.parse::<Arn>().is_err()) {
                self.complain(format!("{:?} is no ARN", resource.arn));
            }
            let Some(facts) = schema::facts(self.spec.name) else { continue };
            for misfit in facts.misfits(&resource.properties) {
                self.complain(format!("{}: {}", misfit.path, misfit.problem));
            }
            for path in present(&resource.properties) {
                if path.starts_with(|first: char| first.is_ascii_uppercase()) && facts.is_read_only(&path) {
                    self.complain(format!("{path} is read-only and must not be hashed"));
                }
            }
            let parts: Option<Vec<&str>> =
                facts.primary_identifier.iter().map(|name| resource.properties.get(name)?.as_str()).collect();
            if let Some(parts) = parts.filter(|parts| parts.join("|") != resource.id) {
                self.complain(format!("id {} is not its primary identifier {parts:?}", resource.id));
            }
        }
        let dated = resources.iter().any(|resource| resource.created_at.is_some());
        if dated != matches!(self.spec.created, Created::Field(_)) {
            self.complain(format!("says {:?}, and created_at is {dated}", self.spec.created));
        }
        let reasons = self.spec.left_out.iter().map(|left| left.why).chain(self.spec.unmapped.iter().map(|un| un.why));
        if reasons.chain(self.spec.edges.iter().map(|edge| edge.why)).any(|why| why.trim().len() < 4) {
            self.complain("leaves something out without a reason");
        }
        match self.spec.delete {
            Delete::Call(recipe) if recipe.actions.is_empty() || recipe.rank > 9 => self.complain("has half a recipe"),
            Delete::Never("") => self.complain("is never deleted without a reason"),
            _ => {}
        }
    }

    /// Every settable property is mapped, or declared with a reason.
    fn coverage(&mut self, resources: &[Resource]) {
        let Some(facts) = schema::facts(self.spec.name) else { return };
        let mapped: BTreeSet<String> = resources.iter().flat_map(|resource| present(&resource.properties)).collect();
        let settable = facts.settable();
        for path in &settable {
            let declared = self.spec.unmapped.iter().any(|un| under(un.path, path));
            if !declared && !is_mapped(&mapped, path) {
                self.complain(format!("settable {path} is neither mapped nor declared in `unmapped`"));
            }
        }
        for un in self.spec.unmapped {
            let of_tags = facts.tagging.property.as_deref().is_some_and(|tags| under(tags, un.path));
            if !of_tags && !settable.iter().any(|path| under(un.path, path)) {
                self.complain(format!("`unmapped` {} is no settable property", un.path));
            }
            if !of_tags && settable.iter().all(|path| !under(un.path, path) || is_mapped(&mapped, path)) {
                self.complain(format!("`unmapped` {} is mapped", un.path));
            }
        }
        for set in facts.unordered() {
            let declared = self.spec.sets.iter().any(|known| path_matches(known, &steps(&set)));
            if mapped.contains(&set) && !declared {
                self.complain(format!("the schema says that {set} has no order, and `sets` does not"));
            }
        }
        for set in self.spec.sets {
            let known = |path: &String| path_matches(set, &steps(path));
            if !mapped.iter().any(known)
                && !resources.iter().any(|resource| present(&resource.observed).iter().any(known))
            {
                self.complain(format!("the set {set} is nowhere in the resource"));
            }
        }
    }

    /// Declared secrets are masked wherever they stand.
    fn secrets(&mut self, resources: &[Resource]) {
        for secret in self.spec.secrets {
            let mut found = Vec::new();
            for resource in resources {
                for fields in [&resource.properties, &resource.observed] {
                    at(&Value::Object(fields.clone()), &steps(secret), &mut found);
                }
            }
            if found.is_empty() {
                self.complain(format!("the secret {secret} is nowhere"));
            }
            if !found.iter().all(mask::is_masked) {
                self.complain(format!("the secret {secret} is not masked"));
            }
        }
        for resource in resources {
            if canonical_again(resource, self.spec) != resource.hash {
                self.complain("normalising twice changes the hash");
            }
        }
    }

    /// Changes every leaf of every answer in turn.
    async fn leaves(&mut self, resources: &[Resource], leaves: &mut Leaves) {
        let plain = fingerprint(resources);
        let mut used = BTreeSet::new();
        let mut tagged = false;
        for id in leaves.asked.clone() {
            for (index, leaf) in ANSWERS[&id.0].operations[&id.1].leaves.iter().enumerate() {
                if !leaf.probe || leaf.page > 0 {
                    continue;
                }
                let key = (id.clone(), leaf.path.clone());
                let changed = match self.list(Some(Twist::Alt(id.clone(), index))).await {
                    Ok(found) => {
                        tagged |= differs_in_tags_only(resources, &found);
                        let name = leaf.path.rsplit('.').next().unwrap_or_default();
                        if let Some(name) = NOISE.iter().find(|known| **known == name) {
                            leaves.noise.insert(name);
                            if hashes(&found) != hashes(resources) {
                                self.complain(format!("{} {} is use, not configuration", id.1, leaf.path));
                            }
                        }
                        fingerprint(&found) != plain
                    }
                    Err(_) => true,
                };
                let declared = self.spec.left_out.iter().position(|left| leaves_out(left.path, &id.1, &leaf.path));
                if let Some(declared) = declared {
                    used.insert(declared);
                    if changed && !self.spec.left_out[declared].path.ends_with('*') {
                        self.complain(format!(
                            "{} {} is declared left out, and it changes the resource",
                            id.1, leaf.path
                        ));
                    }
                }
                if changed || declared.is_some() {
                    leaves.handled.insert(key);
                } else {
                    leaves.unhandled.insert(key, self.spec.name);
                }
                if leaf.kind == "string"
                    && let Ok(resources) = self.list(Some(Twist::Text(id.clone(), index, SECRET))).await
                    && resources.iter().any(|resource| kept_text(resource).contains(SECRET))
                {
                    self.complain(format!("a secret in {} {} survives", id.1, leaf.path));
                }
            }
        }
        self.tags(resources, &leaves.asked, tagged).await;
        for (index, left) in self.spec.left_out.iter().enumerate() {
            if !used.contains(&index) {
                self.complain(format!("`left_out` {} is no field of any answer", left.path));
            }
        }
    }

    /// A tag that changes is seen as that, and as nothing else. `seen`: one was met already.
    async fn tags(&mut self, resources: &[Resource], asked: &BTreeSet<OperationId>, mut seen: bool) {
        let facts = schema::facts(self.spec.name);
        let Some(tagging) = facts.map(|facts| &facts.tagging).filter(|tagging| tagging.taggable) else { return };
        let property = tagging.property.as_deref().unwrap_or("Tags");
        let why = self.spec.unmapped.iter().find(|un| under(un.path, property)).map(|un| un.why);
        if why.is_some_and(|why| !why.starts_with("kept in")) {
            return;
        }
        // Where one call answers for several types, the tags of the first in the list are another type's.
        for id in asked {
            for (index, leaf) in ANSWERS[&id.0].operations[&id.1].leaves.iter().enumerate() {
                if !seen && !leaf.probe && leaf.path.contains("Tag") {
                    let found = self.list(Some(Twist::Alt(id.clone(), index))).await;
                    seen = found.is_ok_and(|found| differs_in_tags_only(resources, &found));
                }
            }
        }
        if !seen {
            self.complain("a change of a tag alone is not seen");
        }
    }

    /// Only the call that describes a resource, or lists what belongs to its parent, can say that it is gone. What says so
    /// of a part does not take the whole out of a complete list.
    async fn gone(&mut self, resources: &[Resource], asked: &BTreeSet<OperationId>) {
        let Delete::Call(recipe) = self.spec.delete else { return };
        let mut takes_out = BTreeSet::new();
        for id in asked {
            for code in recipe.gone {
                let found = self.list(Some(Twist::Error(id.clone(), code, 400))).await;
                if found.is_ok_and(|found| found.len() < resources.len()) {
                    takes_out.insert(id.1.clone());
                }
            }
        }
        let of_part = |name: &&String| name.contains("Tags") || name.contains("Policy");
        if takes_out.len() > 1 || takes_out.iter().any(|name| of_part(&name)) {
            self.complain(format!("a resource drops out when {takes_out:?} alone say that something is gone"));
        }
    }

    /// A second look at one resource finds it as it was, and asks about no other.
    async fn one(&mut self, resources: &[Resource]) {
        self.replay.twist(None);
        for wanted in resources {
            self.replay.requests();
            let cx = Cx::new(self.aws.clone()).only(BTreeSet::from([wanted.id.clone()]));
            let again = self.list_in(cx).await;
            let requests = self.replay.requests();
            match again {
                Ok(found)
                    if found.iter().any(|found| {
                        fingerprint(std::slice::from_ref(found)) == fingerprint(std::slice::from_ref(wanted))
                    }) => {}
                Ok(_) => self.complain(format!("a second look at {} alone does not find it as it was", wanted.id)),
                Err(error) => self.complain(format!("a second look at {} alone: {error}", wanted.id)),
            }
            for other in resources.iter().filter(|other| other.id != wanted.id) {
                // Where an answer is the same for all, so is what it names.
                let own = names(wanted);
                let names: Vec<_> = names(other).into_iter().filter(|name| !own.contains(name)).collect();
                let named = |text: &str| names.iter().any(|name| mentions(text, name));
                // A page that begins after a name has that name in its request.
                let asks = |text: &str| !text.contains("ExclusiveStart") && named(text);
                for (operation, _) in requests.iter().filter(|(_, text)| asks(text)) {
                    self.complain(format!("only {} is wanted, and {operation} asks about {}", wanted.id, other.id));
                }
            }
        }
    }

    /// No error may look like fewer resources.
    async fn errors(&mut self, resources: &[Resource], asked: &BTreeSet<OperationId>) {
        let full = resources.len();
        let mut actions = BTreeSet::new();
        for id in asked {
            match self.list(Some(Twist::Error(id.clone(), "AccessDeniedException", 400))).await {
                Err(error) if error.class == ErrorClass::Denied => {
                    actions.insert(error.action);
                }
                Ok(found) if found.len() == full && found.iter().any(|resource| !resource.unreadable.is_empty()) => {
                    for reason in found.iter().flat_map(|resource| resource.unreadable.values()) {
                        actions.insert(reason.rsplit(' ').next().unwrap_or_default().to_owned());
                    }
                }
                other => self.complain(format!("{} denied: {}", id.1, told(&other))),
            }
            for (code, class) in [("ThrottlingException", ErrorClass::Throttled), ("ExpiredToken", ErrorClass::Expired)]
            {
                match self.list(Some(Twist::Error(id.clone(), code, 400))).await {
                    Err(error) if error.class == class => {}
                    other => self.complain(format!("{} {code}: {}", id.1, told(&other))),
                }
            }
            match self.list(Some(Twist::Error(id.clone(), "UnknownOperationException", 400))).await {
                Err(error) if error.class == ErrorClass::NotOffered => {}
                Ok(found) if found.len() == full && found.iter().any(|resource| !resource.unreadable.is_empty()) => {}
                other => self.complain(format!("{} not offered: {}", id.1, told(&other))),
            }
            // Only the transport knows where bytes of no form end.
            let leaves = &ANSWERS[&id.0].operations[&id.1].leaves;
            let raw = leaves.iter().any(|leaf| leaf.kind == "blob" && !leaf.path.contains('.'));
            let truncated = (!raw).then(|| Twist::Truncate(id.clone()));
            for twist in [Twist::Html(id.clone()), Twist::Reset(id.clone())].into_iter().chain(truncated) {
                let name = format!("{twist:?}");
                if let Ok(found) = self.list(Some(twist)).await {
                    self.complain(format!("{name}: answered {} of {full} resources", found.len()));
                }
            }
        }
        let declared: BTreeSet<String> = self.spec.read_actions.iter().map(|&action| action.to_owned()).collect();
        for action in actions.difference(&declared) {
            self.complain(format!("needs {action}, which `read_actions` lacks"));
        }
        for action in declared.difference(&actions) {
            self.complain(format!("`read_actions` has {action}, which no call needs"));
        }
    }
}

/// What a request would call a resource.
fn names(resource: &Resource) -> Vec<&str> {
    [Some(resource.id.as_str()), resource.arn.as_deref(), resource.name.as_deref()].into_iter().flatten().collect()
}

/// Whether a text names something as a whole word.
fn mentions(text: &str, name: &str) -> bool {
    let part_of_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    text.match_indices(name).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + name.len()..].chars().next();
        !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
    })
}

fn told(listed: &Result<Vec<Resource>, CallError>) -> String {
    match listed {
        Ok(resources) => format!("{} resources, as if nothing had happened", resources.len()),
        Err(error) => format!("{:?} {error}", error.class),
    }
}

fn canonical_again(resource: &Resource, spec: &TypeSpec) -> String {
    let mut properties = resource.properties.clone();
    catalog::canon::normalise(&mut properties, spec.sets);
    catalog::canon::hash(&properties, &resource.tags)
}

fn fingerprint(resources: &[Resource]) -> String {
    serde_json::to_string(resources).expect("resources are plain data")
}

/// The hash of each resource.
fn hashes(resources: &[Resource]) -> BTreeMap<ResourceKey<'_>, &str> {
    resources.iter().map(|resource| (resource.key(), resource.hash.as_str())).collect()
}

/// Whether a resource is another one by its tags, and by nothing else.
fn differs_in_tags_only(before: &[Resource], after: &[Resource]) -> bool {
    before.iter().zip(after).any(|(before, after)| {
        before.key() == after.key()
            && before.properties == after.properties
            && before.tags != after.tags
            && before.hash != after.hash
    })
}

/// What of a resource is free text of users.
fn kept_text(resource: &Resource) -> String {
    format!(
        "{} {} {}",
        serde_json::to_string(&resource.properties).expect("plain data"),
        serde_json::to_string(&resource.observed).expect("plain data"),
        serde_json::to_string(&resource.tags).expect("plain data"),
    )
}

fn steps(path: &str) -> Vec<String> {
    path.split('.').map(str::to_owned).collect()
}

/// Whether a declared path is the given one or stands above it; `*` stands for any one step.
fn under(declared: &str, path: &str) -> bool {
    let (declared, path) = (steps(declared), steps(path));
    declared.len() <= path.len() && declared.iter().zip(&path).all(|(d, p)| d == "*" || d == p)
}

/// Whether a settable leaf is mapped: itself, something below it, or its list as a whole.
fn is_mapped(mapped: &BTreeSet<String>, path: &str) -> bool {
    mapped.contains(path) || mapped.iter().any(|known| under(path, known))
}

/// Every dotted path that is present, `*` for elements.
fn present(fields: &serde_json::Map<String, Value>) -> BTreeSet<String> {
    fn walk(value: &Value, path: &str, found: &mut BTreeSet<String>) {
        found.insert(path.to_owned());
        match value {
            Value::Object(fields) if !mask::is_masked(value) => {
                for (key, value) in fields {
                    walk(value, &format!("{path}.{key}"), found);
                }
            }
            Value::Array(items) => {
                for item in items {
                    if item.is_object() || item.is_array() {
                        walk(item, &format!("{path}.*"), found);
                    }
                }
            }
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    for (key, value) in fields {
        walk(value, key, &mut found);
    }
    found
}

/// The values at a declared path.
fn at(value: &Value, path: &[String], found: &mut Vec<Value>) {
    let Some((step, rest)) = path.split_first() else {
        found.push(value.clone());
        return;
    };
    match value {
        Value::Object(fields) if !mask::is_masked(value) => {
            fields.iter().filter(|(key, _)| step == "*" || *key == step).for_each(|(_, value)| at(value, rest, found));
        }
        Value::Array(items) if step == "*" => items.iter().for_each(|item| at(item, rest, found)),
        _ => {}
    }
}

/// Whether a `left_out` path takes a leaf: exactly, or all below a trailing `*`, in all operations or one.
fn leaves_out(declared: &str, operation: &str, path: &str) -> bool {
    let declared = match declared.split_once(':') {
        Some((only, rest)) if only == operation => rest,
        Some(_) => return false,
        None => declared,
    };
    match declared.strip_suffix('*') {
        Some(start) => path.starts_with(start),
        None => declared == path,
    }
}

#[test]
fn contract() {
    let _turn = crate::emulator::turn();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let (problems, report) = runtime.block_on(async {
        let benches: Vec<_> = selected()
            .into_iter()
            .map(|spec| tokio::spawn(async move { Bench::new(spec).await.run().await }))
            .collect();
        let mut problems = Vec::new();
        let mut handled = BTreeSet::new();
        let mut unhandled = BTreeMap::new();
        let mut noise = BTreeSet::new();
        for bench in benches {
            let (found, leaves) = bench.await.expect("a collector does not panic");
            problems.extend(found);
            handled.extend(leaves.handled);
            noise.extend(leaves.noise);
            unhandled.extend(leaves.unhandled);
        }
        // A call that several types make is whole when together they handle every field of it.
        let report = (handled.len(), unhandled.len());
        for ((id, path), spec) in unhandled {
            if !handled.contains(&(id.clone(), path.clone())) {
                problems.push(format!("{spec}: {}.{} {path} is neither mapped nor declared in `left_out`", id.0, id.1));
            }
        }
        if selected().len() == catalog::all().len() {
            let unmet = NOISE.iter().filter(|name| !noise.contains(*name));
            problems.extend(unmet.map(|name| format!("no answer has a field {name}: NOISE is out of date")));
        }
        (problems, report)
    });
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    assert!(report.0 > 0, "the suite looked at no field");
}
