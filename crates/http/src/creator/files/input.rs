//! Input for files. Uploads and bodies are parsed here only.

use serde::Deserialize;
use tollgate_domain::{
    files::{FileChange, NewFile},
    names::Slug,
    validation::FieldErrors,
};

use super::FileAccessKind;
use crate::{dto::Words, extract::Upload, openapi::schemas};

/// The parts of an upload, in this order: `file` comes last.
#[derive(utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewFile)]
#[expect(dead_code, reason = "only described; extract::UploadBody reads it")]
pub(crate) struct UploadForm {
    /// The file's name in addresses.
    #[schema(value_type = schemas::Slug)]
    slug: String,
    #[schema(value_type = FileAccessKind)]
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
    #[schema(value_type = Option<FileAccessKind>)]
    access: Option<String>,
    /// The page whose gate the file has; goes with `PAGE` only.
    #[schema(value_type = Option<schemas::Slug>)]
    page_slug: Option<String>,
}

impl TryFrom<&Upload> for NewFile {
    type Error = FieldErrors;

    fn try_from(upload: &Upload) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        let slug = upload.text("slug", &mut errors).map(str::parse::<Slug>);
        let slug = slug.and_then(|slug| errors.check("slug", slug));
        let access = upload.text("access", &mut errors).map(FileAccessKind::read);
        let access = access.and_then(|access| errors.check("access", access));
        let page_slug = upload.some_text("pageSlug").map(str::parse).transpose();
        let page_slug = errors.check("pageSlug", page_slug);
        let (Some(slug), Some(access), Some(page_slug)) = (slug, access, page_slug) else {
            return Err(errors);
        };
        let name = upload.file_name().unwrap_or_else(|| slug.to_string());
        let content_type = upload.content_type();
        Ok(Self { slug, access: access.into(), page_slug, name, content_type })
    }
}

impl TryFrom<FileChangeBody> for FileChange {
    type Error = FieldErrors;

    fn try_from(change: FileChangeBody) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        let slug = errors.check("slug", change.slug.map(|text| text.parse()).transpose());
        let access = change.access.as_deref().map(FileAccessKind::read).transpose();
        let access = errors.check("access", access);
        let page_slug = change.page_slug.map(|text| text.parse()).transpose();
        let page_slug = errors.check("pageSlug", page_slug);
        let (Some(slug), Some(access), Some(page_slug)) = (slug, access, page_slug) else {
            return Err(errors);
        };
        Ok(Self { slug, name: change.name, access: access.map(Into::into), page_slug })
    }
}
