//! Tells of credit and coupons that end soon, and ends what is over of them and of points.

use async_trait::async_trait;

use super::{Schedule, Times};
use crate::jobs::{JobError, Means};

pub(super) struct Credit;

#[async_trait]
impl Schedule for Credit {
    fn times(&self) -> Times {
        Times::hourly("end.credit")
    }

    async fn run(&self, means: &Means) -> Result<(), JobError> {
        means.services.tell_of_credit_ends().await?;
        means.services.end_credit().await?;
        means.services.end_compensations().await?;
        means.services.end_points().await?;
        Ok(())
    }
}
