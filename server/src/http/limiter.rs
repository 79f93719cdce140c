//! How often one address may ask.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::Limits;

/// Counts requests by address.
pub type Limiter = DefaultKeyedRateLimiter<IpAddr>;

/// So many requests a second, and some more in a burst.
pub fn limiter(limits: Limits) -> Limiter {
    let per_second = NonZeroU32::new(limits.requests_per_second).unwrap_or(NonZeroU32::MIN);
    RateLimiter::keyed(Quota::per_second(per_second).allow_burst(NonZeroU32::new(limits.burst).unwrap_or(per_second)))
}
