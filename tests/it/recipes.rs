//! One contract for every deletion.
//!
//! Each recipe plans from the resources of the synthetic answers (`replay`) and makes its steps against the same
//! answers. What changes something is not replayed: it is written down, and answered as the test says.
//!
//! `AWS_BASELINE_TYPES=AWS::SQS::*,AWS::EC2::VPC` limits the suite to some types.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_baseline::aws::transport::Operation;
use aws_baseline::aws::{Aws, CallError, Cx, ErrorClass, Hands, Journal};
use aws_baseline::catalog::mask::Masker;
use aws_baseline::catalog::{self, Delete, Made, Progress, Recipe, TypeSpec};
use aws_baseline::model::{Resource, Step, Switches};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use crate::contract::selected;
use crate::replay::{self, ANSWERS, Replay, botocore_name};

/// What happened, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Event {
    /// The journal heard that a call comes.
    Before(Step),
    /// A call was made that changes something.
    Call(String),
    /// The journal heard that the call is over.
    After(Step),
}

type Log = Arc<Mutex<Vec<Event>>>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Types whose replayed state keeps their last call from being made: a notebook that is in service is stopped first,
/// a distribution that is enabled is disabled first, and the replay never shows that done. A record is looked up by
/// where the list starts, and the replay always starts with the same one.
const BUSY: &[&str] = &["AWS::SageMaker::NotebookInstance", "AWS::CloudFront::Distribution", "AWS::Route53::RecordSet"];

/// How what changes something is answered.
#[derive(Debug, Clone, Copy, Default)]
enum Verdict {
    /// All is well.
    #[default]
    Done,
    /// An error: its code and message.
    Refused(&'static str, &'static str),
    /// The same error for reads as well: nothing is known of the resource any more.
    Unknown(&'static str, &'static str),
}

/// Answers in AWS's place: reads from the replay, everything else by verdict.
#[derive(Debug, Clone, Default)]
struct Answerer {
    replay: Replay,
    verdict: Arc<Mutex<Verdict>>,
    log: Log,
}

impl HttpClient for Answerer {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Answerer {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let operation = request.extension::<Operation>().expect("requests are labelled").clone();
        let protocol = || ANSWERS[&botocore_name(&operation.service)].protocol.as_str();
        let verdict = *lock(&self.verdict);
        let read = is_read(&operation.name);
        if !read {
            lock(&self.log).push(Event::Call(operation.name.clone()));
        }
        let service = botocore_name(&operation.service);
        let known = operation.name == "GetCallerIdentity";
        let answer = match verdict {
            Verdict::Unknown(code, message) if !known => replay::refusal(protocol(), &service, code, message, 400),
            Verdict::Refused(code, message) if !read => replay::refusal(protocol(), &service, code, message, 400),
            _ if read => return self.replay.call(request),
            // Some answers cannot be empty.
            _ if ANSWERS[&service].operations.contains_key(&operation.name) => return self.replay.call(request),
            _ => replay::success(protocol(), &operation.name),
        };
        HttpConnectorFuture::ready(Ok(answer))
    }
}

fn is_read(operation: &str) -> bool {
    ["Describe", "Get", "List", "BatchGet", "Head"].iter().any(|start| operation.starts_with(start))
}

/// Whether an operation of the API is what an IAM action is for. A few have names of their own.
fn is_named(call: &str, operation: &str) -> bool {
    match call {
        "dynamodb:DeleteTableReplica" => operation == "UpdateTable",
        "s3:DeleteObjectVersion" => operation == "DeleteObjects",
        // The actions of API Gateway are the verbs of HTTP.
        "apigateway:DELETE" => operation.starts_with("Delete"),
        "apigateway:PATCH" => operation.starts_with("Update"),
        _ => call.split_once(':').is_some_and(|(_, name)| name == operation),
    }
}

/// A journal that remembers, or cannot write.
struct Notes {
    log: Log,
    broken: bool,
}

impl Journal for Notes {
    fn before(&self, _: &Resource, step: &Step) -> std::io::Result<()> {
        if self.broken {
            return Err(std::io::Error::other("no space left"));
        }
        lock(&self.log).push(Event::Before(step.clone()));
        Ok(())
    }

    fn after(&self, _: &Resource, step: &Step, _: Result<(), &CallError>) -> std::io::Result<()> {
        lock(&self.log).push(Event::After(step.clone()));
        Ok(())
    }
}

/// Everything that a user can opt in to.
pub fn everything() -> Switches {
    Switches { data_loss: true, disable_protection: true, final_snapshot: Some("before-restore".to_owned()) }
}

/// One type on the bench.
struct Bench {
    spec: &'static TypeSpec,
    recipe: Recipe,
    answerer: Answerer,
    aws: Arc<Aws>,
    problems: BTreeSet<String>,
    /// Calls that some step was seen to make.
    made: BTreeSet<String>,
}

impl Bench {
    async fn new(spec: &'static TypeSpec, recipe: Recipe) -> Self {
        let answerer = Answerer::default();
        let aws = replay::session(SharedHttpClient::new(answerer.clone())).await;
        Bench { spec, recipe, answerer, aws, problems: BTreeSet::new(), made: BTreeSet::new() }
    }

    fn complain(&mut self, problem: impl AsRef<str>) {
        self.problems.insert(format!("{}: {}", self.spec.name, problem.as_ref()));
    }

    async fn run(mut self) -> BTreeSet<String> {
        let cx = Cx::new(self.aws.clone());
        let drafts = match (self.spec.list)(&cx).await {
            Ok(drafts) => drafts,
            Err(error) => {
                self.complain(format!("does not list: {error}"));
                return self.problems;
            }
        };
        let finish = |draft: catalog::Draft| draft.finish(self.spec, cx.region(), &Masker::new([7; 32]));
        let resources: Vec<Resource> = drafts.into_iter().map(finish).collect();
        for resource in resources.iter().take(3) {
            for switches in [Switches::default(), everything()] {
                self.plan(resource, &switches);
                for (step, last) in self.steps(resource, &switches) {
                    self.well(resource, &step, last).await;
                    self.gone(resource, &step, last).await;
                    self.denied(resource, &step, last).await;
                    self.unwritten(resource, &step).await;
                }
            }
            self.foreign(resource).await;
        }
        let last = self.recipe.operation;
        if !self.made.contains(last) && !BUSY.contains(&self.spec.name) {
            self.complain(format!("no step was seen to call {last}"));
        }
        self.problems
    }

    fn steps(&self, resource: &Resource, switches: &Switches) -> Vec<(Step, bool)> {
        let steps = self.recipe.steps_of(resource, switches);
        let count = steps.len();
        steps.into_iter().enumerate().map(|(index, step)| (step, index + 1 == count)).collect()
    }

    /// What the plan says.
    fn plan(&mut self, resource: &Resource, switches: &Switches) {
        let steps = self.recipe.steps_of(resource, switches);
        if steps != self.recipe.steps_of(resource, switches) {
            self.complain("plans differently each time");
        }
        if self.recipe.steps.is_none() && self.recipe.actions.len() != 1 {
            self.complain("has no `steps`, so `actions` must be the one that deletes");
        }
        let Some(last) = steps.last() else {
            self.complain("plans no step");
            return;
        };
        if !is_named(&last.call, self.recipe.operation) {
            self.complain(format!("ends with {last}, and not with {}", self.recipe.operation));
        }
        for step in &steps {
            if !self.recipe.actions.contains(&step.call.as_str()) {
                self.complain(format!("plans {step}, which is not in `actions`"));
            }
        }
        let distinct: BTreeSet<_> = steps.iter().collect();
        if distinct.len() != steps.len() {
            self.complain(format!("plans a step twice: {steps:?}"));
        }
        if let Some(protection) = self.recipe.protection_of(resource) {
            let without = self.recipe.steps_of(resource, &Switches { disable_protection: false, ..switches.clone() });
            let with = self.recipe.steps_of(resource, &Switches { disable_protection: true, ..switches.clone() });
            if protection.is_empty() || (switches.data_loss && with == without) {
                self.complain(format!("leaves {protection} on although it may be turned off"));
            }
        }
    }

    /// Makes one step and says what happened.
    async fn make(&self, resource: &Resource, step: &Step, verdict: Verdict, broken: bool) -> (Made, Vec<Event>) {
        *lock(&self.answerer.verdict) = verdict;
        lock(&self.answerer.log).clear();
        let notes = Notes { log: self.answerer.log.clone(), broken };
        let hands = Hands::new(Cx::new(self.aws.clone()), resource.clone(), self.recipe.gone, Arc::new(notes));
        let made = self.recipe.make(&hands, step).await;
        *lock(&self.answerer.verdict) = Verdict::Done;
        let log = std::mem::take(&mut *lock(&self.answerer.log));
        (made, log)
    }

    /// Every call is the one that the step names, and is written down before and after.
    async fn well(&mut self, resource: &Resource, step: &Step, last: bool) {
        let (made, log) = self.make(resource, step, Verdict::Done, false).await;
        if let Err(error) = made {
            let missing = self.answerer.replay.missing();
            self.complain(format!("{step}: {error}; no answers for {missing:?}"));
        }
        for events in log.chunks(3) {
            match events {
                [Event::Before(before), Event::Call(operation), Event::After(after)]
                    if before == after && before.call == step.call && is_named(&step.call, operation) =>
                {
                    if last {
                        self.made.insert(operation.clone());
                    }
                }
                other => self.complain(format!("{step}: {other:?}")),
            }
        }
    }

    /// What is gone already needs no more.
    async fn gone(&mut self, resource: &Resource, step: &Step, last: bool) {
        let codes = self.recipe.gone.iter().map(|code| (*code, "not there"));
        // Two services have no code of their own for it.
        let codes: Vec<_> = match self.recipe.gone {
            [] => vec![("ValidationError", "it does not exist")],
            _ => codes.collect(),
        };
        for (code, message) in codes {
            let (made, _) = self.make(resource, step, Verdict::Refused(code, message), false).await;
            match made {
                // Where the code alone does not tell, the next look does.
                Ok(Progress::Done | Progress::Waiting(_)) => {}
                // Where there is no code of its own, the class says it, and reading again proves it.
                Err(error) if self.recipe.gone.is_empty() && error.class == ErrorClass::Gone => {}
                other => self.complain(format!("{step}, answered {code}: {other:?}")),
            }
            if last {
                let (made, log) = self.make(resource, step, Verdict::Unknown(code, message), false).await;
                let without_code =
                    self.recipe.gone.is_empty() && made.as_ref().is_err_and(|error| error.class == ErrorClass::Gone);
                if made != Ok(Progress::Done) && !without_code {
                    self.complain(format!("{step}, all answers {code}: {made:?} after {log:?}"));
                }
            }
        }
    }

    /// A refusal is an error of its class, and the journal hears of it.
    async fn denied(&mut self, resource: &Resource, step: &Step, last: bool) {
        let refused = Verdict::Refused("AccessDeniedException", "no");
        let (made, log) = self.make(resource, step, refused, false).await;
        let called = log.iter().any(|event| matches!(event, Event::Call(_)));
        match made {
            Err(error) if error.class == ErrorClass::Denied => {
                if !matches!(log.as_slice(), [Event::Before(_), Event::Call(_), Event::After(_)]) {
                    self.complain(format!("{step}, denied: {log:?}"));
                }
            }
            // Nothing was there to be done.
            Ok(_) if !called && (!last || BUSY.contains(&self.spec.name)) => {}
            other => self.complain(format!("{step}, denied: {other:?}")),
        }
    }

    /// What cannot be written down is not done.
    async fn unwritten(&mut self, resource: &Resource, step: &Step) {
        let (made, log) = self.make(resource, step, Verdict::Done, true).await;
        if !log.is_empty() {
            self.complain(format!("{step} was made although the journal could not be written: {log:?}"));
        }
        if made.as_ref().is_err_and(|error| error.code != "ledger") {
            self.complain(format!("{step}, with a broken journal: {made:?}"));
        }
    }

    /// A step of somebody else is never mistaken for one of its own.
    async fn foreign(&mut self, resource: &Resource) {
        let mut foreign = vec![Step::on_resource("somewhere:DeleteEverything")];
        // Reads that the recipe needs are no steps.
        let reads = self.recipe.actions.iter().filter(|action| is_read(action.split(':').nth(1).unwrap_or_default()));
        foreign.extend(reads.map(|action| Step::on_resource(action)));
        for step in foreign {
            let (made, log) = self.make(resource, &step, Verdict::Done, false).await;
            if made.is_ok() || !log.is_empty() {
                self.complain(format!("the foreign step {step} gave {made:?} and {log:?}"));
            }
        }
    }
}

#[test]
fn recipes() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let (problems, tested) = runtime.block_on(async {
        let recipes = selected().into_iter().filter_map(|spec| match spec.delete {
            Delete::Call(recipe) => Some((spec, recipe)),
            Delete::Never(_) => None,
        });
        let benches: Vec<_> = recipes
            .map(|(spec, recipe)| tokio::spawn(async move { Bench::new(spec, recipe).await.run().await }))
            .collect();
        let tested = benches.len();
        let mut problems = BTreeSet::new();
        for bench in benches {
            problems.extend(bench.await.expect("a recipe does not panic"));
        }
        (problems, tested)
    });
    let problems: Vec<_> = problems.into_iter().collect();
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    assert!(tested > 0, "the suite looked at no recipe");
}
