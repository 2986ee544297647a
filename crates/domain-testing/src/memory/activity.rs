//! What visitors did.

use std::cmp::Reverse;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    MemoryStore,
    state::{forget_oldest, newest},
    unit::MemoryUnit,
};
use tollgate_domain::{
    activity::{
        Activity, ActivityKind, VisitorTime,
        ports::{ActivityLog, ActivityReads},
    },
    id::HandleId,
    names::Slug,
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
        time: VisitorTime,
        page: &Slug,
        most: u32,
    ) -> Result<Vec<Activity>, StoreError> {
        let state = self.read().await?;
        let theirs = |it: &&Activity| it.handle_id == handle && time.part_of(it).is_some();
        let is_of_page =
            |it: &&Activity| it.kind != ActivityKind::Viewed || it.subject == page.as_str();
        let found = state.activity.values().filter(theirs).filter(is_of_page).cloned();
        Ok(newest(found, most, |it| (it.last_at, Reverse((it.kind.as_str(), it.subject.clone())))))
    }
}
