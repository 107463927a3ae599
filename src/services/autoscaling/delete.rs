//! Deleting where the service has no code for "no such thing".

use std::future::Future;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::aws::{Call, CallError, Hands};
use crate::catalog::Progress;
use crate::model::Step;

/// Makes the call that deletes, which takes effect at once. Auto Scaling calls every mistake `ValidationError`, also a
/// thing that is gone already; so after one, `exists` looks.
pub(super) async fn delete<T, E>(
    hands: &Hands,
    step: &Step,
    request: impl Future<Output = Result<T, SdkError<E, Response>>>,
    exists: impl Future<Output = Result<bool, CallError>>,
) -> Result<Progress, CallError>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let call = async {
        match request.await.at(&step.call) {
            Err(error) if error.code == "ValidationError" && !exists.await? => Ok(()),
            answer => answer.map(|_| ()),
        }
    };
    hands.call_checked(step, call).await.map(|_| Progress::Done)
}
