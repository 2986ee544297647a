//! Deletions of what somebody begins to use at the same moment.

use std::sync::Arc;

use diesel_async::SimpleAsyncConnection;
use tollgate_domain::{
    creators::{PageStatus, Pages, Quotas},
    store::Runtime,
    version::BasedOn,
};
use tollgate_domain_testing::{ManualClock, SeededRandom, a_creator, a_handle, a_page, a_visitor};

use super::{database, waiting};

#[tokio::test]
async fn a_page_that_is_visited_while_it_is_deleted_is_archived() {
    let (stores, mut holder) = database().await;
    let creator = a_creator().build();
    let handle = a_handle().of(&creator).build();
    let page = a_page().of(&handle).published().build();
    let mut unit = stores.store.begin().await.unwrap();
    assert!(unit.creators().insert(&creator).await.unwrap());
    assert!(unit.handles().insert(&handle).await.unwrap());
    assert!(unit.pages().insert(&page).await.unwrap());
    unit.visitors().ensure(&a_visitor().build()).await.unwrap();
    unit.commit().await.unwrap();
    let visit = "BEGIN; INSERT INTO visits (visitor_id, page_id, at) \
                 SELECT visitors.id, pages.id, 0 FROM visitors, pages";
    holder.batch_execute(visit).await.unwrap();
    let runtime = Runtime {
        store: stores.store.clone(),
        clock: Arc::new(ManualClock::new()),
        random: Arc::new(SeededRandom::new(1)),
    };
    let pages = Pages::new(runtime, stores.creators.clone(), Quotas::default());
    // The deletion does not see the visit, and waits for it.
    let visited = async {
        while waiting(&mut holder).await == 0 {}
        holder.batch_execute("COMMIT").await.unwrap();
    };
    let deletion = pages.delete(&creator, &handle.name, &page.slug, &BasedOn::Any);
    let (deleted, ()) = tokio::join!(deletion, visited);
    assert_eq!(deleted.unwrap().map(|page| page.status), Some(PageStatus::Archived));
}
