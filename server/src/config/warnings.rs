//! Settings that work, and are not safe: said at start-up, each with what to do.

use super::Config;
use super::host::is_own_machine;

impl Config {
    /// What is not safe about these settings; nothing for a server that only its own machine reaches.
    pub fn warnings(&self) -> Vec<String> {
        let reached = !self.listen.ip().is_loopback();
        let own_machine = host_of(&self.public_url).is_none_or(is_own_machine);
        let mut warnings = Vec::new();
        let mut warn = |unsafe_: bool, warning: &str| {
            if unsafe_ {
                warnings.push(warning.to_owned());
            }
        };
        warn(
            !self.is_secure() && !own_machine,
            "setting public_url: without https:// whoever is on the way reads what shoppers see, and their sessions",
        );
        warn(
            self.demo && (reached || !own_machine),
            "setting demo: everybody may move the clock and see orders to try; never for a real shop",
        );
        warn(
            self.metrics_listen.is_some_and(|address| !address.ip().is_loopback()),
            "setting metrics_listen: figures are shown to whoever reaches that address",
        );
        warn(
            self.client_address_header.is_none() && self.is_secure() && !own_machine,
            "setting client_address_header: https:// needs a proxy in front, and without the header that it adds all visitors are limited as one",
        );
        warn(
            self.client_address_header.is_some() && self.trusted_proxies.is_empty() && reached,
            "setting trusted_proxies: whoever reaches this server past the proxy chooses their address, and so escapes limits",
        );
        warn(
            self.smtp_url.as_deref().is_some_and(|url| url.starts_with("smtp://") && !url.contains("tls=required") && !is_near(url)),
            "setting smtp_url: whoever is on the way to the mail server may read codes and links; write smtps:// or ?tls=required",
        );
        warn(
            self.database_url
                .as_deref()
                .is_some_and(|url| url.starts_with("postgres") && !url.contains("sslmode=verify-full") && !is_near(url)),
            "setting database_url: without sslmode=verify-full whoever is on the way to the database may read and change what goes there",
        );
        warnings
    }
}

fn is_near(url: &str) -> bool {
    host_of(url).is_none_or(is_own_machine)
}

/// The host an address names, if it names one.
fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next()?,
        None => host.split(':').next()?,
    };
    Some(host).filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_safe_is_named() {
        assert_eq!(Config::default().warnings(), Vec::<String>::new(), "a fresh one on one's own machine");
        let shop = Config { public_url: "https://returns.shop.example".into(), ..Config::default() };
        let behind = Config { client_address_header: Some("x-forwarded-for".into()), ..shop.clone() };
        assert_eq!(behind.warnings(), Vec::<String>::new(), "behind a proxy on the same machine");
        let at = |address: &str| address.parse().unwrap();
        for (config, named) in [
            (Config { public_url: "http://returns.shop.example".into(), ..Config::default() }, "public_url"),
            (shop, "client_address_header"),
            (Config { listen: at("0.0.0.0:3000"), ..behind.clone() }, "trusted_proxies"),
            (Config { demo: true, ..behind.clone() }, "demo"),
            (Config { demo: true, listen: at("[::]:3000"), ..Config::default() }, "demo"),
            (Config { metrics_listen: Some(at("0.0.0.0:9464")), ..behind.clone() }, "metrics_listen"),
            (Config { smtp_url: Some("smtp://u:p@mail.shop.example:587?tls=opportunistic".into()), ..behind.clone() }, "smtp_url"),
            (Config { database_url: Some("postgres://u:p@db.shop.example/h?sslmode=require".into()), ..behind.clone() }, "database_url"),
        ] {
            let warnings = config.warnings();
            assert!(warnings.len() == 1 && warnings[0].starts_with(&format!("setting {named}: ")), "{named}: {warnings:?}");
        }
        for safe in [
            Config { smtp_url: Some("smtp://localhost:1025".into()), ..behind.clone() },
            Config { smtp_url: Some("smtp://mail.shop.example:587?tls=required".into()), ..behind.clone() },
            Config { smtp_url: Some("smtps://mail.shop.example".into()), ..behind.clone() },
            Config { database_url: Some("postgres://u:p@[::1]:5432/h".into()), ..behind.clone() },
            Config { database_url: Some("postgres:///h?host=/run/postgresql".into()), ..behind.clone() },
            Config { database_url: Some("postgres://db.shop.example/h?sslmode=verify-full".into()), ..behind },
        ] {
            assert_eq!(safe.warnings(), Vec::<String>::new());
        }
    }
}
