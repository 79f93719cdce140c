//! Whether others can tell that mails in the shop's name are its own: what its domain says of itself (SPF, RFC 7208; DKIM, RFC 6376; DMARC, RFC 7489).

use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::net::NetError;
use lettre::message::Mailbox;

use super::finding::Finding;
use crate::config::Config;
use crate::log::chain;

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Domains that nobody has (RFC 2606, RFC 6761).
const NOBODYS: [&str; 5] = ["example", "test", "invalid", "localhost", "local"];

/// What a domain says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Said {
    /// Its texts.
    own: Vec<String>,
    /// At `_dmarc`.
    dmarc: Vec<String>,
    /// At `…._domainkey`, where the settings say which key signs.
    dkim: Option<Vec<String>>,
}

/// What is missing for mails to be believed; nothing where they go nowhere, or in nobody's name.
pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let domain = config.mail.from.parse::<Mailbox>().map(|from| from.email.domain().to_ascii_lowercase()).unwrap_or_default();
    let last = domain.rsplit('.').next().unwrap_or_default();
    if config.smtp_url.is_none() || domain.is_empty() || NOBODYS.contains(&last) || domain.starts_with('[') {
        return Vec::new();
    }
    let selector = config.mail.dkim_selector.as_deref();
    let asked = async {
        let resolver = TokioResolver::builder_tokio()?.build()?;
        ask(&resolver, &domain, selector).await
    };
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(said)) => judge(&domain, selector, &said),
        Ok(Err(error)) => vec![Finding::warning("mail_dns", format!("DNS could not be asked about {domain}: {}", chain(&error)), MEND_DNS)],
        Err(_) => vec![Finding::warning("mail_dns", format!("DNS did not answer about {domain} in time"), MEND_DNS)],
    }
}

const MEND_DNS: &str = "see to this machine's DNS, then look again";

async fn ask(resolver: &TokioResolver, domain: &str, selector: Option<&str>) -> Result<Said, NetError> {
    let texts = async |name: String| match resolver.txt_lookup(name).await {
        Ok(found) => Ok(found
            .answers()
            .iter()
            .filter_map(|record| match &record.data {
                hickory_resolver::proto::rr::RData::TXT(text) => {
                    Some(text.txt_data.iter().map(|part| String::from_utf8_lossy(part).into_owned()).collect::<String>())
                }
                _ => None,
            })
            .collect::<Vec<String>>()),
        Err(error) if error.is_no_records_found() => Ok(Vec::new()),
        Err(error) => Err(error),
    };
    let dkim = match selector {
        Some(selector) => Some(texts(format!("{selector}._domainkey.{domain}.")).await?),
        None => None,
    };
    Ok(Said { own: texts(format!("{domain}.")).await?, dmarc: texts(format!("_dmarc.{domain}.")).await?, dkim })
}

fn judge(domain: &str, selector: Option<&str>, said: &Said) -> Vec<Finding> {
    let begins =
        |texts: &[String], with: &str| texts.iter().filter(|text| text.to_ascii_lowercase().starts_with(with)).cloned().collect::<Vec<_>>();
    let mut findings = Vec::new();
    let spf = begins(&said.own, "v=spf1");
    match &spf[..] {
        [] => findings.push(Finding::warning(
            "mail_spf",
            format!("{domain} does not say who sends its mails (SPF): many will be taken for spam"),
            format!("publish a TXT record at {domain}: \"v=spf1 include:<as your mail provider says> ~all\""),
        )),
        [one] if one.split_ascii_whitespace().any(|term| matches!(term.to_ascii_lowercase().as_str(), "+all" | "all")) => {
            findings.push(Finding::warning(
                "mail_spf",
                format!("{domain} says that anybody may send its mails (SPF: {one})"),
                "end that TXT record with ~all or -all",
            ));
        }
        [_] => {}
        several => findings.push(Finding::warning(
            "mail_spf",
            format!("{domain} has {} SPF records, which is as good as none (RFC 7208, 4.5)", several.len()),
            "make one of them",
        )),
    }
    match (selector, &said.dkim) {
        (Some(selector), Some(texts)) => {
            let has_key =
                |text: &String| text.split(';').any(|tag| tag.trim().strip_prefix("p=").is_some_and(|key| !key.trim().is_empty()));
            if !texts.iter().any(has_key) {
                let at = format!("{selector}._domainkey.{domain}");
                let text = format!("there is no key at {at} (DKIM): signatures of mails cannot be checked");
                findings.push(Finding::warning("mail_dkim", text, format!("publish the TXT record of your mail provider at {at}")));
            }
        }
        _ => findings.push(Finding::warning(
            "mail_dkim",
            "which key signs mails (DKIM) is not known here, and whether it is published could not be looked up",
            "set mail.dkim_selector to what your mail provider calls its key",
        )),
    }
    if begins(&said.dmarc, "v=dmarc1").len() != 1 {
        findings.push(Finding::warning(
            "mail_dmarc",
            format!("{domain} does not say what becomes of mails in its name that are not its own (DMARC)"),
            format!("publish a TXT record at _dmarc.{domain}: \"v=DMARC1; p=none; rua=mailto:…\", and tighten it once all is well"),
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
    use hickory_resolver::net::runtime::TokioRuntimeProvider;
    use tokio::net::UdpSocket;

    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn what_a_domain_lacks_is_named() {
        let fine = Said {
            own: texts(&["google-site-verification=x", "v=spf1 include:_spf.mail.example ~all"]),
            dmarc: texts(&["v=DMARC1; p=none"]),
            dkim: Some(texts(&["v=DKIM1; k=rsa; p=MIIB"])),
        };
        let codes = |selector, said: &Said| judge("shop.example", selector, said).iter().map(|finding| finding.code).collect::<Vec<_>>();
        assert!(codes(Some("s1"), &fine).is_empty());
        for (said, lacks) in [
            (Said { own: texts(&["v=spf"]), ..fine.clone() }, "mail_spf"),
            (Said { own: texts(&["v=spf1 a -all", "v=spf1 mx -all"]), ..fine.clone() }, "mail_spf"),
            (Said { own: texts(&["v=spf1 +all"]), ..fine.clone() }, "mail_spf"),
            (Said { dmarc: vec![], ..fine.clone() }, "mail_dmarc"),
            (Said { dkim: Some(vec![]), ..fine.clone() }, "mail_dkim"),
            (Said { dkim: Some(texts(&["v=DKIM1; p="])), ..fine.clone() }, "mail_dkim"),
        ] {
            assert_eq!(codes(Some("s1"), &said), [lacks], "{said:?}");
        }
        assert_eq!(codes(None, &Said { dkim: None, ..fine.clone() }), ["mail_dkim"]);
        assert_eq!(codes(Some("s1"), &Said { dkim: Some(vec![]), ..Said::default() }), ["mail_spf", "mail_dkim", "mail_dmarc"]);
    }

    /// A server of names that knows one text, in two parts; of all else there is none.
    async fn server_of(name: &'static str, parts: [&'static str; 2]) -> std::net::SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut packet = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut packet).await {
                // The question: labels, each after its length, then type and class.
                let mut end = 12;
                let mut asked = Vec::new();
                while packet[end] != 0 {
                    let label = &packet[end + 1..=end + usize::from(packet[end])];
                    asked.push(String::from_utf8_lossy(label).to_ascii_lowercase());
                    end += label.len() + 1;
                }
                let question = &packet[12..(end + 5).min(length)];
                let known = asked.join(".") == name;
                let mut answer = [&packet[..2], &[0x81, 0x80, 0, 1, 0, u8::from(known), 0, 0, 0, 0], question].concat();
                if known {
                    let data: Vec<u8> = parts.iter().flat_map(|part| [&[part.len() as u8][..], part.as_bytes()].concat()).collect();
                    answer.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, data.len() as u8]);
                    answer.extend(data);
                }
                let _ = socket.send_to(&answer, from).await;
            }
        });
        address
    }

    #[tokio::test]
    async fn dns_is_asked_for_it() {
        let server = server_of("shop.example", ["v=spf1 ", "-all"]).await;
        let mut connection = ConnectionConfig::udp();
        connection.port = server.port();
        let servers = vec![NameServerConfig::new(server.ip(), true, vec![connection])];
        let config = ResolverConfig::from_parts(None, vec![], servers);
        let resolver = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()).build().unwrap();
        let said = ask(&resolver, "shop.example", Some("s1")).await.unwrap();
        assert_eq!(said, Said { own: texts(&["v=spf1 -all"]), dmarc: vec![], dkim: Some(vec![]) });
    }
}
