//! What failed on our side: logged with its causes, told with a reference to them.

use app::ports::DeskError;

use crate::secrets;
use crate::services::EvidenceError;
use crate::store::StoreError;

/// Logs what failed and answers with a reference to it.
pub fn failed(error: &(dyn std::error::Error + 'static)) -> DeskError {
    let store = std::iter::successors(Some(error), |error| error.source()).find_map(|error| error.downcast_ref::<StoreError>());
    match store {
        Some(StoreError::Newer) => return DeskError::Updating,
        Some(busy) if busy.is_passing() => {
            tracing::warn!(error = busy as &dyn std::error::Error, "the database was too busy for a page");
            return DeskError::Updating;
        }
        _ => {}
    }
    let reference: String = secrets::token().chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        chain = format!("{chain}: {cause}");
        source = cause.source();
    }
    tracing::error!(%reference, error = chain, "a page failed");
    DeskError::Failed { reference }
}

impl From<StoreError> for DeskError {
    fn from(error: StoreError) -> Self {
        failed(&error)
    }
}

impl From<EvidenceError> for DeskError {
    fn from(error: EvidenceError) -> Self {
        failed(&error)
    }
}
