//! Handles of creators.

use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};
use tollgate_domain::{
    Timestamp,
    creators::{Handle, HandleName},
};

use super::json;
use crate::{
    extract::{HandlePath, JsonBody, ListBody, Paging, SignedCreator},
    openapi::{refusals, words},
    problem::{Answer, parsed},
    state::Http,
};

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewHandle {
    /// The first label of the handle's host.
    #[schema(value_type = words::HandleName)]
    handle: String,
    /// The storefront's name.
    #[schema(example = "Ada's workshop", format = "line", min_length = 1, max_length = 100)]
    name: String,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct HandleChange {
    /// The storefront's name.
    #[schema(example = "Ada's studio", format = "line", min_length = 1, max_length = 100)]
    name: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Handle)]
pub(crate) struct HandleBody {
    #[schema(value_type = words::HandleName)]
    handle: String,
    /// The storefront's name.
    #[schema(example = "Ada's workshop")]
    name: String,
    #[schema(value_type = words::Instant)]
    created_at: Timestamp,
}

refusals! {
    CreateRefusals: BadRequest CreatorUnauthorized CrossSiteRequest HandleTaken PayloadTooLarge
        UnsupportedMediaType ValidationFailed;
    ListRefusals: CreatorUnauthorized ValidationFailed;
    ShowRefusals: CreatorUnauthorized HandleNotFound;
    ChangeRefusals: BadRequest CreatorUnauthorized CrossSiteRequest HandleNotFound PayloadTooLarge
        UnsupportedMediaType ValidationFailed;
}

/// Makes a handle.
///
/// Its storefront is at `{handle}.{PUBLIC_DOMAIN}`.
#[utoipa::path(post, path = "/v2/handles", tag = "handles", security(("creator" = [])), request_body = NewHandle,
    responses((status = 201, description = "The handle", body = HandleBody), CreateRefusals))]
pub(super) async fn create(http: Http, creator: SignedCreator, body: JsonBody) -> Answer {
    let new: NewHandle = body.read().await?;
    let name: HandleName = parsed("handle", &new.handle)?;
    let handle = http.handles.create(&creator.creator, name, &new.name).await?;
    Ok(json(StatusCode::CREATED, &HandleBody::of(handle)))
}

/// The creator's handles, newest first.
#[utoipa::path(get, path = "/v2/handles", tag = "handles", security(("creator" = [])),
    params(crate::openapi::ListQuery),
    responses((status = 200, description = "The handles", body = ListBody<HandleBody>), ListRefusals))]
pub(super) async fn list(http: Http, creator: SignedCreator, paging: Paging) -> Answer {
    let handles = http.handles.list(&creator.creator, &paging.read()?).await?;
    Ok(json(StatusCode::OK, &ListBody::of(handles, HandleBody::of)))
}

/// One of the creator's handles.
#[utoipa::path(get, path = "/v2/handles/{handle}", tag = "handles", security(("creator" = [])),
    params(crate::openapi::HandleParams),
    responses((status = 200, description = "The handle", body = HandleBody), ShowRefusals))]
pub(super) async fn show(http: Http, creator: SignedCreator, path: HandlePath) -> Answer {
    let handle = http.handles.owned(&creator.creator, &path.name()?).await?;
    Ok(json(StatusCode::OK, &HandleBody::of(handle)))
}

/// Changes what a handle is called.
#[utoipa::path(patch, path = "/v2/handles/{handle}", tag = "handles", security(("creator" = [])),
    params(crate::openapi::HandleParams), request_body = HandleChange,
    responses((status = 200, description = "The handle as it is now", body = HandleBody), ChangeRefusals))]
pub(super) async fn change(
    http: Http,
    creator: SignedCreator,
    path: HandlePath,
    body: JsonBody,
) -> Answer {
    let change: HandleChange = body.read().await?;
    let name = path.name()?;
    let handle = match change.name {
        Some(title) => http.handles.rename(&creator.creator, &name, &title).await?,
        None => http.handles.owned(&creator.creator, &name).await?,
    };
    Ok(json(StatusCode::OK, &HandleBody::of(handle)))
}

impl HandleBody {
    fn of(handle: Handle) -> Self {
        Self { handle: handle.name.to_string(), name: handle.title, created_at: handle.created_at }
    }
}
