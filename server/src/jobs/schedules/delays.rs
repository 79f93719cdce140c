//! Tells customers of what is later than the shop promised.

use async_trait::async_trait;

use super::{Schedule, Times};
use crate::jobs::{JobError, Means};

pub(super) struct Delays;

#[async_trait]
impl Schedule for Delays {
    fn times(&self) -> Times {
        Times::hourly("tell.delays")
    }

    async fn run(&self, means: &Means) -> Result<(), JobError> {
        Ok(means.services.tell_of_delays().await?)
    }
}
