//! Creators and the tokens that are mailed to them.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::memory::{state::forget_oldest, unit::MemoryUnit};
use tollgate_domain::{
    creators::{
        AccountToken, Creator, TokenPurpose,
        ports::{AccountTokens, Creators},
    },
    email::Email,
    id::{CreatorId, HandleId},
    store_error::StoreError,
    token::TokenHash,
};

#[async_trait]
impl Creators for MemoryUnit {
    async fn insert(&mut self, creator: &Creator) -> Result<bool, StoreError> {
        let creators = self.state().await?.creators.edit();
        if creators.values().any(|known| known.email == creator.email) {
            return Ok(false);
        }
        creators.insert(creator.id, creator.clone());
        Ok(true)
    }

    async fn email_of_handle(&mut self, handle: HandleId) -> Result<Option<Email>, StoreError> {
        let state = self.state().await?;
        let handle = state.handles.get(&handle);
        let owner = handle.and_then(|handle| state.creators.get(&handle.creator_id));
        Ok(owner.map(|creator| creator.email.clone()))
    }

    async fn replace_password_hash(
        &mut self,
        id: CreatorId,
        from: &str,
        to: &str,
    ) -> Result<bool, StoreError> {
        let creators = self.state().await?.creators.edit();
        let known = creators.get_mut(&id).filter(|creator| creator.password_hash == from);
        Ok(known.map(|creator| to.clone_into(&mut creator.password_hash)).is_some())
    }

    async fn rename(&mut self, id: CreatorId, name: &str) -> Result<(), StoreError> {
        if let Some(creator) = self.state().await?.creators.edit().get_mut(&id) {
            name.clone_into(&mut creator.name);
        }
        Ok(())
    }

    async fn set_password_hash(&mut self, id: CreatorId, hash: &str) -> Result<(), StoreError> {
        if let Some(creator) = self.state().await?.creators.edit().get_mut(&id) {
            hash.clone_into(&mut creator.password_hash);
        }
        Ok(())
    }

    async fn set_suspended(
        &mut self,
        id: CreatorId,
        since: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        if let Some(creator) = self.state().await?.creators.edit().get_mut(&id) {
            creator.suspended_at = since;
        }
        Ok(())
    }

    async fn lock(&mut self, _: CreatorId) -> Result<(), StoreError> {
        // Units run one after the other.
        self.state().await.map(drop)
    }

    async fn verify_email(&mut self, id: CreatorId, now: Timestamp) -> Result<(), StoreError> {
        if let Some(creator) = self.state().await?.creators.edit().get_mut(&id) {
            creator.email_verified_at = creator.email_verified_at.or(Some(now));
        }
        Ok(())
    }
}

#[async_trait]
impl AccountTokens for MemoryUnit {
    async fn insert(&mut self, token: &AccountToken) -> Result<(), StoreError> {
        let tokens = self.state().await?.account_tokens.edit();
        match tokens.insert(*token.token.as_bytes(), token.clone()) {
            Some(_) => Err(StoreError::Conflict),
            None => Ok(()),
        }
    }

    async fn redeem(
        &mut self,
        token: TokenHash,
        purpose: TokenPurpose,
        now: Timestamp,
    ) -> Result<Option<CreatorId>, StoreError> {
        let tokens = self.state().await?.account_tokens.edit();
        let is_redeemable = |known: &&AccountToken| {
            known.purpose == purpose && known.used_at.is_none() && now < known.expires_at
        };
        let redeemable = tokens.get(token.as_bytes()).filter(is_redeemable);
        let Some(creator) = redeemable.map(|known| known.creator_id) else { return Ok(None) };
        for known in tokens.values_mut() {
            if known.creator_id == creator && known.purpose == purpose {
                known.used_at = known.used_at.or(Some(now));
            }
        }
        Ok(Some(creator))
    }

    async fn void_all_of(
        &mut self,
        creator: CreatorId,
        purpose: TokenPurpose,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for known in self.state().await?.account_tokens.edit().values_mut() {
            if known.creator_id == creator && known.purpose == purpose {
                known.used_at = known.used_at.or(Some(now));
            }
        }
        Ok(())
    }

    async fn forget_expired(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let tokens = self.state().await?.account_tokens.edit();
        Ok(forget_oldest(tokens, instant, most, |known| Some(known.expires_at)))
    }
}
