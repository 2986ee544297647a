//! Visitors and creators who use the API.

use std::fmt::Write;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Sandbox, Server};

/// A signed-in visitor.
#[derive(Debug, Clone)]
pub(crate) struct Buyer {
    pub(crate) id: String,
    pub(crate) email: String,
    /// The cookie, `_10x_visitor=…`.
    pub(crate) cookie: String,
}

/// A signed-in creator.
#[derive(Debug, Clone)]
pub(crate) struct Seller {
    pub(crate) token: String,
    pub(crate) refresh_token: String,
}

/// An open pay page of a visitor.
#[derive(Debug, Clone)]
pub(crate) struct Opened {
    pub(crate) url: String,
    pub(crate) session: String,
}

impl Server {
    /// Requests a magic link.
    pub(crate) async fn ask_link(&self, email: &str) {
        let asked = self.post("/v2/visitor/auth/magic-link").json(&json!({"email": email}));
        assert_eq!(asked.send().await.status, 202);
    }

    /// Signs in a new visitor.
    pub(crate) async fn sign_in(&self, email: &str) -> Buyer {
        self.ask_link(email).await;
        let token = self.place.link_letter(email, 1).await.token();
        let reply =
            self.post("/v2/visitor/auth/verify").json(&json!({"token": token})).send().await;
        let id = reply.ok()["visitor"]["id"].as_str().unwrap().to_owned();
        Buyer { id, email: email.to_owned(), cookie: reply.cookie() }
    }

    /// Creates this many signed-in visitors at once, directly in the database.
    pub(crate) async fn crowd(&self, count: u32) -> Vec<Buyer> {
        let (mut crowd, mut statements) = (Vec::new(), String::new());
        for number in 1..=count {
            let id = format!("vis_{number:026}");
            let email = format!("person{number}@example.com");
            let mut token = [0; 32];
            token[..3].copy_from_slice(&number.to_be_bytes()[1..]);
            let hash = self.place.database.bytes(&Sha256::digest(token));
            write!(
                statements,
                "INSERT INTO visitors (id, email, created_at) VALUES ('{id}', '{email}', 1); \
                 INSERT INTO visitor_sessions (id, token, visitor_id, created_at, expires_at) \
                 VALUES ('vse_{number:026}', {hash}, '{id}', 1, 4102444800000000); "
            )
            .unwrap();
            crowd.push(Buyer { id, email, cookie: format!("_10x_visitor={}", written(number)) });
        }
        self.place.database.execute(&statements).await;
        crowd
    }

    /// Returns the reason of an access check of one of Ada's pages, after checking that it fits the decision.
    pub(crate) async fn access(&self, cookie: &str, page: &str) -> String {
        let path = format!("/v2/public/pages/ada/{page}/access-check");
        let decision = self.post(&path).cookie(cookie).send().await.ok();
        let reason = decision["reason"].as_str().unwrap().to_owned();
        let open = matches!(reason.as_str(), "public" | "entitled");
        assert_eq!(decision, json!({"hasAccess": open, "reason": reason}));
        reason
    }

    /// Opens a pay page for Ada's guide.
    pub(crate) async fn checkout(&self, buyer: &Buyer) -> Opened {
        let path = "/v2/public/pages/ada/guide/checkout";
        let started = self.post(path).cookie(&buyer.cookie).send().await.ok();
        let url = started["checkoutUrl"].as_str().unwrap().to_owned();
        let session = url.rsplit('/').next().unwrap().to_owned();
        Opened { url, session }
    }

    /// Returns the visitor's access history.
    pub(crate) async fn history(&self, cookie: &str) -> Vec<Value> {
        let list = self.get("/v2/visitor/access").cookie(cookie).send().await.ok();
        list["items"].as_array().unwrap().clone()
    }

    /// Returns the only purchase of a visitor.
    pub(crate) async fn purchase_status(&self, buyer: &Buyer) -> String {
        let history = self.history(&buyer.cookie).await;
        assert_eq!(history.len(), 1, "{history:?}");
        assert_eq!(history[0]["accessType"], "PURCHASE");
        history[0]["status"].as_str().unwrap().to_owned()
    }

    /// Signs in the creator of the demo.
    pub(crate) async fn ada(&self) -> Seller {
        let body = json!({"email": "ada@example.com", "password": "tollgate-demo"});
        let answer = self.post("/v2/creator/auth/login").json(&body).send().await.ok();
        Seller::of(&answer)
    }

    /// Creates a creator with a handle of this name.
    pub(crate) async fn creator(&self, handle: &str) -> Seller {
        let body = json!({"email": format!("{handle}@example.com"), "password": "correct horse"});
        let answer = self.post("/v2/creator/auth/register").json(&body).send().await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let seller = Seller::of(&answer.ok());
        self.prove(&format!("{handle}@example.com")).await;
        let body = json!({"handle": handle, "name": handle});
        let made = self.post("/v2/handles").bearer(&seller.token).json(&body).send().await;
        assert_eq!(made.status, 201, "{made:?}");
        seller
    }

    /// Proves the address of a creator with the mailed link.
    pub(crate) async fn prove(&self, email: &str) {
        let token = self.place.letter(email, "Confirm").await.token();
        let body = json!({"token": token});
        let proved = self.post("/v2/creator/auth/verify-email").json(&body).send().await.ok();
        assert_eq!(proved["emailVerified"], true, "{proved}");
    }

    /// Returns the Stripe account of Ada's handle.
    pub(crate) async fn account(&self, seller: &Seller) -> String {
        let status = self.get("/v2/handles/ada/stripe").bearer(&seller.token).send().await.ok();
        status["accountId"].as_str().unwrap().to_owned()
    }

    /// Returns a visitor who bought Ada's guide, and the paid checkout session.
    pub(crate) async fn bought(&self, sandbox: &Sandbox, email: &str) -> (Buyer, Opened) {
        let buyer = self.sign_in(email).await;
        let opened = self.checkout(&buyer).await;
        sandbox.pay(&opened.session).await;
        super::until_so("the webhook opens the page", async || {
            self.access(&buyer.cookie, "guide").await == "entitled"
        })
        .await;
        (buyer, opened)
    }

    /// Refunds a visitor's purchase of Ada's guide, as the creator.
    pub(crate) async fn refund(&self, seller: &Seller, buyer: &Buyer) -> super::Reply {
        let call = self.post("/v2/handles/ada/pages/guide/refund").bearer(&seller.token);
        call.json(&json!({"visitorId": buyer.id})).send().await
    }
}

/// Returns a token in base64url whose first three bytes are a number and whose other bytes are zero.
fn written(number: u32) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let letter = |shift: u32| {
        let six_bits = usize::try_from((number >> shift) & 63).unwrap();
        char::from(LETTERS[six_bits])
    };
    [18, 12, 6, 0].map(letter).iter().collect::<String>() + &"A".repeat(39)
}

impl Seller {
    pub(crate) fn of(answer: &Value) -> Self {
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        Self { token: text("accessToken"), refresh_token: text("refreshToken") }
    }
}
