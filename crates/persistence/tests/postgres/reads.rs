//! Reads that share a connection.

use diesel_async::SimpleAsyncConnection;
use futures_util::future::join3;
use tokio::sync::oneshot;
use tollgate_domain_testing::{a_mail, start_of_time};

use super::database;

#[tokio::test]
async fn a_read_that_takes_too_long_takes_no_later_answer_with_it() {
    let (stores, mut holder) = database().await;
    let mail = a_mail(start_of_time()).id;
    let read = || stores.outbox.queued_mail(mail);
    // The statement is prepared, so that the next reads are sent at once.
    assert_eq!(read().await, Ok(None));
    holder.batch_execute("BEGIN; LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let (ended, next) = oneshot::channel();
    let given_up_by_the_server = async {
        assert!(read().await.is_err(), "the table is locked");
        ended.send(()).unwrap();
    };
    // It waits behind the first, longer than anybody waits for an answer.
    let given_up_here = async {
        assert!(read().await.is_err(), "the table is locked");
        holder.batch_execute("ROLLBACK").await.unwrap();
    };
    let later = async {
        next.await.unwrap();
        read().await
    };
    let ((), (), answer) = join3(given_up_by_the_server, given_up_here, later).await;
    assert_eq!(answer, Ok(None));
}
