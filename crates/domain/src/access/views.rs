//! Views of pages and downloads of files that are noted now and stored a little later, so that a view waits
//! for no write.

use std::{
    collections::{BTreeMap, HashMap, btree_map::Entry},
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
    token::TokenHash,
};

/// How many views are noted at most. Further ones are not recorded until these are stored.
const MAX_NOTED: usize = 10_000;

/// How many views one unit of work stores, so that it keeps others from writing for a moment only.
const AT_ONCE: usize = 300;

type ActivityKey = (VisitorId, HandleId, ActivityKind, String, i64);

#[derive(Default)]
struct NotedViews {
    /// First views of pages that are free with login.
    first: BTreeMap<(VisitorId, PageId), Timestamp>,
    /// The sessions in which first views were noted, each with its visitor.
    sessions: HashMap<TokenHash, VisitorId>,
    activity: BTreeMap<ActivityKey, Activity>,
}

/// The views that are not stored yet. Clones share them.
#[derive(Clone)]
pub struct Views {
    runtime: Runtime,
    noted: Arc<Mutex<NotedViews>>,
    /// Held while views are stored, so that a task that waits for it finds them stored.
    storing: Arc<async_lock::Mutex<()>>,
}

impl Views {
    pub(super) fn new(runtime: Runtime) -> Self {
        Self { runtime, noted: Arc::default(), storing: Arc::default() }
    }

    pub(super) fn note_first(
        &self,
        visitor: VisitorId,
        session: Option<TokenHash>,
        page: PageId,
        at: Timestamp,
    ) {
        let mut noted = self.noted();
        if noted.first.len() < MAX_NOTED {
            noted.first.entry((visitor, page)).or_insert(at);
            if noted.sessions.len() < MAX_NOTED {
                noted.sessions.extend(session.map(|session| (session, visitor)));
            }
        }
    }

    pub(super) fn note(&self, activity: Activity) {
        self.noted().add(activity);
    }

    /// Returns whether a first view of this session waits to be stored, which the visitor's access history shows.
    pub fn has_first_view_of(&self, session: TokenHash) -> bool {
        self.noted().sessions.contains_key(&session)
    }

    /// Stores the noted views. Views that cannot be stored now stay noted, also if the future is dropped. If it is not known whether views
    /// were stored, only the first views are noted again, which are recorded once: too few views are better than views that did not happen.
    pub async fn store(&self) -> Result<(), StoreError> {
        self.store_what(mem::take).await
    }

    /// Stores what was noted of one visitor, in the same way.
    pub(super) async fn store_of(&self, visitor: VisitorId) -> Result<(), StoreError> {
        self.store_what(|noted| noted.take_of(visitor)).await
    }

    async fn store_what(
        &self,
        take: impl FnOnce(&mut NotedViews) -> NotedViews + Send,
    ) -> Result<(), StoreError> {
        let _turn = self.storing.lock().await;
        let mut taken = Taken::new(self, take(&mut self.noted()));
        while taken.take_part() {
            match taken.write().await {
                // One of them may be about a page that was deleted. The others do not suffer from it.
                Err(error @ StoreError::Conflict) => taken.take_apart(&error),
                written => written?,
            }
        }
        Ok(())
    }

    fn noted(&self) -> MutexGuard<'_, NotedViews> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NotedViews {
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn len(&self) -> usize {
        self.first.len() + self.activity.len()
    }

    /// Removes the views of one visitor and returns them.
    fn take_of(&mut self, visitor: VisitorId) -> Self {
        Self {
            first: self.first.extract_if(.., |(who, _), _| *who == visitor).collect(),
            sessions: self.sessions.extract_if(|_, who| *who == visitor).collect(),
            activity: self.activity.extract_if(.., |(who, ..), _| *who == visitor).collect(),
        }
    }

    /// Moves at most `most` of the views to what is returned.
    fn split(&mut self, most: usize) -> Self {
        let mut part = Self::default();
        while part.len() < most {
            if let Some((key, at)) = self.first.pop_first() {
                part.first.insert(key, at);
            } else if let Some((key, activity)) = self.activity.pop_first() {
                part.activity.insert(key, activity);
            } else {
                break;
            }
        }
        part
    }

    fn extend(&mut self, other: Self) {
        self.first.extend(other.first);
        self.sessions.extend(other.sessions);
        for activity in other.activity.into_values() {
            self.add(activity);
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

/// The views that are being stored. When it is dropped, the views that are left in it are noted again.
struct Taken<'a> {
    views: &'a Views,
    left: NotedViews,
    /// Views that are stored one by one.
    singles: NotedViews,
    /// The views of the current unit of work.
    part: NotedViews,
    /// Whether `part` is one of `singles`.
    is_single: bool,
    /// Whether that unit is being committed, so that its views may be stored.
    is_committing: bool,
}

impl<'a> Taken<'a> {
    fn new(views: &'a Views, left: NotedViews) -> Self {
        let [singles, part] = <[NotedViews; 2]>::default();
        Self { views, left, singles, part, is_single: false, is_committing: false }
    }

    /// Takes the next part. Returns `false` if nothing is left.
    fn take_part(&mut self) -> bool {
        self.part = self.singles.split(1);
        self.is_single = !self.part.is_empty();
        if !self.is_single {
            self.part = self.left.split(AT_ONCE);
        }
        !self.part.is_empty()
    }

    /// Prepares to store the views of the current part one by one, after one of them could not be stored. A view that cannot be stored by
    /// itself is forgotten.
    fn take_apart(&mut self, error: &StoreError) {
        let part = mem::take(&mut self.part);
        if self.is_single {
            tracing::warn!(%error, "a view could not be recorded");
        } else {
            self.singles = part;
        }
    }

    /// Stores the current part.
    async fn write(&mut self) -> Result<(), StoreError> {
        let mut unit = self.views.runtime.begin().await?;
        for ((visitor, page), at) in &self.part.first {
            unit.visits().record(*visitor, *page, *at).await?;
        }
        for activity in self.part.activity.values() {
            unit.activity().add(activity).await?;
        }
        // These statements may be kept until a result is asked for. Asked for now, only the commit itself can end
        // without an answer.
        if let Some(activity) = self.part.activity.values().next() {
            unit.visitors().find(activity.visitor_id).await?;
        }
        self.is_committing = true;
        let committed = unit.commit().await;
        if committed != Err(StoreError::Conflict) {
            self.note_uncertain(committed.is_err());
        }
        self.is_committing = false;
        committed
    }

    /// Forgets the current part after its commit ended. If the outcome `is_uncertain`, its first views are noted again.
    fn note_uncertain(&mut self, is_uncertain: bool) {
        let part = mem::take(&mut self.part);
        if is_uncertain {
            self.left.first.extend(part.first);
        }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut left = mem::take(&mut self.left);
        left.extend(mem::take(&mut self.singles));
        let mut part = mem::take(&mut self.part);
        if self.is_committing {
            part.activity.clear();
        }
        left.extend(part);
        if !left.is_empty() {
            self.views.noted().extend(left);
        }
    }
}

opaque_debug!(Views);
