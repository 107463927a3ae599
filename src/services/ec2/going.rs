//! Deleting what takes EC2 a while.

use std::future::Future;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::aws::{CallError, Hands};
use crate::catalog::Progress;
use crate::model::Step;

/// How much of a resource is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    All,
    /// EC2 is deleting it.
    Some,
    None,
}

impl Left {
    /// From the state that EC2 answers: `deleting`, `delete-in-progress`, `deleted`, `delete-complete`; anything else
    /// is there, and what is not answered is gone.
    pub(super) fn of(state: Option<&str>) -> Self {
        match state {
            None | Some("deleted" | "delete-complete") => Left::None,
            Some("deleting" | "delete-in-progress") => Left::Some,
            Some(_) => Left::All,
        }
    }
}

/// Makes the call that deletes unless that was done, and waits until nothing is left.
pub(super) async fn delete<T, E>(
    hands: &Hands,
    step: &Step,
    left: impl Future<Output = Result<Left, CallError>>,
    request: impl Future<Output = Result<T, SdkError<E, Response>>>,
) -> Result<Progress, CallError>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match left.await? {
        Left::None => return Ok(Progress::Done),
        Left::Some => {}
        Left::All => {
            if hands.call(step, request).await?.is_none() {
                return Ok(Progress::Done);
            }
        }
    }
    Ok(Progress::Waiting("deleting".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_tells_what_is_left() {
        assert_eq!(Left::of(Some("available")), Left::All);
        assert_eq!(Left::of(Some("create-complete")), Left::All);
        assert_eq!(Left::of(Some("delete-in-progress")), Left::Some);
        assert_eq!(Left::of(Some("deleted")), Left::None);
        assert_eq!(Left::of(None), Left::None);
    }
}
