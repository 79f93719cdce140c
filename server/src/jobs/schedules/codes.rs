//! Forgets codes by mail that have expired.

use async_trait::async_trait;

use super::{Schedule, Times, sweep};
use crate::jobs::{JobError, Means};
use crate::services::CODE_LIFE;
use crate::store;

pub(super) struct Codes;

#[async_trait]
impl Schedule for Codes {
    fn times(&self) -> Times {
        Times::hourly("sweep.codes")
    }

    async fn run(&self, means: &Means) -> Result<(), JobError> {
        let (now, life) = (means.services.clock.millis(), CODE_LIFE.as_millis() as i64);
        sweep(means, move |mut conn, most| Box::pin(async move { store::delete_old_login_codes(&mut conn, now, life, most).await })).await
    }
}
