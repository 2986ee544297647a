//! What visitors did.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    MemoryStore,
    state::{forget_oldest, newest},
    unit::MemoryUnit,
};
use tollgate_domain::{
    activity::{
        Activity,
        ports::{ActivityLog, ActivityReads},
    },
    id::{HandleId, VisitorId},
    store_error::StoreError,
};

#[async_trait]
impl ActivityLog for MemoryUnit {
    async fn add(&mut self, it: &Activity) -> Result<(), StoreError> {
        let key = (it.visitor_id, it.handle_id, it.kind, it.subject.clone(), it.day);
        let stored = self.state().await?.activity.edit();
        match stored.get_mut(&key) {
            Some(known) => known.add(it),
            None => drop(stored.insert(key, it.clone())),
        }
        Ok(())
    }

    async fn note(&mut self, it: &Activity) -> Result<(), StoreError> {
        let key = (it.visitor_id, it.handle_id, it.kind, it.subject.clone(), it.day);
        let stored = self.state().await?.activity.edit();
        if stored.get(&key).is_none() {
            stored.insert(key, it.clone());
        }
        Ok(())
    }

    async fn forget_before(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let activity = self.state().await?.activity.edit();
        Ok(forget_oldest(activity, instant, most, |it| Some(it.last_at)))
    }
}

#[async_trait]
impl ActivityReads for MemoryStore {
    async fn activity_of(
        &self,
        handle: HandleId,
        visitors: &[VisitorId],
        most: u32,
    ) -> Result<Vec<Activity>, StoreError> {
        let state = self.read().await?;
        let theirs = |it: &&Activity| it.handle_id == handle && visitors.contains(&it.visitor_id);
        let found = state.activity.values().filter(theirs).cloned();
        Ok(newest(found, most, |it| it.last_at))
    }
}
