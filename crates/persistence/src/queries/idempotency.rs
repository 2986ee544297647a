//! Remembered answers.

use tollgate_domain::idempotency::{Claim, IdempotencyKeys, StoredResponse};

use super::prelude::*;
use crate::{rows::corrupt, schema::idempotency_keys};

#[async_trait]
impl IdempotencyKeys for Database {
    async fn claim(
        &self,
        scope: &str,
        key: &str,
        fingerprint: [u8; 32],
        now: Timestamp,
    ) -> Result<Claim, StoreError> {
        let (scope, key, now) = (scope.to_owned(), key.to_owned(), micros(now));
        let (known, status, body): (Vec<u8>, Option<i32>, Option<String>) = self
            .write(move |conn| {
                async move {
                    diesel::insert_into(idempotency_keys::table)
                        .values((
                            idempotency_keys::scope.eq(scope.clone()),
                            idempotency_keys::idempotency_key.eq(key.clone()),
                            idempotency_keys::fingerprint.eq(fingerprint.to_vec()),
                            idempotency_keys::created_at.eq(now),
                        ))
                        .on_conflict_do_nothing()
                        .execute(conn)
                        .await?;
                    idempotency_keys::table
                        .find((scope, key))
                        .select((
                            idempotency_keys::fingerprint,
                            idempotency_keys::status,
                            idempotency_keys::body,
                        ))
                        .first(conn)
                        .await
                }
                .boxed()
            })
            .await?;
        if known != fingerprint {
            return Ok(Claim::Conflict);
        }
        let (Some(status), Some(body)) = (status, body) else { return Ok(Claim::Fresh) };
        let status = u16::try_from(status).map_err(|_| corrupt("idempotency_keys.status"))?;
        Ok(Claim::Replay(StoredResponse { status, body }))
    }

    async fn store(
        &self,
        scope: &str,
        key: &str,
        response: &StoredResponse,
        _now: Timestamp,
    ) -> Result<(), StoreError> {
        let (scope, key) = (scope.to_owned(), key.to_owned());
        let (status, body) = (i32::from(response.status), response.body.clone());
        self.write(move |conn| {
            async move {
                let unanswered = idempotency_keys::table
                    .find((scope, key))
                    .filter(idempotency_keys::status.is_null());
                diesel::update(unanswered)
                    .set((idempotency_keys::status.eq(status), idempotency_keys::body.eq(body)))
                    .execute(conn)
                    .await
                    .map(drop)
            }
            .boxed()
        })
        .await
    }

    async fn forget_before(&self, instant: Timestamp) -> Result<(), StoreError> {
        let instant = micros(instant);
        self.write(move |conn| {
            async move {
                let old = idempotency_keys::table.filter(idempotency_keys::created_at.lt(instant));
                diesel::delete(old).execute(conn).await.map(drop)
            }
            .boxed()
        })
        .await
    }
}
