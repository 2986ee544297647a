//! What has slugs of its own at a handle, and the screens about one of them.

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;
use tollgate_domain::{creators::Page, files::File, group_buys::OwnedGroupBuy, names::Slug};

use super::who::AtHandle;
use crate::{
    extract::{ConsoleRefusal, part},
    problem::{Code, Problem},
    state::Http,
};

/// What has a slug of its own at a handle.
pub(super) trait Named: Sized + 'static {
    /// The code of one that is not there.
    const MISSING: Code;

    /// Returns the one of this slug.
    async fn owned(http: &Http, at: &AtHandle, slug: &Slug) -> Result<Self, Problem>;
}

impl Named for Page {
    const MISSING: Code = Code::PageNotFound;

    async fn owned(http: &Http, at: &AtHandle, slug: &Slug) -> Result<Self, Problem> {
        Ok(http.use_cases.pages.owned(&at.creator, &at.handle.name, slug).await?.1)
    }
}

impl Named for File {
    const MISSING: Code = Code::FileNotFound;

    async fn owned(http: &Http, at: &AtHandle, slug: &Slug) -> Result<Self, Problem> {
        Ok(http.use_cases.files.owned(&at.creator, &at.handle.name, slug).await?.1)
    }
}

impl Named for OwnedGroupBuy {
    const MISSING: Code = Code::GroupBuyNotFound;

    async fn owned(http: &Http, at: &AtHandle, slug: &Slug) -> Result<Self, Problem> {
        Ok(http.use_cases.group_buys.owned(&at.creator, &at.handle.name, slug).await?)
    }
}

/// Returns the one of this slug, if it is there.
pub(super) async fn find<T: Named>(
    http: &Http,
    at: &AtHandle,
    slug: &Slug,
) -> Result<Option<T>, Problem> {
    match T::owned(http, at, slug).await {
        Err(problem) if problem.code() == T::MISSING => Ok(None),
        found => found.map(Some),
    }
}

/// Returns `{slug}` of the path.
pub(super) fn slug_of<T: Named>(req: &HttpRequest) -> Result<Slug, Problem> {
    part(req, "slug").ok_or_else(|| Problem::new(T::MISSING))
}

/// A screen about what `{slug}` of the path names.
#[derive(Debug)]
pub(super) struct On<T> {
    pub(super) at: AtHandle,
    pub(super) it: T,
}

impl<T: Named> FromRequest for On<T> {
    type Error = ConsoleRefusal;
    type Future = LocalBoxFuture<'static, Result<Self, ConsoleRefusal>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (http, slug) = (Http::of(req), slug_of::<T>(req));
        let at = AtHandle::from_request(req, payload);
        Box::pin(async move {
            let (at, slug, http) = (at.await?, slug?, http?);
            let it = T::owned(&http, &at, &slug).await?;
            Ok(Self { at, it })
        })
    }
}
