//! Input for pages. A body or a form is read into these texts, which are parsed here only.

use serde::Deserialize;
use tollgate_domain::{
    creators::{NewPage, Page, PageChange},
    id::CreatorId,
    money::Money,
    validation::FieldError,
};

use super::PageStatus;
use crate::{
    dto::{AccessMode, MoneyBody, TextEnum},
    extract::{Object, nullable},
    markdown,
    openapi::schemas,
    problem::{FieldErrors, Problem},
};

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewPage)]
pub(crate) struct NewPageBody {
    #[schema(value_type = schemas::Slug)]
    pub(crate) slug: String,
    #[schema(example = "A guide", format = "line", min_length = 1, max_length = 200)]
    pub(crate) title: String,
    /// Markdown that everyone sees.
    #[schema(example = "Forty pots, one railing.", format = "text", max_length = 10000)]
    pub(crate) teaser: String,
    /// Markdown behind the gate: at most 64 KiB, which is 65,536 bytes in UTF-8, so fewer characters if some are not ASCII.
    #[schema(example = "## January\n\nWash the pots.", format = "text", max_length = 65536)]
    pub(crate) body: String,
    #[schema(value_type = AccessMode)]
    pub(crate) access_mode: String,
    /// Required when `accessMode` is `PAID`.
    #[schema(value_type = Option<schemas::Price>)]
    pub(crate) price: Option<Object<MoneyBody>>,
    /// `DRAFT` when unset.
    #[schema(value_type = Option<PageStatus>)]
    pub(crate) status: Option<String>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = PageChange)]
#[expect(clippy::option_option, reason = "absent, null and a price are three things to say")]
pub(crate) struct PageChangeBody {
    #[schema(example = "A better guide", format = "line", min_length = 1, max_length = 200)]
    pub(crate) title: Option<String>,
    #[schema(example = "Forty pots, one railing.", format = "text", max_length = 10000)]
    pub(crate) teaser: Option<String>,
    /// Markdown behind the gate: at most 64 KiB, which is 65,536 bytes in UTF-8, so fewer characters if some are not ASCII.
    #[schema(example = "## January\n\nWash the pots.", format = "text", max_length = 65536)]
    pub(crate) body: Option<String>,
    #[schema(value_type = Option<AccessMode>)]
    pub(crate) access_mode: Option<String>,
    /// Null takes the price away, which a page that is or becomes `PAID` does not allow.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<schemas::Price>)]
    pub(crate) price: Option<Option<Object<MoneyBody>>>,
    #[schema(value_type = Option<PageStatus>)]
    pub(crate) status: Option<String>,
}

/// Parses the input of a creator for a page off the event loop, since checking its texts takes time.
pub(crate) async fn read<I, T>(
    creator: CreatorId,
    input: I,
) -> Result<Result<T, FieldErrors>, Problem>
where
    I: Send + 'static,
    T: TryFrom<I, Error = FieldErrors> + Send + 'static,
{
    markdown::off_the_loop_once(creator, move || T::try_from(input)).await
}

/// Refuses a text that makes too much HTML for a page, off the event loop.
pub(super) async fn check_size(
    creator: CreatorId,
    field: &'static str,
    text: &str,
) -> Result<(), Problem> {
    let text = text.to_owned();
    let is_too_large =
        markdown::off_the_loop_once(creator, move || markdown::is_too_large(&text)).await?;
    if is_too_large {
        return Err(Problem::field(field, FieldError::PageTooLarge));
    }
    Ok(())
}

/// Refuses texts that are not as they have to be, or make too much HTML. That takes longer than the rest, so it is left out for
/// a text that is wrong anyway.
fn check_texts(
    errors: &mut FieldErrors,
    title: Option<&str>,
    teaser: Option<&str>,
    body: Option<&str>,
) {
    errors.found_by(|errors| Page::check_texts(errors, title, teaser, body));
    for (field, text) in [("teaser", teaser), ("body", body)] {
        if !errors.fields().contains_key(field) && text.is_some_and(markdown::is_too_large) {
            errors.add(field, FieldError::PageTooLarge);
        }
    }
}

impl TryFrom<NewPageBody> for NewPage {
    type Error = FieldErrors;

    fn try_from(page: NewPageBody) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        let slug = errors.check("slug", page.slug.parse());
        let mode = errors.check("accessMode", AccessMode::read(&page.access_mode));
        let status = page.status.as_deref().map_or(Ok(PageStatus::Draft), PageStatus::read);
        let status = errors.check("status", status);
        let price = page.price.map(|Object(price)| price.read()).transpose();
        let price = errors.check("price", price);
        if let (Some(mode), Some(price)) = (mode, price) {
            errors.found_by(|errors| Page::check_price(errors, mode.into(), price));
        }
        check_texts(&mut errors, Some(&page.title), Some(&page.teaser), Some(&page.body));
        let (Some(slug), Some(mode), Some(status), Some(price)) = (slug, mode, status, price)
        else {
            return Err(errors);
        };
        errors.finish()?;
        let NewPageBody { title, teaser, body, .. } = page;
        Ok(Self { slug, title, teaser, body, mode: mode.into(), price, status: status.into() })
    }
}

impl TryFrom<PageChangeBody> for PageChange {
    type Error = FieldErrors;

    fn try_from(change: PageChangeBody) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mode = change.access_mode.as_deref().map(AccessMode::read).transpose();
        let mode = errors.check("accessMode", mode);
        let status = change.status.as_deref().map(PageStatus::read).transpose();
        let status = errors.check("status", status);
        let price = change.price.map(|price| price.map(|Object(price)| price.read()).transpose());
        let price = errors.check("price", price.transpose());
        if let Some(Some(Some(price))) = price {
            errors.check("price", Money::price(price.amount, price.currency));
        }
        let (teaser, body) = (change.teaser.as_deref(), change.body.as_deref());
        check_texts(&mut errors, change.title.as_deref(), teaser, body);
        let (Some(mode), Some(status), Some(price)) = (mode, status, price) else {
            return Err(errors);
        };
        errors.finish()?;
        let PageChangeBody { title, teaser, body, .. } = change;
        let (mode, status) = (mode.map(Into::into), status.map(Into::into));
        Ok(Self { title, teaser, body, mode, price, status })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(body: String) -> Option<FieldError> {
        let change = PageChangeBody {
            title: None,
            teaser: None,
            body: Some(body),
            access_mode: None,
            price: None,
            status: None,
        };
        let errors = PageChange::try_from(change).err()?;
        errors.fields().get("body").cloned()
    }

    #[test]
    fn body_of_several_wide_tables_is_refused() {
        let table = format!("{}\n{}\n{}\n", "a|".repeat(40), "-|".repeat(40), "a\n".repeat(80));
        assert!(error_of(table.clone()).is_none());
        assert_eq!(error_of(table.repeat(20)), Some(FieldError::PageTooLarge));
        assert_eq!(error_of(table.repeat(300)), Some(FieldError::TooLarge(64)));
    }
}
