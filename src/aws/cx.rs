//! What a collector gets to work with: one account, one region, cached clients.

use std::any::Any;
use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::sync::OnceCell;

use super::limits::DETAILS_PER_CELL;
use super::{Aws, CallError, ErrorClass, ServiceClient};
use crate::catalog::Draft;

/// One account in one region, for the time of one run.
#[derive(Debug, Clone)]
pub struct Cx {
    aws: Arc<Aws>,
    region: String,
    memo: Memo,
    only: Option<Arc<BTreeSet<String>>>,
}

type Shared = Arc<OnceCell<Result<Arc<dyn Any + Send + Sync>, CallError>>>;

/// Answers that several cells of one run need.
#[derive(Clone, Default)]
struct Memo(Arc<Mutex<HashMap<String, Shared>>>);

impl std::fmt::Debug for Memo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memo")
    }
}

impl Cx {
    /// The context of a run, in the home region of global services.
    #[must_use]
    pub fn new(aws: Arc<Aws>) -> Self {
        let region = aws.home_region().to_owned();
        Cx { aws, region, memo: Memo::default(), only: None }
    }

    /// The same run in another region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        Cx { region: region.to_owned(), ..self.clone() }
    }

    /// The same run in the partition's home region, for what is asked once per account.
    #[must_use]
    pub fn home(&self) -> Self {
        self.in_region(self.aws.home_region())
    }

    /// The same region, for reading some resources again: collectors skip the details of all others.
    ///
    /// Nothing that was remembered before is used: a second look is a look.
    #[must_use]
    pub fn only(&self, ids: BTreeSet<String>) -> Self {
        Cx { only: Some(Arc::new(ids)), memo: Memo::default(), ..self.clone() }
    }

    /// Whether the details of a resource are wanted, by its primary identifier. A collector that asks for details per
    /// resource asks this first; it may list more than is wanted, never less.
    #[must_use]
    pub fn wants(&self, id: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(id))
    }

    /// Those of the items whose details are wanted, by primary identifier.
    #[must_use]
    pub fn wanted<T>(&self, mut items: Vec<T>, id: impl Fn(&T) -> &str) -> Vec<T> {
        items.retain(|item| self.wants(id(item)));
        items
    }

    /// Whether any wanted identifier is like this, for a collector that must ask about a parent first.
    #[must_use]
    pub fn wants_like(&self, like: impl Fn(&str) -> bool) -> bool {
        self.only.as_ref().is_none_or(|only| only.iter().any(|id| like(id)))
    }

    /// The region that calls go to.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The account, twelve digits.
    #[must_use]
    pub fn account(&self) -> &str {
        self.aws.account()
    }

    /// The partition, `aws`.
    #[must_use]
    pub fn partition(&self) -> &str {
        self.aws.partition()
    }

    /// A client for this region.
    #[must_use]
    pub fn client<C: ServiceClient>(&self) -> C {
        self.aws.client(&self.region)
    }

    /// The ARN of a resource of this account and region: `cx.arn("ec2", "vpc/vpc-1")`.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{resource}", self.partition(), self.region, self.account())
    }

    /// Describes each item, several at a time. `None` stands for one that vanished since it was listed.
    pub async fn each<T, F, Fut>(&self, items: Vec<T>, describe: F) -> Result<Vec<Draft>, CallError>
    where
        F: Fn(T) -> Fut,
        Fut: Future<Output = Result<Option<Draft>, CallError>>,
    {
        self.gather(items, describe).await.map(|drafts| drafts.into_iter().flatten().collect())
    }

    /// Asks about each item, several at a time, and keeps the order.
    pub async fn gather<T, R, F, Fut>(&self, items: Vec<T>, ask: F) -> Result<Vec<R>, CallError>
    where
        F: Fn(T) -> Fut,
        Fut: Future<Output = Result<R, CallError>>,
    {
        stream::iter(items.into_iter().map(ask)).buffered(DETAILS_PER_CELL).try_collect().await
    }

    /// Asks about items in batches of `most`, several at a time.
    ///
    /// Some services fail the call for a whole batch when one item of it is gone, with one of these codes. Then each
    /// item of that batch is asked about alone, and only what is gone is left out.
    pub async fn in_batches<R, F, Fut>(
        &self,
        items: &[String],
        most: usize,
        gone: &[&str],
        ask: F,
    ) -> Result<Vec<R>, CallError>
    where
        F: Fn(Vec<String>) -> Fut,
        Fut: Future<Output = Result<Vec<R>, CallError>>,
    {
        let ask = &ask;
        let batches = items.chunks(most).map(<[String]>::to_vec).collect();
        let found = self.gather(batches, async |batch: Vec<String>| {
            if let Some(found) = ask(batch.clone()).await.absent_if(gone)? {
                return Ok(found);
            }
            let single = self.gather(batch, async |item| ask(vec![item]).await.absent_if(gone)).await?;
            Ok(single.into_iter().flatten().flatten().collect())
        });
        Ok(found.await?.into_iter().flatten().collect())
    }

    #[expect(clippy::missing_panics_doc, reason = "each key is written beside the one call that uses it")]
    /// Asks once per run and key, whoever asks first; the others wait for the same answer or error.
    pub async fn once<T, Fut>(&self, key: &str, ask: impl FnOnce() -> Fut) -> Result<Arc<T>, CallError>
    where
        T: Any + Send + Sync,
        Fut: Future<Output = Result<T, CallError>>,
    {
        let cell = {
            let mut memo = self.memo.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            memo.entry(key.to_owned()).or_default().clone()
        };
        let answer = cell
            .get_or_init(|| async { ask().await.map(|value| Arc::new(value) as Arc<dyn Any + Send + Sync>) })
            .await
            .clone()?;
        Ok(answer.downcast().expect("one key is asked with one type"))
    }
}

/// Names the IAM action of a call, so that a refusal can say what is missing.
pub trait Call<T> {
    /// Turns the SDK's error into ours.
    fn at(self, action: &str) -> Result<T, CallError>;
}

impl<T, E> Call<T> for Result<T, SdkError<E, Response>>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    fn at(self, action: &str) -> Result<T, CallError> {
        self.map_err(|error| CallError::from_sdk(&error, action))
    }
}

/// For details of a resource, one of which says "gone": `None` when `again`, asked about the resource itself, says so too.
///
/// Otherwise the error stays one. A service may answer a missing *part* with the same code, and a resource that exists
/// must never drop out of a complete list.
pub async fn gone_with<T, W>(
    details: Result<T, CallError>,
    codes: &[&str],
    again: impl Future<Output = Result<W, CallError>>,
) -> Result<Option<T>, CallError> {
    gone_unless(details, codes, async { again.await.absent_if(codes).map(|found| found.is_some()) }).await
}

/// As [`gone_with`], where a list tells whether the resource itself `exists`.
pub async fn gone_unless<T>(
    details: Result<T, CallError>,
    codes: &[&str],
    exists: impl Future<Output = Result<bool, CallError>>,
) -> Result<Option<T>, CallError> {
    match details {
        Err(error) if codes.contains(&error.code.as_str()) => {
            if exists.await? {
                Err(error)
            } else {
                Ok(None)
            }
        }
        other => other.map(Some),
    }
}

/// As [`gone_with`], for several details at a time: whether one of these errors says "gone" and so does `again`.
pub async fn vanished<W>(
    errors: impl IntoIterator<Item = Option<&CallError>>,
    codes: &[&str],
    again: impl Future<Output = Result<W, CallError>>,
) -> Result<bool, CallError> {
    if errors.into_iter().flatten().any(|error| codes.contains(&error.code.as_str())) {
        again.await.absent_if(codes).map(|found| found.is_none())
    } else {
        Ok(false)
    }
}

/// Asks page after page, for operations that the SDK has no paginator for.
///
/// `ask` takes the token of a page and gives its items and the token of the next one.
pub async fn pages<T, F, Fut>(action: &str, ask: F) -> Result<Vec<T>, CallError>
where
    F: Fn(Option<String>) -> Fut,
    Fut: Future<Output = Result<(Vec<T>, Option<String>), CallError>>,
{
    let mut all = Vec::new();
    let mut token = None;
    loop {
        let (items, next) = ask(token.clone()).await?;
        all.extend(items);
        match next.filter(|next| !next.is_empty()) {
            None => return Ok(all),
            next if next == token => {
                return Err(CallError::new(ErrorClass::Unreachable, "bad-answer", "the same page again", action));
            }
            next => token = next,
        }
    }
}

/// Tells "not configured" and "gone meanwhile" from errors.
pub trait Absent<T> {
    /// `None` where AWS answers with one of these codes.
    fn absent_if(self, codes: &[&str]) -> Result<Option<T>, CallError>;
}

impl<T> Absent<T> for Result<T, CallError> {
    fn absent_if(self, codes: &[&str]) -> Result<Option<T>, CallError> {
        match self {
            Ok(value) => Ok(Some(value)),
            Err(error) if codes.contains(&error.code.as_str()) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_exists_does_not_drop_out_of_a_list() {
        let gone = || CallError::new(ErrorClass::Gone, "NotFound", "no such policy", "x:GetPolicy");
        let after =
            async |again: Result<(), CallError>| gone_with::<(), ()>(Err(gone()), &["NotFound"], async { again }).await;
        assert_eq!(after(Err(gone())).await, Ok(None));
        assert_eq!(after(Ok(())).await, Err(gone()));
        let denied = CallError::new(ErrorClass::Denied, "AccessDenied", "no", "x:Get");
        assert_eq!(after(Err(denied.clone())).await, Err(denied));
    }
}
