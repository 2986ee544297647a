//! Reads of an account that are stored in another order than they were begun in.

use jiff::SignedDuration;
use tollgate_domain::{
    checkout::ConnectStatus, clock::Clock, payments::AccountState, reconcile::ProviderUpdate,
};
use tollgate_domain_testing::TestApp;

use crate::ADA;

#[pollster::test]
async fn an_older_read_does_not_close_an_account_that_was_read_as_open_since() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let closed = AccountState { details_submitted: true, ..AccountState::default() };
    let open = AccountState { charges_enabled: true, ..closed };
    app.clock.advance_seconds(60);
    let (before, now) = (app.clock.now(), app.clock.now() + SignedDuration::from_secs(6));
    app.clock.set(now);
    for (state, read_at) in [(open, now), (closed, before)] {
        let update = ProviderUpdate::Account(state, read_at);
        app.updates.apply(&shop.account, update).await.unwrap();
    }
    let status = app.connect.refresh(&shop.handle.name).await.unwrap();
    assert_eq!(status, ConnectStatus::Active);
    assert!(app.mails_to(ADA).await.is_empty());
    app.connect.apply(&shop.account, closed, now).await.unwrap();
    assert_eq!(app.mails_to(ADA).await, ["account_closed"]);
}
