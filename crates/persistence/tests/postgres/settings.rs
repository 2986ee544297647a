//! Settings that a server, a database or an address has, and that the program does not rely on.

use tollgate_domain_testing::{a_job, start_of_time};
use tollgate_persistence::{DatabaseUrl, migrate, open};

use super::{enqueue, support};

#[tokio::test]
async fn a_stricter_isolation_of_the_database_or_the_address_is_not_used() {
    let url = support::postgres_url().await;
    let name = url.rsplit('/').next().unwrap();
    let strict =
        format!("ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'");
    support::as_admin(&strict).await;
    let joined = if url.contains('?') { '&' } else { '?' };
    let option = format!("{url}{joined}options=-c%20default_transaction_isolation%3Dserializable");
    for url in [url, option] {
        let url: DatabaseUrl = url.parse().unwrap();
        migrate(&url).await.unwrap();
        let stores = open(&url).await.unwrap();
        let job = a_job(start_of_time());
        enqueue(stores.clone(), job.clone()).await.unwrap();
        let mut unit = stores.store.begin().await.unwrap();
        assert_eq!(unit.jobs().is_waiting(&job.job).await, Ok(true));
        // Another unit changes the row in between. A stricter level would refuse the first one.
        enqueue(stores.clone(), job.clone()).await.unwrap();
        unit.jobs().enqueue(&job).await.unwrap();
        assert_eq!(unit.commit().await, Ok(()));
    }
}
