//! Passwords: what is good enough, and how they are kept (Argon2id; OWASP's parameters).

use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use zxcvbn::{Score, zxcvbn};

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
