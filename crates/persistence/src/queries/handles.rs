//! Handles, and the origins of their frontends.

use tollgate_domain::{
    creators::{Handle, HandleChange, ports::HandleRepository},
    id::HandleId,
};

use super::prelude::*;
use crate::{
    rows::HandleRow,
    schema::{frontend_origins, handles},
};

#[async_trait]
impl HandleRepository for Unit {
    async fn insert(&mut self, handle: &Handle) -> Result<bool, StoreError> {
        let row = HandleRow::from(handle);
        run!(self, |conn| {
            let affected = diesel::insert_into(handles::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(conn)
                .await?;
            Ok(affected == 1)
        })
    }

    async fn change(&mut self, id: HandleId, change: &HandleChange) -> Result<(), StoreError> {
        let (id, change) = (id.to_string(), change.clone());
        let support_email = change.support_email.map(|email| email.map(|email| email.to_string()));
        run!(self, |conn| {
            // Writing the row, even as it was, is the lock that other changes wait for.
            diesel::update(handles::table.find(id.clone()))
                .set((
                    handles::created_at.eq(handles::created_at),
                    change.title.map(|title| handles::title.eq(title)),
                    support_email.map(|email| handles::support_email.eq(email)),
                    change.mail_footer.map(|footer| handles::mail_footer.eq(footer)),
                ))
                .execute(conn)
                .await?;
            let Some(origins) = change.frontend_origins else { return Ok(()) };
            let known = frontend_origins::table.filter(frontend_origins::handle_id.eq(id.clone()));
            diesel::delete(known).execute(conn).await?;
            for (place, origin) in (0_i32..).zip(origins) {
                diesel::insert_into(frontend_origins::table)
                    .values((
                        frontend_origins::handle_id.eq(id.clone()),
                        frontend_origins::origin.eq(origin.to_string()),
                        frontend_origins::place.eq(place),
                    ))
                    .execute(conn)
                    .await?;
            }
            Ok(())
        })
    }

    async fn find(&mut self, id: HandleId) -> Result<Option<Handle>, StoreError> {
        let id = id.to_string();
        run!(self, |conn| {
            handles::table.find(id).select(HandleRow::as_select()).first(conn).await.optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }
}
