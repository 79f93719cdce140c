//! The second factor: codes of six digits from an app, which change every half minute (RFC 6238).

use totp_rs::{Builder, Secret, Totp};

use crate::secrets::ServerSecret;

/// What it is kept under: nobody opens it as something else.
const PURPOSE: &str = "staff.factor";
/// Bytes of what codes are made of, as RFC 4226 (4) advises.
const LENGTH: usize = 20;

/// What the codes of one person are made of.
pub struct Factor(Vec<u8>);

impl Factor {
    pub fn new() -> Self {
        let bits: [u8; LENGTH] = rand::random();
        Self(bits.to_vec())
    }

    /// As it is stored.
    pub fn locked(&self, secret: &ServerSecret) -> String {
        secret.lock(PURPOSE, &self.0)
    }

    /// From what is stored; nothing where the secret that locked it is gone.
    pub fn unlocked(secret: &ServerSecret, locked: &str) -> Option<Self> {
        secret.unlock(PURPOSE, locked).filter(|bytes| bytes.len() == LENGTH).map(Self)
    }

    /// One step before and after count as well: clocks differ, and people take their time.
    fn totp(&self, shop: &str, account: &str) -> Totp {
        // A colon would part the two.
        let without = |text: &str| text.replace(':', " ");
        let builder = Builder::new().with_secret(Secret::from(self.0.as_slice())).with_skew(1);
        builder.with_issuer(Some(without(shop))).with_account_name(without(account)).build_noncompliant()
    }

    /// The step whose code this is, now.
    pub fn step_of(&self, code: &str, seconds: i64) -> Option<i64> {
        let digits: String = code.chars().filter(char::is_ascii_digit).collect();
        let at = u64::try_from(seconds).ok()?;
        if digits.len() != 6 {
            return None;
        }
        self.totp("", "").check(&digits, at).and_then(|step| i64::try_from(step).ok())
    }

    /// The code of now.
    pub fn code(&self, seconds: i64) -> String {
        self.totp("", "").generate(u64::try_from(seconds).unwrap_or_default()).to_string()
    }

    /// To be typed, where no camera reads it: groups of four.
    pub fn typed(&self) -> String {
        let text = Secret::from(self.0.as_slice()).to_base32();
        let letters: Vec<char> = text.chars().filter(|letter| *letter != '=').collect();
        letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    /// What the app reads from a QR code.
    pub fn address(&self, shop: &str, account: &str) -> String {
        self.totp(shop, account).to_url().unwrap_or_default()
    }
}

impl Default for Factor {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, its eight digits cut to six.
        let factor = Factor(b"12345678901234567890".to_vec());
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")] {
            assert_eq!(factor.code(seconds), code);
            assert_eq!(factor.step_of(code, seconds), Some(seconds / 30));
            assert_eq!(factor.step_of(&format!("{} {}", &code[..3], &code[3..]), seconds + 30), Some(seconds / 30), "half a minute late");
            assert_eq!(factor.step_of(code, seconds + 90), None, "a minute too late");
        }
        assert_eq!(factor.step_of("28708", 59), None);
        assert_eq!(factor.step_of("", 59), None);
        assert_eq!(factor.typed(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let address = factor.address("Lamp: & Linden", "li@example.com");
        assert!(address.starts_with("otpauth://totp/Lamp"), "{address}");
        assert!(address.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{address}");
    }

    #[test]
    fn what_is_stored_opens_with_its_secret_only() {
        let secret = |text| ServerSecret::of([text]).unwrap();
        let factor = Factor::new();
        let locked = factor.locked(&secret("one"));
        assert_eq!(Factor::unlocked(&secret("one"), &locked).unwrap().0, factor.0);
        assert!(Factor::unlocked(&secret("two"), &locked).is_none());
        assert_ne!(locked, factor.locked(&secret("one")), "never the same twice");
        let both = ServerSecret::of(["two", "one"]).unwrap();
        assert!(Factor::unlocked(&both, &locked).is_some(), "a secret that follows another opens what that locked");
    }
}
