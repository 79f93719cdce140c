//! Random tokens, the digests of them that are stored, and the secret that seals what leaves the server.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

/// Bytes of a seal: half of the digest, the least that RFC 2104 (5) advises; short enough for a link in a QR code.
const SEAL: usize = 16;

/// 256 random bits, in 43 letters, digits, `-` and `_`.
pub fn token() -> String {
    let bits: [u8; 32] = rand::random();
    URL_SAFE_NO_PAD.encode(bits)
}

/// Six random digits.
pub fn code() -> String {
    format!("{:06}", rand::random_range(0..1_000_000_u32))
}

/// What is stored of a secret, and compared.
pub fn digest(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}

/// HMAC with SHA-256 (RFC 2104), ready for what is to be authenticated.
pub fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

/// The secret that all servers on one database share: the first of a list seals, and what the others sealed is still known, so that one can
/// follow another.
#[derive(Clone)]
pub struct ServerSecret(Arc<[Box<[u8]>]>);

impl ServerSecret {
    /// From the setting or the data folder; nothing where there is none.
    pub fn of<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Option<Self> {
        let secrets: Arc<[Box<[u8]>]> = secrets.into_iter().map(|secret| secret.as_bytes().into()).collect();
        (!secrets.is_empty()).then_some(Self(secrets))
    }

    /// A seal on a text: only who has the secret can make it, and it is good for one purpose.
    pub fn seal(&self, purpose: &str, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(&sealing(&self.0[0], purpose, text).finalize().into_bytes()[..SEAL])
    }

    /// The seals that any of the secrets puts on a text, that of [`ServerSecret::seal`] first: to look for one that was put before.
    pub fn seals(&self, purpose: &str, text: &str) -> Vec<String> {
        let seal = |secret| URL_SAFE_NO_PAD.encode(&sealing(secret, purpose, text).finalize().into_bytes()[..SEAL]);
        self.0.iter().map(|secret| seal(secret)).collect()
    }

    /// Whether that is the seal of the text by one of the secrets, told in a time that does not depend on the seal.
    pub fn has_sealed(&self, purpose: &str, text: &str, seal: &str) -> bool {
        let sealed = URL_SAFE_NO_PAD.decode(seal).ok().filter(|seal| seal.len() == SEAL);
        sealed.is_some_and(|seal| self.0.iter().any(|secret| sealing(secret, purpose, text).verify_truncated_left(&seal).is_ok()))
    }

    /// What is stored of a few bytes that only we may read again, for one purpose (ChaCha20-Poly1305, RFC 8439).
    pub fn lock(&self, purpose: &str, bytes: &[u8]) -> String {
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut locked = bytes.to_vec();
        let key = locking(&self.0[0], purpose);
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut locked).expect("a few bytes can be locked");
        URL_SAFE_NO_PAD.encode([nonce.as_slice(), &locked].concat())
    }

    /// The bytes that one of the secrets locked for that purpose.
    pub fn unlock(&self, purpose: &str, locked: &str) -> Option<Vec<u8>> {
        let locked = URL_SAFE_NO_PAD.decode(locked).ok()?;
        let (nonce, locked) = locked.split_first_chunk::<NONCE_LEN>()?;
        self.0.iter().find_map(|secret| {
            let mut bytes = locked.to_vec();
            let opened = locking(secret, purpose).open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::empty(), &mut bytes);
            opened.ok().map(|opened| opened.to_vec())
        })
    }
}

/// A key that locks for one purpose.
fn locking(secret: &[u8], purpose: &str) -> LessSafeKey {
    let key = sealing(secret, "lock", purpose).finalize().into_bytes();
    LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &key).expect("a digest of SHA-256 has the length of a key"))
}

fn sealing(secret: &[u8], purpose: &str, text: &str) -> Hmac<Sha256> {
    // Purposes hold no NUL: no purpose and text are taken for another pair.
    keyed(secret).chain_update(purpose).chain_update([0]).chain_update(text)
}

impl fmt::Debug for ServerSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}
