//! Files of creators.

use std::fmt::Write;

use actix_web::{HttpResponse, http::StatusCode};
use serde::{Deserialize, Serialize};
use tollgate_domain::{
    Timestamp,
    creators::{HandleName, Slug},
    files::{File, FileAccess, FileChange, NewFile, UploadError},
    validation::FieldErrors,
};

use super::json;
use crate::{
    extract::{
        FilePath, HandlePath, JsonBody, ListBody, Paging, SignedCreator, Upload, UploadBody,
    },
    openapi::{problem_responses, schemas},
    problem::{Answer, Problem},
    state::Http,
};

/// The parts of an upload, in this order: `file` comes last.
#[derive(utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewFile)]
#[expect(dead_code, reason = "only described; extract::UploadBody reads it")]
pub(crate) struct UploadForm {
    /// The file's name in addresses.
    #[schema(value_type = schemas::Slug)]
    slug: String,
    #[schema(value_type = schemas::FileAccessKind)]
    access: String,
    /// The page whose gate the file has; goes with `PAGE` only.
    #[schema(value_type = Option<schemas::Slug>)]
    page_slug: Option<String>,
    /// The content, with the name that it is saved under.
    #[schema(value_type = String, format = Binary, example = "Wash the pots.")]
    file: Vec<u8>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = FileChange)]
pub(crate) struct FileChangeBody {
    #[schema(value_type = Option<schemas::Slug>)]
    slug: Option<String>,
    /// The name that it is saved under.
    #[schema(example = "Workbook.pdf", format = "line", min_length = 1, max_length = 200)]
    name: Option<String>,
    #[schema(value_type = Option<schemas::FileAccessKind>)]
    access: Option<String>,
    /// The page whose gate the file has; goes with `PAGE` only.
    #[schema(value_type = Option<schemas::Slug>)]
    page_slug: Option<String>,
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
    #[schema(value_type = schemas::FileAccessKind)]
    access: &'static str,
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
    UploadRefusals: BadRequest CreatorUnauthorized CrossSiteRequest HandleNotFound SlugTaken
        PayloadTooLarge UnsupportedMediaType ValidationFailed;
    ListRefusals: CreatorUnauthorized HandleNotFound ValidationFailed;
    ShowRefusals: CreatorUnauthorized HandleNotFound FileNotFound;
    ChangeRefusals: BadRequest CreatorUnauthorized CrossSiteRequest HandleNotFound FileNotFound
        SlugTaken PayloadTooLarge UnsupportedMediaType ValidationFailed;
    RemoveRefusals: CreatorUnauthorized CrossSiteRequest HandleNotFound FileNotFound;
}

/// Uploads a file.
///
/// `file` is the last part. Nobody sees the file before all of it has arrived.
#[utoipa::path(post, path = "/v2/handles/{handle}/files", tag = "files", security(("creator" = [])),
    params(crate::openapi::HandleParams),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "The file", body = FileBody), UploadRefusals))]
pub(super) async fn create(
    http: Http,
    creator: Result<SignedCreator, Problem>,
    path: HandlePath,
    body: UploadBody,
) -> Answer {
    let taken = take_in(&http, creator, path, &body).await;
    if taken.is_err() {
        body.drain().await;
    }
    Ok(json(StatusCode::CREATED, &taken?))
}

async fn take_in(
    http: &Http,
    creator: Result<SignedCreator, Problem>,
    path: HandlePath,
    body: &UploadBody,
) -> Result<FileBody, Problem> {
    let (creator, handle) = (creator?.creator, path.name()?);
    // Whether it is the creator's is known before anything is read.
    http.handles.owned(&creator, &handle).await?;
    let upload = body.read(&["slug", "access", "pageSlug"], http.files.most_bytes()).await?;
    let new = new_file(&upload)?;
    let file = http.files.upload(&creator, &handle, new, upload.content()).await;
    let file = file.map_err(|error| match error {
        UploadError::Content(problem) => problem,
        UploadError::File(error) => error.into(),
    })?;
    Ok(FileBody::of(http, &handle, file))
}

fn new_file(upload: &Upload) -> Result<NewFile, Problem> {
    let mut errors = FieldErrors::new();
    let slug = upload.text("slug", &mut errors).map(str::parse::<Slug>);
    let slug = slug.and_then(|slug| errors.check("slug", slug));
    let access = upload.text("access", &mut errors).map(str::parse::<FileAccess>);
    let access = access.and_then(|access| errors.check("access", access));
    let page_slug = upload.some_text("pageSlug").map(str::parse::<Slug>).transpose();
    let page_slug = errors.check("pageSlug", page_slug);
    let (Some(slug), Some(access), Some(page_slug)) = (slug, access, page_slug) else {
        return Err(Problem::invalid(errors));
    };
    let name = upload.file_name().unwrap_or_else(|| slug.to_string());
    Ok(NewFile { slug, access, page_slug, name, content_type: upload.content_type() })
}

/// The files of a handle, newest first.
#[utoipa::path(get, path = "/v2/handles/{handle}/files", tag = "files", security(("creator" = [])),
    params(crate::openapi::HandleParams, crate::openapi::ListQuery),
    responses((status = 200, description = "The files", body = ListBody<FileBody>), ListRefusals))]
pub(super) async fn list(
    http: Http,
    creator: SignedCreator,
    path: HandlePath,
    paging: Paging,
) -> Answer {
    let handle = path.name()?;
    let files = http.files.list(&creator.creator, &handle, &paging.read()?).await?;
    Ok(json(StatusCode::OK, &ListBody::of(files, |file| FileBody::of(&http, &handle, file))))
}

/// A file.
#[utoipa::path(get, path = "/v2/handles/{handle}/files/{fileSlug}", tag = "files", security(("creator" = [])),
    params(crate::openapi::FileParams),
    responses((status = 200, description = "The file", body = FileBody), ShowRefusals))]
pub(super) async fn show(http: Http, creator: SignedCreator, path: FilePath) -> Answer {
    let (handle, slug) = path.owned()?;
    let (_, file) = http.files.owned(&creator.creator, &handle, &slug).await?;
    Ok(json(StatusCode::OK, &FileBody::of(&http, &handle, file)))
}

/// Changes what is said of a file, and who may have it.
///
/// What is not mentioned stays as it is; the content never changes.
#[utoipa::path(patch, path = "/v2/handles/{handle}/files/{fileSlug}", tag = "files", security(("creator" = [])),
    params(crate::openapi::FileParams), request_body = FileChangeBody,
    responses((status = 200, description = "The file as it is now", body = FileBody), ChangeRefusals))]
pub(super) async fn change(
    http: Http,
    creator: SignedCreator,
    path: FilePath,
    body: JsonBody,
) -> Answer {
    let change: FileChangeBody = body.read().await?;
    let (handle, slug) = path.owned()?;
    let file = http.files.change(&creator.creator, &handle, &slug, change.parse()?).await?;
    Ok(json(StatusCode::OK, &FileBody::of(&http, &handle, file)))
}

/// Deletes a file. Nobody gets it from now on.
#[utoipa::path(delete, path = "/v2/handles/{handle}/files/{fileSlug}", tag = "files", security(("creator" = [])),
    params(crate::openapi::FileParams),
    responses((status = 204, description = "The file is gone"), RemoveRefusals))]
pub(super) async fn remove(http: Http, creator: SignedCreator, path: FilePath) -> Answer {
    let (handle, slug) = path.owned()?;
    http.files.delete(&creator.creator, &handle, &slug).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl FileChangeBody {
    fn parse(self) -> Result<FileChange, Problem> {
        let mut errors = FieldErrors::new();
        let slug = errors.check("slug", self.slug.map(|text| text.parse()).transpose());
        let access = errors.check("access", self.access.map(|text| text.parse()).transpose());
        let page_slug =
            errors.check("pageSlug", self.page_slug.map(|text| text.parse()).transpose());
        let (Some(slug), Some(access), Some(page_slug)) = (slug, access, page_slug) else {
            return Err(Problem::invalid(errors));
        };
        Ok(FileChange { slug, name: self.name, access, page_slug })
    }
}

/// A hash as it is written.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    let text = String::with_capacity(2 * bytes.len());
    bytes.iter().fold(text, |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl FileBody {
    fn of(http: &Http, handle: &HandleName, file: File) -> Self {
        let origin = http.installation.handle_origin(handle);
        Self {
            id: file.id.to_string(),
            url: format!("{origin}{}", File::path(handle, &file.slug)),
            slug: file.slug.to_string(),
            name: file.name,
            content_type: file.content_type,
            size: file.size,
            sha256: hexadecimal(&file.sha256),
            access: file.access.as_str(),
            page_slug: file.page.map(|page| page.slug.to_string()),
            created_at: file.created_at,
        }
    }
}
