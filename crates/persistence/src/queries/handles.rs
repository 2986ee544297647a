//! Handles, and the origins of their frontends.

use tollgate_domain::{
    creators::{FrontendOrigin, Handle, HandleChange, HandleSettings, ports::HandleRepository},
    id::{CreatorId, HandleId},
    names::Slug,
};

use super::prelude::*;
use crate::{
    rows::HandleRow,
    schema::{frontend_origins, handles},
};

#[async_trait]
impl HandleRepository for Unit {
    async fn insert(&mut self, handle: &Handle) -> Result<bool, StoreError> {
        insert!(self, handles, HandleRow::from(handle))
    }

    async fn change(&mut self, id: HandleId, change: &HandleChange) -> Result<(), StoreError> {
        let (id, change) = (AsText(id), change.clone());
        let support_email = change.support_email.map(|email| email.map(AsText));
        let picture = change.picture.map(|slug| slug.map(AsText));
        let second_payments = change.second_payments.map(AsText);
        run!(self, |conn| {
            // Updating the row, even without a change, locks it: other changes wait.
            diesel::update(handles::table.find(id))
                .set((
                    handles::created_at.eq(handles::created_at),
                    change.title.map(|title| handles::title.eq(title)),
                    support_email.map(|email| handles::support_email.eq(email)),
                    change.mail_footer.map(|footer| handles::mail_footer.eq(footer)),
                    change.description.map(|text| handles::description.eq(text)),
                    picture.map(|picture| handles::picture.eq(picture)),
                    change.invoice.map(|wanted| handles::invoice.eq(wanted)),
                    change.automatic_tax.map(|wanted| handles::automatic_tax.eq(wanted)),
                    change.tax_id.map(|wanted| handles::tax_id.eq(wanted)),
                    second_payments.map(|wish| handles::second_payments.eq(wish)),
                ))
                .execute(conn)
                .await?;
            let Some(origins) = change.frontend_origins else { return Ok(()) };
            let known = frontend_origins::table.filter(frontend_origins::handle_id.eq(id));
            diesel::delete(known).execute(conn).await?;
            for (place, origin) in (0_i32..).zip(origins) {
                diesel::insert_into(frontend_origins::table)
                    .values((
                        frontend_origins::handle_id.eq(id),
                        frontend_origins::origin.eq(AsText(origin)),
                        frontend_origins::place.eq(place),
                    ))
                    .execute(conn)
                    .await?;
            }
            Ok(())
        })
    }

    async fn find(&mut self, id: HandleId) -> Result<Option<Handle>, StoreError> {
        find!(self, HandleRow, handles::table.find(AsText(id)))
    }

    async fn lock(&mut self, id: HandleId) -> Result<Option<HandleSettings>, StoreError> {
        // Updating a row, even without a change, locks it in both databases.
        let same = handles::created_at.eq(handles::created_at);
        let handle: Option<Handle> =
            updated!(self, HandleRow, diesel::update(handles::table.find(AsText(id))).set(same))?;
        let Some(handle) = handle else { return Ok(None) };
        let origins = frontend_origins::table
            .filter(frontend_origins::handle_id.eq(AsText(id)))
            .order(frontend_origins::place)
            .select(frontend_origins::origin);
        let origins: Vec<AsText<FrontendOrigin>> = run!(self, |conn| { origins.load(conn).await })?;
        let frontend_origins = origins.into_iter().map(|origin| origin.0).collect();
        Ok(Some(HandleSettings { handle, frontend_origins }))
    }

    async fn replace_picture(
        &mut self,
        id: HandleId,
        from: &Slug,
        to: Option<Slug>,
    ) -> Result<(), StoreError> {
        let shown =
            handles::table.find(AsText(id)).filter(handles::picture.eq(AsText(from.clone())));
        let picture = handles::picture.eq(to.map(AsText));
        execute!(self, diesel::update(shown).set(picture))
    }

    async fn count_of(&mut self, creator: CreatorId) -> Result<u64, StoreError> {
        count!(self, handles::table.filter(handles::creator_id.eq(AsText(creator))))
    }
}
