//! How servers of others are asked over HTTP: with patience that ends, and no further than what the settings name; answers are read within bounds.

use std::time::Duration;

use crate::log::chain;
use crate::objects::ready_for_tls;

/// A client in the making that waits so long, and does not go where it is sent on to: that is not what the settings name.
pub fn client(patience: Duration) -> reqwest::ClientBuilder {
    ready_for_tls();
    reqwest::Client::builder().timeout(patience).redirect(reqwest::redirect::Policy::none())
}

/// Why an answer was not read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    #[error("{}", chain(.0))]
    Lost(reqwest::Error),
    /// Bytes that there may be.
    #[error("its answer has more than {0} bytes")]
    Long(usize),
}

impl From<reqwest::Error> for Unread {
    /// Its address may hold what nobody else should read.
    fn from(error: reqwest::Error) -> Self {
        Self::Lost(error.without_url())
    }
}

/// What an answer holds, of at most so many bytes.
pub async fn body_of(answer: &mut reqwest::Response, most: usize) -> Result<Vec<u8>, Unread> {
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await? {
        if body.len() + piece.len() > most {
            return Err(Unread::Long(most));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}
