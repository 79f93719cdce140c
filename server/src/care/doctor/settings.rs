//! Settings that are not safe.

use std::collections::BTreeSet;

use super::finding::Finding;
use crate::config::{Config, SecretText};

/// Different bytes that a secret has at least: 32 random ones in hexadecimal digits have 10 of 16 but once in millions.
const DIFFERENT: usize = 10;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let file = config.config.as_ref().map_or("the environment".to_owned(), |file| file.display().to_string());
    let unsafe_ = config.warnings().into_iter().map(|warning| Finding::warning("setting_unsafe", warning, format!("set it in {file}")));
    let mut findings: Vec<Finding> = unsafe_.collect();
    let named =
        config.secret.iter().map(|secret| ("secret", secret)).chain(config.start.secrets.iter().map(|secret| ("start.secrets", secret)));
    for (name, secret) in named.filter(|(_, secret)| is_guessed(secret)) {
        let text = format!("setting {name}: it repeats few letters, and can be guessed");
        findings.push(Finding::error(
            "secret_weak",
            text,
            format!("openssl rand -base64 48, then set {name} ({} bytes now)", secret.expose().len()),
        ));
    }
    findings
}

fn is_guessed(secret: &SecretText) -> bool {
    secret.expose().bytes().collect::<BTreeSet<_>>().len() < DIFFERENT
}
