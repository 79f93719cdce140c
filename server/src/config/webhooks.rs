//! Settings of webhooks.

use serde::Deserialize;

/// Where the shop's own servers are told of what happens.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Whether messages may go to this machine and to networks that are nobody else's, and without TLS.
    pub allow_private: bool,
    /// Messages in a minute, over all servers; 0: no limit.
    pub per_minute: u32,
}
