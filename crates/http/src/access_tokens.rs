//! Access tokens of creators: short-lived JWTs with one algorithm, in which every claim is required. A
//! token names its session. Each request asks the store whether the session has ended, so that signing out
//! takes effect at once.

use std::{fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tollgate_domain::{
    clock::Clock,
    id::{CreatorId, CreatorSessionId},
    installation::Installation,
};

/// How long a token is valid, in seconds.
pub(crate) const LIFETIME_SECONDS: i64 = 900;
/// How far the clocks of replicas may differ, in seconds.
const LEEWAY_SECONDS: i64 = 5;
const AUDIENCE: &str = "tollgate";
const TYPE: &str = "JWT";
/// The greatest length of a token, in bytes. Issued tokens are shorter.
const MAX_LENGTH: usize = 2_048;

/// Issues and checks access tokens: the first key signs, all verify, so that keys can be rotated.
#[derive(Clone)]
pub struct AccessTokens {
    ring: Arc<[Key]>,
    /// What a token has to say, besides the times.
    rules: Arc<Validation>,
    issuer: String,
    clock: Arc<dyn Clock>,
}

struct Key {
    id: String,
    signs: EncodingKey,
    verifies: DecodingKey,
}

/// There is no secret to sign with, or one is too short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("access tokens need at least one secret, each of at least 32 bytes")]
pub struct AccessTokensError;

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: CreatorId,
    sid: CreatorSessionId,
    iat: i64,
    nbf: i64,
    exp: i64,
}

impl AccessTokens {
    /// Creates the tokens of this installation from these secrets. The first one signs.
    pub fn new<'a>(
        secrets: impl IntoIterator<Item = &'a [u8]>,
        installation: &Installation,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AccessTokensError> {
        let ring: Arc<[Key]> = secrets.into_iter().map(Key::new).collect::<Result<_, _>>()?;
        if ring.is_empty() {
            return Err(AccessTokensError);
        }
        let issuer = installation.origin();
        Ok(Self { ring, rules: Arc::new(rules(&issuer)), issuer, clock })
    }

    /// Returns a token for this session; `None` if it could not be signed.
    pub(crate) fn issue(&self, creator: CreatorId, session: CreatorSessionId) -> Option<String> {
        let key = self.ring.first()?;
        let now = self.clock.now().as_second();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: creator,
            sid: session,
            iat: now,
            nbf: now,
            exp: now + LIFETIME_SECONDS,
        };
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(key.id.clone());
        jsonwebtoken::encode(&header, &claims, &key.signs).ok()
    }

    /// Returns the creator and the session that the token was issued for; `None` if it is not valid now.
    pub(crate) fn verify(&self, token: &str) -> Option<(CreatorId, CreatorSessionId)> {
        if token.len() > MAX_LENGTH {
            return None;
        }
        let header = jsonwebtoken::decode_header(token).ok()?;
        let as_issued = header.alg == Algorithm::HS256
            && header.typ.as_deref() == Some(TYPE)
            && header.crit.is_none();
        let kid = header.kid.filter(|_| as_issued)?;
        let key = self.ring.iter().find(|key| key.id == kid)?;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.verifies, &self.rules).ok()?.claims;
        self.is_good_now(&claims).then_some((claims.sub, claims.sid))
    }

    fn is_good_now(&self, claims: &Claims) -> bool {
        let now = self.clock.now().as_second();
        let latest_start = now.saturating_add(LEEWAY_SECONDS);
        claims.iat <= latest_start
            && claims.nbf <= latest_start
            && now < claims.exp.saturating_add(LEEWAY_SECONDS)
            && claims.exp.saturating_sub(claims.iat) <= LIFETIME_SECONDS
    }
}

fn rules(issuer: &str) -> Validation {
    let mut rules = Validation::new(Algorithm::HS256);
    rules.set_issuer(&[issuer]);
    rules.set_audience(&[AUDIENCE]);
    rules.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    // `is_good_now` checks the times against the installation's own clock.
    rules.validate_exp = false;
    rules.validate_nbf = false;
    rules
}

impl Key {
    fn new(secret: &[u8]) -> Result<Self, AccessTokensError> {
        if secret.len() < 32 {
            return Err(AccessTokensError);
        }
        let digest = Sha256::new().chain_update(b"tollgate kid v1").chain_update(secret).finalize();
        let id = URL_SAFE_NO_PAD.encode(digest.iter().copied().take(9).collect::<Vec<_>>());
        let signs = EncodingKey::from_secret(secret);
        Ok(Self { id, signs, verifies: DecodingKey::from_secret(secret) })
    }
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccessTokens({} keys)", self.ring.len())
    }
}

#[cfg(test)]
#[path = "tests/access_tokens.rs"]
mod tests;
