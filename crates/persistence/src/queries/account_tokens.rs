//! Tokens mailed to creators.

use tollgate_domain::{
    creators::{AccountToken, TokenPurpose, ports::AccountTokens},
    id::CreatorId,
    token::TokenHash,
};

use super::prelude::*;
use crate::{rows::AccountTokenRow, schema::account_tokens};

#[async_trait]
impl AccountTokens for Unit {
    async fn insert(&mut self, token: &AccountToken) -> Result<(), StoreError> {
        let row = AccountTokenRow::from(token);
        execute!(self, diesel::insert_into(account_tokens::table).values(row))
    }

    async fn redeem(
        &mut self,
        token: TokenHash,
        purpose: TokenPurpose,
        now: Timestamp,
    ) -> Result<Option<CreatorId>, StoreError> {
        let (token, purpose, now) = (AsBytes(token), AsText(purpose), AsInt(now));
        let used = account_tokens::used_at.eq(now);
        let redeemable = account_tokens::table
            .find(token)
            .filter(account_tokens::purpose.eq(purpose))
            .filter(account_tokens::used_at.is_null())
            .filter(account_tokens::expires_at.gt(now));
        let redeem = diesel::update(redeemable).set(used).returning(account_tokens::creator_id);
        run!(self, |conn| {
            let creator: Option<AsText<CreatorId>> = redeem.get_result(conn).await.optional()?;
            let Some(creator) = creator else { return Ok(None) };
            let others = account_tokens::table
                .filter(account_tokens::creator_id.eq(creator))
                .filter(account_tokens::purpose.eq(purpose))
                .filter(account_tokens::used_at.is_null());
            diesel::update(others).set(used).execute(conn).await?;
            Ok(Some(creator.0))
        })
    }

    async fn void_all_of(
        &mut self,
        creator: CreatorId,
        purpose: TokenPurpose,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let unused = account_tokens::table
            .filter(account_tokens::creator_id.eq(AsText(creator)))
            .filter(account_tokens::purpose.eq(AsText(purpose)))
            .filter(account_tokens::used_at.is_null());
        execute!(self, diesel::update(unused).set(account_tokens::used_at.eq(AsInt(now))))
    }

    async fn forget_expired(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let expired = account_tokens::table.filter(account_tokens::expires_at.lt(AsInt(instant)));
        forget_oldest!(self, expired, account_tokens::expires_at, most)
    }
}
