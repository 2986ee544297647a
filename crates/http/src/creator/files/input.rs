//! Input for files. Uploads, bodies and forms are parsed here only.

use serde::Deserialize;
use tollgate_domain::{
    files::{FileAccess, FileChange, NewFile},
    names::Slug,
};

use super::FileAccessKind;
use crate::{
    dto::TextEnum,
    extract::{Upload, nullable},
    openapi::schemas,
    problem::FieldErrors,
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
#[expect(clippy::option_option, reason = "absent, null and a text are three things to say")]
pub(crate) struct FileChangeBody {
    #[schema(value_type = Option<schemas::Slug>)]
    pub(crate) slug: Option<String>,
    /// The name that it is saved under.
    #[schema(example = "Workbook.pdf", format = "line", min_length = 1, max_length = 200)]
    pub(crate) name: Option<String>,
    #[schema(value_type = Option<FileAccessKind>)]
    pub(crate) access: Option<String>,
    /// The page whose gate the file has; goes with `PAGE` only, which null is refused with.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<schemas::Slug>)]
    pub(crate) page_slug: Option<Option<String>>,
}

/// What an upload says of its files.
pub(crate) struct UploadTerms {
    /// The slug, if it is given.
    pub(crate) slug: Option<Slug>,
    pub(crate) access: FileAccess,
    pub(crate) page_slug: Option<Slug>,
}

impl UploadTerms {
    /// Parses the texts of an upload, or adds what is wrong with them.
    pub(crate) fn read(
        errors: &mut FieldErrors,
        slug: Option<&str>,
        access: &str,
        page_slug: Option<&str>,
    ) -> Option<Self> {
        let slug = errors.check("slug", slug.map(str::parse).transpose());
        let access = errors.check("access", FileAccessKind::read(access));
        let page_slug = errors.check("pageSlug", page_slug.map(str::parse).transpose());
        Some(Self { slug: slug?, access: access?.into(), page_slug: page_slug? })
    }
}

impl TryFrom<&Upload> for NewFile {
    type Error = FieldErrors;

    fn try_from(upload: &Upload) -> Result<Self, FieldErrors> {
        let mut errors = upload.errors().clone();
        let slug = upload.text("slug", &mut errors);
        let access = upload.text("access", &mut errors).unwrap_or_default();
        let page_slug = upload.some_text("pageSlug");
        let terms = UploadTerms::read(&mut errors, slug, access, page_slug);
        let kind = FileAccessKind::read(access).ok().map(FileAccess::from);
        if let Some(kind) = kind
            && let Err(more) = kind.check_page(page_slug.is_some())
        {
            errors.extend(more);
        }
        let Some(UploadTerms { slug: Some(slug), access, page_slug }) = terms else {
            return Err(errors);
        };
        errors.finish()?;
        let name = upload.file_name().unwrap_or_else(|| slug.to_string());
        Ok(Self { slug, access, page_slug, name, content_type: upload.content_type() })
    }
}

impl TryFrom<FileChangeBody> for FileChange {
    type Error = FieldErrors;

    fn try_from(change: FileChangeBody) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        let slug = errors.check("slug", change.slug.map(|text| text.parse()).transpose());
        let access = change.access.as_deref().map(FileAccessKind::read).transpose();
        let access = errors.check("access", access);
        let page_slug = match change.page_slug {
            Some(Some(text)) => text.parse().map(|slug| Some(Some(slug))),
            Some(None) => Ok(Some(None)),
            None => Ok(None),
        };
        let page_slug = errors.check("pageSlug", page_slug);
        if let Some(Err(more)) = change.name.as_deref().map(Self::check_name) {
            errors.extend(more);
        }
        let (Some(slug), Some(access), Some(page_slug)) = (slug, access, page_slug) else {
            return Err(errors);
        };
        errors.finish()?;
        Ok(Self { slug, name: change.name, access: access.map(Into::into), page_slug })
    }
}
