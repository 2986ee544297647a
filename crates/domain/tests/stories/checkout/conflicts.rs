//! Checkouts that the store cannot carry out beside what others do at the same time.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use tollgate_domain::{
    checkout::{CheckoutError, ReturnUrls, StartedCheckout},
    store::{Store, Stores, UnitOfWork},
    store_error::StoreError,
    version::BasedOn,
};

use crate::Sale;

/// A store whose first units of work end in conflicts, since somebody deletes the page at the same time or not.
struct Contended {
    sale: Sale,
    conflicts: AtomicU32,
    is_page_deleted: bool,
}

#[async_trait]
impl Store for Contended {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let Sale { app, shop, page, .. } = &self.sale;
        if self.conflicts.load(Ordering::Relaxed) == 0 {
            return app.store.begin().await;
        }
        self.conflicts.fetch_sub(1, Ordering::Relaxed);
        if self.is_page_deleted {
            let gone =
                app.pages.delete(&shop.creator, &shop.handle.name, &page.slug, &BasedOn::Any).await;
            assert_eq!(gone.unwrap(), None);
        }
        Err(StoreError::Conflict)
    }

    async fn ready(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Starts a checkout whose first units of work end in conflicts.
async fn start(
    sale: &Sale,
    conflicts: u32,
    is_page_deleted: bool,
) -> Result<StartedCheckout, CheckoutError> {
    let Sale { app, shop, page, bob } = sale;
    let conflicts = AtomicU32::new(conflicts);
    let contended = Arc::new(Contended { sale: sale.clone(), conflicts, is_page_deleted });
    let stores = Stores { store: contended, ..Stores::of(app.store.clone()) };
    let (name, slug) = (shop.handle.name.clone(), page.slug.clone());
    let checkouts = &app.over(stores).checkouts;
    Box::pin(checkouts.start(name, slug, Some(bob.hash()), ReturnUrls::default())).await
}

#[pollster::test]
async fn a_checkout_beside_which_others_write_is_decided_again_three_times() {
    for conflicts in 0..=4 {
        let sale = Sale::new().await;
        let started = start(&sale, conflicts, false).await;
        if conflicts <= 3 {
            assert!(started.is_ok(), "{started:?}");
        } else {
            assert!(matches!(started, Err(CheckoutError::Store(StoreError::Conflict))));
        }
    }
}

#[pollster::test]
async fn a_page_that_is_deleted_while_it_is_bought_is_not_found() {
    let sale = Sale::new().await;
    let started = start(&sale, 1, true).await;
    assert!(matches!(started, Err(CheckoutError::PageNotFound)), "{started:?}");
}
