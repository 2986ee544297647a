use serde_json::{Value, json};
use tollgate_domain_testing::{ManualClock, SeededRandom};

use super::*;

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const OTHER: &[u8] = b"another secret that is long enough";

struct Fixture {
    clock: Arc<ManualClock>,
    tokens: AccessTokens,
    creator: CreatorId,
    session: CreatorSessionId,
}

fn fixture(secrets: &[&'static [u8]]) -> Fixture {
    let clock = Arc::new(ManualClock::new());
    let random = SeededRandom::new(1);
    let installation = Installation::new("example.com").unwrap();
    let tokens = AccessTokens::new(secrets.iter().copied(), &installation, clock.clone()).unwrap();
    let creator = CreatorId::new(clock.now(), &random);
    let session = CreatorSessionId::new(clock.now(), &random);
    Fixture { clock, tokens, creator, session }
}

impl Fixture {
    fn claims(&self) -> Value {
        let now = self.clock.now().as_second();
        json!({
            "iss": "https://example.com", "aud": "tollgate", "sub": self.creator, "sid": self.session,
            "iat": now, "nbf": now, "exp": now + 900,
        })
    }

    fn header(&self) -> Value {
        json!({"alg": "HS256", "typ": "JWT", "kid": self.tokens.ring[0].id})
    }

    /// Whether a token of these parts, rightly signed with our own key, is let in.
    fn takes(&self, header: &Value, claims: &Value) -> bool {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let key = EncodingKey::from_secret(SECRET);
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
        self.tokens.verify(&format!("{message}.{signature}")).is_some()
    }

    fn takes_with(&self, claim: &str, value: Value) -> bool {
        let mut claims = self.claims();
        claims[claim] = value;
        self.takes(&self.header(), &claims)
    }
}

#[test]
fn issued_token_is_good_for_fifteen_minutes() {
    let fixture = fixture(&[SECRET]);
    let token = fixture.tokens.issue(fixture.creator, fixture.session).unwrap();
    let owner = Some((fixture.creator, fixture.session));
    assert_eq!(fixture.tokens.verify(&token), owner);
    fixture.clock.advance_seconds(904);
    assert_eq!(fixture.tokens.verify(&token), owner);
    fixture.clock.advance_seconds(1);
    assert_eq!(fixture.tokens.verify(&token), None);
}

#[test]
fn keys_overlap_through_a_rotation() {
    let old = fixture(&[SECRET]);
    let token = old.tokens.issue(old.creator, old.session).unwrap();
    assert!(fixture(&[OTHER, SECRET]).tokens.verify(&token).is_some());
    assert!(fixture(&[OTHER]).tokens.verify(&token).is_none());
}

#[test]
fn every_claim_is_required_and_of_its_type() {
    let fixture = fixture(&[SECRET]);
    assert!(fixture.takes(&fixture.header(), &fixture.claims()));
    for claim in ["iss", "aud", "sub", "sid", "iat", "nbf", "exp"] {
        let mut claims = fixture.claims();
        claims.as_object_mut().unwrap().remove(claim);
        assert!(!fixture.takes(&fixture.header(), &claims), "{claim}");
    }
    let now = fixture.clock.now().as_second();
    for (claim, value) in [
        ("iss", json!("https://evil.example")),
        ("iss", json!("https://example.com/")),
        ("iss", json!(["https://example.com"])),
        ("aud", json!("somebody")),
        ("aud", json!(["tollgate"])),
        ("sub", json!("vis_01j9z3k5v7w8x9y0z1a2b3c4d5")),
        ("sid", json!("x")),
        ("exp", json!((now + 900).to_string())),
        ("exp", json!(1e300)),
        ("exp", json!(null)),
        ("exp", json!(now - 5)),
        ("exp", json!(now + 901)),
        ("exp", json!(i64::MAX)),
        ("nbf", json!(now + 6)),
        ("nbf", json!("0")),
        ("iat", json!(now + 6)),
        ("iat", json!(now - 1)),
    ] {
        assert!(!fixture.takes_with(claim, value.clone()), "{claim}: {value}");
    }
}

#[test]
fn algorithm_and_key_are_ours() {
    let fixture = fixture(&[SECRET]);
    for (name, value) in [
        ("alg", json!("none")),
        ("alg", json!("None")),
        ("alg", json!("HS384")),
        ("alg", json!("RS256")),
        ("typ", json!("at+jwt")),
        ("typ", json!(null)),
        ("kid", json!("unknown")),
        ("kid", json!("../../dev/null")),
        ("kid", json!(null)),
        ("crit", json!(["b64"])),
    ] {
        let mut header = fixture.header();
        header[name] = value.clone();
        assert!(!fixture.takes(&header, &fixture.claims()), "{name}: {value}");
    }
    let unsigned = |header: Value| {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        fixture.tokens.verify(&format!("{}.{}.", part(&header), part(&fixture.claims())))
    };
    assert_eq!(
        unsigned(json!({"alg": "none", "typ": "JWT", "kid": fixture.tokens.ring[0].id})),
        None
    );
    assert_eq!(unsigned(fixture.header()), None);
    for garbage in ["", ".", "..", "a.b.c", &"x".repeat(10_000)] {
        assert_eq!(fixture.tokens.verify(garbage), None, "{garbage}");
    }
}

#[test]
fn short_secrets_are_refused() {
    let installation = Installation::new("example.com").unwrap();
    let make = |secrets: &[&'static [u8]]| {
        AccessTokens::new(secrets.iter().copied(), &installation, Arc::new(ManualClock::new()))
    };
    assert!(make(&[]).is_err());
    assert!(make(&[b"short"]).is_err());
    assert!(make(&[SECRET, b"short"]).is_err());
}
