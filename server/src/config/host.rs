//! Hosts that are named in addresses.

use std::net::IpAddr;

/// Whether a host is this machine, so that what goes there leaves it not.
pub(crate) fn is_own_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
