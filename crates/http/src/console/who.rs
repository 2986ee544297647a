//! Who asks for a screen, and about which handle.

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;
use tollgate_domain::{
    creators::{Creator, Handle, HandleError},
    id::{CreatorSessionId, PurchaseId},
    names::{HandleName, Slug},
    paging::PageRequest,
};

use super::{
    last_shop,
    page::{AccountView, HandleView, Notice, Screen},
};
use crate::{
    extract::{ConsoleCreator, ConsoleRefusal, OptionalConsoleCreator, part},
    links::{dispute_path, refund_path},
    locale::Texts,
    problem::{Code, Problem},
    query::with_query,
    state::Http,
};

/// The greatest number of handles in the switcher.
const MAX_HANDLES: u32 = 100;

/// A screen for everybody.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) creator: Option<Creator>,
    pub(crate) screen: Screen,
}

/// A screen of a creator who is signed in. Without a session the browser is sent to sign in.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) creator: Creator,
    pub(crate) session: CreatorSessionId,
    pub(crate) screen: Screen,
}

/// A screen about `{handle}` of the path. A handle of somebody else does not exist here.
#[derive(Debug)]
pub(crate) struct AtHandle {
    pub(crate) creator: Creator,
    pub(crate) handle: Handle,
    pub(crate) screen: Screen,
}

impl AtHandle {
    /// Returns a path of this handle in the console, such as `/ada/pages` for `/pages`.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/{}{rest}", self.handle.name)
    }

    /// Returns a path of this handle in the console with what is not empty in its query.
    pub(crate) fn path_with(&self, rest: &str, pairs: &[(&str, &str)]) -> String {
        with_query(&self.path(rest), pairs)
    }

    /// Returns the path of a page's editor. The usual one of a page called `new` is the form for a new page.
    pub(crate) fn editor(&self, page: &Slug) -> String {
        let edit = if page.as_str() == "new" { "/edit" } else { "" };
        self.path(&format!("/pages/{page}{edit}"))
    }

    /// Returns the path of the dispute of a purchase.
    pub(crate) fn dispute(&self, purchase: PurchaseId) -> String {
        dispute_path(&self.handle.name, purchase)
    }

    /// Returns the path of the refund of a purchase.
    pub(crate) fn refund(&self, purchase: PurchaseId) -> String {
        refund_path(&self.handle.name, purchase)
    }
}

impl From<&Handle> for HandleView {
    fn from(handle: &Handle) -> Self {
        Self { name: handle.name.to_string(), title: handle.title.clone() }
    }
}

/// Returns the part of a screen that the request itself decides.
pub(super) fn bare(req: &HttpRequest) -> Screen {
    let mut screen = Screen { t: Texts::of(req), ..Screen::default() };
    let http = req.app_data::<Http>();
    if let Some(notice) = http.and_then(|http| Notice::read(req, &http.installation)) {
        notice.shown_on(&mut screen);
    }
    screen
}

/// Adds the creator's account and handles. A screen that is about no handle shows the one that was shown `last`.
async fn filled(
    http: &Http,
    creator: &Creator,
    mut screen: Screen,
    last: Option<HandleName>,
) -> Result<Screen, Problem> {
    let all = PageRequest { limit: MAX_HANDLES, after: None };
    let handles = http.use_cases.handles.list(creator, &all).await?;
    screen.account = Some(AccountView {
        email: creator.email.shown(),
        is_verified: creator.email_verified_at.is_some(),
    });
    screen.handles = handles.items.iter().map(HandleView::from).collect();
    let was_last =
        |handle: &&HandleView| last.as_ref().is_some_and(|it| it.as_str() == handle.name);
    let mut shown = screen.handles.iter().find(was_last).cloned();
    screen.has_more_handles = handles.next.is_some();
    if screen.has_more_handles
        && shown.is_none()
        && let Some(name) = &last
    {
        shown = older(http, creator, name).await?;
    }
    screen.handle = shown.or_else(|| screen.handles.first().cloned());
    Ok(screen)
}

/// Returns a handle that is not in the switcher, if it is the creator's.
async fn older(
    http: &Http,
    creator: &Creator,
    name: &HandleName,
) -> Result<Option<HandleView>, Problem> {
    match http.use_cases.handles.owned(creator, name).await {
        Ok(handle) => Ok(Some(HandleView::from(&handle))),
        Err(HandleError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn last(req: &HttpRequest) -> Option<HandleName> {
    last_shop::read(req, &req.app_data::<Http>()?.installation)
}

impl FromRequest for Visit {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (http, screen, last) = (Http::of(req), bare(req), last(req));
        let found = OptionalConsoleCreator::from_request(req, payload);
        Box::pin(async move {
            let Some(ConsoleCreator { creator, .. }) = found.await?.0 else {
                return Ok(Self { creator: None, screen });
            };
            let screen = filled(&http?, &creator, screen, last).await?;
            Ok(Self { creator: Some(creator), screen })
        })
    }
}

impl FromRequest for Signed {
    type Error = ConsoleRefusal;
    type Future = LocalBoxFuture<'static, Result<Self, ConsoleRefusal>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (http, screen, last) = (Http::of(req), bare(req), last(req));
        let found = ConsoleCreator::from_request(req, payload);
        Box::pin(async move {
            let ConsoleCreator { creator, session } = found.await?;
            let screen = filled(&http?, &creator, screen, last).await?;
            Ok(Self { creator, session, screen })
        })
    }
}

impl FromRequest for AtHandle {
    type Error = ConsoleRefusal;
    type Future = LocalBoxFuture<'static, Result<Self, ConsoleRefusal>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (http, req) = (Http::of(req), req.clone());
        let name = part::<HandleName>(&req, "handle");
        let signed = Signed::from_request(&req, payload);
        Box::pin(async move {
            let Signed { creator, mut screen, .. } = signed.await?;
            let name = name.ok_or_else(|| Problem::new(Code::HandleNotFound))?;
            let handle = http?.use_cases.handles.owned(&creator, &name).await;
            let handle = handle.map_err(Problem::from)?;
            screen.handle = Some(HandleView::from(&handle));
            last_shop::show(&req, &handle.name);
            Ok(Self { creator, handle, screen })
        })
    }
}
