//! Views of pages and downloads of files that are noted now and stored a little later, so that a view waits
//! for no write.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;

use crate::{
    activity::{Activity, ActivityKind},
    id::{HandleId, PageId, VisitorId},
    opaque_debug::opaque_debug,
    store::Runtime,
    store_error::StoreError,
};

/// How many views are noted at most. Further ones are not recorded until these are stored.
const MAX_NOTED: usize = 10_000;

type ActivityKey = (VisitorId, HandleId, ActivityKind, String, i64);

#[derive(Default)]
struct Noted {
    /// First views of pages that are free with login.
    first: BTreeMap<(VisitorId, PageId), Timestamp>,
    activity: BTreeMap<ActivityKey, Activity>,
}

/// The views that are not stored yet. Clones share them.
#[derive(Clone)]
pub struct Views {
    runtime: Runtime,
    noted: Arc<Mutex<Noted>>,
    /// Held while views are stored, so that who waits for it finds them stored.
    storing: Arc<async_lock::Mutex<()>>,
}

impl Views {
    pub(super) fn new(runtime: Runtime) -> Self {
        Self { runtime, noted: Arc::default(), storing: Arc::default() }
    }

    pub(super) fn note_first(&self, visitor: VisitorId, page: PageId, at: Timestamp) {
        let mut noted = self.noted();
        if noted.first.len() < MAX_NOTED {
            noted.first.entry((visitor, page)).or_insert(at);
        }
    }

    pub(super) fn note(&self, activity: Activity) {
        self.noted().add(activity);
    }

    /// Returns whether a first view waits to be stored, which the visitor's access history shows.
    pub fn has_first_views(&self) -> bool {
        !self.noted().first.is_empty()
    }

    /// Stores what was noted. What cannot be stored now stays noted, also if the future is dropped.
    pub async fn store(&self) -> Result<(), StoreError> {
        let _turn = self.storing.lock().await;
        let mut taken = Taken { views: self, noted: mem::take(&mut *self.noted()) };
        if taken.noted.is_empty() {
            return Ok(());
        }
        let stored = self.write(&taken.noted).await;
        if stored == Err(StoreError::Conflict) {
            // One of them may be about a page that was deleted. The others do not suffer from it.
            while let Some(one) = taken.noted.first_one() {
                match self.write(&one).await {
                    Ok(()) => {}
                    Err(error @ StoreError::Conflict) => {
                        tracing::warn!(%error, "a view could not be recorded");
                    }
                    Err(error) => return Err(error),
                }
                taken.noted.remove_first();
            }
            return Ok(());
        }
        stored?;
        taken.noted = Noted::default();
        Ok(())
    }

    async fn write(&self, noted: &Noted) -> Result<(), StoreError> {
        let mut unit = self.runtime.begin().await?;
        for ((visitor, page), at) in &noted.first {
            unit.visits().record(*visitor, *page, *at).await?;
        }
        for activity in noted.activity.values() {
            unit.activity().add(activity).await?;
        }
        unit.commit().await
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Noted {
    fn is_empty(&self) -> bool {
        self.first.is_empty() && self.activity.is_empty()
    }

    /// Returns one of the views, by itself.
    fn first_one(&self) -> Option<Self> {
        let mut one = Self::default();
        if let Some((key, at)) = self.first.first_key_value() {
            one.first.insert(*key, *at);
        } else {
            let (key, activity) = self.activity.first_key_value()?;
            one.activity.insert(key.clone(), activity.clone());
        }
        Some(one)
    }

    /// Removes the view that [`first_one`](Self::first_one) returns.
    fn remove_first(&mut self) {
        if self.first.pop_first().is_none() {
            self.activity.pop_first();
        }
    }

    fn add(&mut self, it: Activity) {
        let key = (it.visitor_id, it.handle_id, it.kind, it.subject.clone(), it.day);
        let has_room = self.activity.len() < MAX_NOTED;
        match self.activity.entry(key) {
            Entry::Occupied(mut known) => known.get_mut().add(&it),
            Entry::Vacant(free) if has_room => drop(free.insert(it)),
            Entry::Vacant(_) => {}
        }
    }
}

/// What is being stored. Dropping it notes again what is left in it.
struct Taken<'a> {
    views: &'a Views,
    noted: Noted,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if self.noted.is_empty() {
            return;
        }
        let Noted { first, activity } = mem::take(&mut self.noted);
        let mut noted = self.views.noted();
        for (key, at) in first {
            noted.first.insert(key, at);
        }
        for it in activity.into_values() {
            noted.add(it);
        }
    }
}

opaque_debug!(Views);
