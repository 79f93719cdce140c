//! Hosts that are named in addresses.

use std::net::IpAddr;

use url::Url;

/// Whether a host is this machine, so that what goes there leaves it not.
pub(crate) fn is_own_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether nobody on the way reads what goes there: by https, or not off this machine.
pub(super) fn is_safe(url: &Url) -> bool {
    let near = || url.host_str().is_some_and(|host| is_own_machine(host.trim_matches(['[', ']'])));
    url.scheme() == "https" || url.scheme() == "http" && near()
}

/// Whether that is such an address, with nothing after its host and nobody's name before it: where a vendor answers.
pub(super) fn is_vendors(text: &str) -> bool {
    let plain = |url: &Url| url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    text.parse::<Url>().is_ok_and(|url| plain(&url) && is_safe(&url))
}

/// What such an address is.
pub(super) const VENDORS: &str = "is an address that starts with https:// and has nothing after its host";
