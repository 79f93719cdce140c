//! Passwords: what is good enough, and how they are kept (Argon2id; OWASP's parameters).

use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::staff::Member;
use domain::words::Locale;
use tokio::sync::Semaphore;
use zxcvbn::{Score, zxcvbn};

use super::breached;
use crate::services::Services;

/// The shortest, in characters.
pub const SHORTEST: usize = 12;
/// The longest: whoever sends more wants to keep us busy.
pub const LONGEST: usize = 128;

/// Each hash takes 19 MiB for a while.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// What is compared where there is nobody, so that the answer takes as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| hashed(&crate::secrets::token()));

fn argon() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("these parameters are within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hashed(password: &str) -> String {
    argon().hash_password(password.as_bytes()).expect("a password of any length can be hashed").to_string()
}

/// Whether a password is long enough and none that others guess; `about`: what they know of its owner.
pub fn is_good(password: &str, about: &[&str]) -> bool {
    let length = password.chars().count();
    (SHORTEST..=LONGEST).contains(&length) && zxcvbn(password, about).score() >= Score::Three
}

/// Letters and digits that a password has at the least beside what others know of the shop and its owner.
const LEAST_OF_ITS_OWN: usize = 8;

/// How many letters and digits are left of a password without such words, the longest taken out first.
fn of_its_own(password: &str, about: &[&str]) -> usize {
    let mut words: Vec<String> = about.iter().map(|word| word.to_lowercase()).filter(|word| word.chars().count() > 3).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let rest = words.iter().fold(password.to_lowercase(), |rest, word| rest.replace(word.as_str(), " "));
    rest.chars().filter(|letter| letter.is_alphanumeric()).count()
}

impl Services {
    /// Whether somebody may choose a password: it is good, has nothing of the shop's words in it, and was not stolen elsewhere as far as the
    /// operator's list knows.
    pub(super) async fn may_choose(&self, password: &str, member: &Member) -> bool {
        let mut about = self.shop_words();
        about.extend([member.name.clone(), member.email.as_str().to_owned()]);
        let about: Vec<&str> = about.iter().map(String::as_str).collect();
        if !is_good(password, &about) || of_its_own(password, &about) < LEAST_OF_ITS_OWN {
            return false;
        }
        let Some(list) = self.config.breached_passwords.clone() else { return true };
        let password = password.to_owned();
        match tokio::task::spawn_blocking(move || breached::is_among(&list, &password)).await {
            Ok(Ok(among)) => !among,
            // Nobody is kept from changing a password because a disk is away; whoever runs the server reads it.
            Ok(Err(error)) => {
                tracing::error!(%error, "the list of breached passwords cannot be read");
                true
            }
            Err(_) => false,
        }
    }

    /// What everybody can guess who knows the shop: its names, and where it is found.
    fn shop_words(&self) -> Vec<String> {
        let config = &self.config;
        let names = Locale::ALL.iter().filter_map(|locale| config.shop.name.get(*locale));
        let addresses =
            [Some(config.public_url.as_str()), config.shop.email.as_deref(), config.shop.phone.as_deref(), Some(&config.mail.from)];
        let told = names.chain(addresses.into_iter().flatten()).chain(["homebound", "returns", "refund", "warehouse"]);
        let separates = |letter: char| !letter.is_alphanumeric();
        told.flat_map(|text| {
            let together: String = text.chars().filter(|letter| letter.is_alphanumeric()).collect();
            text.split(separates).map(str::to_owned).chain([text.to_owned(), together]).collect::<Vec<_>>()
        })
        .filter(|word| word.chars().count() > 2)
        .collect()
    }
}

/// As it is stored.
pub async fn hash(password: String) -> String {
    let _place = AT_ONCE.acquire().await;
    tokio::task::spawn_blocking(move || hashed(&password)).await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

/// Whether it is the password of a hash; takes as long where there is none.
pub async fn fits(password: String, hash: Option<String>) -> bool {
    if password.chars().count() > LONGEST {
        return false;
    }
    let _place = AT_ONCE.acquire().await;
    let compared = tokio::task::spawn_blocking(move || {
        let stored = hash.as_deref().unwrap_or(&NOBODY);
        let fits = PasswordHash::new(stored).is_ok_and(|stored| argon().verify_password(password.as_bytes(), &stored).is_ok());
        fits && hash.is_some()
    });
    compared.await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_and_hard_to_guess() {
        for weak in ["short", "passwordpassword", "123456789012345", "qwertyuiopasdfgh", "aaaaaaaaaaaaaaaa", "meichen@shop.example"] {
            assert!(!is_good(weak, &["Mei Chen", "meichen@shop.example"]), "{weak}");
        }
        for good in ["correct horse battery staple", "wir-trinken-gern-Tee-am-Fluss", "爱喝乌龙茶的猫在屋顶上睡觉呢"] {
            assert!(is_good(good, &["Mei Chen"]), "{good}");
        }
        assert!(!is_good(&"x9!Kq".repeat(40), &[]), "too long");
    }

    #[tokio::test]
    async fn only_the_password_fits_its_hash() {
        let stored = hash("correct horse battery staple".into()).await;
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(fits("correct horse battery staple".into(), Some(stored.clone())).await);
        assert!(!fits("correct horse battery stapl".into(), Some(stored)).await);
        assert!(!fits("correct horse battery staple".into(), None).await);
        assert!(!fits("x".into(), Some("no hash".into())).await);
    }
}
