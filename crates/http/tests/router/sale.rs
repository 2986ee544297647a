//! A shop with something to sell, and somebody who may buy it.

use tollgate_domain::{
    access::Purchase, creators::Page, payments::CheckoutSessionId, token::Token,
};
use tollgate_domain_testing::Shop;

use crate::support::TestApp;

/// Ada's shop with the page `guide`, and Bob, who has signed in.
pub(crate) struct Sale {
    pub(crate) app: TestApp,
    pub(crate) shop: Shop,
    pub(crate) page: Page,
    pub(crate) bob: Token,
}

impl Sale {
    pub(crate) async fn new() -> Self {
        let app = TestApp::new();
        let shop = app.shop().await;
        let page = app.page(&shop, "guide").await;
        let bob = app.domain.sign_in("bob@example.com").await;
        Self { app, shop, page, bob }
    }

    pub(crate) async fn bought(&self) -> Purchase {
        self.app.domain.buy(&self.shop, &self.page, &self.bob).await
    }

    pub(crate) async fn opened(&self) -> CheckoutSessionId {
        self.app.opened(&self.shop, &self.page, &self.bob).await
    }
}
