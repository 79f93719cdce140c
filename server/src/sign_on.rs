//! The provider of sign-on (OpenID Connect Core 1.0): where somebody is sent, and what it says of them when they come back.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, Instant};

use domain::ids::EmailAddress;
use domain::staff::Roles;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthType, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IdTokenFields, IssuerUrl, LocalizedClaim, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, StandardErrorResponse, StandardTokenResponse, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::asking::{Unread, body_of, client};
use crate::config::{Config, SignOn as Settings};
use crate::secrets;

/// Where the provider sends people back to, below the public address.
pub const BACK: &str = "/staff/sign-on/back";

/// How long the provider may take for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer: more than any provider says.
const LONGEST: usize = 1 << 20;
/// For how long what the provider says of itself is kept, for sending people there. When they come back it is asked anew, so that new keys are known.
const KEPT: Duration = Duration::from_secs(300);

/// Signed by a key of the provider's own. Not `none`; not `HS256`, whose key is a password that people type.
const SIGNED: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What it says beside the standard claims.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct Others {
    #[serde(flatten)]
    all: BTreeMap<String, Value>,
}

impl AdditionalClaims for Others {}

type Tokens = StandardTokenResponse<
    IdTokenFields<Others, EmptyExtraTokenFields, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>,
    CoreTokenType,
>;
type Asking = Client<
    Others,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Somebody is on the way to the provider. What is secret of it stays here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Where they are sent.
    pub address: String,
    /// What comes back with them.
    pub state: String,
    /// What the provider's answer is to hold.
    pub nonce: String,
    /// What shows that the code is ours (PKCE, RFC 7636).
    pub verifier: String,
}

/// Who somebody is, as the provider says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub issuer: String,
    /// Its own name for them, which never changes.
    pub subject: String,
    pub name: Option<String>,
    /// Where it says that it has made sure of it.
    pub email: Option<EmailAddress>,
    pub roles: Roles,
}

/// Why the provider did not say who somebody is.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    #[error("the provider of sign-on does not answer, or not as one should")]
    Away(#[source] Box<dyn Error + Send + Sync>),
    #[error("what the provider of sign-on said does not hold")]
    Refused(#[source] Box<dyn Error + Send + Sync>),
}

fn away(error: impl Into<Box<dyn Error + Send + Sync>>) -> ProviderError {
    ProviderError::Away(error.into())
}

fn refused(error: impl Into<Box<dyn Error + Send + Sync>>) -> ProviderError {
    ProviderError::Refused(error.into())
}

/// The provider that the settings name.
pub struct Provider {
    settings: Settings,
    issuer: IssuerUrl,
    back: RedirectUrl,
    http: reqwest::Client,
    known: Mutex<Option<(Instant, CoreProviderMetadata)>>,
}

impl Provider {
    /// Nothing where the settings name none.
    pub fn of(config: &Config) -> Option<Self> {
        let settings = config.sign_on.clone();
        let issuer = IssuerUrl::new(settings.issuer.clone()?).ok()?;
        let back = RedirectUrl::new(format!("{}{BACK}", config.public_url)).ok()?;
        let http = client(PATIENCE).build().ok()?;
        Some(Self { settings, issuer, back, http, known: Mutex::new(None) })
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Sends somebody there.
    pub async fn begin(&self) -> Result<Begun, ProviderError> {
        let client = self.client(self.metadata(KEPT).await?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let asked = client.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            || CsrfToken::new(secrets::token()),
            || Nonce::new(secrets::token()),
        );
        let scopes = self.settings.scopes.iter().cloned().map(Scope::new);
        let (address, state, nonce) = asked.add_scopes(scopes).set_pkce_challenge(challenge).url();
        let verifier = verifier.into_secret();
        Ok(Begun { address: address.into(), state: state.into_secret(), nonce: nonce.secret().clone(), verifier })
    }

    /// Who has come back with that code: asked of the provider, whose signature, name, audience and time are checked, and the nonce.
    pub async fn finish(&self, code: String, begun: Begun) -> Result<Identity, ProviderError> {
        let metadata = self.metadata(Duration::ZERO).await?;
        let says_more = metadata.userinfo_endpoint().is_some();
        let client = self.client(metadata);
        let http = |request| ask(self.http.clone(), request);
        let exchange = client.exchange_code(AuthorizationCode::new(code)).map_err(away)?;
        let exchanged = exchange.set_pkce_verifier(PkceCodeVerifier::new(begun.verifier)).request_async(&http).await;
        let tokens = exchanged.map_err(|error| match error {
            RequestTokenError::ServerResponse(_) | RequestTokenError::Parse(..) => refused(error),
            error => away(error),
        })?;
        let id_token = openidconnect::TokenResponse::id_token(&tokens).ok_or_else(|| refused("it sent no ID token"))?;
        let verifier = client.id_token_verifier().set_allowed_algs(SIGNED);
        let claims = id_token.claims(&verifier, &Nonce::new(begun.nonce)).map_err(refused)?;
        if claims.authorized_party().is_some_and(|party| **party != self.settings.client_id) {
            return Err(refused("its answer was made for somebody else"));
        }
        let mut said = Said {
            name: first(claims.name()),
            email: claims.email().map(|email| email.to_string()),
            verified: claims.email_verified() == Some(true),
            others: claims.additional_claims().clone(),
        };
        // What a provider may keep for whoever asks there (OpenID Connect Core, 5.4).
        if said.email.is_none() && says_more {
            let token = openidconnect::OAuth2TokenResponse::access_token(&tokens).clone();
            let asked = client.user_info(token, Some(claims.subject().clone())).map_err(away)?;
            let more: UserInfoClaims<Others, CoreGenderClaim> = asked.request_async(&http).await.map_err(away)?;
            said.name = said.name.or_else(|| first(more.name()));
            said.email = more.email().map(|email| email.to_string());
            said.verified = more.email_verified() == Some(true);
            said.others.all.extend(more.additional_claims().all.clone());
        }
        Ok(Identity {
            issuer: self.issuer.to_string(),
            subject: claims.subject().to_string(),
            name: said.name.clone(),
            email: said.email.as_deref().filter(|_| said.verified).and_then(|email| email.parse().ok()),
            roles: self.roles(&said.others),
        })
    }

    fn roles(&self, said: &Others) -> Roles {
        let Some(name) = &self.settings.roles_claim else { return Roles::default() };
        // A name may hold dots itself, as addresses do.
        let within = || {
            let mut parts = name.split('.');
            let first = said.all.get(parts.next()?)?;
            parts.try_fold(first, |value, part| value.get(part))
        };
        match said.all.get(name).or_else(within) {
            Some(Value::Array(values)) => self.settings.roles_of(values.iter().filter_map(Value::as_str)),
            Some(Value::String(value)) => self.settings.roles_of([value.as_str()]),
            _ => Roles::default(),
        }
    }

    fn client(&self, metadata: CoreProviderMetadata) -> Asking {
        let takes = |method| metadata.token_endpoint_auth_methods_supported().is_some_and(|known| known.contains(&method));
        let in_body = !takes(CoreClientAuthMethod::ClientSecretBasic) && takes(CoreClientAuthMethod::ClientSecretPost);
        let secret = self.settings.client_secret.as_ref().map(|secret| ClientSecret::new(secret.expose().to_owned()));
        let client = Client::from_provider_metadata(metadata, ClientId::new(self.settings.client_id.clone()), secret);
        let client = client.set_redirect_uri(self.back.clone());
        if in_body { client.set_auth_type(AuthType::RequestBody) } else { client }
    }

    /// What the provider says of itself, not older than that.
    async fn metadata(&self, age: Duration) -> Result<CoreProviderMetadata, ProviderError> {
        let mut known = self.known.lock().await;
        if let Some((_, metadata)) = known.as_ref().filter(|(asked, _)| asked.elapsed() < age) {
            return Ok(metadata.clone());
        }
        let http = |request| ask(self.http.clone(), request);
        let metadata = CoreProviderMetadata::discover_async(self.issuer.clone(), &http).await.map_err(away)?;
        *known = Some((Instant::now(), metadata.clone()));
        Ok(metadata)
    }
}

/// What is taken of its claims.
struct Said {
    name: Option<String>,
    email: Option<String>,
    verified: bool,
    others: Others,
}

/// A name in whichever language.
fn first<T: std::ops::Deref<Target = String>>(claim: Option<&LocalizedClaim<T>>) -> Option<String> {
    claim.and_then(|claim| claim.iter().next().map(|(_, text)| text.to_string()))
}

#[derive(Debug, thiserror::Error)]
enum AskError {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    Answer(#[from] axum::http::Error),
    #[error(transparent)]
    Unread(#[from] Unread),
}

async fn ask(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, AskError> {
    let mut answer = client.execute(request.try_into()?).await?;
    let mut response = axum::http::Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        headers.clone_from(answer.headers());
    }
    Ok(response.body(body_of(&mut answer, LONGEST).await?)?)
}
