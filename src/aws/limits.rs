//! How fast we ask: every number in one place.
//!
//! AWS counts per account, region and API. The figures here stay below its published or observed limits, so that
//! the production workload of the account keeps its share, and each limiter slows down when AWS says so.

use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// Requests in flight over all services and regions, unless `--parallel` says otherwise.
pub const DEFAULT_PARALLEL: usize = 64;
/// Resources of one cell whose details are asked for at the same time.
pub const DETAILS_PER_CELL: usize = 16;
/// Attempts per call, the first one included.
pub const MAX_ATTEMPTS: u32 = 8;
/// First back-off between attempts; it doubles, with jitter.
pub const INITIAL_BACKOFF: Duration = Duration::from_millis(200);
/// The longest back-off between attempts.
pub const MAX_BACKOFF: Duration = Duration::from_secs(20);
/// Time for one connection to be made.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time for one attempt, from sending to the last byte of the answer.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
/// Time for one call with all its attempts and all its waiting for a turn.
pub const OPERATION_TIMEOUT: Duration = Duration::from_mins(10);

/// How fast one service may be asked in one region.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// Requests per second that the bucket refills.
    pub per_second: f64,
    /// Requests that may go out at once after a pause.
    pub burst: f64,
    /// Requests in flight.
    pub in_flight: usize,
}

const fn limit(per_second: f64, burst: f64, in_flight: usize) -> Limit {
    Limit { per_second, burst, in_flight }
}

/// The limit of a service by its signing name, per region (global services have one region).
///
/// Sources: EC2 API throttling (20 a second, bucket of 100, for reading calls); Lambda quotas (15 a second for
/// the control plane, not raisable); Route 53 (5 a second per account); API Gateway (10 a
/// second per account); WAF (5 a second per reading call); others observed.
#[must_use]
pub fn limit_of(service: &str) -> Limit {
    match service {
        "ec2" => limit(20.0, 50.0, 32),
        "lambda" => limit(12.0, 15.0, 12),
        "iam" => limit(15.0, 20.0, 8),
        "cloudformation" | "elasticloadbalancing" | "autoscaling" | "dynamodb" => limit(10.0, 20.0, 12),
        "route53" | "wafv2" => limit(4.0, 5.0, 4),
        "apigateway" => limit(8.0, 20.0, 8),
        "ssm" | "logs" | "events" => limit(10.0, 15.0, 10),
        "s3" => limit(100.0, 100.0, 32),
        "sqs" | "sns" | "kms" => limit(30.0, 40.0, 24),
        _ => limit(10.0, 20.0, 10),
    }
}

/// A token bucket with a bound on requests in flight. Throttling halves its rate; success brings it back slowly.
#[derive(Debug)]
pub struct Limiter {
    limit: Limit,
    in_flight: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    tokens: f64,
    rate: f64,
    at: Instant,
    slowed_at: Option<Instant>,
}

/// The slowest rate that throttling can bring a limiter down to, in requests per second.
const SLOWEST: f64 = 0.5;
/// How much of its full rate a limiter regains with each success.
const RECOVERY: f64 = 0.02;
/// Throttled answers within this time of each other count once: they left before we slowed down.
const ONE_STORM: Duration = Duration::from_millis(500);

impl Limiter {
    /// A full bucket.
    #[must_use]
    pub fn new(limit: Limit) -> Self {
        let state = State { tokens: limit.burst, rate: limit.per_second, at: Instant::now(), slowed_at: None };
        Limiter { limit, in_flight: Semaphore::new(limit.in_flight), state: Mutex::new(state) }
    }

    /// Waits for a turn. The permit is held until the answer is read.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        let permit = self.in_flight.acquire().await.ok();
        loop {
            let wait = self.take(Instant::now());
            if wait.is_zero() {
                return permit;
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Takes a token, or says how long until there is one.
    fn take(&self, now: Instant) -> Duration {
        let mut state = self.state();
        state.tokens = (state.tokens + now.duration_since(state.at).as_secs_f64() * state.rate).min(self.limit.burst);
        state.at = now;
        if state.tokens >= 1.0 {
            state.tokens -= 1.0;
            return Duration::ZERO;
        }
        Duration::from_secs_f64((1.0 - state.tokens) / state.rate)
    }

    /// AWS said that this was too fast.
    pub fn throttled(&self) {
        self.throttled_at(Instant::now());
    }

    fn throttled_at(&self, now: Instant) {
        let mut state = self.state();
        if state.slowed_at.is_some_and(|at| now.duration_since(at) < ONE_STORM) {
            return;
        }
        state.slowed_at = Some(now);
        state.rate = (state.rate / 2.0).max(SLOWEST);
        state.tokens = 0.0;
    }

    /// AWS answered.
    pub fn succeeded(&self) {
        let mut state = self.state();
        if state.rate < self.limit.per_second {
            state.rate = (state.rate + self.limit.per_second * RECOVERY).min(self.limit.per_second);
        }
    }

    /// Requests per second at this moment.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.state().rate
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_out_at_once_and_the_rest_at_the_rate() {
        let limiter = Limiter::new(limit(10.0, 5.0, 100));
        let start = Instant::now();
        let mut now = start;
        for _ in 0..5 {
            assert_eq!(limiter.take(now), Duration::ZERO);
        }
        for _ in 0..20 {
            now += limiter.take(now);
            assert!(limiter.take(now) < Duration::from_millis(1), "the promised wait is long enough");
        }
        let waited = now.duration_since(start).as_secs_f64();
        assert!((1.8..2.2).contains(&waited), "20 requests at 10 a second took {waited} s");
    }

    #[test]
    fn throttling_halves_the_rate_once_per_storm_and_success_restores_it() {
        let limiter = Limiter::new(limit(10.0, 5.0, 100));
        let now = Instant::now();
        limiter.throttled_at(now);
        limiter.throttled_at(now);
        assert!((limiter.rate() - 5.0).abs() < 1e-9);
        limiter.throttled_at(now + ONE_STORM);
        assert!((limiter.rate() - 2.5).abs() < 1e-9);
        for _ in 0..1000 {
            limiter.succeeded();
        }
        assert!((limiter.rate() - 10.0).abs() < 1e-9);
    }

    #[test]
    fn a_storm_never_stops_us_for_good() {
        let limiter = Limiter::new(limit(10.0, 5.0, 100));
        let mut now = Instant::now();
        for _ in 0..100 {
            now += ONE_STORM;
            limiter.throttled_at(now);
        }
        assert!(limiter.rate() >= SLOWEST);
        assert!(limiter.take(now) <= Duration::from_secs(2));
    }
}
