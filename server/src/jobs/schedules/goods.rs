//! Tells the warehouse of what is on its way to it.

use async_trait::async_trait;

use super::{Schedule, Times};
use crate::jobs::{JobError, Means};

pub(super) struct Goods;

#[async_trait]
impl Schedule for Goods {
    fn times(&self) -> Times {
        Times::hourly("announce.goods")
    }

    async fn run(&self, means: &Means) -> Result<(), JobError> {
        Ok(means.services.announce_goods().await?)
    }
}
