//! Files of creators.

pub(crate) mod allowlist;
pub(crate) mod input;

use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;
use tollgate_domain::{
    Timestamp,
    files::{File, FileAccess, FileChange, UploadError},
    names::HandleName,
};

use crate::{
    dto::{json, text_enum, versioned},
    extract::{
        FilePath, HandlePath, IfMatch, JsonBody, ListBody, Own, Paging, SignedCreator, UploadBody,
    },
    links::file_path,
    openapi::{problem_responses, schemas},
    problem::{Answer, Problem},
    state::Http,
};
use input::{FileChangeBody, UploadForm};

text_enum! {
    /// Who may have a file: everyone, those who may see its page, or the visitors on its list.
    #[schema(example = "PAGE")]
    FileAccessKind = FileAccess { Public "PUBLIC", Page "PAGE", Allowlist "ALLOWLIST" }
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = File)]
pub(crate) struct FileBody {
    #[schema(example = "fil_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    id: String,
    #[schema(value_type = schemas::Slug)]
    slug: String,
    /// The name that it is saved under.
    #[schema(example = "Workbook.pdf")]
    name: String,
    #[schema(example = "application/pdf")]
    content_type: String,
    /// In bytes.
    #[schema(example = 48213)]
    size: u64,
    /// Of the content, in hexadecimal.
    #[schema(
        example = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
        pattern = "^[0-9a-f]{64}$"
    )]
    sha256: String,
    access: FileAccessKind,
    /// With `PAGE`, the page; not there once that page was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "guide")]
    page_slug: Option<String>,
    #[schema(value_type = schemas::Instant)]
    created_at: Timestamp,
    /// Where those who may have it download it.
    #[schema(example = "https://ada.example.com/v2/public/files/ada/workbook", format = "uri")]
    url: String,
}

problem_responses! {
    UploadProblems: HandleNotFound SlugTaken QuotaExceeded;
    ListProblems: HandleNotFound;
    FileProblems: HandleNotFound FileNotFound;
    ChangeProblems: HandleNotFound FileNotFound SlugTaken VersionConflict;
    RemoveProblems: HandleNotFound FileNotFound VersionConflict;
}

/// Uploads a file.
///
/// `file` is the last part. Nobody sees the file before all of it has arrived.
#[utoipa::path(post, path = "/v2/handles/{handle}/files", tag = "files", security(("creator" = [])),
    params(crate::openapi::HandleParams),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "The file", body = FileBody,
        headers(("ETag" = String))), UploadProblems))]
pub(crate) async fn create(
    http: Http,
    creator: Result<SignedCreator, Problem>,
    path: HandlePath,
    body: UploadBody,
) -> Answer {
    let taken = take_in(&http, creator, path, &body).await;
    if taken.is_err() {
        body.drain().await;
    }
    taken
}

async fn take_in(
    http: &Http,
    creator: Result<SignedCreator, Problem>,
    path: HandlePath,
    body: &UploadBody,
) -> Answer {
    let (creator, handle) = (creator?.creator, path.name()?);
    // The handle's owner is checked before the body is read.
    http.use_cases.handles.owned(&creator, &handle).await?;
    let upload =
        body.draft(&["slug", "access", "pageSlug"], http.use_cases.files.max_bytes()).await?;
    let new = (&upload).try_into()?;
    let file = http.use_cases.files.upload(&creator, &handle, new, upload.content()).await;
    let file = file.map_err(|error| match error {
        UploadError::Content(problem) => problem,
        UploadError::File(error) => error.into(),
    })?;
    Ok(FileBody::answer(http, StatusCode::CREATED, &handle, file))
}

/// The files of a handle, newest first.
#[utoipa::path(get, path = "/v2/handles/{handle}/files", tag = "files", security(("creator" = [])),
    params(crate::openapi::HandleParams, crate::openapi::ListQuery),
    responses((status = 200, description = "The files", body = ListBody<FileBody>), ListProblems))]
pub(crate) async fn list(own: Own<HandlePath>, paging: Paging) -> Answer {
    let (part, handle) = (paging.read()?, own.path.name()?);
    let files = own.http.use_cases.files.list(&own.creator, &handle, &part).await?;
    Ok(json(
        StatusCode::OK,
        &ListBody::of(&paging, files, |file| FileBody::of(&own.http, &handle, file)),
    ))
}

/// A file.
#[utoipa::path(get, path = "/v2/handles/{handle}/files/{fileSlug}", tag = "files", security(("creator" = [])),
    params(crate::openapi::FileParams),
    responses((status = 200, description = "The file", body = FileBody,
        headers(("ETag" = String))), FileProblems))]
pub(crate) async fn show(own: Own<FilePath>) -> Answer {
    let (handle, slug) = own.path.owned()?;
    let (_, file) = own.http.use_cases.files.owned(&own.creator, &handle, &slug).await?;
    Ok(FileBody::answer(&own.http, StatusCode::OK, &handle, file))
}

/// Changes what is said of a file, and who may have it.
///
/// What is not mentioned stays as it is; the content never changes.
#[utoipa::path(patch, path = "/v2/handles/{handle}/files/{fileSlug}", tag = "files", security(("creator" = [])),
    params(crate::openapi::FileParams, crate::openapi::VersionHeader), request_body = FileChangeBody,
    responses((status = 200, description = "The file as it is now", body = FileBody,
        headers(("ETag" = String))), ChangeProblems))]
pub(crate) async fn change(own: Own<FilePath>, version: IfMatch, body: JsonBody) -> Answer {
    let change = body.draft::<FileChangeBody>().await?.parse(FileChange::try_from)?;
    let (handle, slug) = own.path.owned()?;
    let based_on = version.based_on();
    let files = &own.http.use_cases.files;
    let file = files.change(&own.creator, &handle, &slug, change, based_on).await?;
    Ok(FileBody::answer(&own.http, StatusCode::OK, &handle, file))
}

/// Deletes a file. Nobody gets it from now on.
#[utoipa::path(delete, path = "/v2/handles/{handle}/files/{fileSlug}", tag = "files", security(("creator" = [])),
    params(crate::openapi::FileParams, crate::openapi::VersionHeader),
    responses((status = 204, description = "The file is gone"), RemoveProblems))]
pub(crate) async fn remove(own: Own<FilePath>, version: IfMatch) -> Answer {
    let (handle, slug) = own.path.owned()?;
    let files = &own.http.use_cases.files;
    files.delete(&own.creator, &handle, &slug, version.based_on()).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl FileBody {
    fn answer(http: &Http, status: StatusCode, handle: &HandleName, file: File) -> HttpResponse {
        versioned(status, &file.version(), &Self::of(http, handle, file))
    }

    fn of(http: &Http, handle: &HandleName, file: File) -> Self {
        let origin = http.installation.handle_origin(handle);
        Self {
            id: file.id.to_string(),
            url: format!("{origin}{}", file_path(handle, &file.slug)),
            slug: file.slug.to_string(),
            content_type: file.sent_type().to_owned(),
            name: file.name,
            size: file.size,
            sha256: hex::encode(file.sha256),
            access: file.access.into(),
            page_slug: file.page.map(|page| page.slug.to_string()),
            created_at: file.created_at,
        }
    }
}
