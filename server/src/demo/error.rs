//! What can go wrong with a demo shop.

use crate::services::PublishError;
use crate::store::StoreError;

/// Why the demo shop could not be seeded.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// One of its orders is none.
    #[error("demo order {0}: {1}")]
    Order(String, String),
    /// Something on its shelves is nothing.
    #[error("demo stock {0}: {1}")]
    Stock(String, String),
    /// One of its returns did not come about.
    #[error("the return of demo order {0}: {1}")]
    Return(String, String),
    /// Some of them.
    #[error("returns of the demo shop: {0}")]
    Returns(String),
    /// Its policy has mistakes.
    #[error("the demo policy could not be published")]
    Policy(#[from] PublishError),
    /// The database.
    #[error("the database failed")]
    Store(#[from] StoreError),
}
