//! Where a visitor comes from, as limits count it: an address of IPv4, or a network of IPv6. Behind a proxy it is the proxy's word, and one that
//! cannot be understood is refused: counted as one, all who send such a word would use up each other's limits.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::config::Config;
use crate::security::Incident;

/// The address, as [`counted`], in a request's extensions.
#[derive(Clone, Copy)]
pub struct ComesFrom(pub IpAddr);

/// The header of a proxy of ours does not say where the visitor is.
#[derive(Debug, PartialEq, Eq)]
pub struct Unclear;

impl IntoResponse for Unclear {
    fn into_response(self) -> Response {
        let said = "It is not clear where this request comes from. 无法识别请求来源。\n";
        let mut response = (StatusCode::BAD_REQUEST, said).into_response();
        response.extensions_mut().insert(Incident::Unclear);
        response
    }
}

/// Where a request comes from that arrived on a connection of `connection`.
pub fn comes_from(config: &Config, headers: &HeaderMap, connection: IpAddr) -> Result<ComesFrom, Unclear> {
    let trusted = config.trusted_proxies.is_empty() || config.trusted_proxies.iter().any(|net| net.contains(&connection.to_canonical()));
    let header = config.client_address_header.as_ref().filter(|name| trusted && headers.contains_key(name.as_str()));
    // Without it nobody stands between: a look at the server's health, say.
    let Some(name) = header else { return Ok(ComesFrom(counted(connection))) };
    // Several lines are one list (RFC 9110, 5.3). What is right in it was added last, by the proxy next to us; all that is left of our own
    // proxies' words is whatever the visitor wrote.
    let lines = headers.get_all(name.as_str()).iter().rev();
    let mut words = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    let word = words.nth(config.client_address_hops - 1).and_then(|word| str::from_utf8(word).ok());
    word.and_then(address_of).map(|address| ComesFrom(counted(address))).ok_or(Unclear)
}

/// An address as proxies write it: `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`.
fn address_of(word: &str) -> Option<IpAddr> {
    let bare = word.parse().ok();
    let with_port = || word.parse::<SocketAddr>().ok().map(|address| address.ip());
    let in_brackets = || word.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    bare.or_else(with_port).or_else(in_brackets)
}

/// What one visitor holds: of IPv6 a network of 64 bits, the least that a line is given (RFC 6177), in which they choose the rest; of IPv4 an
/// address, also where it is written as one of IPv6 (RFC 4291, 2.5.5.2; behind a translator RFC 6052, 2.1).
pub fn counted(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address.to_canonical() else { return address.to_canonical() };
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            Ipv4Addr::new(a, b, c, d).into()
        }
        [a, b, c, d, ..] => Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn seen(config: &Config, lines: &[&str], connection: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        comes_from(config, &headers, connection.parse().unwrap()).ok().map(|from| from.0.to_string())
    }

    fn behind(hops: usize) -> Config {
        Config { client_address_header: Some("x-forwarded-for".into()), client_address_hops: hops, ..Config::default() }
    }

    #[test]
    fn the_last_proxy_is_believed_however_many_lines_the_visitor_wrote() {
        for (lines, says) in [
            (&["192.0.2.1"][..], "192.0.2.1"),
            (&["1.1.1.1, 192.0.2.1"], "192.0.2.1"),
            (&["1.1.1.1", "192.0.2.1"], "192.0.2.1"),
            (&["1.1.1.1", "2.2.2.2,3.3.3.3", "192.0.2.1"], "192.0.2.1"),
            (&["nonsense", "\u{e9}", "192.0.2.1"], "192.0.2.1"),
            (&[], "127.0.0.1"),
        ] {
            assert_eq!(seen(&behind(1), lines, "127.0.0.1").as_deref(), Some(says), "{lines:?}");
        }
        assert_eq!(seen(&Config::default(), &["192.0.2.1"], "127.0.0.1").as_deref(), Some("127.0.0.1"), "no proxy is set");
    }

    #[test]
    fn further_proxies_are_counted_from_the_right() {
        assert_eq!(seen(&behind(2), &["9.9.9.9, 192.0.2.1", "10.0.0.1"], "127.0.0.1").as_deref(), Some("192.0.2.1"));
        assert_eq!(seen(&behind(3), &["192.0.2.1, 10.0.0.1"], "127.0.0.1"), None, "one of them was gone round");
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let config = Config { trusted_proxies: vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()], ..behind(1) };
        for (connection, says) in
            [("10.1.2.3", "192.0.2.1"), ("::ffff:10.1.2.3", "192.0.2.1"), ("fd00::1", "192.0.2.1"), ("192.0.2.9", "192.0.2.9")]
        {
            assert_eq!(seen(&config, &["192.0.2.1"], connection).as_deref(), Some(says));
        }
    }

    #[test]
    fn one_visitor_is_one_however_their_address_is_written() {
        for (word, says) in [
            ("192.0.2.1:4711", Some("192.0.2.1")),
            ("::ffff:192.0.2.1", Some("192.0.2.1")),
            ("[::ffff:192.0.2.1]:4711", Some("192.0.2.1")),
            ("64:ff9b::192.0.2.1", Some("192.0.2.1")),
            ("2001:db8:1:2:3:4:5:6", Some("2001:db8:1:2::")),
            ("[2001:db8:1:2::9]", Some("2001:db8:1:2::")),
            ("[2001:db8:1:2::9]:4711", Some("2001:db8:1:2::")),
            (" 192.0.2.1 ", Some("192.0.2.1")),
            ("unknown", None),
            ("_hidden", None),
            ("", None),
            ("192.0.2.1,", None),
            ("192.0.2", None),
            ("192.0.2.1:99999", None),
            ("[192.0.2.1]", None),
            ("2001:db8::1::2", None),
            ("for=192.0.2.1", None),
            ("\u{e9}", None),
        ] {
            assert_eq!(seen(&behind(1), &[word], "127.0.0.1").as_deref(), says, "{word}");
        }
    }
}
