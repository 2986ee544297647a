//! Group buys on the wire and on their page.

mod api;
mod page;
mod prices;
mod unpublished;

use actix_web::http::Method;
use serde_json::{Value, json};
use tollgate_domain::{creators::Page, token::Token};
use tollgate_domain_testing::Shop;

use crate::support::{ROOT, Reply, TestApp};

const PUBLIC: &str = "/v2/public/group-buys/ada/together";
const OWN: &str = "/v2/handles/ada/group-buys/together";
const PAGE: &str = "/-/group-buys/together";

fn together() -> Value {
    json!({
        "slug": "together", "title": "Together", "description": "Cheaper for all of us.",
        "pageSlug": "guide", "price": {"amount": 900, "currency": "usd"}, "targetQuantity": 3
    })
}

struct Group {
    app: TestApp,
    shop: Shop,
    page: Page,
    token: String,
}

impl Group {
    async fn new(body: &Value) -> Self {
        let app = TestApp::new();
        let shop = app.shop().await;
        let page = app.page(&shop, "guide").await;
        let token = app.token("ada").await;
        let group = Self { app, shop, page, token };
        let made = group.create(body).await;
        assert_eq!(made.status, 201, "{made:?}");
        group
    }

    /// One that Bob has joined with a quantity of 3, which is its target, and whose offer has begun.
    async fn activated() -> (Self, Token) {
        let group = Box::pin(Self::new(&together())).await;
        let bob = group.app.domain.sign_in("bob@example.com").await;
        group.join(&bob, 3).await;
        group.own(Method::POST, "/activate", None).await;
        (group, bob)
    }

    async fn create(&self, body: &Value) -> Reply {
        let call = self.app.post(ROOT, "/v2/handles/ada/group-buys").bearer(&self.token);
        call.json(body).send().await
    }

    async fn own(&self, method: Method, end: &str, body: Option<&Value>) -> Reply {
        let call = self.app.call(method, ROOT, &format!("{OWN}{end}")).bearer(&self.token);
        match body {
            Some(body) => call.json(body).send().await,
            None => call.send().await,
        }
    }

    async fn visitor(&self, method: Method, end: &str, who: &Token, body: Option<&Value>) -> Reply {
        let call = self.app.call(method, ROOT, &format!("{PUBLIC}{end}")).visitor(who);
        match body {
            Some(body) => call.json(body).send().await,
            // A program without a browser's marks says that it sends JSON.
            None => call.with("content-type", "application/json").send().await,
        }
    }

    async fn join(&self, who: &Token, quantity: i64) -> Reply {
        let body = json!({"quantity": quantity});
        self.visitor(Method::POST, "/interest", who, Some(&body)).await
    }
}
